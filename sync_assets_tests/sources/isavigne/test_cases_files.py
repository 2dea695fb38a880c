"""Sample cases 1 to 15 and 47 to 49: which files are read, how their bytes become rows, and when a file is refused."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sync_assets.sandbox.isavigne import all_samples
from sync_assets.settings import PROJECT_ROOT
from sync_assets.sources.isavigne import kind_of
from sync_assets.sources.isavigne.files import date_in_name

from .support import NOW, copy_case, read_case, read_folder, read_text, standing, touch

CONTENT = ["client_code", "display_name", "last_name", "email", "phone", "zip_code", "city", "country"]


def test_the_sample_files_are_what_the_generator_writes() -> None:
    root = PROJECT_ROOT / "data" / "isavigne"
    committed = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert committed == all_samples()


def test_01_02_the_same_clients_in_two_encodings() -> None:
    [utf8], [cp1252] = read_case(1), read_case(2)
    assert (utf8.manifest["encoding"], utf8.manifest["delimiter"]) == ("utf-8", ",")
    assert (cp1252.manifest["encoding"], cp1252.manifest["delimiter"]) == ("cp1252", ";")
    assert utf8.frame[CONTENT].to_dict("list") == cp1252.frame[CONTENT].to_dict("list")
    assert utf8.column("city")[2:] == ["L’Haÿ-des-Vignes", "Cœuvrel"]
    assert utf8.column("display_name")[3] == "Cave à 5 €"
    assert utf8.findings == cp1252.findings == []


def test_03_a_byte_order_mark_is_not_part_of_the_first_column() -> None:
    [read] = read_case(3)
    assert read.column("product_key") == ["RG-01", "RG-02"]
    assert read.manifest["encoding"] == "utf-8-sig"


def test_04_utf16_needs_its_mark() -> None:
    marked, bare = read_case(4)
    assert marked.column("record_key") == ["isavigne-1", "isavigne-2"]
    assert marked.manifest["delimiter"] == "\t"
    assert (bare.manifest["status"], bare.codes()) == ("failed", [(None, "undecodable", None)])
    assert bare.findings[0]["severity"] == "fatal"


def test_05_workbooks() -> None:
    titled, second_sheet, old = read_case(5)
    assert titled.manifest["header_row"] == 2
    assert titled.by("product_key", "quantity") == {"RG-01": 120, "RG-02": 36}
    assert titled.column("row_number") == [3, 4]
    assert second_sheet.by("product_key", "quantity") == {"RG-01": 110, "RG-02": pytest.approx(2.5)}
    midnight = datetime(2025, 12, 4, 23, tzinfo=UTC)
    assert second_sheet.column("counted_at") == [midnight, midnight]
    assert old.codes() == [(None, "unsupported_type", None)]


def test_05_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    for name, content in (("stock.xlsx", b"PK\x03\x04 broken"), ("clients.xlsx", b"code_client;nom\nC1;x\n")):
        read = read_text(tmp_path, name, content)
        assert read.codes() == [(None, "unreadable_workbook", None)]


def test_06_working_copies_leave_no_trace() -> None:
    reads = read_case(6)
    assert [(read.result.file.name, read.result.state) for read in reads] == [
        ("clients.csv", "ok"),
        ("notes.txt", "unknown_kind"),
    ]
    assert [read.codes() for read in reads] == [[], [(None, "unknown_kind", None)]]


def test_06_links_and_folders_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("code_client\nC1\n")
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "clients.csv").symlink_to(outside)
    (folder / "ventes.csv").mkdir()
    assert read_folder(folder) == []


def test_07_capitals() -> None:
    [read] = read_case(7)
    assert (read.result.file.kind, read.manifest["accepted"]) == ("clients", 3)


def test_08_exactly_one_kind_per_file() -> None:
    assert {read.result.file.name: read.result.file.kind for read in read_case(8)} == {
        "ventes_par_client.csv": "ventes",
        "stock_produits.csv": "stock",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Export_Ventes.csv", "ventes"),
        ("isavigne_sales_lines-2025.TXT", "ventes"),
        ("produit.tsv", "produits"),
        ("Customers 3.xlsx", "clients"),
        ("contact_x.csv", "contacts"),
        ("stock.zip", "stock"),
        ("clientele.csv", None),
        ("mes_clients.csv", None),
        ("clients.pdf", None),
    ],
)
def test_kinds_of_names(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_a_pattern_takes_the_place_of_the_usual_name() -> None:
    patterns = {"clients": "carnet*.csv"}
    assert [kind_of(name, patterns) for name in ("Carnet-adresses.CSV", "clients.csv", "ventes.csv")] == [
        "clients",
        None,
        "ventes",
    ]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ventes_2025-11-05.csv", date(2025, 11, 5)),
        ("ventes_20251105.csv", date(2025, 11, 5)),
        ("ventes_05-11-2025.csv", date(2025, 11, 5)),
        ("ventes_2025-11.csv", date(2025, 11, 1)),
        ("ventes_2025-13-05.csv", None),
        ("ventes_2025.csv", None),
    ],
)
def test_dates_in_names(name: str, day: date | None) -> None:
    assert date_in_name(name) == day


def test_09_all_months_in_the_order_of_their_dates(tmp_path: Path) -> None:
    folder = copy_case(9, tmp_path / "in")
    for day, month in ((3, "03"), (2, "02"), (4, "01")):
        touch(folder / f"ventes_2025-{month}.csv", datetime(2026, 1, day, tzinfo=UTC))
    reads = read_folder(folder)
    assert [read.result.file.name[-6:-4] for read in reads] == ["01", "02", "03"]
    found = standing(reads, "ventes")
    assert found.frame.set_index("line_no")["quantity"].to_dict() == {"1": 1, "2": 3, "3": 1, "4": 4}
    assert found.skipped == {"duplicate_identical": 1, "superseded": 1}
    assert found.findings == []


def test_10_the_same_bytes_once_and_changes_applied(tmp_path: Path) -> None:
    reads = read_case(10)
    assert [read.result.state for read in reads] == ["ok", "already_processed", "ok"]
    found = standing(reads, "clients")
    assert found.frame.set_index("client_code")["email"]["C2"] == "odon.tissandre@example.com"
    known = {("clients", reads[0].result.file_hash), ("clients", reads[2].result.file_hash)}
    again = read_folder(copy_case(10, tmp_path / "in"), known)
    assert {read.result.state for read in again} == {"already_processed"}
    assert all(read.findings == [] for read in again)


def test_11_empty_files() -> None:
    produits, clients = read_case(11)
    assert (produits.manifest["status"], produits.codes()) == ("failed", [(None, "zero_bytes", None)])
    assert (clients.manifest["status"], clients.codes()) == ("empty", [(None, "empty_file", None)])
    assert clients.manifest["warnings"] == 1


def test_12_headers() -> None:
    good, refused = read_case(12)
    assert good.by("client_code", "email") == {"C1": "maelle@example.fr", "C2": None}
    assert good.manifest["unknown_columns"] == ["Anniversaire"]
    assert [finding["severity"] for finding in good.findings] == ["warning"]
    assert refused.codes() == [(None, "duplicate_column", None)]
    assert refused.manifest["status"] == "failed"


def test_13_a_missing_column_is_named() -> None:
    [read] = read_case(13)
    assert read.codes() == [(None, "missing_column", None)]
    assert "product_key" in read.findings[0]["message"]
    assert read.manifest["accepted"] == 0


def test_no_known_column_at_all(tmp_path: Path) -> None:
    assert read_text(tmp_path, "clients.csv", "un;deux\n1;2\n").codes() == [(None, "no_header", None)]


def test_14_quotes_line_ends_and_a_footer() -> None:
    [read] = read_case(14)
    assert read.column("product_label") == ['Rouge; le "Grand"', "Blanc\nde blancs", "Rosé"]
    assert read.column("row_number") == [4, 5, 8]
    assert (read.manifest["header_row"], read.manifest["skipped"]) == (3, 1)
    assert read.manifest["counts"] == '{"footer_row":1,"blank_row":1}'


def test_15_only_ragged_rows_are_rejected() -> None:
    [read] = read_case(15)
    assert [code for _, code, _ in read.codes()] == ["ragged_row"] * 3
    assert [finding["raw_value"] for finding in read.findings] == [
        "C4 | Trop court",
        "C6 | Trop | Long |  |  |  |  | FR | encore",
        '"C7;Guillemet ouvert;;;;;;FR',
    ]
    assert "C7" not in read.column("client_code")
    assert read.column("client_code")[3:5] == ["C5", "C8"]
    assert (read.manifest["rows"], read.manifest["accepted"], read.manifest["status"]) == (15, 12, "ok")


def test_47_the_alarm_limit_is_strict() -> None:
    bad, exact = read_case(47)
    assert (bad.manifest["status"], bad.manifest["code"]) == ("failed", "reject_rate")
    assert [finding["code"] for finding in bad.findings] == ["missing_value"] * 4 + ["reject_rate"]
    assert (exact.manifest["status"], exact.manifest["rejected"], exact.manifest["accepted"]) == ("ok", 2, 8)


def test_48_a_large_file_in_bounded_memory(tmp_path: Path) -> None:
    lines = 200_000
    with (tmp_path / "ventes.csv").open("w", encoding="utf-8") as stream:
        stream.write("num_ligne;code_client;produit_key;date;quantite;prix_unitaire\n")
        for number in range(1, lines):
            stream.write(f"{number};C{number % 977};P{number % 89};05/11/2025;{number % 11 + 1};12,50\n")
        stream.write(f"{lines};C1;P1;31/02/2025;1;12,50\n")
    from sync_assets.connections import IsavigneConnection
    from sync_assets.sources.isavigne import read_delivery

    from .support import PARIS

    settings = IsavigneConnection(export_path=tmp_path, settle_seconds=0)
    [result] = read_delivery(settings, org_id="acme", zone=PARIS, now=NOW)
    accepted, findings = 0, []
    for batch in result.batches():
        if accepted == 160_000:
            # In the last two batches nothing more may pile up; tracing all of them would take ten times as long.
            tracemalloc.start()
        accepted += len(batch.frame)
        findings += batch.findings
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert accepted == lines - 1
    assert [(finding["row_number"], finding["code"]) for finding in findings] == [(lines + 1, "bad_date")]
    assert peak < 60_000_000 and left < 4_000_000


def test_49_formulas_are_text() -> None:
    [read] = read_case(49)
    assert read.by("client_code", "display_name", "city") == {
        "C1": ("=1+1", "@x"),
        "C2": ("O'Brème", "DROP TABLE clients"),
        "C3": ("Robert'); DROP TABLE clients;--", "-12"),
    }


def test_a_file_that_is_still_written_waits(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("code_client\nC1\n")
    touch(tmp_path / "clients.csv", NOW)
    assert [read.result.state for read in read_folder(tmp_path, settle_seconds=30)] == ["waiting"]


def test_mojibake_is_reported_not_repaired(tmp_path: Path) -> None:
    garbled = "code_client;nom\nC1;BrÃ©velle\nC2;Odon\n"
    read = read_text(tmp_path, "clients.csv", garbled)
    assert read.codes() == [(None, "mojibake", None)]
    assert read.column("display_name") == ["BrÃ©velle", "Odon"]
