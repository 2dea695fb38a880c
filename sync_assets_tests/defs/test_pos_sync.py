"""The point of sale end to end: sandbox, real jobs, PostgreSQL. What each run leaves in the tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox
from sync_assets.sandbox.alleaves.seed import SECRET_MARKER
from sync_assets_tests.defs.stores import TODAY, add_store, business, goods, person, sale, shop, void
from sync_assets_tests.defs.support import Project, open_project

PEOPLE = [
    person(1, " VIP@Example.com "),
    person(2),
    person(3, "both@mail.example"),
    person(4, "both@mail.example"),
    person(5, "customer_5@alleaves.local"),
]


def orders() -> list[dict[str, object]]:
    return [
        sale(101, 1, 40.00, days_ago=20),
        sale(102, None, 59.99, email="vip@example.com", days_ago=5),
        sale(103, 2, 100.00, days_ago=50),
        sale(104, 2, -30.00, days_ago=45),
        sale(105, 5, 80.00, days_ago=95 - 6),
        sale(106, None, 12.00),
        sale(107, None, 13.00, email="both@mail.example"),
        sale(108, 999, 14.00),
        # Enough that the two above stay below the alarm limit.
        *(sale(number, None, 12.00) for number in range(109, 116)),
    ]


@pytest.fixture
def pos() -> Iterator[AlleavesSandbox]:
    store = shop([dict(row) for row in PEOPLE], orders())
    void(store.orders[4])
    with AlleavesSandbox(store=store) as server:
        yield server


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pos: AlleavesSandbox) -> Iterator[Project]:
    with open_project(database, tmp_path, monkeypatch) as opened:
        add_store(opened, "shop", pos, monkeypatch)
        yield opened


def spending(project: Project) -> dict[str, tuple[Decimal, int, Decimal]]:
    rows = project.rows("SELECT * FROM marts.customer_spending WHERE org_id = 'shop'")
    return {row["spending_key"]: (row["total_spent"], row["order_count"], row["avg_order_value"]) for row in rows}


def segments(project: Project) -> dict[str, str]:
    rows = project.rows("SELECT customer_key, segment FROM marts.customer_segments WHERE org_id = 'shop'")
    return {row["customer_key"]: row["segment"] for row in rows}


def status(project: Project) -> dict[str, object]:
    return project.rows("SELECT * FROM ops.sync_status WHERE org_id = 'shop' AND source = 'alleaves'")[0]


def test_spending_segments_and_menu_of_a_first_sync(project: Project) -> None:
    project.run_ok("shop", "pos_sync")
    both = (Decimal("99.99"), 2, Decimal("50.00"))
    assert spending(project) == {
        "vip@example.com": both,
        "cid_1": both,
        "cid_2": (Decimal("70.00"), 1, Decimal("70.00")),
        "cid_5": (Decimal("0.00"), 0, Decimal("0.00")),
    }
    assert segments(project) == {
        "alleaves-1": "returning",
        "alleaves-2": "at_risk",
        "alleaves-3": "new",
        "alleaves-4": "new",
        "alleaves-5": "new",
    }
    menu = project.rows("SELECT * FROM marts.menu_products WHERE item_id = '5001'")[0]
    assert (menu["price_pretax"], menu["price_otd"], menu["margin_percent"]) == (35, Decimal("39.55"), 50)
    assert (menu["quantity_on_hand"], menu["quantity_available"], menu["strain_type"]) == (10, 9, "Indica")


def test_the_status_says_what_is_held(project: Project) -> None:
    project.sync_ok("shop", "pos_sync")
    row = status(project)
    assert row["state"] == "success"
    assert (row["customer_count"], row["order_count"], row["menu_products_count"]) == (5, 5, 60)
    assert row["last_sync_at"] == row["orders_synced_at"] == row["customers_synced_at"] == row["products_synced_at"]
    assert row["last_error"] is None
    assert row["warnings"] == {"ambiguous_email": 1, "unknown_customer_id": 1}
    assert row["history_starts_at"] < TODAY - timedelta(days=89)


def test_orders_without_customer_are_named_and_counted(project: Project) -> None:
    project.sync_ok("shop", "pos_sync")
    rejects = project.rows("SELECT record_key, code, severity, resolved_at FROM ops.rejected_rows ORDER BY record_key")
    assert [tuple(row.values()) for row in rejects] == [
        ("107", "ambiguous_email", "error", None),
        ("108", "unknown_customer_id", "error", None),
    ]
    methods = project.rows("SELECT source_id, match_method FROM canonical.sales_orders ORDER BY source_id")
    assert [tuple(row.values()) for row in methods] == [
        ("101", "customer_id"),
        ("102", "email"),
        ("103", "customer_id"),
        ("104", "customer_id"),
        ("105", "customer_id"),
    ]
    assert project.rows("SELECT count(*) AS n FROM raw.alleaves_orders") == [{"n": 15}]


def test_a_second_run_writes_no_row(project: Project) -> None:
    project.sync_ok("shop", "pos_sync")
    before = project.versions("raw", "canonical", "marts")
    project.sync_ok("shop", "pos_sync")
    after = project.versions("raw", "canonical", "marts")
    # Avatars say when they were last looked at.
    before.pop("marts.customer_avatars"), after.pop("marts.customer_avatars")
    assert after == before


def test_an_order_counts_when_its_customer_arrives_without_being_sent_again(
    project: Project, pos: AlleavesSandbox
) -> None:
    project.sync_ok("shop", "pos_sync")
    pos.store.customers.append(person(999))
    pos.store.orders[:] = [order for order in pos.store.orders if order["id_order"] != 108]
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_999"] == (Decimal("14.00"), 1, Decimal("14.00"))
    rejects = project.rows("SELECT code, resolution FROM ops.rejected_rows WHERE record_key = '108'")
    assert rejects == [{"code": "unknown_customer_id", "resolution": "replayed"}]


def test_an_email_that_becomes_shared_no_longer_matches(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    pos.store.customers.append(person(6, "vip@example.com"))
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"] == (Decimal("40.00"), 1, Decimal("40.00"))
    assert "vip@example.com" not in spending(project)
    rows = project.rows("SELECT customer_id FROM raw.alleaves_customers WHERE email_status = 'shared' ORDER BY 1")
    assert [row["customer_id"] for row in rows] == ["1", "3", "4", "6"]


def test_a_void_after_the_fact_takes_the_order_out(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    void(pos.store.orders[1])
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"] == (Decimal("40.00"), 1, Decimal("40.00"))
    assert segments(project)["alleaves-1"] == "new"
    moves = project.rows(
        "SELECT from_segment, to_segment FROM marts.customer_segment_changes WHERE customer_key = 'alleaves-1' "
        "ORDER BY changed_at"
    )
    assert [tuple(row.values()) for row in moves] == [(None, "returning"), ("returning", "new")]


def test_an_older_version_of_an_order_is_ignored(project: Project, pos: AlleavesSandbox) -> None:
    pos.store.orders[0]["date_updated"] = f"{TODAY}T10:00:00Z"
    project.sync_ok("shop", "pos_sync")
    pos.store.orders[0] |= {"date_updated": f"{TODAY - timedelta(days=3)}T10:00:00Z", "total": 1.0, "amount": 1.0}
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"][0] == Decimal("99.99")
    assert status(project)["warnings"]["stale"] == 1


def test_orders_that_leave_the_window_stay(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    pos.store.orders[:] = pos.store.orders[:1]
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_2"][0] == Decimal("70.00")


def test_a_customer_that_the_list_leaves_out_stays_with_the_time_it_was_listed(
    project: Project, pos: AlleavesSandbox
) -> None:
    project.sync_ok("shop", "pos_sync")
    first = status(project)["customers_synced_at"]
    gone = pos.store.customers.pop(1)
    project.sync_ok("shop", "pos_sync")
    seen = "SELECT last_seen_at FROM raw.alleaves_customers WHERE customer_id = '2'"
    assert project.rows(seen) == [{"last_seen_at": first}]
    assert spending(project)["cid_2"][0] == Decimal("70.00")
    pos.store.customers.append(gone)
    project.sync_ok("shop", "pos_sync")
    assert project.rows(seen) == [{"last_seen_at": None}]


def test_an_item_vanishes_softly_and_returns_on_its_row(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    one = (
        "SELECT first_seen_at, available, removed_at IS NULL AS listed FROM marts.menu_products WHERE item_id = '5002'"
    )
    first = project.rows(one)[0]["first_seen_at"]
    gone = pos.store.inventory.pop(1)
    project.sync_ok("shop", "pos_sync")
    assert project.rows(one) == [{"first_seen_at": first, "available": False, "listed": False}]
    assert project.rows("SELECT active FROM canonical.product_catalog WHERE source_id = '5002'") == [{"active": False}]
    pos.store.inventory.append(gone)
    project.sync_ok("shop", "pos_sync")
    assert project.rows(one) == [{"first_seen_at": first, "available": True, "listed": True}]


def test_the_batch_size_makes_no_difference(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"shop": 400, "one_by_one": 1, "at_once": 100_000}
    for org, size in sizes.items():
        add_store(project, org, pos, monkeypatch, alleaves={"batch_size": size})
        project.sync_ok(org, "pos_sync")

    def without_org(org: str) -> dict[str, list[object]]:
        return {
            name: [[value for value in row[1:] if not isinstance(value, datetime)] for row in rows]
            for name, rows in business(project, org).items()
        }

    assert without_org("one_by_one") == without_org("shop") == without_org("at_once")


def test_both_dialects_tell_of_the_same_sales(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pos.store.orders[1]["date_created"] = pos.store.orders[1]["date_created"]
    with AlleavesSandbox("documented", pos.store) as other:
        add_store(project, "other", other, monkeypatch)
        project.sync_ok("shop", "pos_sync")
        project.sync_ok("other", "pos_sync")
    for columns, table in (
        ("spending_key, total_spent, order_count, first_order_date, last_order_date", "marts.customer_spending"),
        ("customer_key, segment, total_spent", "marts.customer_segments"),
        ("order_key, customer_key, ordered_at, total, status, is_counted, channel", "canonical.sales_orders"),
    ):
        one, two = (
            project.rows(f"SELECT {columns} FROM {table} WHERE org_id = %(org)s ORDER BY 1", org=org)
            for org in ("shop", "other")
        )
        assert one == two


def test_secret_columns_of_a_location_are_nowhere(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    project.sync_ok("shop", "pos_sync")
    from sync_assets.tables import TABLES

    for table in TABLES:
        text = project.rows(f"SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM {table} t")[0]["text"]
        assert SECRET_MARKER not in text, table
    output = capfd.readouterr()
    assert SECRET_MARKER not in output.out + output.err


def test_a_whole_read_takes_the_history_again(project: Project, pos: AlleavesSandbox) -> None:
    pos.store.orders.append(sale(90, 1, 5.00, days_ago=200))
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"][0] == Decimal("99.99")
    month = f"{TODAY - timedelta(days=200):%Y-%m}-01"
    result = project.definitions.resolve_job_def("pos_history").execute_in_process(
        partition_key=f"{month}|shop", instance=project.instance, raise_on_error=False
    )
    assert result.success
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"][0] == Decimal("104.99")
    assert status(project)["history_starts_at"].isoformat() == month
    pos.store.orders[-1] |= {"total": 6.0, "amount": 6.0}
    project.sync_ok("shop", "pos_sync")
    assert spending(project)["cid_1"][0] == Decimal("104.99")
    project.sync_ok("shop", "pos_sync", full=True)
    assert spending(project)["cid_1"][0] == Decimal("105.99")


def test_a_dry_run_writes_nothing(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    before = project.versions("raw", "canonical", "marts")
    pos.store.customers.append(person(7))
    pos.store.orders.append(sale(120, 7))
    pos.store.inventory[:] = goods(61)
    project.sync_ok("shop", "pos_sync", dry_run=True)
    assert project.versions("raw", "canonical", "marts") == before
    assert project.last_run("shop")["counts"]["raw.alleaves_customers"]["inserted"] == 1


def test_orders_that_avatars_leave_out_are_no_failure_of_the_store(project: Project, pos: AlleavesSandbox) -> None:
    pos.store.orders.append(sale(130, 1) | {"date_created": None})
    project.sync_ok("shop", "pos_sync")
    assert project.last_run("shop")["status"] == "ok"
    assert status(project)["state"] == "success"
    assert spending(project)["cid_1"][0] == Decimal("139.99")
