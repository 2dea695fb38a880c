"""iSaVigne exports end to end: real files, real jobs, PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_assets.settings import PROJECT_ROOT
from sync_assets_tests.defs.support import Project, open_project

DELIVERY = PROJECT_ROOT / "data" / "isavigne" / "maison-verdel"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DELIVERY, tmp_path / "exports"))


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Project]:
    with open_project(database, tmp_path, monkeypatch) as opened:
        connection = {"export_path": str(folder), "settle_seconds": 0, "max_age_days": 3650}
        opened.add("cave", {"name": "Cave"}, isavigne=connection)
        yield opened


def count(project: Project, table: str) -> int:
    return int(project.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


def status(project: Project) -> str:
    return str(project.rows("SELECT state FROM ops.sync_status WHERE source = 'isavigne'")[0]["state"])


def test_a_delivery_ends_in_the_canonical_tables_and_marts(project: Project) -> None:
    project.run_ok("cave", "isavigne_sync")
    assert (project.last_run("cave")["status"], status(project)) == ("ok", "success")
    assert count(project, "canonical.customers") == count(project, "raw.isavigne_clients") == 120
    assert count(project, "canonical.product_catalog") == count(project, "raw.isavigne_produits")
    lines, raw = count(project, "canonical.sales_lines"), count(project, "raw.isavigne_ventes")
    held = count(project, "ops.rejected_rows WHERE entity = 'canonical.sales_lines' AND severity = 'error'")
    assert 0 < lines <= raw
    assert lines + held == raw
    spent = "SELECT sum(total_spent) AS n FROM marts.customer_spending WHERE spending_key LIKE 'cid_%%'"
    total = "SELECT sum(total) AS n FROM canonical.sales_orders WHERE is_counted AND customer_key IS NOT NULL"
    assert project.rows(spent) == project.rows(total)
    assert count(project, "canonical.customer_metrics") == 120


def test_a_second_run_reads_no_file_and_writes_no_row(project: Project) -> None:
    project.sync_ok("cave", "isavigne_sync")
    before = project.versions("raw", "canonical", "marts")
    project.sync_ok("cave", "isavigne_sync")
    after = project.versions("raw", "canonical", "marts")
    before.pop("marts.customer_avatars"), after.pop("marts.customer_avatars")
    assert after == before


def test_a_bad_file_changes_nothing_and_stops_no_other(project: Project, folder: Path) -> None:
    project.sync_ok("cave", "isavigne_sync")
    (folder / "produits_2026-12-01.csv").write_text("couleur;prix\nRouge;12,50\n", encoding="utf-8")
    (folder / "clients_2026-12-01.csv").write_text("code_client;nom\nZ999;Odile Bertin\n", encoding="utf-8")
    products = count(project, "canonical.product_catalog")
    result = project.sync("cave", "isavigne_sync")
    assert result.failures == {}
    run = project.last_run("cave")
    assert (run["status"], status(project)) == ("partial", "partial")
    assert "produits_2026-12-01.csv" in run["errors"][0]["message"]
    assert count(project, "canonical.product_catalog") == products
    assert count(project, "canonical.customers WHERE customer_key = 'isavigne-Z999'") == 1
    (folder / "produits_2026-12-01.csv").unlink()
    project.sync_ok("cave", "isavigne_sync")
    assert status(project) == "success"
