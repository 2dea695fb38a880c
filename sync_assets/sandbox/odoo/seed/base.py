"""What every database has: a company, its currency and country, users, units, and the first warehouse.

The demo organisation belongs to the other modules of this package.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sync_assets.sandbox.odoo.access import LOGIN
from sync_assets.sandbox.odoo.store import Store

FOUNDED = datetime(2024, 12, 2, 8, 0, 0, 250_000, tzinfo=UTC)

EUR, FRANCE = 126, 75
UNITS, DOZENS, BOX_OF_SIX = 1, 2, 3
OWN_USER, NO_STOCK_USER = 6, 7
CUSTOMERS, INVENTORY, WAREHOUSE_VIEW, STOCK = 5, 14, 7, 8


def load_base(store: Store) -> None:
    """Fills an empty store. Models of apps that are not installed are left out."""

    def add(model: str, **values: Any) -> None:
        if model in store.models:
            fields = store.models[model].fields
            store.create(model, {name: value for name, value in values.items() if name in fields})

    with store.transaction_at(FOUNDED):
        add("res.lang", id=1, name="English (US)", code="en_US")
        add("res.lang", id=2, name="French / Français", code="fr_FR")
        add("res.currency", id=EUR, name="EUR", symbol="€", rounding=0.01)
        add("res.country", id=FRANCE, name="France", code="FR", currency_id=EUR, phone_code=33)
        add(
            "res.partner",
            id=1,
            name="Maison Verdel",
            is_company=True,
            country_id=FRANCE,
            city="Bordeaux",
            tz="Europe/Paris",
        )
        add(
            "res.company",
            id=1,
            name="Maison Verdel",
            partner_id=1,
            currency_id=EUR,
            email="contact@maison-verdel.example",
        )
        _add_users(add)
        _add_units(store, add)
        add("product.category", id=1, name="All" if store.version < 19 else "Goods")
        add("crm.team", id=1, name="Sales", company_id=1)
        _add_locations(store, add)


def _add_users(add: Any) -> None:
    people = [
        (1, "System", "__system__", False),
        (2, "Sync Assets", LOGIN, True),
        (OWN_USER, "Oriane Deschamps", "own@sandbox.example", True),
        (NO_STOCK_USER, "Bastien Morel", "nostock@sandbox.example", True),
    ]
    for user_id, name, login, active in people:
        partner_id = user_id + 1
        add("res.partner", id=partner_id, name=name, email=login, active=active, tz="Europe/Paris")
        add("res.users", id=user_id, partner_id=partner_id, login=login, active=active)


def _add_units(store: Store, add: Any) -> None:
    add("uom.category", id=1, name="Unit")
    for unit_id, name, size in ((UNITS, "Units", 1.0), (DOZENS, "Dozens", 12.0), (BOX_OF_SIX, "Box of 6", 6.0)):
        # Up to 18 `factor` counts this unit per reference unit, from 19 on the reference units in one of this.
        factor = {"factor": 1 / size} if store.version < 19 else {}
        kind = "reference" if size == 1 else "bigger"
        reference = UNITS if size > 1 else False
        add("uom.uom", id=unit_id, name=name, uom_type=kind, relative_factor=size, relative_uom_id=reference, **factor)


def _add_locations(store: Store, add: Any) -> None:
    partners: int | bool = False
    virtual: int | bool = False
    physical: int | bool = False
    if store.version < 19:
        physical, partners, virtual = 1, 2, 3
        add("stock.location", id=1, name="Physical Locations", usage="view", company_id=False)
        add("stock.location", id=2, name="Partners", usage="view", company_id=False)
        add("stock.location", id=3, name="Virtual Locations", usage="view", company_id=False)
    add("stock.location", id=4, name="Vendors", usage="supplier", location_id=partners, company_id=False)
    add("stock.location", id=CUSTOMERS, name="Customers", usage="customer", location_id=partners, company_id=False)
    add("stock.location", id=INVENTORY, name="Inventory adjustment", usage="inventory", location_id=virtual)
    add("stock.location", id=WAREHOUSE_VIEW, name="BDX", usage="view", location_id=physical)
    add("stock.location", id=STOCK, name="Stock", location_id=WAREHOUSE_VIEW, barcode="BDX-STOCK")
    add("stock.location", id=9, name="Input", location_id=WAREHOUSE_VIEW, active=False)
    add(
        "stock.warehouse",
        id=1,
        name="Bordeaux",
        code="BDX",
        partner_id=1,
        view_location_id=WAREHOUSE_VIEW,
        lot_stock_id=STOCK,
    )
