"""A received order into a row of raw.alleaves_orders and its rows of raw.alleaves_order_lines, whatever the dialect.

Which customer an order belongs to is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_assets.sources.alleaves.decoding.lines import decode_lines
from sync_assets.sources.alleaves.decoding.rows import Issue, Reader, Row, Rules, not_an_object

ENTITY = "orders"
STATUS_WORDS = {
    "pending": "pending",
    "submitted": "pending",
    "confirmed": "confirmed",
    "processing": "preparing",
    "preparing": "preparing",
    "ready": "ready",
    "packed": "packed",
    "delivered": "completed",
    "completed": "completed",
    "voided": "void",
    "void": "void",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
FINAL = {"completed", "cancelled", "void"}
TYPES = {"retail": "in_store", "in_store": "in_store", "delivery": "delivery", "pickup": "pickup"}
_FLAGS = (("void", "void"), ("cancel", "cancelled"), ("complete", "completed"))
_ID_NAMES = ("id_order", "id_transaction", "id", "order_number")
_AHEAD = timedelta(days=1)


def order_id(received: Any) -> str | None:
    """The key of a received order, None for a row without one."""
    rules: Any = None
    return Reader(received, ENTITY, rules).id(*_ID_NAMES) if isinstance(received, Mapping) else None


def decode_order(
    received: Any, rules: Rules, *, location_id: str | None = None
) -> tuple[Row | None, list[Row], list[Issue]]:
    """The typed order, its lines and the issues; no row for a reject (`not_an_object`, `no_order_id`).

    `location_id` is the location that was asked for, when the call names one. An order of a location that is not
    configured gives no row and the issue `other_location` of severity info.
    """
    if not isinstance(received, Mapping):
        return None, [], [not_an_object(ENTITY, received)]
    read = Reader(received, ENTITY, rules)
    read.record_key = read.id(*_ID_NAMES)
    if read.record_key is None:
        read.note("no_order_id", "order_id", received, "is missing", severity="error")
        return None, [], read.issues
    place = _location(read, rules, location_id)
    if place is not None and rules.location_ids and place not in rules.location_ids:
        read.note("other_location", "location_id", place, "is not configured", severity="info")
        return None, [], read.issues
    email, _ = read.email("email", "customer.email")
    row = {
        "org_id": rules.org_id,
        "order_id": read.record_key,
        "external_id": read.id("id_external"),
        "location_id": place,
        "customer_ref": read.reference("id_customer", "customer.id"),
        "user_ref": read.reference("customer.userId", "userId"),
        "email": email,
        "phone": read.text("phone", "phone", "customer.phone"),
        "customer_name": _customer_name(read),
        "created_at": _created_at(read, rules.now),
        "updated_at": read.instant("updated_at", "date_updated", "updated_at"),
        "status": _status(read),
        "status_raw": read.text("status_raw", "status"),
        "status_id": read.id("id_status"),
        "void_reason": read.text("void_reason", "void_reason", "void_reason_other"),
        "paid_in_full": read.flag("paid_in_full"),
        "currency": rules.currency,
        "type": _type(read),
        "subtotal": read.number("subtotal"),
        "tax": read.number("tax"),
        "discount": read.number("discount"),
        "delivery_fee": read.number("delivery_fee"),
        "loyalty_discount": read.number("loyalty_discount", "loyalty"),
        "total": _total(read),
        "payload": read.payload(),
    }
    return row, decode_lines(read), read.issues


def _location(read: Reader, rules: Rules, asked: str | None) -> str | None:
    own = read.id("id_location", "locationId")
    only = rules.location_ids[0] if len(rules.location_ids) == 1 else None
    return own or asked or only


def _customer_name(read: Reader) -> str | None:
    for names in (("name_first", "name_last"), ("customer.name",), ("customer.first_name", "customer.last_name")):
        parts = [read.text("customer_name", name) for name in names]
        if any(parts):
            return " ".join(part for part in parts if part)
    return None


def _created_at(read: Reader, now: datetime) -> datetime | None:
    created_at = read.instant("created_at", "date_created", "created_at")
    if created_at is None:
        read.note("no_order_date", "created_at", read.first("date_created", "created_at"), "is missing or unreadable")
    elif created_at > now + _AHEAD:
        read.note("future_date", "created_at", created_at.isoformat(), "is more than one day ahead")
    return created_at


def _status(read: Reader) -> str:
    word = read.first("status")
    said = STATUS_WORDS.get(word.strip().lower()) if isinstance(word, str) else None
    flags = {status: read.flag(name) for name, status in _FLAGS}
    decided = next((status for status, is_set in flags.items() if is_set), None)
    if decided is None:
        if said is None and word is not None:
            read.note("unknown_status", "status", word, "is not a known word")
        return said or "unknown"
    if said in FINAL and said != decided:
        read.note("status_conflict", "status", word, f"disagrees with the flag, which says {decided}")
    return decided


def _type(read: Reader) -> str | None:
    word = read.first("type")
    found = TYPES.get(word.strip().lower()) if isinstance(word, str) else None
    if found is None and word is not None:
        read.note("unknown_type", "type", word, "is not a known word")
    return found


def _total(read: Reader) -> Decimal | None:
    """`total`, or `amount` where there is no usable total; 0 is usable when `amount` is nothing else."""
    total = read.number("total")
    if total:
        return total
    amount = read.number("amount")
    if total is not None and not amount:
        return total
    if amount is None:
        read.note("no_total", "total", None, "is missing, and amount too")
        return None
    read.note("total_from_amount", "total", read.first("total"), "is taken from amount")
    return amount
