"""The commands of the push: what they print, write and answer to wrong values."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync_assets.cli import app
from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.vendor import Fault
from sync_assets_tests.push.support import ORG, World


def command(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["push", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def answer(*arguments: str, code: int = 0) -> Any:
    return json.loads(command(*arguments, "--json", code=code))


def test_plan_push_and_tell(wired: World) -> None:
    wired.stock("A1", 9)
    wired.stock("B2", 3)
    assert answer("full", ORG, "--dry-run")["plan"] == {"A1": "create", "B2": "create"}
    assert wired.held() == {}
    pushed = answer("full", ORG)
    assert (pushed["success"], pushed["message"], pushed["triggerType"]) == (True, "completed", "MANUAL_FULL")
    assert wired.held() == {"A1": 9, "B2": 3}
    assert answer("full", ORG)["calls"] == 0
    assert answer("sku", ORG, "B2", "--force")["calls"] == 1
    job = answer("job", ORG, pushed["jobId"])
    assert (job["found"], job["state"], job["progress"]) == (True, "completed", 100)
    assert answer("job", ORG, "nothing", code=1)["found"] is False
    assert answer("queue", ORG) == {
        **{"waiting": 0, "active": 0, "completed": 2, "failed": 0, "delayed": 0},
        "total": 2,
    }
    stats = answer("stats", ORG, "--days", "1")
    assert (stats["total"], stats["successRate"], stats["byTrigger"]) == (
        3,
        "100.00",
        {"MANUAL_FULL": 2, "MANUAL_SINGLE": 1},
    )
    assert "Connected." in command("status", ORG)


def test_the_log_by_each_filter_and_one_row(wired: World, tmp_path: Path) -> None:
    for sku in ("A1", "B2", "=C3"):
        wired.stock(sku, 9)
    wired.vendor.add_faults([Fault("business_error", "create", sku="B2", code="no_such_partner")])
    command("full", ORG, code=3)

    def found(*filters: str) -> list[str]:
        return sorted(row["variant_sku"] for row in answer("log", ORG, *filters)["logs"])

    assert found("--status", "FAILED") == ["B2"]
    assert found("--trigger", "MANUAL_FULL") == ["=C3", "A1", "B2"]
    assert found("--trigger", "ORDER_SHIPPED") == []
    assert found("--sku", "a") == ["A1"]
    day = f"{wired.log()[0]['created_at']:%Y-%m-%d}"
    assert len(found("--since", day, "--until", day)) == 3
    assert found("--until", "2026-01-01") == []
    paged = answer("log", ORG, "--limit", "2", "--page", "2")
    assert (len(paged["logs"]), paged["pagination"]) == (1, {"page": 2, "limit": 2, "total": 3, "pages": 2})
    failed = answer("log", ORG, "--status", "FAILED")["logs"][0]
    assert answer("log", ORG, failed["id"]) == failed
    assert failed["error_code"] == "no_such_partner"
    file = tmp_path / "log.csv"
    command("export", ORG, "--sku", "c3", "--output", str(file))
    with file.open(encoding="utf-8", newline="") as opened:
        header, row = csv.reader(opened)
    assert dict(zip(header, row, strict=True))["variant_sku"] == "'=C3"
    wired.vendor.faults.clear()
    assert answer("retry", ORG, "--sku", "B2") == [{"items_that_wait_again": 1}]
    assert answer("full", ORG)["succeeded"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("log", ORG, "--status", "DONE"), "status 'DONE' is not one of SUCCESS, FAILED, PENDING"),
        (
            ("export", ORG, "--trigger", "SOMETIME"),
            "'SOMETIME' is not one of MANUAL_FULL, MANUAL_SINGLE, ORDER_SHIPPED",
        ),
        (("log", ORG, "--since", "yesterday"), "'yesterday' is no date"),
        (("log", ORG, "no-such-id"), "acme has no log row no-such-id"),
        (("retry", ORG), "--sku, or take all with --all"),
        (("log", "nobody"), "Unknown organisation 'nobody'"),
    ],
)
def test_a_wrong_value_is_one_line(wired: World, arguments: tuple[str, ...], message: str) -> None:
    """`main` prints the message and ends with exit code 2."""
    with pytest.raises(ConfigurationError, match=message):
        CliRunner().invoke(app, ["push", *arguments], catch_exceptions=False)


def test_the_self_test_says_its_six_steps(wired: World) -> None:
    lines = command("self-test", ORG).splitlines()
    assert [line.split(":")[0] for line in lines[:6]] == [f"Step {number}" for number in range(1, 7)]
    assert lines[6] == "All six steps passed."
    wired.vendor.server_down()
    assert "Step 4: failed" in command("self-test", ORG, code=1)
