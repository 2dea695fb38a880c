"""Streams against the sandbox and a real database: what is kept, replaced and taken again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync_assets.clock import utc_now, whole_seconds
from sync_assets.connections import OdooConnection
from sync_assets.extraction.odoo import Landing, StreamResult, sync_stream
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.sources.odoo import STREAMS, OdooClient
from sync_assets.sources.retrying import RetryPolicy
from sync_assets.warehouse import Changes, Warehouse


@pytest.fixture
def landing(odoo: OdooSandbox, warehouse: Warehouse) -> Iterator[Landing]:
    connection = OdooConnection.model_validate(
        {"url": odoo.url, "database": odoo.database, "login": odoo.login, "api_key": "${KEY}"}
    )
    patience = RetryPolicy(attempts=2, sleep=lambda _: None)
    with OdooClient(connection, odoo.api_key, org="acme", retry=patience) as client:
        yield Landing(warehouse, client, "acme", "run", whole_seconds(utc_now()))


def sync(landing: Landing, stream: str, **how: Any) -> StreamResult:
    """One sync of the stream, in which the source's clock has moved on."""
    landing.client._server_time = whole_seconds(utc_now())
    return sync_stream(replace(landing, **how), STREAMS[stream])


def rows(landing: Landing, table: str, columns: str = "id, name") -> dict[int, tuple[Any, ...]]:
    found = landing.warehouse.query(f"SELECT {columns} FROM raw.{table} ORDER BY id")
    return {row.pop("id"): tuple(row.values()) for row in found}


def rejects(landing: Landing) -> list[tuple[Any, ...]]:
    return [
        tuple(row.values()) for row in landing.warehouse.query("SELECT entity, record_key, code FROM ops.rejected_rows")
    ]


def test_a_row_that_cannot_be_read_is_not_gone(landing: Landing, odoo: OdooSandbox) -> None:
    one, other, doomed = (odoo.store.create("product.category", {"name": name}) for name in ("Red", "White", "Rosé"))
    sync(landing, "product_categories")
    before = rows(landing, "odoo_product_categories")
    odoo.store.write("product.category", [one, other], {"name": "New"})
    odoo.store.unlink("product.category", [doomed])
    fault = odoo.faults.add(Fault("poison", model="product.category", id=one))
    result = sync(landing, "product_categories")
    assert fault.used
    assert (result.changes, result.rejected) == (Changes(updated=1, deleted=1, unchanged=len(before) - 3), 1)
    assert rejects(landing) == [("product.category", str(one), "unreadable_record")]
    after = {**before, other: ("New",)}
    del after[doomed]
    assert rows(landing, "odoo_product_categories") == after
    odoo.faults.clear()
    assert sync(landing, "product_categories").changes.updated == 1
    assert rows(landing, "odoo_product_categories")[one] == ("New",)


def test_a_row_that_cannot_be_understood_is_not_gone_either(landing: Landing, odoo: OdooSandbox) -> None:
    one = odoo.store.create("product.category", {"name": "Red"})
    sync(landing, "product_categories")
    odoo.store.write("product.category", [one], {"name": "Red\0"})
    sync(landing, "product_categories")
    assert rejects(landing) == [("product.category", str(one), "bad_text")]
    assert rows(landing, "odoo_product_categories")[one] == ("Red",)


@pytest.mark.parametrize("is_full", [False, True])
def test_reading_everything_again_takes_older_write_dates(landing: Landing, odoo: OdooSandbox, is_full: bool) -> None:
    """As after a restored backup: contents and write dates go back, which only `--full` and reconcile may follow."""
    partner = odoo.store.create("res.partner", {"name": "Vins Duval"})
    sync(landing, "partners")
    with landing.warehouse.transaction() as connection:
        connection.execute(
            "UPDATE raw.odoo_partners SET write_date = write_date + interval '1 day', name = 'Newer' WHERE id = %s",
            [partner],
        )
    ours = rows(landing, "odoo_partners", "id, name, write_date")[partner]
    result = sync(landing, "partners", is_full=is_full)
    theirs = rows(landing, "odoo_partners", "id, name, write_date")[partner]
    if is_full:
        assert result.changes.updated == 1
        assert (theirs[0], (ours[1] - theirs[1]).days) == ("Vins Duval", 1)
        assert sync(landing, "partners", is_full=True).changes.updated == 0
    else:
        assert theirs == ours


def test_merged_contacts_are_followed(landing: Landing, odoo: OdooSandbox) -> None:
    """Odoo's merge changes who an order and a child belong to without a new write_date."""
    with odoo.store.transaction_at(utc_now() - timedelta(hours=2)):
        twice, other = (odoo.store.create("res.partner", {"name": name}) for name in ("Vins Duval", "Duval & Fils"))
        child = odoo.store.create("res.partner", {"name": "Cellar", "parent_id": twice})
        order = odoo.store.create("sale.order", {"partner_id": twice})
    for stream in ("partners", "sale_orders"):
        sync(landing, stream)
    odoo.store.merge_partners(twice, other)
    assert sync(landing, "partners").changes == Changes(updated=1, deleted=1)
    assert rows(landing, "odoo_partners", "id, parent_id")[child] == (other,)
    assert sync(landing, "sale_orders").changes == Changes(updated=1)
    whom = "id, partner_id, partner_invoice_id, partner_shipping_id"
    assert rows(landing, "odoo_sale_orders", whom)[order] == (other, other, other)
    assert [sync(landing, stream).changes for stream in ("partners", "sale_orders")] == [Changes(), Changes()]


def test_a_write_date_alone_is_taken_by_a_full_read(landing: Landing, odoo: OdooSandbox) -> None:
    partner = odoo.store.create("res.partner", {"name": "Vins Duval"})
    sync(landing, "partners")
    for days in (1, -1):
        with landing.warehouse.transaction() as connection:
            connection.execute(
                "UPDATE raw.odoo_partners SET write_date = write_date + %s * interval '1 day' WHERE id = %s",
                [days, partner],
            )
        assert sync(landing, "partners", is_full=True).changes.updated == 1
        assert sync(landing, "partners", is_full=True).changes.updated == 0
