"""The products of the invented shop that are there for one rule each: the formula, the SKU rules, what is left out.

Ordinary products belong to `sample.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync_assets.sandbox.shop.sample import CHANNELS, CLOSED, MAIN, WEST, Rows, add_variant

# (quantity, reserved) by location, and what is available of it.
_FORMULA: tuple[tuple[str, Sequence[tuple[str, int, int | None]], int], ...] = (
    ("NL-TWO-STORES", ((MAIN, 100, 10), (WEST, 50, 5)), 135),
    ("NL-OVER-RESERVED", ((MAIN, 100, 10), (WEST, 5, 20)), 90),
    ("NL-CLOSED-STORE", ((MAIN, 100, 10), (CLOSED, 50, 5)), 90),
    ("NL-NOT-RESERVED", ((MAIN, 100, None),), 100),
    ("NL-NO-ROW", (), 0),
    ("NL-ONLY-CLOSED", ((CLOSED, 70, 0),), 0),
)
ODD_AVAILABLE = {
    **{sku: expected for sku, _, expected in _FORMULA},
    "NL-BLANKS": 12,
    "NL-REUSED": 8,
    "NL-NO-CHANNEL": 5,
    "NL-GRID-1": 6,
    "NL-GRID-2": 6,
    "NL-GRID-3": 6,
}
"""What is available of every odd SKU that can be pushed; those of drafts, doubles and the nameless are not in it."""


def add_oddities(rows: Rows, at: datetime) -> None:
    """Adds the odd products with one variant or more each, all last changed at that time."""
    for place, (sku, stock, _) in enumerate(_FORMULA, start=1):
        _add(rows, f"formula_{place}", f"Formula {place}", [(sku, stock)], at)
    _add(rows, "blanks", "Blanks", [("  NL-BLANKS ", ((MAIN, 12, 0),))], at)
    _add(rows, "nameless", "Nameless", [(sku, ((MAIN, 9, 0),)) for sku in (None, "", "   ")], at)
    _add(rows, "double", "Double", [("NL-DOUBLE", ((MAIN, 3, 0),)), ("nl-double ", ((WEST, 4, 0),))], at)
    _add(rows, "draft", "Draft", [("NL-DRAFT", ((MAIN, 30, 0),))], at, status="DRAFT")
    _add(rows, "archived", "Archived", [("NL-ARCHIVED", ((MAIN, 30, 0),))], at, status="ARCHIVED")
    _add(rows, "reused", "Reused", [("NL-REUSED", ((MAIN, 8, 0),))], at)
    # A SKU that an inactive variant had before is no double.
    stock = ((MAIN, 99, 0),)
    add_variant(rows, "odd_reused", "var_odd_reused_old", "Old", "NL-REUSED", at, stock=stock, is_active=False)
    _add(rows, "no_channel", "No Channel", [("NL-NO-CHANNEL", ((MAIN, 5, 0),))], at, prices=())
    # Three of the four combinations, which the partner refuses in mode v2.
    _put_product(rows, "grid", "Grid", at)
    grid = (("5mg", "30ml"), ("5mg", "60ml"), ("10mg", "30ml"))
    for place, (strength, size) in enumerate(grid, start=1):
        options = (("Strength", strength), ("Size", size))
        name, sku = f"{strength} {size}", f"NL-GRID-{place}"
        add_variant(
            rows,
            "odd_grid",
            f"var_odd_grid_{place}",
            name,
            sku,
            at,
            stock=((MAIN, 6, 0),),
            options=options,
            prices=_PRICES,
        )


_PRICES = tuple((channel, "10.00") for channel in CHANNELS)


def _put_product(rows: Rows, stem: str, name: str, at: datetime, status: str = "ACTIVE") -> None:
    rows["products"].append((f"odd_{stem}", f"Odd {name}", status, at))


def _add(
    rows: Rows,
    stem: str,
    name: str,
    variants: Sequence[tuple[str | None, Sequence[tuple[str, int, int | None]]]],
    at: datetime,
    *,
    status: str = "ACTIVE",
    prices: Sequence[tuple[str, str]] = _PRICES,
) -> None:
    _put_product(rows, stem, name, at, status)
    for place, (sku, stock) in enumerate(variants, start=1):
        title, number = f"Form {place}", f"var_odd_{stem}_{place}"
        add_variant(rows, f"odd_{stem}", number, title, sku, at, stock=stock, prices=prices)
