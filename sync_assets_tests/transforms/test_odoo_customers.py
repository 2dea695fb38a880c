from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import OdooRaw, map_customers

from .odoo_frames import EARLIER, NOW, acme, codes, column, odoo, order, shuffled


def customers(raw: OdooRaw, org: Org | None = None) -> Mapped:
    return map_customers(raw, org or acme(), synced_at=NOW)


def partner(partner_id: int, **fields: Any) -> dict[str, Any]:
    return {"id": partner_id, "name": f"Partner {partner_id}", "customer_rank": 1} | fields


def only(raw: OdooRaw, org: Org | None = None) -> dict[str, Any]:
    found = customers(raw, org).frame
    CUSTOMERS.contract.validate(found)
    assert len(found) == 1
    return {name: found[name].array.__arrow_array__().to_pylist()[0] for name in found.columns}


def test_a_company() -> None:
    row = only(
        odoo(
            partners=[
                partner(
                    56,
                    name=" Les Trois Ponts ",
                    is_company=True,
                    active=False,
                    email=" Bonjour@Example.FR",
                    phone="01 99 00 12 34",
                    mobile="06 39 98 00 11",
                    zip="1000",
                    city=" Bourg ",
                    country_id=75,
                    user_id=3,
                    write_date=EARLIER,
                ),
                partner(9, name="Odile Verdelin", customer_rank=0),
            ],
            users=[{"id": 3, "login": "odile", "partner_id": 9}],
        )
    )
    assert row == {
        "org_id": "acme",
        "customer_key": "odoo-56",
        "source": "odoo",
        "source_id": "56",
        "parent_customer_key": None,
        "root_customer_key": "odoo-56",
        "display_name": "Les Trois Ponts",
        "first_name": None,
        "last_name": "Les Trois Ponts",
        "is_company": True,
        "is_active": False,
        "email": "bonjour@example.fr",
        "email_status": "valid",
        "phone": "+33199001234",
        "mobile": "+33639980011",
        "zip_code": "01000",
        "city": "Bourg",
        "country": "FR",
        "email_opt_out": False,
        "sms_opt_out": False,
        "phone_opt_out": False,
        "salesperson_id": 3,
        "salesperson_name": "Odile Verdelin",
        "loyalty_points": None,
        "last_updated": EARLIER,
        "synced_at": NOW,
    }


def test_a_person_and_a_nameless_address() -> None:
    found = customers(odoo(partners=[partner(1, name="TISSANDRE Maëlle"), partner(2, name=" ", parent_id=1)]))
    assert column(found, "first_name") == ["Maëlle", None]
    assert column(found, "last_name") == ["TISSANDRE", None]
    assert column(found, "display_name") == ["TISSANDRE Maëlle", "odoo-2"]
    assert column(found, "is_company") == [False, False]


def test_whole_families_of_customers_and_buyers_are_in_and_nobody_else() -> None:
    found = customers(
        odoo(
            partners=[
                partner(1, customer_rank=0),
                partner(2, customer_rank=0, parent_id=1),
                partner(3, customer_rank=1, parent_id=2),
                partner(4, customer_rank=None),
                partner(5, customer_rank=0, parent_id=4),
                partner(6, customer_rank=0),
                partner(7, customer_rank=3, deleted_at=NOW),
                partner(8, customer_rank=0),
            ],
            orders=[order(1, 5, state="draft"), order(2, 8, deleted_at=NOW)],
        )
    )
    assert column(found, "source_id") == ["1", "2", "3", "4", "5"]
    assert column(found, "root_customer_key") == ["odoo-1", "odoo-1", "odoo-1", "odoo-4", "odoo-4"]
    assert column(found, "parent_customer_key") == [None, "odoo-1", "odoo-2", None, "odoo-4"]
    assert found.skipped == {"deleted": 1, "not_a_customer": 2}
    assert found.rows_in == 8


def test_in_a_cycle_the_root_has_no_parent() -> None:
    found = customers(odoo(partners=[partner(5, parent_id=6), partner(6, parent_id=5)]))
    assert column(found, "parent_customer_key") == [None, "odoo-5"]
    assert codes(found) == [("5", "parent_cycle"), ("6", "parent_cycle")]


