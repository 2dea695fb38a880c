"""Faults a test can switch on: what goes wrong, at which calls, how often.

Carrying them out belongs to `app.py` (the connection and the status) and `listings.py` (the rows).
"""

from __future__ import annotations

from typing import Any

from sync_assets.sandbox import faults as shared

STATUSES = ("400", "401", "403", "404", "429", "500", "502", "503", "504")
# Kinds that change the rows or their container and leave the answer a good one in form.
_ROWS = (
    "container",
    "empty",
    "foreign_rows",
    "junk_rows",
    "overstated_total",
    "partial",
    "repeated_page",
    "shifted",
    "text_ids",
)
KINDS = frozenset(
    {*STATUSES, "slow", "timeout", "reset", "truncated", "html", "text", "error", "redirect", "echo", *_ROWS}
)
_LASTING = frozenset({"slow", *_ROWS} - {"shifted"})
ROUTES = ("auth", "location", "customers", "orders", "inventory", "unknown")


class Fault(shared.BaseFault):
    """One fault: `kind` at the calls of `route` (any when None), skipping `after` calls, for `times` calls.

    Routes: auth, location, customers, orders, inventory, unknown. A status kind takes `retry_after` and `body`
    ("message", "error", "text" or "html"); 401 also ends the token's life. Further options: `seconds` (slow, timeout),
    `share` (partial), `shape` (container: array, numeric, keyed, keyed_numeric, data, results, other), `by`
    (overstated_total), `status` (html, echo). `shifted` puts a new customer first, so that all later rows move on by one.
    """

    KINDS = KINDS
    LASTING = _LASTING

    def __init__(
        self, kind: str, route: str | None = None, after: int = 0, times: int | None = None, **options: Any
    ) -> None:
        if route not in (None, *ROUTES):
            raise ValueError(f"unknown route {route!r}; known are {', '.join(ROUTES)}")
        super().__init__(kind, after, times, options)
        self.route = route

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, route={self.route!r}, used={self.used})"

    def matches(self, *call: str) -> bool:
        return self.route in (None, call[0])


Faults = shared.Faults[Fault]
CallFaults = shared.CallFaults[Fault]
