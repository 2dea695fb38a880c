"""Control totals by month and state, in the two dialects of grouping.

Comparing them with what was landed does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sync_assets.sources.odoo.versions import ServerVersion

FORMATTED_SINCE = ServerVersion(18, 2)
_MONTH = re.compile(r"\d{4}-\d{2}")


class MonthTotal(NamedTuple):
    """Number of records of one state in one month, and the sum of their amounts; records without date have month ""."""

    month: str
    state: str
    records: int
    amount_total: float


def totals_request(
    version: ServerVersion, date_field: str, amount_field: str, domain: Any
) -> tuple[str, dict[str, Any]]:
    """Method and named arguments that group by month and state on this version."""
    groupby = [f"{date_field}:month", "state"]
    aggregate = f"{amount_field}:sum"
    if version >= FORMATTED_SINCE:
        return "formatted_read_group", {
            "domain": list(domain),
            "groupby": groupby,
            "aggregates": ["__count", aggregate],
        }
    return "read_group", {"domain": list(domain), "fields": [aggregate], "groupby": groupby, "lazy": False}


def month_totals(groups: Iterable[Mapping[str, Any]], date_field: str, amount_field: str) -> list[MonthTotal]:
    """The rows of either dialect as totals, sorted by month and state."""
    totals = [
        MonthTotal(
            _month(group, date_field),
            group.get("state") or "",
            int(group.get("__count") or 0),
            float(group.get(f"{amount_field}:sum", group.get(amount_field)) or 0.0),
        )
        for group in groups
    ]
    return sorted(totals, key=lambda total: (total.month, total.state))


def _month(group: Mapping[str, Any], date_field: str) -> str:
    """'YYYY-MM' of a group: from its range or domain, since the label is in the user's language."""
    ranges = group.get("__range") or {}
    span = ranges.get(f"{date_field}:month") or ranges.get(date_field) or {}
    leaves = group.get("__extra_domain") or group.get("__domain") or []
    label = group.get(f"{date_field}:month")
    candidates = [
        span.get("from"),
        label[0] if isinstance(label, list | tuple) and label else label,
        *[leaf[2] for leaf in leaves if isinstance(leaf, list | tuple) and leaf[:2] == [date_field, ">="]],
    ]
    for candidate in candidates:
        match = _MONTH.match(candidate) if isinstance(candidate, str) else None
        if match:
            return match.group()
    return ""
