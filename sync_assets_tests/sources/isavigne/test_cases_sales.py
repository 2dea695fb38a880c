"""Sample cases 32 to 46: what stands in files of sales, stock and contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .support import Read, read_case, standing

D = Decimal


def sales(number: int, **settings: Any) -> Read:
    return read_case(number, kind="ventes", **settings)[0]


def test_32_dates() -> None:
    text, sheet = read_case(32, reject_limit=0.5)
    day = datetime(2025, 12, 4, 23, tzinfo=UTC)
    assert text.by("line_no", "date_sale") == {
        **dict.fromkeys("134567", day),
        "2": datetime(2025, 12, 30, 23, tzinfo=UTC),
    }
    assert text.codes() == [
        (9, "bad_date", "date"),
        (10, "bad_date", "date"),
        (11, "missing_value", "date"),
        (12, "date_out_of_range", "date"),
        (13, "date_out_of_range", "date"),
    ]
    assert {finding["severity"] for finding in text.findings} == {"error"}
    assert sheet.by("line_no", "date_sale", "quantity", "price_total") == {
        "21": (day, 1, D("12.00")),
        "22": (datetime(2025, 12, 5, 13, 30, tzinfo=UTC), 2, D("25.00")),
    }


def test_33_units_stay_as_written() -> None:
    read = sales(33)
    assert read.by("line_no", "unit_label")["6"] == "Caisse 6x75cl"
    assert read.by("line_no", "unit_label")["21"] is None
    assert read.by("line_no", "quantity")["30"] == -3


def test_34_returns_and_credit_notes() -> None:
    read = sales(34)
    assert read.by("line_no", "quantity", "price_unit", "price_total", "document_type") == {
        "1": (D("-3.000"), D("12.00"), D("-36.00"), "invoice"),
        "2": (D("-3.000"), D("12.00"), D("-36.00"), "credit_note"),
        "3": (D("-2.000"), D("12.00"), D("-24.00"), "credit_note"),
        "4": (D("6.000"), D("12.00"), D("72.00"), "invoice"),
        "5": (D("-6.000"), D("12.00"), D("-72.00"), "invoice"),
    }
    assert len(standing([read], "ventes").frame) == 5


def test_35_a_free_bottle_and_one_product_twice_on_an_invoice() -> None:
    read = sales(35)
    assert read.column("price_total") == [D("72.00"), D("0.00"), D("22.00")]
    assert len(set(read.column("record_key"))) == 3
    assert read.findings == []


def test_36_line_numbers() -> None:
    reads = read_case(36, kind="ventes")
    keys = reads[0].column("record_key")
    assert len(set(keys)) == 4 and keys[3] == "isavigne-7"
    assert all(key.startswith("isavigne-h") and len(key) == 30 for key in keys[:3])
    found = standing(reads, "ventes")
    assert len(found.frame) == 5
    assert [(f["code"], f["severity"], f["record_key"], f["file"]) for f in found.findings] == [
        ("line_number_reused", "error", "isavigne-7", "ventes_2026-01-31.csv")
    ]
    assert found.rejected == 1
    assert found.frame.set_index("record_key")["client_code"]["isavigne-7"] == "C1"
    by_year = standing(read_case(36, kind="ventes", line_number_scope="year"), "ventes", line_number_scope="year")
    assert {"isavigne-2025-7", "isavigne-2026-7"} <= set(by_year.frame["record_key"])
    assert by_year.findings == []


def test_37_a_blank_client_is_kept_or_rejected() -> None:
    read = sales(37)
    assert read.column("client_code") == ["C9", "C1", None]
    assert read.manifest["counts"] == '{"anonymous_sale":1}'
    strict = sales(37, anonymous_sales="reject", reject_limit=0.5)
    assert strict.codes() == [(4, "missing_value", "code_client")]


def test_38_quantities() -> None:
    read = sales(38)
    assert read.by("line_no", "quantity", "price_total") == {
        "1": (D("0.000"), D("0.00")),
        "2": (D("2.500"), D("30.00")),
        "3": (D("1000.000"), D("12000.00")),
        "5": (D("6.000"), D("70.00")),
        "6": (D("6.000"), D("72.06")),
    }
    assert read.codes() == [
        (2, "zero_quantity", "quantite"),
        (5, "bad_number", "quantite"),
        (6, "total_mismatch", "montant_ttc"),
    ]


def test_39_amounts_with_and_without_tax() -> None:
    read = sales(39)
    assert read.by("line_no", "price_total", "price_total_untaxed", "vat_rate") == {
        "1": (D("12.00"), D("10.00"), D("20.00")),
        "2": (D("11.00"), D("10.00"), D("10.00")),
        "3": (D("10.55"), D("10.00"), D("5.50")),
        "4": (D("10.00"), D("10.00"), D("0.00")),
        "5": (D("24.00"), D("20.00"), D("20.00")),
        "6": (D("24.00"), D("20.00"), None),
        "7": (D("24.00"), D("20.00"), D("20.00")),
        "8": (D("24.00"), None, None),
    }
    assert read.codes() == [(7, "ttc_estimated", "montant_ttc")]
    assert read.by("line_no", "price_unit", "price_unit_untaxed")["5"] == (D("12.00"), D("10.00"))
    without = sales(39, default_vat_rate=None)
    assert without.by("line_no", "price_total", "price_total_untaxed")["6"] == (None, D("20.00"))
    assert without.codes() == [(7, "tax_unknown", "montant_ttc")]


def test_40_only_documents_that_count() -> None:
    read = sales(40)
    assert read.by("line_no", "document_type", "price_total", "price_unit") == {
        "3": ("invoice", D("64.80"), D("10.80")),
        "4": ("invoice", D("36.00"), D("18.00")),
        "5": ("invoice", D("9.00"), D("9.00")),
        "6": ("invoice", D("30.00"), D("30.00")),
        "7": ("receipt", D("50.00"), D("50.00")),
    }
    assert read.manifest["counts"] == '{"not_a_sale":3}'
    assert read.codes() == [(10, "unknown_document_type", "document_type")]
    with_orders = sales(40, counted_document_types=["invoice", "order"])
    assert with_orders.column("line_no") == ["2", "3", "4", "5", "6"]


def test_41_a_newer_version_of_a_document_replaces_its_lines() -> None:
    found = standing(read_case(41), "ventes")
    assert found.frame.set_index("line_no")["quantity"].to_dict() == {"1": 5, "3": 1}
    assert found.skipped == {"superseded": 2}


def test_42_nights_in_which_the_clocks_change() -> None:
    assert sales(42).column("date_sale") == [
        datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_43_depots() -> None:
    [read] = read_case(43, kind="stock")
    assert read.column("record_key") == ["P1-CAVE-N-2", "P1-PRINCIPAL", "P2-ENTREPOT", "P2-ENTREPOT"]
    assert read.column("depot")[1] == "Principal"
    found = standing([read], "stock")
    assert found.frame.set_index("record_key")["quantity"]["P2-ENTREPOT"] == 7
    assert [finding["code"] for finding in found.findings] == ["duplicate_conflict"]


def test_44_stock_values() -> None:
    [read] = read_case(44, kind="stock")
    assert read.by("record_key", "quantity", "reserved_qty") == {
        "P1-NORD": (-2, 0),
        "P1-SUD": (0, 0),
        "P2-NORD": (3, 5),
        "P2-SUD": (4, 1),
    }
    assert read.codes() == [(2, "negative_stock", "quantite"), (4, "over_reserved", "reserve")]
    assert read.column("unit_label")[3] == "Caisse de 6"
    assert read.column("counted_at")[0] == datetime(2025, 11, 29, 23, tzinfo=UTC)


def test_45_the_newest_count_stands() -> None:
    found = standing(read_case(45), "stock")
    assert found.frame.set_index("product_key")["quantity"].to_dict() == {"P1": 10, "P9": 3}
    assert (found.findings, found.skipped) == ([], {"superseded": 1})


def test_46_every_event_of_a_contact_stands() -> None:
    [read] = read_case(46, kind="contacts")
    found = standing([read], "contacts")
    assert found.frame["status"].tolist() == ["sent", "opened", "opened", "bounced", "unsubscribed", "sent"]
    keys = found.frame["record_key"].tolist()
    assert keys[0] == keys[1] == keys[2] and len(set(keys)) == 4
    assert all(key.startswith("isavigne-h") and len(key) == 30 for key in keys)
    assert found.frame["channel"].tolist() == ["email"] * 5 + ["sms"]
