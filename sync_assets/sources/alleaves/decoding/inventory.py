"""A received inventory row into a row of raw.alleaves_inventory, whatever the dialect.

Products, which sum the rows of an item, do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync_assets.sources.alleaves.decoding.rows import Issue, Reader, Row, Rules, not_an_object
from sync_assets.sources.alleaves.decoding.values import BadValue, is_blank, read_flag, read_number

ENTITY = "inventory"
NO_KEY = "-"
NO_CATEGORY = "Uncategorized"
_PRICES = {
    "price_retail_adult": ("price_retail_adult_use",),
    "price_retail_medical": ("price_retail_medical_use",),
    "price_retail_generic": ("price_retail", "price"),
    "price_otd_adult": ("price_otd_adult_use",),
    "price_otd_medical": ("price_otd_medical_use",),
    "price_otd_generic": ("price_otd",),
}
_COSTS = (("item", ("cost_of_good", "cost")), ("batch", ("batch_cost_of_good", "batchCost")))
_FLAGS = ("is_cannabis", "is_adult_use", "is_product", "qc_hold", "deleted", "has_inventory")
_COMPOUND_VALUES = ("value", "amount", "percentage", "percent", "result", "quantity")


def inventory_key(received: Any) -> tuple[str, str, str] | None:
    """Item, batch and area of a received row, None for a row without item."""
    if not isinstance(received, Mapping):
        return None
    rules: Any = None
    item_id, batch_id, area_id = _key(Reader(received, ENTITY, rules))
    return (item_id, batch_id, area_id) if item_id else None


def _key(read: Reader) -> tuple[str | None, str, str]:
    return read.id("id_item", "id_product"), read.id("id_batch") or NO_KEY, read.id("id_area") or NO_KEY


def decode_inventory_row(received: Any, rules: Rules, *, location_id: str) -> tuple[Row | None, list[Issue]]:
    """The typed row and its issues; no row for a reject (`not_an_object`, `no_item_id`).

    `location_id` is the location asked for. A row of another one gives no row and the issue `other_location` of
    severity info.
    """
    if not isinstance(received, Mapping):
        return None, [not_an_object(ENTITY, received)]
    read = Reader(received, ENTITY, rules)
    item_id, batch_id, area_id = _key(read)
    if item_id is None:
        read.note("no_item_id", "item_id", received, "is missing", severity="error")
        return None, read.issues
    read.record_key = "/".join((location_id, item_id, batch_id, area_id))
    own_location = read.id("id_location", "locationId")
    if own_location not in (None, location_id):
        read.note("other_location", "location_id", own_location, "is not the one asked for", severity="info")
        return None, read.issues
    category, subcategory = _categories(read)
    cost, cost_source = _cost(read)
    on_hand, available, is_for_sale = _quantities(read)
    row = {
        "org_id": rules.org_id,
        "location_id": location_id,
        "item_id": item_id,
        "batch_id": batch_id,
        "area_id": area_id,
        "name": read.text("name", "item", "name"),
        "batch": read.text("batch"),
        "package_label": read.text("package_label", "metrc_package_label"),
        "area": read.text("area"),
        "area_type": read.text("area_type"),
        "brand": read.text("brand"),
        "vendor": read.text("vendor"),
        "category": category,
        "subcategory": subcategory,
        **{column: _price(read, column, names) for column, names in _PRICES.items()},
        "cost": cost,
        "cost_source": cost_source,
        "quantity_on_hand": on_hand,
        "quantity_available": available,
        "is_available": is_for_sale,
        "thc_percent": _percent(read, "thc"),
        "cbd_percent": _percent(read, "cbd"),
        "strain": read.text("strain", "strain", "strainType"),
        "received_at": read.instant("received_at", "date_received"),
        "expires_on": read.date("expires_on", "date_expire"),
        "updated_at": read.instant("updated_at", "date_updated", "batch_date_updated"),
        **{column: read.flag(column) for column in _FLAGS},
        "payload": read.payload(),
    }
    return row, read.issues


def _categories(read: Reader) -> tuple[str, str | None]:
    """Category and subcategory of "Category > Flower > Packs", or of two fields."""
    parts = split_category(read.text("category"))
    parts += [None] * (2 - len(parts))
    return parts[0] or NO_CATEGORY, parts[1] or read.text("subcategory")


def split_category(path: str | None) -> list[str | None]:
    """The parts of a category's path, without a leading "Category".

    >>> split_category("Category > Flower"), split_category("Flower > Packs"), split_category(None)
    (['Flower'], ['Flower', 'Packs'], [])
    """
    parts: list[str | None] = [part.strip() for part in (path or "").split(">") if part.strip()]
    return parts[1:] if parts and parts[0] == "Category" else parts


def _price(read: Reader, column: str, names: tuple[str, ...]) -> Decimal | None:
    return read.number(column, *names) or None


def _cost(read: Reader) -> tuple[Decimal | None, str | None]:
    for source, names in _COSTS:
        cost = read.number("cost", *names, places=4)
        if cost is not None and cost < 0:
            read.note("bad_number", "cost", read.first(*names), "is negative")
        elif cost:
            return cost, source
    return None, None


def _quantities(read: Reader) -> tuple[Decimal | None, Decimal | None, bool | None]:
    """On hand, available and the sale flag; `available` is a quantity, or true or false in the documented dialect."""
    on_hand = read.number("quantity_on_hand", "on_hand", "quantity", places=3)
    raw = read.first("available")
    if isinstance(raw, bool) or (isinstance(raw, str) and raw.strip().lower() in ("true", "false")):
        return on_hand, on_hand, read_flag(raw)
    return on_hand, read.number("quantity_available", "available", "quantity", places=3), None


def _percent(read: Reader, compound: str) -> Decimal | None:
    column = f"{compound}_percent"
    found = read.percent(column, compound)
    if found is not None:
        return found
    raw = _compound(read.row.get("compounds"), f"{compound} %")
    return Reader({column: raw}, ENTITY, read.rules, read.record_key, read.issues).percent(column)


def _compound(received: Any, wanted: str) -> Any:
    """The value of the entry named such as "THC %", in a list of entries or in an object."""
    if isinstance(received, Mapping):
        named = next((value for name, value in received.items() if _folded(name) == wanted), None)
        if named is not None and not isinstance(named, Mapping):
            return named
        received = list(received.values())
    if not isinstance(received, Iterable) or isinstance(received, str):
        return None
    for entry in received:
        if isinstance(entry, Mapping) and any(_folded(value) == wanted for value in entry.values()):
            return next((entry[name] for name in _COMPOUND_VALUES if _is_number(entry.get(name))), None)
    return None


def _folded(value: Any) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


def _is_number(value: Any) -> bool:
    try:
        return not is_blank(value) and read_number(value, places=3) is not None
    except BadValue:
        return False
