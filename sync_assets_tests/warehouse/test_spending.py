"""The two-tier lookup on real PostgreSQL, rebuilding the index, and segments across runs that were killed."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.warehouse import Changes, Warehouse
from sync_assets.warehouse.queries import count_rows
from sync_assets.warehouse.spending import get_spending, latest_segment_changes
from sync_assets_tests.transforms.spending_support import AS_OF, ORG, customer, order
from sync_assets_tests.warehouse.spending_world import index, segment, store

DAY = timedelta(days=1)
VIP = customer(email="vip@example.com")
ORDERS = [order(1, "40.00"), order(2, "59.99"), order(3, "-10.00"), order(4, "5.00", is_counted=False)]
FIGURES = {
    "total_spent": Decimal("89.99"),
    "order_count": 2,
    "avg_order_value": Decimal("45.00"),
    "first_order_date": AS_OF - 10 * DAY,
    "last_order_date": AS_OF - 10 * DAY,
    "refund_count": 1,
    "refund_total": Decimal("-10.00"),
    "excluded_count": 1,
    "excluded_total": Decimal("5.00"),
    "gross_total": Decimal("94.99"),
    "currency": "USD",
    "source": "alleaves",
    "customer_key": "alleaves-42",
    "email": "vip@example.com",
}


def figures(answer: dict) -> dict:
    return {name: answer[name] for name in FIGURES}


class TestLookup:
    @pytest.fixture
    def stored(self, warehouse: Warehouse) -> Warehouse:
        store(warehouse, [VIP], ORDERS)
        index(warehouse)
        return warehouse

    def test_by_email(self, stored: Warehouse) -> None:
        answer = get_spending(stored, ORG, email=" VIP@Example.com ")
        assert answer == {"origin": "index_email", **FIGURES, "updated_at": AS_OF}

    @pytest.mark.parametrize("email", [None, "unknown@example.com", "customer_42@alleaves.local", "cid_42"])
    def test_by_key(self, stored: Warehouse, email: str | None) -> None:
        answer = get_spending(stored, ORG, email=email, customer_key="alleaves-42")
        assert answer == {"origin": "index_cid", **FIGURES, "updated_at": AS_OF}

    def test_by_both(self, stored: Warehouse) -> None:
        answer = get_spending(stored, ORG, email="vip@example.com", customer_key="alleaves-42")
        assert answer["origin"] == "index_email"

    def test_the_email_of_somebody_else_is_not_accepted(self, stored: Warehouse) -> None:
        store(stored, [VIP, customer("alleaves-7")], [*ORDERS, order(5, "7.00", "alleaves-7")])
        index(stored)
        answer = get_spending(stored, ORG, email="vip@example.com", customer_key="alleaves-7")
        assert (answer["origin"], answer["total_spent"], answer["customer_key"]) == (
            "index_cid",
            Decimal("7.00"),
            "alleaves-7",
        )

    def test_an_email_of_several_sources_is_ambiguous_without_a_key(self, stored: Warehouse) -> None:
        store(stored, [VIP, customer("odoo-9", "vip@example.com")], [*ORDERS, order(5, "7.00", "odoo-9")])
        index(stored)
        candidates = [
            {"customer_key": "alleaves-42", "source": "alleaves"},
            {"customer_key": "odoo-9", "source": "odoo"},
        ]
        assert get_spending(stored, ORG, email="vip@example.com") == {
            "origin": "ambiguous",
            "customer_key": None,
            "email": "vip@example.com",
            "candidates": candidates,
        }
        answer = get_spending(stored, ORG, email="vip@example.com", customer_key="odoo-9")
        assert (answer["origin"], answer["total_spent"]) == ("index_email", Decimal("7.00"))
        with psycopg.connect(stored.engine.url.set(drivername="postgresql").render_as_string(False)) as connection:
            connection.execute("DELETE FROM marts.customer_spending")
        assert get_spending(stored, ORG, email="vip@example.com")["candidates"] == candidates

    def test_a_member_is_its_family(self, warehouse: Warehouse) -> None:
        people = [customer("odoo-1"), customer("odoo-2", "member@b.example", root="odoo-1")]
        store(warehouse, people, [order(1, "1.00", "odoo-1"), order(2, "2.00", "odoo-2")])
        live = get_spending(warehouse, ORG, customer_key="odoo-2")
        index(warehouse)
        indexed = get_spending(warehouse, ORG, customer_key="odoo-2")
        assert (live["origin"], indexed["origin"]) == ("live", "index_cid")
        assert live["total_spent"] == indexed["total_spent"] == Decimal("3.00")
        assert live["customer_key"] == "odoo-1"

    @pytest.mark.parametrize("asked", [{"customer_key": "alleaves-42"}, {"email": "vip@example.com"}])
    def test_live_gives_the_figures_of_the_index_and_writes_nothing(
        self, warehouse: Warehouse, asked: dict[str, str]
    ) -> None:
        store(warehouse, [VIP, customer("alleaves-7")], [*ORDERS, order(5, "7.00", "alleaves-7")])
        live = get_spending(warehouse, ORG, **asked)
        assert (live["origin"], figures(live)) == ("live", FIGURES)
        assert count_rows(warehouse, CUSTOMER_SPENDING, ORG.org_id) == 0
        index(warehouse)
        indexed = get_spending(warehouse, ORG, **asked)
        assert set(live) == set(indexed)
        assert figures(live) == figures(indexed)

    def test_a_known_customer_without_orders_spent_nothing(self, warehouse: Warehouse) -> None:
        store(warehouse, [VIP], [])
        answer = get_spending(warehouse, ORG, customer_key="alleaves-42")
        assert (answer["origin"], str(answer["total_spent"]), answer["order_count"]) == ("live", "0.00", 0)
        assert (answer["last_order_date"], answer["email"]) == (None, "vip@example.com")

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"email": "nobody@example.com"},
            {"customer_key": "alleaves-99"},
            {"email": "nobody@example.com", "customer_key": "alleaves-99"},
            {"email": "cid_42"},
            {"email": "shared@example.com"},
        ],
        ids=str,
    )
    def test_nobody_to_ask_about(self, stored: Warehouse, asked: dict[str, str]) -> None:
        shared = {"email": "shared@example.com", "email_status": "shared"}
        store(stored, [VIP, customer("alleaves-1", **shared), customer("alleaves-2", **shared)], ORDERS)
        index(stored)
        assert get_spending(stored, ORG, **asked) == {
            "origin": "not_found",
            "email": asked.get("email"),
            "customer_key": asked.get("customer_key"),
        }

    def test_organisations_never_see_each_other(self, stored: Warehouse) -> None:
        other = ORG.model_copy(update={"org_id": "other"})
        assert get_spending(stored, other, email="vip@example.com", customer_key="alleaves-42")["origin"] == "not_found"


class TestTimeLimit:
    @pytest.mark.parametrize("table", [SALES_ORDERS, CUSTOMER_SPENDING], ids=str)
    def test_a_lock_that_outlasts_the_limit_makes_it_unavailable(
        self, warehouse: Warehouse, database: str, table: object
    ) -> None:
        store(warehouse, [VIP], ORDERS)
        with psycopg.connect(database) as other:
            other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            begun = time.monotonic()
            answer = get_spending(warehouse, ORG, customer_key="alleaves-42", time_limit_seconds=0.3)
            assert 0.25 < time.monotonic() - begun < 5
        assert answer == {"origin": "unavailable", "customer_key": "alleaves-42", "email": None}
        assert get_spending(warehouse, ORG, customer_key="alleaves-42")["origin"] == "live"

    def test_no_time_at_all_is_a_limit_too(self, warehouse: Warehouse, database: str) -> None:
        with psycopg.connect(database) as other:
            other.execute("LOCK TABLE canonical.customers IN ACCESS EXCLUSIVE MODE")
            answer = get_spending(warehouse, ORG, customer_key="alleaves-42", time_limit_seconds=0)
        assert answer["origin"] == "unavailable"

    @pytest.mark.parametrize("is_dry_run", [True, False])
    def test_the_limit_ends_with_the_lookup(self, database: str, is_dry_run: bool) -> None:
        with Warehouse(database, is_dry_run=is_dry_run) as warehouse:
            assert get_spending(warehouse, ORG, customer_key="alleaves-42")["origin"] == "not_found"
            assert warehouse.query("SHOW statement_timeout") == [{"statement_timeout": "0"}]
            assert warehouse.query("SHOW transaction_read_only") == [{"transaction_read_only": "off"}]


class TestRebuild:
    def test_a_second_run_changes_nothing_and_a_voided_order_reduces(self, warehouse: Warehouse) -> None:
        store(warehouse, [VIP], ORDERS)
        assert index(warehouse) == Changes(inserted=2)
        assert index(warehouse, at=AS_OF + DAY) == Changes(unchanged=2)
        assert set(warehouse.read(CUSTOMER_SPENDING, ORG.org_id)["updated_at"]) == {AS_OF}
        store(warehouse, [VIP], [*ORDERS[:1], {**ORDERS[1], "is_counted": False, "status": "void"}, *ORDERS[2:]])
        assert index(warehouse, at=AS_OF + DAY) == Changes(updated=2)
        rows = warehouse.read(CUSTOMER_SPENDING, ORG.org_id)
        assert set(rows["total_spent"]) == {Decimal("30.00")}
        assert set(rows["updated_at"]) == {AS_OF + DAY}

    def test_keys_that_are_no_longer_produced_go(self, warehouse: Warehouse) -> None:
        store(warehouse, [VIP], ORDERS)
        index(warehouse)
        store(warehouse, [{**VIP, "email_status": "shared"}], ORDERS)
        assert index(warehouse) == Changes(deleted=1, unchanged=1)
        assert warehouse.read(CUSTOMER_SPENDING, ORG.org_id)["spending_key"].tolist() == ["cid_42"]


class TestSegments:
    people = [VIP, customer("alleaves-7")]

    def history(self, warehouse: Warehouse) -> list[tuple[str, str | None, str]]:
        rows = warehouse.query(
            "SELECT customer_key, from_segment, to_segment FROM marts.customer_segment_changes ORDER BY changed_at, 1"
        )
        return [tuple(row.values()) for row in rows]  # type: ignore[misc]

    def test_time_alone_moves_customers_and_a_second_run_changes_nothing(self, warehouse: Warehouse) -> None:
        store(warehouse, self.people, ORDERS)
        index(warehouse)
        assert segment(warehouse)[1] == Changes(inserted=2)
        assert segment(warehouse, as_of=AS_OF + DAY)[1] == Changes(unchanged=2)
        assert segment(warehouse, as_of=AS_OF + 36 * DAY)[1] == Changes(updated=1, unchanged=1)
        assert self.history(warehouse) == [
            ("alleaves-42", None, "returning"),
            ("alleaves-7", None, "new"),
            ("alleaves-42", "returning", "at_risk"),
        ]
        latest = latest_segment_changes(warehouse, ORG.org_id)
        assert dict(zip(latest["customer_key"], latest["to_segment"], strict=True)) == {
            "alleaves-42": "at_risk",
            "alleaves-7": "new",
        }

    def test_a_run_killed_between_moves_and_segments_ends_like_an_undisturbed_one(self, warehouse: Warehouse) -> None:
        store(warehouse, self.people, ORDERS)
        index(warehouse)
        segment(warehouse, is_killed=True)
        assert count_rows(warehouse, CUSTOMER_SEGMENTS, ORG.org_id) == 0
        later, changes = segment(warehouse, as_of=AS_OF + timedelta(minutes=5))
        assert (changes, len(later.changes)) == (Changes(inserted=2), 0)
        assert count_rows(warehouse, CUSTOMER_SEGMENT_CHANGES, ORG.org_id) == 2
        assert set(warehouse.read(CUSTOMER_SEGMENTS, ORG.org_id)["segment_since"]) == {AS_OF}
