"""Starts the sandbox as a process of its own beside a command that needs it, and ends it with that command."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import urlopen

from sync_assets.connections import LOOPBACK, Org
from sync_assets.errors import SourceUnavailable
from sync_assets.settings import get_settings

START_SECONDS = 30


def sandbox_ports() -> tuple[int, int, int]:
    """Where the sandbox plays Odoo and, one above each other, the point of sale and the vendor API."""
    port = get_settings().sync_assets_sandbox_port
    return port, port + 1, port + 2


def uses_sandbox(org: Org) -> bool:
    """Whether any source or target of the organisation points at the sandbox."""
    odoo, alleaves, vendor = org.sources.odoo, org.sources.alleaves, org.targets.vendor_api
    urls = [odoo.url if odoo else "", alleaves.base_url if alleaves else "", vendor.base_url if vendor else ""]
    return any(urlsplit(u).hostname in LOOPBACK and urlsplit(u).port in sandbox_ports() for u in urls)


def held_by_vendor(org: Org) -> dict[str, float]:
    """What the sandbox's vendor API holds by default_code; empty when the organisation has another, or it is not up."""
    vendor = org.targets.vendor_api
    if vendor is None or urlsplit(vendor.base_url).port not in sandbox_ports():
        return {}
    try:
        with urlopen(f"{vendor.base_url}/sandbox/products", timeout=5) as answer:  # noqa: S310
            products = json.load(answer)["products"]
    except OSError:
        return {}
    return {product["default_code"]: product["quantity"] for product in products}


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def sandbox_if_needed(orgs: list[Org]) -> Iterator[None]:
    """Runs the sandbox while the block lasts, if it is needed; raises SourceUnavailable when it does not start."""
    with starting_sandbox(orgs) as wait:
        wait()
        yield


@contextmanager
def starting_sandbox(orgs: list[Org]) -> Iterator[Callable[[], None]]:
    """Runs the sandbox while the block lasts, if an organisation points at its port and nobody listens there yet.

    The block gets a function that waits until the sandbox answers, so that other things can start meanwhile; it raises
    SourceUnavailable when the sandbox does not start.
    """
    port, _, last = sandbox_ports()
    if not any(uses_sandbox(org) for org in orgs) or is_listening(port):
        yield lambda: None
        return
    with tempfile.TemporaryFile() as said:
        # A session of its own, so that Ctrl-C in the terminal does not end it before the command that uses it; its
        # standard input ends with that command, however that is killed.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "sync_assets", "sandbox", "--port", str(port), "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )

        def wait() -> None:
            deadline = time.monotonic() + START_SECONDS
            # The last one to start listening says that they all do.
            while not is_listening(last):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    lines = said.read().decode(errors="replace").strip().splitlines() or ["no answer"]
                    raise SourceUnavailable(f"The sandbox did not start on port {port}: {lines[-1]}")
                time.sleep(0.1)

        try:
            yield wait
        finally:
            process.terminate()
            process.communicate(timeout=10)
