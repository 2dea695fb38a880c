"""Pictures of spending and segments are PNG images, are drawn without data too, and tell the truth."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, SEGMENTS
from sync_assets.transforms.pictures_spending import (
    NAMES,
    count_moves,
    daily_revenue_chart,
    revenue_by_day,
    segment_moves,
    segment_sizes,
)
from sync_assets_tests.transforms.spending_support import AS_OF, ORG, customer, frame_of, order, segment

PNG = b"\x89PNG\r\n\x1a\n"


def move(before: str | None, after: str, number: int = 1) -> dict[str, object]:
    return {"customer_key": f"alleaves-{number}", "changed_at": AS_OF, "from_segment": before, "to_segment": after}


def test_every_segment_is_shown():
    assert sorted(NAMES) == sorted(SEGMENTS)


def test_segment_sizes():
    sizes = segment_sizes(segment([customer()]).frame)
    assert sizes.startswith(PNG)
    assert sizes == segment_sizes(segment([customer()]).frame)
    assert sizes != segment_sizes(CUSTOMER_SEGMENTS.empty())


def test_moves_leave_out_first_segments():
    moves = [move(None, "new"), move("new", "loyal", 2), move("new", "loyal", 3), move("loyal", "at_risk", 4)]
    changes = frame_of(CUSTOMER_SEGMENT_CHANGES, moves)
    assert count_moves(changes) == {("new", "loyal"): 2, ("loyal", "at_risk"): 1}
    assert segment_moves(changes).startswith(PNG)
    assert segment_moves(frame_of(CUSTOMER_SEGMENT_CHANGES, moves[:1])) == segment_moves(
        CUSTOMER_SEGMENT_CHANGES.empty()
    )


def test_revenue_by_day_is_of_the_stores_days_and_fills_gaps():
    org = ORG.model_copy(update={"timezone": "America/Los_Angeles"})
    orders = [
        # 23:30 in the store on June 28 is June 29 in UTC.
        order(1, "10.00", ordered_at=datetime(2026, 6, 29, 6, 30, tzinfo=UTC)),
        order(2, "5.00", ordered_at=datetime(2026, 6, 30, 11, tzinfo=UTC), currency="EUR", currency_rate=Decimal("2")),
        order(3, "-1.00", ordered_at=AS_OF),
        order(4, "99.00", ordered_at=AS_OF + timedelta(seconds=1)),
        order(5, "99.00", ordered_at=None),
        order(6, "99.00", is_counted=False, ordered_at=AS_OF),
        order(7, None, ordered_at=AS_OF),
        order(8, "99.00", ordered_at=AS_OF - timedelta(days=3)),
    ]
    assert revenue_by_day(frame_of(SALES_ORDERS, orders), org, as_of=AS_OF, days=3) == [
        (date(2026, 6, 28), Decimal("10.00")),
        (date(2026, 6, 29), Decimal("0.00")),
        (date(2026, 6, 30), Decimal("1.50")),
    ]
    assert [revenue for _, revenue in revenue_by_day(SALES_ORDERS.empty(), org, as_of=AS_OF, days=2)] == [0, 0]


@pytest.mark.parametrize("days", [0, 1, 13, 60])
def test_daily_revenue_chart(days):
    shown = [(date(2026, 1, 1) + timedelta(days=n), Decimal(n * 100 - 50)) for n in range(days)]
    assert daily_revenue_chart(shown, currency="USD").startswith(PNG)


def test_matplotlib_is_not_loaded_with_the_module():
    script = "import sys, sync_assets.transforms.pictures_spending; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
