"""Spending: stored canonical orders of one large shop to the spending index and the segments, through the warehouse.

Beside it DuckDB computes the same figures straight from Parquet files, without a database to read from or write to.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, paired_ratio, tell
from benchmarks.places import ORG, STARTED_AT, analyze, empty_schemas, temporary_folder, temporary_warehouse
from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.tables.spec import Table
from sync_assets.transforms import segments, spending
from sync_assets.transforms.segments import compute_segments
from sync_assets.transforms.spending import compute_spending
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.spending import latest_segment_changes

ORDERS_PER_CUSTOMER = 5
YEARS = 3
FIRST, AGAIN, DUCK = "all, first run", "all, nothing changed", "DuckDB from Parquet, computing only"
STEPS = ("read", "compute", "write")
PEOPLE_COLUMNS = tuple(dict.fromkeys((*spending.CUSTOMER_COLUMNS, *segments.CUSTOMER_COLUMNS)))
SETTINGS = Org(org_id=ORG, name="Bench", currency="USD")


def measure(orders: int, rounds: int) -> list[Figure]:
    """Every step of a first run, the whole run, a run in which nothing has changed, and DuckDB; all give equal sums."""
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        customers = max(orders // ORDERS_PER_CUSTOMER, 1)
        tell(f"spending: generating {customers:,} customers, {orders:,} orders")
        _fill(url, folder, orders, customers)

        def run_first() -> dict[str, Any]:
            empty_schemas(url, ("marts",))
            result = run_apart(run, url)
            analyze(url)
            return result

        found = in_turn(
            rounds,
            {FIRST: run_first, AGAIN: lambda: run_apart(run, url), DUCK: lambda: run_apart(run_duck, str(folder))},
        )
    answers = {str(result["answer"]) for results in found.values() for result in results}
    assert len(answers) == 1, answers
    # Computing is what both do; the rest is the price of a database that others can read while it is written.
    computing = [{"seconds": result["compute"]} for result in found[FIRST]]
    ratios = {"compute": paired_ratio(computing, found[DUCK])}
    figures = [
        Figure(f"{step}, first run", middle(found[FIRST], step), ratio=ratios.get(step), against="DuckDB")
        for step in STEPS
    ]
    for name in (FIRST, AGAIN, DUCK):
        ratio = None if name == DUCK else paired_ratio(found[name], found[DUCK])
        against = "" if name == DUCK else "DuckDB"
        figures.append(Figure(name, middle(found[name]), orders, ratio, against, middle(found[name], "peak_mb")))
    return figures


def run(url: str) -> dict[str, Any]:
    """Reads, computes and writes as the assets do, in this process."""
    with Warehouse(url) as warehouse:
        moments = [time.perf_counter()]
        orders = warehouse.read(SALES_ORDERS, ORG, spending.ORDER_COLUMNS)
        people = warehouse.read(CUSTOMERS, ORG, PEOPLE_COLUMNS)
        last = latest_segment_changes(warehouse, ORG)
        moments.append(time.perf_counter())
        spent = compute_spending(orders, people, SETTINGS, updated_at=STARTED_AT)
        found = compute_segments(people, spent.frame, last, SETTINGS, as_of=STARTED_AT)
        moments.append(time.perf_counter())
        warehouse.replace(CUSTOMER_SPENDING, spent.frame, ORG)
        warehouse.merge(CUSTOMER_SEGMENT_CHANGES, found.changes, ORG)
        warehouse.replace(CUSTOMER_SEGMENTS, found.frame, ORG)
        moments.append(time.perf_counter())
    sizes = {name: found.counts[f"segment_{name}"] for name in sorted(found.frame["segment"].unique())}
    return {
        "seconds": moments[-1] - moments[0],
        **dict(zip(STEPS, np.diff(moments).tolist(), strict=True)),
        "answer": (str(found.frame["total_spent"].sum()), int(found.frame["order_count"].sum()), sizes),
    }


def run_duck(folder: str) -> dict[str, Any]:
    """The figures and segments with DuckDB, kept in its memory."""
    import duckdb

    begun = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(DUCK_QUERY, {"folder": folder, "as_of": STARTED_AT})
        seconds = time.perf_counter() - begun
        total, count = connection.execute("SELECT sum(total_spent), sum(order_count) FROM segmented").fetchone() or ()
        sizes = connection.execute("SELECT segment, count(*) FROM segmented GROUP BY 1 ORDER BY 1").fetchall()
    return {"seconds": seconds, "answer": (str(total), int(count), dict(sizes))}


DUCK_QUERY = """
CREATE TABLE segmented AS
WITH spent AS (
  SELECT customer_key,
    sum(total) FILTER (WHERE is_counted) AS total_spent,
    count(*) FILTER (WHERE is_counted AND total >= 0) AS order_count,
    min(ordered_at) FILTER (WHERE is_counted AND total >= 0) AS first_order_date,
    max(ordered_at) FILTER (WHERE is_counted AND total >= 0) AS last_order_date,
    count(*) FILTER (WHERE is_counted AND total < 0) AS refund_count,
    sum(total) FILTER (WHERE is_counted AND total < 0) AS refund_total,
    count(*) FILTER (WHERE NOT is_counted) AS excluded_count,
    sum(total) FILTER (WHERE NOT is_counted) AS excluded_total, sum(total) AS gross_total
  FROM read_parquet($folder || '/orders.parquet') GROUP BY customer_key
), known AS (
  SELECT c.customer_key, c.email, coalesce(s.total_spent, 0) AS total_spent, coalesce(s.order_count, 0) AS order_count,
    round(s.total_spent / nullif(s.order_count, 0), 2) AS avg_order_value, s.* EXCLUDE (customer_key, total_spent, order_count),
    floor(epoch($as_of::timestamptz - s.last_order_date) / 86400) AS days
  FROM read_parquet($folder || '/customers.parquet') c LEFT JOIN spent s USING (customer_key)
)
SELECT *, CASE WHEN order_count = 0 AND days IS NULL THEN 'new' WHEN total_spent >= 1000 AND order_count >= 10 THEN 'vip'
  WHEN order_count >= 5 AND days < 60 THEN 'loyal' WHEN days > 90 THEN 'churned' WHEN days > 45 THEN 'at_risk'
  WHEN order_count >= 2 THEN 'returning' ELSE 'new' END AS segment
