"""The figures of the quality report: the golden scores of the specification, mapped fields, anomalies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.tables import TABLES
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.alleaves.feeds import FEEDS as ALLEAVES_FEEDS
from sync_assets.transforms.feeds import MAPPABLE, REQUIRED, read_feeds
from sync_assets.transforms.isavigne.feeds import FEEDS as ISAVIGNE_FEEDS
from sync_assets.transforms.odoo.feeds import FEEDS as ODOO_FEEDS
from sync_assets.transforms.quality import (
    Held,
    build_report,
    choose_colour,
    compute_coverage,
    compute_score,
    judge_code,
    judge_table,
    read_reject,
)

# What files of dialect A have, by the names of the reader.
DIALECT_A = {
    "clients": "client_code name email phone mobile zip_code city country",
    "produits": "product_key name list_price cost_price colour grapes vintage region",
    "ventes": "client_code product_key date quantity unit unit_price line_no",
    "stock": "product_key depot quantity unit",
}


def hold(table: str, given_fields: str = "", *, rows: int = 10, **filled: int) -> Held:
    """All columns filled, but for those named."""
    kinds = {"customers": "clients", "product_catalog": "produits", "sales_lines": "ventes", "stock_levels": "stock"}
    kind = kinds[table]
    counts = dict.fromkeys(MAPPABLE[table], rows) | filled
    present = frozenset(f"isavigne_{kind}.{name}" for name in (given_fields or DIALECT_A[kind]).split())
    return Held(table, "isavigne", rows, counts, ISAVIGNE_FEEDS[table], present)


@pytest.mark.parametrize(
    ("total", "mapped", "required_missing", "score"),
    [(25, 21, 2, 87), (7, 2, 1, 51), (25, 25, 0, 100), (20, 10, 2, 66), (3, 1, 0, 60), (25, 0, 25, 0), (0, 0, 0, 0)],
)
def test_golden_scores(total: int, mapped: int, required_missing: int, score: int) -> None:
    assert compute_score(total, mapped, required_missing) == score


def test_coverage_has_one_decimal() -> None:
    assert [compute_coverage(*pair) for pair in ((25, 21), (3, 2), (16, 1), (0, 0))] == [
        Decimal("84.0"), Decimal("66.7"), Decimal("6.3"), Decimal("0.0"),
    ]  # fmt: skip


def test_colours_at_their_bounds() -> None:
    assert [choose_colour(score) for score in (0, 49, 50, 80, 81, 100)] == [
        "red", "red", "yellow", "yellow", "green", "green",
    ]  # fmt: skip


@given(st.integers(1, 60), st.data())
def test_a_score_is_between_0_and_100_and_grows_with_mapped_fields(total: int, data: st.DataObject) -> None:
    mapped = data.draw(st.integers(0, total))
    missing = data.draw(st.integers(0, total - mapped))
    score = compute_score(total, mapped, missing)
    assert 0 <= score <= 100
    assert (score == 100) == (mapped == total)
    assert compute_score(total, min(total, mapped + 1), missing) >= score


def test_dialect_a_as_documented() -> None:
    """The golden figures of the specification, from the columns that such files have."""
    # What the mapping cannot fill from these files stays empty or at its default.
    held = [hold(table) for table in ("product_catalog", "customers", "sales_lines", "stock_levels")]
    judged = {one["table"]: (one["mapped"], one["total"], one["score"]) for one in map(judge_table, held)}
    assert judged == {
        "product_catalog": (8, 18, 66),
        "customers": (11, 15, 84),
        "sales_lines": (8, 16, 70),
        "stock_levels": (4, 6, 80),
    }
    overall = build_report(held, [], org="acme", name="Acme", as_of="2026-01-01")["overall"]
    assert (overall["mapped"], overall["total"], overall["score"], overall["colour"]) == (31, 55, 73, "yellow")
    assert overall["coverage"] == Decimal("56.4")


def test_a_default_is_no_mapping() -> None:
    """The opt-outs are false in every row, yet no column of the files says so."""
    judged = judge_table(hold("customers"))
    assert judged["unmapped"] == ["email_opt_out", "sms_opt_out", "phone_opt_out", "last_updated"]
    judged = judge_table(hold("customers", f"{DIALECT_A['clients']} email_opt_in"))
    assert "email_opt_out" not in judged["unmapped"]


def test_a_column_without_any_value_is_not_mapped() -> None:
    judged = judge_table(hold("product_catalog", list_price=0))
    assert judged["required_missing"] == ["list_price"]
    assert (judged["mapped"], judged["score"]) == (7, (60 * 7 + 40 * 17) // 18)


def test_a_table_without_rows_is_named_and_not_judged() -> None:
    report = build_report([hold("customers", rows=0)], [], org="acme", name="Acme", as_of="2026-01-01")
    assert report["tables"] == []
    assert report["without_data"] == [{"table": "customers", "source": "isavigne"}]
    assert (report["overall"]["score"], report["overall"]["colour"]) == (0, "red")


def test_empty_values_are_critical_where_required_and_a_rate_elsewhere() -> None:
    held = hold("sales_lines", customer_key=7, unit_label=4, notes=0)
    report = build_report([held], [], org="acme", name="Acme", as_of="2026-01-01")
    assert [(a["column"], a["code"], a["severity"], a["count"]) for a in report["anomalies"]] == [
        ("customer_key", "missing_value", "critical", 3),
        ("unit_label", "empty", "info", 6),
    ]
    fields = {one["name"]: one["filled_percent"] for one in report["tables"][0]["fields"]}
    assert (fields["customer_key"], fields["unit_label"], fields["notes"]) == (Decimal(70), Decimal(40), Decimal(0))


@pytest.mark.parametrize(
    ("code", "severity", "expected"),
    [
        ("missing_value", "error", "critical"),
        ("bad_email", "warning", "high"),
        ("date_out_of_range", "error", "high"),
        ("unknown_customer", "error", "high"),
        ("unknown_product", "error", "high"),
        ("duplicate_conflict", "warning", "medium"),
        ("duplicate_identical", "info", "low"),
        ("reject_rate", "fatal", "critical"),
        ("zip_repaired", "warning", "medium"),
        ("something_new", "error", "high"),
    ],
)
def test_severities(code: str, severity: str, expected: str) -> None:
    assert judge_code(code, severity) == expected


def test_a_reject_becomes_an_anomaly_of_its_table() -> None:
    reject = {"source": "odoo", "entity": "res.partner", "column_name": "email", "code": "bad_email"}
    anomaly = read_reject({**reject, "severity": "warning", "count": 9, "examples": list("abcdefg")})
    assert anomaly == {
        "table": "customers", "source": "odoo", "column": "email", "code": "bad_email", "severity": "high",
        "count": 9, "examples": list("abcde"),
    }  # fmt: skip
    other = {"severity": "warning", "count": 1, "examples": []}
    assert read_reject({**reject, "entity": "canonical.sales_lines", **other})["table"] == "sales_lines"
    assert read_reject({**reject, "entity": "new.model", **other})["table"] == "new.model"


def test_the_worst_anomalies_come_first() -> None:
    anomalies = [
        {
            "table": "t",
            "source": "odoo",
            "column": None,
            "code": code,
            "severity": severity,
            "count": count,
            "examples": [],
        }
        for code, severity, count in [("a", "low", 9), ("b", "high", 2), ("c", "high", 5), ("d", "critical", 1)]
    ]
    report = build_report([], anomalies, org="acme", name="Acme", as_of="2026-01-01")
    assert [a["code"] for a in report["anomalies"]] == ["d", "c", "b", "a"]
    assert report["overall"]["anomalies"] == {"critical": 1, "high": 7, "medium": 0, "low": 9, "info": 0}


@pytest.mark.parametrize("feeds", [ODOO_FEEDS, ALLEAVES_FEEDS], ids=["odoo", "alleaves"])
def test_feeds_name_columns_that_exist(feeds: dict[str, dict[str, tuple[str, ...]]]) -> None:
    known = {f"{t.name}.{c.name}" for t in TABLES if t.schema == "raw" for c in t.columns}
    named = {name for fields in feeds.values() for names in fields.values() for name in names}
    assert named <= known


def test_feeds_of_files_name_fields_that_the_reader_knows() -> None:
    from sync_assets.sources.isavigne.aliases import ALIASES

    known = {
        f"isavigne_{kind}.{line.split('|')[0].strip()}"
        for kind, text in ALIASES.items()
        for line in text.strip().splitlines()
    }
    named = {name for fields in ISAVIGNE_FEEDS.values() for names in fields.values() for name in names}
    assert named <= known


def test_every_required_field_can_be_mapped_by_every_source() -> None:
    for feeds in (ODOO_FEEDS, ALLEAVES_FEEDS, ISAVIGNE_FEEDS):
        for table, fields in feeds.items():
            assert set(REQUIRED[table]) <= set(fields)


def test_the_fields_are_those_of_the_specification() -> None:
    assert {table: len(fields) for table, fields in MAPPABLE.items()} == {
        "product_catalog": 18, "customers": 15, "sales_lines": 16, "stock_levels": 6, "contact_history": 8,
    }  # fmt: skip
    assert set(MAPPABLE["customers"]) <= set(CUSTOMERS.column)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match=r"customers\.shoe_size is not a field"):
        read_feeds("customers\n  shoe_size crm.shoes")
