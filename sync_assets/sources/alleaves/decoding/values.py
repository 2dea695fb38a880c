"""Single values as Alleaves sends them into typed ones: ids, amounts, flags, instants, e-mails, phones, percentages.

Which field a value comes from does not belong here. A value that cannot be understood raises BadValue.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Literal

EmailStatus = Literal["real", "placeholder", "missing", "invalid"]

# PostgreSQL stores neither in text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_ID_PREFIXES = ("alleaves_", "cid_")
_NO_REFERENCE = "alleaves_customer"
_WORDS = {"true": True, "false": False, "1": True, "0": False}


class BadValue(Exception):
    """A value that its kind cannot hold. `code` names the rule."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def storable(text: str) -> str:
    """Text without the characters that PostgreSQL refuses."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("", text)


def is_blank(value: Any) -> bool:
    """True for null and for text without a visible character.

    >>> [is_blank(value) for value in (None, "  ", 0, False, "x")]
    [True, True, False, False, False]
    """
    return value is None or (isinstance(value, str) and not storable(value).strip())


def read_text(value: Any) -> str | None:
    """Trimmed text, null when empty. Raises BadValue `bad_text` for a list or an object."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return storable(value).strip() or None
    if isinstance(value, int | float | Decimal):
        return str(value)
    raise BadValue("bad_text", "is not text")


def read_id(value: Any) -> str | None:
    """An id as text: no braces, no prefix, no decimal places; null for what is no id.

    >>> [read_id(value) for value in (42, Decimal("42.0"), " {42} ", "alleaves_42", "cid_42", "00123", "", True)]
    ['42', '42', '42', '42', '42', '00123', None, None]
    """
    return _normalised_id(value, null_words=())


def read_reference(value: Any) -> str | None:
    """The id of a customer that an order points at; null for the placeholders 0, negative and `alleaves_customer`.

    >>> [read_reference(value) for value in (42, "cid_42", 0, -1, "alleaves_customer", "unknown")]
    ['42', '42', None, None, None, 'unknown']
    """
    found = _normalised_id(value, null_words=(_NO_REFERENCE,))
    if found is not None and _NUMBER.fullmatch(found) and Decimal(found) <= 0:
        return None
    return found


def _normalised_id(value: Any, *, null_words: Collection[str]) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = _written_out(value) if isinstance(value, Decimal) else str(value)
    before = None
    while text != before:
        before, text = text, storable(text).strip()
        if text.startswith("{") and text.endswith("}"):
            text = text[1:-1].strip()
        if text.lower() in null_words:
            return None
        for prefix in _ID_PREFIXES:
            text = text.removeprefix(prefix)
        whole = _WHOLE.fullmatch(text)
        text = whole.group(1) if whole else text
    return text or None


def _written_out(number: Decimal) -> str:
    """Digits without an exponent, as long as that is short."""
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 40 else str(number)


def read_number(value: Any, *, places: int, digits: int = 18) -> Decimal | None:
    """An exact decimal rounded half away from zero. Raises BadValue `bad_number`.

    >>> [str(read_number(value, places=2)) for value in (Decimal("49.995"), "39.55", -30, "", None)]
    ['50.00', '39.55', '-30.00', 'None', 'None']
    """
    if is_blank(value):
        return None
    number = _as_decimal(value)
    if number.is_finite() and (not number or number.adjusted() < digits - places):
        rounded = number.quantize(Decimal(1).scaleb(-places), context=_EXACT)
        if rounded.adjusted() < digits - places:
            return rounded if rounded else abs(rounded)
    raise BadValue("bad_number", "is not a number that can be stored")


def _as_decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    text = repr(value) if isinstance(value, float) else value
    if isinstance(text, str) and _NUMBER.fullmatch(text.strip()):
        return Decimal(text.strip())
    raise BadValue("bad_number", "is not a number")


def read_percent(value: Any) -> Decimal | None:
    """A percentage with 3 decimals. Raises BadValue `bad_number`, or `bad_percent` outside 0 to 100."""
    number = read_number(value, places=3)
    if number is not None and not 0 <= number <= 100:
        raise BadValue("bad_percent", "is not between 0 and 100")
    return number


def read_flag(value: Any) -> bool | None:
    """true/false, 1/0 or their words; null stays null. Raises BadValue `bad_flag`."""
    if is_blank(value):
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    word = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise BadValue("bad_flag", "is neither true nor false")
    return word


def read_instant(value: Any, store_zone: tzinfo) -> datetime | None:
    """An instant in UTC; without an offset it is UTC already, a date alone is midnight in the store.

    Raises BadValue `bad_date`.

    >>> read_instant("2026-03-01T12:30:00-07:00", UTC).isoformat(), read_instant("2026-03-01 12:30", UTC).isoformat()
    ('2026-03-01T19:30:00+00:00', '2026-03-01T12:30:00+00:00')
    """
    if is_blank(value):
        return None
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(), store_zone).astimezone(UTC)
        found = _INSTANT.fullmatch(text)
        if found:
            day, clock, offset = found.groups()
            moment = datetime.fromisoformat(f"{day}T{clock}{(offset or 'Z').upper()}")
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadValue("bad_date", "is not a date and time")


def read_date(value: Any) -> date | None:
    """A calendar date; of an instant the date as written. Raises BadValue `bad_date`."""
    if is_blank(value):
        return None
    text = value.strip() if isinstance(value, str) else ""
    found = _DATE.fullmatch(text) or _INSTANT.fullmatch(text)
    try:
        return date.fromisoformat(text[:10]) if found else _bad_date()
    except ValueError:
        return _bad_date()


def _bad_date() -> date:
    raise BadValue("bad_date", "is not a date")


def read_email(value: Any, placeholder_domains: Collection[str]) -> tuple[str | None, EmailStatus]:
    """The e-mail in lower case when it is real, and what was found.

    >>> read_email(" VIP@Example.com ", ["alleaves.local"]), read_email("no-email@alleaves.local", ["alleaves.local"])
    (('vip@example.com', 'real'), (None, 'placeholder'))
    """
    if is_blank(value):
        return None, "missing"
    text = storable(value).strip().lower() if isinstance(value, str) else ""
    _, at, domain = text.rpartition("@")
    if at and domain in placeholder_domains:
        return None, "placeholder"
    return (text, "real") if _EMAIL.fullmatch(text) else (None, "invalid")


def last_ten_digits(phone: str | None) -> str | None:
    """The last ten digits of a phone number, null with fewer than ten."""
    digits = re.sub(r"[^0-9]", "", phone or "")
    return digits[-10:] if len(digits) >= 10 else None
