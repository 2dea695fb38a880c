"""`sync-assets connectors sync` and `test-connection` for exports: what they say, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync_assets_tests.defs.support import Command, Project, open_project
from sync_assets_tests.sources.isavigne.support import copy_case, touch


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command) -> Iterator[Project]:
    """An organisation with the files of case 37 but the one that brings the missing product."""
    folder = copy_case(37, tmp_path / "exports")
    (folder / "produits_2025-12-01.csv").rename(tmp_path / "produits_2025-12-01.csv")
    with open_project(database, tmp_path, monkeypatch) as opened:
        source = {"export_path": str(folder), "settle_seconds": 0, "max_age_days": 3650, "reject_limit": 0.8}
        opened.add("cave", {"name": "Cave"}, isavigne=source)
        yield opened


def test_sync_now_and_a_held_sale_that_comes_in_when_its_product_does(
    project: Project, command: Command, tmp_path: Path
) -> None:
    code, out, _ = command("test-connection", "cave", "--json")
    assert {row["check"]: row["status"] for row in json.loads(out)} == {
        "folder": "good", "produits": "good", "clients": "good", "ventes": "good", "stock": "warning",
        "contacts": "skipped",
    }  # fmt: skip
    assert code == 3
    code, out, _ = command("connectors", "sync", "cave", "isavigne", "--json")
    told = json.loads(out)
    assert (code, told["failures"], told["run"]["state"]) == (0, [], "ok")
    assert told["run"]["records_processed"]["raw.isavigne_ventes"] == 3
    held = "SELECT code, resolution FROM ops.rejected_rows WHERE severity = 'error' ORDER BY 1"
    assert project.rows(held) == [
        {"code": "unknown_customer", "resolution": None},
        {"code": "unknown_product", "resolution": None},
    ]
    arriving = (tmp_path / "produits_2025-12-01.csv").rename(tmp_path / "exports" / "produits_2025-12-01.csv")
    touch(arriving, datetime(2025, 12, 1, tzinfo=UTC))
    command("connectors", "sync", "cave", "isavigne")
    assert project.rows(held) == [
        {"code": "unknown_customer", "resolution": None},
        {"code": "unknown_product", "resolution": "replayed"},
    ]
    assert len(project.rows("SELECT 1 FROM canonical.sales_lines")) == 2
    code, out, _ = command("rejects", "list", "cave", "--state", "resolved", "--json")
    assert [(row["code"], row["resolution"]) for row in json.loads(out)] == [("unknown_product", "replayed")]

    # What is syncing already is refused, and what nobody knows is an error.
    project.warehouse.lock("cave")
    code, _, _ = command("connectors", "sync", "cave", "isavigne")
    assert code == 1
    code, out, _ = command("connectors", "history", "cave", "isavigne", "--json")
    assert json.loads(out)[0]["state"] == "already_running"
    code, _, err = command("connectors", "sync", "cave", "teapot")
    assert (code, "there is no connector 'teapot'; it has: isavigne" in err) == (2, True)
