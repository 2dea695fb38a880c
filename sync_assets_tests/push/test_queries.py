"""Operator queries on the sync log, its retention, the connection test and the self-test."""

from __future__ import annotations

import gzip
import time
from datetime import datetime, timedelta

import orjson
import psycopg
import pytest

from sync_assets.clock import utc_now
from sync_assets.errors import ConfigurationError
from sync_assets.push import check_target, self_test
from sync_assets.sandbox.vendor import Fault
from sync_assets.warehouse import Warehouse, push_log
from sync_assets.warehouse.push_log import LogFilter
from sync_assets_tests.push.support import EPOCH, ORG, TARGET, World

MANY = """
INSERT INTO ops.odoo_sync_log (org_id, id, target, push_key, trigger_type, variant_sku, status, attempt, run_id,
  idempotency_key, payload_hash, desired_version, created_at)
SELECT %(org)s, to_char(n, 'FM000000'), 'vendor_api', 'A-' || n, CASE WHEN n %% 2 = 0 THEN 'MANUAL_FULL' ELSE 'TEST' END,
  'A_' || n, CASE WHEN n <= %(failed)s THEN 'FAILED' ELSE 'SUCCESS' END, 1, 'r', 'k', 'h', 1,
  %(start)s + n * interval '1 minute' FROM generate_series(1, %(rows)s) n
"""


def fill(warehouse: Warehouse, rows: int, *, failed: int = 0, org: str = ORG, start: datetime = EPOCH) -> None:
    with warehouse.transaction() as connection:
        connection.execute(MANY, {"org": org, "rows": rows, "failed": failed, "start": start})


def test_stats_are_those_of_the_requirement(warehouse: Warehouse) -> None:
    assert push_log.stats(warehouse, ORG)["successRate"] == "0.00"
    fill(warehouse, 500, failed=15)
    found = push_log.stats(warehouse, ORG)
    assert {name: found[name] for name in ("total", "successful", "failed", "successRate", "byTrigger")} == {
        "total": 500,
        "successful": 485,
        "failed": 15,
        "successRate": "97.00",
        "byTrigger": {"MANUAL_FULL": 250, "TEST": 250},
    }
    assert [row["id"] for row in found["recent"]] == [f"{n:06d}" for n in range(500, 490, -1)]


def test_pages_and_filters(warehouse: Warehouse) -> None:
    fill(warehouse, 120, failed=20)
    fill(warehouse, 3, org="other")
    assert push_log.logs(warehouse, ORG)["pagination"] == {"page": 1, "limit": 50, "total": 120, "pages": 3}
    assert push_log.logs(warehouse, ORG, page=9)["logs"] == []
    assert push_log.logs(warehouse, "nobody")["pagination"]["pages"] == 0

    def total(**chosen: object) -> int:
        return push_log.logs(warehouse, ORG, LogFilter(**chosen))["pagination"]["total"]  # type: ignore[arg-type]

    assert total(status="FAILED") == 20
    assert total(trigger_type="TEST") == 60
    # A_1, A_10 to A_19, A_100 to A_120; as a wildcard the underscore would find the same, the percent sign all.
    assert (total(sku="a_1"), total(sku="%"), total(sku="A_120")) == (32, 0, 1)
    assert total(since=EPOCH + timedelta(minutes=101), before=EPOCH + timedelta(minutes=111)) == 10
    with pytest.raises(ConfigurationError, match="status 'GOOD' is not one of SUCCESS, FAILED, PENDING"):
        LogFilter(status="GOOD")
    assert push_log.log(warehouse, "other", "000100") is None
    assert (push_log.log(warehouse, ORG, "000100") or {})["variant_sku"] == "A_100"


def test_ten_thousand_rows_answer_in_under_a_second(warehouse: Warehouse) -> None:
    fill(warehouse, 10_000)
    begun = time.perf_counter()
    push_log.logs(warehouse, ORG, LogFilter(sku="A_99"), page=2)
    push_log.stats(warehouse, ORG)
    assert time.perf_counter() - begun < 1


