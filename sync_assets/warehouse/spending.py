"""What a customer spent, looked up in the index or added up from the stored orders, and who was in which segment last.

The formulas do not belong here; see `transforms/spending.py`. Nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg import sql

from sync_assets.clock import utc_now
from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SPENDING
from sync_assets.tables.spec import Table
from sync_assets.transforms.segments import CHANGE_COLUMNS
from sync_assets.transforms.spending import CUSTOMER_COLUMNS, ORDER_COLUMNS, compute_spending
from sync_assets.warehouse.copy import copy_out, select_list, to_arrow, to_frame
from sync_assets.warehouse.warehouse import Warehouse

Answer: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[..., pa.Table]
FIGURES = tuple(name for name in CUSTOMER_SPENDING.frame_columns if name not in ("org_id", "spending_key"))


def get_spending(
    warehouse: Warehouse,
    org: Org,
    *,
    email: str | None = None,
    customer_key: str | None = None,
    time_limit_seconds: float = 8.0,
) -> Answer:
    """What one customer spent, found by e-mail, by key or by both; with both, the key decides whose figures they are.

    `origin` says where the answer is from: `index_email`, `index_cid` or `live` (with the columns of
    marts.customer_spending), `ambiguous` (with `candidates`), `not_found`, or `unavailable` when the time limit was
    reached: then there are no figures at all, since zeros would be a lie.
    """
    asked = {"customer_key": customer_key, "email": email.strip().lower() if email else None}
    try:
        with _reader(warehouse, time_limit_seconds) as read:
            return _look_up(read, org, asked["email"], customer_key) or {"origin": "not_found", **asked}
    except psycopg.errors.QueryCanceled:
        return {"origin": "unavailable", **asked}


def latest_segment_changes(warehouse: Warehouse, org: str) -> pd.DataFrame:
    """The latest change of each customer, with the columns that `compute_segments` compares with."""
    query = sql.SQL(
        "SELECT DISTINCT ON (customer_key) {} FROM {} WHERE org_id = {} ORDER BY customer_key, changed_at DESC"
    ).format(select_list(CUSTOMER_SEGMENT_CHANGES, CHANGE_COLUMNS), _place(CUSTOMER_SEGMENT_CHANGES), org)
    with warehouse.transaction() as connection:
        return to_frame(
            pa.concat_tables(copy_out(connection, query, CUSTOMER_SEGMENT_CHANGES.arrow_schema(CHANGE_COLUMNS)))
        )


@contextmanager
def _reader(warehouse: Warehouse, seconds: float) -> Iterator[Reader]:
    """A function that reads rows of a table until the time is up; then it raises QueryCanceled."""
    ends_at = time.monotonic() + seconds
    with warehouse.transaction() as connection:
        connection.execute("SET TRANSACTION READ ONLY")

        def read(table: Table, names: tuple[str, ...], condition: str, **values: Any) -> pa.Table:
            left = int(1000 * (ends_at - time.monotonic()))
            # PostgreSQL takes 0 for no limit at all.
            connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(max(left, 1)))
            query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
                select_list(table, names),
                _place(table),
                sql.SQL(condition).format(**{name: sql.Literal(value) for name, value in values.items()}),
            )
            return pa.concat_tables(copy_out(connection, query, table.arrow_schema(names)))

        yield read
        # In a dry run the transaction goes on.
        connection.execute("SET LOCAL statement_timeout TO DEFAULT")


def _look_up(read: Reader, org: Org, email: str | None, customer_key: str | None) -> Answer | None:
    """The answer of the first tier that has one; None when there is no customer to ask about."""
    root = _root_of(read, org, customer_key) if customer_key else None
    if email:
        rows = read(
            CUSTOMER_SPENDING,
            FIGURES,
            "org_id = {org} AND spending_key = {email} AND email = {email}",
            org=org.org_id,
            email=email,
        ).to_pylist()
        owned = [row for row in rows if root in (None, row["customer_key"])]
        if len(owned) > 1:
            return _ambiguous(email, owned)
        if owned:
            return {"origin": "index_email", **owned[0]}
    if root is None:
        holders = _holders_of(read, org, email) if email else []
        if len(holders) > 1:
            return _ambiguous(email, holders)
        if not holders:
            return None
        root = holders[0]["customer_key"]
    rows = read(
        CUSTOMER_SPENDING,
        FIGURES,
        "org_id = {org} AND customer_key = {root} AND starts_with(spending_key, 'cid_') LIMIT 1",
        org=org.org_id,
        root=root,
    ).to_pylist()
    return {"origin": "index_cid", **rows[0]} if rows else _add_up_now(read, org, root)


def _root_of(read: Reader, org: Org, customer_key: str) -> str:
    """Root of the customer's family; an unknown customer is asked about as it is."""
    condition = "org_id = {org} AND customer_key = {key}"
    found = read(CUSTOMERS, ("root_customer_key",), condition, org=org.org_id, key=customer_key)
    return found["root_customer_key"][0].as_py() if found.num_rows else customer_key


def _holders_of(read: Reader, org: Org, email: str) -> list[Answer]:
    """The customers whose own e-mail it is, one per source at most."""
    condition = "org_id = {org} AND email = {email} AND email_status = 'valid' AND customer_key = root_customer_key"
    return read(CUSTOMERS, ("customer_key", "source"), condition, org=org.org_id, email=email).to_pylist()


def _ambiguous(email: str | None, rows: list[Answer]) -> Answer:
    candidates = [{"customer_key": row["customer_key"], "source": row["source"]} for row in rows]
    candidates.sort(key=lambda candidate: (candidate["source"], candidate["customer_key"]))
    return {"origin": "ambiguous", "customer_key": None, "email": email, "candidates": candidates}


def _add_up_now(read: Reader, org: Org, root: str) -> Answer | None:
    """The figures of the family's stored orders; None for an unknown customer."""
    family = read(
        CUSTOMERS, CUSTOMER_COLUMNS, "org_id = {org} AND root_customer_key = {root}", org=org.org_id, root=root
    )
    if root not in family["customer_key"].to_pylist():
        return None
    condition = "org_id = {org} AND customer_key = ANY({keys})"
    orders = read(SALES_ORDERS, ORDER_COLUMNS, condition, org=org.org_id, keys=family["customer_key"].to_pylist())
    now = utc_now()
    rows = to_arrow(compute_spending(orders, family, org, updated_at=now).frame).select(FIGURES).to_pylist()
    return {"origin": "live", **(rows[0] if rows else _without_orders(family, root, org, now))}


def _without_orders(family: pa.Table, root: str, org: Org, now: datetime) -> Answer:
    customer = next(row for row in family.to_pylist() if row["customer_key"] == root)
    zeros = {"money": Decimal("0.00"), "integer": 0}
    return {
        **{name: zeros.get(CUSTOMER_SPENDING.column[name].kind) for name in FIGURES},
        **{name: customer[name] for name in ("source", "customer_key", "email")},
        "currency": org.currency,
        "updated_at": now,
    }


def _place(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)
