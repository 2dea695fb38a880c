"""Which partners are one customer: the root of every partner. Customer avatar specification, section 2.

What a family bought does not belong here.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import is_true, to_arrow
from sync_assets.transforms.mapped import Finding, report

Positions = np.ndarray[Any, np.dtype[np.int64]]


def resolve_roots(
    partners: pd.DataFrame, *, policy: Literal["topmost", "commercial"]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Frame of id and root_id for each living partner, by id, and the warnings parent_cycle and parent_missing.

    `partners` are raw Odoo partners; archived ones count, deleted ones are unknown.
    """
    table = to_arrow(partners)
    table = table.filter(pc.is_null(table["deleted_at"])).sort_by("id")
    ids = table["id"].combine_chunks()
    above, is_missing, is_own_parent = _step_up(table, ids, policy)
    ends, smallest = _walk_up(above)
    # Walks are longer than any chain, so they end at all roots, at all partners on a cycle, and nowhere else.
    is_end = np.zeros(len(ids), bool)
    is_end[ends] = True
    on_cycle = is_end & ((above != np.arange(len(ids))) | is_own_parent)
    findings = [
        *report(
            "res.partner",
            ids,
            pa.array(on_cycle),
            "parent_cycle",
            "The partner is above itself; the family's root is the smallest id on the cycle.",
            column="parent_id",
            values=table["parent_id"],
        ),
        *report(
            "res.partner",
            ids,
            pa.array(is_missing),
            "parent_missing",
            "The partner above is not in the partner table; the family ends below it.",
            column="parent_id",
            values=table["parent_id"],
        ),
    ]
    roots = pa.table({"id": ids, "root_id": ids.take(pa.array(smallest[ends]))})
    return roots.to_pandas(types_mapper=pd.ArrowDtype), findings


def _step_up(table: pa.Table, ids: pa.Array, policy: str) -> tuple[Positions, Any, Any]:
    """For each partner the position of the next one towards its root (its own at the top).

    Also whether that one should exist but does not, and whether a partner is written as its own parent.
    """
    own = np.arange(len(ids))
    parent = _positions(table["parent_id"], ids)
    climbs = _flags(pc.is_valid(table["parent_id"]))
    is_missing = np.zeros(len(ids), bool)
    if policy == "commercial":
        commercial = _positions(table["commercial_partner_id"], ids)
        is_missing = _flags(pc.is_valid(table["commercial_partner_id"])) & (commercial < 0)
        climbs &= ~_flags(is_true(table["is_company"])) & (commercial < 0)
    is_missing |= climbs & (parent < 0)
    above = np.where(climbs & (parent >= 0), parent, own)
    if policy == "commercial":
        above = np.where(commercial >= 0, commercial, above)
    return above, is_missing, climbs & (parent == own)


def _walk_up(above: Positions) -> tuple[Positions, Positions]:
    """Where a walk of at least as many steps as there are partners ends, and the smallest position it meets.

    Each round doubles the length of every walk at once.
    """
    ends, smallest, steps = above, np.arange(len(above)), 1
    while steps < len(above):
        smallest = np.minimum(smallest, smallest[ends])
        ends = ends[ends]
        steps *= 2
    return ends, smallest


def _positions(keys: Any, ids: pa.Array) -> Positions:
    return np.asarray(pc.fill_null(pc.index_in(keys, value_set=ids, skip_nulls=True), -1), dtype=np.int64)


def _flags(values: Any) -> Any:
    return np.asarray(values, dtype=bool)
