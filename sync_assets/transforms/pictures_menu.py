"""The picture of a store's menu: how the margins of its items are spread, as PNG bytes.

Where a picture is shown does not belong here. matplotlib is imported when a picture is drawn, since it is slow.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import to_arrow
from sync_assets.transforms.drawing import GREEN, INK, QUIET, RED, dress, new_figure, say_empty, to_png

LOWEST, HIGHEST, STEP = -50, 100, 10


def margin_spread(menu: pd.DataFrame) -> bytes:
    """Margins in percent of the items on the menu, ten points to a bar; what is below -50 % is in the first bar."""
    margins = spread_margins(menu)
    edges = np.arange(LOWEST, HIGHEST + STEP, STEP)
    counts, _ = np.histogram(np.clip(margins, LOWEST, HIGHEST), bins=edges)
    figure = new_figure(7, 3.4)
    axes = figure.add_subplot()
    colours = [RED if edge < 0 else GREEN for edge in edges[:-1]]
    axes.bar(edges[:-1] + STEP / 2, counts, width=STEP * 0.86, color=colours, zorder=2)
    axes.set_xlim(LOWEST, HIGHEST)
    dress(axes, "Margins on the menu (%)")
    if len(margins):
        middle = float(np.median(margins))
        axes.axvline(middle, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=3)
        axes.set_title(f"median {middle:g}", loc="right", fontsize=9, color=QUIET)
    else:
        say_empty(axes)
    return to_png(figure)


def spread_margins(menu: pd.DataFrame) -> np.ndarray:
    """Margins in percent of the items that are on the menu and have one."""
    items = to_arrow(menu)
    listed = items.filter(pc.is_null(items["removed_at"]))
    return listed["margin_percent"].drop_null().cast(pa.float64()).to_numpy()
