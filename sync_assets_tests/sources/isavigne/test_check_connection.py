"""The connection test of an export folder: what is there and how it would be read, without reading or writing it."""

from __future__ import annotations

from pathlib import Path

from sync_assets.connections import IsavigneConnection
from sync_assets.sources.checks import ConnectionReport
from sync_assets.sources.isavigne import test_connection as check

from .support import NOW, PARIS, copy_case


def report(folder: Path, **settings: object) -> ConnectionReport:
    return check(IsavigneConnection(export_path=folder, **settings), PARIS, org="acme", now=NOW)


def test_each_kind_is_told_with_its_newest_file(tmp_path: Path) -> None:
    for number in (2, 4, 6, 11):
        copy_case(number, tmp_path)
    found = {check.name: (check.status, check.message) for check in report(tmp_path).checks}
    assert found["folder"] == ("good", f"{tmp_path}, 5 files")
    assert found["ventes"][0] == "bad"
    assert found["ventes"][1].startswith("ventes_2025-12-01_sans_marque.csv: The bytes are not")
    assert found["produits"] == ("bad", "produits.csv: The file has no bytes; export it again")
    assert found["clients"][0] == "good"
    assert found["clients"][1].startswith("1 files, the newest clients.csv (utf-8, ';', ")
    assert (found["stock"], found["contacts"]) == (("warning", "No file"), ("skipped", "No file"))
    assert found["names"] == ("warning", "Their names say no kind: notes.txt")
    assert report(tmp_path).exit_code == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    found = report(tmp_path / "gone")
    assert (found.checks[0].name, found.checks[0].status, found.checks[0].code) == ("folder", "bad", "export_path")
    assert {check.status for check in found.checks[1:]} == {"skipped"}


def test_a_clean_delivery_is_good(tmp_path: Path) -> None:
    copy_case(1, tmp_path)
    assert report(tmp_path, expected_kinds=["clients"]).exit_code == 0
