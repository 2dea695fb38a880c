"""Rejects from real runs: listed, counted, replayed after a fix, dismissed, exported; and what quality and connectors say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_assets.connections import Org, load_connections
from sync_assets.connectors import list_connectors, read_metrics, required_config, run_history, show_connector
from sync_assets.errors import ConfigurationError
from sync_assets.replaying import replay, replay_job
from sync_assets.reports_quality import anomalies_csv, quality_csv, quality_json, quality_report
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.warehouse import books, reject_books, rejects
from sync_assets_tests.defs.support import Command, Project, add_family, add_order, add_product, open_project

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def shop(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odoo: OdooSandbox) -> Iterator[Project]:
    """Six orders, one of them for a product whose raw row is lost."""
    with open_project(database, tmp_path, monkeypatch) as project:
        project.add_org("acme", odoo)
        family, wine, lost = add_family(odoo), add_product(odoo), add_product(odoo, "Pinot Noir 2021")
        for _ in range(5):
            add_order(odoo, family.root, wine)
        add_order(odoo, family.root, lost)
        project.sync_ok()
        with project.warehouse.transaction() as connection:
            connection.execute("CREATE TABLE public.lost AS SELECT * FROM raw.odoo_products WHERE id = %s", [lost])
            connection.execute("DELETE FROM raw.odoo_products WHERE id = %s", [lost])
        project.sync_ok(job="remap")
        yield project


def find_again(project: Project) -> None:
    with project.warehouse.transaction() as connection:
        connection.execute("INSERT INTO raw.odoo_products SELECT * FROM public.lost")


def without_product(project: Project) -> int:
    return int(project.rows("SELECT count(*) AS n FROM canonical.sales_lines WHERE product_key IS NULL")[0]["n"])


def reject_of(project: Project, **filters: str) -> dict[str, Any]:
    (row,) = rejects.list_rejects(project.warehouse, "acme", **{"severity": "error", **filters})
    return row


def test_a_replay_resolves_what_can_be_understood_now(shop: Project) -> None:
    assert without_product(shop) == 1
    before = reject_of(shop)
    assert (before["source"], before["code"], before["resolved_at"]) == ("odoo", "unknown_product", None)
    done = replay(shop.warehouse, "acme", lambda: shop.sync_ok(job="remap"))
    assert (done.tried, done.resolved, done.still_open, done.newly_open) == (1, [], 1, 0)
    find_again(shop)
    done = replay(shop.warehouse, "acme", lambda: shop.sync_ok(job="remap"))
    assert (done.tried, done.still_open, done.newly_open) == (1, 0, 0)
    assert [(row["reject_id"], row["resolution"]) for row in done.resolved] == [(before["reject_id"], "replayed")]
    assert without_product(shop) == 0
    assert rejects.open_errors(shop.warehouse, "acme") == set()


def test_the_replay_of_exports_reads_their_files_again() -> None:
    exports = {"isavigne": {"export_path": "."}}
    assert replay_job(Org.model_validate({"org_id": "cave", "name": "Cave", "sources": exports})) == "isavigne_sync"
    assert replay_job(Org(org_id="acme", name="Acme")) == "remap"


def test_a_dismissed_reject_stays_closed_until_its_value_changes(shop: Project) -> None:
    reject = reject_of(shop)
    rejects.dismiss_reject(shop.warehouse, "acme", reject["reject_id"][:8], at=NOW)
    shop.sync_ok(job="remap")
    row = rejects.read_reject(shop.warehouse, "acme", reject["reject_id"])
    assert (row["resolution"], row["resolved_at"]) == ("dismissed", NOW)
    with pytest.raises(ConfigurationError, match="closed already"):
        rejects.dismiss_reject(shop.warehouse, "acme", reject["reject_id"], at=NOW)
    columns = ("entity", "record_key", "column_name", "code", "severity", "message")
    again = {name: reject[name] for name in columns} | {"raw_value": "something else"}
    reject_books.save_rejects(shop.warehouse, "acme", "odoo", [again], run_id="r9", at=NOW)
    assert reject_of(shop)["raw_value"] == "something else"


def test_filters_and_pages(shop: Project) -> None:
    found = [
        {"entity": "res.partner", "record_key": str(n), "column_name": "email", "raw_value": f"=bad{n}", "code": code,
         "severity": "warning", "message": "No e-mail address."}
        for n, code in [(2, "bad_email"), (10, "bad_email"), (3, "bad_phone")]
    ]  # fmt: skip
    reject_books.save_rejects(shop.warehouse, "acme", "till", found, run_id="r1", at=NOW)
    listed = rejects.list_rejects(shop.warehouse, "acme", source="till")
    assert [(row["code"], row["record_key"]) for row in listed] == [
        ("bad_email", "2"), ("bad_email", "10"), ("bad_phone", "3"),
    ]  # fmt: skip
    page = rejects.list_rejects(shop.warehouse, "acme", source="till", limit=1, offset=1)
    assert [row["record_key"] for row in page] == ["10"]
    assert rejects.list_rejects(shop.warehouse, "acme", source="till", state="resolved") == []
    assert rejects.list_rejects(shop.warehouse, "other", source="till") == []
    counted = rejects.count_rejects(shop.warehouse, "acme", source="till")
    assert [(row["code"], row["rows"]) for row in counted] == [("bad_email", 2), ("bad_phone", 1)]
    with pytest.raises(KeyError, match="no filter 'password'"):
        rejects.list_rejects(shop.warehouse, "acme", password="x")
    with pytest.raises(ConfigurationError, match="is no reject"):
        rejects.read_reject(shop.warehouse, "acme", "zzz")
    with pytest.raises(ConfigurationError, match="several ids"):
        rejects.read_reject(shop.warehouse, "acme", "")


def test_the_commands(command: Command, shop: Project, tmp_path: Path) -> None:
    # The fixture of the command writes its own connections file; write the shop's again.
    shop.add("acme", {k: v for k, v in shop.orgs["acme"].items() if k != "sources"}, **shop.orgs["acme"]["sources"])
    code, out, _ = command("rejects", "list", "acme", "--severity", "error", "--json")
    (row,) = json.loads(out)
    assert (code, row["code"]) == (0, "unknown_product")
    assert "raw_value" not in row
    code, out, _ = command("rejects", "show", "acme", row["id"], "--json")
    assert json.loads(out)["code"] == "unknown_product"
    code, out, _ = command("rejects", "counts", "acme", "--code", "unknown_product")
    assert "unknown_product" in out
    target = tmp_path / "rejects.csv"
    reject_books.save_rejects(
        shop.warehouse, "acme", "odoo",
        [{"entity": "e", "code": "c", "severity": "warning", "message": "m", "record_key": "1", "raw_value": "=1+1"}],
        run_id="r", at=NOW,
    )  # fmt: skip
    command("rejects", "export", "acme", str(target))
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert "'=1+1" in [row["raw_value"] for row in rows]
    code, _, err = command("rejects", "list", "acme", "--state", "gone")
    assert (code, "choose open, resolved or all" in err) == (2, True)
    code, out, _ = command("rejects", "dismiss", "acme", row["id"])
    assert (code, out.startswith(f"Dismissed {row['id']}")) == (0, True)
    code, _, err = command("rejects", "dismiss", "acme", row["id"])
    assert (code, "closed already" in err) == (2, True)

    page = tmp_path / "quality.html"
    code, out, _ = command("quality", "acme", "--html", str(page), "--anomalies", str(tmp_path / "a.csv"))
    assert code == 0
    assert "of 100" in out
    assert "<title>Data quality: Acme</title>" in page.read_text(encoding="utf-8")
    code, out, _ = command("quality", "acme", "--json")
    assert json.loads(out)["organisation"] == "acme"
    code, _, err = command("quality", "acme", "--html", str(tmp_path))
    assert (code, "cannot be written" in err) == (2, True)

    code, out, _ = command("connectors")
    assert (code, "healthy" in out) == (0, True)
    code, out, _ = command("connectors", "list", "--json")
    assert [row["name"] for row in json.loads(out)] == ["odoo"]
    code, _, err = command("connectors", "show", "acme", "alleaves")
    assert (code, "there is no connector 'alleaves'; it has: odoo" in err) == (2, True)
    code, out, _ = command("connectors", "show", "acme", "odoo")
    assert (code, "Last runs" in out) == (0, True)
    code, out, _ = command("connectors", "history", "acme", "odoo")
    assert (code, "odoo" in out) == (0, True)
    code, out, _ = command("connectors", "metrics")
    assert json.loads(out)["total_syncs"] == 1


def test_the_quality_report_of_a_real_run(shop: Project) -> None:
    org = load_connections(shop.connections).org("acme")
    report = quality_report(shop.warehouse, org, as_of=NOW)
    tables = {one["table"]: one for one in report["tables"]}
    assert set(tables) == {"customers", "product_catalog", "sales_lines"}
    assert report["without_data"] == [{"table": "stock_levels", "source": "odoo"}]
    assert (tables["customers"]["rows"], tables["sales_lines"]["rows"]) == (3, 6)
    # Odoo's blacklists are not read, so the opt-outs are a default and not mapped; nobody has a mobile phone.
    assert {"email_opt_out", "sms_opt_out", "phone_opt_out", "mobile"} <= set(tables["customers"]["unmapped"])
    assert {"customer_key", "display_name", "email", "last_updated"}.isdisjoint(tables["customers"]["unmapped"])
    assert tables["product_catalog"]["required_missing"] == []
    email = next(one for one in tables["customers"]["fields"] if one["name"] == "email")
    assert (email["fed_by"], float(email["filled_percent"])) == (["odoo_partners.email"], 33.3)
    found = {(a["table"], a["column"], a["code"]): a for a in report["anomalies"]}
    unknown = found["sales_lines", "product_id", "unknown_product"]
    assert (unknown["severity"], unknown["count"], len(unknown["examples"])) == ("high", 1, 1)
    assert found["customers", "email", "empty"]["count"] == 2
    missing = found["sales_lines", "product_key", "missing_value"]
    assert (missing["severity"], missing["count"]) == ("critical", 1)
    assert json.loads(quality_json(report))["overall"]["score"] == report["overall"]["score"]
    lines = list(csv.DictReader(io.StringIO(quality_csv(report))))
    assert {line["table"]: int(line["score"]) for line in lines} == {n: one["score"] for n, one in tables.items()}
    assert "unknown_product" in anomalies_csv(report)


def test_orphans_are_found(shop: Project) -> None:
    with shop.warehouse.transaction() as connection:
        connection.execute("UPDATE canonical.sales_lines SET customer_key = 'odoo-999' WHERE order_id = "
                           "(SELECT min(order_id) FROM canonical.sales_lines)")  # fmt: skip
    org = load_connections(shop.connections).org("acme")
    report = quality_report(shop.warehouse, org, as_of=NOW)
    (orphan,) = [a for a in report["anomalies"] if a["code"] == "unknown_customer"]
    assert (orphan["table"], orphan["source"], orphan["severity"], orphan["count"]) == (
        "sales_lines",
        "odoo",
        "high",
        1,
    )
    assert orphan["examples"][0].startswith("odoo-")


def test_the_states_of_a_connector(project: Project, odoo: OdooSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def state() -> tuple[str, str | None]:
        (row,) = list_connectors(project.warehouse, load_connections(project.connections))
        return row["state"], row["last_error"]

    project.add_org("acme", odoo)
    monkeypatch.delenv("TEST_ODOO_KEY")
    assert state() == ("configuring", None)
    found = load_connections(project.connections)
    assert show_connector(project.warehouse, found, "acme", "odoo")["secrets_missing"] == ["api_key"]
    monkeypatch.setenv("TEST_ODOO_KEY", "sandbox-key")
    assert state() == ("idle", None)
    project.sync_ok()
    assert state() == ("healthy", None)
    odoo.faults.add(Fault("no_access", model="stock.quant"))
    project.sync()
    degraded, error = state()
    assert degraded == "degraded"
    assert str(error).startswith("No right to read stock.quant")
    books.open_run(project.warehouse, "acme", "going", job="odoo_sync", started_at=NOW)
    assert state()[0] == "syncing"


def test_history_and_metrics(shop: Project) -> None:
    found = load_connections(shop.connections)
    (run,) = run_history(shop.warehouse, found, "acme", "odoo")
    assert (run["connector"], run["success"], run["state"], run["errors"]) == ("odoo", True, "ok", [])
    assert run["records_processed"]["raw.odoo_sale_orders"] == 6
    assert run["records_processed"]["canonical.sales_lines"] == 6
    assert run["inserted"] > 12
    metrics = read_metrics(shop.warehouse, found)
    assert metrics["connectors_registered"] == 1
    assert metrics["connectors_by_status"] == {"healthy": 1}
    assert (metrics["total_syncs"], metrics["successful_syncs"], metrics["failed_syncs"]) == (1, 1, 0)
    assert metrics["records_by_table"]["raw.odoo_sale_orders"] == 6
    assert metrics["total_records_synced"] == sum(
        rows for table, rows in metrics["records_by_table"].items() if table.startswith("raw.")
    )
    assert metrics["last_sync_time"] == run["started"]
    assert [one["run_id"] for one in metrics["last_runs"]] == [run["run_id"]]
    assert "sandbox-key" not in json.dumps(metrics, default=str)
    # The connector is taken out of the file; what it did stays.
    shop.add("acme", {"name": "Acme"})
    found = load_connections(shop.connections)
    assert list_connectors(shop.warehouse, found) == []
    assert [one["run_id"] for one in run_history(shop.warehouse, found, "acme", "odoo")] == [run["run_id"]]
    with pytest.raises(ConfigurationError, match="there is no connector 'teapot'; it has: odoo"):
        run_history(shop.warehouse, found, "acme", "teapot")
    with pytest.raises(ConfigurationError, match="Unknown organisation 'nobody'"):
        run_history(shop.warehouse, found, "nobody")


def test_what_a_connector_needs() -> None:
    rows = required_config("odoo")
    assert [row["setting"] for row in rows if row["is_required"]] == ["url", "database", "login", "api_key"]
    assert [row["setting"] for row in rows if row["is_secret"]] == ["api_key"]
    secrets = {row["setting"] for row in required_config("alleaves") if row["is_secret"]}
    assert {"password", "pin", "partner_id"} <= secrets
    assert [row["setting"] for row in required_config("isavigne") if row["is_required"]] == ["export_path"]
    with pytest.raises(ConfigurationError, match="There is no source 'teapot'; there are: alleaves, isavigne, odoo"):
        required_config("teapot")
