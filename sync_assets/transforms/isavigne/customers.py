"""Rows of iSaVigne client files as canonical customers: one per code, each a family of its own.

Reading names, numbers and addresses does not belong here; the reader did it. Canonical specification, section 1.3.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.columns import prefixed, to_arrow, to_frame
from sync_assets.transforms.contacts import mark_shared
from sync_assets.transforms.isavigne.contacts import find_refusals
from sync_assets.transforms.isavigne.raw import SOURCE
from sync_assets.transforms.isavigne.standing import find_standing
from sync_assets.transforms.mapped import Mapped

KIND = "clients"
COPIED = ("first_name", "last_name", "is_company", "email", "phone", "mobile", "zip_code", "city", "country")


def map_customers(
    rows: pd.DataFrame, files: pd.DataFrame, contacts: pd.DataFrame, org: Org, *, synced_at: datetime
) -> Mapped:
    """The newest row of every client. `rows` is raw.isavigne_clients, `contacts` raw.isavigne_contacts.

    Who unsubscribed or complained in a contact is opted out of its channel, whatever the client file says.
    """
    standing = find_standing(KIND, rows, files)
    clients = to_arrow(standing.frame)
    keys = prefixed(SOURCE, clients["client_code"])
    refusals = find_refusals(to_arrow(contacts))
    columns = {
        "org_id": org.org_id,
        "customer_key": keys,
        "source": SOURCE,
        "source_id": clients["client_code"],
        "root_customer_key": keys,
        "display_name": pc.coalesce(clients["display_name"], keys),
        "is_active": True,
        "email_status": mark_shared(clients["email"], clients["email_status"]),
        "last_updated": synced_at,
        "synced_at": synced_at,
        **{name: clients[name] for name in COPIED},
        **{
            name: pc.or_(clients[name], pc.is_in(clients["client_code"], value_set=codes))
            for name, codes in refusals.items()
        },
    }
    frame = to_frame(CUSTOMERS, clients.num_rows, columns)
    return Mapped(frame, standing.findings, standing.skipped, standing.rejected)
