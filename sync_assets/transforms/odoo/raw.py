"""The raw Odoo frames of one organisation, and what several mappings read from them.

Mappings to one canonical table do not belong here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.errors import ConfigurationError
from sync_assets.transforms.columns import clean, look_up, to_arrow

SOURCE = "odoo"


@dataclass(frozen=True)
class OdooRaw:
    """Frames of the raw tables, of one organisation; rows deleted at the source are in them, with `deleted_at`.

    Order lines are not: they are mapped in chunks, see `lines.py`.
    """

    companies: pd.DataFrame
    currencies: pd.DataFrame
    countries: pd.DataFrame
    users: pd.DataFrame
    partners: pd.DataFrame
    templates: pd.DataFrame
    products: pd.DataFrame
    costs: pd.DataFrame
    categories: pd.DataFrame
    orders: pd.DataFrame
    warehouses: pd.DataFrame
    locations: pd.DataFrame
    quants: pd.DataFrame
    uoms: pd.DataFrame


def configured_companies(org: Org) -> tuple[int, ...]:
    """The company ids an organisation is limited to; empty means all that were read."""
    return org.sources.odoo.company_ids if org.sources.odoo else ()


def read_companies(raw: OdooRaw, company_ids: Sequence[int] = ()) -> pa.Table:
    """Id, name and currency code of the companies, in the order of `company_ids`, else by id."""
    companies = to_arrow(raw.companies).sort_by("id")
    if company_ids:
        places = pc.index_in(pa.array(company_ids, pa.int64()), value_set=companies["id"]).drop_null()
        companies = companies.take(places)
    codes = look_up_currencies(raw, companies["currency_id"])
    return pa.table({"id": companies["id"], "name": companies["name"], "currency": codes})


def look_up_currencies(raw: OdooRaw, currency_ids: Any) -> Any:
    currencies = to_arrow(raw.currencies)
    return look_up(currency_ids, currencies["id"], clean(currencies["name"]))


def company_currency(raw: OdooRaw, company_ids: Sequence[int] = ()) -> str:
    """ISO code of the one currency the companies share.

    Raises ConfigurationError when they have different ones (or none): each currency needs its own organisation.
    """
    companies = read_companies(raw, company_ids).to_pylist()
    if not companies:
        raise ConfigurationError(
            "None of the Odoo companies was read; check company_ids and the companies the user may see",
            code="no_companies",
        )
    currencies = {row["currency"] for row in companies}
    if len(currencies) == 1 and None not in currencies:
        return str(currencies.pop())
    listed = ", ".join(f"{row['name']} (id {row['id']}): {row['currency'] or 'unknown'}" for row in companies)
    raise ConfigurationError(
        f"The Odoo companies do not share one currency: {listed}; set company_ids so that each organisation has one",
        code="mixed_currencies",
    )


def registered_keys(product_keys: pd.DataFrame) -> pa.Table:
    """Odoo's part of the registry of product keys (`ops.product_keys`)."""
    known = to_arrow(product_keys)
    return known.filter(pc.equal(known["source"], SOURCE)) if "source" in known.column_names else known


def look_up_own_units(raw: OdooRaw, product_ids: Any) -> Any:
    """Unit id each product is counted in, which is its template's."""
    templates, products = to_arrow(raw.templates), to_arrow(raw.products)
    own_units = look_up(products["product_tmpl_id"], templates["id"], templates["uom_id"])
    return look_up(product_ids, products["id"], own_units)


def look_up_unit_labels(raw: OdooRaw, unit_ids: Any) -> Any:
    uoms = to_arrow(raw.uoms)
    return look_up(unit_ids, uoms["id"], clean(uoms["name"]))


def extra_numbers(extras: Any, name: str) -> pa.Array:
    """The number an added field holds in each row's `extra`; null when it is absent, empty or no number.

    >>> extra_numbers(pa.array(['{"purchase_price": 7.5}', None, '{"purchase_price": false}']), "purchase_price")[0]
    <pyarrow.Decimal128Scalar: Decimal('7.50000000')>
    """
    if not pc.any(pc.match_substring(extras, f'"{name}"')).as_py():
        return pa.nulls(len(extras), pa.decimal128(28, 8))
    return pa.array([_number(extra, name) for extra in extras.to_pylist()], pa.decimal128(28, 8))


def _number(extra: str | None, name: str) -> Decimal | None:
    value = json.loads(extra, parse_float=Decimal).get(name) if extra else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number.quantize(Decimal("1e-8")) if abs(number) < Decimal(10) ** 20 else None
