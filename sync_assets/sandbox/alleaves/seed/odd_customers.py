"""Customers with a purpose: one row or more for every edge case of a customer that a sync must get right.

The numbers are those of the edge cases in `cases.py`.
"""

from __future__ import annotations

from datetime import date

from sync_assets.sandbox.alleaves.seed.customers import ORDINARY, customer_row
from sync_assets.sandbox.alleaves.store import Row

SHARED_EMAIL = "household@mail.example"
TWO_CHANNEL_EMAIL = "both.ways@mail.example"


def _named(first: str | None, last: str | None, **given: object) -> Row:
    return {"name_first": first, "name_last": last, **given}


_TWICE = _named("Kiosk", "Twice", phone="(555) 010-8888", full_name="Kiosk Twice")
_ROWS: tuple[tuple[int, Row], ...] = (
    (16, _named("Hanna", "Household", email=SHARED_EMAIL)),
    (16, _named("Henry", "Household", email=f" {SHARED_EMAIL.upper()}")),
    (16, _named("Hope", "Household", email=SHARED_EMAIL)),
    (16, _named("Pat", "Phone", phone="+1 (555) 010-7777")),
    (16, _named("Pam", "Phone", phone="555.010.7777")),
    (17, _named("Vivian", "Capital", email=" Vivian.CAPITAL@Mail.Example ")),
    (18, _named("Nell", "Empty", email="")),
    (18, _named("Bo", "Blank", email=" ")),
    (18, _named("Nora", "Noemail", email="no-email@alleaves.local")),
    (18, _named("Ned", "Noemail", email="no-email@alleaves.local")),
    (18, _named("Percy", "Placeholder", email="customer_{id}@alleaves.local")),
    (18, _named("Una", "Unknown", email="guest@unknown.local")),
    (18, _named("Iris", "Invalid", email="not-an-email")),
    (19, _named("Rhea", "Real", email="customer_{id}@alleaves.local.com")),
    (20, _named("Guest", None)),
    (20, _named("GUEST", "guest")),
    (20, _named(None, None)),
    (20, _named(None, None, full_name="Wanda Whole-Name")),
    (20, _named("Łukasz", "Żółkiewski-Ångström")),
    (20, _named("  Ann ", "Blank ")),
    (20, _named("美咲", "青木")),
    (22, _named("Polly", "Points", loyalty_points=120)),
    (22, _named("Tex", "Points", loyalty_points="120")),
    (22, _named("Nil", "Points", loyalty_points=None)),
    (22, _named("Half", "Points", loyalty_points=250.5)),
    (22, _named("Max", "Points", loyalty_points="1000.00")),
    (22, _named("Minus", "Points", loyalty_points=-5)),
    (22, _named("Odd", "Points", loyalty_points="many")),
    (22, _named("Goldie", "Points", loyalty_points=550, springbig_user_code="SB-550")),
    (23, _named("Kim", "Kiosk", date_of_birth="1990-01-01")),
    (23, _TWICE),
    (23, _TWICE),
    (29, _named("Bea", "Bothways", email=TWO_CHANNEL_EMAIL)),
    (59, _named("Null", "Flags", active=None, is_medical=None, total_spent=0, order_count=0)),
    (63, _named("Millie", "Member", loyalty_points=300)),
)
# Rows that use the service's other names and forms for the same columns.
_OTHER_NAMES: tuple[tuple[int, Row], ...] = (
    (11, {"id": "{id}", "customer_name": "Other Names", "phone_number": "5550106666", "birthday": "1988-04-09"}),
    (21, _named("Bracket", "Number", id_customer="{{id}}", customer_since="2025-05-01")),
)
ALL = _ROWS + _OTHER_NAMES


def case_ids(case: int) -> list[int]:
    """The ids of the customers made for an edge case."""
    return [ORDINARY + 1 + place for place, (number, _) in enumerate(ALL) if number == case]


def odd_customers(today: date) -> list[Row]:
    """The rows, with ids that follow those of the ordinary customers."""
    rows = []
    for place, (_, given) in enumerate(ALL):
        number = ORDINARY + 1 + place
        filled = {
            name: value.replace("{id}", str(number)) if isinstance(value, str) else value
            for name, value in given.items()
        }
        row = customer_row(number, today, **filled)
        if "id" in given:
            del row["id_customer"]
        rows.append(row)
    return rows
