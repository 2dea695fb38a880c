"""A store's menu: one row per location and item, from its inventory and from the menu as it was before.

How rows become an item is in `items.py`, prices in `menu_prices.py`, the guard and soft removal in `removal.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.transforms.alleaves.items import ItemRows, arrange, count_stock, weigh_costs
from sync_assets.transforms.alleaves.menu_prices import (
    estimate_prices,
    has_margin,
    judge_costs,
    read_margins,
    read_prices,
)
from sync_assets.transforms.alleaves.raw import SOURCE, USUAL_RULES, PosRules
from sync_assets.transforms.alleaves.removal import INSTANT, count_revived, decide_removal, key_items, retire
from sync_assets.transforms.alleaves.strains import read_strains
from sync_assets.transforms.columns import NO_TEXT, clean, is_true, look_up, only_if, prefixed, to_arrow, to_frame
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import ZERO

ENTITY = "menu_product"
MESSAGES = {
    "price_differs": "Batches of the item have different prices; that of the reference batch is shown.",
    "cost_above_price": "The item costs more than it is sold for.",
    "cost_near_price": "The item costs at least 95 % of its price.",
    "empty_catalogue": "The location's list is empty though its menu is not; the menu stays as it was.",
    "catalogue_shrank": "The list lost more than 80 % of the menu, which stays as it was; see accept_catalogue_shrink.",
}


@dataclass(frozen=True)
class MappedMenu(Mapped):
    """The whole menu of the organisation, vanished items too; rows in = inventory rows and rows that only were before.

    `guarded` holds the locations whose menu stays as it was, with the code that says why.
    """

    guarded: dict[str, str] = field(default_factory=dict)
    removed: int = 0
    revived: int = 0


def build_menu(
    inventory: pd.DataFrame,
    previous: pd.DataFrame,
    org: Org,
    rules: PosRules = USUAL_RULES,
    *,
    run_at: datetime,
    store_today: date,
    accept_catalogue_shrink: bool = False,
    last_listed_at: datetime | None = None,
) -> MappedMenu:
    """The menu after this run; `previous` is the menu before it, `last_listed_at` the last good run before this one.

    Rows of other sources and of locations that are not configured stay as they were.
    """
    received, before = to_arrow(inventory), to_arrow(previous)
    reasons = pc.coalesce(
        pc.if_else(_is_ours(received["location_id"], rules), NO_TEXT, "other_location"),
        pc.if_else(is_true(received["deleted"]), "deleted", NO_TEXT),
    )
    living = received.filter(pc.is_null(reasons))
    own = pc.and_(pc.equal(before["source"], SOURCE), _is_ours(before["location_id"], rules))
    guarded = _guard(living, before.filter(own), accept_catalogue_shrink)
    is_held = pc.is_in(living["location_id"], value_set=pa.array(guarded, pa.string()))
    rows = living.filter(pc.invert(is_held))
    items, findings = _build_items(rows, before, org, rules, run_at=run_at, store_today=store_today)
    is_kept = pc.invert(pc.is_in(key_items(before), value_set=key_items(items)))
    may_vanish = pc.and_(own, pc.invert(pc.is_in(before["location_id"], value_set=pa.array(guarded, pa.string()))))
    vanished, removed = retire(
        before.filter(pc.and_(is_kept, may_vanish)), run_at=run_at, last_listed_at=last_listed_at
    )
    untouched = before.filter(pc.and_(is_kept, pc.invert(may_vanish))).select(MENU_PRODUCTS.frame_columns)
    menu = pa.concat_tables([items, vanished, untouched])
    menu = menu.sort_by([("location_id", "ascending"), ("item_id", "ascending")])
    skipped = {reason: int(pc.sum(pc.equal(reasons, reason)).as_py() or 0) for reason in ("other_location", "deleted")}
    skipped |= {"guarded": living.num_rows - rows.num_rows, "merged": rows.num_rows - items.num_rows}
    return MappedMenu(
        to_frame(MENU_PRODUCTS, menu.num_rows, {name: menu[name] for name in menu.column_names}),
        findings + _report_guarded(guarded),
        skipped,
        guarded=guarded,
        removed=removed,
        revived=count_revived(items, before),
    )


def _is_ours(location_ids: Any, rules: PosRules) -> Any:
    """Whether a location is configured; without any configured, every one is."""
    if not rules.location_ids:
        return pc.is_valid(location_ids)
    return pc.is_in(location_ids, value_set=pa.array(rules.location_ids, pa.string()))


def _guard(living: pa.Table, own: pa.Table, accept_shrink: bool) -> dict[str, str]:
    """The locations whose list must not replace their menu, with the code."""

    def count(rows: pa.Table) -> dict[str, int]:
        counts = rows.group_by("location_id").aggregate([("item_id", "count_distinct")]).to_pylist()
        return {row["location_id"]: row["item_id_count_distinct"] for row in counts}

    new, previous = count(living), count(own.filter(pc.is_null(own["removed_at"])))
    codes = {
        location: decide_removal(previous[location], new.get(location, 0), accept_shrink=accept_shrink)
        for location in sorted(previous)
    }
    return {location: code for location, code in codes.items() if code}


def _report_guarded(guarded: dict[str, str]) -> list[Finding]:
    findings: list[Finding] = []
    for location, code in guarded.items():
        key = pa.array([location])
        findings += report(ENTITY, key, pa.array([True]), code, MESSAGES[code], column="location_id", values=key)
    return findings


def _build_items(
    rows: pa.Table, before: pa.Table, org: Org, rules: PosRules, *, run_at: datetime, store_today: date
) -> tuple[pa.Table, list[Finding]]:
    items = arrange(rows)
    size = len(items.starts)
    keys = pa.table({name: items.reference(name) for name in ("location_id", "item_id")})
    texts, contents, stock = (
        _read_texts(items),
        _read_contents(items),
        count_stock(items, rules, store_today=store_today),
    )
    prices, problems = _read_prices(items, texts, rules)
    strain = items.reference("strain"), items.reference("is_cannabis")
    strain_type, strain_source = read_strains(
        pa.table({**texts, **contents, "strain": strain[0], "is_cannabis": strain[1]})
    )
    sale_flag = items.first(items.rows["is_available"], pc.is_valid(items.rows["is_available"]))
    first_seen = look_up(key_items(keys), key_items(before), before["first_seen_at"])
    columns = {
        "org_id": org.org_id,
        "location_id": keys["location_id"],
        "item_id": keys["item_id"],
        "source": SOURCE,
        "product_key": prefixed(SOURCE, keys["item_id"]),
        **texts,
        **contents,
        **stock,
        **prices,
        "strain_type": strain_type,
        "strain_source": strain_source,
        "available": pc.coalesce(sale_flag, pc.greater(stock["quantity_available"], ZERO)),
        "first_seen_at": pc.fill_null(first_seen, pa.scalar(run_at, INSTANT)),
        "last_seen_at": pa.nulls(size, INSTANT),
        "removed_at": pa.nulls(size, INSTANT),
        "currency": rules.currency,
        "updated_at": run_at,
    }
    names = pc.binary_join_element_wise(keys["location_id"], keys["item_id"], "-")
    findings: list[Finding] = []
    for code, where in problems.items():
        column = "price_pretax" if code == "price_differs" else "cost"
        message = MESSAGES[code]
        findings += report(ENTITY, names, is_true(where), code, message, column=column, values=prices[column])
    return to_arrow(to_frame(MENU_PRODUCTS, size, columns)), findings


def _read_texts(items: ItemRows) -> dict[str, Any]:
    """Texts of the reference row."""
    texts = {name: clean(items.reference(name)) for name in ("name", "brand", "vendor", "category", "subcategory")}
    texts["name"] = pc.coalesce(texts["name"], prefixed(SOURCE, items.reference("item_id")))
    texts["category"] = pc.fill_null(texts["category"], "Uncategorized")
    return texts


def _read_contents(items: ItemRows) -> dict[str, Any]:
    """THC and CBD of the reference row, else of the latest received row that has a value."""
    names = ("thc_percent", "cbd_percent")
    return {name: pc.coalesce(items.reference(name), items.latest_value(items.rows[name])) for name in names}


def _read_prices(items: ItemRows, texts: dict[str, Any], rules: PosRules) -> tuple[dict[str, Any], dict[str, Any]]:
    """Price, cost and margin columns, and where each code of a problem holds."""
    basis_of_row, pretax_of_row, otd_of_row = read_prices(items.rows)
    has_price = pc.is_valid(basis_of_row)
    basis, pretax, otd = (items.first(values, has_price) for values in (basis_of_row, pretax_of_row, otd_of_row))
    cost = weigh_costs(items)
    is_estimated = pc.and_(pc.is_null(basis), pc.is_valid(cost))
    if not rules.estimate_missing_prices:
        is_estimated = pc.and_(is_estimated, False)
    estimates = estimate_prices(cost, texts["category"], texts["subcategory"])
    price = pc.if_else(is_estimated, estimates, pretax)
    can_earn = pc.and_(has_margin(texts["category"]), pc.invert(is_estimated))
    amount, percent = read_margins(price, cost, can_earn)
    columns = {
        "price_pretax": price,
        "price_otd": otd,
        "price_basis": pc.if_else(is_estimated, "estimated", basis),
        "price_is_estimated": is_estimated,
        "cost": cost,
        "margin_amount": amount,
        "margin_percent": percent,
    }
    in_words = (only_if(has_price, pc.fill_null(v.cast(pa.string()), "-")) for v in (pretax_of_row, otd_of_row))
    prices_of_row = pc.binary_join_element_wise(basis_of_row, *in_words, " ")
    costs = judge_costs(price, cost, can_earn)
    return columns, {
        "price_differs": pc.greater(items.count_distinct(prices_of_row), 1),
        "cost_above_price": pc.equal(costs, "cost_above_price"),
        "cost_near_price": pc.equal(costs, "cost_near_price"),
    }
