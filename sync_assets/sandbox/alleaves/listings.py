"""A list on its way out: which rows, in which container, and the faults that change either.

Which rows answer a call belongs to `dialects.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sync_assets.sandbox.alleaves.faults import CallFaults
from sync_assets.sandbox.alleaves.store import Row

SHAPES = ("array", "numeric", "keyed", "keyed_numeric", "data", "results", "other")


@dataclass
class Listing:
    """The rows of one answer. `key` names them (customers, orders, products), `ids` their id column."""

    key: str
    ids: str
    rows: list[Row]
    shape: str
    beside: dict[str, Any] = field(default_factory=dict)


def contained(listing: Listing, shape: str, empty: str = "array") -> Any:
    """The rows in their container: an array, an object with the keys "0", "1", …, or an object with one named list.

    `empty` says whether no rows at all are an empty "array" or an empty "object" where the shape has no name of its own.
    """
    rows: list[Any] = listing.rows
    numbered = {str(position): row for position, row in enumerate(rows)}
    if not rows and shape in ("array", "numeric"):
        return {} if empty == "object" else []
    if shape == "array":
        return rows
    if shape == "numeric":
        return numbered
    named: dict[str, Callable[[], Any]] = {
        "keyed": lambda: {listing.key: rows},
        "keyed_numeric": lambda: {listing.key: numbered},
        "data": lambda: {"data": rows},
        "results": lambda: {"results": rows},
        "other": lambda: {"payload": {"list": rows}},
    }
    if shape not in named:
        raise ValueError(f"shape {shape!r} is not one of {', '.join(SHAPES)}")
    return {**named[shape](), **listing.beside}


def struck(listing: Listing, faults: CallFaults) -> Listing:
    """The listing after the faults that strike its rows."""
    rows = listing.rows
    if faults.strike("empty"):
        rows = []
    if fault := faults.strike("partial"):
        rows = rows[: int(len(rows) * fault.options.get("share", 0.1))]
    if faults.strike("text_ids"):
        rows = [{**row, listing.ids: _text(row.get(listing.ids))} for row in rows]
    if faults.strike("junk_rows"):
        rows = [*rows, "not an object", None, 17]  # type: ignore[list-item]
    beside = dict(listing.beside)
    if (fault := faults.find("overstated_total")) and "total" in beside:
        faults.strike("overstated_total")
        beside["total"] += fault.options.get("by", 5)
    shape = listing.shape
    if fault := faults.strike("container"):
        shape = fault.options.get("shape", "other")
    return Listing(listing.key, listing.ids, rows, shape, beside)


def _text(number: Any) -> Any:
    return str(number) if isinstance(number, int) else number
