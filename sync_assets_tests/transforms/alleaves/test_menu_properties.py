"""The menu against a plain reading of its rules, item by item with Python's own decimals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.transforms.alleaves import PosRules

from .frames import EARLIER, TODAY, batch, codes, menu, rows

PLACES = {"cost": "0.0001", "margin_amount": "0.01", "margin_percent": "0.01"}


def rounded(value: Any, name: str) -> Any:
    return None if value is None else Decimal(value).quantize(Decimal(PLACES[name]), ROUND_HALF_UP)


def number(value: str | None) -> Decimal:
    return Decimal(value or 0)


def in_reference_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def batch_rank(row: dict[str, Any]) -> tuple[bool, int, str]:
        digits = row["batch_id"].isdigit()
        return digits, int(row["batch_id"]) if digits else 0, row["batch_id"]

    ordered = sorted(found, key=lambda row: row["area_id"])
    ordered.sort(key=batch_rank, reverse=True)
    ordered.sort(key=lambda row: row["received_at"] or EARLIER - timedelta(days=999), reverse=True)
    ordered.sort(key=lambda row: number(row["quantity_available"] or row["quantity_on_hand"]), reverse=True)
    return ordered


def latest_first(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: row["received_at"] or EARLIER - timedelta(days=999), reverse=True)


def chosen_price(row: dict[str, Any]) -> tuple[str, str | None, str | None] | None:
    for basis in ("adult", "medical", "generic"):
        price = row.get(f"price_retail_{basis}"), row.get(f"price_otd_{basis}")
        if any(price):
            return basis, *price
    return None


def naive(found: list[dict[str, Any]]) -> dict[str, Any]:
    ordered = in_reference_order(found)
    sellable = [row for row in found if row["area_type"] != "Damaged" and not row["qc_hold"]]
    prices = [price for price in map(chosen_price, ordered) if price]
    basis, pretax, otd = prices[0] if prices else (None, None, None)
    stocked = [row for row in found if row["cost"] and number(row["quantity_on_hand"]) > 0]
    if stocked:
        weight = sum(number(row["quantity_on_hand"]) for row in stocked)
        cost = sum(number(row["quantity_on_hand"]) * number(row["cost"]) for row in stocked) / weight
    else:
        cost = next((Decimal(row["cost"]) for row in latest_first(ordered) if row["cost"]), None)
    cost = rounded(cost, "cost")
    has_margin = cost is not None and pretax is not None
    margin = Decimal(pretax) - cost if has_margin else None
    available = sum(number(row["quantity_available"] or row["quantity_on_hand"]) for row in sellable)
    thc = [row["thc_percent"] for row in [ordered[0], *latest_first(ordered)] if row["thc_percent"]]
    return {
        "name": ordered[0]["name"],
        "quantity_on_hand": sum(number(row["quantity_on_hand"]) for row in found),
        "quantity_available": available,
        "quantity_expired": sum(
            number(row["quantity_on_hand"]) for row in found if row["expires_on"] and row["expires_on"] < TODAY
        ),
        "price_basis": basis,
        "price_pretax": pretax and Decimal(pretax),
        "price_otd": otd and Decimal(otd),
        "cost": cost,
        "margin_amount": rounded(margin, "margin_amount"),
        "margin_percent": rounded(margin and margin * 100 / Decimal(pretax), "margin_percent")
        if has_margin and margin
        else (Decimal(0) if has_margin else None),
        "thc_percent": Decimal(thc[0]) if thc else None,
        "available": available > 0,
        "differs": len(set(prices)) > 1,
    }


quantities = st.sampled_from([None, "0", "1", "2.5", "7", "-1"])
amounts = st.sampled_from([None, None, "5", "7.25", "19.99"])
found_rows = st.lists(
    st.fixed_dictionaries(
        {
            "location_id": st.sampled_from(["1000", "2000"]),
            "item_id": st.sampled_from(["1", "2", "10"]),
            "batch_id": st.sampled_from(["-", "a", "9", "10", "007"]),
            "area_id": st.sampled_from(["-", "1", "2"]),
            "name": st.sampled_from(["One", "Two"]),
            "area_type": st.sampled_from([None, "Retail", "Damaged"]),
            "qc_hold": st.sampled_from([None, False, True]),
            "quantity_on_hand": quantities,
            "quantity_available": quantities,
            "price_retail_adult": amounts,
            "price_otd_adult": amounts,
            "price_retail_medical": amounts,
            "cost": st.sampled_from([None, "3", "4.3333", "21"]),
            "thc_percent": st.sampled_from([None, "0.5", "20"]),
            "received_at": st.sampled_from([None, EARLIER, EARLIER + timedelta(days=1)]),
            "expires_on": st.sampled_from([None, date(2026, 6, 1), TODAY]),
            "deleted": st.sampled_from([None, False, True]),
        }
    ),
    unique_by=lambda row: (row["location_id"], row["item_id"], row["batch_id"], row["area_id"]),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(found_rows, st.randoms(use_true_random=False))
def test_the_menu_is_what_a_plain_reading_of_the_rules_gives(found: list[dict[str, Any]], random: Any) -> None:
    batches = [batch("0") | row for row in found]
    mapped = menu(*batches)
    assert mapped.rows_in == len(found)
    expected: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in batches:
        if not row["deleted"]:
            expected.setdefault((row["location_id"], row["item_id"]), []).append(row)
    differs = set()
    for row in rows(mapped):
        own = naive(expected.pop((row["location_id"], row["item_id"])))
        if own.pop("differs"):
            differs.add((f"{row['location_id']}-{row['item_id']}", "price_differs"))
        assert {name: row[name] for name in own} == own
    assert not expected
    assert {code for code in codes(mapped) if code[1] == "price_differs"} == differs
    random.shuffle(batches)
    again = menu(*batches, is_validated=False)
    assert again.frame.equals(mapped.frame)
    assert codes(again) == codes(mapped)


@settings(max_examples=15, deadline=None)
@given(st.lists(found_rows, min_size=2, max_size=4), st.sampled_from([(), ("1000",)]))
def test_no_row_is_lost_from_run_to_run(runs: list[list[dict[str, Any]]], locations: tuple[str, ...]) -> None:
    before, seen, first_seen = menu(), set(), {}
    for number, found in enumerate(runs):
        run_at = EARLIER + timedelta(days=number)
        mapped = menu(
            *(batch("0") | row for row in found),
            before=before.frame,
            rules=PosRules(location_ids=locations),
            run_at=run_at,
            is_validated=False,
        )
        listed = {(r["location_id"], r["item_id"]) for r in rows(mapped) if r["removed_at"] is None}
        ours = [row for row in found if not row["deleted"] and row["location_id"] in (locations or ("1000", "2000"))]
        received = {(row["location_id"], row["item_id"]) for row in ours}
        held = {key for key in seen if key[0] in mapped.guarded}
        assert received - held <= listed
        assert {key for key in listed if key[0] not in mapped.guarded} == {
            key for key in received if key[0] not in mapped.guarded
        }
        seen |= received
        everything = {(r["location_id"], r["item_id"]): r for r in rows(mapped)}
        assert set(everything) == seen
        for key, row in everything.items():
            assert row["first_seen_at"] == first_seen.setdefault(key, row["first_seen_at"])
            assert (row["removed_at"] is None) == (row["last_seen_at"] is None)
            assert row["removed_at"] is None or not row["available"]
        kept = len(everything) - len(received - {key for key in received if key[0] in mapped.guarded})
        assert mapped.rows_in == len(found) + kept
        before = mapped
