"""The analysts' views: each answers, has exactly the documented columns, and is made anew only when it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from sync_assets.clock import utc_now
from sync_assets.docs import KINDS
from sync_assets.errors import ConfigurationError
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.warehouse import Warehouse, views
from sync_assets.warehouse.euro_views import EURO_VIEWS
from sync_assets.warehouse.migrate import _connect, differences, migrate
from sync_assets.warehouse.views import VIEWS, View
from sync_assets_tests.transforms.spending_support import customer, order
from sync_assets_tests.warehouse.spending_world import index, segment, store

DAY = timedelta(days=1)
NOW = utc_now()
LONG_AGO = NOW - 46 * DAY - timedelta(hours=1)


@pytest.fixture
def stored(warehouse: Warehouse) -> Warehouse:
    """Two customers whose segments were computed ten days ago and now; the first became at risk in between."""
    people = [
        customer("alleaves-42", "vip@example.com", city="Reno", phone="+15550100"),
        customer("alleaves-7"),
        customer("odoo-1", "vip@example.com", email_opt_out=True),
    ]
    orders = [
        order(1, "40.00", ordered_at=LONG_AGO),
        order(2, "59.99", ordered_at=LONG_AGO - DAY),
        order(3, "-9.99", ordered_at=LONG_AGO),
        order(4, "10.00", "odoo-1", ordered_at=NOW - 2 * DAY - timedelta(hours=1)),
    ]
    store(warehouse, people, orders)
    index(warehouse)
    segment(warehouse, as_of=NOW - 10 * DAY)
    segment(warehouse, as_of=NOW - timedelta(hours=1))
    return warehouse


def rows(warehouse: Warehouse, view: View, by: str) -> dict[str, dict]:
    return {row[by]: row for row in warehouse.query(f"SELECT * FROM {view}")}


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_view_answers_with_the_documented_columns_and_types(stored: Warehouse, view: View) -> None:
    assert stored.query(f"SELECT * FROM {view}") or view in EURO_VIEWS
    found = stored.query(
        "SELECT attname, format_type(atttypid, atttypmod) AS kind, col_description(attrelid, attnum) AS told "
        "FROM pg_attribute WHERE attrelid = %(view)s::regclass AND attnum > 0 ORDER BY attnum",
        view=str(view),
    )
    kinds = {**KINDS, "timestamp": "timestamp with time zone"}
    assert [tuple(row.values()) for row in found] == [
        (column.name, kinds.get(column.kind, column.kind), column.description) for column in view.columns
    ]
    nulls = stored.query(
        "SELECT "
        + ", ".join(f"count(*) FILTER (WHERE {c.name} IS NULL) AS {c.name}" for c in view.columns)
        + f" FROM {view}"
    )[0]
    assert not [c.name for c in view.columns if nulls[c.name] and not c.nullable]


def test_customer_360(stored: Warehouse) -> None:
    found = rows(stored, views.CUSTOMER_360, "customer_key")
    assert set(found) == {"alleaves-42", "alleaves-7", "odoo-1"}
    vip = found["alleaves-42"]
    assert (vip["segment"], vip["total_spent"], vip["order_count"]) == ("at_risk", Decimal("90.00"), 2)
    assert (vip["avg_order_value"], vip["refund_total"]) == (Decimal("45.00"), Decimal("-9.99"))
    assert (vip["days_since_last_order"], vip["city"], vip["is_email_allowed"]) == (46, "Reno", True)
    assert (found["odoo-1"]["is_email_allowed"], found["alleaves-7"]["is_email_allowed"]) == (False, False)
    assert (found["alleaves-7"]["order_count"], found["alleaves-7"]["days_since_last_order"]) == (0, None)


def test_spending_by_email_adds_the_sources(stored: Warehouse) -> None:
    (row,) = stored.query("SELECT * FROM marts.spending_by_email")
    assert (row["email"], row["sources"]) == ("vip@example.com", ["alleaves", "odoo"])
    assert row["customer_keys"] == ["alleaves-42", "odoo-1"]
    assert (row["total_spent"], row["order_count"], row["avg_order_value"]) == (Decimal("100.00"), 3, Decimal("33.33"))
    assert row["days_since_last_order"] == 2


def test_moves_and_overview(stored: Warehouse) -> None:
    (move,) = stored.query("SELECT * FROM marts.segment_moves_last_7_days")
    assert (move["customer_key"], move["from_segment"], move["to_segment"]) == ("alleaves-42", "returning", "at_risk")
    assert (move["is_loss"], move["segment_now"], move["total_spent"]) == (True, "at_risk", Decimal("90.00"))
    found = rows(stored, views.SEGMENT_OVERVIEW, "segment")
    assert {name: (row["customers"], row["came_last_7_days"]) for name, row in found.items()} == {
        "at_risk": (1, 1),
        "new": (2, 0),
    }
    assert (found["at_risk"]["customers_percent"], found["at_risk"]["spent_percent"]) == (
        Decimal("33.33"),
        Decimal("90.00"),
    )


def test_euro_views_have_the_names_of_the_requirements_and_only_euro(warehouse: Warehouse) -> None:
    usual = {"org_id": "acme", "source": "odoo", "is_wine": False, "category": "autre", "grape_varieties": []}
    usual |= {"flavors": [], "active": True, "last_updated": NOW, "synced_at": NOW}
    price = {"list_price": Decimal("45.50"), "cost_price": Decimal("18.00")}
    keys = {"euro": ("EUR", "EUR"), "cost in dollars": ("EUR", "USD"), "dollars": ("USD", "USD")}
    products = [
        {**usual, **price, "product_key": key, "name": key, "source_id": key, "currency": own, "cost_currency": cost}
        for key, (own, cost) in keys.items()
    ]
    warehouse.replace(PRODUCT_CATALOG, PRODUCT_CATALOG.frame(products), "acme")
    found = warehouse.query(
        "SELECT product_key, list_price_eur, cost_price_eur FROM canonical.product_catalog_eur ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("cost in dollars", Decimal("45.50"), None),
        ("euro", Decimal("45.50"), Decimal("18.00")),
    ]
    names = {view.name: [column.name for column in view.columns] for view in EURO_VIEWS}
    assert {"total_spent_eur", "avg_order_value_eur", "segment"} <= set(names["customers_eur"])
    assert {"price_unit_eur", "price_total_eur", "cost_total_eur"} <= set(names["sales_lines_eur"])


class TestMaking:
    def test_an_unchanged_view_is_left_alone_with_its_rights(self, database: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            query = "SELECT oid FROM pg_class WHERE relkind = 'v' AND relname = ANY(%s) ORDER BY oid"
            names = [[view.name for view in VIEWS]]
            before = connection.execute(query, names).fetchall()
            assert len(before) == len(VIEWS)
            # Whoever reads a view must not hold up a migration that has nothing to do.
            with psycopg.connect(database) as reader:
                reader.execute("SELECT * FROM marts.customer_360")
                migrate(database)
            assert connection.execute(query, names).fetchall() == before
        assert differences(database) == []

    def test_a_changed_view_is_made_anew_and_one_no_longer_described_is_dropped(
        self, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = replace(
            views.CUSTOMER_360,
            query="SELECT 'x' AS city",
            columns=(views.CUSTOMER_360.columns[7],),
            description="Town.",
        )
        monkeypatch.setattr(views, "VIEWS", (changed, *VIEWS[2:]))
        with _connect(database) as connection:
            assert views.create_views(connection) == ["marts.customer_360", "marts.spending_by_email"]
            assert views.create_views(connection) == []
            connection.commit()
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT * FROM marts.customer_360").fetchall() == [("x",)]
            assert connection.execute("SELECT to_regclass('marts.spending_by_email')").fetchone() == (None,)

    def test_views_of_others_stay_and_one_that_builds_on_ours_is_named(self, database: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CREATE VIEW marts.mine AS SELECT city FROM marts.customer_360")
        migrate(database)
        with _connect(database) as connection, pytest.raises(ConfigurationError, match=r"view marts\.mine depends on"):
            views.drop_views(connection)
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM marts.mine").fetchone() == (0,)