def test_old_rows_are_archived_and_exported_by_month(warehouse: Warehouse) -> None:
    fill(warehouse, 10)
    fill(warehouse, 2, org="other")
    at = EPOCH + timedelta(days=90, minutes=6)
    assert push_log.archive_logs(warehouse, ORG, days=90, at=at) == 5
    assert push_log.logs(warehouse, ORG)["pagination"]["total"] == 5
    lines = gzip.decompress(push_log.archive_month(warehouse, ORG, "2026-01")).splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == [f"{n:06d}" for n in range(1, 6)]
    assert push_log.log(warehouse, ORG, "000001") is not None


def test_an_export_has_no_formulas(warehouse: Warehouse) -> None:
    fill(warehouse, 2)
    warehouse.query("UPDATE ops.odoo_sync_log SET variant_sku = '=1+1' WHERE id = '000002' RETURNING 1")
    rows = push_log.export_rows(warehouse, ORG)
    place = rows[0].index("variant_sku")
    assert [row[place] for row in rows] == ["variant_sku", "'=1+1", "A_1"]


def test_the_job_and_the_queue_of_a_push(world: World) -> None:
    for sku in ("A-1", "A-2"):
        world.stock(sku, 5)
    result = world.push(run_id="job-1")
    job = push_log.job(world.warehouse, ORG, "job-1")
    assert (job["found"], job["state"], job["progress"], job["result"]["succeeded"]) == (True, "completed", 100, 2)
    assert result["totalVariants"] == 2
    assert push_log.job(world.warehouse, ORG, "job-2")["found"] is False
    assert push_log.queue(world.warehouse, ORG, TARGET) == {
        "waiting": 0,
        "active": 0,
        "completed": 2,
        "failed": 0,
        "delayed": 0,
        "total": 2,
    }
    assert push_log.due(world.warehouse, ORG, TARGET, at=utc_now()) == 0


def test_a_log_that_cannot_be_written_does_not_push_again(world: World) -> None:
    world.stock("A-1", 5)
    with world.warehouse.transaction() as connection:
        connection.execute("ALTER TABLE ops.odoo_sync_log ADD CHECK (status = 'PENDING')")
    result = world.push()
    assert (result["succeeded"], len(result["problems"])) == (1, 1)
    assert world.push()["calls"] == 0
    assert psycopg.errors.CheckViolation.__name__ in result["problems"][0]


def test_the_connection_test_prints_its_steps(world: World) -> None:
    report = check_target(world.warehouse, world.org)
    assert report.exit_code == 0
    assert report.lines[0] == "Target: vendor_api (organisation acme)"
    assert report.lines[4] == "Step 1: Checking the settings ......... ok"
    assert report.lines[5].startswith("Step 2: Reaching the server ........... ok (")
    assert report.lines[6:] == ["Step 3: Reading an unknown SKU ........ ok (product_not_found)", "Connected."]
    assert world.vendor.api_key not in "\n".join(report.lines)
    assert world.routes() == ["read"]


@pytest.mark.parametrize(
    ("fault", "line", "code"),
    [
        ("401", "The token was refused", 2),
        ("403", "The partner id is not allowed for this token", 2),
        ("404", "No vendor API at this address", 2),
        ("html_200", "No vendor API at this address", 2),
        ("odoo_exception", "The server answered, but its vendor module raised an error", 1),
    ],
)
def test_the_connection_test_says_what_is_wrong(world: World, fault: str, line: str, code: int) -> None:
    world.vendor.add_faults([Fault(fault, times=1)])
    report = check_target(world.warehouse, world.org)
    assert (report.lines[-1], report.exit_code) == (line, code)


def test_the_self_test_has_six_steps(world: World) -> None:
    report = self_test(world.warehouse, world.org)
    assert report.exit_code == 0, report.lines
    assert "Available stock: 90 units" in report.lines[2]
    assert len(report.lines) == 7
    assert world.held() == {"TEST-LOCAL-001": 90}
    world.use(url="https://odoo.example.test")
    assert self_test(world.warehouse, world.org).exit_code == 2
