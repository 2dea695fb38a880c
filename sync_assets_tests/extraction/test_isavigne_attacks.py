"""Files that nobody should send: whatever comes, the step ends, the other files are read, and the old rows stay."""

from __future__ import annotations

import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.raw.isavigne import ISAVIGNE_CLIENTS, ISAVIGNE_FILES
from sync_assets.warehouse import Warehouse
from sync_assets_tests.extraction.test_isavigne import CLIENTS, land, rejects, write
from sync_assets_tests.sources.isavigne.support import NOW, copy_case

DAY = timedelta(days=1)


def clients(warehouse: Warehouse) -> list[str]:
    return sorted(warehouse.read(ISAVIGNE_CLIENTS, "acme")["client_code"].tolist())


@settings(max_examples=8)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)), st.sampled_from(("csv", "xlsx")))
def test_any_bytes_lose_no_row_that_was_there(warehouse: Warehouse, tmp_path: Path, content: bytes, kind: str) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    (tmp_path / f"clients_2025-12-01.{kind}").write_bytes(content)
    land(warehouse, tmp_path)
    assert clients(warehouse)[:2] == ["C1", "C2"]


def test_11_an_empty_list_takes_nothing_away(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    land(warehouse, tmp_path)
    copy_case(11, tmp_path)
    results, code = land(warehouse, tmp_path, now=NOW + DAY)
    assert code == "failed_files"
    assert clients(warehouse) == ["C1", "C2"]
    assert results["clients"].warnings["empty_file"] == 1
    # Produits has failed, so it has not come; of ventes, stock and contacts there is nothing.
    assert results["files"].warnings["absent"] == 4


def test_one_line_of_many_megabytes_is_one_row(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    write(tmp_path, "clients_2025-11-02.csv", "code_client;nom\nC3;" + "x" * 8_000_000)
    write(tmp_path, "clients_2025-11-03.csv", "x" * 8_000_000)
    _, code = land(warehouse, tmp_path)
    assert code == "failed_files"
    assert clients(warehouse)[:2] == ["C1", "C2"]
    assert ("clients_2025-11-03.csv", None, "no_header", "fatal", None) in rejects(warehouse)


def test_a_zip_bomb_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    with zipfile.ZipFile(tmp_path / "clients_2025-11-02.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            with bomb.open(name, "w") as member:
                for _ in range(40):
                    member.write(b" " * 10_000_000)
    _, code = land(warehouse, tmp_path)
    assert code == "failed_files"
    assert clients(warehouse) == ["C1", "C2"]
    assert rejects(warehouse)[-1][1:4] == (None, "unreadable_workbook", "fatal")


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_assets.sources.isavigne import delivery

    write(tmp_path, "clients.csv", CLIENTS)
    read = delivery.read_rows

    def grow(path: Path, layout: object) -> object:
        with path.open("a", encoding="utf-8") as file:
            file.write("C3;Arrivé après;\n")
        return read(path, layout)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "read_rows", grow)
        _, code = land(warehouse, tmp_path)
    assert (code, clients(warehouse)) == ("failed_files", [])
    assert [found[2] for found in rejects(warehouse) if found[3] == "fatal"] == ["file_changed"]
    _, code = land(warehouse, tmp_path, now=NOW + DAY)
    assert (code, clients(warehouse)) == (None, ["C1", "C2", "C3"])
    assert {found[4] for found in rejects(warehouse) if found[3] == "fatal"} == {"superseded"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_stops_no_other(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    write(tmp_path, "clients_2025-11-02.csv", CLIENTS)
    (tmp_path / "clients_2025-11-02.csv").chmod(0)
    _, code = land(warehouse, tmp_path)
    assert (code, clients(warehouse)) == ("failed_files", ["C1", "C2"])


def test_a_file_that_vanishes_between_the_list_and_the_reading_stops_no_other(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_assets.sources.isavigne import delivery

    write(tmp_path, "clients_2025-11-01.csv", CLIENTS)
    write(tmp_path, "clients_2025-11-02.csv", CLIENTS.replace("C1", "C3"))
    find = delivery.find_files

    def find_and_lose(*args: object, **named: object) -> object:
        found = find(*args, **named)  # type: ignore[arg-type]
        (tmp_path / "clients_2025-11-02.csv").unlink()
        return found

    monkeypatch.setattr(delivery, "find_files", find_and_lose)
    _, code = land(warehouse, tmp_path)
    assert (code, clients(warehouse)) == ("failed_files", ["C1", "C2"])
    assert len(warehouse.read(ISAVIGNE_FILES, "acme")) == 1
