"""How rejects of canonical tables close: with the rows that settle them, as what they were settled by, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.raw.isavigne import ISAVIGNE_PRODUITS
from sync_assets.warehouse import Warehouse, reject_books

FIRST = datetime(2026, 1, 15, 8, tzinfo=UTC)
AGAIN = FIRST + timedelta(days=1)
ENTITY = str(PRODUCT_CATALOG)


def product(key: str, source_id: str) -> dict[str, Any]:
    return {
        "org_id": "acme", "product_key": key, "source": "isavigne", "source_id": source_id, "name": key,
        "category": "autre", "is_wine": False, "currency": "EUR", "grape_varieties": [], "flavors": [], "active": True,
        "last_updated": FIRST, "synced_at": FIRST,
    }  # fmt: skip


def raw(key: str, file_hash: str, at: datetime) -> dict[str, Any]:
    return {
        "org_id": "acme", "file_hash": file_hash, "row_number": 2, "effective_date": date(2026, 1, 1), "record_key": key,
        "product_key": key, "name": key, "grape_varieties": [], "cells": "{}", "first_seen_at": at, "fetched_at": at,
        "run_id": "r1",
    }  # fmt: skip


def met(warehouse: Warehouse, *keys: str, source: str = "isavigne", at: datetime = FIRST) -> None:
    found = [
        {"entity": ENTITY, "record_key": key, "file": "produits.csv", "file_hash": "old", "row_number": int(key[1:]) + 1,
         "code": "unknown_product", "severity": "error", "message": "Not known."}
        for key in keys
    ]  # fmt: skip
    reject_books.save_rejects(warehouse, "acme", source, found, run_id="r1", at=at)


def resolutions(warehouse: Warehouse) -> dict[tuple[str, str], str | None]:
    rows = warehouse.query("SELECT source, record_key, resolution FROM ops.rejected_rows")
    return {(row["source"], row["record_key"]): row["resolution"] for row in rows}


def close(warehouse: Warehouse) -> int:
    return reject_books.close_tried_again(
        warehouse, "acme", "isavigne", PRODUCT_CATALOG, [ISAVIGNE_PRODUITS], before=AGAIN
    )


def test_a_reject_closes_as_what_settled_it(warehouse: Warehouse) -> None:
    met(warehouse, "P1", "P2", "P3", "P4")
    met(warehouse, "P1", source="odoo")
    met(warehouse, "P4", at=AGAIN)
    rows = [product("P1", "1"), product("isavigne-2", "P2"), product("P3", "3"), product("P4", "4")]
    produits = [raw("P1", "old", FIRST), raw("P3", "new", AGAIN)]
    warehouse.replace(ISAVIGNE_PRODUITS, ISAVIGNE_PRODUITS.frame(produits), "acme")
    warehouse.replace(PRODUCT_CATALOG, PRODUCT_CATALOG.frame(rows), "acme", then=lambda: close(warehouse))
    assert resolutions(warehouse) == {
        ("isavigne", "P1"): "replayed",
        ("isavigne", "P2"): "replayed",
        # A later file brought another row of it.
        ("isavigne", "P3"): "superseded",
        # Met again, and another source's.
        ("isavigne", "P4"): None,
        ("odoo", "P1"): None,
    }


def test_a_reject_whose_record_is_gone_is_not_replayed(warehouse: Warehouse) -> None:
    met(warehouse, "P9")
    assert close(warehouse) == 1
    assert resolutions(warehouse) == {("isavigne", "P9"): "superseded"}


def test_rejects_stay_open_when_the_rows_are_not_written(warehouse: Warehouse) -> None:
    met(warehouse, "P1")

    def close_and_die() -> None:
        assert close(warehouse) == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rows = PRODUCT_CATALOG.frame([product("P1", "1")])
        warehouse.replace(PRODUCT_CATALOG, rows, "acme", then=close_and_die)
    assert resolutions(warehouse) == {("isavigne", "P1"): None}
    assert len(warehouse.read(PRODUCT_CATALOG, "acme")) == 0
