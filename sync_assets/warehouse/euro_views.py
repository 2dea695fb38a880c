"""One view per canonical table with amounts: its rows in euro, under the names of the requirements, which end in `_eur`.

Amounts in other currencies do not belong here; the tables have them all. Canonical specification, section 1.1.
"""

from __future__ import annotations

from dataclasses import replace

from sync_assets.tables.canonical import CUSTOMER_METRICS, CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.spec import Column, Table
from sync_assets.warehouse.view import View

# Amounts in a currency of their own, which another column names.
OTHER_CURRENCY = {
    "cost_price": "cost_currency",
    "cost_total": "cost_currency",
    "company_total": "company_currency",
    "company_total_untaxed": "company_currency",
}
LEFT_OUT = {"currency", "currency_rate", *OTHER_CURRENCY.values()}
NOT_AMOUNTS = {"loyalty_points"}


def _euro_view(table: Table, more: Table | None = None) -> View:
    """`more` has the amounts of the table's rows, one row for each at most."""
    own = tuple(column for column in table.columns if column.name not in LEFT_OUT)
    joined = more.columns if more else ()
    added = tuple(column for column in joined if column.name not in {*table.column, *LEFT_OUT})
    columns = [(column, "t") for column in own] + [(column, "m") for column in added]
    join = f"JOIN {more} m ON m.org_id = t.org_id AND m.customer_key = t.customer_key" if more else ""
    selected = ", ".join(_select(column, place) for column, place in columns)
    return View(
        f"{table.name}_eur",
        f"The rows of {table} in euro, with the column names of the requirements.",
        tuple(_described(column) for column, _ in columns),
        f"SELECT {selected} FROM {table} t {join} WHERE {'m' if more else 't'}.currency = 'EUR'",
        schema=table.schema,
    )


def _is_amount(column: Column) -> bool:
    return column.kind == "money" and column.name not in NOT_AMOUNTS


def _described(column: Column) -> Column:
    if not _is_amount(column):
        return column
    described = column.description.removesuffix(", in currency").replace(" in cost_currency", "")
    is_other = column.name in OTHER_CURRENCY
    unit = "in euro; null in another currency" if is_other else "in euro"
    return replace(
        column,
        name=f"{column.name}_eur",
        description=f"{described.partition(' in company_currency')[0]}, {unit}",
        nullable=column.nullable or is_other,
    )


def _select(column: Column, place: str) -> str:
    if not _is_amount(column):
        return f"{place}.{column.name}"
    value = f"{place}.{column.name}"
    if column.name in OTHER_CURRENCY:
        value = f"(CASE WHEN {place}.{OTHER_CURRENCY[column.name]} = 'EUR' THEN {value} END)::numeric(18,2)"
    return f"{value} AS {column.name}_eur"


EURO_VIEWS = (
    _euro_view(CUSTOMERS, CUSTOMER_METRICS),
    _euro_view(PRODUCT_CATALOG),
    _euro_view(SALES_ORDERS),
    _euro_view(SALES_LINES),
)
