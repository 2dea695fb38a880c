"""The score rules: golden vectors of the specification, limits, and what must never lower a score."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.errors import ConfigurationError
from sync_assets.transforms.scores import RULESETS, Scores, maestro_v2, ruleset_named

# days, frequency, orders, revenue -> churn, engagement, health, upsell
GOLDEN = [
    (3, 7, 12, "14400", 0, 100, 100, 100),
    (10, 10, 6, "3600", 40, 100, 80, 45),
    (15, 10, 5, "2500", 60, 100, 70, 20),
    (45, None, 1, "900", 30, 88, 79, 25),
    (120, None, 1, "12000", 90, 83, 46, 60),
    (0, 0, 2, "1000", 10, 100, 95, 20),
    (29, 30, 4, "5000", 20, 100, 90, 60),
    (30, 10, 11, "10000", 100, 100, 50, 65),
    (200, 14, 3, "600", 100, 49, 24, 0),
    (89, None, 1, "1001", 50, 79, 64, 40),
    (6, 7, 20, "20000.01", 20, 100, 90, 100),
    (7, 14, 3, "1500.01", 20, 100, 90, 35),
    (7, 14, 3, "1500.00", 20, 100, 90, 20),
    (59, 20, 3, "600", 80, 90, 55, 0),
    (60, None, 1, "500", 50, 83, 66, 10),
    (400, 20, 3, "-50", 100, 49, 24, 0),
    (130, None, 0, "0", 100, 57, 28, 0),
    (180, None, 0, "0", 100, 40, 20, 0),
]


def score(days: int, frequency: int | None, orders: int, revenue: str | Decimal) -> Scores:
    values = (days, frequency or 0, orders, int(Decimal(revenue) * 100))
    return maestro_v2(*(np.array([value], dtype=np.int64) for value in values))


@pytest.mark.parametrize(("days", "frequency", "orders", "revenue", "churn", "engagement", "health", "upsell"), GOLDEN)
def test_golden_vectors(days, frequency, orders, revenue, churn, engagement, health, upsell):
    scores = score(days, frequency, orders, revenue)
    assert [int(values[0]) for values in scores] == [churn, engagement, health, upsell]


def test_whole_arrays_give_the_same_as_single_values():
    columns = [np.array([row[i] or 0 for row in GOLDEN], dtype=np.int64) for i in range(3)]
    cents = np.array([int(Decimal(row[3]) * 100) for row in GOLDEN], dtype=np.int64)
    scores = maestro_v2(*columns, cents)
    assert np.array(scores).T.tolist() == [list(row[4:]) for row in GOLDEN]
    assert all(values.dtype == np.int64 for values in scores)


def test_no_families_give_no_scores():
    empty = np.array([], dtype=np.int64)
    assert [len(values) for values in maestro_v2(empty, empty, empty, empty)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("days", "churn"), [(0, 10), (29, 10), (30, 30), (59, 30), (60, 50), (89, 50), (90, 70), (119, 70), (120, 90)]
)
@pytest.mark.parametrize(("orders", "frequency"), [(1, None), (5, 0)])
def test_churn_without_a_rhythm(days, churn, orders, frequency):
    assert score(days, frequency, orders, "0").churn[0] == churn


@pytest.mark.parametrize(
    ("days", "churn"),
    [(0, 0), (5, 0), (6, 20), (10, 20), (11, 40), (16, 40), (17, 60), (21, 60), (22, 80), (32, 80), (33, 100)],
)
def test_churn_with_an_odd_rhythm_of_eleven_days(days, churn):
    assert score(days, 11, 3, "0").churn[0] == churn


@pytest.mark.parametrize(
    ("revenue", "bonus"),
    [("1000", 0), ("1000.01", 5), ("5000", 5), ("5000.01", 10), ("10000", 10), ("10000.01", 20), ("-9999", 0)],
)
def test_engagement_bonus_starts_above_the_limit(revenue, bonus):
    assert score(180, None, 1, revenue).engagement[0] == 43 + bonus


@pytest.mark.parametrize(
    ("average", "points"), [("200", 0), ("200.01", 10), ("500", 10), ("500.01", 25), ("1000.01", 40)]
)
def test_upsell_average_starts_above_the_limit(average, points):
    assert score(45, None, 1, average).upsell[0] == points


@pytest.mark.parametrize(("orders", "points"), [(3, 0), (4, 10), (5, 10), (6, 20), (10, 20), (11, 30)])
def test_upsell_orders_start_above_the_limit(orders, points):
    assert score(45, 0, orders, "0").upsell[0] == points


def test_rulesets_are_known_by_name():
    assert ruleset_named("maestro_v2") is RULESETS["maestro_v2"]
    with pytest.raises(ConfigurationError, match="Unknown ruleset 'maestro_v9'; known: maestro_v2"):
        ruleset_named("maestro_v9")


DAYS = st.integers(0, 1000)
ORDERS = st.integers(0, 40)
MONEY = st.integers(-2_000_000, 3_000_000).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=1000, deadline=None)
@given(days=DAYS, frequency=st.integers(0, 400), orders=ORDERS, revenue=MONEY)
def test_scores_stay_within_bounds(days, frequency, orders, revenue):
    assert all(0 <= int(values[0]) <= 100 for values in score(days, frequency, orders, revenue))


@settings(max_examples=1000, deadline=None)
@given(days=DAYS, newer=DAYS, orders=ORDERS, revenue=MONEY)
def test_a_newer_last_order_never_lowers_engagement(days, newer, orders, revenue):
    days, newer = max(days, newer), min(days, newer)
    before, after = (score(value, 0, orders, revenue).engagement[0] for value in (days, newer))
    assert after >= before


@settings(max_examples=1000, deadline=None)
@given(days=DAYS, newer=DAYS, orders=ORDERS, revenue=MONEY, added=st.integers(1, 2_000_000))
def test_one_more_order_of_positive_value_never_lowers_engagement(days, newer, orders, revenue, added):
    before = score(days, 0, orders, revenue).engagement[0]
    after = score(min(days, newer), 0, orders + 1, revenue + Decimal(added) / 100).engagement[0]
    assert after >= before
