"""Faults a test can switch on: what goes wrong, at which calls, how often or for which share of them.

Carrying them out belongs to `app.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sync_assets.sandbox import faults as shared
from sync_assets.sandbox.dice import Dice

ROUTES = ("read", "create", "update", "unknown")
# The ten kinds of the random mode.
MIX = (
    "timeout_before",
    "timeout_after",
    "reset_mid_body",
    "rate_limited",
    "server_error",
    "bad_gateway",
    "html_200",
    "truncated",
    "odoo_exception",
    "late_apply",
)
STATUSES = ("400", "401", "403", "404", "408", "409", "422", "504")
_UNUSABLE = ("no_result", "empty_result", "no_quantity")
_OTHERS = ("business_error", "echo", "late_duplicate", "redirect", "reset_before", "slow")
KINDS = frozenset({*MIX, *STATUSES, *_UNUSABLE, *_OTHERS})
_LASTING = frozenset({"401", "403", "404", "no_quantity", "redirect", "slow"})


class Fault(shared.BaseFault):
    """One fault: `kind` at the calls of `route` and `sku` (any when None), skipping `after` calls, for `times` calls.

    With a `share` below 1 it strikes that part of the calls, for ever unless `times` says otherwise. A call's luck is
    drawn from `seed`, its SKU and how many calls that SKU has had, so it does not depend on who else calls meanwhile;
    `start` is where the share begins between 0 and 1, so that several faults of one seed can divide the calls.

    Options: `seconds` (how long timeouts, late_apply and slow keep the caller waiting), `delay` (seconds of the sandbox's
    clock until late_apply and late_duplicate apply; else 1 to 60 by luck), `retry_after` (rate_limited and bad_gateway:
    a header as given, "any" for one of five forms), `status` (bad_gateway, html_200, redirect), `name` (odoo_exception),
    `code` and `message` (business_error), `result` (no_result: what stands there instead of nothing), `is_applied`
    (whether the products change all the same; by itself with timeout_after, reset_mid_body, html_200, truncated,
    no_result and empty_result).
    """

    KINDS = KINDS
    LASTING = _LASTING

    def __init__(
        self,
        kind: str,
        route: str | None = None,
        after: int = 0,
        times: int | None = None,
        *,
        sku: str | None = None,
        share: float = 1.0,
        seed: int = 0,
        start: float = 0.0,
        **options: Any,
    ) -> None:
        if route not in (None, *ROUTES):
            raise ValueError(f"unknown route {route!r}; known are {', '.join(ROUTES)}")
        if not 0 < share <= 1 or not 0 <= start < 1:
            raise ValueError("share is above 0 and at most 1, start at least 0 and below 1")
        if times is None and share < 1:
            times = shared.FOR_EVER
        super().__init__(kind, after, times, options)
        self.route = route
        self.sku = sku
        self.share = share
        self.seed = seed
        self.start = start

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, route={self.route!r}, sku={self.sku!r}, share={self.share}, used={self.used})"

    def matches(self, *call: str) -> bool:
        route, sku, turn = call
        if self.route not in (None, route) or self.sku not in (None, sku):
            return False
        if self.share == 1:
            return True
        drawn = luck(self.seed, sku, turn).below(1_000_000) / 1_000_000
        return self.start <= drawn < self.start + self.share


def luck(seed: int, sku: str, turn: str, purpose: int = 0) -> Dice:
    """The choices of one call: those of the same seed, SKU, turn and purpose are always the same."""
    return Dice(seed, zlib.crc32(sku.encode()), int(turn), purpose)


def shared_out(share: float, seed: int = 0, kinds: Sequence[str] = MIX, **options: Any) -> list[Fault]:
    """Faults that together strike that share of all calls, every kind the same part of it."""
    part = share / len(kinds)
    return [
        Fault(kind, share=part, seed=seed, start=part * place, **{"retry_after": "any", "status": "any", **options})
        for place, kind in enumerate(kinds)
    ]


Faults = shared.Faults[Fault]
CallFaults = shared.CallFaults[Fault]
