"""When a table counts as still computed: any write to it or to what it was computed from ends that."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.tables.canonical import STOCK_LEVELS
from sync_assets.tables.raw import ODOO_PARTNERS
from sync_assets.warehouse import Build, Changes, Warehouse
from sync_assets_tests.warehouse.test_warehouse import LATER, NOW, partner, stock

AT = datetime(2026, 6, 30, tzinfo=UTC)


def start(warehouse: Warehouse, basis: str = "code", org: str = "acme") -> Build:
    return warehouse.start_build(STOCK_LEVELS, [ODOO_PARTNERS], org, basis=basis, at=AT)


def compute(warehouse: Warehouse, *rows: dict[str, Any], basis: str = "code") -> Changes:
    build = start(warehouse, basis)
    build = Build(build.table, build.inputs, build.at, report=lambda: {"rejected": 3})
    return warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.frame(list(rows or (stock("k1"),))), "acme", build=build)


def put(warehouse: Warehouse, *rows: dict[str, Any], **how: Any) -> None:
    warehouse.merge(ODOO_PARTNERS, ODOO_PARTNERS.frame(list(rows)), "acme", **how)


def execute(warehouse: Warehouse, statement: str) -> None:
    with warehouse.transaction() as connection:
        connection.execute(statement.encode())


def test_what_was_computed_is_known_with_its_report(warehouse: Warehouse) -> None:
    put(warehouse, partner(1))
    assert start(warehouse).last_report is None
    compute(warehouse, stock("k1"), stock("k2"))
    known = start(warehouse)
    assert (known.last_report, known.rows) == ({"rejected": 3}, 2)
    assert start(warehouse, basis="other code").last_report is None
    assert start(warehouse, org="other").last_report is None
    put(warehouse, partner(1))
    assert start(warehouse).last_report, "an equal row is no change"


@pytest.mark.parametrize(
    "write",
    [
        lambda w: put(w, partner(2)),
        lambda w: put(w, partner(1, name="New", write_date=LATER)),
        lambda w: put(w, partner(1, write_date=LATER), touch_write_date=True),
        lambda w: w.mark_deleted(ODOO_PARTNERS, "acme", [], at=LATER, guard=None),
        lambda w: w.replace(ODOO_PARTNERS, ODOO_PARTNERS.empty(), "acme"),
        lambda w: execute(w, "UPDATE raw.odoo_partners SET name = name"),
        lambda w: execute(w, "UPDATE canonical.stock_levels SET reserved_qty = 1"),
        lambda w: execute(w, "TRUNCATE canonical.stock_levels"),
        lambda w: execute(w, "DELETE FROM ops.table_builds"),
    ],
    ids=["insert", "update", "touch", "tombstone", "replace", "by hand", "the table", "emptied", "forgotten"],
)
def test_every_write_is_seen(warehouse: Warehouse, write: Any) -> None:
    put(warehouse, partner(1))
    compute(warehouse)
    write(warehouse)
    assert start(warehouse).last_report is None
    compute(warehouse)
    assert start(warehouse).last_report == {"rejected": 3}


def test_no_sequence_of_writes_looks_like_none(warehouse: Warehouse) -> None:
    """Rows go and as many come, many times over; every state is new."""
    dice, seen = random.Random(7), set()
    for _ in range(120):
        wanted = [stock(f"k{n}", reserved_qty=dice.randrange(2), source_id="1") for n in dice.sample(range(6), 4)]
        changes = warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.frame(wanted), "acme")
        state = warehouse.start_build(ODOO_PARTNERS, [STOCK_LEVELS], "acme", basis="", at=AT).inputs
        assert (state in seen) == (changes == Changes(unchanged=4))
        seen.add(state)


def test_a_write_while_computing_is_not_lost(warehouse: Warehouse) -> None:
    """The inputs are looked at before they are read, so what comes after that counts for the next time."""
    put(warehouse, partner(1))
    build = start(warehouse)
    put(warehouse, partner(2))
    warehouse.replace(STOCK_LEVELS, STOCK_LEVELS.frame([stock("k1")]), "acme", build=build)
    assert start(warehouse).last_report is None


def test_rows_and_what_they_were_computed_from_are_written_together(warehouse: Warehouse) -> None:
    def killed() -> dict[str, Any]:
        raise KeyboardInterrupt

    compute(warehouse, stock("old"))
    build = start(warehouse)
    with pytest.raises(KeyboardInterrupt):
        warehouse.replace(
            STOCK_LEVELS,
            STOCK_LEVELS.frame([stock("new", synced_at=NOW)]),
            "acme",
            build=Build(build.table, build.inputs, build.at, report=killed),
        )
    assert warehouse.read(STOCK_LEVELS, "acme")["stock_key"].tolist() == ["old"]
    assert start(warehouse).last_report == {"rejected": 3}


def test_a_dry_run_leaves_nothing_behind(database: str, warehouse: Warehouse) -> None:
    put(warehouse, partner(1))
    with Warehouse(database, is_dry_run=True) as dry:
        compute(dry)
        assert start(dry).last_report == {"rejected": 3}
    assert start(warehouse).last_report is None
