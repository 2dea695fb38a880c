"""Figures of the benchmarks: medians, tables for people, Markdown for the README, JSON for programs.

What is measured does not belong here.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADER = ("what", "seconds", "rows/s", "ratio", "peak MB")


@dataclass(frozen=True)
class Figure:
    """One line of a table; `ratio` says how it compares to what `against` names."""

    what: str
    seconds: float | None = None
    rows: int | None = None
    ratio: float | None = None
    against: str = ""
    peak_mb: float | None = None

    @property
    def rows_per_second(self) -> float | None:
        return self.rows / self.seconds if self.rows and self.seconds else None

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x {self.against}".strip()
        return (
            self.what,
            "" if self.seconds is None else f"{self.seconds:.2f}",
            "" if self.rows_per_second is None else f"{self.rows_per_second:,.0f}",
            ratio,
            "" if self.peak_mb is None else f"{self.peak_mb:,.0f}",
        )

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "rows_per_second": self.rows_per_second}


def in_turn(
    rounds: int, measures: dict[str, Callable[[], dict[str, Any]]], *, key: str = "seconds"
) -> dict[str, list[dict[str, Any]]]:
    """Runs the measures A B A B ..., so that a noisy minute of the machine meets all of them."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in measures}
    for number in range(1, rounds + 1):
        for name, measure in measures.items():
            result = measure()
            results[name].append(result)
            tell(f"  {number}/{rounds}  {name}: {result[key]:.2f} s")
    return results


def middle(results: Sequence[dict[str, Any]], key: str = "seconds") -> float:
    return float(statistics.median(result[key] for result in results))


def paired_ratio(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], key: str = "seconds") -> float:
    """The median of the ratios of neighbouring runs."""
    return float(statistics.median(a[key] / b[key] for a, b in zip(ours, theirs, strict=True)))


def tell(line: str) -> None:
    """Progress goes to stderr, so that `--json` stays JSON."""
    print(line, file=sys.stderr, flush=True)


def as_text(title: str, figures: Sequence[Figure]) -> str:
    rows = [HEADER, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join([title, *(line.rstrip() for line in lines)])


def as_markdown(tables: dict[str, Sequence[Figure]]) -> str:
    lines = [f"| benchmark | {' | '.join(HEADER)} |", "|---|---|--:|--:|--:|--:|"]
    lines += [f"| {name} | {' | '.join(figure.cells())} |" for name, figures in tables.items() for figure in figures]
    return "\n".join(lines)
