"""The SQL that turns staged rows into the smallest set of writes: delete what is gone, update what differs, insert what is new.

Identifiers come from table specs only. Moving frames does not belong here; see `copy.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from sync_assets.errors import GuardTripped
from sync_assets.tables.spec import Table

STAGE = sql.Identifier("stage")


@dataclass(frozen=True)
class Changes:
    """Rows of one write, by what happened to them."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(*(a + b for a, b in zip(self._tuple(), other._tuple(), strict=True)))

    def _tuple(self) -> tuple[int, int, int, int]:
        return (self.inserted, self.updated, self.deleted, self.unchanged)


@dataclass(frozen=True)
class ShrinkGuard:
    """Refuses a write that would remove too much: more than `share` of the old rows and at least `rows` of them."""

    share: float = 0.5
    rows: int = 20
    code: str = "full_read_shrunk"

    def check(self, table: Table, org: str, *, old: int, gone: int) -> None:
        if gone >= self.rows and gone > self.share * old:
            raise GuardTripped(
                f"{org}: {gone} of {old} rows of {table} would disappear at once, so the old rows were kept; "
                "check the source and the rights of its user; if it is true, run again with accept_deletions (--accept-deletions)",
                code=self.code,
            )


def _names(names: tuple[str, ...], prefix: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(prefix, n) if prefix else sql.Identifier(n) for n in names)


def _same_key(table: Table) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier("t", n), sql.Identifier("stage", n)) for n in table.key
    )


def _differs(names: tuple[str, ...], new: str = "stage") -> sql.Composable:
    if not names:
        return sql.SQL("false")
    return sql.SQL("({}) IS DISTINCT FROM ({})").format(_names(names, "t"), _names(names, new))


def _assign(names: tuple[str, ...], new: str = "stage") -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Identifier(new, n)) for n in names)


def create_stage(connection: psycopg.Connection[Any], table: Table) -> None:
    connection.execute("DROP TABLE IF EXISTS pg_temp.stage")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            STAGE, _names(table.frame_columns), sql.Identifier(table.schema, table.name)
        )
    )


def apply_replace(
    connection: psycopg.Connection[Any], table: Table, org: str, guard: ShrinkGuard | None, scope: sql.Composable
) -> Changes:
    """Makes the organisation's rows of `table` (those that match `scope`) equal to the staged ones."""
    target = sql.Identifier(table.schema, table.name)
    connection.execute(sql.SQL("CREATE UNIQUE INDEX ON {} ({})").format(STAGE, _names(table.key)))
    connection.execute("ANALYZE pg_temp.stage")
    staged = _count(connection, sql.SQL("SELECT count(*) FROM {}").format(STAGE))
    gone_rows = sql.SQL("t.org_id = {} AND {} AND NOT EXISTS (SELECT 1 FROM {} WHERE {})").format(
        org, scope, STAGE, _same_key(table)
    )
    if guard is not None:
        old = _count(
            connection, sql.SQL("SELECT count(*) FROM {} t WHERE org_id = {} AND {}").format(target, org, scope)
        )
        gone = _count(connection, sql.SQL("SELECT count(*) FROM {} t WHERE {}").format(target, gone_rows))
        guard.check(table, org, old=old, gone=gone)
    deleted = connection.execute(sql.SQL("DELETE FROM {} t WHERE {}").format(target, gone_rows)).rowcount
    content = table.written("content")
    updated = connection.execute(
        sql.SQL("UPDATE {} t SET {} FROM {} WHERE {} AND {}").format(
            target, _assign((*content, *table.written("on_change"))), STAGE, _same_key(table), _differs(content)
        )
    ).rowcount
    _touch(connection, table)
    inserted = connection.execute(
        # The sort makes PostgreSQL find all new rows before it inserts the first one; else it may scan the growing table
        # once for every staged row.
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM {} WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE {}) ORDER BY stage.ctid"
        ).format(target, _names(table.frame_columns), _names(table.frame_columns), STAGE, target, _same_key(table))
    ).rowcount
    return Changes(inserted, updated, deleted, staged - inserted - updated)


def apply_merge(connection: psycopg.Connection[Any], table: Table, *, touch_write_date: bool = False) -> Changes:
    """Upserts the staged rows: an equal row is left alone, an older `write_date` never overwrites a newer one.

    A row that was found deleted comes back to life. With `touch_write_date`, a row that differs only in its write date
    is written too, so that the nightly comparison of write dates finds it equal the next time.
    """
    columns = tuple(n for n in table.frame_columns if n != "deleted_at")
    content = tuple(n for n in table.written("content") if n != "deleted_at")
    condition = _differs((*content, "write_date") if touch_write_date else content, "excluded")
    assign = _assign((*content, *table.written("on_change")), "excluded")
    if "deleted_at" in table.column:
        condition = sql.SQL("({} OR t.deleted_at IS NOT NULL)").format(condition)
        assign = sql.SQL("{}, deleted_at = NULL").format(assign)
    # A comparison with the source means what it finds, also when a restored backup carries older write dates.
    if "write_date" in table.column and not touch_write_date:
        condition = sql.SQL("coalesce(t.write_date <= excluded.write_date, true) AND {}").format(condition)
    inserted, written = connection.execute(
        sql.SQL(
            "WITH written AS (INSERT INTO {} AS t ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {} WHERE {} "
            "RETURNING (xmax = 0) AS is_new) SELECT count(*) FILTER (WHERE is_new), count(*) FROM written"
        ).format(
            sql.Identifier(table.schema, table.name),
            _names(columns),
            _names(columns),
            STAGE,
            _names(table.key),
            assign,
            condition,
        )
    ).fetchone() or (0, 0)
    _touch(connection, table)
    staged = _count(connection, sql.SQL("SELECT count(*) FROM {}").format(STAGE))
    return Changes(inserted, written - inserted, 0, staged - written)


def _touch(connection: psycopg.Connection[Any], table: Table) -> None:
    """Writes the columns that every run writes, on all staged rows."""
    names = table.written("always")
    if names:
        connection.execute(
            sql.SQL("UPDATE {} t SET {} FROM {} WHERE {} AND {}").format(
                sql.Identifier(table.schema, table.name), _assign(names), STAGE, _same_key(table), _differs(names)
            )
        )


def _count(connection: psycopg.Connection[Any], query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
