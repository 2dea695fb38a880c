"""Who the demo organisation sells to: families of partners, their salespeople, currencies and countries.

When and what they buy belongs to `rhythms.py` and `orders.py`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.odoo import recompute
from sync_assets.sandbox.odoo.seed.base import EUR, FOUNDED, FRANCE, OWN_USER
from sync_assets.sandbox.odoo.seed.names import (
    CITIES,
    FIRST_NAMES,
    LAST_NAMES,
    PHONE_FORMATS,
    SHOPS,
    SIGNS,
    STREETS,
)
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import time_text

ACTIVE_ROOTS, LAPSED_ROOTS, PROSPECTS = 231, 60, 40
USD, CHF = 1, 5
SWITZERLAND, UNITED_STATES, BELGIUM = 43, 233, 20
FIRST_CUSTOMER = 101
_ARCHIVED_SELLER = 16
_CYCLE = 40  # the number of the active root that is above and below its own branch


@dataclass(frozen=True)
class Customer:
    """A root partner with what its orders need to know. `members` are the ids of the family, the root first."""

    number: int
    id: int
    members: tuple[int, ...]
    currency_id: int
    company_id: int
    user_id: int | bool
    is_export: bool

    @property
    def is_active(self) -> bool:
        return self.number < ACTIVE_ROOTS

    @property
    def is_lapsed(self) -> bool:
        return ACTIVE_ROOTS <= self.number < ACTIVE_ROOTS + LAPSED_ROOTS


def load_customers(store: Store) -> list[Customer]:
    """Adds the people of the demo organisation; its customers by number."""
    with store.transaction_at(FOUNDED):
        _add_references(store)
        sellers = _add_sellers(store)
    customers: list[Customer] = []
    rows: list[dict[str, Any]] = []
    for number in range(ACTIVE_ROOTS + LAPSED_ROOTS + PROSPECTS):
        customer, family = _family(number, FIRST_CUSTOMER + len(rows), sellers)
        customers.append(customer)
        rows += family
    moment = time_text(FOUNDED)
    fields = store.models["res.partner"].fields
    for row in rows:
        row |= {"lang": "fr_FR", "create_date": moment, "write_date": moment}
    store.load("res.partner", ({name: value for name, value in row.items() if name in fields} for row in rows))
    for row in rows:
        record = store.get("res.partner", row["id"])
        assert record is not None
        record |= recompute.compute(store, "res.partner", record)
    return customers


def _add_references(store: Store) -> None:
    store.create("res.currency", {"id": USD, "name": "USD", "symbol": "$", "position": "before"})
    store.create("res.currency", {"id": CHF, "name": "CHF", "symbol": "CHF"})
    store.create("res.country", {"id": BELGIUM, "name": "Belgium", "code": "BE", "currency_id": EUR, "phone_code": 32})
    store.create(
        "res.country", {"id": SWITZERLAND, "name": "Switzerland", "code": "CH", "currency_id": CHF, "phone_code": 41}
    )
    store.create(
        "res.country", {"id": UNITED_STATES, "name": "United States", "code": "US", "currency_id": USD, "phone_code": 1}
    )
    store.create("res.country.state", {"id": 37, "name": "New York", "code": "NY", "country_id": UNITED_STATES})
    partner = {"id": 10, "name": "Verdel Sélection", "is_company": True, "country_id": FRANCE, "city": "Lyon"}
    store.create(
        "res.company",
        {"id": 2, "name": "Verdel Sélection", "partner_id": store.create("res.partner", partner), "currency_id": EUR},
    )
    for user in list(store.records("res.users")):
        user["company_ids"] = [1, 2]
    for number, name in enumerate(("Restauration", "Caviste", "Épicerie fine", "Hôtellerie", "Export"), start=1):
        store.create("res.partner.category", {"id": number, "name": name})


def _add_sellers(store: Store) -> list[int]:
    """Eight salespeople; the first can also log in and sees own orders only, one is archived."""
    sellers = [OWN_USER]
    for user_id in range(11, 18):
        first, last = FIRST_NAMES[user_id], LAST_NAMES[user_id]
        active = user_id != _ARCHIVED_SELLER
        login = f"{plain(first)}.{plain(last)}@maison-verdel.example"
        partner = {"id": user_id, "name": f"{first} {last}", "email": login, "active": active}
        values = {"partner_id": store.create("res.partner", partner), "login": login, "company_ids": [1, 2]}
        sellers.append(store.create("res.users", {"id": user_id, "active": active, **values}))
    return sellers


def plain(text: str) -> str:
    """The text in lower-case ASCII letters, for addresses.

    >>> plain("Sœurs Étienvre")
    'surs-etienvre'
    """
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


def _family(number: int, first_id: int, sellers: list[int]) -> tuple[Customer, list[dict[str, Any]]]:
    dice = Dice(3, number)
    is_person = number % 13 == 6
    currency_id = {7: USD, 8: CHF}.get(number % 20, EUR)
    country_id = {USD: UNITED_STATES, CHF: SWITZERLAND}.get(currency_id, BELGIUM if number % 31 == 3 else FRANCE)
    user_id: int | bool = False if number % 9 == 4 else dice.pick(sellers)
    if is_person:
        name = f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"
    else:
        # Twelve kinds of shops and 28 signs give each root a name of its own.
        name = f"{SHOPS[number % 12]} {SIGNS[(number // 12) % 28]}"
    root = _partner(dice, first_id, name, is_company=not is_person, country_id=country_id, user_id=user_id)
    root |= {"customer_rank": dice.between(1, 60), "ref": f"C{number:04d}" if number % 4 else False}
    root["vat"] = (
        f"FR{number % 90 + 10}{900_000_000 + number}"
        if not is_person and country_id == FRANCE and number % 3
        else False
    )
    root["company_id"] = 2 if number % 50 == 17 else False
    root["category_id"] = [[], [1], [1, 3], [2], [2, 3], [4, 1, 5]][dice.below(6)]
    rows = [root]
    if not is_person or dice.chance(20):
        _add_members(dice, number, rows)
    members = tuple(row["id"] for row in rows)
    company_id = 2 if number % 8 == 1 or root["company_id"] == 2 else 1
    return Customer(number, first_id, members, currency_id, company_id, user_id, country_id != FRANCE), rows


def _add_members(dice: Dice, number: int, rows: list[dict[str, Any]]) -> None:
    """Branches, addresses and contacts, up to three levels below the root; some of them archived."""
    root, country_id = rows[0], rows[0]["country_id"]

    def add(parent: dict[str, Any], **values: Any) -> dict[str, Any]:
        row = _partner(dice, root["id"] + len(rows), country_id=country_id, parent_id=parent["id"], **values)
        rows.append(row)
        return row

    def person() -> str:
        return f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"

    if dice.chance(60):
        add(root, name=False if dice.chance(60) else f"Comptabilité {root['name']}", type="invoice")
    if dice.chance(50):
        add(root, name=False if dice.chance(50) else "Livraison", type="delivery")
    if dice.chance(65):
        add(root, name=person(), function="Sommelière" if dice.chance(50) else "Chef")
    if number % 10 == 9:
        # An archived contact whose orders still count.
        add(root, name=person(), active=False)
    if number == _CYCLE or number % 4 == 0:
        branch = add(root, name=f"{root['name']} – {dice.pick(CITIES)[0]}", is_company=True)
        if dice.chance(70):
            contact = add(branch, name=person())
            if dice.chance(50):
                add(contact, name=False, type="delivery")
        if number == _CYCLE:
            root["parent_id"] = branch["id"]


def _partner(dice: Dice, partner_id: int, name: str | bool, **values: Any) -> dict[str, Any]:
    city, zip_code = dice.pick(CITIES)
    email: str | bool = False
    if name and dice.chance(80):
        email = f"{plain(str(name))}@{'client' if dice.chance(50) else 'table'}{partner_id}.example"
        if dice.chance(8):
            email = f" {email.title()} "
    phone = dice.pick(PHONE_FORMATS).format(dice.below(100), dice.below(100)) if dice.chance(75) else False
    return {
        "id": partner_id,
        "name": name,
        "type": "contact",
        "is_company": False,
        "active": True,
        "parent_id": False,
        "email": email,
        "phone": phone,
        "mobile": f"06 39 98 {dice.below(100):02d} {dice.below(100):02d}" if dice.chance(15) else False,
        "street": f"{dice.between(1, 99)} {dice.pick(STREETS)}",
        "city": city,
        "zip": zip_code,
        **values,
    }
