"""Containers and paging: every shape gives the same rows, and a list ends where it ends or fails loudly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.errors import SourceDataError
from sync_assets.sources.alleaves.containers import Rows, numeric_values, read_rows
from sync_assets_tests.sources.alleaves.support import Service, client_of, customers, paged, read_all
from sync_assets_tests.sources.alleaves.test_values import json_values

ROWS = [{"id_customer": number} for number in range(12)]
NUMBERED = {str(number): row for number, row in reversed(list(enumerate(ROWS)))}


@pytest.mark.parametrize(
    "reply",
    [
        ROWS,
        NUMBERED,
        {"customers": ROWS},
        {"customers": NUMBERED, "total": "12", "page": 1},
        {"data": ROWS},
        {"data": NUMBERED},
        {"results": ROWS, "error": None},
        {"customers": None, "data": ROWS, "error": ""},
    ],
)
def test_one_list_in_every_container_11(reply: Any) -> None:
    assert read_rows(reply, "customers", who="acme").elements == ROWS
    with client_of(Service({"customers": [reply]})) as client:
        assert read_all(client.customers()) == ROWS


@pytest.mark.parametrize(
    "reply", [[], {}, {"customers": []}, {"customers": {}}, {"data": []}, {"customers": [], "x": 1}]
)
def test_an_empty_list_in_every_container_12(reply: Any) -> None:
    assert read_rows(reply, "customers", who="acme").elements == []


@pytest.mark.parametrize(
    "reply",
    [
        {"total": 0},
        {"customers": None},
        {"customers": "none"},
        {"rows": []},
        {"payload": {"list": []}},
        {"data": {"customers": []}},
        {"0": {}, "total": 1},
        {"²": {}},
        {"-1": {}},
        None,
        "text",
        17,
        Decimal("1.5"),
        True,
    ],
)
def test_any_other_shape_is_a_failure_and_never_no_rows(reply: Any) -> None:
    with pytest.raises(SourceDataError) as caught:
        read_rows(reply, "customers", who="acme: Alleaves customers")
    assert caught.value.code == "unexpected_shape"


def test_the_message_names_fields_and_no_values() -> None:
    with pytest.raises(SourceDataError, match=r"an object with email, rows") as caught:
        read_rows({"rows": [], "email": "ada@example.com"}, "customers", who="acme")
    assert "ada" not in caught.value.message


@given(json_values)
def test_any_reply_has_rows_or_an_unexpected_shape(reply: Any) -> None:
    try:
        rows = read_rows(reply, "customers", who="acme")
    except SourceDataError as error:
        assert error.code == "unexpected_shape"
    else:
        assert isinstance(rows.elements, list)
        assert read_rows(rows.elements, "customers", who="acme") == Rows(rows.elements)


@given(st.lists(st.integers(min_value=0, max_value=10**30), unique=True))
def test_numeric_keys_are_read_in_the_order_of_their_numbers(keys: list[int]) -> None:
    assert numeric_values({str(key): key for key in keys}) == sorted(keys)


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (99, 1), (100, 2), (101, 2), (200, 3), (3001, 31)])
@pytest.mark.parametrize("empty", [[], {}], ids=["array", "object"])
def test_where_a_list_ends_12_13(count: int, calls: int, empty: Any) -> None:
    service = Service({"customers": paged(customers(count), lambda rows: rows or empty)})
    with client_of(service) as client:
        assert read_all(client.customers()) == customers(count)
        assert client.notes == []
    assert [call["json"] for call in service.of("customers")] == [
        {"page": page, "pageSize": 100} for page in range(1, calls + 1)
    ]


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_many_orders_39(count: int) -> None:
    from datetime import date

    rows = [{"id_order": number} for number in range(count)]
    service = Service({"orders": paged(rows)})
    with client_of(service) as client:
        assert len(read_all(client.orders(date(2026, 8, 1), date(2026, 11, 21)))) == count


def test_a_total_larger_than_what_came_reads_on_to_an_empty_page() -> None:
    pages = [ROWS[:5], ROWS[5:9], ROWS[9:], []]
    service = Service({"customers": [{"customers": page, "total": 12} for page in pages]})
    with client_of(service, "documented") as client:
        assert read_all(client.customers()) == ROWS
        assert client.notes == []
    assert len(service.of("customers")) == 3


def test_a_total_that_is_never_reached_is_a_warning() -> None:
    service = Service({"customers": paged(ROWS, lambda rows: {"customers": rows, "total": 15})})
    with client_of(service, "documented") as client:
        assert read_all(client.customers()) == ROWS
        assert [(note.code, note.message) for note in client.notes] == [
            ("total_mismatch", "acme: Alleaves customers: 12 rows of 15 were received")
        ]
    assert len(service.of("customers")) == 2


def test_a_short_page_that_repeats_below_the_total_ends_with_a_warning() -> None:
    service = Service({"customers": [{"customers": ROWS, "total": 15}]})
    with client_of(service, "documented") as client:
        assert [len(page) for page in client.customers()] == [12, 12]
        assert {note.code for note in client.notes} == {"total_mismatch", "duplicates_in_fetch"}


def test_a_full_page_without_a_new_row_is_stuck() -> None:
    with client_of(Service({"customers": [customers(100)]})) as client:
        pages = client.customers()
        assert len(next(pages)) == 100
        with pytest.raises(SourceDataError, match="does not turn pages") as caught:
            read_all(pages)
    assert caught.value.code == "paging_stuck"


def test_a_full_page_without_a_new_row_ends_a_list_whose_total_is_reached() -> None:
    service = Service({"customers": [{"customers": customers(100), "total": 100}]})
    with client_of(service, "documented") as client:
        assert sum(len(page) for page in client.customers()) == 200
    assert len(service.of("customers")) == 2


def test_rows_that_shift_while_paging_come_twice_and_are_counted_14() -> None:
    pages = [customers(100, start=1), customers(100, start=100), customers(50, start=200)]
    with client_of(Service({"customers": [*pages, []]})) as client:
        ids = [row["id_customer"] for row in read_all(client.customers())]
        assert (len(ids), len(set(ids))) == (250, 249)
        assert [(note.code, note.count) for note in client.notes] == [("duplicates_in_fetch", 1)]


def test_the_last_of_two_rows_in_a_page_counts_21() -> None:
    rows = [{"id_customer": 7, "x": 1}, {"id": "8"}, {"id_customer": "{7}", "x": 2}, "junk", "junk", {"no": "id"}]
    with client_of(Service({"customers": [rows]})) as client:
        assert read_all(client.customers()) == [{"id_customer": "{7}", "x": 2}, {"id": "8"}, "junk", {"no": "id"}]
        assert [(note.code, note.count) for note in client.notes] == [("duplicates_in_fetch", 2)]


def test_rows_without_id_turn_pages_too_42() -> None:
    rows = [{"total": number} for number in range(5)]
    with client_of(Service({"customers": paged(rows)}), page_size=1) as client:
        assert read_all(client.customers()) == rows


@pytest.mark.parametrize(("pages", "is_enough"), [(3, True), (2, False)])
def test_reaching_max_pages_is_a_failure(pages: int, is_enough: bool) -> None:
    with client_of(Service({"customers": paged(customers(200))}), max_pages=pages) as client:
        if is_enough:
            assert len(read_all(client.customers())) == 200
        else:
            with pytest.raises(SourceDataError, match="raise max_pages") as caught:
                read_all(client.customers())
            assert caught.value.code == "max_pages"


def test_walking_until_an_empty_page() -> None:
    """A service that sends fewer rows per page than asked."""
    rows = customers(120)

    def answer(call: dict[str, Any]) -> Any:
        start = (call["json"]["page"] - 1) * 50
        return rows[start : start + 50]

    with client_of(Service({"customers": answer})) as client:
        assert len(read_all(client.customers())) == 50
    with client_of(Service({"customers": answer}), walk_until_empty=True) as client:
        assert read_all(client.customers()) == rows
    with client_of(Service({"customers": [rows[:50]]}), walk_until_empty=True) as client:
        with pytest.raises(SourceDataError) as caught:
            read_all(client.customers())
        assert caught.value.code == "paging_stuck"
