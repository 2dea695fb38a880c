"""Reads one Alleaves account into its raw tables: locations, customers, inventory. Orders are in `alleaves_orders.py`.

The rules are section 2 of the Alleaves specification. The protocol and the meaning of fields do not belong here, nor
does any SQL.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sync_assets.errors import SourceDataError
from sync_assets.extraction.alleaves_landing import SOURCE, PosLanding, keep_last, reading, stamped, tell
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.alleaves import decode_customer, decode_inventory_row, decode_location
from sync_assets.tables.raw import ALLEAVES_CUSTOMERS, ALLEAVES_INVENTORY, ALLEAVES_LOCATIONS
from sync_assets.transforms.alleaves import decide_removal
from sync_assets.warehouse import books, queries

SHARED_AMONG = 2


def read_locations(landing: PosLanding) -> StreamResult:
    """Replaces the locations; where they cannot be read, the stored ones are used on.

    Raises ConfigurationError (`no_location`) when a configured location is not in a good answer.
    """
    with reading(landing, "locations", ALLEAVES_LOCATIONS) as result:
        received = landing.client.locations()
        if received is not None:
            rules = landing.rules()
            rows = [row for element in received if (row := tell(landing, result, decode_location(element, rules)))]
            frame = stamped(landing, ALLEAVES_LOCATIONS, rows)
            result.changes += landing.warehouse.replace(ALLEAVES_LOCATIONS, frame, landing.org_id)
    return result


def read_customers(landing: PosLanding) -> StreamResult:
    """Upserts the whole list of customers; those that it leaves out stay, with `last_seen_at`.

    Raises SourceDataError (`suspicious_empty`) for an empty list while customers are stored.
    """
    with reading(landing, "customers", ALLEAVES_CUSTOMERS) as result:
        rules, frames = landing.rules(), []
        for page in landing.client.customers():
            rows = [row for element in page if (row := tell(landing, result, decode_customer(element, rules)))]
            frames.append(stamped(landing, ALLEAVES_CUSTOMERS, rows))
        known = landing.warehouse.read(ALLEAVES_CUSTOMERS, landing.org_id, ["customer_id"])["customer_id"]
        if not result.extracted and len(known):
            raise SourceDataError(
                f"{landing.org_id}: Alleaves sent no customer although {len(known)} are known; nothing was changed",
                code="suspicious_empty",
            )
        listed = keep_last(frames, ALLEAVES_CUSTOMERS, result)
        unlisted = _unlisted(landing, known[~known.isin(listed["customer_id"])])
        everyone = mark_shared_emails(pd.concat([listed, unlisted], ignore_index=True))
        size = landing.connection.batch_size
        blocks = (everyone.iloc[start : start + size] for start in range(0, len(everyone), size))
        result.changes += landing.warehouse.merge(ALLEAVES_CUSTOMERS, blocks, landing.org_id)
        books.save_status(landing.warehouse, landing.org_id, SOURCE, customers_synced_at=landing.started_at)
    return result


def _unlisted(landing: PosLanding, gone: pd.Series) -> pd.DataFrame:
    """The stored customers that the list left out, with the time they were last listed."""
    if gone.empty:
        return ALLEAVES_CUSTOMERS.empty()
    where = [("customer_id", "in", gone.tolist())]
    rows = landing.warehouse.read(ALLEAVES_CUSTOMERS, landing.org_id, where=where)
    status = queries.sync_status(landing.warehouse, landing.org_id, SOURCE)
    listed_at = pd.Timestamp(status.get("customers_synced_at") or landing.started_at)
    rows["last_seen_at"] = rows["last_seen_at"].fillna(listed_at)
    rows["fetched_at"], rows["run_id"] = landing.started_at, landing.run_id
    return ALLEAVES_CUSTOMERS.frame(rows)


def mark_shared_emails(customers: pd.DataFrame) -> pd.DataFrame:
    """The customers with `email_status` shared where at least two hold the e-mail, and real where no other does."""
    is_held = customers["email"].notna()
    holders = customers.groupby("email")["customer_id"].transform("nunique")
    is_shared = is_held & (holders >= SHARED_AMONG).fillna(False)
    status = customers["email_status"].mask(is_held, "real").mask(is_shared, "shared")
    return customers.assign(email_status=status)


def read_inventory(landing: PosLanding) -> StreamResult:
    """Replaces the inventory of each location as a set; a catalogue that shrinks suddenly keeps the old rows."""
    with reading(landing, "inventory", ALLEAVES_INVENTORY) as result:
        for location_id in landing.client.location_ids:
            _read_location_inventory(landing, result, location_id)
        if not result.problems:
            books.save_status(landing.warehouse, landing.org_id, SOURCE, products_synced_at=landing.started_at)
    return result


def _read_location_inventory(landing: PosLanding, result: StreamResult, location_id: str) -> None:
    rules, rows = landing.rules(), []
    for element in landing.client.inventory(location_id):
        row = tell(landing, result, decode_inventory_row(element, rules, location_id=location_id))
        if row:
            rows.append(row)
    frame = keep_last([stamped(landing, ALLEAVES_INVENTORY, rows)], ALLEAVES_INVENTORY, result)
    here: list[tuple[str, str, Any]] = [("location_id", "=", location_id)]
    before = landing.warehouse.read(ALLEAVES_INVENTORY, landing.org_id, ["item_id"], here)["item_id"].nunique()
    now = frame["item_id"].nunique()
    verdict = decide_removal(before, now, accept_shrink=landing.accept_shrink)
    if verdict is not None:
        message = (
            f"{landing.org_id}: location {location_id} lists {now} items after {before}, so the old catalogue was kept; "
            "check the shop, or accept it once with accept_catalogue_shrink (--accept-catalogue-shrink)"
        )
        result.problems.append({"code": verdict, "message": message})
        return
    result.changes += landing.warehouse.replace(ALLEAVES_INVENTORY, frame, landing.org_id, where=here)
