"""The picture of a push: attempts by trigger and outcome, as PNG bytes.

Where it is shown does not belong here. matplotlib is imported when the first picture is drawn, since it is slow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync_assets.transforms.drawing import GREEN, INK, RED, dress, new_figure, say_empty, to_png


def push_outcomes(rows: Sequence[Mapping[str, Any]], *, days: int) -> bytes:
    """Successes and failures of each trigger; `rows` have `trigger_type`, `total` and `good`."""
    rows = sorted(rows, key=lambda row: -row["total"])
    names = [row["trigger_type"] for row in rows]
    good = [row["good"] for row in rows]
    bad = [row["total"] - row["good"] for row in rows]
    figure = new_figure(8, 1.6 + 0.4 * max(len(rows), 2))
    axes = figure.add_subplot()
    axes.barh(names, good, color=GREEN, height=0.6, zorder=2, label="success")
    bars = axes.barh(names, bad, left=good, color=RED, height=0.6, zorder=2, label="failed")
    labels = [
        f"{done:,} good" + (f", {failed:,} failed" if failed else "") for done, failed in zip(good, bad, strict=True)
    ]
    axes.bar_label(bars, labels=labels, padding=4, color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, max([1, *(row["total"] for row in rows)]) * 1.3)
    dress(axes, f"Attempts to push by trigger and outcome, last {days} days")
    axes.grid(visible=False)
    axes.set_xticks([])
    if not rows:
        say_empty(axes)
    return to_png(figure)
