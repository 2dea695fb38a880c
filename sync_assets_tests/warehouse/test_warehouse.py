from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.errors import AlreadyRunning, ContractBroken, GuardTripped
from sync_assets.tables.canonical import STOCK_LEVELS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.tables.ops import SYNC_CURSORS
from sync_assets.tables.raw import ODOO_PARTNERS
from sync_assets.warehouse import Changes, ShrinkGuard, Warehouse

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

AVATAR = {
    "org_id": "acme",
    "customer_key": "odoo-1",
    "name": "Vins Duval",
    "total_orders": 1,
    "total_revenue": 10,
    "avg_order_value": 10,
    "days_since_last_order": 3,
    "top_products": "[]",
    "product_categories": "{}",
    "health_score": 50,
    "engagement_score": 50,
    "churn_risk_score": 0,
    "upsell_potential_score": 0,
    "is_active": True,
    "currency": "EUR",
    "ruleset": "maestro_v2",
    "root_policy": "topmost",
    "revenue_basis": "taxed",
    "window_months": 4,
    "children_count": 2,
    "child_customer_keys": ["odoo-2", 'odd"\\,{}'],
}


def stock(key: str = "k1", **values: Any) -> dict[str, Any]:
    row = {
        "org_id": "acme",
        "stock_key": key,
        "source": "odoo",
        "source_id": "1",
        "product_key": "SKU-1",
        "warehouse": "Main",
        "quantity_units": Decimal("5"),
        "reserved_qty": Decimal("0"),
        "available_qty": Decimal("5"),
        "synced_at": NOW,
    }
    return row | values


def partner(record_id: int = 1, **values: Any) -> dict[str, Any]:
    row = {"org_id": "acme", "id": record_id, "name": "Vins Duval", "write_date": NOW}
    return row | {"first_seen_at": NOW, "fetched_at": NOW, "run_id": "run-1"} | values


def replace(warehouse: Warehouse, *rows: dict[str, Any], org: str = "acme", **how: Any) -> Changes:
    return warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.frame(list(rows)), org, **how)


def merge(warehouse: Warehouse, *rows: dict[str, Any], **how: Any) -> Changes:
    return warehouse.merge(ODOO_PARTNERS, ODOO_PARTNERS.frame(list(rows)), "acme", **how)


def write_avatar(warehouse: Warehouse, at: datetime, **values: Any) -> Changes:
    stamps = dict.fromkeys(("as_of", "created_at", "updated_at", "last_sync_odoo"), at)
    return warehouse.merge(CUSTOMER_AVATARS, CUSTOMER_AVATARS.frame([AVATAR | stamps | values]), "acme")


def row_versions(warehouse: Warehouse, table: str) -> set[tuple[str, str]]:
    rows = warehouse.query(f"SELECT ctid::text AS place, xmin::text AS version FROM {table}")
    return {(row["place"], row["version"]) for row in rows}


def test_replace_counts_what_it_did(warehouse: Warehouse) -> None:
    assert replace(warehouse, stock("k1"), stock("k2"), stock("k3")) == Changes(inserted=3)
    changed = stock("k2", quantity_units=Decimal("7.125"), synced_at=LATER)
    assert replace(warehouse, stock("k1"), changed, stock("k4")) == Changes(1, 1, 1, 1)
    stored = warehouse.read(STOCK_LEVELS, "acme").set_index("stock_key")
    assert sorted(stored.index) == ["k1", "k2", "k4"]
    assert stored.loc["k2", "quantity_units"] == Decimal("7.125")


def test_unchanged_rows_get_no_new_version_and_keep_their_stamp(warehouse: Warehouse) -> None:
    replace(warehouse, stock("k1"), stock("k2"))
    before = row_versions(warehouse, "canonical.stock_levels")
    assert replace(warehouse, stock("k1", synced_at=LATER), stock("k2", synced_at=LATER)) == Changes(unchanged=2)
    assert row_versions(warehouse, "canonical.stock_levels") == before
    assert warehouse.read(STOCK_LEVELS, "acme")["synced_at"].tolist() == [NOW, NOW]


def test_no_rows_is_an_answer(warehouse: Warehouse) -> None:
    replace(warehouse, stock("k1"))
    assert warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.empty(), "acme") == Changes(deleted=1)
    assert len(warehouse.read(STOCK_LEVELS, "acme")) == 0


