"""Pictures are PNG images, are drawn without data too, and matplotlib is loaded only when one is drawn."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.pictures import (
    action_bars,
    health_histogram,
    revenue_by_month,
    revenue_chart,
    score_histograms,
)
from sync_assets_tests.transforms.avatar_support import AS_OF, build, customer, frame_of, order, rules

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def frame():
    keys = [f"odoo-{number}" for number in range(60)]
    ages = [timedelta(days=number * 2) for number in range(60)]
    orders = [order(n, key, f"{n * 137}.00", ordered_at=AS_OF - ages[n]) for n, key in enumerate(keys)]
    return build([customer(key) for key in keys], orders).frame


@pytest.mark.parametrize("draw", [score_histograms, health_histogram])
def test_histograms(draw, frame):
    assert draw(frame).startswith(PNG)
    assert draw(frame) == draw(frame)
    assert draw(frame) != draw(CUSTOMER_AVATARS.empty())
    assert draw(CUSTOMER_AVATARS.empty()).startswith(PNG)


def test_action_bars():
    assert action_bars({"created": 3, "updated": 20_000, "unchanged": 5, "deactivated": 1}).startswith(PNG)
    assert action_bars({}).startswith(PNG)


def test_revenue_by_month_fills_gaps_and_ignores_what_does_not_count():
    moments = {
        1: AS_OF,
        2: AS_OF - timedelta(days=31),
        3: AS_OF - timedelta(days=100),
        4: AS_OF + timedelta(seconds=1),
        5: None,
    }
    orders = [order(number, amount="10.10", ordered_at=at) for number, at in moments.items()]
    orders += [order(6, is_counted=False), order(7, amount=None), order(8, amount="0.20")]
    months = revenue_by_month(frame_of(SALES_ORDERS, orders), rules())
    assert months == [
        (date(2026, 3, 1), Decimal("10.10")),
        (date(2026, 4, 1), Decimal("0.00")),
        (date(2026, 5, 1), Decimal("10.10")),
        (date(2026, 6, 1), Decimal("10.30")),
    ]
    assert revenue_by_month(SALES_ORDERS.empty(), rules()) == []


@pytest.mark.parametrize("months", [0, 1, 13, 40])
def test_revenue_chart(months):
    shown = [(date(2023 + n // 12, n % 12 + 1, 1), Decimal(n * 1000)) for n in range(months)]
    assert revenue_chart(shown, currency="EUR").startswith(PNG)


def test_matplotlib_is_not_loaded_with_the_module():
    script = "import sys, sync_assets.transforms.pictures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
