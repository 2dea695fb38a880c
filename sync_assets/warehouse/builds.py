"""Whether a computed table still is what its inputs make of it, so that it need not be computed again.

What a table is computed from, and how, does not belong here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from sync_assets.tables.ops import TABLE_BUILDS
from sync_assets.tables.spec import Table
from sync_assets.warehouse.statements import table_name, upsert

Report = dict[str, Any]


@dataclass(frozen=True)
class Build:
    """One computation of `table`: `inputs` says what it starts from, `report` is what to keep for the next one to tell.

    `last_report` is the report of the last computation when that would give the same rows again, else None; `rows` is
    the number of rows that the table holds.
    """

    table: Table
    inputs: str
    at: datetime
    rows: int = 0
    last_report: Report | None = None
    report: Callable[[], Report] = dict


def start_build(
    connection: psycopg.Connection[Any], table: Table, inputs: Sequence[Table], org: str, *, basis: str, at: datetime
) -> Build:
    """Looks at the inputs before they are read; `basis` is all else that the rows depend on: code, settings, year."""
    states = [f"{one}={_state(connection, one, org)}" for one in inputs]
    fingerprint = hashlib.sha256("\n".join([basis, *states]).encode()).hexdigest()
    state = _state(connection, table, org)
    row = connection.execute(
        "SELECT report FROM ops.table_builds WHERE org_id = %s AND table_name = %s AND inputs = %s AND content = %s",
        [org, str(table), fingerprint, state],
    ).fetchone()
    return Build(table, fingerprint, at, int(state.partition(":")[0]), row[0] if row else None)


def save_build(connection: psycopg.Connection[Any], build: Build, org: str) -> None:
    """Keeps what `build.table` was computed from; to be called in the transaction that wrote the rows."""
    row = {
        "org_id": org,
        "table_name": str(build.table),
        "inputs": build.inputs,
        "content": _state(connection, build.table, org),
        "report": build.report(),
        "built_at": build.at,
    }
    upsert(connection, TABLE_BUILDS, row)


def _state(connection: psycopg.Connection[Any], table: Table, org: str) -> str:
    """Number of the organisation's rows and sum of the transactions that wrote them.

    PostgreSQL stamps every row version with its transaction, and later transactions have higher numbers. As long as
    there are as many rows with the same sum, nobody has written any: neither this project nor anyone else.
    """
    query = sql.SQL("SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {} WHERE org_id = {}").format(
        table_name(table), org
    )
    rows, stamps = connection.execute(query).fetchone() or (0, 0)
    return f"{rows}:{stamps}"