def test_organisations_never_see_each_other(warehouse: Warehouse) -> None:
    replace(warehouse, stock("k1"))
    replace(warehouse, stock("k1", org_id="other", product_key="OTHER"), org="other")
    warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.empty(), "other")
    assert warehouse.read(STOCK_LEVELS, "acme")["product_key"].tolist() == ["SKU-1"]
    with pytest.raises(ContractBroken, match="another organisation"):
        replace(warehouse, stock("k1"), stock("k2", org_id="other"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (stock(product_key=None), "product_key: not_nullable fails for 1 row"),
        (stock() | {"stock_key": None}, "stock_key"),
    ],
)
def test_a_broken_contract_writes_nothing(warehouse: Warehouse, row: dict[str, Any], message: str) -> None:
    replace(warehouse, stock("old"))
    with pytest.raises(ContractBroken, match=message):
        replace(warehouse, stock("new"), row)
    assert warehouse.read(STOCK_LEVELS, "acme")["stock_key"].tolist() == ["old"]


def test_a_contract_message_never_shows_values(warehouse: Warehouse) -> None:
    with pytest.raises(ContractBroken) as caught:
        write_avatar(warehouse, NOW, name="Secret Name", health_score=900)
    assert "health_score" in str(caught.value)
    assert "Secret" not in str(caught.value)
    assert "900" not in str(caught.value)


def test_the_same_key_in_two_blocks_is_refused(warehouse: Warehouse) -> None:
    frame = STOCK_LEVELS.frame([stock("k1")])
    with pytest.raises(ContractBroken, match="the same key came twice"):
        warehouse.replace(STOCK_LEVELS, [frame, frame], "acme")
    partners = ODOO_PARTNERS.frame([partner()])
    with pytest.raises(ContractBroken, match="the same key came twice"):
        warehouse.merge(ODOO_PARTNERS, [partners, partners], "acme")


def test_the_shrink_guard_keeps_the_old_rows(warehouse: Warehouse) -> None:
    replace(warehouse, *(stock(f"k{n}") for n in range(50)))
    guard = ShrinkGuard(share=0.5, rows=20)
    with pytest.raises(GuardTripped, match="40 of 50 rows"):
        replace(warehouse, *(stock(f"k{n}") for n in range(10)), guard=guard)
    assert len(warehouse.read(STOCK_LEVELS, "acme")) == 50
    assert replace(warehouse, *(stock(f"k{n}") for n in range(25)), guard=guard) == Changes(deleted=25, unchanged=25)


def test_merge_is_idempotent_and_an_older_write_never_wins(warehouse: Warehouse) -> None:
    assert merge(warehouse, partner(1), partner(2)) == Changes(inserted=2)
    before = row_versions(warehouse, "raw.odoo_partners")
    assert merge(warehouse, partner(1, write_date=LATER), partner(2)) == Changes(unchanged=2)
    assert row_versions(warehouse, "raw.odoo_partners") == before
    assert merge(warehouse, partner(1, name="New", write_date=LATER, run_id="run-2")) == Changes(updated=1)
    assert merge(warehouse, partner(1, name="Old")) == Changes(unchanged=1)
    stored = warehouse.read(ODOO_PARTNERS, "acme", where=[("id", "=", 1)]).iloc[0]
    assert (stored["name"], stored["write_date"], stored["run_id"]) == ("New", LATER, "run-2")


def test_a_moved_write_date_alone_is_written_only_on_request(warehouse: Warehouse) -> None:
    merge(warehouse, partner(1))
    assert merge(warehouse, partner(1, write_date=LATER)) == Changes(unchanged=1)
    assert merge(warehouse, partner(1, write_date=LATER), touch_write_date=True) == Changes(updated=1)
    assert merge(warehouse, partner(1, write_date=LATER), touch_write_date=True) == Changes(unchanged=1)


def test_rows_and_cursor_land_together_or_not_at_all(warehouse: Warehouse) -> None:
    cursor = {"org_id": "acme", "source": "odoo", "stream": "partners", "shard": 0, "last_id": 1, "updated_at": NOW}
    merge(warehouse, partner(1), cursor=cursor | {"page_size": 10}, cursor_table=SYNC_CURSORS)
    with pytest.raises(psycopg.errors.NotNullViolation):
        merge(warehouse, partner(2), cursor=cursor | {"last_id": None}, cursor_table=SYNC_CURSORS)
    assert warehouse.read(ODOO_PARTNERS, "acme")["id"].tolist() == [1]
    assert warehouse.read(SYNC_CURSORS, "acme")["last_id"].tolist() == [1]


