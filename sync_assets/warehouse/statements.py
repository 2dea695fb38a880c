"""Small pieces of SQL that several writes and reads share: names, conditions, single rows, questions before a write.

Whole writes do not belong here; see `difference.py`.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.types.json import Jsonb

from sync_assets.tables.spec import Table

Condition = tuple[str, str, Any]
OPERATORS = {"=", "<", "<=", ">", ">="}


def table_name(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def is_empty(connection: psycopg.Connection[Any], table: Table, org: str) -> bool:
    """Whether the table has no row of the organisation; what is written then needs no comparison."""
    query = sql.SQL("SELECT 1 FROM {} WHERE org_id = {} LIMIT 1").format(table_name(table), org)
    return connection.execute(query).fetchone() is None


def is_all_new(connection: psycopg.Connection[Any], table: Table, frames: Any, org: str) -> bool:
    """Whether none of the rows can be in the table yet: what is then written needs no comparison.

    A page of a raw table is new when no row lies between its lowest and its highest id, all else in an empty table only.
    """
    if table.key != ("org_id", "id") or not isinstance(frames, pa.Table) or not frames.num_rows:
        return is_empty(connection, table, org)
    bounds = pc.min_max(frames["id"]).as_py()
    query = sql.SQL("SELECT 1 FROM {} WHERE org_id = {} AND id BETWEEN {} AND {} LIMIT 1").format(
        table_name(table), org, bounds["min"], bounds["max"]
    )
    return connection.execute(query).fetchone() is None


def upsert(connection: psycopg.Connection[Any], table: Table, row: dict[str, Any]) -> None:
    """Writes one row; a row with the same key gets the given columns."""
    unknown = set(row) - set(table.column)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    values = [Jsonb(v) if table.column[n].kind == "json" and v is not None else v for n, v in row.items()]
    rest = [n for n in row if n not in table.key]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
            table_name(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
            sql.SQL(", ").join(map(sql.Identifier, table.key)),
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(n), sql.Identifier("excluded", n)) for n in rest
            ),
        ),
        values,
    )


def condition_sql(table: Table, condition: Condition) -> sql.Composed:
    name, operator, value = condition
    if name not in table.column:
        raise KeyError(f"{table} has no column {name}")
    if value is None and operator in ("is", "is not"):
        return sql.SQL("{} {} NULL").format(sql.Identifier(name), sql.SQL(operator.upper()))
    if operator == "in":
        return sql.SQL("{} = ANY({})").format(sql.Identifier(name), list(value))
    if operator == "not in":
        return sql.SQL("{} <> ALL({})").format(sql.Identifier(name), list(value))
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}")
    return sql.SQL("{} {} {}").format(sql.Identifier(name), sql.SQL(operator), value)
