"""A received customer into a row of raw.alleaves_customers, whatever the dialect, and facts of the whole list.

Matching orders to customers does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sync_assets.sources.alleaves.decoding.rows import Issue, Reader, Row, Rules, not_an_object
from sync_assets.sources.alleaves.decoding.scrubbing import json_text
from sync_assets.sources.alleaves.decoding.values import last_ten_digits, storable

ENTITY = "customers"
KIOSK_BIRTH_DATE = date(1990, 1, 1)
_EXTERNAL_LOYALTY = ("springbig_user_code", "alpine_user_code")
_REPORTED = {
    "total_spent": ("total_spent",),
    "order_count": ("order_count", "total_orders"),
    "last_order_date": ("last_order_date", "last_purchase"),
}


def customer_id(received: Any) -> str | None:
    """The key of a received customer, None for a row without one."""
    return Reader(received, ENTITY, _NO_RULES).id(*_ID_NAMES) if isinstance(received, Mapping) else None


_ID_NAMES = ("id_customer", "id")
_NO_RULES: Any = None


def decode_customer(received: Any, rules: Rules) -> tuple[Row | None, list[Issue]]:
    """The typed row and its issues; no row for a reject (`not_an_object`, `no_customer_id`).

    `email_status` is `real` where the whole list may later say `shared`.
    """
    if not isinstance(received, Mapping):
        return None, [not_an_object(ENTITY, received)]
    read = Reader(received, ENTITY, rules)
    read.record_key = read.id(*_ID_NAMES)
    if read.record_key is None:
        read.note("no_customer_id", "customer_id", received, "is missing", severity="error")
        return None, read.issues
    first_name = read.text("first_name", "first_name", "name_first")
    last_name = read.text("last_name", "last_name", "name_last")
    is_guest = "guest" in (_folded(first_name), _folded(last_name))
    first_name = None if _folded(first_name) == "guest" else first_name
    last_name = None if _folded(last_name) == "guest" else last_name
    joined = " ".join(name for name in (first_name, last_name) if name)
    email, email_status = read.email("email")
    phone = read.text("phone", "phone", "cell_phone", "phone_number", "phone2")
    row = {
        "org_id": rules.org_id,
        "customer_id": read.record_key,
        "user_id": read.id("userId"),
        "first_name": first_name,
        "last_name": last_name,
        "is_guest": is_guest,
        "display_name": joined or read.text("display_name", "full_name", "customer_name", "name"),
        "email": email,
        "email_raw": _as_typed(read.first("email")),
        "email_status": email_status,
        "phone": phone,
        "phone_last10": last_ten_digits(phone),
        "city": read.text("city"),
        "state": read.text("state"),
        "birth_date": _birth_date(read) if rules.keep_birth_date else None,
        "loyalty_points": read.number("loyalty_points", "loyaltyPoints", "loyalty_points") or Decimal("0.00"),
        "external_loyalty": _chosen(read, {name: (name,) for name in _EXTERNAL_LOYALTY}),
        "created_at": read.instant("created_at", "date_created", "customer_since"),
        "reported_totals": _chosen(read, _REPORTED),
        "payload": read.payload(),
    }
    return row, read.issues


def _folded(name: str | None) -> str:
    return (name or "").casefold()


def _as_typed(raw: Any) -> str | None:
    return storable(raw).strip() if isinstance(raw, str) else (None if raw is None else json_text(raw))


def _birth_date(read: Reader) -> date | None:
    found = read.date("birth_date", "date_of_birth", "birthday")
    return None if found == KIOSK_BIRTH_DATE else found


def _chosen(read: Reader, names: Mapping[str, tuple[str, ...]]) -> str | None:
    """JSON text of the fields that hold anything, as received; null when none does."""
    found = {name: read.first(*wanted) for name, wanted in names.items()}
    filled = {name: value for name, value in found.items() if value is not None}
    return json_text(filled) if filled else None
