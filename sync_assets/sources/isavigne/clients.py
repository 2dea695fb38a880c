"""Rows of client files: names, e-mail, phones, address, opt-outs.

Customers of other sources do not belong here. Canonical specification, sections 3.4 and 3.7.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.reading import Reading, lost
from sync_assets.sources.isavigne.values import read_flags, read_refusals
from sync_assets.transforms.columns import is_true, join_present
from sync_assets.transforms.contacts import are_companies, read_emails, read_phones, read_zips, split_names
from sync_assets.transforms.countries import read_countries

HOME = "FR"


def read_clients(chunk: Chunk, reading: Reading, findings: Findings) -> dict[str, Any]:
    """Columns of raw.isavigne_clients by name."""
    findings.require("client_code")
    codes = reading.client_codes(chunk)
    given = read_countries(chunk.text("country"))
    findings.warn(lost(chunk.text("country"), given), "country", "bad_value", "No country is known by this name.")
    return {
        "record_key": codes,
        "client_code": codes,
        **_names(chunk),
        **_addresses(chunk, findings, given),
        "city": chunk.text("city"),
        "country": pc.if_else(pc.is_null(chunk.text("country")), HOME, given),
        **{f"{way}_opt_out": _opt_outs(chunk, findings, way) for way in ("email", "sms", "phone")},
    }


def _names(chunk: Chunk) -> dict[str, Any]:
    names, first_names = chunk.text("name"), chunk.text("first_name")
    has_first = pc.is_valid(first_names)
    split_first, split_last = split_names(names)
    return {
        "display_name": join_present(first_names, names, " "),
        "first_name": pc.if_else(has_first, first_names, split_first),
        "last_name": pc.if_else(has_first, names, split_last),
        "is_company": pc.and_(pc.invert(has_first), are_companies(names)),
    }


def _addresses(chunk: Chunk, findings: Findings, given: Any) -> dict[str, Any]:
    emails, statuses = read_emails(chunk.text("email"))
    findings.warn(pc.equal(statuses, "invalid"), "email", "bad_email", "No part of the text is an e-mail address.")
    columns: dict[str, Any] = {"email": emails, "email_status": statuses}
    countries = pc.coalesce(given, pa.scalar(HOME))
    for name in ("phone", "mobile"):
        columns[name] = read_phones(chunk.text(name), countries)
        findings.warn(lost(chunk.text(name), columns[name]), name, "bad_phone", "The text is not a phone number.")
    # An unknown country is not a blank one: nothing about its codes is likely.
    stated = pc.if_else(lost(chunk.text("country"), given), "?", given)
    columns["zip_code"], remarks = read_zips(chunk.text("zip_code"), stated)
    for code, message in (
        ("zip_repaired", "The postal code had lost a zero or gained decimals."),
        ("zip_suspect", "Four digits without a country: a zero may be missing."),
    ):
        findings.warn(pc.equal(remarks, code), "zip_code", code, message)
    return columns


def _opt_outs(chunk: Chunk, findings: Findings, way: str) -> Any:
    """True when any column says so, and when what one says cannot be read."""
    refused: Any = pa.array([False] * len(chunk), pa.bool_())
    for name, read in ((f"{way}_opt_out", read_flags), (f"{way}_opt_in", read_refusals)):
        if chunk.has(name):
            flags = read(chunk.text(name))
            findings.warn(pc.is_null(flags), name, "opt_out_unknown", "Neither yes nor no; taken as opted out.")
            refused = pc.or_(refused, pc.fill_null(flags, True))
    return is_true(refused)
