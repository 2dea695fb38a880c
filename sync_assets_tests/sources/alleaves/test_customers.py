"""Customers of both dialects into one logical row, and which e-mails are shared."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.sources.alleaves import Issue, decode_customer
from sync_assets_tests.sources.alleaves.support import RULES
from sync_assets_tests.sources.alleaves.test_values import json_values

COLUMNS = [
    "org_id",
    "customer_id",
    "user_id",
    "first_name",
    "last_name",
    "is_guest",
    "display_name",
    "email",
    "email_raw",
    "email_status",
    "phone",
    "phone_last10",
    "city",
    "state",
    "birth_date",
    "loyalty_points",
    "external_loyalty",
    "created_at",
    "reported_totals",
    "payload",
]


def decoded(received: Any, **rules: Any) -> dict[str, Any]:
    from dataclasses import replace

    row, issues = decode_customer(received, replace(RULES, **rules))
    assert row is not None
    return {**row, "issues": [issue.code for issue in issues]}


def test_a_documented_customer() -> None:
    received = {
        "id_customer": 42,
        "userId": "U42",
        "first_name": " Ada ",
        "last_name": "Brightwater",
        "email": "Ada@Example.com",
        "phone": "+1 (303) 555-0100",
        "loyaltyPoints": "120",
    }
    row, issues = decode_customer(received, RULES)
    assert issues == []
    assert row is not None
    assert list(row) == COLUMNS
    assert (row["org_id"], row["customer_id"], row["user_id"]) == ("acme", "42", "U42")
    assert (row["first_name"], row["last_name"], row["display_name"]) == ("Ada", "Brightwater", "Ada Brightwater")
    assert (row["email"], row["email_raw"], row["email_status"]) == ("ada@example.com", "Ada@Example.com", "real")
    assert (row["phone"], row["phone_last10"]) == ("+1 (303) 555-0100", "3035550100")
    assert row["loyalty_points"] == Decimal(120)


def test_an_observed_customer() -> None:
    received = {
        "id": "{42}",
        "name_first": None,
        "name_last": "",
        "full_name": "Søren Ødegård",
        "phone": " ",
        "cell_phone": 3035550100,
        "city": "Pine Hollow",
        "state": "CO",
        "date_of_birth": "1980-02-03",
        "loyalty_points": None,
        "springbig_user_code": "SB-1",
        "alpine_user_code": None,
        "date_created": "2024-05-14",
        "total_spent": Decimal("12.50"),
        "total_orders": 3,
        "last_purchase": "2026-01-02T03:04:05",
    }
    row = decoded(received)
    assert row["issues"] == []
    assert (row["customer_id"], row["first_name"], row["last_name"]) == ("42", None, None)
    assert row["display_name"] == "Søren Ødegård"
    assert (row["email"], row["email_raw"], row["email_status"]) == (None, None, "missing")
    assert (row["phone"], row["phone_last10"]) == ("3035550100", "3035550100")
    assert row["created_at"] == datetime(2024, 5, 14, 6, tzinfo=UTC)
    assert row["external_loyalty"] == '{"springbig_user_code":"SB-1"}'
    assert row["reported_totals"] == '{"last_order_date":"2026-01-02T03:04:05","order_count":3,"total_spent":12.50}'
    assert row["birth_date"] is None
    assert "1980" not in row["payload"]


def test_id_as_number_and_as_text_is_one_customer_21() -> None:
    assert decoded({"id_customer": 7})["customer_id"] == decoded({"id": "7"})["customer_id"] == "7"


@pytest.mark.parametrize(
    ("points", "expected"), [(120, "120"), ("120", "120"), (None, "0"), (0, "0"), (Decimal("199.995"), "200.00")]
)
def test_points_22(points: Any, expected: str) -> None:
    assert decoded({"id": 1, "loyalty_points": points})["loyalty_points"] == Decimal(expected)
    assert decoded({"id": 1, "loyaltyPoints": points})["loyalty_points"] == Decimal(expected)


def test_unreadable_points_are_none_and_named() -> None:
    row = decoded({"id": 1, "loyalty_points": "many"})
    assert (row["loyalty_points"], row["issues"]) == (0, ["bad_number"])


def test_a_birth_date_is_stored_only_when_kept_and_never_the_kiosks_23() -> None:
    kept = decoded({"id": 1, "birthday": "1980-02-03T00:00:00"}, keep_birth_date=True)
    assert kept["birth_date"] == date(1980, 2, 3)
    assert "1980-02-03" in kept["payload"]
    assert decoded({"id": 1, "date_of_birth": "1990-01-01"}, keep_birth_date=True)["birth_date"] is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Guest", None, (None, None, True)),
        ("GUEST", "User", (None, "User", True)),
        ("Ada", " guest ", ("Ada", None, True)),
        ("Guesty", "McGuest", ("Guesty", "McGuest", False)),
        (None, None, (None, None, False)),
        ("Łucja", "Ñandú", ("Łucja", "Ñandú", False)),
    ],
)
def test_guests_nulls_and_other_alphabets_20(first: Any, last: Any, expected: tuple[Any, ...]) -> None:
    row = decoded({"id": 1, "name_first": first, "name_last": last})
    assert (row["first_name"], row["last_name"], row["is_guest"]) == expected


@pytest.mark.parametrize(
    ("email", "status", "issues"),
    [
        ("no-email@alleaves.local", "placeholder", []),
        ("customer_42@unknown.local", "placeholder", []),
        ("x@alleaves.local.com", "real", []),
        ("not an address", "invalid", ["bad_email"]),
        (" ", "missing", []),
    ],
)
def test_emails_18_19(email: str, status: str, issues: list[str]) -> None:
    row = decoded({"id": 1, "email": email})
    assert (row["email_status"], row["issues"]) == (status, issues)
    assert (row["email"] is None) == (status != "real")


def test_placeholder_domains_are_a_setting() -> None:
    assert decoded({"id": 1, "email": "x@none.example"}, placeholder_email_domains=("none.example",))["email"] is None


@pytest.mark.parametrize("received", [{}, {"name_first": "Ada"}, {"id_customer": " "}, {"id": None, "id_customer": {}}])
def test_a_customer_without_id_is_rejected(received: dict[str, Any]) -> None:
    row, issues = decode_customer({**received, "password": "canary"}, RULES)
    assert row is None
    assert [(issue.code, issue.severity) for issue in issues] == [("no_customer_id", "error")]
    assert "canary" not in str(issues)


@pytest.mark.parametrize("received", ["text", None, 17, ["a"]])
def test_an_element_that_is_no_object_is_rejected(received: Any) -> None:
    row, issues = decode_customer(received, RULES)
    assert row is None
    assert [(issue.code, issue.severity) for issue in issues] == [("not_an_object", "error")]


def test_an_issue_fits_the_table_of_rejects() -> None:
    _, issues = decode_customer({"id": 9, "email": "x" * 600}, RULES)
    assert issues[0].reject() == {
        "entity": "customers",
        "record_key": "9",
        "column_name": "email",
        "raw_value": "x" * 500,
        "code": "bad_email",
        "severity": "warning",
        "message": "email is not an e-mail address",
    }
    assert isinstance(issues[0], Issue)


def test_a_payload_holds_no_secret() -> None:
    row = decoded({"id": 1, "a": {"b": [{"apiToken": "canary", "pin": "canary"}]}})
    assert json.loads(row["payload"]) == {"id": 1, "a": {"b": [{}]}}


NAMES = ["id_customer", "id", "userId", "first_name", "name_last", "full_name", "email", "phone", "loyalty_points"]
NAMES += ["date_created", "birthday", "total_spent", "springbig_user_code", "city"]


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_any_object_is_a_row_or_a_reject(received: dict[str, Any]) -> None:
    row, issues = decode_customer(received, RULES)
    assert (row is None) == (issues[0].code == "no_customer_id" if issues else False)
    if row is not None:
        assert list(row) == COLUMNS
        assert decode_customer(received, RULES) == (row, issues)
