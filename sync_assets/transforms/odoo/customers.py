"""Odoo partners as canonical customers.

Which partners are one family is decided in `families.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.columns import clean, is_true, look_up, prefixed, to_arrow, to_frame
from sync_assets.transforms.contacts import mark_shared, read_emails, read_phones, read_zips, split_names
from sync_assets.transforms.families import resolve_roots
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.odoo.raw import SOURCE, OdooRaw

ENTITY = "res.partner"


def map_customers(raw: OdooRaw, org: Org, *, synced_at: datetime) -> Mapped:
    """Partners that are customers or on an order, their roots, and all members of those families."""
    everyone = to_arrow(raw.partners)
    living = everyone.filter(pc.is_null(everyone["deleted_at"])).sort_by("id")
    families, findings = resolve_roots(raw.partners, policy=org.avatars.root_policy)
    root_of_each = to_arrow(families)["root_id"]
    buys = pc.or_(is_true(pc.greater(living["customer_rank"], 0)), pc.is_in(living["id"], value_set=_buyers(raw)))
    chosen = pc.is_in(root_of_each, value_set=pc.unique(root_of_each.filter(buys)))
    partners, roots = living.filter(chosen), root_of_each.filter(chosen)

    keys = prefixed(SOURCE, partners["id"])
    names = clean(partners["name"])
    is_company = is_true(partners["is_company"])
    first, last = split_names(pc.if_else(is_company, pa.scalar(None, pa.string()), names))
    columns = {
        "org_id": org.org_id,
        "customer_key": keys,
        "source": SOURCE,
        "source_id": partners["id"].cast(pa.string()),
        "parent_customer_key": prefixed(SOURCE, _parents(partners, roots)),
        "root_customer_key": prefixed(SOURCE, roots),
        "display_name": pc.coalesce(names, keys),
        "first_name": first,
        "last_name": pc.if_else(is_company, names, last),
        "is_company": is_company,
        "is_active": pc.fill_null(partners["active"], True),
        "city": clean(partners["city"]),
        "email_opt_out": False,
        "sms_opt_out": False,
        "phone_opt_out": False,
        "salesperson_id": partners["user_id"],
        "salesperson_name": _salespeople(raw, everyone, partners["user_id"]),
        "last_updated": partners["write_date"],
        "synced_at": synced_at,
    }
    contacts, more_findings = _read_contacts(raw, org, partners)
    return Mapped(
        to_frame(CUSTOMERS, partners.num_rows, columns | contacts),
        findings + more_findings,
        {"deleted": everyone.num_rows - living.num_rows, "not_a_customer": living.num_rows - partners.num_rows},
    )


def _buyers(raw: OdooRaw) -> Any:
    orders = to_arrow(raw.orders)
    return pc.unique(orders["partner_id"].filter(pc.is_null(orders["deleted_at"]))).drop_null()


def _parents(partners: pa.Table, roots: Any) -> Any:
    """The partner directly above, null for a root; the root itself where the one above is of another family."""
    family_above = look_up(partners["parent_id"], partners["id"], roots)
    is_in_family = pc.fill_null(pc.equal(family_above, roots), False)
    parents = pc.if_else(is_in_family, partners["parent_id"], roots)
    return pc.if_else(pc.equal(partners["id"], roots), pa.scalar(None, pa.int64()), parents)


def _salespeople(raw: OdooRaw, everyone: pa.Table, user_ids: Any) -> Any:
    """Names of users, which Odoo keeps on their partners."""
    users = to_arrow(raw.users)
    names = look_up(users["partner_id"], everyone["id"], clean(everyone["name"]))
    return look_up(user_ids, users["id"], names)


def _read_contacts(raw: OdooRaw, org: Org, partners: pa.Table) -> tuple[dict[str, Any], list[Finding]]:
    countries = to_arrow(raw.countries)
    country = look_up(partners["country_id"], countries["id"], pc.utf8_upper(clean(countries["code"])))
    placed = pc.fill_null(country, org.country)
    emails, statuses = read_emails(partners["email"])
    phone, mobile = (read_phones(partners[column], placed) for column in ("phone", "mobile"))
    # A code of 4 digits is odd in France only.
    zips, remarks = read_zips(partners["zip"], country if org.country == "FR" else placed)
    columns = {
        "email": emails,
        "email_status": mark_shared(emails, statuses),
        "phone": phone,
        "mobile": mobile,
        "zip_code": zips,
        "country": country,
    }

    def found(where: Any, code: str, column: str, message: str) -> list[Finding]:
        return report(ENTITY, partners["id"], is_true(where), code, message, column=column, values=partners[column])

    findings = found(pc.equal(statuses, "invalid"), "bad_email", "email", "The e-mail cannot be read; it is left out.")
    for column, read in (("phone", phone), ("mobile", mobile)):
        is_lost = pc.and_(pc.is_valid(clean(partners[column])), pc.is_null(read))
        findings += found(is_lost, "bad_phone", column, "The phone number cannot be read; it is left out.")
    repaired, suspect = pc.equal(remarks, "zip_repaired"), pc.equal(remarks, "zip_suspect")
    findings += found(repaired, "zip_repaired", "zip", "The postal code was damaged and is repaired.")
    findings += found(suspect, "zip_suspect", "zip", "The postal code may have lost its leading 0.")
    return columns, findings
