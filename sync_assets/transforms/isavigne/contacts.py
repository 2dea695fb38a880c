"""Events of iSaVigne contact files as canonical contacts: one row per contact, and what it says about opt-outs.

Reading the words of a status does not belong here. Canonical specification, section 1.6.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CONTACT_HISTORY, CONTACT_STATUSES
from sync_assets.transforms.columns import look_up, prefixed, to_arrow, to_frame
from sync_assets.transforms.isavigne.raw import SOURCE, report_rows
from sync_assets.transforms.isavigne.standing import find_standing
from sync_assets.transforms.mapped import Mapped

KIND = "contacts"
RESPONSES = pa.array(["clicked", "replied"])
REFUSALS = pa.array(["unsubscribed", "complained"])
OPT_OUT_COLUMNS = {"email": "email_opt_out", "sms": "sms_opt_out", "phone": "phone_opt_out"}


def map_contacts(
    rows: pd.DataFrame,
    files: pd.DataFrame,
    client_codes: Any,
    product_keys: pd.DataFrame,
    org: Org,
    *,
    synced_at: datetime,
) -> Mapped:
    """One row per contact from its events: the date of the first, the status with the highest rank.

    `client_codes` are the codes of the known clients; events of others are rejected until the client comes.
    """
    standing = find_standing(KIND, rows, files)
    everything = to_arrow(standing.frame)
    is_known = pc.is_in(everything["client_code"], value_set=client_codes)
    events = everything.filter(is_known)
    contacts = _merge_events(events)
    known = to_arrow(product_keys)
    known = known.filter(pc.equal(known["source"], SOURCE))
    suggested = contacts["product_key_suggested"]
    columns = {
        "org_id": org.org_id,
        "contact_key": contacts["record_key"],
        "source": SOURCE,
        "source_id": pc.utf8_slice_codeunits(contacts["record_key"], len(SOURCE) + 1),
        "customer_key": prefixed(SOURCE, contacts["client_code"]),
        "date_contact": contacts["date_contact"],
        "campaign": contacts["campaign"],
        "channel": contacts["channel"],
        "status": pa.array(CONTACT_STATUSES).take(contacts["rank"]),
        "response": contacts["response"],
        "subject": contacts["subject"],
        "product_key_suggested": pc.coalesce(look_up(suggested, known["source_id"], known["product_key"]), suggested),
        "response_details": contacts["response_details"],
        "synced_at": synced_at,
    }
    message = "The client is not known; the contact is loaded when the client comes."
    is_unknown = pc.invert(is_known)
    findings = report_rows(
        KIND,
        everything,
        files,
        is_unknown,
        "unknown_customer",
        message,
        column="client_code",
        values=everything["client_code"],
    )
    merged = {"merged_event": events.num_rows - contacts.num_rows} if events.num_rows > contacts.num_rows else {}
    return Mapped(
        to_frame(CONTACT_HISTORY, contacts.num_rows, columns),
        standing.findings + findings,
        standing.skipped | merged,
        standing.rejected + everything.num_rows - events.num_rows,
    )


def _merge_events(events: pa.Table) -> pa.Table:
    """By contact: of texts the latest that is there."""
    ranks = pc.index_in(events["status"], value_set=pa.array(CONTACT_STATUSES))
    events = events.append_column("rank", ranks)
    events = events.append_column("is_response", pc.is_in(events["status"], value_set=RESPONSES))
    texts = ("client_code", "campaign", "channel", "subject", "product_key_suggested", "response_details")
    events = events.sort_by([("record_key", "ascending"), ("date_contact", "ascending"), ("rank", "ascending")])
    groups = events.group_by("record_key", use_threads=False).aggregate(
        [
            *((name, "last", pc.ScalarAggregateOptions(skip_nulls=True)) for name in texts),
            ("date_contact", "min"),
            ("rank", "max"),
            ("is_response", "any"),
        ]
    )
    names = {f"{name}_last": name for name in texts}
    names |= {"date_contact_min": "date_contact", "rank_max": "rank", "is_response_any": "response"}
    return groups.rename_columns([names.get(name, name) for name in groups.column_names]).combine_chunks()


def find_refusals(contacts: pa.Table) -> dict[str, Any]:
    """By opt-out column of canonical.customers: the codes of the clients who refused that channel in a contact.

    `contacts` has the columns client_code, channel and status, one row per event.
    """
    refused = contacts.filter(pc.is_in(contacts["status"], value_set=REFUSALS))
    return {
        column: pc.unique(refused["client_code"].filter(pc.equal(refused["channel"], channel)))
        for channel, column in OPT_OUT_COLUMNS.items()
    }
