"""Orders with a purpose: one order or more for every edge case of an order that a sync must get right.

The numbers are those of the edge cases in `cases.py`; 0 marks rules that have no number there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sync_assets.sandbox.alleaves.seed.catalogue import Item
from sync_assets.sandbox.alleaves.seed.locations import SECOND
from sync_assets.sandbox.alleaves.seed.odd_customers import SHARED_EMAIL, TWO_CHANNEL_EMAIL, case_ids
from sync_assets.sandbox.alleaves.seed.orders import FIRST_LINE, moment_of, order_row, written
from sync_assets.sandbox.alleaves.store import Row
from sync_assets.sandbox.dice import Dice

FIRST_ODD_ORDER = 299_001
_NO_FLAGS = {"void": None, "cancel": False, "complete": None}
_WORDS = ("pending", "submitted", "processing", "preparing", "confirmed", "ready", "packed")
_FINAL_WORDS = ("delivered", "Canceled", "VOIDED")


def odd_orders(today: date, zone: ZoneInfo, items: Sequence[Item]) -> list[Row]:
    """The rows, with ids of their own; all but those about dates were made in the last nine days."""
    rows = []
    for place, (_, given) in enumerate(_cases(today, zone, items[0])):
        number = FIRST_ODD_ORDER + place
        created = moment_of(today - timedelta(days=1 + place % 9), 600 + place * 7 % 600, zone)
        row = order_row(number, created, items, Dice(51, place)) | given
        for name in [name for name, value in row.items() if value is _ABSENT]:
            del row[name]
        rows.append(row)
    return rows


def case_orders(case: int, today: date, zone: ZoneInfo) -> list[int]:
    """The ids of the orders made for an edge case."""
    found = _cases(today, zone, Item(1, "", "", 1))
    return [FIRST_ODD_ORDER + place for place, (number, _) in enumerate(found) if number == case]


_ABSENT = object()


def _money(amount: object) -> Row:
    return {"total": amount, "amount": amount}


def _lines(*lines: Row) -> Row:
    return {"id_customer": 7, "items": list(lines)}


def _cases(today: date, zone: ZoneInfo, item: Item) -> list[tuple[int, Row]]:
    """Edge case and what differs from an ordinary order."""
    both = case_ids(29)[0]
    of_item: Row = {"id_item": FIRST_LINE, "id_inventory_item": item.number, "item": item.name, "price": item.price}
    by_name: Row = {"product_id": item.number, "product_name": item.name, "qty": 1, "unit_price": item.price}
    spring, autumn = clock_changes(today, zone)
    evening = moment_of(today - timedelta(days=1), 23 * 60 + 30, zone)
    return [
        *((26, {"id_customer": reference}) for reference in (0, -1, None, 999_999)),
        (27, {"id_customer": 42, "customer": {"id": 42, "name": "Same Person"}}),
        (27, {"customer": {"id": 42, "userId": "42"}}),
        (27, {"customer": {"userId": "42"}}),
        (28, {"email": "no-email@alleaves.local"}),
        (28, {"email": "stranger@mail.example", "type": "delivery"}),
        (28, {"email": "stranger@mail.example", "id_customer": 999_998}),
        (28, {"email": SHARED_EMAIL, "type": "pickup"}),
        (29, {"email": f" {TWO_CHANNEL_EMAIL.title()}", "type": "delivery", "id_external": "W-both", **_money(40.0)}),
        (29, {"id_customer": both, **_money(59.99)}),
        *((30, {"id_customer": text}) for text in ("{42}", "alleaves_42", "cid_42", "alleaves_customer")),
        (32, {"id_customer": 11, "void": True, "complete": None, "status": "completed"}),
        (32, {"id_customer": 11, "void": False, "complete": True, "status": "cancelled"}),
        (32, {"id_customer": 11, "void": False, "complete": True, "status": "processing"}),
        *((33, {"id_customer": 12, **_NO_FLAGS, "status": word}) for word in ("COMPLETED", "archived", "", None)),
        *((33, {"id_customer": 12, **_NO_FLAGS, "status": word, "id_status": None}) for word in _WORDS + _FINAL_WORDS),
        (34, {"id_customer": 13, **_money("39.55")}),
        (34, {"id_customer": 13, "total": 0, "amount": 25}),
        (34, {"id_customer": 13, **_money(None)}),
        (34, {"id_customer": 13, "total": "n/a", "amount": None}),
        (34, {"id_customer": 13, **_money(-30.0)}),
        (35, {"id_customer": 14, "date_created": None}),
        (35, {"id_customer": 14, "date_created": _ABSENT, "created_at": f"{today - timedelta(days=3)}T20:15:00Z"}),
        (35, {"id_customer": 14, "date_created": f"{today + timedelta(days=3)}T20:15:00.000Z"}),
        (35, {"id_customer": 14, "date_created": "soon"}),
        (36, {"id_customer": 15, "date_created": written(evening)}),
        *((36, {"id_customer": 15, "date_created": written(night)}) for night in (spring, autumn, autumn + timedelta(hours=1))),
        (37, _lines(*({**of_item, "id_item": FIRST_LINE + n, "quantity": 1, "total": item.price} for n in range(3)))),
        (37, _lines({**of_item, "quantity": "2"})),
        (37, _lines({**of_item, "quantity": None, "qty": 3})),
        (37, {"id_customer": 7, "items": _ABSENT}),
        (37, {"id_customer": 7, "items": []}),
        (38, {"id_customer": 16, "id_location": SECOND}),
        (38, {"id_customer": 16, "id_location": 9999}),
        (38, {"id_customer": 16, "id_location": None}),
        (40, {"id_customer": 17, **_old_but_changed(today, zone)}),
        (41, {"id_customer": 18, "subtotal": 10.0, "tax": 1.3, "discount": 0, **_money(50.0)}),
        (42, {"id_customer": 19, "id_order": None}),
        (0, {"id_customer": 20, "id_order": _ABSENT, "id": "order-{7001}"}),
        (0, {"id_customer": 20, "id_order": _ABSENT, "order_number": 7002}),
        (0, {"id_customer": 21, "type": "kiosk"}),
        (0, {"id_customer": 21, "type": None}),
        (0, _lines({**by_name})),
        (0, _lines({"id_item": item.number, "item": item.name, "quantity": 1, "price": item.price})),
        (0, _lines({"id_item": item.number, "item": "Not that item's name", "quantity": 1, "price": 5})),
        (0, _lines({"item": f" {item.name.upper()} ", "quantity": 1.5, "price": 10})),
    ]  # fmt: skip


def _old_but_changed(today: date, zone: ZoneInfo) -> Row:
    created = moment_of(today - timedelta(days=200), 720, zone)
    updated = written(moment_of(today - timedelta(days=1), 720, zone))
    voided = {"status": "void", "id_status": 7, "void": True, "complete": False, "void_reason": "Chargeback"}
    return {"date_created": written(created), "date_updated": updated, **voided}


def clock_changes(today: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Half an hour before the last change to summer time and before the last change back, in UTC."""
    found: dict[bool, datetime] = {}
    hour = datetime(today.year, today.month, today.day, tzinfo=UTC)
    while len(found) < 2:
        before = hour - timedelta(hours=1)
        change = (hour.astimezone(zone).utcoffset() or timedelta()) - (
            before.astimezone(zone).utcoffset() or timedelta()
        )
        if change:
            found.setdefault(change > timedelta(), before + timedelta(minutes=30))
        hour = before
    return found[True], found[False]
