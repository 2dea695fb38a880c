"""The whole way from Odoo to avatars: real HTTP, real PostgreSQL, the jobs and their steps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.warehouse import Warehouse
from sync_assets_tests.defs.support import Project, add_family, add_order, add_product, failed_steps


def avatars(project: Project, org: str = "acme") -> dict[str, tuple[int, Decimal, bool]]:
    rows = project.rows("SELECT * FROM marts.customer_avatars WHERE org_id = %(org)s", org=org)
    return {row["customer_key"]: (row["total_orders"], row["total_revenue"], row["is_active"]) for row in rows}


def test_orders_of_all_children_end_in_one_avatar(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    for partner, quantity in ((family.root, 1), (family.branch, 2), (family.contact, 3.5)):
        add_order(odoo, partner, product, quantity=quantity)
    add_order(odoo, family.contact, product, quantity=100, state="draft")
    project.run_ok()
    assert avatars(project) == {f"odoo-{family.root}": (3, Decimal("65.00"), True)}
    row = project.rows("SELECT * FROM marts.customer_avatars")[0]
    assert row["odoo_partner_id"] == family.root
    assert row["child_customer_keys"] == [f"odoo-{family.branch}", f"odoo-{family.contact}"]
    assert [(p["total_quantity"], p["order_count"]) for p in row["top_products"]] == [(6.5, 3)]
    run = project.last_run()
    assert (run["status"], run["created"], run["errors"]) == ("ok", 1, [])
    assert run["result"]["orders_counted"] == 3


def test_a_second_sync_of_unchanged_data_writes_nothing(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    add_order(odoo, family.contact, product)
    project.run()
    before = project.versions("raw", "canonical")
    project.run_ok()
    assert project.versions("raw", "canonical") == before
    run = project.last_run()
    assert (run["created"], run["updated"], run["unchanged"]) == (0, 0, 1)


def test_changes_arrive_with_the_next_sync(project: Project, odoo: OdooSandbox) -> None:
    """Confirmed, cancelled, deleted orders; a partner moved to another family; one archived."""
    project.add_org("acme", odoo)
    one, other, product = add_family(odoo, "Vins Duval"), add_family(odoo, "Cave Martin"), add_product(odoo)
    draft = add_order(odoo, one.root, product, quantity=1, state="draft")
    doomed = add_order(odoo, one.root, product, quantity=2)
    deleted = add_order(odoo, one.branch, product, quantity=4, state="cancel")
    moving = add_order(odoo, one.contact, product, quantity=8)
    kept = add_order(odoo, other.branch, product, quantity=16)
    project.sync()
    assert avatars(project) == {
        f"odoo-{one.root}": (2, Decimal("100.00"), True),
        f"odoo-{other.root}": (1, Decimal("160.00"), True),
    }

    odoo.store.write("sale.order", [draft], {"state": "sale"})
    odoo.store.write("sale.order", [doomed], {"state": "cancel"})
    odoo.store.unlink("sale.order", [deleted])
    odoo.store.write("res.partner", [one.contact], {"parent_id": other.root})
    odoo.store.write("res.partner", [other.branch], {"active": False})
    project.sync_ok()
    assert avatars(project) == {
        f"odoo-{one.root}": (1, Decimal("10.00"), True),
        f"odoo-{other.root}": (2, Decimal("240.00"), True),
    }
    orders = project.rows("SELECT id, deleted_at IS NOT NULL AS gone FROM raw.odoo_sale_orders ORDER BY id")
    assert [row["id"] for row in orders if row["gone"]] == [deleted]
    assert {moving, kept} <= {row["id"] for row in orders}
    assert {row["source_id"] for row in project.rows("SELECT source_id FROM canonical.sales_orders")} == {
        str(order) for order in (draft, doomed, moving, kept)
    }


def test_a_family_without_orders_any_more_is_kept_inactive(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    order = add_order(odoo, family.contact, product)
    project.sync()
    odoo.store.write("sale.order", [order], {"state": "cancel"})
    project.sync()
    assert avatars(project) == {f"odoo-{family.root}": (0, Decimal("0.00"), False)}
    assert project.last_run()["result"]["deactivated"] == 1


def test_organisations_with_colliding_ids_never_meet(project: Project, odoo: OdooSandbox) -> None:
    with OdooSandbox(version="19.0", records="empty") as second:
        project.add_org("acme", odoo)
        project.add_org("zeta", second)
        for server, name, quantity in ((odoo, "Vins Duval", 1), (second, "Cave Martin", 7)):
            add_order(server, add_family(server, name).contact, add_product(server), quantity=quantity)
        project.sync("acme")
        alone = project.tables("acme")
        project.sync_ok("zeta")
    assert project.tables("acme") == alone
    names = {r["org_id"]: (r["name"], r["total_revenue"]) for r in project.rows("SELECT * FROM marts.customer_avatars")}
    assert names == {"acme": ("Vins Duval", Decimal("10.00")), "zeta": ("Cave Martin", Decimal("70.00"))}
    keys = [
        {r["customer_key"] for r in project.rows("SELECT * FROM marts.customer_avatars WHERE org_id = %(o)s", o=o)}
        for o in ("acme", "zeta")
    ]
    assert keys[0] == keys[1]


FAULTS = (
    (Fault(kind="bad_password", times=999), "refused"),
    (Fault(kind="no_access", model="sale.order", times=999), "No right to read sale.order"),
    (Fault(kind="html", times=999), "a web page"),
    (Fault(kind="truncated", model="sale.order", times=999), "sale.order"),
    (Fault(kind="429", times=999, retry_after=0), "acme"),
    (Fault(kind="timeout", seconds=3, model="sale.order", times=999), "sale.order"),
)


def test_a_failing_source_changes_no_row_and_says_why(project: Project, odoo: OdooSandbox) -> None:
    """One failure after the other, as a server that gets worse; the first good sync brings what was missed."""
    project.add_org("acme", odoo, odoo={"timeout_seconds": 0.5})
    family, product = add_family(odoo), add_product(odoo)
    add_order(odoo, family.contact, product)
    project.sync()
    before = project.tables()
    add_order(odoo, family.contact, product)
    for fault, message in FAULTS:
        odoo.faults.clear()
        odoo.faults.add(fault)
        result = project.sync()
        assert not result.success, fault.kind
        told = result.failures
        assert all("\n" not in text and "Traceback" not in text and "sandbox-key" not in text for text in told.values())
        assert any(message.lower() in text.lower() for text in told.values()), (fault.kind, told)
        run = project.last_run()
        assert (run["status"], bool(run["errors"])) == ("failed", True), fault.kind
        after = project.tables()
        for table in ("canonical.sales_orders", "canonical.sales_lines", "marts.customer_avatars"):
            assert after[table] == before[table], fault.kind
    odoo.faults.clear()
    project.sync_ok()
    assert avatars(project) == {f"odoo-{family.root}": (2, Decimal("20.00"), True)}


def test_a_server_that_is_down_and_an_unknown_database(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    project.sync()
    before = project.tables()
    odoo.server_down()
    assert not project.run().success
    assert project.last_run()["status"] == "failed"
    odoo.server_up()
    project.add_org("acme", odoo, odoo={"database": "nope"})
    told = failed_steps(project.run())
    assert any("nope" in text and "does not exist" in text for text in told.values()), told
    assert project.tables() == before


def test_stock_that_cannot_be_read_leaves_the_avatars_right(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    add_order(odoo, family.contact, product)
    odoo.faults.add(Fault(kind="no_access", model="stock.quant", times=999))
    result = project.run()
    assert not result.success
    assert avatars(project) == {f"odoo-{family.root}": (1, Decimal("10.00"), True)}
    run = project.last_run()
    assert run["status"] == "partial"
    assert [error["step"] for error in run["errors"]] == ["raw/odoo_quants"]


def test_a_family_in_error_is_named_in_the_run(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, lost, product = add_family(odoo, "Vins Duval"), add_family(odoo, "Cave Martin"), add_product(odoo)
    for partner in (family.root, lost.root):
        add_order(odoo, partner, product)
    odoo.store.erase("res.partner", [lost.contact, lost.branch, lost.root])
    project.sync_ok()
    assert avatars(project) == {f"odoo-{family.root}": (1, Decimal("10.00"), True)}
    run = project.last_run()
    message = f"Families in error: 1; the first: Error processing Partner {lost.root} (id {lost.root}): partner_missing"
    assert (run["status"], [error["message"] for error in run["errors"]]) == ("partial", [message])


def test_a_dry_run_reports_and_writes_nothing(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    add_order(odoo, family.contact, product)
    before = project.versions("raw", "canonical", "marts")
    project.sync_ok(dry_run=True)
    assert project.versions("raw", "canonical", "marts") == before
    run = project.last_run()
    assert run["is_dry_run"]
    assert [(d["partner_id"], d["action"]) for d in run["result"]["diff"]] == [(family.root, "created")]
    project.sync_ok()
    before = project.versions("raw", "canonical", "marts")
    add_order(odoo, family.root, product, quantity=3)
    project.sync_ok(dry_run=True)
    assert project.versions("raw", "canonical", "marts") == before
    diff = project.last_run()["result"]["diff"]
    assert diff[0]["changes"]["total_revenue"] == ["10.00", "40.00"]


def test_two_syncs_of_one_organisation_at_once(project: Project, odoo: OdooSandbox, database: str) -> None:
    project.add_org("acme", odoo)
    with Warehouse(database) as other:
        other.lock("acme")
        told = project.sync().failures
    assert set(told.values()) == {"acme: already running; wait for that run to end, or stop it in the Dagster UI"}
    assert project.last_run()["status"] == "already_running"
    project.sync_ok()


def test_options_of_a_run(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    one, other, product = add_family(odoo, "Vins Duval"), add_family(odoo, "Cave Martin"), add_product(odoo)
    add_order(odoo, one.root, product, quantity=5, days_ago=400)
    add_order(odoo, other.root, product, quantity=3)
    project.sync(months_back=0)
    assert {k: v[:2] for k, v in avatars(project).items()} == {
        f"odoo-{one.root}": (1, Decimal("50.00")),
        f"odoo-{other.root}": (1, Decimal("30.00")),
    }
    add_order(odoo, one.root, product, quantity=1)
    project.sync(max_customers=1, months_back=0)
    result = project.last_run()["result"]
    assert (result["synced"], result["orders_outside_limit"], result["deactivated"]) == (1, 1, 0)
    assert not project.sync(as_of="yesterday").success
    assert "as_of" in project.last_run()["errors"][0]["message"]


def test_the_checks_of_a_run(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).contact, add_product(odoo))
    result = project.run()
    checks = {
        (evaluation.asset_key.path[-1], evaluation.check_name): evaluation.passed
        for evaluation in result.get_asset_check_evaluations()
    }
    assert checks["customer_avatars", "revenue_matches"]
    assert checks["customer_avatars", "no_order_lost"]
    assert checks["odoo_partners", "contract"]
    assert all(checks.values()), [name for name, passed in checks.items() if not passed]
    assert len(checks) > 50
    assert project.sync_ok().checks == checks
    materialized = result.asset_materializations_for_node("marts__customer_avatars")[0].metadata
    assert materialized["scores"].value.startswith("![picture](data:image/png;base64,")
    assert materialized["avatars_created"].value == 1
    shown = repr([event.step_materialization_data for event in result.all_events if event.is_step_materialization])
    assert "marts" in shown
    assert "Duval" not in shown
    assert "customer.example" not in shown


def test_orders_that_the_user_may_not_see_are_a_warning_of_every_run(
    project: Project, odoo: OdooSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_KEY", "own-key")
    family, product = add_family(odoo), add_product(odoo)
    hidden, own = add_order(odoo, family.root, product), add_order(odoo, family.root, product)
    user = next(u["id"] for u in odoo.store.records("res.users") if u["login"] == "own@sandbox.example")
    other = next(u["id"] for u in odoo.store.records("res.users") if u["id"] != user)
    odoo.store.write("sale.order", [hidden], {"user_id": other})
    odoo.store.write("sale.order", [own], {"user_id": user})
    project.add_org("acme", odoo, odoo={"login": "own@sandbox.example", "api_key": "${OWN_KEY}"})
    for _ in range(2):
        checks = project.sync_ok().checks
        assert [name for name, passed in checks.items() if not passed] == [("odoo_sale_orders", "orders_hidden")]
        run = project.last_run()
        assert (run["status"], run["errors"]) == ("ok", [])
        assert run["warnings"] == [
            {
                "step": "raw/odoo_sale_orders",
                "code": "orders_hidden",
                "message": "acme: This user may see only part of the orders; give it Sales / User: All Documents",
            }
        ]
    assert [row["id"] for row in project.rows("SELECT id FROM raw.odoo_sale_orders")] == [own]
    project.add_org("acme", odoo)
    project.sync_ok()
    assert project.last_run()["warnings"] == []
    assert len([call for call in odoo.calls if call["method"] == "has_group"]) == 3


def test_groups_that_are_not_told_are_no_failure(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    odoo.faults.add(Fault(kind="no_access", model="res.users", method="has_group"))
    project.sync_ok()
    assert project.last_run()["warnings"] == []


def test_a_run_gives_up_when_failing_calls_have_cost_it_too_much(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo, odoo={"retry_seconds": 1.5, "run_retry_seconds": 1})
    odoo.faults.add(Fault(kind="500", method="search_read", times=9999))
    told = project.sync().failures
    assert len(told) > 10
    at_once = [step for step, text in told.items() if "failing calls have cost this run 1 s already" in text]
    assert len(at_once) >= len(told) - 2
    assert len([call for call in odoo.calls if call["method"] == "search_read"]) <= len(told) + 60
    assert project.last_run()["duration_seconds"] < 10


def test_a_model_that_cannot_be_read_at_all_is_a_failure_and_no_heap_of_rejects(
    project: Project, odoo: OdooSandbox
) -> None:
    """A broken field makes every read fail while ids can still be listed."""
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    for _ in range(15):
        add_order(odoo, family.root, product)
    project.sync_ok()
    before = project.tables()
    odoo.faults.add(Fault(kind="500", method="search_read", times=9999))
    assert not project.sync(full=True).success
    assert project.tables() == before
    assert project.rows("SELECT * FROM ops.rejected_rows WHERE code = 'unreadable_record'") == []
    assert project.last_run()["status"] == "failed"
