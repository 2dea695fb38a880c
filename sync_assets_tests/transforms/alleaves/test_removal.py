from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.transforms.alleaves import MappedMenu, PosRules, decide_removal

from .frames import NOW, batch, codes, column, menu, rows

NEXT = NOW + timedelta(minutes=30)
AFTER = NOW + timedelta(minutes=60)


def states(mapped: MappedMenu) -> dict[str, tuple[Any, ...]]:
    return {
        row["item_id"]: (row["available"], row["first_seen_at"], row["last_seen_at"], row["removed_at"])
        for row in rows(mapped)
    }


def items(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [batch(str(n), **fields) for n in range(count)]


@pytest.mark.parametrize(
    ("previous", "new", "code"),
    [
        (0, 0, None),
        (0, 9, None),
        (1, 0, "empty_catalogue"),
        (49, 1, None),
        (50, 9, "catalogue_shrank"),
        (50, 10, None),
        (400, 79, "catalogue_shrank"),
        (400, 80, None),
    ],
)
def test_when_a_list_is_not_believed(previous: int, new: int, code: str | None) -> None:
    """Number 53."""
    assert decide_removal(previous, new) == code
    assert decide_removal(previous, new, accept_shrink=True) == (code if code == "empty_catalogue" else None)


def test_an_item_that_vanishes_stays_without_being_for_sale() -> None:
    """Number 57."""
    first = menu(batch("1"), batch("2"))
    second = menu(batch("1"), before=first.frame, run_at=NEXT)
    assert states(second) == {"1": (True, NOW, None, None), "2": (False, NOW, NOW, NEXT)}
    assert (second.removed, second.revived) == (1, 0)
    third = menu(batch("1"), before=second.frame, run_at=AFTER)
    assert states(third) == states(second)
    assert third.removed == 0


def test_when_an_item_was_last_listed_is_the_last_good_run_when_that_is_known() -> None:
    first = menu(batch("1"), batch("2"))
    second = menu(batch("1"), before=first.frame, run_at=AFTER, last_listed_at=NEXT)
    assert states(second)["2"] == (False, NOW, NEXT, AFTER)


def test_an_item_that_returns_is_the_same_row() -> None:
    """Number 57."""
    first = menu(batch("1"), batch("2"))
    second = menu(batch("1"), before=first.frame, run_at=NEXT)
    third = menu(batch("1"), batch("2", quantity_available="0"), before=second.frame, run_at=AFTER)
    assert states(third) == {"1": (True, NOW, None, None), "2": (False, NOW, None, None)}
    assert (third.revived, third.removed) == (1, 0)


def test_an_item_whose_rows_are_all_deleted_was_not_received() -> None:
    first = menu(batch("1"), batch("2", "a"), batch("2", "b"))
    second = menu(batch("1"), batch("2", "a", deleted=True), before=first.frame, run_at=NEXT)
    assert states(second)["2"] == (False, NOW, NOW, NEXT)
    assert second.skipped["deleted"] == 1


def test_a_second_run_on_the_same_data_changes_nothing() -> None:
    """Number 62: only columns that are not compared differ."""
    first = menu(batch("1", cost="3"), batch("2"), batch("3", location_id="2000"))
    second = menu(batch("1", cost="3"), batch("2"), batch("3", location_id="2000"), before=first.frame, run_at=NEXT)
    compared = [c.name for c in MENU_PRODUCTS.columns if c.written == "content"]
    assert second.frame[compared].equals(first.frame[compared])
    assert column(second, "first_seen_at") == [NOW] * 3


@pytest.mark.parametrize(("received", "code"), [(0, "empty_catalogue"), (9, "catalogue_shrank")])
def test_a_guarded_location_stays_as_it_was_and_the_other_goes_on(received: int, code: str) -> None:
    """Number 53."""
    first = menu(*items(50), batch("1", location_id="2000"), batch("2", location_id="2000"))
    changed = items(received, quantity_on_hand="77")
    second = menu(*changed, batch("1", location_id="2000"), before=first.frame, run_at=NEXT)
    assert second.guarded == {"1000": code}
    assert codes(second) == [("1000", code)]
    was, now = ([r for r in rows(m) if r["location_id"] == "1000"] for m in (first, second))
    assert now == was
    assert [r["removed_at"] for r in rows(second) if r["location_id"] == "2000"] == [None, NEXT]
    assert second.skipped["guarded"] == received
    assert second.rows_in == received + 1 + 50 + 1


def test_a_real_shrink_is_accepted_once() -> None:
    first = menu(*items(50))
    second = menu(*items(9), before=first.frame, run_at=NEXT, accept_catalogue_shrink=True)
    assert (second.guarded, second.removed) == ({}, 41)


def test_vanished_items_do_not_count_for_the_guard() -> None:
    first = menu(*items(60))
    second = menu(*items(20), before=first.frame, run_at=NEXT)
    third = menu(*items(1), before=second.frame, run_at=AFTER)
    assert (second.removed, third.guarded, third.removed) == (40, {}, 19)


def test_other_sources_and_other_locations_are_not_touched() -> None:
    """Number 53: rows of a location that is not configured are dropped and counted."""
    first = menu(batch("1"), batch("2", location_id="2000"))
    foreign = first.frame.iloc[:1].assign(source="other", location_id="9000")
    before = MENU_PRODUCTS.frame(pd.concat([first.frame, foreign], ignore_index=True))
    rules = PosRules(location_ids=("1000",))
    second = menu(batch("3"), batch("4", location_id="2000"), before=before, rules=rules, run_at=NEXT)
    found = {(r["location_id"], r["item_id"]): r["removed_at"] for r in rows(second)}
    assert found == {("1000", "1"): NEXT, ("1000", "3"): None, ("2000", "2"): None, ("9000", "1"): None}
    assert second.skipped["other_location"] == 1


def test_the_first_menu_and_no_menu() -> None:
    assert menu().rows_in == 0
    first = menu(batch("1", quantity_on_hand="1.5"))
    assert column(first, "quantity_on_hand") == [Decimal("1.500")]
    assert (first.guarded, first.removed, first.revived) == ({}, 0, 0)
