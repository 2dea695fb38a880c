"""What a plan changes against the stored avatars: one action per row, and the list that a dry run reports.

Writing the rows does not belong here; the warehouse finds the same differences by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_arrow import booleans, columns_of, single, to_frame
from sync_assets.transforms.avatar_plan import AvatarPlan, family_id
from sync_assets.transforms.windows import iso_utc

ACTIONS = ("error", "deactivated", "created", "updated", "unchanged")
CONTENT = CUSTOMER_AVATARS.written("content")
HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Comparison:
    """`position`: where each of the plan's rows is in `stored`, null for a new one. `differs`: rows by column."""

    plan: AvatarPlan
    new: pa.Table
    stored: pa.Table
    position: pa.Array
    action: np.ndarray
    differs: dict[str, np.ndarray]

    @property
    def actions(self) -> pd.DataFrame:
        """customer_key and action of each row of the plan's frame, in its order."""
        keys = single(self.new["customer_key"])
        return to_frame(pa.table({"customer_key": keys, "action": pa.array(self.action.tolist(), pa.string())}))

    @property
    def counts(self) -> dict[str, int]:
        return {name: int((self.action == name).sum()) for name in ACTIONS if name != "error"}

    @cached_property
    def diff(self) -> list[dict[str, Any]]:
        """Per customer: partner_id or customer_key, name, action, changes {column: [old, new]}; unchanged ones last.

        Personal data other than the name is not shown: where it changes, its values are hidden.
        """
        changes: list[dict[str, list[Any]]] = [{} for _ in self.action]
        for name, differs in self.differs.items():
            rows = np.flatnonzero(differs)
            at = pa.array(rows)
            old = _shown(name, self.stored[name].take(self.position.take(at)).to_pylist())
            new = _shown(name, self.new[name].take(at).to_pylist())
            for row, *pair in zip(rows.tolist(), old, new, strict=True):
                changes[row][name] = pair
        keys, names = self.new["customer_key"].to_pylist(), self.new["name"].to_pylist()
        entries = [
            {**family_id(key), "name": name, "action": str(action), "changes": change}
            for key, name, action, change in zip(keys, names, self.action, changes, strict=True)
        ]
        for error in self.plan.errors:
            identity = {key: value for key, value in error.items() if key not in ("code", "message")}
            entries.append({**identity, "action": "error", "changes": {}})
        return sorted(entries, key=lambda entry: ACTIONS.index(entry["action"]))


def compare(plan: AvatarPlan, existing: pd.DataFrame | pa.Table) -> Comparison:
    """The plan's rows beside the stored ones: created, updated, unchanged or deactivated.

    Unchanged = every column that is content is equal; JSON is compared by value, as jsonb does.
    """
    names = ("customer_key", *CONTENT)
    new = columns_of(plan.frame, CUSTOMER_AVATARS, names)
    stored = columns_of(existing, CUSTOMER_AVATARS, names, optional=True)
    position = single(pc.index_in(new["customer_key"], value_set=single(stored["customer_key"])))
    is_new = booleans(pc.is_null(position))
    differs = {name: _differ(name, new[name], stored[name].take(position)) for name in CONTENT}
    is_changed = np.logical_or.reduce(list(differs.values()))
    is_left = booleans(stored["is_active"].take(position)) & ~booleans(new["is_active"])
    action = np.select([is_new, is_left, is_changed], ["created", "deactivated", "updated"], "unchanged")
    return Comparison(plan, new, stored, position, action, differs)


def action_counts(plan: AvatarPlan, *, inserted: int, updated: int, unchanged: int) -> dict[str, int]:
    """The same counts from what the warehouse reported after writing the plan, which knows no deactivation.

    `unchanged` counts the plan's own rows only.
    """
    deactivated = plan.counts.get("deactivated", 0)
    return {"created": inserted, "updated": updated - deactivated, "unchanged": unchanged, "deactivated": deactivated}


def _differ(name: str, new: pa.ChunkedArray, old: pa.ChunkedArray) -> np.ndarray:
    """Two nulls are equal, so a created row shows only the values it brings."""
    a, b = new, old
    if pa.types.is_list(a.type):
        a, b = (pc.binary_join(single(side), "\x1f") for side in (a, b))
    one_is_null = booleans(pc.xor(pc.is_null(a), pc.is_null(b)))
    differs = one_is_null | booleans(pc.not_equal(a, b))
    if CUSTOMER_AVATARS.column[name].kind == "json":
        # PostgreSQL gives jsonb back with its own spacing and order of keys.
        rows = np.flatnonzero(differs & ~one_is_null)
        texts = [side.take(pa.array(rows)).to_pylist() for side in (a, b)]
        differs[rows] = [_parse(one) != _parse(other) for one, other in zip(*texts, strict=True)]
    return differs


def _parse(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _shown(name: str, values: list[Any]) -> list[Any]:
    column = CUSTOMER_AVATARS.column[name]
    if column.personal:
        return [None if value is None else HIDDEN for value in values]
    if column.kind == "json":
        return [None if value is None else json.loads(value) for value in values]
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    """JSON has no exact decimals and no timestamps, so both are shown as text."""
    if isinstance(value, Decimal):
        return str(value)
    return iso_utc(value) if isinstance(value, datetime) else value
