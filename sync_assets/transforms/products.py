"""Rules of the product catalogue that hold for every source: key, category, price band, vintage, one row per key.

Reading a source's own product tables does not belong here. Canonical specification, sections 1.1 and 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import PRICE_SEGMENTS, PRODUCT_CATALOG
from sync_assets.transforms.columns import NO_TEXT, arrow_frame, is_true, look_up, map_unique, to_arrow, to_plain_words
from sync_assets.transforms.mapped import Finding, report
from sync_assets.transforms.money import margins

RESERVED_PREFIXES = ("odoo-", "isavigne-", "alleaves-")
OTHER = "autre"

# The first line with one of its words wins.
CATEGORY_WORDS = (
    (
        OTHER,
        "frais de port, livraison, verre, carafe, coffret vide, bon cadeau, consigne, acompte, whisky, rhum, cognac, "
        "armagnac, eau de vie, biere, jus",
    ),
    (
        "fortifié",
        "porto, vin doux naturel, vdn, banyuls, maury, rivesaltes, xeres, madere, marsala, pineau, floc, macvin, "
        "ratafia, vermouth, mistelle, fortifie",
    ),
    ("pétillant", "petillant, pet nat, petnat, perlant, frizzante, methode ancestrale"),
    (
        "mousseux",
        "champagne, cremant, mousseux, effervescent, blanquette, clairette de die, prosecco, cava, sekt, "
        "methode traditionnelle",
    ),
    ("rosé", "rose, rosado, rosato, clairet, vin gris"),
    ("rouge", "rouge, red, rosso, tinto"),
    ("blanc", "blanc, white, bianco, blanco, jaune, orange, moelleux, liquoreux, vendanges tardives"),
)
# In a name, "gris" is mostly the grape Pinot Gris.
WORDS_IN_CATEGORY_ONLY = {"rosé": ", gris"}

# Of another currency or another source, a price would be compared with what it does not belong to.
PRICES = ("list_price", "list_price_untaxed")
COSTS = ("cost_price", "cost_currency")
OWN_COLUMNS = ("org_id", "product_key", "source", "source_id", "last_updated", "synced_at")
USUAL_BOUNDS = (Decimal(15), Decimal(30), Decimal(75))


def categorise(categories: Any, names: Any) -> tuple[Any, Any]:
    """Category of each product by its category text, else by its name; and whether neither says one.

    >>> found, is_unmapped = categorise(pa.array(["Vins / Rouges", None]), pa.array(["", "Grosse bouteille"]))
    >>> found.to_pylist(), is_unmapped.to_pylist()
    (['rouge', 'autre'], [False, True])
    """
    found = pc.coalesce(_match(categories, WORDS_IN_CATEGORY_ONLY), _match(names, {}))
    return pc.fill_null(found, OTHER), pc.is_null(found)


def override_categories(found: Any, categories: Any, keys: Any, overrides: Mapping[str, str]) -> tuple[Any, Any]:
    """The categories with those that are set by hand, by product key or category text, and where one is.

    >>> texts, keys = pa.array(["Divers", "Divers"]), pa.array(["P1", "P2"])
    >>> override_categories(pa.array(["autre", "autre"]), texts, keys, {"Divers": "rouge", "P2": "blanc"})[0].to_pylist()
    ['rouge', 'blanc']
    """
    names, values = pa.array(overrides.keys(), pa.string()), pa.array(overrides.values(), pa.string())
    chosen = pc.coalesce(look_up(keys, names, values), look_up(categories, names, values))
    return pc.coalesce(chosen, found), pc.is_valid(chosen)


def _match(texts: Any, more_words: dict[str, str]) -> Any:
    plain = to_plain_words(texts)
    matches = []
    for category, words in CATEGORY_WORDS:
        alternatives = to_plain_words(pa.array((words + more_words.get(category, "")).split(", "))).to_pylist()
        pattern = f"(^| )({'|'.join(alternatives)})( |$)"
        matches.append(pc.if_else(is_true(pc.match_substring_regex(plain, pattern)), category, NO_TEXT))
    return pc.coalesce(*matches)


def band_prices(prices: Any, currencies: Any, bounds: Mapping[str, Sequence[Decimal]]) -> Any:
    """Price segment; a bound belongs to the upper band. `bounds` are those of currencies that have their own.

    >>> prices = pa.array([Decimal("14.99"), Decimal("15.00"), Decimal("75.00"), None])
    >>> band_prices(prices, "EUR", {}).to_pylist()
    ['entry', 'standard', 'luxury', None]
    >>> band_prices(prices, "USD", {"USD": (Decimal(5), Decimal(10), Decimal(80))}).to_pylist()
    ['premium', 'premium', 'premium', None]
    """
    segments = _band(prices, USUAL_BOUNDS)
    for currency, own in bounds.items():
        segments = pc.if_else(is_true(pc.equal(currencies, currency)), _band(prices, own), segments)
    return segments


def _band(prices: Any, bounds: Sequence[Decimal]) -> Any:
    segments: Any = PRICE_SEGMENTS[-1]
    for bound, segment in zip(reversed(bounds), reversed(PRICE_SEGMENTS[:-1]), strict=True):
        segments = pc.if_else(pc.less(prices, pa.scalar(bound)), segment, segments)
    return segments


def read_vintages(names: Any, *, this_year: int) -> Any:
    """The year in each name, when exactly one word of it is a year from 1900 to the next one.

    >>> read_vintages(pa.array(["Riesling 2019", "Cuvée 1912 2019", "Lot 2099", None]), this_year=2026).to_pylist()
    [2019, None, None, None]
    """

    def find(name: str) -> int | None:
        years = [year for year in map(int, re.findall(r"(?<!\w)[0-9]{4}(?!\w)", name)) if 1900 <= year <= this_year + 1]
        return years[0] if len(years) == 1 else None

    return map_unique(names, find, pa.int64())


class Item(NamedTuple):
    """A product as its source knows it, to be given a key."""

    number: int
    sku: str | None
    is_living: bool = True


def assign_product_keys(
    items: Iterable[Item], registered: dict[str, str], *, source: str, entity: str
) -> tuple[dict[str, str], list[Finding]]:
    """The key of every product by source id, and the findings duplicate_sku, reserved_sku and sku_changed.

    `registered` are the keys given before, by source id; they never change. Among new products the living one with the
    lowest number gets the SKU.

    >>> items = [Item(8, "V1"), Item(9, None), Item(7, "V1")]
    >>> keys, findings = assign_product_keys(items, {}, source="odoo", entity="product.product")
    >>> keys
    {'7': 'V1', '8': 'odoo-8', '9': 'odoo-9'}
    >>> [(found["record_key"], found["code"]) for found in findings]
    [('8', 'duplicate_sku')]
    """
    items = sorted(items, key=lambda item: (not item.is_living, item.number))
    owners = {key: source_id for source_id, key in registered.items()}
    for item in items:
        if item.sku and str(item.number) not in registered and not item.sku.startswith(RESERVED_PREFIXES):
            owners.setdefault(item.sku, str(item.number))
    keys, problems = {}, []
    for item in sorted(items):
        source_id, own_key = str(item.number), f"{source}-{item.number}"
        sku = item.sku or own_key
        owner = owners.get(sku, source_id)
        is_reserved = sku != own_key and sku.startswith(RESERVED_PREFIXES)
        is_usable = owner == source_id and not is_reserved
        key = keys[source_id] = registered.get(source_id) or (sku if is_usable else own_key)
        if key == own_key and is_reserved:
            problems.append((item, "reserved_sku"))
        elif key == own_key and owner != source_id:
            problems.append((item, "duplicate_sku"))
        elif key != sku:
            problems.append((item, "sku_changed"))
    return keys, _report_skus(problems, entity)


def _report_skus(problems: list[tuple[Item, str]], entity: str) -> list[Finding]:
    messages = {
        "duplicate_sku": "Another product has this SKU; the product is known by its id.",
        "reserved_sku": "The SKU looks like a key of this project; the product is known by its id.",
        "sku_changed": "The SKU changed; the product keeps its first key.",
    }
    numbers = pa.array([item.number for item, _ in problems], pa.int64())
    skus = pa.array([item.sku for item, _ in problems], pa.string())
    codes = pa.array([code for _, code in problems], pa.string())
    findings: list[Finding] = []
    for code, message in messages.items():
        findings += report(entity, numbers, pc.equal(codes, code), code, message, column="default_code", values=skus)
    return findings


def merge_catalogues(
    frames: Mapping[str, pd.DataFrame], priority: Sequence[str], bounds: Mapping[str, Sequence[Decimal]]
) -> pd.DataFrame:
    """One row per product key from the catalogues by source: the first source of `priority` that has the key gives it.

    Its nulls and empty lists are filled from the next ones; prices only in its own currency. What follows from prices
    is computed anew for such a row. Sources that are not in `priority` come last, by name.
    """
    order = [*priority, *sorted(set(frames) - set(priority))]
    merged = to_arrow(PRODUCT_CATALOG.empty())
    for source in order:
        if source in frames:
            merged = _merge_two(merged, to_arrow(PRODUCT_CATALOG.frame(frames[source])), bounds)
    return PRODUCT_CATALOG.frame(arrow_frame(merged))


def _merge_two(first: pa.Table, second: pa.Table, bounds: Mapping[str, Sequence[Decimal]]) -> pa.Table:
    is_new = pc.invert(pc.is_in(second["product_key"], value_set=first["product_key"].combine_chunks()))
    if pc.all(is_new).as_py() is not False:
        return pa.concat_tables([first, second]).combine_chunks()
    other = second.take(pc.index_in(first["product_key"], value_set=second["product_key"].combine_chunks()))
    is_both = pc.is_valid(other["product_key"])
    is_same_currency = is_true(pc.equal(first["currency"], other["currency"]))
    columns = {}
    for name in first.column_names:
        own, more = first[name], other[name]
        if name in OWN_COLUMNS:
            columns[name] = own
        elif pa.types.is_list(own.type):
            is_empty = is_true(pc.equal(pc.list_value_length(own), 0))
            columns[name] = pc.if_else(pc.and_(is_both, is_empty), more, own)
        elif name in PRICES:
            columns[name] = pc.if_else(is_same_currency, pc.coalesce(own, more), own)
        elif name in COSTS:
            columns[name] = pc.if_else(pc.is_valid(first["cost_price"]), own, more)
        else:
            columns[name] = pc.coalesce(own, more)
    taxed, untaxed = (columns[name] for name in PRICES)
    is_comparable = pc.equal(columns["currency"], columns["cost_currency"])
    margin, basis = margins(untaxed, taxed, columns["cost_price"], is_comparable)
    segments = band_prices(taxed, columns["currency"], bounds)
    derived = {"price_segment": segments, "margin_percent": margin, "margin_basis": basis}
    for name, values in derived.items():
        columns[name] = pc.if_else(is_both, values, first[name])
    return pa.concat_tables([pa.table(columns, schema=first.schema), second.filter(is_new)]).combine_chunks()
