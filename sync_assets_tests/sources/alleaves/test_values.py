"""Value rules: every kind in every spelling, and nothing but the documented errors whatever comes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.sources.alleaves.decoding.scrubbing import is_withheld, json_text
from sync_assets.sources.alleaves.decoding.values import (
    BadValue,
    last_ten_digits,
    read_date,
    read_email,
    read_flag,
    read_id,
    read_instant,
    read_number,
    read_percent,
    read_reference,
    read_text,
)
from sync_assets.sources.alleaves.faults import NotJson, parse_json

DENVER = ZoneInfo("America/Denver")
PLACEHOLDERS = ("alleaves.local", "unknown.local")

decimals = st.decimals(allow_nan=False, allow_infinity=True) | st.just(Decimal("NaN"))
scalars = st.none() | st.booleans() | st.integers() | decimals | st.floats() | st.text()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (42, "42"),
        (Decimal("42.0"), "42"),
        (Decimal("4.2E+1"), "42"),
        (42.0, "42"),
        ("42.00", "42"),
        (" 42 ", "42"),
        ("{42}", "42"),
        ("{ alleaves_42 }", "42"),
        ("alleaves_42", "42"),
        ("cid_42", "42"),
        ("cid_alleaves_42", "42"),
        ("00123", "00123"),
        ("42.5", "42.5"),
        ("A-17", "A-17"),
        ("order-{7001}", "order-{7001}"),
        ("{42", "{42"),
        ("", None),
        ("  ", None),
        ("{}", None),
        ("cid_", None),
        (None, None),
        (True, None),
        ([42], None),
        ({"id": 42}, None),
    ],
)
def test_ids_21_30(value: Any, expected: str | None) -> None:
    assert read_id(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (42, "42"),
        ("{42}", "42"),
        ("alleaves_42", "42"),
        ("cid_42", "42"),
        (0, None),
        ("0", None),
        (Decimal("0.0"), None),
        (-1, None),
        ("-1", None),
        ("cid_-7", None),
        ("alleaves_customer", None),
        (" {alleaves_customer} ", None),
        ("cid_alleaves_customer", None),
        ("customer", "customer"),
        ("alleaves_customer_42", "customer_42"),
    ],
)
def test_references_to_customers_26_30(value: Any, expected: str | None) -> None:
    assert read_reference(value) == expected


@given(scalars)
def test_reading_an_id_again_changes_nothing(value: Any) -> None:
    for read in (read_id, read_reference):
        found = read(value)
        assert found is None or (found and read(found) == found)


@given(st.integers(min_value=1, max_value=10**30), st.sampled_from(["{}", "{{{}}}", "alleaves_{}", "cid_{}", " {}.0 "]))
def test_an_id_is_the_same_however_it_is_written(number: int, form: str) -> None:
    assert read_id(form.format(number)) == read_id(number) == str(number)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("39.55", 2, "39.55"),
        (Decimal("0.1"), 2, "0.10"),
        (-30, 2, "-30.00"),
        (Decimal("49.995"), 2, "50.00"),
        (Decimal("-49.995"), 2, "-50.00"),
        (Decimal("1.005"), 2, "1.01"),
        ("-0.001", 2, "0.00"),
        ("1e3", 2, "1000.00"),
        (" +7. ", 2, "7.00"),
        (".5", 2, "0.50"),
        (Decimal("0E+100"), 2, "0.00"),
        (Decimal("1E-999999"), 2, "0.00"),
        (Decimal("20.12345"), 4, "20.1235"),
        ("9999999999999999.99", 2, "9999999999999999.99"),
        (0.1, 2, "0.10"),
    ],
)
def test_amounts(value: Any, places: int, expected: str) -> None:
    assert str(read_number(value, places=places)) == expected


@pytest.mark.parametrize("value", [None, "", " "])
def test_no_amount_is_null(value: Any) -> None:
    assert read_number(value, places=2) is None


@pytest.mark.parametrize(
    "value",
    [
        "n/a",
        "NaN",
        "Infinity",
        "1_000",
        "1,5",
        "$5",
        "٣",
        True,
        [],
        {},
        Decimal("NaN"),
        Decimal("Infinity"),
        "10000000000000000",
        Decimal("1E+999999"),
        "9999999999999999.995",
        float("nan"),
        "1e99999",
    ],
)
def test_what_is_no_amount(value: Any) -> None:
    with pytest.raises(BadValue) as caught:
        read_number(value, places=2)
    assert caught.value.code == "bad_number"


@given(scalars | json_values)
def test_any_value_is_read_or_refused_and_reading_again_changes_nothing(value: Any) -> None:
    readers: list[Callable[[Any], Any]] = [
        lambda v: read_number(v, places=2),
        read_percent,
        read_flag,
        read_text,
        read_date,
    ]
    for read in readers:
        try:
            found = read(value)
        except BadValue as bad:
            assert bad.code in {"bad_number", "bad_percent", "bad_flag", "bad_text", "bad_date"}
        else:
            assert read(found.isoformat() if isinstance(found, date) else found) == found
    try:
        moment = read_instant(value, DENVER)
    except BadValue as bad:
        assert bad.code == "bad_date"
    else:
        assert moment is None or read_instant(moment.isoformat(), DENVER) == moment
    email, status = read_email(value, PLACEHOLDERS)
    assert (status == "real") == (email is not None)
    assert email is None or read_email(email, PLACEHOLDERS) == (email, "real")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_in_json_is_exact(amount: Decimal) -> None:
    assert read_number(parse_json(str(amount).encode()), places=2) == amount


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (Decimal("1.0"), True),
        ("true", True),
        (" FALSE ", False),
        ("1", True),
        (None, None),
        ("", None),
    ],
)
def test_flags_59(value: Any, expected: bool | None) -> None:
    assert read_flag(value) is expected


@pytest.mark.parametrize("value", ["yes", 2, [], {}, Decimal("NaN")])
def test_what_is_no_flag(value: Any) -> None:
    with pytest.raises(BadValue, match="bad_flag"):
        read_flag(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T12:30:00Z", "2026-03-01T12:30:00"),
        ("2026-03-01T12:30:00.123Z", "2026-03-01T12:30:00.123000"),
        ("2026-03-01T12:30:00-07:00", "2026-03-01T19:30:00"),
        ("2026-03-01T12:30:00+0530", "2026-03-01T07:00:00"),
        ("2026-03-01 12:30:00+00", "2026-03-01T12:30:00"),
        # 50: naive with and without ms is UTC
        ("2026-03-01T12:30:00", "2026-03-01T12:30:00"),
        ("2026-03-01T12:30:00.5", "2026-03-01T12:30:00.500000"),
        ("2026-03-01 12:30", "2026-03-01T12:30:00"),
        ("2026-03-01T12:30:00.123456789z", "2026-03-01T12:30:00.123456"),
        # a date only is midnight in the store, on both sides of the clock change
        ("2026-01-15", "2026-01-15T07:00:00"),
        ("2026-07-15", "2026-07-15T06:00:00"),
        # 36: the two half past one of the night in November are two instants
        ("2026-11-01T01:30:00-06:00", "2026-11-01T07:30:00"),
        ("2026-11-01T01:30:00-07:00", "2026-11-01T08:30:00"),
    ],
)
def test_instants_36_50(value: str, expected: str) -> None:
    assert read_instant(value, DENVER) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-02-30",
        "2026-13-01T00:00:00Z",
        "20260301",
        "0000-00-00 00:00:00",
        1767225600,
        [],
        "2026-W01-1",
        "2026-03-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-03-01T12:30:00+99:00",
    ],
)
def test_an_unreadable_instant_is_refused_and_never_now(value: Any) -> None:
    with pytest.raises(BadValue, match="bad_date"):
        read_instant(value, DENVER)


def test_dates() -> None:
    assert read_date("2027-05-01") == read_date("2027-05-01T23:00:00.000Z") == date(2027, 5, 1)
    assert read_date("") is None
    with pytest.raises(BadValue, match="bad_date"):
        read_date("2027-02-30")


@pytest.mark.parametrize(
    ("value", "email", "status"),
    [
        (" VIP@Example.com ", "vip@example.com", "real"),
        (None, None, "missing"),
        ("", None, "missing"),
        (" ", None, "missing"),
        ("no-email@alleaves.local", None, "placeholder"),
        ("customer_42@alleaves.local", None, "placeholder"),
        ("Nobody@Unknown.LOCAL", None, "placeholder"),
        ("a b@alleaves.local", None, "placeholder"),
        ("x@y@alleaves.local", None, "placeholder"),
        ("x@alleaves.local.com", "x@alleaves.local.com", "real"),
        ("customer_42@alleaves.local.com", "customer_42@alleaves.local.com", "real"),
        ("x@notalleaves.local", "x@notalleaves.local", "real"),
        ("alleaves.local", None, "invalid"),
        ("vip@example", None, "invalid"),
        ("vip@@example.com", None, "invalid"),
        ("a@b.example, c@d.example", None, "invalid"),
        ("@example.com", None, "invalid"),
        ("vip@example.", None, "invalid"),
        (17, None, "invalid"),
        (["vip@example.com"], None, "invalid"),
        ("josé@exämple.com", "josé@exämple.com", "real"),
    ],
)
def test_emails_17_18_19(value: Any, email: str | None, status: str) -> None:
    assert read_email(value, PLACEHOLDERS) == (email, status)


def test_phones() -> None:
    assert last_ten_digits("+1 (303) 555-0100") == "3035550100"
    assert last_ten_digits("555-0100") is None
    assert last_ten_digits(None) is None


def test_percentages_49() -> None:
    assert str(read_percent("70.00000000")) == "70.000"
    for value in ("100.1", -1):
        with pytest.raises(BadValue, match="bad_percent"):
            read_percent(value)


def test_text_is_trimmed_and_otherwise_unchanged() -> None:
    assert read_text("  Søren  Ødegård ") == "Søren  Ødegård"
    assert read_text("a\x00b\ud800") == "ab"
    assert read_text(5550100) == "5550100"


@pytest.mark.parametrize(
    ("key", "is_secret"),
    [
        ("password", True),
        ("Old_Password_Hash", True),
        ("clientSecret", True),
        ("access_token", True),
        ("apiKey", True),
        ("metrc_api_key", True),
        ("PRIVATE-KEY", True),
        ("client_id", True),
        ("pin", True),
        ("PIN", True),
        ("date_of_birth", True),
        ("birthday", True),
        ("dob", True),
        ("shipping", False),
        ("pin_pad", False),
        ("id_customer", False),
    ],
)
def test_what_a_payload_withholds(key: str, is_secret: bool) -> None:
    assert is_withheld(key, keep_birth_date=False) is is_secret


def test_a_payload_is_scrubbed_at_any_depth_and_keeps_numbers_exact() -> None:
    received = {
        "total": Decimal("39.550"),
        "huge": Decimal("1E+400"),
        "id": 2**80,
        "name": "a\x00b",
        "customer": [{"Token": "canary", "dob": "1980-02-03", "deep": {"api_key": "canary", "kept": None}}],
    }
    assert json_text(received) == (
        '{"customer":[{"deep":{"kept":null}}],"huge":"1E+400","id":1208925819614629174706176,"name":"ab","total":39.550}'
    )
    assert '"dob":"1980-02-03"' in json_text(received, keep_birth_date=True)


@given(json_values)
def test_any_row_becomes_json_that_postgresql_can_store(value: Any) -> None:
    text = json_text(value)
    again = parse_json(text.encode())
    assert "\\u0000" not in text
    assert json_text(again) == text


def test_a_row_nested_without_end_is_cut() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    assert json.loads(json_text(deep))


@given(st.binary() | st.text().map(str.encode))
def test_any_body_is_json_or_not(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        parse_json(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff", b"[" * 100_000, b"1" * 5000])
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json(body)


def test_numbers_never_pass_through_a_float() -> None:
    assert parse_json(b'{"a": 0.1, "b": 12345678901234567.89, "c": NaN, "d": 1e99999999999999999999}') == {
        "a": Decimal("0.1"),
        "b": Decimal("12345678901234567.89"),
        "c": "NaN",
        "d": "1e99999999999999999999",
    }
