"""Facts of the demo store: sizes, shares, segments, one row for every numbered edge case, and that a day repeats itself."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import quantiles
from typing import Any

import pytest

from sync_assets.sandbox.alleaves import Store, demo_store
from sync_assets.sandbox.alleaves.seed import SECRET_MARKER, ZONE
from sync_assets.sandbox.alleaves.seed.cases import CASES
from sync_assets.sandbox.alleaves.seed.odd_customers import case_ids
from sync_assets.sandbox.alleaves.seed.odd_orders import case_orders, clock_changes
from sync_assets.sandbox.alleaves.seed.odd_stock import case_items
from sync_assets_tests.sandbox.alleaves_calls import TODAY, shared_store

STORE = shared_store()
CUSTOMERS = {row.get("id_customer"): row for row in STORE.customers}
ORDERS = {row.get("id_order"): row for row in STORE.orders}
STOCK: dict[int, list[dict[str, Any]]] = defaultdict(list)
for _row in STORE.inventory:
    if _row["id_location"] == 1000:
        STOCK[_row["id_item"]].append(_row)


def reference(order: dict[str, Any]) -> Any:
    return order["id_customer"] or (order["customer"] or {}).get("id")


def segments(store: Store, as_of: datetime) -> Counter[str]:
    """The segments by the rules of the specification, for orders that name a customer by a plain id."""
    sales = defaultdict(list)
    for order in store.orders:
        if not order["void"] and not order["cancel"] and isinstance(order["total"], int | float):
            sales[reference(order)].append(order)
    found: Counter[str] = Counter()
    for number in (row.get("id_customer") for row in store.customers):
        orders = [order for order in sales[number] if order["total"] >= 0]
        spent = sum(order["total"] for order in sales[number])
        times = [moment for order in orders if (moment := store.instant(order))]
        days = (as_of - max(times)).days if times else None
        if not orders:
            found["without orders"] += 1
        elif spent >= 1000 and len(orders) >= 10:
            found["vip"] += 1
        elif len(orders) >= 5 and days is not None and days < 60:
            found["loyal"] += 1
        elif days is not None and days > 90:
            found["churned"] += 1
        elif days is not None and days > 45:
            found["at_risk"] += 1
        else:
            found["returning" if len(orders) > 1 else "new"] += 1
    return found


# Sizes and shares


def test_sizes() -> None:
    assert (len(STORE.customers), len(STORE.orders)) == (4_000, 12_000)
    assert (len(STOCK), sum(map(len, STOCK.values()))) == (400, 450)
    assert STORE.location_ids == ["1000", "1001"]
    assert len(CUSTOMERS) == 4_000
    assert len(ORDERS) == 12_000 - 2, "one order has no id, two more have theirs under another name"


def test_keys_are_unique() -> None:
    keys = [(row["id_location"], row["id_item"], row["id_batch"], row["id_area"]) for row in STORE.inventory]
    assert len(set(keys)) == len(keys)


def test_every_row_of_a_list_has_the_same_columns_but_for_the_odd_ones() -> None:
    assert len({tuple(row) for row in STORE.inventory}) == 1
    assert Counter(tuple(sorted(row)) for row in STORE.orders).most_common(1)[0][1] > 11_950
    assert Counter(tuple(sorted(row)) for row in STORE.customers).most_common(1)[0][1] > 3_990


def test_few_customers_have_contact_data() -> None:
    with_email = sum(bool((row["email"] or "").strip()) for row in STORE.customers)
    assert 0.035 < with_email / 4_000 < 0.05
    assert sum(not row["email"] and not row["phone"] for row in STORE.customers) / 4_000 > 0.94


def test_addresses_are_invented() -> None:
    endings = (".example", "@alleaves.local", "@unknown.local", "@alleaves.local.com", "not-an-email")
    for row in [*STORE.customers, *STORE.orders]:
        email = (row["email"] or "").strip().lower()
        assert not email or email.endswith(endings), email


def test_all_segments_occur_in_sensible_sizes() -> None:
    assert STORE.moment is not None
    found = segments(STORE, STORE.moment + timedelta(hours=12))
    shares = {name: round(count / 40, 1) for name, count in found.items()}
    limits = {
        "vip": (3, 5),
        "loyal": (6, 9),
        "returning": (10, 13),
        "at_risk": (8, 11),
        "churned": (34, 40),
        "new": (7, 9),
        "without orders": (20, 24),
    }
    assert {name: low <= shares[name] <= high for name, (low, high) in limits.items()} == dict.fromkeys(limits, True)


def test_some_customers_become_at_risk_each_day() -> None:
    assert STORE.moment is not None
    found = [segments(STORE, STORE.moment + timedelta(days=day)) for day in range(8)]
    silent = [segment["at_risk"] + segment["churned"] for segment in found]
    assert all(5 <= after - before <= 40 for before, after in pairwise(silent)), silent


def test_orders_fill_eighteen_months_of_a_growing_shop() -> None:
    months = Counter(str(day)[:7] for row in STORE.orders if (day := STORE.day(row)) and day < TODAY)
    assert len(months) in (19, 20)
    assert min(months.values()) > 40
    assert max(months.values()) < 1_400
    assert sum(months[month] for month in sorted(months)[-7:]) > 6_000
    hours = {
        moment.astimezone(ZONE).hour for row in STORE.orders if row.get("id_order") and (moment := STORE.instant(row))
    }
    assert set(range(9, 21)) <= hours


def test_statuses_types_and_walk_ins() -> None:
    final = Counter(row["status"] for row in STORE.orders)
    assert final["completed"] > 11_400
    assert 150 < final["void"] < 350
    assert 100 < final["cancelled"] < 260
    assert 60 < sum(isinstance(row["total"], float) and row["total"] < 0 for row in STORE.orders) < 180
    types = Counter(row["type"] for row in STORE.orders)
    assert {"retail", "in_store", "pickup", "delivery"} <= set(types)
    walk_ins = sum(reference(row) in (None, 0, -1) for row in STORE.orders)
    assert 0.03 < walk_ins / 12_000 < 0.1
    assert sum(bool(row["customer"]) for row in STORE.orders) > 1_000


def test_unmatched_orders_stay_far_from_the_alarm() -> None:
    unknown = [row for row in STORE.orders if isinstance(reference(row), int) and reference(row) > 4_000]
    assert 2 <= len(unknown) < 30


def test_deciles_of_prices_costs_and_stock() -> None:
    rows = [row for found in STOCK.values() for row in found]
    prices = quantiles((row["price_retail"] for row in rows if row["price_retail"]), n=10)
    costs = quantiles((cost for row in rows if (cost := row["cost_of_good"] or row["batch_cost_of_good"])), n=10)
    on_hand = quantiles((row["on_hand"] for row in rows), n=10)
    assert (prices[0], prices[-1]) == (pytest.approx(10, abs=3), pytest.approx(70, abs=6))
    assert (costs[0], costs[-1]) == (pytest.approx(5, abs=1.5), pytest.approx(38, abs=5))
    assert (on_hand[0], on_hand[-1]) == (pytest.approx(3, abs=1), pytest.approx(30, abs=4))
    assert sum(not row["cost_of_good"] for row in rows) / len(rows) == pytest.approx(0.55, abs=0.03)


def test_lines_name_items_of_the_shop() -> None:
    for order in STORE.orders[-500:]:
        for line in order["items"]:
            assert STOCK[line["id_inventory_item"]][0]["item"].strip() == line["item"]
            assert line["total"] == round(line["price"] * line["quantity"], 2)


# Repeatable


def rows_of(store: Store) -> Any:
    return store.locations, store.customers, store.orders, store.inventory, store.moment


def test_the_same_day_gives_the_same_store() -> None:
    assert rows_of(demo_store(TODAY)) == rows_of(STORE)


def test_another_day_only_shifts() -> None:
    later = demo_store(TODAY + timedelta(days=17))
    assert later.moment is not None
    assert STORE.moment is not None
    assert later.moment.astimezone(ZONE).date() == TODAY + timedelta(days=17)
    nights = set(case_orders(36, TODAY, ZONE))
    for one, other in zip(STORE.orders, later.orders, strict=True):
        assert one.get("id_order") == other.get("id_order")
        assert one["total"] == other["total"]
        if one.get("id_order") not in nights and (before := STORE.day(one)):
            assert later.day(other) == before + timedelta(days=17)
    for one, other in zip(STORE.customers, later.customers, strict=True):
        assert one | {"date_created": other["date_created"]} == other
    for one, other in zip(STORE.inventory, later.inventory, strict=True):
        assert {k: v for k, v in one.items() if "date" not in k} == {k: v for k, v in other.items() if "date" not in k}


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 11, 1), date(2027, 3, 14), date(2028, 1, 1)])
def test_the_demo_can_be_built_on_any_day(day: date) -> None:
    store = demo_store(day)
    assert (len(store.customers), len(store.orders), len(store.inventory)) == (4_000, 12_000, len(STORE.inventory))
    assert store.moment is not None
    assert STORE.moment is not None
    found, expected = (segments(it, it.moment + timedelta(hours=12)) for it in (store, STORE) if it.moment)
    # A clock change within the last weeks may move a few customers over the edge of a segment by an hour.
    assert found == {name: pytest.approx(count, abs=10) for name, count in expected.items()}


# The numbered edge cases


def customer_values(case: int, name: str) -> list[Any]:
    return [CUSTOMERS[number][name] for number in case_ids(case)]


def order_values(case: int, *names: str) -> list[Any]:
    found = [ORDERS.get(number) or {} for number in case_orders(case, TODAY, ZONE)]
    return [tuple(row.get(name) for name in names) if len(names) > 1 else row.get(names[0]) for row in found]


def items(case: int) -> list[list[dict[str, Any]]]:
    return [STOCK[number] for number in case_items(case)]


def test_every_edge_case_is_reachable() -> None:
    assert sorted(CASES) == [number for number in range(1, 64) if number != 55]
    for number, place in CASES.items():
        if place.startswith("data: customers"):
            assert case_ids(number), number
        if place.startswith("data: orders"):
            assert case_orders(number, TODAY, ZONE), number
        if place.startswith("data: items"):
            assert case_items(number), number


def test_customers_of_the_edge_cases() -> None:
    emails = {(email or "").strip().lower() for email in customer_values(16, "email")}
    assert emails == {"household@mail.example", ""}
    assert customer_values(17, "email") == [" Vivian.CAPITAL@Mail.Example "]
    kinds = customer_values(18, "email")
    assert kinds[:4] == ["", " ", "no-email@alleaves.local", "no-email@alleaves.local"]
    assert kinds[4] == f"customer_{case_ids(18)[4]}@alleaves.local"
    assert customer_values(19, "email") == [f"customer_{case_ids(19)[0]}@alleaves.local.com"]
    names = customer_values(20, "name_first")
    assert names == ["Guest", "GUEST", None, None, "Łukasz", "  Ann ", "美咲"]
    assert customer_values(22, "loyalty_points") == [120, "120", None, 250.5, "1000.00", -5, "many", 550]
    assert customer_values(23, "date_of_birth")[0] == "1990-01-01"
    one, two = (CUSTOMERS[number] for number in case_ids(23)[1:])
    assert {**one, "id_customer": 0} == {**two, "id_customer": 0}
    assert customer_values(63, "loyalty_points") == [300]
    assert not any(reference(order) in case_ids(63) for order in STORE.orders)
    (bracket,) = [row for row in STORE.customers if str(row.get("id_customer")).startswith("{")]
    assert bracket["id_customer"] == f"{{{case_ids(21)[0]}}}"
    (other,) = [row for row in STORE.customers if "id_customer" not in row]
    assert (other["id"], other["customer_name"]) == (str(case_ids(11)[0]), "Other Names")


def test_orders_of_the_edge_cases() -> None:
    assert order_values(26, "id_customer") == [0, -1, None, 999_999]
    assert [(row and row.get("id"), row and row.get("userId")) for row in order_values(27, "customer")] == [
        (42, None),
        (42, "42"),
        (None, "42"),
    ]
    assert order_values(28, "email", "id_customer") == [
        ("no-email@alleaves.local", None),
        ("stranger@mail.example", None),
        ("stranger@mail.example", 999_998),
        ("household@mail.example", None),
    ]
    assert order_values(29, "total", "id_customer") == [(40.0, None), (59.99, case_ids(29)[0])]
    assert order_values(30, "id_customer") == ["{42}", "alleaves_42", "cid_42", "alleaves_customer"]
    assert order_values(32, "void", "complete", "status") == [
        (True, None, "completed"),
        (False, True, "cancelled"),
        (False, True, "processing"),
    ]
    assert order_values(33, "status")[:5] == ["COMPLETED", "archived", "", None, "pending"]
    assert set(order_values(33, "void", "cancel", "complete")) == {(None, False, None)}
    assert order_values(34, "total", "amount") == [("39.55",) * 2, (0, 25), (None, None), ("n/a", None), (-30.0,) * 2]
    assert order_values(37, "items")[3:] == [None, []]
    assert [line.get("quantity") for line in order_values(37, "items")[0]] == [1, 1, 1]
    assert order_values(38, "id_location") == [1001, 9999, None]
    assert order_values(41, "subtotal", "tax", "total") == [(10.0, 1.3, 50.0)]
    assert [row["id_customer"] for row in STORE.orders if "id_order" in row and row["id_order"] is None] == [19]


def test_dates_of_the_edge_cases() -> None:
    missing, other, future, unreadable = (ORDERS[number] for number in case_orders(35, TODAY, ZONE))
    assert STORE.instant(missing) is None
    assert "date_created" not in other
    assert STORE.day(other) == TODAY - timedelta(days=3)
    assert STORE.day(future) == TODAY + timedelta(days=3)
    assert STORE.instant(unreadable) is None
    evening, *nights = (ORDERS[number] for number in case_orders(36, TODAY, ZONE))
    local = [STORE.instant(row).astimezone(ZONE) for row in (evening, *nights)]  # type: ignore[union-attr]
    assert f"{local[0]:%d %H:%M}" == "17 23:30"
    assert [f"{it:%m-%d %H:%M}" for it in local[1:]] == ["03-08 01:30", "11-02 01:30", "11-02 01:30"]
    assert [it.fold for it in local[1:]] == [0, 0, 1]
    assert clock_changes(date(2026, 3, 9), ZONE)[0] == datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    (old,) = (ORDERS[number] for number in case_orders(40, TODAY, ZONE))
    assert STORE.day(old) == TODAY - timedelta(days=200)
    assert (old["date_updated"][:10], old["void"]) == (str(TODAY - timedelta(days=1)), True)


def test_items_of_the_edge_cases() -> None:
    areas, quarantined = items(43)
    assert [(row["area_type"], row["on_hand"], row["available"]) for row in areas] == [
        ("Retail", 10, 9),
        ("Storage", 5, 5),
        ("Damaged", 3, 2),
    ]
    assert quarantined[1]["area_type"] == "Quarantine"
    costs = [[(row["cost_of_good"], row["price_retail"]) for row in found] for found in items(44)]
    assert costs == [[(0, 18)], [(33.5, 30)], [(38.8, 40)], [(None, 60), (10, 60)]]
    zero, medical = (found[0] for found in items(45))
    assert not any(value for name, value in zero.items() if name.startswith("price_"))
    assert (medical["price_retail_medical_use"], medical["price_retail_adult_use"]) == (32.0, 0)
    assert [found[0]["category"] for found in items(46)] == ["Uncategorized", " "]
    assert [found[0]["brand"] for found in items(47)] == ["Cloud Nine Co ", "Cloud 9 Co"]
    assert [(row["on_hand"], row["available"]) for row in items(48)[0]] == [(11, 10)]
    untested, compound, impossible = (found[0] for found in items(49))
    assert (untested["thc"], untested["id_lab_test"], impossible["thc"]) == (None, 4711, 140)
    assert compound["compounds"][0] == {"name": "THC %", "value": "70.00000000"}
    (expired,) = items(50)[0]
    assert date.fromisoformat(expired["date_expire"]) < TODAY
    assert expired["date_received"].endswith("T17:05:00.123")
    (sold_out,) = items(51)[0]
    assert [sold_out[name] for name in ("on_hand", "id_area", "area", "date_received")] == [0, None, None, None]
    (null_flags,) = items(59)[0]
    assert (null_flags["is_cannabis"], null_flags["deleted"], null_flags["created_by"]) == (None, None, 17)
    every = [row for found in STOCK.values() for row in found]
    ratios = {round(row["price_otd"] / row["price_retail"], 2) for row in every if row["price_retail"] > 40}
    assert {1.13, 1.08} <= ratios
    assert {"Category > Flower", "Flower > Packs", "Category > Gift Cards"} <= {row["category"] for row in every}
    assert {row["is_cannabis"] for row in every} == {True, False, None}
    assert {row["all_avaliable_per_location"] for row in every} == {0}


def test_locations_hold_secrets_under_a_marker() -> None:
    wanted = {
        "metrc_api_key",
        "springbig_auth_token",
        "payment_client_id",
        "smtp_password",
        "printer_private_key",
        "pin",
    }
    for row in STORE.locations:
        marked = {name for name, value in row.items() if SECRET_MARKER in str(value)}
        assert wanted <= marked
        assert (row["timezone"], row["curbside"]) == ("America/Los_Angeles", None)
    assert SECRET_MARKER not in json.dumps([STORE.customers, STORE.orders, STORE.inventory])
