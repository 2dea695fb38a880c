"""The shop's orders: when each kind of buyer comes, and what an order holds.

The orders with a purpose of their own belong to `odd_orders.py`, new ones after the store was built to `life.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sync_assets.sandbox.alleaves.seed.catalogue import Item
from sync_assets.sandbox.alleaves.seed.customers import HISTORY_DAYS
from sync_assets.sandbox.alleaves.seed.locations import MAIN
from sync_assets.sandbox.alleaves.store import Row
from sync_assets.sandbox.dice import Dice

FIRST_ORDER = 200_001
FIRST_LINE = 3_000_001
STATUS_IDS = {"pending": 1, "confirmed": 2, "preparing": 3, "ready": 4, "completed": 5, "cancelled": 6, "void": 7}
VOID_REASONS = ("Wrong item rung up", "Customer changed mind", "Payment failed", "Other")
OPENS, CLOSES = 9 * 60, 21 * 60
# Kind of buyer: orders from and to, days since the last one from and to, days between two orders from and to.
_RHYTHMS = {
    "vip": (17, 27, 0, 30, 6, 26),
    "loyal": (5, 9, 0, 45, 10, 45),
    "returning": (2, 4, 0, 45, 14, 80),
    "at_risk": (2, 4, 46, 89, 20, 90),
    "churned": (1, 3, 92, 500, 14, 60),
    "new": (1, 1, 0, 45, 1, 1),
}


def visits(kind: str, number: int) -> list[tuple[int, int]]:
    """When a customer came: whole days before today (at least 1) and the minute of that day, the latest first."""
    if kind not in _RHYTHMS:
        return []
    dice = Dice(31, number)
    low, high, last_from, last_to, gap_from, gap_to = _RHYTHMS[kind]
    days = 1 + dice.between(last_from, last_to)
    found: list[tuple[int, int]] = []
    for _ in range(dice.between(low, high)):
        if days > HISTORY_DAYS:
            break
        found.append((days, dice.between(OPENS, CLOSES - 1)))
        days += dice.between(gap_from, gap_to)
    return found


def moment_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant in UTC of a minute of a day on the store's clock."""
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return wall.astimezone(UTC)


def written(moment: datetime, form: int = 0) -> str:
    """A time as the service writes it: with Z, or naive UTC with and without milliseconds."""
    naive = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return naive + (".000Z", ".000Z", ".000Z", ".000Z", ".000", "")[form % 6]


def order_row(number: int, created: datetime, items: Sequence[Item], dice: Dice, **given: object) -> Row:
    """One completed in-store order of one to four items, bought by nobody known; `given` goes over it."""
    lines: list[Row] = []
    for _ in range(dice.pick((1, 1, 2, 2, 3, 4))):
        item = dice.pick(items)
        quantity = dice.pick((1, 1, 1, 2))
        # The service sends one row per unit sold for some goods and one row with a quantity for the others.
        copies, each = (quantity, 1) if "Pre-Roll" in item.category else (1, quantity)
        lines += [line_row(number, len(lines) + copy, item, each) for copy in range(copies)]
    subtotal = round(sum(line["total"] for line in lines), 2)
    discount = round(subtotal * 0.1, 2) if dice.chance(12) else 0
    tax = round((subtotal - discount) * 0.13, 2)
    total = round(subtotal - discount + tax, 2)
    later = written(created + timedelta(minutes=dice.between(1, 50)))
    row: Row = {
        "id_order": number,
        "id_external": None,
        "id_location": MAIN,
        "id_customer": None,
        "customer": None,
        "email": None,
        "phone": None,
        "name_first": None,
        "name_last": None,
        "date_created": written(created, number),
        "date_updated": later,
        "status": "completed",
        "id_status": STATUS_IDS["completed"],
        "void": False,
        "cancel": None,
        "complete": True,
        "void_reason": None,
        "void_reason_other": None,
        "paid_in_full": True,
        "type": ("retail", "in_store", "retail")[number % 3],
        "subtotal": subtotal,
        "tax": tax,
        "discount": discount,
        "delivery_fee": 0,
        "loyalty": 0,
        "total": total,
        "amount": total,
        "items": lines,
    }
    return row | given


def line_row(order: int, place: int, item: Item, quantity: float) -> Row:
    total = round(item.price * quantity, 2)
    line: Row = {"id_item": FIRST_LINE + order * 20 + place, "id_inventory_item": item.number, "item": item.name}
    return line | {"category": item.category, "quantity": quantity, "price": item.price, "total": total}


def set_status(order: Row, status: str) -> None:
    """Gives an order that status, as word, number and flags."""
    order["status"], order["id_status"] = status, STATUS_IDS[status]
    order["void"], order["cancel"] = status == "void", True if status == "cancelled" else None
    order["complete"] = status == "completed"
    order["paid_in_full"] = status == "completed"
    order["void_reason"] = VOID_REASONS[order["id_order"] % 4] if status == "void" else None
    order["void_reason_other"] = "till test" if order["void_reason"] == "Other" else None


def refunded(order: Row) -> None:
    """Turns an order into a refund of itself: the amounts become negative."""
    for name in ("subtotal", "tax", "discount", "total", "amount"):
        order[name] = -order[name]
    for line in order["items"]:
        line["quantity"], line["total"] = -line["quantity"], -line["total"]


def shaped(order: Row, customer: Row | None, dice: Dice) -> None:
    """Says whose order it is, in one of the ways the service has, and lets a few end otherwise than completed."""
    if customer is None:
        order["id_customer"] = dice.pick((None, None, 0, -1))
    elif dice.chance(82):
        order["id_customer"] = customer.get("id_customer")
    else:
        order["customer"] = {
            "id": customer.get("id_customer"),
            "first_name": customer["name_first"],
            "last_name": customer["name_last"],
            "email": customer["email"],
            "phone": customer["phone"],
        }
    if dice.chance(14):
        order["type"] = dice.pick(("delivery", "pickup", "pickup"))
        order["delivery_fee"] = 5 if order["type"] == "delivery" else 0
        order["id_external"] = f"W{order['id_order']}"
        if customer and customer["email"]:
            order["email"] = customer["email"]
    if dice.chance(2.2):
        set_status(order, "void")
    elif dice.chance(1.6):
        set_status(order, "cancelled")
    elif dice.chance(1):
        refunded(order)
