"""How values are stored: times as text of fixed width, money rounded as Odoo rounds it.

How they look on the wire belongs to `orm.py`.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets.sandbox.odoo.fields import Field

# Times are kept with microseconds in this form, in which the order of texts is the order of times.
_ZERO_TIME = "0000-00-00 00:00:00.000000"


def time_text(moment: datetime) -> str:
    """The stored form of a moment; a naive one is UTC.

    >>> time_text(datetime(2026, 1, 2, 3, 4, 5, 6))
    '2026-01-02 03:04:05.000006'
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def full_time(text: str) -> str:
    """A date or datetime in text, with the missing digits as zeros.

    >>> full_time("2026-01-02 03:04:05")
    '2026-01-02 03:04:05.000000'
    """
    return text.replace("T", " ") + _ZERO_TIME[len(text) :]


def round_half_up(value: float, digits: int) -> float:
    """The value rounded half away from zero, by its shortest decimal form.

    >>> round_half_up(19.995, 2)
    20.0
    """
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def round_money(value: float) -> float:
    """The value rounded to cents half away from zero, tolerant of binary dust; fast, since every seeded line needs it.

    >>> round_money(1.005), round_money(-2.675)
    (1.01, -2.68)
    """
    return math.copysign(math.floor(abs(value) * 100 + 0.5 + 1e-7) / 100, value) + 0.0


def line_amounts(
    version: int, quantity: float, price: float, discount: float, tax_percent: float
) -> tuple[float, float, float]:
    """Subtotal, tax and total of an order line."""
    subtotal = round_money(quantity * price * (1 - discount / 100))
    total = round_money(subtotal + round_money(subtotal * tax_percent / 100))
    # From 18 on Odoo leaves the binary dust of the subtraction in price_tax.
    tax = total - subtotal if version >= 18 else round_money(total - subtotal)
    return subtotal, tax, total


def stored_value(field: Field, value: Any) -> Any:
    """A value given to `create` or `write` in its stored form."""
    if value is None or value is False:
        return False if field.type == "boolean" else field.empty
    if field.type == "datetime":
        return time_text(value) if isinstance(value, datetime) else full_time(value)
    if field.type == "date":
        return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]
    if field.type in ("float", "monetary"):
        return round_half_up(value, field.digits) if field.digits else float(value)
    if field.type.endswith("2many"):
        return linked_ids(value)
    return value


def linked_ids(value: Any) -> list[int]:
    """The ids of a list of ids or of link commands (`(6, 0, ids)`, `(4, id)`)."""
    ids: list[int] = []
    for item in value:
        if isinstance(item, int):
            ids.append(item)
        elif item[0] == 6:
            ids = list(item[2])
        elif item[0] == 4:
            ids.append(item[1])
    return ids
