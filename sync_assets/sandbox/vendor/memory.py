"""What the partner of the demo still holds when its sandbox is started again, as a real partner would.

Tests start with an empty one and do not need this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from sync_assets.sandbox.vendor.server import VendorSandbox

KEPT = ("default_code", "name", "quantity", "price")


@contextmanager
def remembered(vendor: VendorSandbox, file: Path) -> Iterator[None]:
    """Puts the products of the file there (those of mode v1), and writes them back at the end of the block."""
    with suppress(OSError, ValueError, KeyError):
        for row in orjson.loads(file.read_bytes()):
            vendor.products.put(*(row[name] for name in KEPT))
    try:
        yield
    finally:
        rows = [{name: getattr(product, name) for name in KEPT} for product in vendor.products.all]
        # Read by the next one whole or not at all.
        unfinished = file.with_suffix(".unfinished")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(orjson.dumps(rows))
            unfinished.replace(file)
