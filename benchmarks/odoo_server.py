"""The sandbox Odoo as a process of its own, filled with the invented shop; it ends when its standard input does.

What is in the shop belongs to `shop.py`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import shop
from benchmarks.shop import Size
from sync_assets.sandbox.odoo import Fault, OdooSandbox


@contextmanager
def odoo_server(size: Size, *, pause_seconds: float = 0.0) -> Iterator[str]:
    """The URL of a server with a shop of that size; each page of records takes it `pause_seconds` longer."""
    command = [sys.executable, "-m", "benchmarks.odoo_server", str(size.partners), str(size.orders), str(size.lines)]
    with subprocess.Popen(
        [*command, "--pause", str(pause_seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("the Odoo server did not start")
            yield url
        finally:
            process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("partners", "orders", "lines"):
        parser.add_argument(name, type=int)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    with OdooSandbox(records="empty") as odoo:
        fill(odoo, Size(given.partners, given.orders, given.lines))
        if given.pause:
            odoo.faults.add(Fault("slow", method="search_read", seconds=given.pause))
        print(odoo.url, flush=True)
        sys.stdin.read()


def fill(odoo: OdooSandbox, size: Size) -> None:
    for model, rows in shop.catalogue().items():
        odoo.store.load(model, rows)
    odoo.store.load("res.partner", shop.partners(size))
    odoo.store.load("sale.order", shop.orders(size))
    odoo.store.load("sale.order.line", shop.lines(size))


if __name__ == "__main__":
    main()
