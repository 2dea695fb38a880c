"""The warehouse: read, replace and merge tables of one organisation, each write one transaction.

The contract is checked before the write, so a frame that breaks it changes nothing. Bookkeeping of runs and streams
does not belong here; see `books.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pandera.errors
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg import sql

from sync_assets.errors import AlreadyRunning, ContractBroken
from sync_assets.tables.spec import Table
from sync_assets.warehouse import builds
from sync_assets.warehouse.connecting import engine_url, no_connection
from sync_assets.warehouse.copy import copy_in, copy_out, select_list, to_arrow, to_frame
from sync_assets.warehouse.difference import Changes, ShrinkGuard, apply_merge, apply_replace, create_stage
from sync_assets.warehouse.statements import Condition, condition_sql, is_all_new, is_empty, table_name, upsert

Frames: TypeAlias = "pd.DataFrame | pa.Table | Iterable[pd.DataFrame | pa.Table]"
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
        self._joined: psycopg.Connection[Any] | None = None
        self._locks: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """With its password: for connecting only."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def url_of(self, database: str) -> str:
        """The URL of another database on the same server."""
        url = self.engine.url.set(drivername="postgresql", database=database)
        return url.render_as_string(hide_password=False)

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
        if self._joined is not None and not always_commit:
            with self._joined.transaction():
                yield self._joined
            return
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

    @contextmanager
    def _joining(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """All that is written meanwhile is part of the transaction of that connection."""
        outer, self._joined = self._joined, connection
        try:
            yield
        finally:
            self._joined = outer

    def read(
        self,
        table: Table,
        org: str,
        columns: Sequence[str] | None = None,
        where: Sequence[Condition] = (),
        *,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """The organisation's rows as a frame with Arrow types, in no particular order; at most `limit` of them."""
        return to_frame(pa.concat_tables(self.read_blocks(table, org, columns, where, limit=limit)))

    def read_blocks(
        self,
        table: Table,
        org: str,
        columns: Sequence[str] | None = None,
        where: Sequence[Condition] = (),
        *,
        limit: int | None = None,
    ) -> Generator[pa.Table]:
        """The same rows in Arrow blocks of bounded size; the transaction stays open until the last one was taken."""
        names = tuple(columns) if columns is not None else tuple(c.name for c in table.columns)
        query = sql.SQL("SELECT {} FROM {} WHERE org_id = {}").format(select_list(table, names), table_name(table), org)
        for condition in where:
            query = sql.SQL("{} AND {}").format(query, condition_sql(table, condition))
        if limit is not None:
            query = sql.SQL("{} LIMIT {}").format(query, limit)
        with self.transaction() as connection:
            blocks = copy_out(connection, query, table.arrow_schema(names))
            if not self.is_dry_run:
                yield from blocks
                return
            # A dry run has one connection only, which the reader must leave to whoever writes what it reads.
            kept = list(blocks)
        yield from kept

    def replace(
        self,
        table: Table,
        frames: Frames,
        org: str,
        *,
        guard: ShrinkGuard | None = None,
        where: Sequence[Condition] = (),
        build: builds.Build | None = None,
        cursor: dict[str, Any] | None = None,
        cursor_table: Table | None = None,
        then: Callable[[], object] | None = None,
    ) -> Changes:
        """Makes the organisation's rows equal to `frames`; unchanged rows get no new version.

        `where` narrows which old rows are compared (and may be deleted); `cursor` is a row of `cursor_table` and `build`
        what the rows were computed from, both written in the same transaction, as is all that `then` writes. They are
        looked at after the last frame was taken, so whoever brings the frames may fill them. Raises ContractBroken when a frame does not fit the
        table, GuardTripped when too much would disappear; then, and when taking a frame fails, nothing is written.
        """
        with self.transaction() as connection:
            try:
                if is_empty(connection, table, org):
                    changes = Changes(inserted=_copy_blocks(connection, table, table_name(table), frames, org))
                else:
                    self._stage(connection, table, frames, org)
                    scope = sql.SQL(" AND ").join([EVERYTHING, *(condition_sql(table, one) for one in where)])
                    changes = apply_replace(connection, table, org, guard, scope)
            except psycopg.errors.UniqueViolation:
                raise ContractBroken(f"{table}: the same key came twice; nothing was written") from None
            if cursor is not None and cursor_table is not None:
                upsert(connection, cursor_table, cursor)
            if build is not None:
                builds.save_build(connection, build, org)
            if then is not None:
                with self._joining(connection):
                    then()
            return changes

    def start_build(self, table: Table, inputs: Sequence[Table], org: str, *, basis: str, at: datetime) -> builds.Build:
        """See `builds.start_build`."""
        with self.transaction() as connection:
            return builds.start_build(connection, table, inputs, org, basis=basis, at=at)

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
                if is_all_new(connection, table, frames, org):
                    changes = Changes(inserted=_copy_blocks(connection, table, table_name(table), frames, org))
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
        target = table_name(table)
        with self.transaction() as connection:
            connection.execute("DROP TABLE IF EXISTS pg_temp.living")
            connection.execute("CREATE TEMP TABLE living (id bigint) ON COMMIT DROP")
            ids = np.asarray(living_ids, np.int64)
            # Finding doubles costs ten times the memory of the ids, so those that come in order are taken as they are.
            ids = ids if (ids[1:] > ids[:-1]).all() else np.unique(ids)
            copy_in(connection, sql.Identifier("living"), pa.table({"id": ids}))
            held, gone = connection.execute(
                sql.SQL(
                    "SELECT count(*), count(*) FILTER (WHERE living.id IS NULL) FROM {} t LEFT JOIN living USING (id) "
                    "WHERE t.org_id = {} AND t.deleted_at IS NULL"
                ).format(target, org)
            ).fetchone() or (0, 0)
            if guard is not None:
                guard.check(table, org, old=held, gone=gone)
            if gone:
                connection.execute(
                    sql.SQL(
                        "UPDATE {} t SET deleted_at = {} WHERE t.org_id = {} AND t.deleted_at IS NULL "
                        "AND NOT EXISTS (SELECT 1 FROM living WHERE living.id = t.id)"
                    ).format(target, at, org)
                )
            if held - gone == len(ids):
                return gone, []
            missing = connection.execute(
                sql.SQL(
                    "SELECT id FROM living WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE t.org_id = {} AND t.id = living.id "
                    "AND t.deleted_at IS NULL) ORDER BY id"
                ).format(target, org)
            ).fetchall()
        return gone, [row[0] for row in missing]

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
        _copy_blocks(connection, table, sql.Identifier("stage"), frames, org)


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


def _copy_blocks(
    connection: psycopg.Connection[Any], table: Table, target: sql.Identifier, frames: Frames, org: str
) -> int:
    """Appends the frames, each once it has passed the contract; returns the number of rows."""
    rows = 0
    for block in [frames] if isinstance(frames, pd.DataFrame | pa.Table) else frames:
        check_contract(table, block, org)
        arrow = to_arrow(block)
        copy_in(connection, target, arrow)
        rows += arrow.num_rows
    return rows


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