def test_commercial_policy_cuts_the_branch_from_its_mother() -> None:
    partners = [
        partner(1, is_company=True, commercial_partner_id=1),
        partner(2, is_company=True, commercial_partner_id=2, parent_id=1),
        partner(3, commercial_partner_id=2, parent_id=2),
        partner(4, commercial_partner_id=2, parent_id=1),
    ]
    found = customers(odoo(partners=partners), acme(avatars={"root_policy": "commercial"}))
    assert column(found, "root_customer_key") == ["odoo-1", "odoo-2", "odoo-2", "odoo-2"]
    assert column(found, "parent_customer_key") == [None, None, "odoo-2", "odoo-2"]


def test_bad_contact_values_become_null_and_are_reported() -> None:
    found = customers(
        odoo(partners=[partner(1, email="odon@", phone="néant", mobile="12", zip="1000", country_id=None)])
    )
    assert column(found, "email") == column(found, "phone") == column(found, "mobile") == [None]
    assert column(found, "email_status") == ["invalid"]
    assert codes(found) == [("1", "bad_email"), ("1", "bad_phone"), ("1", "bad_phone"), ("1", "zip_suspect")]
    assert {(r["column_name"], r["raw_value"], r["severity"], r["entity"]) for r in found.rejects} == {
        ("email", "odon@", "warning", "res.partner"),
        ("phone", "néant", "warning", "res.partner"),
        ("mobile", "12", "warning", "res.partner"),
        ("zip", "1000", "warning", "res.partner"),
    }


def test_missing_contact_values_are_no_finding() -> None:
    found = customers(odoo(partners=[partner(1, phone=" ", email="")]))
    assert codes(found) == []
    assert column(found, "email_status") == ["missing"]


def test_phones_are_read_in_the_country_of_the_partner_then_of_the_organisation() -> None:
    partners = [partner(1, phone="02 123 45 67", country_id=20), partner(2, phone="044 668 18 00")]
    found = customers(odoo(partners=partners), acme(country="CH"))
    assert column(found, "phone") == ["+3221234567", "+41446681800"]
    assert column(found, "country") == ["BE", None]


def test_four_digits_are_not_suspect_outside_france() -> None:
    assert codes(customers(odoo(partners=[partner(1, zip="8001")]), acme(country="CH"))) == []


def test_one_email_of_two_customers_is_shared() -> None:
    emails = ["a@example.fr", "A@example.fr ", "b@example.fr"]
    found = customers(odoo(partners=[partner(i, email=e) for i, e in enumerate(emails, 1)]))
    assert column(found, "email_status") == ["shared", "shared", "valid"]
    assert column(found, "email") == ["a@example.fr", "a@example.fr", "b@example.fr"]


def test_nobody() -> None:
    found = customers(odoo())
    CUSTOMERS.contract.validate(found.frame)
    assert found.rows_in == len(found.frame) == 0


partners = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 20),
            "parent_id": st.one_of(st.none(), st.integers(1, 22)),
            "customer_rank": st.one_of(st.none(), st.integers(0, 2)),
            "name": st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["Odon Verdelin", "Mme Brève"])),
            "is_company": st.one_of(st.none(), st.booleans()),
            "email": st.one_of(st.none(), st.sampled_from(["a@example.fr", "b@example.fr", "x@", "inconnu@a.fr"])),
            "phone": st.one_of(st.none(), st.text(max_size=12), st.just("06 39 98 00 11")),
            "zip": st.one_of(st.none(), st.text(max_size=6), st.sampled_from(["1000", "67000.0"])),
            "country_id": st.sampled_from([None, 75, 20, 999]),
            "deleted_at": st.sampled_from([None, None, NOW - timedelta(days=1)]),
        }
    ),
    unique_by=lambda row: row["id"],
)


@settings(max_examples=40, deadline=None)
@given(partners, st.lists(st.integers(1, 22), max_size=4), st.integers(0, 99))
def test_no_row_is_lost_and_order_does_not_matter(rows: list[dict[str, Any]], buyers: list[int], seed: int) -> None:
    raw = odoo(partners=rows, orders=[order(i, buyer) for i, buyer in enumerate(buyers, 1)])
    found = customers(raw)
    CUSTOMERS.contract.validate(found.frame)
    assert found.rows_in == len(rows)
    again = customers(shuffled(raw, seed))
    assert again.frame.equals(found.frame)
    assert (again.skipped, codes(again)) == (found.skipped, codes(found))
    keys = set(column(found, "customer_key"))
    assert set(column(found, "root_customer_key")) <= keys
    assert {key for key in column(found, "parent_customer_key") if key} <= keys
