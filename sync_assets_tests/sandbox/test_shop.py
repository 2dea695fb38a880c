"""The invented shop holds what its description says, and its changes are those of a real shop."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sync_assets.errors import ConfigurationError, SourceDataError
from sync_assets.sandbox import shop as sandbox
from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.shop.creating import COLUMNS
from sync_assets.sandbox.shop.life import LOW, one_step
from sync_assets.sandbox.shop.sample import sample_rows

AS_OF = datetime(2026, 3, 18, 19, tzinfo=UTC)
SIZE = 12


@pytest.fixture
def shop(server: str) -> Iterator[str]:
    """The URL of a fresh small shop, which ends with the test."""
    name = f"test_{uuid.uuid4().hex[:12]}_shop"
    yield sandbox.create_shop(server.replace("/sync_assets?", f"/{name}?"), size=SIZE, as_of=AS_OF)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(url: str, statement: str, *values: Any) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement, values).fetchall()


def number(url: str, statement: str, *values: Any) -> Any:
    return rows(url, statement, *values)[0][0]


def formula(url: str) -> dict[str, list[int]]:
    """What is available by the description, worked out row by row, of all active variants by trimmed SKU."""
    found: dict[str, list[int]] = {}
    stock = rows(
        url, "SELECT variant_id, quantity, reserved_qty, is_active FROM inventory JOIN locations ON id = location_id"
    )
    variants = rows(
        url,
        "SELECT v.id, v.sku FROM product_variants v JOIN products p ON p.id = product_id WHERE is_active AND status = 'ACTIVE'",
    )
    for variant, sku in variants:
        free = [
            max(0, quantity - (reserved or 0))
            for owner, quantity, reserved, is_on in stock
            if owner == variant and is_on
        ]
        found.setdefault((sku or "").strip(), []).append(sum(free))
    return found


def test_the_shop_lives_beside_the_database(server: str) -> None:
    url = sandbox.create_shop(server, size=1)
    try:
        assert psycopg.conninfo.conninfo_to_dict(url)["dbname"] == "sync_assets_shop"
        assert sandbox.shop_url(url) == sandbox.shop_url(server) == url
        assert number(server, "SELECT count(*) FROM pg_tables WHERE tablename = 'order_items'") == 0
        assert sandbox.available(server, "NL-BLANKS") == sandbox.available(url, "NL-BLANKS") == 12
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE sync_assets_shop WITH (FORCE)")


def test_a_shop_that_is_there_stays_as_it_is(shop: str) -> None:
    sandbox.adjust_inventory(shop, "NL-0001-1", 7)
    before = rows(shop, "SELECT * FROM inventory ORDER BY 1, 2")
    assert sandbox.create_shop(shop, size=99) == shop
    assert rows(shop, "SELECT * FROM inventory ORDER BY 1, 2") == before


def test_the_tables_hold_the_sample(shop: str) -> None:
    for table, expected in sample_rows(SIZE, AS_OF).items():
        assert number(shop, f"SELECT count(*) FROM {table}") == len(expected) > 0, table
        columns = rows(shop, "SELECT column_name::text FROM information_schema.columns WHERE table_name = %s", table)
        assert {name for (name,) in columns} == set(COLUMNS[table]), table


def test_the_sample_is_always_the_same_and_moves_with_its_time() -> None:
    first = sample_rows(30, AS_OF)
    assert sample_rows(30, AS_OF) == first
    later = sample_rows(30, AS_OF + timedelta(days=3))

    def without_times(table: dict[str, list[tuple]]) -> dict[str, list[list]]:
        return {
            name: [[v for v in row if not isinstance(v, datetime)] for row in found] for name, found in table.items()
        }

    assert without_times(later) == without_times(first)
    times = [value for found in first.values() for row in found for value in row if isinstance(value, datetime)]
    assert max(times) <= AS_OF
    # A larger shop has the same first products.
    assert sample_rows(31, AS_OF)["products"][:30] == first["products"][:30]


def test_the_sample_has_what_the_rules_are_about() -> None:
    found = sample_rows(100, AS_OF)
    assert {row[2] for row in found["products"]} == {"ACTIVE", "DRAFT", "ARCHIVED"}
    assert {row[1] for row in found["orders"]} == {"PAID", "SHIPPED", "DELIVERED", "CANCELLED"}
    assert sum(row[1] == "PAID" for row in found["orders"]) == 50
    assert [row[2] for row in found["locations"]] == [True, True, True, False]
    assert any(reserved is not None and reserved > quantity for _, _, quantity, reserved, _ in found["inventory"])
    assert any(row[3] is None for row in found["inventory"])
    with_strength = {row[0] for row in found["variant_options"] if row[1] == "Strength"}
    assert {row[0] for row in found["product_variants"]} - with_strength
    retail = {row[0] for row in found["channel_prices"] if row[1] == "retail"}
    wholesale = {row[0] for row in found["channel_prices"] if row[1] == "wholesale"}
    assert wholesale < retail
    assert any(row[5] is None for row in found["product_variants"])
    assert len({row[0] for row in found["product_variants"]}) == len(found["product_variants"])


def test_the_odd_products_have_the_stock_the_formula_gives(shop: str) -> None:
    found = formula(shop)
    assert {sku: found[sku] for sku in sandbox.ODD_AVAILABLE} == {k: [v] for k, v in sandbox.ODD_AVAILABLE.items()}
    assert {sku: sandbox.available(shop, sku) for sku in sandbox.ODD_AVAILABLE} == sandbox.ODD_AVAILABLE
    assert found[""] == [9, 9, 9]
    assert (found["NL-DOUBLE"], found["nl-double"]) == ([3], [4])
    assert not {"NL-DRAFT", "NL-ARCHIVED"} & set(found)


def test_shipping_takes_the_stock_and_dates_the_order(shop: str) -> None:
    order = sandbox.place_order(shop, {"NL-TWO-STORES": 100, "NL-BLANKS": 2})
    assert order == f"ord_{2 * SIZE + 6 + 1:06d}"
    assert sandbox.available(shop, "NL-TWO-STORES") == 135
    before = datetime.now(UTC)
    shipped = sandbox.ship_order(shop, order)
    assert shipped.taken == {"NL-TWO-STORES": 100, "NL-BLANKS": 2}
    assert shipped.available == {"NL-TWO-STORES": 35, "NL-BLANKS": 10}
    # First the store where most is free, then the next; what is reserved stays.
    stock = "SELECT location_id, quantity, reserved_qty FROM inventory WHERE variant_id = %s ORDER BY 1"
    assert rows(shop, stock, "var_odd_formula_1_1") == [("loc_main", 10, 10), ("loc_west", 40, 5)]
    [(status, at)] = rows(shop, "SELECT status, updated_at FROM orders WHERE id = %s", order)
    assert status == "SHIPPED"
    assert at >= before - timedelta(seconds=1)
    assert number(shop, "SELECT count(*) FROM inventory WHERE updated_at >= %s", before - timedelta(seconds=1)) == 3


def test_an_order_takes_no_more_than_there_is(shop: str) -> None:
    shipped = sandbox.ship(shop, "NL-OVER-RESERVED", 500)
    assert shipped.taken == {"NL-OVER-RESERVED": 90}
    assert shipped.available == {"NL-OVER-RESERVED": 0}


def test_ship_takes_an_order_or_a_sku(shop: str) -> None:
    order = sandbox.place_order(shop, {"NL-REUSED": 1})
    assert sandbox.ship(shop, order).available == {"NL-REUSED": 7}
    assert sandbox.ship(shop, "NL-REUSED", 2).available == {"NL-REUSED": 5}
    with pytest.raises(SourceDataError, match="is SHIPPED"):
        sandbox.ship(shop, order)
    with pytest.raises(SourceDataError, match="no active variant with the SKU NL-DRAFT"):
        sandbox.ship(shop, "NL-DRAFT")
    with pytest.raises(SourceDataError, match=r"ord_x .*is not there"):
        sandbox.ship_order(shop, "ord_x")


def test_a_refused_order_leaves_no_trace(shop: str) -> None:
    before = number(shop, "SELECT count(*) FROM orders")
    with pytest.raises(SourceDataError):
        sandbox.place_order(shop, {"NL-REUSED": 1, "NL-UNKNOWN": 1})
    assert number(shop, "SELECT count(*) FROM orders") == before


def test_the_oldest_open_order_goes_first(shop: str) -> None:
    [(oldest,)] = rows(shop, "SELECT id FROM orders WHERE status = 'PAID' ORDER BY updated_at, id LIMIT 1")
    assert sandbox.ship_order(shop).order_id == oldest
    assert sandbox.ship_order(shop, status="DELIVERED").order_id != oldest
    assert number(shop, "SELECT count(*) FROM orders WHERE status = 'PAID'") == 4


def test_adjusting_moves_the_stock_and_its_time(shop: str) -> None:
    assert sandbox.adjust_inventory(shop, "NL-BLANKS", 5) == 17
    assert sandbox.adjust_inventory(shop, "NL-BLANKS", -4) == 13
    assert sandbox.adjust_inventory(shop, "NL-BLANKS", -99) == 0
    assert sandbox.adjust_inventory(shop, "NL-BLANKS", 3, "loc_outlet") == 3
    assert sandbox.adjust_inventory(shop, "NL-NO-ROW", 6) == 6
    assert sandbox.adjust_inventory(shop, "NL-NO-ROW", 6, "loc_old") == 6
    assert number(shop, "SELECT count(*) FROM inventory WHERE updated_at > %s", AS_OF) == 4
    with pytest.raises(SourceDataError, match="no location loc_moon"):
        sandbox.adjust_inventory(shop, "NL-BLANKS", 1, "loc_moon")


def test_values_of_products_and_places_can_be_set(shop: str) -> None:
    sandbox.set_values(shop, "locations", "loc_west", is_active=False)
    assert sandbox.available(shop, "NL-TWO-STORES") == 90
    sandbox.set_values(shop, "products", "odd_draft", status="ACTIVE")
    assert sandbox.available(shop, "NL-DRAFT") == 30
    sandbox.set_values(shop, "product_variants", "var_odd_draft_1", sku="NL-NEW", name="Other")
    assert sandbox.available(shop, "NL-NEW") == 30
    assert number(shop, "SELECT count(*) FROM products WHERE updated_at > %s", AS_OF) == 1
    with pytest.raises(SourceDataError, match="no row loc_moon"):
        sandbox.set_values(shop, "locations", "loc_moon", is_active=False)
    with pytest.raises(ValueError, match="cannot be changed"):
        sandbox.set_values(shop, "inventory", "var_odd_draft_1", quantity=1)
    with pytest.raises(ValueError, match="cannot be changed"):
        sandbox.set_values(shop, "orders", "ord_000001", **{"status = 'x' --": 1})


def test_only_a_sandbox_shop_is_ever_changed(server: str) -> None:
    name = f"test_{uuid.uuid4().hex[:12]}_shop"
    url = server.replace("/sync_assets?", f"/{name}?")
    with pytest.raises(ConfigurationError, match="does not exist"):
        sandbox.ship_order(url)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with pytest.raises(ConfigurationError, match="not a sandbox shop"):
                sandbox.ship_order(url)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    with pytest.raises(ConfigurationError, match="not a PostgreSQL URL"):
        sandbox.create_shop("mysql://shop.example/db")


def at_once(times: int, work: Callable[[], Any]) -> list[Any]:
    """What the same work gives in several threads at once."""
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(work) for _ in range(times)]]


def test_orders_placed_at_once_get_numbers_of_their_own(shop: str) -> None:
    made = at_once(8, lambda: sandbox.place_order(shop, {"NL-REUSED": 1}))
    assert len(set(made)) == 8


def test_orders_shipped_at_once_share_what_there_is(shop: str) -> None:
    shipped = at_once(4, lambda: sandbox.ship(shop, "NL-NOT-RESERVED", 30))
    assert sorted(entry.taken["NL-NOT-RESERVED"] for entry in shipped) == [10, 30, 30, 30]
    assert sandbox.available(shop, "NL-NOT-RESERVED") == 0
    orders = at_once(4, lambda: sandbox.ship_order(shop).order_id)
    assert len(set(orders)) == 4


def test_a_shop_that_is_not_there_does_not_live(server: str) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        sandbox.live(server.replace("/sync_assets?", "/nowhere?"), threading.Event())


def test_life_goes_on_when_a_product_goes(shop: str) -> None:
    for (variant,) in rows(shop, "SELECT id FROM product_variants WHERE is_active"):
        sandbox.set_values(shop, "product_variants", variant, is_active=False)
    stop = threading.Event()
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    # The open orders still go; then there is nothing left to order.
    assert sandbox.live(shop, stop, every_seconds=0.001) <= 6
    timer.join()


def test_the_shop_lives_until_it_is_stopped(shop: str) -> None:
    stop = threading.Event()
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(sandbox.live(shop, stop, every_seconds=0.01)))
    thread.start()
    open_orders = "SELECT count(*) FROM orders WHERE status = 'PAID'"
    deadline = time.monotonic() + 20
    while number(shop, open_orders) > 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop.set()
    thread.join(20)
    assert done and done[0] >= 3
    assert number(shop, "SELECT count(*) FROM orders WHERE status = 'SHIPPED' AND updated_at > %s", AS_OF) == done[0]


def test_a_step_makes_an_order_when_none_is_open_and_fills_low_shelves(shop: str) -> None:
    for _ in range(6):
        sandbox.ship_order(shop)
    sku = rows(shop, "SELECT sku FROM product_variants WHERE id = 'var_00001_1'")[0][0]
    sandbox.adjust_inventory(shop, sku, -10_000)
    orders = number(shop, "SELECT count(*) FROM orders")
    shipped = one_step(shop, Dice(5))
    assert number(shop, "SELECT count(*) FROM orders") == orders + 1
    assert number(shop, "SELECT status FROM orders WHERE id = %s", shipped.order_id) == "SHIPPED"
    sandbox.place_order(shop, {sku: 3})
    assert one_step(shop, Dice(5)).available[sku] < LOW
    assert sandbox.available(shop, sku) >= 100
