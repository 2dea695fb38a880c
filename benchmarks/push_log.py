"""`python -m benchmarks.push_log`: the operator's questions to a sync log of 10,000 rows, each in under a second."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from benchmarks.figures import tell
from benchmarks.places import temporary_folder, temporary_warehouse
from sync_assets.cli.push_asking import read_filter
from sync_assets.push import TARGET
from sync_assets.warehouse import Warehouse, push_log

ORG = "bench"
LONGEST = 1.0
FILL = """
INSERT INTO ops.odoo_sync_log (org_id, id, target, push_key, trigger_type, variant_id, variant_sku, status, attempt,
  run_id, idempotency_key, payload_hash, desired_version, request_payload, response_payload, created_at, finished_at)
SELECT %(org)s, lpad(n::text, 12, '0'), %(target)s, sku, (ARRAY['MANUAL_FULL', 'ORDER_SHIPPED', 'SCHEDULED_SYNC'])[1 + n %% 3],
  sku, sku, (ARRAY['SUCCESS', 'SUCCESS', 'SUCCESS', 'FAILED'])[1 + n %% 4], 1, 'run', sku, sku, 1,
  jsonb_build_object('default_code', sku, 'note', repeat('x', 300)), jsonb_build_object('result', repeat('y', 1000)), at, at
FROM (SELECT n, 'SKU-' || n %% 2000 AS sku, timestamptz '2026-01-01' + n * interval '1 minute' AS at
  FROM generate_series(1, %(rows)s) n) numbers
"""
STATES = """
INSERT INTO ops.push_state (org_id, target, push_key, product_id, desired_payload, desired_hash, desired_version,
  source_read_at, desired_at, status, trigger_type)
SELECT %(org)s, %(target)s, 'SKU-' || n, 'p', '{}', 'h', 1, now(), now(), 'completed', 'MANUAL_FULL'
FROM generate_series(1, 2000) n
"""


def main(rows: Annotated[int, typer.Option(min=100, help="Rows of the log.")] = 10_000) -> None:
    with temporary_folder() as folder, temporary_warehouse(folder) as url, Warehouse(url) as warehouse:
        with warehouse.transaction() as connection:
            for statement in (FILL, STATES):
                connection.execute(statement, {"org": ORG, "target": TARGET, "rows": rows})

        def logs(page: int = 1, **chosen: Any) -> Callable[[], Any]:
            names = ("status", "trigger", "sku", "since", "until")
            wanted = read_filter(*(chosen.get(name) for name in names))
            return lambda: push_log.logs(warehouse, ORG, wanted, page=page, limit=50)

        questions = {
            "log": logs(),
            "log, last page": logs(page=rows // 50),
            "log --status FAILED": logs(status="FAILED"),
            "log --trigger ORDER_SHIPPED": logs(trigger="ORDER_SHIPPED"),
            "log --sku sku-19": logs(sku="sku-19"),
            "log --since --until": logs(since="2026-01-03", until="2026-01-04"),
            "log, all filters": logs(status="FAILED", trigger="ORDER_SHIPPED", sku="1", since="2026-01-02"),
            "log ID": lambda: push_log.log(warehouse, ORG, f"{rows // 2:012d}"),
            "stats": lambda: push_log.stats(warehouse, ORG),
            "queue": lambda: push_log.queue(warehouse, ORG, TARGET),
            "export": lambda: push_log.export_rows(warehouse, ORG),
        }
        tell(f"{rows:,} rows, load {os.getloadavg()[0]:.1f}")
        slow = []
        for name, ask in questions.items():
            begun = time.perf_counter()
            ask()
            seconds = time.perf_counter() - begun
            tell(f"  {name:<32}{1000 * seconds:8.1f} ms")
            slow += [name] * (seconds > LONGEST and name != "export")
    raise typer.Exit(1 if slow else 0)


if __name__ == "__main__":
    typer.run(main)
