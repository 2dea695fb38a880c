"""Counts and sums per group: `read_group` of all versions and `formatted_read_group` of 19.

Filtering belongs to `domains.py`; which records a user may see to `searching.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.computed import display_name
from sync_assets.sandbox.odoo.errors import invalid_field, value_error
from sync_assets.sandbox.odoo.searching import find

Record = dict[str, Any]
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SECONDS = "%Y-%m-%d %H:%M:%S"


class _Period:
    """A day, month or year in the zone of the context, with its bounds in UTC."""

    def __init__(self, stored: str, granularity: str, zone: ZoneInfo) -> None:
        local = datetime.strptime(stored[:19], _SECONDS).replace(tzinfo=UTC).astimezone(zone)
        start = local.replace(hour=0, minute=0, second=0)
        if granularity == "day":
            end, self.label = start + timedelta(days=1), f"{start:%d} {_MONTHS[start.month - 1][:3]} {start.year}"
        elif granularity == "month":
            start = start.replace(day=1)
            end, self.label = (start + timedelta(days=32)).replace(day=1), f"{_MONTHS[start.month - 1]} {start.year}"
        elif granularity == "year":
            start = start.replace(month=1, day=1)
            end, self.label = start.replace(year=start.year + 1), str(start.year)
        else:
            raise value_error(f"Granularity specification isn't correct: {granularity!r}")
        self.start = start.astimezone(UTC).strftime(_SECONDS)
        self.end = end.astimezone(UTC).strftime(_SECONDS)


class _Grouping:
    """The records of a domain divided by the group-by terms, in ascending order."""

    def __init__(self, env: Env, model: str, domain: Any, groupby: Iterable[str]) -> None:
        self.env, self.model = env, model
        self.terms = list(groupby)
        self.groups: dict[tuple[Any, ...], list[Record]] = {}
        self.periods: dict[tuple[str, str], _Period] = {}
        for record in find(env, model, domain or [], order="id"):
            self.groups.setdefault(tuple(self._key(record, term) for term in self.terms), []).append(record)
        self.keys = sorted(self.groups, key=lambda key: [(part is False, part) for part in key])

    def _key(self, record: Record, term: str) -> Any:
        name, _, granularity = term.partition(":")
        if name not in record:
            raise invalid_field(self.env.store.version, self.model, name)
        value = record[name]
        if not granularity or not value:
            return value
        day = (value[:13], granularity)
        if day not in self.periods:
            self.periods[day] = _Period(value, granularity, ZoneInfo(self.env.tz))
        period = self.periods[day]
        self.periods[period.start, granularity] = period
        return period.start

    def shown(self, term: str, part: Any) -> Any:
        """The value of a group as a client sees it."""
        name, _, granularity = term.partition(":")
        field = self.env.store.models[self.model].fields[name]
        if granularity and part:
            return self.periods[part, granularity].label
        if field.type == "many2one" and part:
            target = field.relation or ""
            return [part, display_name(self.env.store, target, self.env.store.get(target, part))]
        return part[:19] if field.type == "datetime" and part else part

    def domain(self, term: str, part: Any) -> list[Any]:
        name, _, granularity = term.partition(":")
        if granularity and part:
            period = self.periods[part, granularity]
            return [[name, ">=", period.start], [name, "<", period.end]]
        return [[name, "=", part]]

    def bounds(self, term: str, part: Any) -> dict[str, str] | bool:
        period = self.periods[part, term.partition(":")[2]] if part else None
        return {"from": period.start, "to": period.end} if period else False

    def aggregate(self, records: list[Record], term: str) -> Any:
        name, _, function = term.partition(":")
        if name not in self.env.store.models[self.model].fields:
            raise invalid_field(self.env.store.version, self.model, name)
        values = [record[name] for record in records if record[name] is not False]
        if function in ("max", "min"):
            value = (max if function == "max" else min)(values, default=False)
            return value[:19] if isinstance(value, str) else value
        if function == "sum":
            return sum(values)
        if function == "avg":
            return sum(values) / len(values) if values else False
        if function in ("count", "count_distinct"):
            return len(values) if function == "count" else len(set(values))
        raise value_error(f"Invalid aggregate function {function!r} for field {name!r}")


def read_group(
    env: Env, model: str, domain: Any, fields: Sequence[str], groupby: Any, offset: int = 0, limit: Any = None, orderby: Any = False, lazy: bool = True
) -> list[dict[str, Any]]:  # fmt: skip
    terms = [groupby] if isinstance(groupby, str) else list(groupby)
    grouping = _Grouping(env, model, domain, terms[:1] if lazy else terms)
    count = f"{terms[0].partition(':')[0]}_count" if lazy and terms else "__count"
    rows = []
    for key in grouping.keys or ([()] if not terms else []):
        records = grouping.groups.get(key, [])
        row: dict[str, Any] = {count: len(records)}
        for term in fields:
            # A field without a function is summed when it is a number that can be summed.
            name = term.partition(":")[0]
            kind = env.store.models[model].fields[name].type if name in env.store.models[model].fields else ""
            if ":" in term or not kind:
                row[name] = grouping.aggregate(records, term)
            elif kind in ("float", "monetary", "integer") and name != "id" and name not in terms:
                row[name] = grouping.aggregate(records, f"{name}:sum")
        row |= {term: grouping.shown(term, part) for term, part in zip(grouping.terms, key, strict=True)}
        ranges = {
            term: grouping.bounds(term, part) for term, part in zip(grouping.terms, key, strict=True) if ":" in term
        }
        if ranges:
            row["__range"] = ranges
        leaves = [leaf for term, part in zip(grouping.terms, key, strict=True) for leaf in grouping.domain(term, part)]
        row["__domain"] = [*leaves, *(domain or [])]
        if lazy and len(terms) > 1:
            row["__context"] = {"group_by": terms[1:]}
        rows.append(row)
    return rows[offset : offset + limit if limit else None]


def formatted_read_group(
    env: Env, model: str, domain: Any, groupby: Any = (), aggregates: Any = (), having: Any = (), offset: int = 0, limit: Any = None, order: Any = None
) -> list[dict[str, Any]]:  # fmt: skip
    grouping = _Grouping(env, model, domain, groupby)
    rows = []
    for key in grouping.keys or ([()] if not groupby else []):
        records = grouping.groups.get(key, [])
        row: dict[str, Any] = {}
        for term, part in zip(grouping.terms, key, strict=True):
            shown = grouping.shown(term, part)
            row[term] = [part, shown] if ":" in term and part else shown
        for term in aggregates:
            row[term] = len(records) if term == "__count" else grouping.aggregate(records, term)
        row["__extra_domain"] = [
            leaf for term, part in zip(grouping.terms, key, strict=True) for leaf in grouping.domain(term, part)
        ]
        rows.append(row)
    return rows[offset : offset + limit if limit else None]
