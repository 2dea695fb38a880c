"""Segments, tiers and moves: the tables of the specification, through the same columns that the assets compute."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.connections import LoyaltySettings
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS
from sync_assets_tests.transforms.spending_support import (
    AS_OF,
    ORG,
    by_key,
    customer,
    frame_of,
    order,
    segment,
    segment_by_hand,
    spend,
)

DAY = timedelta(days=1)
KEY = "alleaves-42"
TABLE = [
    (0, "0", None, "new"),
    (0, "0", 200, "churned"),
    (0, "0", 46, "at_risk"),
    (0, "0", 10, "new"),
    (10, "1000.00", 400, "vip"),
    (10, "1000.00", None, "vip"),
    (10, "999.99", 10, "loyal"),
    (9, "5000", 10, "loyal"),
    (9, "5000", 91, "churned"),
    (5, "100", 59, "loyal"),
    (5, "100", 60, "at_risk"),
    (5, "100", 91, "churned"),
    (4, "100", 45, "returning"),
    (4, "100", 46, "at_risk"),
    (2, "50", 90, "at_risk"),
    (2, "50", 91, "churned"),
    (1, "50", 45, "new"),
    (1, "50", 46, "at_risk"),
    (1, "50", 91, "churned"),
    (3, "50", None, "returning"),
    (1, "50", None, "new"),
    (1, "50", -1, "new"),
    (5, "100", 90, "at_risk"),
    (2, "50", 45, "returning"),
]


def spent(orders: int, total: str | Decimal, last_order=None, key: str = KEY) -> dict[str, object]:
    return {
        "org_id": ORG.org_id,
        "source": "alleaves",
        "spending_key": f"cid_{key}",
        "customer_key": key,
        "total_spent": Decimal(total),
        "order_count": orders,
        "last_order_date": last_order,
    }


def only(people, spending=(), changes=None, **named):
    """The segment row of the one customer."""
    return by_key(segment(people, spending, changes, **named).frame, "customer_key")[KEY]


@pytest.mark.parametrize(("orders", "total", "days", "expected"), TABLE)
def test_the_table(orders, total, days, expected):
    last = None if days is None else AS_OF - days * DAY
    assert only([customer()], [spent(orders, total, last)])["segment"] == expected


def test_the_whole_table_at_once():
    people = [customer(f"alleaves-{n}") for n in range(len(TABLE))]
    rows = [
        spent(orders, total, None if days is None else AS_OF - days * DAY, f"alleaves-{n}")
        for n, (orders, total, days, _) in enumerate(TABLE)
    ]
    found = by_key(segment(people, rows).frame, "customer_key")
    assert [found[f"alleaves-{n}"]["segment"] for n in range(len(TABLE))] == [expected for *_, expected in TABLE]


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(days=59, hours=23, minutes=59, seconds=59), "loyal"),
        (timedelta(days=60) - timedelta(microseconds=1), "loyal"),
        (timedelta(days=60), "at_risk"),
        (timedelta(days=90, hours=23, minutes=59, seconds=59), "at_risk"),
        (timedelta(days=91), "churned"),
        (-timedelta(seconds=1), "loyal"),
    ],
)
def test_days_are_elapsed_24_hour_periods(elapsed, expected):
    assert only([customer()], [spent(5, "100", AS_OF - elapsed)])["segment"] == expected


def test_customers_without_orders_are_new_and_not_churned():
    people = [customer(f"alleaves-{n}") for n in range(50)]
    assert set(segment(people, spend([], people).frame).frame["segment"]) == {"new"}


def test_customers_known_only_by_id_are_not_all_new():
    people = [customer(f"alleaves-{n}") for n in range(4)]
    ages = {0: 10, 1: 50, 2: 100, 3: 10}
    orders = [order(n, "20.00", f"alleaves-{n}", ordered_at=AS_OF - age * DAY) for n, age in ages.items()]
    orders += [order(10 + n, "20.00", "alleaves-3", ordered_at=AS_OF - 5 * DAY) for n in range(4)]
    found = by_key(segment(people, spend(orders, people).frame).frame, "customer_key")
    assert [found[f"alleaves-{n}"]["segment"] for n in range(4)] == ["new", "at_risk", "churned", "loyal"]


def test_only_roots_have_a_segment_and_figures_are_those_of_the_family():
    people = [customer("odoo-1", "a@b.example"), customer("odoo-2", root="odoo-1")]
    orders = [order(1, "10.00", "odoo-1"), order(2, "20.00", "odoo-2")]
    found = segment(people, spend(orders, people).frame)
    assert [(row["customer_key"], row["source"]) for row in found.frame.to_dict("records")] == [("odoo-1", "odoo")]
    row = by_key(found.frame, "customer_key")["odoo-1"]
    assert (row["segment"], str(row["total_spent"]), row["order_count"]) == ("returning", "30.00", 2)
    assert row["last_order_date"] == AS_OF - 10 * DAY
    CUSTOMER_SEGMENTS.contract.validate(found.frame)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from(["0.00", "999.99", "1000.00", "5000.00"]),
            st.one_of(st.none(), st.integers(-3 * 86_400_000_000, 100 * 86_400_000_000)),
        )
    )
)
def test_random_customers_agree_with_the_rules_written_out_by_hand(cases):
    people = [customer(f"alleaves-{n}") for n in range(len(cases))]
    rows = [
        spent(orders, total, None if age is None else AS_OF - timedelta(microseconds=age), f"alleaves-{n}")
        for n, (orders, total, age) in enumerate(cases)
    ]
    found = by_key(segment(people, rows).frame, "customer_key")
    for n, (orders, total, age) in enumerate(cases):
        days = None if age is None else age // 86_400_000_000
        assert found[f"alleaves-{n}"]["segment"] == segment_by_hand(orders, Decimal(total), days)


class TestTiers:
    @pytest.mark.parametrize(
        ("points", "tier"),
        [
            ("-5", "bronze"),
            (None, "bronze"),
            ("0", "bronze"),
            ("199.99", "bronze"),
            ("200", "silver"),
            ("499.99", "silver"),
            ("500", "gold"),
            ("999.99", "gold"),
            ("1000", "platinum"),
        ],
    )
    def test_vectors(self, points, tier):
        row = only([customer(loyalty_points=None if points is None else Decimal(points))])
        assert (row["loyalty_tier"], row["loyalty_points"]) == (tier, Decimal(points or "0"))

    def test_points_take_no_part_in_the_segment(self):
        assert only([customer(loyalty_points=Decimal("5000"))])["segment"] == "new"

    def test_measured_by_what_was_spent_with_own_thresholds(self):
        settings = LoyaltySettings(measure="total_spent", thresholds=(0, 1, 2, Decimal("2.50")))
        org = ORG.model_copy(update={"loyalty": settings})
        rich = customer(loyalty_points=Decimal("5000"))
        for total, tier in {"0.99": "bronze", "1": "silver", "2.49": "gold", "2.50": "platinum"}.items():
            assert only([rich], [spent(1, total)], org=org)["loyalty_tier"] == tier
        assert only([rich], org=org)["loyalty_tier"] == "bronze"


class TestChanges:
    people = [customer(), customer("alleaves-7")]

    def run(self, changes=None, *, days: int = 0, last_order_days: int = 0):
        """A run `days` after AS_OF; the first customer's five orders ended `last_order_days` before AS_OF."""
        rows = [spent(5, "100", AS_OF - last_order_days * DAY)]
        return segment(self.people, rows, changes, as_of=AS_OF + days * DAY)

    def test_the_first_segment_comes_from_null(self):
        found = self.run()
        assert by_key(found.changes, "customer_key") == {
            key: {
                "org_id": ORG.org_id,
                "customer_key": key,
                "changed_at": AS_OF,
                "from_segment": None,
                "to_segment": word,
            }
            for key, word in ((KEY, "loyal"), ("alleaves-7", "new"))
        }
        assert set(found.frame["segment_since"]) == {AS_OF}
        assert (found.counts["changes"], found.counts["moves"]) == (2, 0)
        CUSTOMER_SEGMENT_CHANGES.contract.validate(found.changes)

    def test_time_alone_moves_a_customer_and_an_unchanged_segment_adds_nothing(self):
        history = self.run().changes
        assert len(self.run(history, days=59).changes) == 0
        later = self.run(history, days=60)
        assert [(r["customer_key"], r["from_segment"], r["to_segment"]) for r in later.changes.to_dict("records")] == [
            (KEY, "loyal", "at_risk")
        ]
        since = by_key(later.frame, "customer_key")
        assert since[KEY]["segment_since"] == AS_OF + 60 * DAY
        assert since["alleaves-7"]["segment_since"] == AS_OF
        assert later.counts["moves"] == 1

    def test_a_run_that_was_killed_after_its_changes_adds_none_when_repeated(self):
        first = self.run()
        again = self.run(first.changes)
        assert len(again.changes) == 0
        pd.testing.assert_frame_equal(again.frame, first.frame)
        # The same with a later start, as after a restart.
        assert len(self.run(first.changes, days=1).changes) == 0

    def test_only_the_latest_change_counts_whatever_the_order_of_rows(self):
        history = self.run().changes
        moved = pd.concat([self.run(history, days=60).changes, history], ignore_index=True)
        back = segment(self.people, [spent(5, "100", AS_OF + 60 * DAY)], moved, as_of=AS_OF + 61 * DAY)
        assert [(r["from_segment"], r["to_segment"]) for r in back.changes.to_dict("records")] == [("at_risk", "loyal")]

    def test_the_history_only_grows_a_look_back_adds_nothing(self):
        history = pd.concat([self.run().changes, self.run(self.run().changes, days=60).changes], ignore_index=True)
        back = self.run(history, days=30)
        assert len(back.changes) == 0
        row = by_key(back.frame, "customer_key")[KEY]
        assert (row["segment"], row["segment_since"]) == ("loyal", AS_OF + 30 * DAY)

    @settings(max_examples=15)
    @given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
    def test_a_chain_of_runs_is_a_chain_of_changes(self, steps):
        history, day = CUSTOMER_SEGMENT_CHANGES.empty(), 0
        for step in steps:
            day += step
            found = self.run(history, days=day)
            history = pd.concat([history, found.changes], ignore_index=True)
            assert len(self.run(history, days=day).changes) == 0
        mine = history[history["customer_key"] == KEY].sort_values("changed_at")
        came, went = mine["from_segment"].tolist(), mine["to_segment"].tolist()
        assert came[1:] == went[:-1]
        assert all(a != b for a, b in pairwise(went))


def test_without_customers_there_is_nothing():
    found = segment([])
    assert (len(found.frame), len(found.changes), found.counts["customers"]) == (0, 0, 0)
    assert frame_of(CUSTOMER_SEGMENTS, []).columns.tolist() == found.frame.columns.tolist()