def test_deletions_are_tombstones_that_can_come_back(warehouse: Warehouse) -> None:
    merge(warehouse, partner(1), partner(2), partner(3))
    assert warehouse.mark_deleted(ODOO_PARTNERS, "acme", [1, 3, 9], at=LATER, guard=None) == (1, [9])
    assert warehouse.mark_deleted(ODOO_PARTNERS, "acme", [1, 3], at=LATER, guard=None) == (0, [])
    stored = warehouse.read(ODOO_PARTNERS, "acme").set_index("id")["deleted_at"]
    assert stored.loc[2] == LATER
    assert stored.isna().tolist().count(True) == 2
    assert warehouse.mark_deleted(ODOO_PARTNERS, "acme", [1, 2, 3], at=LATER, guard=None) == (0, [2])
    assert merge(warehouse, partner(2)) == Changes(updated=1)
    assert warehouse.read(ODOO_PARTNERS, "acme")["deleted_at"].isna().all()


def test_too_many_deletions_are_refused(warehouse: Warehouse) -> None:
    merge(warehouse, *(partner(n) for n in range(1, 101)))
    guard = ShrinkGuard(share=0.05, rows=20, code="deletions_guard")
    with pytest.raises(GuardTripped, match="20 of 100") as caught:
        warehouse.mark_deleted(ODOO_PARTNERS, "acme", range(1, 81), at=LATER, guard=guard)
    assert caught.value.code == "deletions_guard"
    assert warehouse.mark_deleted(ODOO_PARTNERS, "acme", range(1, 82), at=LATER, guard=guard) == (19, [])


def test_a_dry_run_sees_its_own_writes_and_leaves_nothing(database: str, warehouse: Warehouse) -> None:
    replace(warehouse, stock("old"))
    before = row_versions(warehouse, "canonical.stock_levels")
    with Warehouse(database, is_dry_run=True) as dry:
        assert replace(dry, stock("new")) == Changes(inserted=1, deleted=1)
        assert replace(dry, stock("new")) == Changes(unchanged=1)
        assert dry.read(STOCK_LEVELS, "acme")["stock_key"].tolist() == ["new"]
    assert row_versions(warehouse, "canonical.stock_levels") == before


def test_one_lock_per_organisation_that_ends_with_its_holder(database: str, warehouse: Warehouse) -> None:
    warehouse.lock("acme")
    warehouse.lock("acme")
    with Warehouse(database) as second:
        second.lock("other")
        with pytest.raises(AlreadyRunning, match="acme: already running"):
            second.lock("acme")
        warehouse.close()
        second.lock("acme")


def test_columns_written_at_other_times(warehouse: Warehouse) -> None:
    assert write_avatar(warehouse, NOW) == Changes(inserted=1)
    assert write_avatar(warehouse, LATER) == Changes(unchanged=1)
    stored = warehouse.read(CUSTOMER_AVATARS, "acme").iloc[0]
    assert [stored[n] for n in ("created_at", "updated_at", "as_of", "last_sync_odoo")] == [NOW, NOW, LATER, LATER]
    assert list(stored["child_customer_keys"]) == ["odoo-2", 'odd"\\,{}']
    assert write_avatar(warehouse, LATER, name="Vins Duval et fils") == Changes(updated=1)
    again = warehouse.read(CUSTOMER_AVATARS, "acme").iloc[0]
    assert (again["created_at"], again["updated_at"], again["id"]) == (NOW, LATER, stored["id"])


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60)
@given(
    rows=st.dictionaries(
        texts,
        st.tuples(
            texts,
            st.none() | texts,
            st.decimals(-(10**14), 10**14, places=3),
            st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
        ),
        max_size=8,
    )
)
def test_whatever_is_written_is_read_back(warehouse: Warehouse, rows: dict[str, Any]) -> None:
    frame = STOCK_LEVELS.frame(
        [
            stock(key, warehouse=text, unit_label=label, quantity_units=quantity, last_count_date=counted)
            for key, (text, label, quantity, counted) in rows.items()
        ]
    )
    warehouse.replace(STOCK_LEVELS, frame, "acme")
    stored = warehouse.read(STOCK_LEVELS, "acme").set_index("stock_key")
    assert set(stored.index) == set(rows)
    for key, (text, label, quantity, counted) in rows.items():
        row = stored.loc[key]
        assert (row["warehouse"], row["quantity_units"]) == (text, quantity)
        for value, given_value in ((row["unit_label"], label), (row["last_count_date"], counted)):
            assert pd.isna(value) if given_value is None else value == given_value
    assert warehouse.replace(STOCK_LEVELS, frame, "acme").unchanged == len(rows)


def test_a_comparison_with_the_source_takes_older_write_dates_too(warehouse: Warehouse) -> None:
    """As after a backup was restored at the source."""
    merge(warehouse, partner(1, name="Newer", write_date=LATER))
    assert merge(warehouse, partner(1, name="Restored"), touch_write_date=True) == Changes(updated=1)
    stored = warehouse.read(ODOO_PARTNERS, "acme").iloc[0]
    assert (stored["name"], stored["write_date"]) == ("Restored", NOW)
