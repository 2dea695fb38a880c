"""A user who loses a company, or the right to all orders: Odoo leaves rows out without a word."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets_tests.defs.support import Project, add_family, add_order, add_product

MESSAGE = (
    "acme: Odoo no longer shows the rows of Second Cellar (id {id}), so nothing was taken for deleted; add it to the "
    "companies of the user (or to company_ids), or if it is to go, run again with accept_deletions (--accept-deletions)"
)


def revenue(project: Project) -> dict[str, tuple[Decimal, bool]]:
    rows = project.rows("SELECT name, total_revenue, is_active FROM marts.customer_avatars")
    return {row["name"]: (row["total_revenue"], row["is_active"]) for row in rows}


@pytest.fixture
def second(project: Project, odoo: OdooSandbox) -> int:
    """Id of a second company; two families bought there, one of them in the first as well."""
    store = odoo.store
    first = store.get("res.company", 1)
    second = store.create(
        "res.company", {"name": "Second Cellar", "currency_id": first["currency_id"], "partner_id": 1}
    )
    store.get("res.users", 2)["company_ids"] = [1, second]
    product = add_product(odoo)
    for name, companies in (("Vins Duval", (1, second)), ("Cave Martin", (second,))):
        family = add_family(odoo, name)
        for company in companies:
            order = add_order(odoo, family.contact, product, quantity=company)
            store.write("sale.order", [order], {"company_id": company})
    warehouse = store.create("stock.location", {"name": "Stock 2", "usage": "internal", "company_id": second})
    store.create("stock.quant", {"product_id": product, "location_id": warehouse, "quantity": 4})
    project.add_org("acme", odoo)
    project.sync_ok()
    return second


def test_nothing_of_it_is_taken_for_deleted(project: Project, odoo: OdooSandbox, second: int) -> None:
    before, shown = project.tables(), revenue(project)
    assert shown == {"Vins Duval": (Decimal("30.00"), True), "Cave Martin": (Decimal("20.00"), True)}
    odoo.store.get("res.users", 2)["company_ids"] = [1]
    other = add_family(odoo, "Bar Petit")
    add_order(odoo, other.root, add_product(odoo, "Pinot 2021"))
    gone = odoo.store.create("res.partner", {"name": "Gone"})
    project.sync_ok()
    odoo.store.unlink("res.partner", [gone])
    for job in ("odoo_sync", "reconcile"):
        project.run_ok(job=job)
        run = project.last_run()
        assert run["status"] == "partial"
        assert {(error["code"], error["message"]) for error in run["errors"]} == {
            ("company_hidden", MESSAGE.format(id=second))
        }
        # What it still shows arrives; even a partner that is really gone stays until the companies are clear.
        assert revenue(project) == {**shown, "Bar Petit": (Decimal("10.00"), True)}
        after = project.tables()
        assert all(
            row in after[name] for name, rows in before.items() if name != "marts.customer_avatars" for row in rows
        )
    odoo.store.get("res.users", 2)["company_ids"] = [1, second]
    project.sync_ok()
    assert project.last_run()["status"] == "ok"
    assert project.rows("SELECT id FROM raw.odoo_partners WHERE deleted_at IS NOT NULL") == [{"id": gone}]


def test_a_company_that_is_to_go_goes(project: Project, odoo: OdooSandbox, second: int) -> None:
    odoo.store.get("res.users", 2)["company_ids"] = [1]
    project.sync_ok(accept_deletions=True)
    assert project.last_run()["status"] == "ok"
    assert revenue(project) == {"Vins Duval": (Decimal("10.00"), True), "Cave Martin": (Decimal("0.00"), False)}
    project.sync_ok()
    assert project.last_run()["errors"] == []


def test_orders_that_the_user_may_not_see_any_more_stay(
    project: Project, odoo: OdooSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there are too few for the guard against many deletions."""
    monkeypatch.setenv("OWN_KEY", "own-key")
    family, product = add_family(odoo), add_product(odoo)
    own, others, gone = (
        add_order(odoo, family.root, product, quantity=n, state="cancel" if n == 4 else "sale") for n in (1, 2, 4)
    )
    users = {user["login"]: user["id"] for user in odoo.store.records("res.users")}
    odoo.store.write("sale.order", [own, gone], {"user_id": users["own@sandbox.example"]})
    odoo.store.write("sale.order", [others], {"user_id": users[odoo.login]})
    project.add_org("acme", odoo)
    project.sync_ok()
    shown = revenue(project)
    assert shown == {"Vins Duval": (Decimal("30.00"), True)}
    project.add_org("acme", odoo, odoo={"login": "own@sandbox.example", "api_key": "${OWN_KEY}"})
    project.sync_ok()
    run = project.last_run()
    assert run["status"] == "partial"
    assert [(error["step"], error["code"]) for error in run["errors"]] == [
        (f"raw/odoo_sale_order{kind}", "deletions_guard") for kind in ("_lines", "s")
    ]
    assert (
        "acme: 1 of 3 rows of raw.odoo_sale_orders are not shown to this user any more" in run["errors"][1]["message"]
    )
    assert revenue(project) == shown
    project.add_org("acme", odoo)
    odoo.store.unlink("sale.order", [gone])
    project.sync_ok()
    assert (project.last_run()["status"], revenue(project)) == ("ok", shown)
    assert project.rows("SELECT id FROM raw.odoo_sale_orders WHERE deleted_at IS NOT NULL") == [{"id": gone}]