FROM known
"""


def _fill(url: str, folder: Path, orders: int, customers: int) -> None:
    """The same invented shop in PostgreSQL and in Parquet files; a fifth of the customers has an e-mail."""
    random = np.random.default_rng(7)
    numbers = pc.cast(pa.array(np.arange(customers)), pa.string())
    keys = pc.binary_join_element_wise("alleaves", numbers, "-")
    emails = pc.if_else(
        pa.array(random.random(customers) < 0.2),
        pc.binary_join_element_wise("person", numbers, "@shop.example", ""),
        pa.scalar(None, pa.string()),
    )
    no = pa.repeat(False, customers)
    people = {
        "customer_key": keys,
        "root_customer_key": keys,
        "source_id": numbers,
        "display_name": keys,
        "email": emails,
        "email_status": pc.if_else(pc.is_valid(emails), "valid", "missing"),
        **dict.fromkeys(("is_company", "email_opt_out", "sms_opt_out", "phone_opt_out"), no),
        "is_active": pa.repeat(True, customers),
    }
    # Few customers buy often, most of them seldom.
    buyers = (customers * random.random(orders) ** 2).astype(np.int64)
    end = int(datetime.timestamp(STARTED_AT))
    moments = end - (YEARS * 365 * 86_400 * random.random(orders)).astype(np.int64)
    ids = pc.cast(pa.array(np.arange(orders)), pa.string())
    cents = np.where(random.random(orders) < 0.02, -1, 1) * random.integers(0, 30_000, orders)
    bought = {
        "order_key": pc.binary_join_element_wise("alleaves", ids, "-"),
        "source_id": ids,
        "customer_key": keys.take(pa.array(buyers)),
        "ordered_at": pa.array(moments * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
        "total": pc.multiply(pa.array(cents).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.01"))),
        "currency": pa.repeat("USD", orders),
        "company_currency": pa.repeat("USD", orders),
        "status": pa.repeat("completed", orders),
        "is_counted": pa.array(random.random(orders) < 0.95),
        "channel": pa.repeat("store", orders),
    }
    with Warehouse(url) as warehouse:
        for table, columns, name in ((CUSTOMERS, people, "customers"), (SALES_ORDERS, bought, "orders")):
            rows = _rows(table, columns)
            pq.write_table(rows, folder / f"{name}.parquet")
            warehouse.replace(table, rows, ORG)
    analyze(url)


def _rows(table: Table, columns: dict[str, Any]) -> pa.Table:
    size = len(next(iter(columns.values())))
    fixed = {"org_id": ORG, "source": "alleaves", "synced_at": STARTED_AT.astimezone(UTC)}
    arrays = {}
    for field in table.arrow_schema():
        if field.name in columns:
            arrays[field.name] = columns[field.name].cast(field.type)
        else:
            arrays[field.name] = pa.repeat(pa.scalar(fixed.get(field.name), field.type), size)
    return pa.table(arrays)
