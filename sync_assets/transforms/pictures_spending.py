"""Pictures of spending and segments: segment sizes, moves between segments, revenue by day, as PNG bytes.

Where a picture is shown does not belong here. matplotlib is imported when the first picture is drawn, since it is slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, SEGMENTS
from sync_assets.transforms.avatar_arrow import Frame, columns_of, single
from sync_assets.transforms.columns import count_words
from sync_assets.transforms.drawing import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    QUIET,
    RED,
    dress,
    new_figure,
    say_empty,
    short_number,
    to_png,
)
from sync_assets.transforms.spending import ORDER_COLUMNS, in_org_currency
from sync_assets.transforms.windows import as_utc

# The best first, as people read them.
SHOWN = (
    ("vip", GREEN),
    ("loyal", GREEN),
    ("returning", BLUE),
    ("new", QUIET),
    ("at_risk", AMBER),
    ("churned", RED),
)
NAMES = [name for name, _ in SHOWN]
NOTHING = Decimal("0.00")
DAYS_SHOWN = 60


def segment_sizes(segments: Frame) -> bytes:
    """How many customers each segment has."""
    counts = count_words(single(columns_of(segments, CUSTOMER_SEGMENTS, ["segment"])["segment"]))
    values = [counts.get(name, 0) for name in NAMES]
    figure = new_figure(7, 3, left=0.8, bottom=0.15)
    axes = figure.add_subplot()
    bars = axes.barh(NAMES, values, color=[colour for _, colour in SHOWN], height=0.62, zorder=2)
    everybody = max(sum(values), 1)
    labels = [f"{value:,}  ({100 * value / everybody:.0f} %)" for value in values]
    axes.bar_label(bars, labels=labels, padding=4, color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, max(max(values), 1) * 1.25)
    dress(axes, "Customers by segment")
    axes.grid(visible=False)
    axes.set_xticks([])
    return to_png(figure)


def count_moves(changes: Frame) -> dict[tuple[str, str], int]:
    """Number of moves by segment before and after; the first segment of a customer is no move."""
    table = columns_of(changes, CUSTOMER_SEGMENT_CHANGES, ["from_segment", "to_segment"])
    table = table.filter(pc.is_valid(table["from_segment"]))
    counted = table.group_by(["from_segment", "to_segment"]).aggregate([([], "count_all")]).to_pylist()
    return {(row["from_segment"], row["to_segment"]): row["count_all"] for row in counted}


def segment_moves(changes: Frame) -> bytes:
    """Moves as a matrix: from a row's segment to a column's, darker the more there were."""
    moves = count_moves(changes)
    matrix = np.array([[moves.get((before, after), 0) for after in NAMES] for before in NAMES])
    figure = new_figure(6, 4.4, left=1.15, bottom=0.75)
    axes = figure.add_subplot()
    dress(axes, "Moves between segments")
    axes.grid(visible=False)
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=max(int(matrix.max()), 1) * 1.6, aspect="auto", zorder=0)
    axes.set_xticks(range(len(SEGMENTS)), [f"to {name}" for name in NAMES], rotation=30, ha="right")
    axes.set_yticks(range(len(SEGMENTS)), [f"from {name}" for name in NAMES])
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=INK, fontsize=9)
    if not moves:
        say_empty(axes)
    return to_png(figure)


def revenue_by_day(orders: Frame, org: Org, *, as_of: datetime, days: int = DAYS_SHOWN) -> list[tuple[date, Decimal]]:
    """Counted totals in the organisation's currency for each of the last `days` days of its own time zone, gaps as 0.

    The last day is that of `as_of`, up to that instant. `orders` has ORDER_COLUMNS of canonical.sales_orders.
    """
    table = columns_of(orders, SALES_ORDERS, ORDER_COLUMNS)
    today = as_utc(as_of).astimezone(ZoneInfo(org.timezone)).date()
    is_past = pc.fill_null(
        pc.less_equal(table["ordered_at"], pa.scalar(as_utc(as_of), table["ordered_at"].type)), False
    )
    table = table.filter(pc.and_(table["is_counted"], is_past))
    amounts, _ = in_org_currency(table, org)
    local = table["ordered_at"].cast(pa.timestamp("us", tz=org.timezone))
    flat = pa.table(
        {"day": pc.local_timestamp(local).cast(pa.date32(), safe=False), "amount": amounts.cast(pa.decimal128(38, 2))}
    )
    sums = flat.group_by("day").aggregate([("amount", "sum")]).to_pydict()
    found = dict(zip(sums["day"], sums["amount_sum"], strict=True))
    shown = [today - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    return [(day, found.get(day) or NOTHING) for day in shown]


def daily_revenue_chart(days: Sequence[tuple[date, Decimal]], *, currency: str) -> bytes:
    """Revenue per day as bars; days whose refunds outweigh their sales are red."""
    figure = new_figure(9, 3.2, bottom=0.65)
    axes = figure.add_subplot()
    values = [float(revenue) for _, revenue in days]
    places = np.arange(len(values))
    axes.bar(places, values, width=0.8, color=[RED if value < 0 else BLUE for value in values], zorder=2)
    every = max(1, len(values) // 12 + (len(values) % 12 > 0))
    axes.set_xticks(places[::every], [f"{day:%d %b}" for day, _ in days][::every], rotation=45, ha="right")
    axes.yaxis.set_major_formatter(lambda value, _: short_number(value))
    dress(axes, f"Revenue by day ({currency})")
    if not any(values):
        say_empty(axes)
    return to_png(figure)
