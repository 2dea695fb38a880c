"""Pictures for people: score histograms, revenue by month, what a run did, as PNG bytes without personal data.

Where a picture is shown does not belong here. matplotlib is imported when the first picture is drawn, since it is slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_arrow import INSTANT, Frame, booleans, columns_of, integers
from sync_assets.transforms.avatar_plan import AvatarRules
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = np.arange(0, 110, 10)
SCORES = (
    ("health_score", "Health", GREEN),
    ("engagement_score", "Engagement", BLUE),
    ("churn_risk_score", "Churn risk", RED),
    ("upsell_potential_score", "Upsell potential", AMBER),
)
ACTIONS = (("created", GREEN), ("updated", BLUE), ("unchanged", QUIET), ("deactivated", RED))
MONTHS_SHOWN = 24


def score_histograms(avatars: Frame) -> bytes:
    """The four scores of the active avatars, ten points to a bar."""
    columns = _active_scores(avatars)
    figure = new_figure(9, 5.2)
    for place, (name, title, colour) in enumerate(SCORES, start=1):
        axes = figure.add_subplot(2, 2, place)
        _histogram(axes, columns[name], title, colour)
    return to_png(figure)


def health_histogram(avatars: Frame) -> bytes:
    """The health of the active avatars, ten points to a bar."""
    figure = new_figure(7, 3.4)
    _histogram(figure.add_subplot(), _active_scores(avatars)["health_score"], "Health of active customers", GREEN)
    return to_png(figure)


def revenue_by_month(orders: Frame, rules: AvatarRules) -> list[tuple[date, Decimal]]:
    """Revenue of the counted orders up to `as_of` per month in UTC, in one row: months without orders are 0."""
    amount = rules.order_amount
    table = columns_of(orders, SALES_ORDERS, ["is_counted", "ordered_at", amount])
    is_past = pc.fill_null(pc.less_equal(table["ordered_at"], pa.scalar(rules.as_of, INSTANT)), False)
    table = table.filter(pc.and_(table["is_counted"], is_past))
    number = pc.add(pc.multiply(pc.year(table["ordered_at"]), 12), pc.subtract(pc.month(table["ordered_at"]), 1))
    grouped = pa.table({"month": number, "amount": table[amount].cast(pa.decimal128(38, 2))}).group_by("month")
    sums = grouped.aggregate([("amount", "sum")]).to_pydict()
    found = dict(zip(sums["month"], sums["amount_sum"], strict=True))
    if not found:
        return []
    months = range(min(found), max(found) + 1)
    return [(date(m // 12, m % 12 + 1, 1), found.get(m) or Decimal("0.00")) for m in months]


def revenue_chart(months: Iterable[tuple[date, Decimal]], *, currency: str) -> bytes:
    """Revenue per month as bars, the latest two years."""
    shown = list(months)[-MONTHS_SHOWN:]
    figure = new_figure(8, 3.4, bottom=0.7)
    axes = figure.add_subplot()
    places = np.arange(len(shown))
    axes.bar(places, [float(revenue) for _, revenue in shown], width=0.72, color=BLUE, zorder=2)
    every = max(1, len(shown) // 12 + (len(shown) % 12 > 0))
    axes.set_xticks(places[::every], [f"{month:%Y-%m}" for month, _ in shown][::every], rotation=45, ha="right")
    axes.yaxis.set_major_formatter(lambda value, _: short_number(value))
    dress(axes, f"Revenue by month ({currency})")
    if not shown:
        say_empty(axes)
    return to_png(figure)


def action_bars(counts: Mapping[str, int]) -> bytes:
    """How many avatars a run created, updated, left unchanged and deactivated."""
    figure = new_figure(7, 2.6, left=1, bottom=0.15)
    axes = figure.add_subplot()
    values = [int(counts.get(name, 0)) for name, _ in ACTIONS]
    bars = axes.barh(
        [name for name, _ in ACTIONS], values, color=[colour for _, colour in ACTIONS], height=0.62, zorder=2
    )
    axes.bar_label(bars, labels=[f"{value:,}" for value in values], padding=4, color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, max(max(values), 1) * 1.15)
    dress(axes, "Customer avatars in this run")
    axes.grid(visible=False)
    axes.set_xticks([])
    return to_png(figure)


def _active_scores(avatars: Frame) -> dict[str, np.ndarray]:
    table = columns_of(avatars, CUSTOMER_AVATARS, ["is_active", *(name for name, _, _ in SCORES)])
    active = table.filter(booleans(table["is_active"]))
    return {name: integers(active[name]) for name, _, _ in SCORES}


def _histogram(axes: Axes, scores: np.ndarray, title: str, colour: str) -> None:
    from matplotlib.ticker import MaxNLocator

    counts, _ = np.histogram(scores, bins=BINS)
    axes.bar(BINS[:-1] + 5, counts, width=8.6, color=colour, zorder=2)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 20))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    dress(axes, title)
    if len(scores):
        middle = float(np.median(scores))
        axes.axvline(middle, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=3)
        axes.set_title(f"median {middle:g}", loc="right", fontsize=9, color=QUIET)
    else:
        say_empty(axes)
