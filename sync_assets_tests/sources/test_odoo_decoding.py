"""Values of the wire in typed columns: what false means, references, lists, and rows that cannot be understood."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.errors import SourceDataError
from sync_assets.sources.odoo import STREAMS, FieldPlan, OdooField, decode, plan_fields
from sync_assets.sources.odoo.streams import PlannedColumn
from sync_assets.tables import raw

STREAM = STREAMS["partners"]


def plan_of(*columns: tuple[str, str, str], extras: tuple[OdooField, ...] = ()) -> FieldPlan:
    """A plan of (name, kind, Odoo type), with the id in front."""
    planned = [PlannedColumn("id", "integer", "id", "integer")]
    planned += [PlannedColumn(name, kind, name, type_) for name, kind, type_ in columns]  # type: ignore[arg-type]
    return FieldPlan(STREAM, tuple(planned), extras)


def decoded(kind: str, type_: str, *values: Any) -> tuple[list[Any], list[dict[str, Any]]]:
    rows = [{"id": number, "value": value} for number, value in enumerate(values, 1)]
    table, rejects = decode(plan_of(("value", kind, type_)), rows, "acme")
    return table["value"].to_pylist(), rejects


@pytest.mark.parametrize(
    ("kind", "type_", "expected"),
    [
        ("text", "char", None),
        ("text", "text", None),
        ("text", "html", None),
        ("text", "selection", None),
        ("text", "reference", None),
        ("date", "date", None),
        ("timestamp", "datetime", None),
        ("integer", "many2one", None),
        ("integer", "many2one_reference", None),
        ("number", "float", None),
        ("rate", "float", None),
        ("boolean", "boolean", False),
        ("integer_list", "many2many", []),
    ],
)
def test_false_means_empty_unless_the_type_is_boolean(kind: str, type_: str, expected: Any) -> None:
    assert decoded(kind, type_, False) == ([expected], [])


@pytest.mark.parametrize(
    ("kind", "type_", "wire", "expected"),
    [
        ("text", "char", ["", " a ", "line\nline", "Ærøskøbing 🐟"], ["", " a ", "line\nline", "Ærøskøbing 🐟"]),
        ("integer", "integer", [0, 5, -3, 2**40], [0, 5, -3, 2**40]),
        ("integer", "many2one", [7, [9, "Blue Door"], False, [11, False]], [7, 9, None, 11]),
        ("number", "float", [0.0, 0, 7.8700000000000045, -2.5, 19.995], [0.0, 0.0, 7.8700000000000045, -2.5, 19.995]),
        ("number", "monetary", [120.4], [120.4]),
        ("boolean", "boolean", [True, False], [True, False]),
        ("date", "date", ["2026-11-20", "1999-01-01"], [date(2026, 11, 20), date(1999, 1, 1)]),
        (
            "timestamp", "datetime", ["2026-11-20 20:27:18", "1969-12-31 23:59:59"],
            [datetime(2026, 11, 20, 20, 27, 18, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)],
        ),
        ("integer_list", "many2many", [[], [4], [9, 7], [3, 1, 2]], [[], [4], [7, 9], [1, 2, 3]]),
        ("integer_list", "one2many", [[7, 9]], [[7, 9]]),
    ],
)  # fmt: skip
def test_values(kind: str, type_: str, wire: list[Any], expected: list[Any]) -> None:
    assert decoded(kind, type_, *wire) == (expected, [])


@pytest.mark.parametrize(
    ("kind", "type_", "bad", "code"),
    [
        ("text", "char", "a\x00b", "bad_text"),
        ("text", "char", "a\ud800b", "bad_text"),
        ("text", "char", 5, "bad_text"),
        ("integer", "integer", "five", "bad_number"),
        ("integer", "integer", 2**63, "bad_number"),
        ("integer", "integer", 1.5, "bad_number"),
        ("number", "float", float("nan"), "bad_number"),
        ("number", "float", float("inf"), "bad_number"),
        ("number", "float", "1.5", "bad_number"),
        ("timestamp", "datetime", "yesterday", "bad_date"),
        ("date", "date", "2026-02-30", "bad_date"),
        ("boolean", "boolean", "yes", "bad_value"),
        ("integer_list", "many2many", ["a"], "bad_value"),
        ("integer_list", "many2many", [None], "bad_value"),
        ("integer_list", "many2many", 5, "bad_value"),
    ],
)
def test_a_bad_value_costs_its_row_only(kind: str, type_: str, bad: Any, code: str) -> None:
    rows = [{"id": 1, "value": False}, {"id": 2, "value": bad}, {"id": 3, "value": False}]
    table, rejects = decode(plan_of(("value", kind, type_)), rows, "acme")
    assert table["id"].to_pylist() == [1, 3]
    [reject] = rejects
    assert (reject["entity"], reject["record_key"], reject["column_name"]) == ("res.partner", "2", "value")
    assert (reject["code"], reject["severity"]) == (code, "error")
    assert "\x00" not in reject["raw_value"]
    reject["raw_value"].encode()


def test_one_reject_for_a_row_with_two_bad_values_and_long_values_are_cut() -> None:
    plan = plan_of(("value", "text", "char"), ("when", "date", "date"))
    table, rejects = decode(plan, [{"id": 4, "value": "x" * 900 + "\x00", "when": "never"}], "acme")
    assert table.num_rows == 0
    assert [(reject["column_name"], len(reject["raw_value"])) for reject in rejects] == [("value", 500)]


def test_a_missing_key_is_an_error_of_the_stream() -> None:
    with pytest.raises(SourceDataError, match="left out the field value") as caught:
        decode(plan_of(("value", "text", "char")), [{"id": 1, "value": "a"}, {"id": 2}], "acme")
    assert caught.value.code == "field_missing"


def test_a_column_without_field_is_null_and_types_hold_without_rows() -> None:
    plan = FieldPlan(STREAM, (PlannedColumn("id", "integer", "id", "integer"), PlannedColumn("mobile", "text", None)))
    table, _ = decode(plan, [{"id": 1}], "acme")
    assert table.to_pylist() == [{"org_id": "acme", "id": 1, "mobile": None, "extra": None}]
    types = {"integer_list": "many2many", "text": "char", "timestamp": "datetime"}
    fields = {
        column.name: OdooField(column.name, types.get(column.kind, column.kind)) for column in raw.ODOO_PARTNERS.columns
    }
    empty, _ = decode(plan_fields(STREAM, fields), [], "acme")
    full, _ = decode(plan_fields(STREAM, fields), [dict.fromkeys(fields, False) | {"id": 1}], "acme")
    assert empty.schema == full.schema
    assert empty.schema.field("write_date").type == pa.timestamp("us", tz="UTC")
    assert empty.schema.field("category_id").type == pa.list_(pa.int64())
    ours = {"first_seen_at", "fetched_at", "run_id", "deleted_at"}
    assert set(empty.column_names) == set(raw.ODOO_PARTNERS.column) - ours


def test_extra_fields_become_json_by_their_type() -> None:
    extras = (
        OdooField("x_tier", "selection"),
        OdooField("x_tags", "many2many"),
        OdooField("x_is_key", "boolean"),
        OdooField("x_owner", "many2one"),
        OdooField("x_score", "float"),
    )
    rows = [
        {"id": 1, "x_tier": "gold", "x_tags": [3, 1], "x_is_key": True, "x_owner": [5, "Mina Okafor"], "x_score": 0.5},
        {"id": 2, "x_tier": False, "x_tags": [], "x_is_key": False, "x_owner": False, "x_score": 0.0},
        {"id": 3, "x_tier": "a\x00", "x_tags": [], "x_is_key": False, "x_owner": False, "x_score": 0.0},
        {"id": 4, "x_tier": "\ud800", "x_tags": [], "x_is_key": False, "x_owner": False, "x_score": 0.0},
        {"id": 5, "x_tier": "\\u0000", "x_tags": [], "x_is_key": False, "x_owner": False, "x_score": 0.0},
    ]
    table, rejects = decode(plan_of(extras=extras), rows, "acme")
    first, second, third = (json.loads(text) for text in table["extra"].to_pylist())
    assert first == {"x_tier": "gold", "x_tags": [1, 3], "x_is_key": True, "x_owner": 5, "x_score": 0.5}
    assert second == {"x_tier": None, "x_tags": [], "x_is_key": False, "x_owner": None, "x_score": 0.0}
    assert third["x_tier"] == "\\u0000"
    assert [(reject["record_key"], reject["code"]) for reject in rejects] == [("3", "bad_text"), ("4", "bad_text")]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)  # fmt: skip
KINDS = [
    ("t", "text", "char"), ("m", "integer", "many2one"), ("i", "integer", "integer"), ("n", "number", "float"),
    ("w", "timestamp", "datetime"), ("d", "date", "date"), ("b", "boolean", "boolean"),
    ("l", "integer_list", "many2many"),
]  # fmt: skip


@given(st.lists(st.fixed_dictionaries({name: JUNK for name, _, _ in KINDS}), max_size=6))
def test_any_value_is_either_a_row_or_a_reject(values: list[dict[str, Any]]) -> None:
    rows = [{"id": number, **value} for number, value in enumerate(values, 1)]
    table, rejects = decode(plan_of(*KINDS), rows, "acme")
    table.validate(full=True)
    rejected = [int(reject["record_key"]) for reject in rejects]
    assert sorted(table["id"].to_pylist() + rejected) == [row["id"] for row in rows]
    for reject in rejects:
        json.dumps(reject).encode()
        assert "\x00" not in (reject["raw_value"] or "")


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
            st.floats(allow_nan=False, allow_infinity=False),
            MOMENTS,
            st.lists(st.integers(1, 2**31)),
            st.booleans(),
        )
    )
)
def test_good_values_come_back_as_they_were(values: list[tuple[str, float, datetime, list[int], bool]]) -> None:
    plan = plan_of(("t", "text", "char"), ("n", "number", "float"), ("w", "timestamp", "datetime"),
                   ("l", "integer_list", "many2many"), ("b", "boolean", "boolean"))  # fmt: skip
    rows = [{"id": 1, "t": t, "n": n, "w": str(w), "l": ids, "b": b} for t, n, w, ids, b in values]
    table, rejects = decode(plan, rows, "acme")
    assert rejects == []
    got = [table[name].to_pylist() for name in ("t", "n", "w", "l", "b")]
    assert list(zip(*got, strict=True)) == [(t, n, w.replace(tzinfo=UTC), sorted(ids), b) for t, n, w, ids, b in values]
