"""What the quality report counts in the warehouse: filled columns, raw fields that hold anything, orphans, open rejects.

What the numbers mean does not belong here; see `transforms/quality.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, STOCK_LEVELS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.spec import Table
from sync_assets.warehouse.warehouse import Warehouse

EXAMPLES = 5
# Table, column that names a row of the other table, the other table, its column, code.
REFERENCES = (
    (SALES_LINES, "customer_key", CUSTOMERS, "customer_key", "unknown_customer"),
    (SALES_LINES, "product_key", PRODUCT_CATALOG, "product_key", "unknown_product"),
    (STOCK_LEVELS, "product_key", PRODUCT_CATALOG, "product_key", "unknown_product"),
)


def _place(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _has_value(table: Table, name: str) -> sql.Composed:
    is_list = table.column[name].kind in ("text_list", "integer_list")
    return sql.SQL("cardinality({}) > 0" if is_list else "{} IS NOT NULL").format(sql.Identifier(name))


def count_filled(warehouse: Warehouse, table: Table, org: str, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """By source the number of rows (under "") and, of the named columns, how many rows have a value."""
    known = [name for name in names if name in table.column]
    counts = [
        sql.SQL("count(*) FILTER (WHERE {}) AS {}").format(_has_value(table, n), sql.Identifier(n)) for n in known
    ]
    statement = sql.SQL("SELECT source, count(*) AS rows, {} FROM {} WHERE org_id = {} GROUP BY source").format(
        sql.SQL(", ").join(counts), _place(table), org
    )
    return {
        row["source"]: {"": row["rows"]} | {name: row[name] for name in known} for row in warehouse.query(statement)
    }


def count_products(warehouse: Warehouse, org: str, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """As `count_filled` for the catalogue, by every source that has the product and not only the one that gives its row."""
    known = [name for name in names if name in PRODUCT_CATALOG.column]
    counts = [
        sql.SQL("count(*) FILTER (WHERE {}) AS {}").format(_has_value(PRODUCT_CATALOG, n), sql.Identifier(n))
        for n in known
    ]
    statement = sql.SQL(
        "WITH owners AS (SELECT source AS owner, product_key FROM {catalogue} WHERE org_id = {org} UNION "
        "SELECT source, product_key FROM {keys} WHERE org_id = {org}) "
        "SELECT owner, count(*) AS rows, {counts} FROM owners JOIN {catalogue} USING (product_key) "
        "WHERE org_id = {org} GROUP BY owner"
    ).format(catalogue=_place(PRODUCT_CATALOG), keys=_place(PRODUCT_KEYS), org=org, counts=sql.SQL(", ").join(counts))
    return {row["owner"]: {"": row["rows"]} | {name: row[name] for name in known} for row in warehouse.query(statement)}


def given_columns(warehouse: Warehouse, table: Table, org: str, names: Iterable[str]) -> set[str]:
    """Those of the raw columns in which any row has a value."""
    known = sorted(set(names) & set(table.column))
    if not known:
        return set()
    checks = [
        sql.SQL("EXISTS (SELECT FROM {} WHERE org_id = {} AND {}) AS {}").format(
            _place(table), org, _has_value(table, name), sql.Identifier(name)
        )
        for name in known
    ]
    row = warehouse.query(sql.SQL("SELECT {}").format(sql.SQL(", ").join(checks)))[0]
    return {name for name in known if row[name]}


def given_cells(warehouse: Warehouse, table: Table, org: str) -> list[str]:
    """Names under which the files behind a raw table brought any text; every row of a file has the same ones."""
    statement = sql.SQL(
        "SELECT DISTINCT key FROM {}, jsonb_each_text(cells) WHERE org_id = {} AND btrim(value) <> '' ORDER BY key"
    ).format(_place(table), org)
    return [row["key"] for row in warehouse.query(statement)]


def find_orphans(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    """Rows that name a customer or product that is not there, by table and source, with the first row keys."""
    found = []
    for table, column, other, key, code in REFERENCES:
        statement = sql.SQL(
            "SELECT source, count(*) AS count, (array_agg({row_key} ORDER BY {row_key}))[1:{examples}] AS examples "
            "FROM {table} t WHERE org_id = {org} AND {column} IS NOT NULL AND NOT EXISTS (SELECT FROM {other} o "
            "WHERE o.org_id = t.org_id AND o.{key} = t.{column}) GROUP BY source ORDER BY source"
        ).format(
            row_key=sql.Identifier(table.key[-1]),
            examples=EXAMPLES,
            table=_place(table),
            org=org,
            column=sql.Identifier(column),
            other=_place(other),
            key=sql.Identifier(key),
        )
        found += [
            {"table": table.name, "column": column, "code": code, "severity": "high", **row}
            for row in warehouse.query(statement)
        ]
    return found


def group_rejects(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    """Open rejects by source, entity, column and code, with the first places; values are never among them."""
    return warehouse.query(
        "SELECT source, entity, column_name, code, severity, count(*) AS count, (array_agg("
        "CASE WHEN file IS NULL THEN coalesce(record_key, entity) ELSE concat_ws(':', file, row_number) END "
        "ORDER BY file, row_number, length(record_key), record_key))[1:%(examples)s] AS examples "
        "FROM ops.rejected_rows WHERE org_id = %(org)s AND resolved_at IS NULL GROUP BY 1, 2, 3, 4, 5 "
        "ORDER BY 1, 2, 3, 4, 5",
        org=org,
        examples=EXAMPLES,
    )
