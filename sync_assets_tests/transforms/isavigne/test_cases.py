"""Sample cases of the specification as canonical rows: products, customers, sales, stock, contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMER_METRICS
from sync_assets.transforms.customer_metrics import compute_metrics
from sync_assets_tests.sources.isavigne.support import CASES, read_folder
from sync_assets_tests.transforms.isavigne.support import NOW, World, map_case, map_reads, org_of, plain

D = Decimal


def metrics_of(world: World, as_of: datetime = NOW) -> dict[str, dict[str, Any]]:
    """Derived columns by customer."""
    frames = [world[name].frame for name in ("customers", "sales_orders", "sales_lines", "product_catalog")]
    found = compute_metrics(*frames, world.org, as_of=as_of, synced_at=NOW).frame
    CUSTOMER_METRICS.contract.validate(found)
    columns = {name: plain(found, name) for name in found.columns}
    return {key: {n: columns[n][i] for n in columns} for i, key in enumerate(columns["customer_key"])}


def test_21_one_email_on_two_codes_is_shared() -> None:
    world = map_case(21)
    assert world.by("customers", "customer_key", "email_status", "email") == {
        "isavigne-C1": ("valid", "maelle@example.fr"),
        "isavigne-C2": ("shared", "odon@example.com"),
        "isavigne-C3": ("shared", "odon@example.com"),
        "isavigne-C4": ("placeholder", None),
    }
    assert world.codes("customers") == [("C2", "duplicate_conflict")]
    assert world["customers"].skipped == {"duplicate_identical": 1, "superseded": 1}


def test_19_and_20_customers_are_their_own_roots_with_their_codes_as_given() -> None:
    world = map_case(20)
    assert world.by("customers", "customer_key", "root_customer_key", "source_id") == {
        f"isavigne-{code}": (f"isavigne-{code}", code) for code in ("00123", "123", "c-12", "C12", "NA")
    }
    assert map_case(19).by("customers", "source_id", "display_name")["C9"] == "isavigne-C9"


def test_25_price_segments() -> None:
    assert map_case(25).by("product_catalog", "product_key", "price_segment") == {
        "P1": "entry",
        "P2": "standard",
        "P3": "standard",
        "P4": "premium",
        "P5": "premium",
        "P6": "luxury",
    }


def test_27_categories() -> None:
    world = map_case(27)
    assert world.by("product_catalog", "product_key", "category", "is_wine") == {
        "P1": ("rouge", True),
        "P2": ("mousseux", True),
        "P3": ("mousseux", True),
        "P4": ("pétillant", True),
        "P5": ("mousseux", True),
        "P6": ("blanc", True),
        "P7": ("fortifié", True),
        "P8": ("autre", False),
        "P9": ("autre", False),
        "P10": ("autre", False),
        "P11": ("autre", False),
        "Q1": ("blanc", True),
    }
    assert world.codes("product_catalog") == [("P11", "unmapped_category")]
    chosen = org_of(category_overrides={"P11": "rouge", "Eau de vie": "fortifié"})
    by_hand = map_case(27, chosen)
    assert by_hand.by("product_catalog", "product_key", "category")["P11"] == "rouge"
    assert by_hand.by("product_catalog", "product_key", "category")["P8"] == "fortifié"
    assert by_hand.codes("product_catalog") == []


def test_28_grapes_are_kept() -> None:
    assert plain(map_case(28)["product_catalog"].frame, "grape_varieties")[0] == ["Merlot", "Cabernet Franc"]


def test_29_formats_and_vintages_are_products_of_their_own() -> None:
    assert map_case(29).by("product_catalog", "product_key", "volume_cl", "vintage") == {
        "ETO-37-20": (D("37.50"), 2020),
        "ETO-75-20": (D("75.00"), 2020),
        "ETO-MG-20": (D("150.00"), 2020),
        "ETO-75-21": (D("75.00"), 2021),
    }


def test_30_margins() -> None:
    world = map_case(30)
    assert world.by("product_catalog", "product_key", "margin_percent", "margin_basis", "cost_currency") == {
        "P1": (None, None, None),
        "P2": (None, None, None),
        "P3": (D("-25.00"), "taxed", "EUR"),
        "P4": (None, None, "EUR"),
    }
    assert world.by("product_catalog", "product_key", "price_segment")["P4"] == "entry"
    assert world.codes("product_catalog") == [("P3", "cost_above_price")]


def test_31_a_product_that_the_new_list_leaves_out() -> None:
    world = map_case(31)
    assert world.by("product_catalog", "product_key", "active", "list_price") == {
        "P1": (False, D("10.00")),
        "P2": (True, D("11.50")),
    }
    assert plain(world["sales_lines"].frame, "product_key") == ["P1"]
    partial = map_case(31, org_of({"produits_delivery": "partial"}))
    assert partial.by("product_catalog", "product_key", "active") == {"P1": True, "P2": True}


UNITS = {
    **dict.fromkeys(("1", "2", "3"), "0.500"),
    **dict.fromkeys(("4", "5"), "0.667"),
    **dict.fromkeys(("6", "7", "8"), "6.000"),
    "9": "12.000",
    "10": None,
    "11": "12.000",
    **dict.fromkeys(("12", "13", "14"), "2.000"),
    **dict.fromkeys(("15", "16"), "4.000"),
    "17": "6.667",
    "18": "12.000",
    "19": None,
    "20": "0.827",
    "21": "1.000",
    "30": "-3.000",
}


def test_33_units() -> None:
    world = map_case(33)
    found = world.by("sales_lines", "source_id", "quantity_bottles_75cl_eq", "quantity_product_units")
    assert found == {line: (value and D(value), value and D(value)) for line, value in UNITS.items()}
    assert world.codes("sales_lines") == [("isavigne-10", "case_size_unknown"), ("isavigne-19", "unknown_unit")]
    assert world.by("sales_lines", "source_id", "cost_total")["6"] == D("30.00")
    assert world.by("sales_lines", "source_id", "cost_total", "margin_percent")["19"] == (None, None)


def test_34_returns() -> None:
    world = map_case(34)
    assert world.by("sales_lines", "source_id", "quantity_units", "price_total", "is_return", "document_type") == {
        "1": (D(-3), D("-36.00"), True, "invoice"),
        "2": (D(-3), D("-36.00"), True, "credit_note"),
        "3": (D(-2), D("-24.00"), True, "credit_note"),
        "4": (D(6), D("72.00"), False, "invoice"),
        "5": (D(-6), D("-72.00"), True, "invoice"),
    }
    assert world.by("sales_orders", "order_key", "total", "status") == {
        "isavigne-A1": (D("-36.00"), "credit_note"),
        "isavigne-A2": (D("-24.00"), "credit_note"),
        "isavigne-F1": (D("-36.00"), "invoice"),
        "isavigne-F2": (D("0.00"), "invoice"),
    }
    people = metrics_of(world)
    assert {key: (row["purchase_count"], row["total_spent"], row["segment"]) for key, row in people.items()} == {
        "isavigne-C1": (0, D("-96.00"), "prospect"),
        "isavigne-C2": (0, D("0.00"), "prospect"),
    }


def test_35_a_free_bottle_and_one_product_twice() -> None:
    world = map_case(35)
    assert world.by("sales_lines", "source_id", "price_total", "margin_percent", "cost_total") == {
        "1": (D("72.00"), D("58.33"), D("30.00")),
        "2": (D("0.00"), None, D("5.00")),
        "3": (D("22.00"), D("54.55"), D("10.00")),
    }
    [total] = plain(world["sales_orders"].frame, "total")
    assert total == D("94.00")
    assert world["sales_orders"].skipped == {"line_of_order": 2}


def test_36_a_reused_line_number_is_rejected() -> None:
    world = map_case(36)
    assert len(world["sales_lines"].frame) == 5 and world["sales_lines"].rejected == 1
    assert world.codes("sales_lines") == [("isavigne-7", "line_number_reused")]
    # Told once, with the lines.
    assert (world["sales_orders"].rejected, world.codes("sales_orders")) == (1, [])
    by_year = map_case(36, line_number_scope="year")
    assert {"isavigne-2025-7", "isavigne-2026-7"} <= set(plain(by_year["sales_lines"].frame, "sale_line_key"))
    days = {"isavigne-C1-20250105", "isavigne-C1-20250107", "isavigne-C2-20250106", "isavigne-C2-20260108"}
    assert set(plain(world["sales_orders"].frame, "order_key")) == days


def without(number: int, *names: str) -> World:
    """A case before some of its files came."""
    reads = read_folder(next(CASES.glob(f"{number:02d}_*")))
    return map_reads([read for read in reads if read.result.file.name not in names])


def test_37_orphans_wait_until_their_client_or_product_comes() -> None:
    early = without(37, "produits_2025-12-01.csv")
    assert early.codes("sales_lines") == [("isavigne-1", "unknown_customer"), ("isavigne-2", "unknown_product")]
    assert early["sales_lines"].rejected == 2
    finding = early["sales_lines"].rejects[0]
    assert (finding["severity"], finding["file"], finding["row_number"]) == ("error", "ventes_2025-11-30.csv", 2)
    assert (finding["column_name"], finding["raw_value"]) == ("client_code", "C9")
    assert early.by("sales_lines", "source_id", "customer_key") == {"3": None}
    later = map_case(37)
    assert later.codes("sales_lines") == [("isavigne-1", "unknown_customer")]
    assert later.by("sales_lines", "source_id", "customer_key", "order_id") == {
        "2": ("isavigne-C1", "isavigne-C1-20251105"),
        "3": (None, "isavigne--20251105"),
    }


def test_39_margins_are_computed_without_tax() -> None:
    world = map_case(39)
    lines = world.by("sales_lines", "source_id", "margin_percent", "margin_basis", "price_total_untaxed")
    assert lines["1"] == (D("50.00"), "untaxed", D("10.00"))
    assert lines["8"][1:] == ("taxed", None)


def test_40_only_documents_that_count() -> None:
    world = map_case(40)
    assert world.by("sales_orders", "order_key", "total", "status", "customer_key") == {
        "isavigne-F1": (D("109.80"), "invoice", "isavigne-C1"),
        "isavigne-F2": (D("30.00"), "invoice", "isavigne-C2"),
        "isavigne-T1": (D("50.00"), "receipt", "isavigne-C2"),
    }
    categories = world.by("product_catalog", "product_key", "category")
    assert [categories[key] for key in ("PORT", "ACPT", "BON")] == ["autre"] * 3
    assert world.by("sales_lines", "source_id", "quantity_bottles_75cl_eq", "quantity_product_units")["5"] == (
        None,
        D(1),
    )


def test_41_an_amended_document() -> None:
    world = map_case(41)
    assert world.by("sales_lines", "source_id", "quantity_units", "price_total") == {
        "1": (D(5), D("60.00")),
        "3": (D(1), D("12.00")),
    }
    assert world.by("sales_orders", "order_key", "total") == {"isavigne-F1": D("60.00"), "isavigne-F2": D("12.00")}


def test_43_depots() -> None:
    world = map_case(43)
    assert world.by("stock_levels", "stock_key", "warehouse", "quantity_units") == {
        "isavigne-STOCK-P1-CAVE-N-2": ("Cave n° 2", D(12)),
        "isavigne-STOCK-P1-PRINCIPAL": ("Principal", D(6)),
        "isavigne-STOCK-P2-ENTREPOT": ("ENTREPOT", D(7)),
    }


def test_44_stock_values() -> None:
    names = ("quantity_units", "reserved_qty", "available_qty", "quantity_bottles_75cl_eq")
    assert map_case(44).by("stock_levels", "source_id", *names) == {
        "P1-NORD": (D(-2), D(0), D(-2), D(-2)),
        "P1-SUD": (D(0), D(0), D(0), D(0)),
        "P2-NORD": (D(3), D(5), D(-2), D(3)),
        "P2-SUD": (D(4), D(1), D(3), D(24)),
    }


def test_45_the_newest_count_and_an_unknown_product() -> None:
    world = map_case(45)
    counted = datetime(2025, 11, 29, 23, tzinfo=UTC)
    assert world.by("stock_levels", "source_id", "quantity_units", "last_count_date") == {
        "P1-PRINCIPAL": (D(10), counted)
    }
    assert world.codes("stock_levels") == [("P9-PRINCIPAL", "unknown_product")]
    assert world["stock_levels"].rejected == 1


def test_46_contacts() -> None:
    world = map_case(46)
    contacts = world["contact_history"]
    rows = sorted(
        zip(*(plain(contacts.frame, n) for n in ("customer_key", "date_contact", "status", "response")), strict=True)
    )
    assert rows == [
        ("isavigne-C1", datetime(2025, 11, 5, 8, tzinfo=UTC), "opened", False),
        ("isavigne-C2", datetime(2025, 11, 5, 8, tzinfo=UTC), "bounced", False),
        ("isavigne-C2", datetime(2025, 11, 12, 8, tzinfo=UTC), "unsubscribed", False),
    ]
    assert [finding["code"] for finding in contacts.rejects] == ["unknown_customer"]
    assert (contacts.rejected, contacts.skipped) == (1, {"merged_event": 2})
    assert world.by("customers", "source_id", "email_opt_out", "sms_opt_out") == {
        "C1": (False, False),
        "C2": (True, False),
    }


@pytest.mark.parametrize(("client", "days"), [("E30", 30), ("E90", 90), ("E180", 180), ("E365", 365)])
def test_50_equal_spenders(client: str, days: int) -> None:
    expected = {30: (5, "standard"), 90: (4, "standard"), 180: (3, "standard"), 365: (2, "at_risk")}
    as_of = datetime(2026, 1, 1, 12, tzinfo=UTC)
    row = metrics_of(map_case(50), as_of)[f"isavigne-{client}"]
    assert (row["rfm_recency"], row["segment"]) == expected[days]
    assert (row["purchase_count"], row["total_spent"], row["avg_order_value"]) == (1, D("120.00"), D("120.00"))
    assert (row["rfm_frequency"], row["rfm_monetary"], row["preferred_category"]) == (2, 2, "rouge")


def test_the_demo_delivery_is_complete() -> None:
    org: Org = org_of()
    world = map_reads(read_folder(CASES.parent / "maison-verdel", now=datetime(2026, 11, 1, 8, tzinfo=UTC)), org)
    for name, mapped in world.parts.items():
        assert mapped.rejected == 0, name
    lines = world["sales_lines"].frame
    assert len(lines) > 1000
    wine = world["product_catalog"].frame
    assert wine["volume_cl"].notna().all() or wine["is_wine"].sum() < len(wine)
    totals = sum(plain(world["sales_orders"].frame, "total"), D(0))
    assert totals == sum(plain(lines, "price_total"), D(0))
