"""Rows as Odoo sends them into typed Arrow columns, and the rows that cannot be understood into rejects.

Nothing here reads a clock, opens a connection or knows a table by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.errors import SourceDataError
from sync_assets.sources.odoo.fields import OdooField
from sync_assets.sources.odoo.streams import FieldPlan, PlannedColumn

Row = dict[str, Any]
Values = Sequence[Any]

# Floats stay floats: their shortest text becomes the exact number when it is written.
WIRE_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "rate": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "integer_list": pa.list_(pa.int64()),
    "json": pa.string(),
}
_BAD_CODES = {
    "text": "bad_text",
    "integer": "bad_number",
    "number": "bad_number",
    "rate": "bad_number",
    "timestamp": "bad_date",
    "date": "bad_date",
}
_FAILURES = (pa.ArrowException, TypeError, ValueError, OverflowError, NotImplementedError)
_LISTS = {"many2many", "one2many"}
_RAW_LIMIT = 500


def decode(plan: FieldPlan, rows: Sequence[Row], org: str) -> tuple[pa.Table, list[dict[str, Any]]]:
    """An Arrow table of the good rows, and one reject per row that cannot be understood.

    The table has org_id, the columns that come from Odoo, and `extra` where the raw table has it. Raises
    SourceDataError `field_missing` when a row lacks a field that was asked for.
    """
    arrays: list[Any] = []
    bad: dict[int, dict[str, Any]] = {}
    for column in plan.columns:
        values = _taken(plan, rows, column.source) if column.source else None
        arrays.append(
            pa.nulls(len(rows), WIRE_TYPES[column.kind]) if values is None else _column(plan, column, rows, values, bad)
        )
    names = [column.name for column in plan.columns]
    if "extra" in plan.stream.table.column:
        names.append("extra")
        arrays.append(_extra(plan, rows, bad))
    arrays.insert(0, pa.repeat(pa.scalar(org, pa.string()), len(rows)))
    table = pa.table(arrays, names=["org_id", *names])
    if bad:
        table = table.take(pa.array([n for n in range(len(rows)) if n not in bad], pa.int64()))
    return table, [bad[number] for number in sorted(bad)]


def reject(
    plan: FieldPlan, record_id: Any, *, column: str | None, value: Any, code: str, message: str
) -> dict[str, Any]:
    """One row for ops.rejected_rows, in text that PostgreSQL can always store."""
    shown = None if value is None else _storable(value)[:_RAW_LIMIT]
    return {
        "entity": plan.stream.model,
        "record_key": None if record_id is None else str(record_id),
        "column_name": column,
        "raw_value": shown,
        "code": code,
        "severity": "error",
        "message": message,
    }


def _storable(value: Any) -> str:
    # JSON with ASCII only escapes what PostgreSQL refuses: NUL and lone surrogates.
    return json.dumps(value, ensure_ascii=True, default=repr).strip('"')


def _taken(plan: FieldPlan, rows: Sequence[Row], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except (KeyError, TypeError):
        raise SourceDataError(
            f"Odoo {plan.stream.model}: the server left out the field {name} that was asked for; "
            "check the modules that change this model",
            code="field_missing",
        ) from None


def _column(
    plan: FieldPlan, column: PlannedColumn, rows: Sequence[Row], values: list[Any], bad: dict[int, dict[str, Any]]
) -> pa.Array:
    convert = _converter(column)
    try:
        array = convert(values)
        if not (column.name == "id" and array.null_count):
            return array
    except _FAILURES:
        pass
    return _one_by_one(plan, column, rows, values, convert, bad)


def _one_by_one(
    plan: FieldPlan,
    column: PlannedColumn,
    rows: Sequence[Row],
    values: list[Any],
    convert: Callable[[list[Any]], pa.Array],
    bad: dict[int, dict[str, Any]],
) -> pa.Array:
    good: list[Any] = []
    for number, value in enumerate(values):
        try:
            one = convert([value])
            if column.name == "id" and one.null_count:
                raise ValueError
            good.append(value)
        except _FAILURES:
            good.append(False)
            code = _BAD_CODES.get(column.kind, "bad_value")
            message = f"The value of {column.source} is not a usable {column.kind.replace('_', ' ')}."
            record_id = rows[number].get("id") if column.name != "id" else None
            bad.setdefault(number, reject(plan, record_id, column=column.name, value=value, code=code, message=message))
    return convert(good)


def _converter(column: PlannedColumn) -> Callable[[list[Any]], pa.Array]:
    if column.kind == "integer" and column.type == "many2one":
        return _references
    return _CONVERTERS[column.kind]


def _texts(values: Values) -> pa.Array:
    array = pa.array([None if value is False else value for value in values], pa.string())
    characters = array.buffers()[2]
    if characters is not None and b"\x00" in characters.to_pybytes():
        raise ValueError("text with NUL")
    return array


def _references(values: Values) -> pa.Array:
    try:
        return _int64([value or None for value in values])
    except _FAILURES:
        # A server that ignores load="" sends [id, name].
        ids = [value[0] if value and type(value) in (list, tuple) else value for value in values]
        return _int64([value or None for value in ids])


def _integers(values: Values) -> pa.Array:
    return _int64([None if value is False else value for value in values])


def _int64(values: list[Any]) -> pa.Array:
    # The type is inferred and then compared, because a given type would cut 1.5 to 1.
    array = pa.array(values)
    if array.type not in (pa.int64(), pa.null()):
        raise TypeError("not integers")
    return array.cast(pa.int64())


def _numbers(values: Values) -> pa.Array:
    array = pa.array([None if value is False else value for value in values], pa.float64())
    if not pc.all(pc.is_finite(array)).as_py() and len(array) > array.null_count:
        raise ValueError("not finite")
    return array


def _booleans(values: Values) -> pa.Array:
    return pa.array(values, pa.bool_())


def _timestamps(values: Values) -> pa.Array:
    texts = pa.array([None if value is False else value for value in values], pa.string())
    return texts.cast(pa.timestamp("us")).cast(WIRE_TYPES["timestamp"])


def _dates(values: Values) -> pa.Array:
    return pa.array([None if value is False else value for value in values], pa.string()).cast(pa.date32())


def _id_lists(values: Values) -> pa.Array:
    # The field's type decides: [7, 9] is two ids here, never an id and a name.
    array = pa.array([sorted(value) if value else [] for value in values])
    if array.type not in (WIRE_TYPES["integer_list"], pa.list_(pa.null()), pa.null()):
        raise TypeError("not ids")
    array = array.cast(WIRE_TYPES["integer_list"])
    if array.values.null_count:
        raise ValueError("not ids")
    return array


_CONVERTERS: dict[str, Callable[[Values], pa.Array]] = {
    "text": _texts,
    "integer": _integers,
    "number": _numbers,
    "rate": _numbers,
    "timestamp": _timestamps,
    "date": _dates,
    "boolean": _booleans,
    "integer_list": _id_lists,
}


def _extra(plan: FieldPlan, rows: Sequence[Row], bad: dict[int, dict[str, Any]]) -> pa.Array:
    if not plan.extras:
        return pa.nulls(len(rows), pa.string())
    wire = [(extra, _taken(plan, rows, extra.name)) for extra in plan.extras]
    texts: list[str | None] = []
    for number, row in enumerate(rows):
        content = {extra.name: _extra_value(extra, values[number]) for extra, values in wire}
        try:
            text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
            if "\\u0000" in text and "\x00" in _all_text(content):
                raise ValueError("text with NUL")
            texts.append(text)
        except (TypeError, ValueError):
            texts.append(None)
            message = "A value of the extra fields cannot be stored as JSON."
            bad.setdefault(
                number, reject(plan, row.get("id"), column="extra", value=content, code="bad_text", message=message)
            )
    return pa.array(texts, pa.string())


def _extra_value(field: OdooField, value: Any) -> Any:
    if field.type in _LISTS:
        return sorted(value) if value else []
    if field.type == "boolean":
        return bool(value)
    if field.type == "many2one" and isinstance(value, list | tuple):
        return value[0] if value else None
    return None if value is False else value


def _all_text(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(_all_text(key) + _all_text(inner) for key, inner in value.items())
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    return value if isinstance(value, str) else ""
