"""Which files are read a second time, what that settles, and that rows, manifest and rejects come or stay away together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES, ISAVIGNE_VENTES
from sync_assets.warehouse import Warehouse, reject_books
from sync_assets_tests.extraction.test_isavigne import CLIENTS, SALES, land, rejects, write
from sync_assets_tests.sources.isavigne.support import NOW, touch

DAY = timedelta(days=1)
BAD = SALES + "C1;P1;05/11/2025;1;12,00\nC1;P1;31/02/2025;1;12,00\n"


def test_rejects_are_recorded_with_the_rows_or_not_at_all(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies between both would leave rows out without a trace, since the file counts as read."""
    write(tmp_path, "ventes.csv", BAD)

    def die(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reject_books, "save_rejects", die)
        with pytest.raises(KeyboardInterrupt):
            land(warehouse, tmp_path, reject_limit=0.5)
    assert len(warehouse.read(ISAVIGNE_VENTES, "acme")) == len(warehouse.read(ISAVIGNE_FILES, "acme")) == 0
    land(warehouse, tmp_path, reject_limit=0.5)
    assert len(warehouse.read(ISAVIGNE_VENTES, "acme")) == len(warehouse.read(ISAVIGNE_FILES, "acme")) == 1
    assert rejects(warehouse) == [("ventes.csv", None, "bad_date", "error", None)]


def test_a_file_is_read_again_with_other_settings_and_its_rejects_are_replayed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write(tmp_path, "ventes.csv", SALES + "C1;P1;05/11/2025;1;12,00\n;P1;05/11/2025;2;12,00\n")
    land(warehouse, tmp_path, reject_limit=0.5, anonymous_sales="reject")
    assert rejects(warehouse) == [("ventes.csv", None, "missing_value", "error", None)]
    again, _ = land(warehouse, tmp_path, now=NOW + DAY, reject_limit=0.5, anonymous_sales="reject", max_age_days=9)
    assert dict(again["ventes"].warnings) == {"already_processed": 1}
    results, _ = land(warehouse, tmp_path, now=NOW + 2 * DAY)
    assert results["ventes"].changes.inserted == 1
    assert results["ventes"].changes.unchanged == 1
    assert rejects(warehouse) == [("ventes.csv", None, "missing_value", "error", "replayed")]


def test_a_date_that_was_too_early_is_tried_again_on_the_next_day(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "ventes.csv", SALES + "C1;P1;05/11/2025;1;12,00\nC1;P1;18/01/2026;2;12,00\n")
    write(tmp_path, "clients.csv", CLIENTS)
    land(warehouse, tmp_path, reject_limit=0.5)
    codes = [found[2] for found in rejects(warehouse)]
    assert codes == ["bad_email", "date_out_of_range"]
    same_day, _ = land(warehouse, tmp_path, now=NOW + timedelta(hours=1), reject_limit=0.5)
    assert same_day["ventes"].extracted == 0
    next_day, _ = land(warehouse, tmp_path, now=NOW + DAY, reject_limit=0.5)
    assert (next_day["ventes"].extracted, next_day["clients"].extracted) == (2, 0)
    assert ("ventes.csv", None, "date_out_of_range", "error", None) in rejects(warehouse)
    land(warehouse, tmp_path, now=NOW + 2 * DAY, reject_limit=0.5)
    assert ("ventes.csv", None, "date_out_of_range", "error", "replayed") in rejects(warehouse)
    assert len(warehouse.read(ISAVIGNE_VENTES, "acme")) == 2


def test_what_is_still_wrong_stays_open_and_only_moves_its_last_meeting(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "ventes.csv", BAD)
    land(warehouse, tmp_path, reject_limit=0.5)
    before = warehouse.read(REJECTED_ROWS, "acme").iloc[0]
    land(warehouse, tmp_path, now=NOW + DAY, reject_limit=0.5, is_full=True)
    [after] = [row for _, row in warehouse.read(REJECTED_ROWS, "acme").iterrows()]
    assert (after["reject_id"], after["first_seen"]) == (before["reject_id"], before["first_seen"])
    assert after["last_seen"] > before["last_seen"]
    assert rejects(warehouse) == [("ventes.csv", None, "bad_date", "error", None)]


def test_a_row_that_is_replayed_late_does_not_win_over_a_newer_file(warehouse: Warehouse, tmp_path: Path) -> None:
    head = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire\n"
    write(tmp_path, "ventes_2025-11-01.csv", head + ";C1;P1;31/10/2025;1;12,00\n1;;P1;31/10/2025;1;12,00\n")
    write(tmp_path, "ventes_2025-12-01.csv", head + "1;C1;P1;31/10/2025;5;12,00\n")
    strict = {"reject_limit": 0.5, "anonymous_sales": "reject"}
    land(warehouse, tmp_path, **strict)
    land(warehouse, tmp_path, now=NOW + DAY)
    rows = warehouse.read(ISAVIGNE_VENTES, "acme").set_index("file_hash")
    assert sorted(str(value) for value in rows["quantity"]) == ["1.000", "1.000", "5.000"]
    from sync_assets.transforms.isavigne.standing import find_standing

    stands = find_standing("ventes", rows.reset_index(), warehouse.read(ISAVIGNE_FILES, "acme")).frame
    assert {row["record_key"]: str(row["quantity"]) for row in stands.to_dict("records")}["isavigne-1"] == "5.000"


def test_a_file_moved_back_in_time_is_not_a_new_one(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path, "clients.csv", CLIENTS)
    land(warehouse, tmp_path)
    touch(tmp_path / "clients.csv", datetime(2025, 1, 1, tzinfo=UTC))
    again, _ = land(warehouse, tmp_path, now=NOW + DAY)
    assert dict(again["clients"].warnings) == {"already_processed": 1}


@pytest.mark.parametrize("first", ["ventes_2025-11-01.csv", "ventes_2025-12-01.csv"])
def test_a_reject_is_superseded_by_a_later_file_in_whatever_order_they_come_and_stays_so(
    warehouse: Warehouse, tmp_path: Path, first: str
) -> None:
    head = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire\n"
    good = "1;C1;P1;31/10/2025;5;12,00\n"
    files = {
        "ventes_2025-11-01.csv": head + "1;C1;P1;31/02/2025;1;12,00\n2;C1;P1;31/10/2025;1;12,00\n",
        "ventes_2025-12-01.csv": head + good + "2;C1;P1;31/02/2025;1;12,00\n",
    }
    for number, name in enumerate(sorted(files, key=lambda name: name != first)):
        write(tmp_path, name, files[name])
        land(warehouse, tmp_path, now=NOW + number * DAY, reject_limit=0.5)
    expected = [
        ("ventes_2025-11-01.csv", "isavigne-1", "bad_date", "error", "superseded"),
        ("ventes_2025-12-01.csv", "isavigne-2", "bad_date", "error", None),
    ]
    assert rejects(warehouse) == expected
    land(warehouse, tmp_path, now=NOW + 5 * DAY, reject_limit=0.5, is_full=True)
    assert rejects(warehouse) == expected
