"""The warehouse: read, replace and merge tables of one organisation, each write one transaction.

The contract is checked before the write, so a frame that breaks it changes nothing. Bookkeeping of runs and streams
does not belong here; see `books.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import pandas as pd
import pandera.errors
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Jsonb

from sync_assets.errors import AlreadyRunning, ContractBroken
from sync_assets.tables.spec import Table
from sync_assets.warehouse.connecting import engine_url, no_connection
from sync_assets.warehouse.copy import copy_in, copy_out, select_list, to_arrow, to_frame
from sync_assets.warehouse.difference import Changes, ShrinkGuard, apply_merge, apply_replace, create_stage

Condition = tuple[str, str, Any]
Frames: TypeAlias = "pd.DataFrame | pa.Table | Iterable[pd.DataFrame | pa.Table]"
OPERATORS = {"=", "<", "<=", ">", ">="}
LOCK_POLL_SECONDS = 1.0
EVERYTHING = sql.SQL("true")


class Warehouse:
    """PostgreSQL as tables of frames. With `is_dry_run`, everything happens in one transaction that is rolled back.

    Not for use by several threads at once; the connections come from a pool and are returned after each call.
    """

    def __init__(self, url: str, *, is_dry_run: bool = False) -> None:
        self.engine = sa.create_engine(
            engine_url(url), connect_args={"options": "-c timezone=UTC", "application_name": "sync_assets"}
        )
        self.is_dry_run = is_dry_run
        self._dry: Any = None
        self._locks: dict[str, Any] = {}

    def close(self) -> None:
        for held in self._locks.values():
            # A connection that is merely dropped keeps its lock until the server notices.
            with suppress(psycopg.Error):
                held.driver_connection.execute("SELECT pg_advisory_unlock_all()")
            held.invalidate()
        self._locks.clear()
        if self._dry is not None:
            self._dry.invalidate()
            self._dry = None
        self.engine.dispose()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> Any:
        try:
            return self.engine.raw_connection()
        except psycopg.OperationalError as error:  # a raw connection raises the driver's own
            raise no_connection(error, self.engine.url) from None

    @contextmanager
    def transaction(self, *, always_commit: bool = False) -> Iterator[psycopg.Connection[Any]]:
        """A psycopg connection in one transaction; `always_commit` is for the books, which a dry run keeps too."""
        if self.is_dry_run and not always_commit:
            if self._dry is None:
                self._dry = self._connect()
                self._dry.driver_connection.execute("SELECT 1")  # opens the transaction that close() rolls back
            with self._dry.driver_connection.transaction():
                yield self._dry.driver_connection
            return
        pooled = self._connect()
        try:
            with pooled.driver_connection.transaction():
                yield pooled.driver_connection
        finally:
            pooled.close()

    def read(
        self, table: Table, org: str, columns: Sequence[str] | None = None, where: Sequence[Condition] = ()
    ) -> pd.DataFrame:
        """The organisation's rows as a frame with Arrow types, in no particular order."""
        return to_frame(pa.concat_tables(self.read_blocks(table, org, columns, where)))

    def read_blocks(
        self, table: Table, org: str, columns: Sequence[str] | None = None, where: Sequence[Condition] = ()
    ) -> Iterator[pa.Table]:
        """The same rows in Arrow blocks of bounded size; the transaction stays open until the last one was taken."""
        names = tuple(columns) if columns is not None else tuple(c.name for c in table.columns)
        query = sql.SQL("SELECT {} FROM {} WHERE org_id = {}").format(
            select_list(table, names), sql.Identifier(table.schema, table.name), org
        )
        for condition in where:
            query = sql.SQL("{} AND {}").format(query, _condition(table, condition))
        with self.transaction() as connection:
            blocks = copy_out(connection, query, table.arrow_schema(names))
            # A dry run has one connection only, which the reader must leave to whoever writes what it reads.
            yield from list(blocks) if self.is_dry_run else blocks

    def replace(
        self,
        table: Table,
        frames: Frames,
        org: str,
        *,
        guard: ShrinkGuard | None = None,
        where: Sequence[Condition] = (),
        cursor: dict[str, Any] | None = None,
        cursor_table: Table | None = None,
    ) -> Changes:
        """Makes the organisation's rows equal to `frames`; unchanged rows get no new version.

        `where` narrows which old rows are compared (and may be deleted); `cursor` is a row of `cursor_table` written in
        the same transaction. Both are looked at after the last frame was taken, so whoever brings the frames may fill
        them. When taking a frame fails, nothing is written. Raises ContractBroken when a frame does not
        fit the table, GuardTripped when too much would disappear; nothing is written then.
        """
        with self.transaction() as connection:
            self._stage(connection, table, frames, org)
            scope = sql.SQL(" AND ").join([EVERYTHING, *(_condition(table, condition) for condition in where)])
            try:
                changes = apply_replace(connection, table, org, guard, scope)
            except psycopg.errors.UniqueViolation:
                raise ContractBroken(f"{table}: the same key came twice; nothing was written") from None
            if cursor is not None and cursor_table is not None:
                upsert(connection, cursor_table, cursor)
            return changes

    def merge(
        self,
        table: Table,
        frames: Frames,
        org: str,
        *,
        cursor: dict[str, Any] | None = None,
        cursor_table: Table | None = None,
        touch_write_date: bool = False,
    ) -> Changes:
        """Upserts `frames`, deletes nothing; `cursor` is a row of `cursor_table` written in the same transaction."""
        with self.transaction() as connection:
            # Rows and cursor are lost or kept together, so waiting for the disk would buy nothing.
            connection.execute("SET LOCAL synchronous_commit = off")
            try:
                if isinstance(frames, pa.Table) and is_all_new(connection, table, frames, org):
                    check_contract(table, frames, org)
                    copy_in(connection, sql.Identifier(table.schema, table.name), frames)
                    changes = Changes(inserted=frames.num_rows)
                else:
                    self._stage(connection, table, frames, org)
                    changes = apply_merge(connection, table, touch_write_date=touch_write_date)
            except (psycopg.errors.CardinalityViolation, psycopg.errors.UniqueViolation):
                raise ContractBroken(f"{table}: the same key came twice; nothing was written") from None
            if cursor is not None and cursor_table is not None:
                upsert(connection, cursor_table, cursor)
            return changes

    def mark_deleted(
        self, table: Table, org: str, living_ids: Sequence[int], *, at: Any, guard: ShrinkGuard | None
    ) -> tuple[int, list[int]]:
        """Tombstones rows whose id is not in `living_ids`; returns their number and the living ids not held here."""
        target = sql.Identifier(table.schema, table.name)
        with self.transaction() as connection:
            connection.execute("DROP TABLE IF EXISTS pg_temp.living")
            connection.execute("CREATE TEMP TABLE living (id bigint PRIMARY KEY) ON COMMIT DROP")
            ids = pa.table({"id": pa.array(sorted(set(living_ids)), pa.int64())})
            copy_in(connection, sql.Identifier("living"), ids)
            gone = sql.SQL(
                "t.org_id = {} AND t.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM living WHERE living.id = t.id)"
            ).format(org)
            if guard is not None:
                old, going = connection.execute(
                    sql.SQL(
                        "SELECT count(*) FILTER (WHERE org_id = {0} AND deleted_at IS NULL), count(*) FILTER (WHERE {1}) "
                        "FROM {2} t"
                    ).format(org, gone, target)
                ).fetchone() or (0, 0)
                guard.check(table, org, old=old, gone=going)
            deleted = connection.execute(
                sql.SQL("UPDATE {} t SET deleted_at = {} WHERE {}").format(target, at, gone)
            ).rowcount
            missing = connection.execute(
                sql.SQL(
                    "SELECT id FROM living WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE t.org_id = {} AND t.id = living.id "
                    "AND t.deleted_at IS NULL) ORDER BY id"
                ).format(target, org)
            ).fetchall()
        return deleted, [row[0] for row in missing]

    def query(self, statement: sql.Composed | str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a read-only statement as dictionaries; for summaries and lists, not for frames."""
        text = statement if isinstance(statement, sql.Composed) else sql.SQL(statement)
        with self.transaction() as connection:
            cursor = connection.execute(text, values)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def lock(self, org: str, *, wait_seconds: float = 0, on_wait: Callable[[], None] = lambda: None) -> None:
        """Takes the organisation's lock until `close`, or the end of this process.

        Waits that long for another holder to end, after a call of `on_wait`; then raises AlreadyRunning.
        """
        if org in self._locks:
            return
        deadline = time.monotonic() + wait_seconds
        held = self._connect()
        try:
            held.driver_connection.autocommit = True
            is_locked = _try_lock(held.driver_connection, org)
            if not is_locked and wait_seconds:
                on_wait()
            while not is_locked and (left := deadline - time.monotonic()) > 0:
                time.sleep(min(left, LOCK_POLL_SECONDS))
                is_locked = _try_lock(held.driver_connection, org)
            if not is_locked:
                raise AlreadyRunning(_already_running(held.driver_connection, org))
        except BaseException:
            held.invalidate()
            raise
        self._locks[org] = held

    def _stage(self, connection: psycopg.Connection[Any], table: Table, frames: Frames, org: str) -> None:
        create_stage(connection, table)
        blocks: Iterable[pd.DataFrame | pa.Table] = [frames] if isinstance(frames, pd.DataFrame | pa.Table) else frames
        for block in blocks:
            check_contract(table, block, org)
            copy_in(connection, sql.Identifier("stage"), to_arrow(block))


def _try_lock(connection: psycopg.Connection[Any], org: str) -> bool:
    # `books.close_dead_runs` looks for this lock by its two numbers.
    row = connection.execute("SELECT pg_try_advisory_lock(hashtext('sync_assets'), hashtext(%s))", [org]).fetchone()
    return bool(row and row[0])


def _already_running(connection: psycopg.Connection[Any], org: str) -> str:
    row = connection.execute(
        "SELECT max(started_at) FROM ops.sync_runs WHERE org_id = %s AND status = 'running'", [org]
    ).fetchone()
    when = f" since {row[0]:%Y-%m-%d %H:%M:%S} UTC" if row and row[0] else ""
    return f"{org}: already running{when}; wait for that run to end, or stop it in the Dagster UI"


def is_all_new(connection: psycopg.Connection[Any], table: Table, block: pa.Table, org: str) -> bool:
    """Whether the table has no row between the block's lowest and highest id; such a page needs no comparison."""
    if table.key != ("org_id", "id") or not block.num_rows:
        return False
    bounds = pc.min_max(block["id"]).as_py()
    query = sql.SQL("SELECT 1 FROM {} WHERE org_id = {} AND id BETWEEN {} AND {} LIMIT 1").format(
        sql.Identifier(table.schema, table.name), org, bounds["min"], bounds["max"]
    )
    return connection.execute(query).fetchone() is None


def check_contract(table: Table, block: pd.DataFrame | pa.Table, org: str) -> None:
    """Raises ContractBroken when rows do not fit the table's description or belong to another organisation.

    An Arrow block comes typed from a source's decoder, so only its organisation is checked.
    """
    if isinstance(block, pa.Table):
        foreign = not pc.all(pc.equal(block.column("org_id"), org)).as_py() if block.num_rows else False
    else:
        try:
            table.contract.validate(block, lazy=True)
        except pandera.errors.SchemaErrors as error:
            raise ContractBroken(f"{table}: {_explain(error)}; nothing was written") from None
        foreign = bool(len(block)) and not bool((block["org_id"] == org).all())
    if foreign:
        raise ContractBroken(f"{table}: rows of another organisation than {org}; nothing was written")


def _explain(error: pandera.errors.SchemaErrors) -> str:
    """What was wrong, by column and check, without the values: they may be personal."""
    cases = error.failure_cases
    found = cases.groupby(["column", "check"], dropna=False, sort=True).size()
    told = [f"{column}: {check} fails for {count} row(s)" for (column, check), count in found.head(5).items()]
    return "; ".join([*told, *([f"and {len(found) - 5} more"] if len(found) > 5 else [])])


def upsert(connection: psycopg.Connection[Any], table: Table, row: dict[str, Any]) -> None:
    """Writes one row; a row with the same key gets the given columns."""
    unknown = set(row) - set(table.column)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    values = [Jsonb(v) if table.column[n].kind == "json" and v is not None else v for n, v in row.items()]
    rest = [n for n in row if n not in table.key]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
            sql.Identifier(table.schema, table.name),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
            sql.SQL(", ").join(map(sql.Identifier, table.key)),
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(n), sql.Identifier("excluded", n)) for n in rest
            ),
        ),
        values,
    )


def _condition(table: Table, condition: Condition) -> sql.Composed:
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
