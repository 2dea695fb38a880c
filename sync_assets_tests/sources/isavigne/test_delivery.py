"""A delivery as a whole: order, files that fail among good ones, what is known already, the demo delivery."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sync_assets.connections import IsavigneConnection, load_connections
from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.isavigne.writing import workbook
from sync_assets.sandbox.odoo.server import OdooSandbox
from sync_assets.settings import PROJECT_ROOT
from sync_assets.sources.isavigne import find_overdue, read_delivery

from .support import NOW, PARIS, copy_case, read_folder, read_text, standing, touch

DEMO = PROJECT_ROOT / "data" / "isavigne" / "maison-verdel"


def test_kinds_come_in_their_order_and_files_by_date_time_and_name(tmp_path: Path) -> None:
    for name in (
        "ventes_2025-02.csv",
        "ventes_2025-01.csv",
        "stock.csv",
        "clients_b.csv",
        "clients_a.csv",
        "produits.csv",
        "x.csv",
    ):
        (tmp_path / name).write_text("x")
        touch(tmp_path / name, datetime(2025, 6, 1, tzinfo=UTC))
    touch(tmp_path / "clients_b.csv", datetime(2025, 6, 1, 0, 0, 1, tzinfo=UTC))
    assert [read.result.file.name for read in read_folder(tmp_path)] == [
        "produits.csv",
        "clients_a.csv",
        "clients_b.csv",
        "ventes_2025-01.csv",
        "ventes_2025-02.csv",
        "stock.csv",
        "x.csv",
    ]


def test_the_effective_date_is_a_day_of_the_organisation(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("code_client\nC1\n")
    touch(tmp_path / "clients.csv", datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    [read] = read_folder(tmp_path)
    assert read.manifest["effective_date"] == date(2026, 1, 1)
    assert [str(day) for day in read.column("effective_date")] == ["2026-01-01"]


def test_a_bad_file_does_not_stop_the_others_and_is_tried_again(tmp_path: Path) -> None:
    folder = copy_case(13, tmp_path / "in")
    (folder / "clients.csv").write_text("code_client\nC1\n")
    reads = read_folder(folder)
    assert [(read.result.file.kind, read.result.state) for read in reads] == [("produits", "failed"), ("clients", "ok")]
    known = {(r.result.file.kind, r.result.file_hash) for r in reads if r.result.state in ("ok", "empty")}
    assert [read.result.state for read in read_folder(folder, known)] == ["failed", "already_processed"]


def test_a_file_that_cannot_be_opened_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sync_assets.sources.isavigne.delivery.hash_file", refuse)
    read = read_text(tmp_path, "clients.csv", "code_client\nC1\n")
    assert (read.result.state, read.codes(), read.manifest) == ("unreadable", [(None, "unreadable_file", None)], {})


def test_a_file_that_changes_while_it_is_read_fails(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("code_client\nC1\n")
    settings = IsavigneConnection(export_path=tmp_path, settle_seconds=0)
    for result in read_delivery(settings, org_id="acme", zone=PARIS, now=NOW):
        path.write_text("code_client\nC1\nC2\n")
        codes = [finding["code"] for batch in result.batches() for finding in batch.findings]
        assert (codes, result.state) == (["file_changed"], "failed")


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="check export_path"):
        read_folder(tmp_path / "none")


def test_kinds_that_are_overdue() -> None:
    settings = IsavigneConnection(export_path=Path("x"), expected_kinds=("clients", "ventes", "stock"))
    latest = {"clients": NOW - timedelta(days=8), "ventes": NOW - timedelta(days=8, seconds=1)}
    assert find_overdue(settings, latest, now=NOW) == ["ventes", "stock"]


def test_a_workbook_with_empty_rows_above_and_numbers_as_codes(tmp_path: Path) -> None:
    rows = [
        [],
        ["Clients"],
        [],
        ["", "Code client", "Nom", "CP"],
        [None, 123.0, "Brévelle", 1000],
        [None, "00123", "X", "2A004"],
    ]
    read = read_text(tmp_path, "clients.xlsx", workbook({"Feuil1": rows}))
    assert read.manifest["header_row"] == 4
    assert read.by("client_code", "row_number", "zip_code") == {"123": (5, "1000"), "00123": (6, "2A004")}


def test_a_decimal_comma_leaves_numbers_of_a_workbook_alone(tmp_path: Path) -> None:
    rows = [["produit_key", "prix"], ["P1", 12.125], ["P2", "1.250"]]
    read = read_text(tmp_path, "produits.xlsx", workbook({"P": rows}), decimal_mark=",")
    assert [str(price) for price in read.column("list_price")] == ["12.13", "1250.00"]


def test_settings_can_say_encoding_and_delimiter(tmp_path: Path) -> None:
    content = "code_client|nom\nC1|Brévelle\n".encode("mac_roman")
    assert read_text(tmp_path, "clients.csv", content, encoding="mac_roman", delimiter="|").column("display_name") == [
        "Brévelle"
    ]
    assert read_text(tmp_path, "clients.csv", content, encoding="utf-8").codes() == [(None, "undecodable", None)]


def test_a_quoted_cell_may_have_many_lines_and_a_stray_quote_costs_one_row(tmp_path: Path) -> None:
    good = "".join(f"C{number};Nom {number}\n" for number in range(20))
    text = 'code_client;nom\nA1;"Une\nadresse\nlongue"\nA2;"stray\n' + good + 'A3;12" de large\n'
    read = read_text(tmp_path, "clients.csv", text)
    assert read.codes() == [(5, "ragged_row", None)]
    assert read.manifest["accepted"] == 22
    assert read.by("client_code", "display_name")["A1"] == "Une\nadresse\nlongue"
    assert read.by("client_code", "display_name", "row_number")["A3"] == ('12" de large', 26)


def test_the_connection_is_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "connections.yaml"
    entry = "{name: N, sources: {isavigne: {export_path: /exports, encoding: ENCODING}}}"
    path.write_text(
        f"orgs:\n  good: {entry.replace('ENCODING', 'CP1252')}\n  bad: {entry.replace('ENCODING', 'utf-9')}\n"
    )
    found = load_connections(path)
    isavigne = found.org("good").sources.isavigne
    assert isavigne is not None
    assert (isavigne.export_path, isavigne.encoding, isavigne.reject_limit) == (Path("/exports"), "cp1252", 0.2)
    assert found.problems == [
        "connections.yaml, bad: sources.isavigne.encoding: 'utf-9' is not an encoding; use a name such as utf-8 or cp1252"
    ]


def test_the_demo_delivery_is_clean_and_meets_the_odoo_catalogue() -> None:
    reads = read_folder(DEMO, now=datetime(2026, 11, 15, tzinfo=UTC))
    assert {read.result.state for read in reads} == {"ok"}
    assert [finding for read in reads for finding in read.findings] == []
    found = {kind: standing(reads, kind).frame for kind in ("produits", "clients", "ventes", "stock")}
    keys = set(found["produits"]["product_key"])
    assert set(found["ventes"]["product_key"]) | set(found["stock"]["product_key"]) <= keys
    assert set(found["ventes"]["client_code"]) <= set(found["clients"]["client_code"])
    assert len(found["ventes"]) == sum(read.manifest["rows"] for read in reads if read.result.file.kind == "ventes")
    returns = (found["ventes"]["quantity"] < 0).sum() / len(found["ventes"])
    assert 0.02 < returns < 0.04
    store = OdooSandbox(today=date(2026, 11, 1)).store
    assert keys <= {product["default_code"] for product in store.records("product.product")}
