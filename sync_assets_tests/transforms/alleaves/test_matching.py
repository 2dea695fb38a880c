from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.transforms.alleaves import match_orders

from .frames import TABLES, customer, frame, order

CUSTOMERS = [
    customer("1", "ada@example.com", user_id="u1"),
    customer("2", "both@example.com", email_status="shared", user_id="twice"),
    customer("3", "both@example.com", email_status="shared", user_id="twice"),
    customer("4", None, user_id="1"),
    customer("5"),
]


def match(orders: list[dict[str, Any]], customers: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    found = match_orders(frame(TABLES["orders"], orders), frame(TABLES["customers"], customers))
    assert found["order_id"].to_pylist() == [row["order_id"] for row in orders]
    return [
        (row["customer_id"], row["match_method"], row["unmatched_reason"])
        for row in found.select(["customer_id", "match_method", "unmatched_reason"]).to_pylist()
    ]


@pytest.mark.parametrize(
    ("ref", "user_ref", "email", "expected"),
    [
        # The eight rows of section 2.3, in their order.
        ("1", None, None, ("1", "customer_id", None)),
        (None, "u1", None, ("1", "user_id", None)),
        (None, "5", None, ("5", "user_id", None)),
        (None, None, "ada@example.com", ("1", "email", None)),
        (None, None, None, (None, None, "no_customer_reference")),
        ("99", None, None, (None, None, "unknown_customer_id")),
        (None, None, "both@example.com", (None, None, "ambiguous_email")),
        (None, None, "nobody@example.com", (None, None, "unknown_email")),
        ("99", None, "nobody@example.com", (None, None, "unknown_id_and_email")),
        # The first success wins.
        ("5", "u1", "ada@example.com", ("5", "customer_id", None)),
        ("99", "u1", "both@example.com", ("1", "user_id", None)),
        ("99", "99", "ada@example.com", ("1", "email", None)),
        # A second id wins over an equal first id; one that two customers have finds neither.
        (None, "1", None, ("4", "user_id", None)),
        (None, "twice", None, (None, None, "unknown_customer_id")),
        ("99", None, "both@example.com", (None, None, "ambiguous_email")),
        (None, "99", "nobody@example.com", (None, None, "unknown_id_and_email")),
    ],
)
def test_the_rules(ref: str | None, user_ref: str | None, email: str | None, expected: tuple[Any, ...]) -> None:
    """Numbers 16, 26, 27 and 28: both forms of an order give the same logical columns."""
    assert match([order("7", ref, user_ref=user_ref, email=email)], CUSTOMERS) == [expected]


def test_an_order_comes_in_with_its_customer_and_goes_out_when_its_email_is_shared() -> None:
    waiting = [order("7", None, email="new@example.com")]
    assert match(waiting, []) == [(None, None, "unknown_email")]
    assert match(waiting, [customer("1", "new@example.com")]) == [("1", "email", None)]
    both = [customer(n, "new@example.com", email_status="shared") for n in ("1", "2")]
    assert match(waiting, both) == [(None, None, "ambiguous_email")]


def test_a_status_that_is_older_than_the_list_credits_nobody() -> None:
    both = [customer(n, "new@example.com", email_status="real") for n in ("1", "2")]
    assert match([order("7", None, email="new@example.com")], both) == [(None, None, "ambiguous_email")]


def test_nothing_at_all() -> None:
    assert match([], []) == []


def naive(row: dict[str, Any], customers: list[dict[str, Any]]) -> tuple[Any, ...]:
    ref, user_ref, email = row["customer_ref"], row["user_ref"], row["email"]
    ids = [one["customer_id"] for one in customers]
    if ref in ids:
        return ref, "customer_id", None
    if user_ref is not None:
        holders = [one["customer_id"] for one in customers if one["user_id"] == user_ref]
        if len(holders) == 1:
            return holders[0], "user_id", None
        if user_ref in ids:
            return user_ref, "user_id", None
    holders = [one["customer_id"] for one in customers if email is not None and one["email"] == email]
    if len(holders) == 1:
        return holders[0], "email", None
    has_reference = ref is not None or user_ref is not None
    if email is None:
        return None, None, "unknown_customer_id" if has_reference else "no_customer_reference"
    if holders:
        return None, None, "ambiguous_email"
    return None, None, "unknown_id_and_email" if has_reference else "unknown_email"


ids = st.sampled_from([None, "1", "2", "3", "4", "9"])
emails = st.sampled_from([None, "a@example.com", "b@example.com", "c@example.com"])
worlds = st.lists(
    st.fixed_dictionaries({"customer_id": ids.filter(bool), "user_id": ids, "email": emails}),
    unique_by=lambda row: row["customer_id"],
)
sales = st.lists(st.fixed_dictionaries({"customer_ref": ids, "user_ref": ids, "email": emails}), max_size=12)


@settings(max_examples=150, deadline=None)
@given(worlds, sales)
def test_matching_is_what_a_plain_reading_of_the_rules_gives(
    people: list[dict[str, Any]], sold: list[dict[str, Any]]
) -> None:
    emails = [row["email"] for row in people]
    customers = [
        customer(**{"number": row["customer_id"], "email": row["email"]})
        | {"user_id": row["user_id"]}
        | ({"email_status": "shared"} if row["email"] and emails.count(row["email"]) > 1 else {})
        for row in people
    ]
    orders = [order(str(n)) | row for n, row in enumerate(sold)]
    assert match(orders, customers) == [naive(row, people) for row in orders]
