"""The look of all pictures: colours, a figure without global state, axes, numbers, PNG bytes.

What is drawn does not belong here. matplotlib is imported when the first picture is drawn, since it is slow.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, GRID = "#1f2933", "#7b8794", "#e4e7eb"
BLUE, GREEN, RED, AMBER = "#3b6fb6", "#3a9d6e", "#c8553d", "#d9a13b"


def new_figure(width: float, height: float, *, left: float = 0.5, bottom: float = 0.35) -> Figure:
    """A figure of so many inches; `left` and `bottom` are the inches that the labels of the axes need.

    Margins are given, since finding them (`layout="constrained"`) takes as long as all the rest.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Without pyplot there is no global state, so runs in threads cannot disturb each other.
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    figure.subplots_adjust(
        left=left / width,
        bottom=bottom / height,
        right=1 - 0.15 / width,
        top=1 - 0.35 / height,
        wspace=0.15,
        hspace=0.35,
    )
    FigureCanvasAgg(figure)
    return figure


def dress(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, color=INK, fontweight="bold")
    axes.tick_params(colors=QUIET, labelsize=8.5, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.spines["bottom"].set(visible=True, color=GRID)


def say_empty(axes: Axes) -> None:
    axes.set_yticks([])
    axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center", color=QUIET)


def short_number(value: float) -> str:
    """A number as an axis shows it.

    >>> short_number(1_500_000), short_number(20_000), short_number(-250)
    ('1.5M', '20k', '-250')
    """
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def to_png(figure: Any) -> bytes:
    image = BytesIO()
    figure.savefig(image, format="png", metadata={"Software": None})
    return image.getvalue()
