from __future__ import annotations

from decimal import Decimal

import pytest

from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.alleaves import map_customers
from sync_assets.transforms.mapped import Mapped

from .frames import NOW, acme, codes, column, customer, only, store


def people(*found: dict, **more: list[dict]) -> Mapped:
    mapped = map_customers(store(customers=list(found), **more), acme(), synced_at=NOW)
    CUSTOMERS.contract.validate(mapped.frame)
    assert mapped.rows_in == len(found)
    return mapped


def test_a_customer() -> None:
    names = {"first_name": "Ada", "last_name": "Quill", "display_name": "Ada Quill"}
    row = customer("42", "ada@example.com", phone="(212) 555-0142", city="Elmira", loyalty_points="120", **names)
    assert only(people(row)) == {
        "org_id": "acme",
        "customer_key": "alleaves-42",
        "source": "alleaves",
        "source_id": "42",
        "parent_customer_key": None,
        "root_customer_key": "alleaves-42",
        "display_name": "Ada Quill",
        "first_name": "Ada",
        "last_name": "Quill",
        "is_company": False,
        "is_active": True,
        "email": "ada@example.com",
        "email_status": "valid",
        "phone": "+12125550142",
        "mobile": None,
        "zip_code": None,
        "city": "Elmira",
        "country": "US",
        "email_opt_out": False,
        "sms_opt_out": False,
        "phone_opt_out": False,
        "salesperson_id": None,
        "salesperson_name": None,
        "loyalty_points": Decimal("120.00"),
        "last_updated": NOW,
        "synced_at": NOW,
    }


def test_customers_without_contact_data_are_all_kept() -> None:
    """Number 15: 96 % have neither e-mail nor phone, and none is merged."""
    found = [customer(str(n), f"c{n}@example.com" if n % 25 == 0 else None) for n in range(100)]
    assert len(set(column(people(*found), "customer_key"))) == 100


def test_a_shared_email_stays_on_all_its_customers() -> None:
    """Number 16."""
    found = [customer(n, "both@example.com", email_status="shared", phone="2125550142") for n in ("1", "2")]
    mapped = people(*found)
    assert column(mapped, "email") == ["both@example.com"] * 2
    assert column(mapped, "email_status") == ["shared"] * 2
    assert column(mapped, "phone") == ["+12125550142"] * 2


@pytest.mark.parametrize("status", ["placeholder", "missing", "invalid"])
def test_the_other_email_statuses_are_kept(status: str) -> None:
    """Number 18."""
    row = only(people(customer("1", None, email_status=status)))
    assert (row["email"], row["email_status"]) == (None, status)


def test_names_that_are_missing_and_names_in_other_letters() -> None:
    """Number 20: a guest has no names; the key stands for the name."""
    mapped = people(customer("1", is_guest=True), customer("2", first_name="Zoë", display_name="Zoë 李"))
    assert column(mapped, "display_name") == ["alleaves-1", "Zoë 李"]
    assert column(mapped, "first_name") == [None, "Zoë"]


def test_points_that_are_missing_are_0() -> None:
    """Number 22."""
    mapped = people(customer("1", loyalty_points="120"), customer("2", loyalty_points=None))
    assert column(mapped, "loyalty_points") == [Decimal("120.00"), Decimal("0.00")]


def test_one_person_created_twice_is_two_customers() -> None:
    """Number 23."""
    same = {"first_name": "Ada", "last_name": "Quill", "phone": "2125550142"}
    assert column(people(customer("1", **same), customer("2", **same)), "customer_key") == ["alleaves-1", "alleaves-2"]


def test_a_phone_that_cannot_be_read() -> None:
    mapped = people(customer("1", phone="ask Sam"), customer("2", phone=" "))
    assert column(mapped, "phone") == [None, None]
    assert codes(mapped) == [("1", "bad_phone")]


@pytest.mark.parametrize(
    ("country", "expected"),
    [("USA", "US"), ("U.S.A.", "US"), ("united states", "US"), ("ca", "CA"), ("Freedonia", "CA"), (None, "CA")],
)
def test_the_country_is_the_stores_else_the_organisations(country: str | None, expected: str) -> None:
    mapped = people(customer("1"), locations=[{"location_id": "1000", "country": country}])
    assert column(mapped, "country") == [expected]


def test_no_customers() -> None:
    assert people(locations=[]).rows_in == 0
