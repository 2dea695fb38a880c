"""Figures about a store's data as pure questions: margins, the menu's size, contact data, costs.

Severities and where the answers are shown do not belong here. Each answer is (passed, details of plain Python values).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.alleaves.menu_prices import judge_costs
from sync_assets.transforms.columns import is_true, to_arrow
from sync_assets.transforms.money import ZERO

Answer = tuple[bool, dict[str, Any]]
EXAMPLES = 5
# Observed at real stores: 4 % of the customers can be reached, 45 % of the items have a cost.
CONTACT_PERCENT, COST_PERCENT = 1, 25


def check_margins(menu: pd.DataFrame) -> Answer:
    """No item on the menu costs more than it is sold for; those near their price are counted."""
    items = _listed(menu)
    has_margin = pc.is_valid(items["margin_percent"])
    code = judge_costs(items["price_pretax"], items["cost"], has_margin)
    above, near = (is_true(pc.equal(code, word)) for word in ("cost_above_price", "cost_near_price"))
    margins = items["margin_percent"].drop_null().cast(pa.float64())
    lost = items.filter(above)
    details = {
        "items": items.num_rows,
        "items_with_margin": _count(has_margin),
        "cost_above_price": lost.num_rows,
        "cost_near_price": _count(near),
        "median_margin_percent": round(pc.quantile(margins)[0].as_py(), 2) if len(margins) else None,
        "examples": sorted(lost["item_id"].to_pylist())[:EXAMPLES],
    }
    return lost.num_rows == 0, details


def check_catalogue_drop(menu: pd.DataFrame, previous: pd.DataFrame) -> Answer:
    """No location lost more than half of the items on its menu."""
    now, before = _count_by_location(menu), _count_by_location(previous)
    lost = {place: count - now.get(place, 0) for place, count in before.items() if 2 * now.get(place, 0) < count}
    return not lost, {"items": sum(now.values()), "items_before": sum(before.values()), "lost_by_location": lost}


def check_contact_share(customers: pd.DataFrame) -> Answer:
    """Some customers can be reached by e-mail or phone; none at all means that the reading went wrong.

    `customers` are canonical customers of the source. Without customers there is nothing to be wrong.
    """
    people = to_arrow(customers)
    has_email, has_phone = (pc.is_valid(people[name]) for name in ("email", "phone"))
    reached = _count(pc.or_(has_email, has_phone))
    details = {
        "customers": people.num_rows,
        "with_email": _count(has_email),
        "with_phone": _count(has_phone),
        "with_contact": reached,
        "contact_percent": _percent(reached, people.num_rows),
        "shared_emails": _count(pc.equal(people["email_status"], "shared")),
    }
    return 100 * reached >= CONTACT_PERCENT * people.num_rows, details


def check_cost_coverage(menu: pd.DataFrame) -> Answer:
    """A quarter of the items on the menu have a cost; reported by items and by stock on hand."""
    items = _listed(menu)
    has_cost = pc.is_valid(items["cost"])
    on_hand = items["quantity_on_hand"].cast(pa.decimal128(38, 3))
    stocked = pc.if_else(pc.greater(on_hand, ZERO), on_hand, pa.scalar(Decimal(0), on_hand.type))
    stock, stock_with_cost = (pc.sum(values).as_py() or Decimal(0) for values in (stocked, stocked.filter(has_cost)))
    known = _count(has_cost)
    details = {
        "items": items.num_rows,
        "items_with_cost": known,
        "item_percent": _percent(known, items.num_rows),
        "stock": float(stock),
        "stock_with_cost": float(stock_with_cost),
        "stock_percent": _percent(stock_with_cost, stock),
    }
    return 100 * known >= COST_PERCENT * items.num_rows, details


def _listed(menu: pd.DataFrame) -> pa.Table:
    items = to_arrow(menu)
    return items.filter(pc.is_null(items["removed_at"]))


def _count_by_location(menu: pd.DataFrame) -> dict[str, int]:
    counts = _listed(menu).group_by("location_id").aggregate([([], "count_all")]).sort_by("location_id").to_pylist()
    return {row["location_id"]: row["count_all"] for row in counts}


def _count(where: Any) -> int:
    return int(pc.sum(is_true(where)).as_py() or 0)


def _percent(part: Any, whole: Any) -> float | None:
    """Share in percent with one decimal; null of nothing.

    >>> _percent(1, 3), _percent(0, 0)
    (33.3, None)
    """
    return round(float(100 * part / whole), 1) if whole else None
