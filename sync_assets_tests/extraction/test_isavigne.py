"""Landing iSaVigne exports in a real PostgreSQL: all of a file or nothing, and the books about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_assets.connections import IsavigneConnection
from sync_assets.errors import ConfigurationError, SourceDataError
from sync_assets.extraction.isavigne import ExportLanding, read_exports
from sync_assets.extraction.results import StreamResult
from sync_assets.tables.ops import REJECTED_ROWS, SYNC_STREAMS
from sync_assets.tables.raw.isavigne import ISAVIGNE_CLIENTS, ISAVIGNE_FILES, ISAVIGNE_VENTES
from sync_assets.warehouse import Changes, Warehouse
from sync_assets_tests.sources.isavigne.support import NOW, PARIS, copy_case, touch

CLIENTS = "code_client;nom;email\nC1;Brévelle Maëlle;maelle@example.fr\nC2;Tissandre Odon;odon(a)example.fr\n"
SALES = "code_client;produit_key;date;quantite;prix_unitaire\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    touch(folder / name, datetime(2025, 12, 1, tzinfo=UTC))


def land(
    warehouse: Warehouse, folder: Path, *, now: datetime = NOW, is_full: bool = False, **settings: Any
) -> tuple[dict[str, StreamResult], str | None]:
    """Results by name, and the code with which the reading ended."""
    connection = IsavigneConnection(export_path=folder, settle_seconds=0, **settings)
    landing = ExportLanding(warehouse, connection, "acme", PARIS, f"run {now:%d}", now, is_full)
    results: dict[str, StreamResult] = {}
    try:
        for result in read_exports(landing):
            results[result.stream] = result
    except SourceDataError as error:
        return results, error.code
    return results, None


def rejects(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    frame = warehouse.read(REJECTED_ROWS, "acme").sort_values(["file", "row_number", "code"])
    return [
        (row["file"], row["record_key"], row["code"], row["severity"], row["resolution"])
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def test_a_file_and_its_manifest_row_are_landed_once(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients.csv", CLIENTS)
    results, code = land(warehouse, tmp_path)
    assert code is None and list(results) == ["produits", "clients", "ventes", "stock", "contacts", "files"]
    clients = results["clients"]
    assert (clients.extracted, clients.rejected, clients.changes, clients.rows_held) == (2, 0, Changes(inserted=2), 2)
    assert dict(clients.warnings) == {"bad_email": 1}
    rows = warehouse.read(ISAVIGNE_CLIENTS, "acme").sort_values("row_number").to_dict("records")
    assert [(row["client_code"], row["run_id"]) for row in rows] == [("C1", "run 15"), ("C2", "run 15")]
    [file] = warehouse.read(ISAVIGNE_FILES, "acme").to_dict("records")
    assert (file["name"], file["rows"], file["accepted"], file["status"]) == ("clients.csv", 2, 2, "ok")
    assert (file["counts"], file["run_id"], file["processed_at"]) == ("{}", "run 15", NOW)
    assert rejects(warehouse) == [("clients.csv", "C2", "bad_email", "warning", None)]

    again, code = land(warehouse, tmp_path, now=NOW + timedelta(days=1))
    assert code is None and again["clients"].changes == Changes()
    assert dict(again["clients"].warnings) == {"already_processed": 1}
    assert warehouse.read(ISAVIGNE_FILES, "acme")["run_id"].tolist() == ["run 15"]


def test_a_failed_file_changes_nothing_and_stops_no_other(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", "code_client;nom\nC1;Avant\n")
    land(warehouse, tmp_path)
    write(tmp_path, "clients_2025-11-08.csv", "code_client;nom\nC1;Après\n;a\n;b\nC3;Neuf\n")
    write(tmp_path, "produits.csv", "nom;prix\nSans clé;3\n")
    write(tmp_path, "ventes.csv", SALES + "C1;P1;05/11/2025;1;12,00\n")
    results, code = land(warehouse, tmp_path, now=NOW + timedelta(days=1))
    assert code == "failed_files"
    assert warehouse.read(ISAVIGNE_CLIENTS, "acme")["display_name"].tolist() == ["Avant"]
    assert len(warehouse.read(ISAVIGNE_VENTES, "acme")) == 1
    assert [problem["code"] for problem in results["clients"].problems] == ["reject_rate"]
    files = warehouse.read(ISAVIGNE_FILES, "acme").set_index("name")["status"].to_dict()
    assert files == {
        "clients_2025-11-01.csv": "ok",
        "clients_2025-11-08.csv": "failed",
        "produits.csv": "failed",
        "ventes.csv": "ok",
    }
    codes = [(name, found) for name, _, found, severity, _ in rejects(warehouse) if severity == "fatal"]
    assert codes == [("clients_2025-11-08.csv", "reject_rate"), ("produits.csv", "missing_column")]
    streams = warehouse.read(SYNC_STREAMS, "acme").set_index("stream")["status"].to_dict()
    assert streams["clients"] == streams["produits"] == "failed" and streams["ventes"] == "ok"

    write(tmp_path, "clients_2025-11-08.csv", "code_client;nom\nC1;Après\nC3;Neuf\n")
    write(tmp_path, "produits.csv", "produit_key;nom;prix\nP1;Clé;3\n")
    _, code = land(warehouse, tmp_path, now=NOW + timedelta(days=2))
    assert code is None
    assert set(warehouse.read(ISAVIGNE_CLIENTS, "acme")["display_name"]) == {"Avant", "Après", "Neuf"}
    assert {resolution for *_, resolution in rejects(warehouse)} == {"superseded"}


def test_a_good_row_in_a_later_file_closes_the_findings_about_the_record(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    land(warehouse, tmp_path)
    write(tmp_path, "clients_2025-11-02.csv", "code_client;nom;email\nC2;Tissandre Odon;odon@example.fr\n")
    land(warehouse, tmp_path, now=NOW + timedelta(days=1))
    assert rejects(warehouse) == [("clients_2025-11-01.csv", "C2", "bad_email", "warning", "superseded")]


def test_a_full_run_reads_the_files_anew_with_the_settings_of_today(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "ventes.csv", SALES + "C1;P1;05/11/2025;1;12,00\n;P1;06/11/2025;1;12,00\n")
    land(warehouse, tmp_path)
    strict = {"anonymous_sales": "reject", "reject_limit": 0.5}
    results, _ = land(warehouse, tmp_path, now=NOW + timedelta(days=1), is_full=True, **strict)
    assert results["ventes"].changes == Changes(deleted=1, unchanged=1)
    assert warehouse.read(ISAVIGNE_VENTES, "acme")["client_code"].tolist() == ["C1"]


def test_a_dry_run_writes_nothing(database: str, tmp_path: Path) -> None:
    copy_case(21, tmp_path / "in")
    write(tmp_path / "in", "produits.csv", "nom;prix\nSans clé;3\n")
    with Warehouse(database, is_dry_run=True) as dry:
        results, code = land(dry, tmp_path / "in")
        assert (results["clients"].changes, code) == (Changes(inserted=6), "failed_files")
    with Warehouse(database) as warehouse:
        assert len(warehouse.read(ISAVIGNE_CLIENTS, "acme")) == len(warehouse.read(ISAVIGNE_FILES, "acme")) == 0


def test_kinds_that_do_not_come_are_told(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients.csv", CLIENTS)
    write(tmp_path, "notes.txt", "x")
    land(warehouse, tmp_path)
    results, code = land(warehouse, tmp_path, now=NOW + timedelta(days=9), expected_kinds=["clients", "stock"])
    assert code is None
    assert [problem["message"] for problem in results["files"].problems] == [
        "No file of kind clients has come since 2026-01-15; look whether the export still runs",
        "No file of kind stock has come yet; look whether the export still runs",
    ]
    assert results["files"].warnings["unknown_kind"] == 1


def test_a_folder_that_is_not_there(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="check export_path"):
        land(warehouse, tmp_path / "gone")
    assert set(warehouse.read(SYNC_STREAMS, "acme")["error_code"]) == {"export_path"}
