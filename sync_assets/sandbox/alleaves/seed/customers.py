"""The shop's 4,000 customers: who they are, and what kind of buyer each of them is.

When and what they buy belongs to `orders.py`; the rows with a purpose of their own to `odd_customers.py`.
"""

from __future__ import annotations

from datetime import date, timedelta

from sync_assets.sandbox.alleaves.seed.names import CITIES, FIRST_NAMES, LAST_NAMES
from sync_assets.sandbox.alleaves.store import Row
from sync_assets.sandbox.dice import Dice

CUSTOMERS = 4_000
# The last of them are the rows of `odd_customers.py`.
ODD = 37
ORDINARY = CUSTOMERS - ODD
HISTORY_DAYS = 548
# How many of the ordinary customers are of each kind; the others have never bought.
KINDS = {"vip": 150, "loyal": 320, "returning": 480, "at_risk": 380, "churned": 1500, "new": 330}
_STEP = 2371  # Shares no factor with ORDINARY, so that all kinds are mixed over the numbers.


def kind_of(number: int) -> str:
    """The kind of buyer a customer is on the day the store is built."""
    place = number * _STEP % ORDINARY
    for kind, count in KINDS.items():
        if place < count:
            return kind
        place -= count
    return "member"


def customer_row(number: int, today: date, **given: object) -> Row:
    """One customer as the service sends it, without any contact data; `given` goes over it."""
    row: Row = {
        "id_customer": number,
        "id_location": None,
        "name_first": None,
        "name_last": None,
        "full_name": None,
        "email": None,
        "phone": None,
        "cell_phone": None,
        "city": None,
        "state": None,
        "date_of_birth": None,
        "loyalty_points": 0,
        "springbig_user_code": None,
        "alpine_user_code": None,
        "total_spent": None,
        "order_count": None,
        "last_order_date": None,
        "is_medical": None,
        "active": True,
        "date_created": f"{today - timedelta(days=HISTORY_DAYS)}T17:00:00.000Z",
    }
    return row | given


def ordinary_customer(number: int, today: date, since: date) -> Row:
    """A customer like most: a name, seldom an e-mail or a phone number, points null or 0."""
    dice = Dice(21, number)
    first, last = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
    has_contact = number % 25 == 7
    return customer_row(
        number,
        today,
        name_first=first,
        name_last=last,
        full_name=f"{first} {last}",
        email=f"{_plain(first)}.{_plain(last)}{number}@mail.example" if has_contact else None,
        phone=f"(555) 01{dice.between(0, 9)}-{dice.between(0, 9999):04d}" if has_contact else None,
        city=dice.pick(CITIES) if dice.chance(60) else None,
        state="CA" if dice.chance(60) else None,
        date_of_birth=f"{1955 + dice.below(48)}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}",
        loyalty_points=None if number % 3 == 0 else 0,
        date_created=f"{since}T{dice.between(16, 23)}:{dice.between(0, 59):02d}:00.000Z",
    )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha()) or "x"
