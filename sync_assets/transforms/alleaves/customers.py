"""Alleaves customers as canonical customers: one for one, never merged, each a family of its own.

Which orders are theirs is decided in `matching.py`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.alleaves.raw import SOURCE, USUAL_RULES, AlleavesRaw, PosRules, store_country
from sync_assets.transforms.columns import clean, prefixed, to_arrow, to_frame
from sync_assets.transforms.contacts import read_phones
from sync_assets.transforms.mapped import Mapped, report

ENTITY = "customer"


def map_customers(raw: AlleavesRaw, org: Org, rules: PosRules = USUAL_RULES, *, synced_at: datetime) -> Mapped:
    """Every stored customer; the raw e-mail status is final already, since it is a fact of the whole list."""
    people = to_arrow(raw.customers).sort_by("customer_id")
    keys = prefixed(SOURCE, people["customer_id"])
    country = store_country(raw, rules, org.country)
    phones = read_phones(people["phone"], pa.repeat(pa.scalar(country), people.num_rows))
    is_lost = pc.and_(pc.is_valid(clean(people["phone"])), pc.is_null(phones))
    message = "The phone number cannot be read; it is left out."
    findings = report(
        ENTITY, people["customer_id"], is_lost, "bad_phone", message, column="phone", values=people["phone"]
    )
    is_real = pc.equal(people["email_status"], "real")
    columns = {
        "org_id": org.org_id,
        "customer_key": keys,
        "source": SOURCE,
        "source_id": people["customer_id"],
        "root_customer_key": keys,
        "display_name": pc.coalesce(clean(people["display_name"]), keys),
        "first_name": clean(people["first_name"]),
        "last_name": clean(people["last_name"]),
        "is_company": False,
        "is_active": True,
        "email": people["email"],
        "email_status": pc.if_else(is_real, "valid", people["email_status"]),
        "phone": phones,
        "city": clean(people["city"]),
        "country": country,
        "email_opt_out": False,
        "sms_opt_out": False,
        "phone_opt_out": False,
        "loyalty_points": pc.fill_null(people["loyalty_points"], Decimal("0.00")),
        "last_updated": synced_at,
        "synced_at": synced_at,
    }
    return Mapped(to_frame(CUSTOMERS, people.num_rows, columns), findings)
