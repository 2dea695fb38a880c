"""The sandbox as others use it: one partner's vendor API, its products, its faults and its thread.

The course of a call belongs to `app.py`, what it does to `rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sync_assets.clock import utc_now
from sync_assets.sandbox.serving import LoopbackServer
from sync_assets.sandbox.vendor.app import WebApp
from sync_assets.sandbox.vendor.faults import Fault
from sync_assets.sandbox.vendor.products import Products
from sync_assets.sandbox.vendor.rules import MODES

WAIT_SECONDS = 31.0


class VendorSandbox:
    """A server on loopback that behaves like the vendor API of a partner's Odoo, empty at first.

    `mode` is v1 (a product per SKU) or v2 (products with variants). `now` may be replaced by another clock. Faults that
    keep the caller waiting do so for `wait_seconds`, longer than a caller waits; tests give both less.
    """

    def __init__(self, mode: str = "v1", port: int = 0, wait_seconds: float = WAIT_SECONDS) -> None:
        if mode not in MODES:
            raise ValueError(f"mode {mode!r} is not one of {', '.join(MODES)}")
        self.mode = mode
        self.now: Callable[[], datetime] = utc_now
        self._web = WebApp(mode, wait_seconds)
        self._web.clock = lambda: self.now()
        self.faults = self._web.faults
        self.calls = self._web.calls
        self._server = LoopbackServer(self._web.asgi, port, "vendor-sandbox", self._web.connections)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def api_key(self) -> str:
        return self._web.api_key

    @property
    def partner_id(self) -> str:
        return self._web.partner_id

    @property
    def products(self) -> Products:
        """The products as of `now`, late writes included."""
        self._web.settle()
        return self._web.products

    @property
    def late_count(self) -> int:
        """How many late writes are still to come."""
        self._web.settle()
        return self._web.late_count

    def add_faults(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.faults.add(fault)

    def busiest_second(self) -> int:
        """The most calls that arrived in any half-open second."""
        return busiest_second(self.calls)

    def reset(self) -> None:
        """Forgets products, faults, calls and late writes."""
        self._web.reset()

    def __enter__(self) -> VendorSandbox:
        self.server_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.server_down()

    def server_up(self) -> None:
        """Starts to listen; at the first time on a free port when the port is 0. Raises ConfigurationError when taken."""
        self._server.start()

    def server_down(self) -> None:
        """Stops to listen and closes all connections; the products stay."""
        self._server.stop()


def busiest_second(calls: Iterable[dict[str, Any]]) -> int:
    """The most calls in any half-open second of their arrival times `at`; 0 without calls."""
    times = sorted(call["at"] for call in calls)
    first = most = 0
    for place, time in enumerate(times):
        while time - times[first] >= timedelta(seconds=1):
            first += 1
        most = max(most, place - first + 1)
    return most


def start_vendor(port: int = 0, mode: str = "v1") -> VendorSandbox:
    """A sandbox that listens already; whoever starts it ends it with `server_down`. Raises ConfigurationError when taken."""
    sandbox = VendorSandbox(mode, port)
    sandbox.server_up()
    return sandbox
