"""Cells of text into numbers, dates, flags, years and lists; what cannot be read becomes null and is told apart.

Which cell must be there, and what its absence means, does not belong here. Canonical specification, section 3.7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import clean, is_true, look_up, map_unique, only_if

NUMBER = pa.decimal128(18, 6)
MOMENT = pa.timestamp("us", tz="UTC")
# One digit less than the type holds, so that a number may still be rounded up.
_STEP, _LARGEST = Decimal("0.000001"), Decimal(10) ** 11
_PLAIN_NUMBER = r"^-?[0-9]{1,11}([.,][0-9]{1,6})?$"
_DIGITS = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}([.,][0-9]{3})+")

_DAY = (
    r"(?:(?P<y1>\d{4})(?P<m1>[-/])(?P<mo1>\d{1,2})(?P=m1)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})(?P<mo2>\d\d)(?P<d2>\d\d)"
    r"|(?P<d3>\d{1,2})(?P<m3>[-/.])(?P<mo3>\d{1,2})(?P=m3)(?P<y3>\d{4}|\d\d)"
    r"|(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?"
    r"(?P<d4>\d{1,2})(?:er)?[ ./-]+(?P<word>[a-z]{3,9})\.?[ ./-]+(?P<y4>\d{4}|\d\d))"
)
_TIME = r"(?:(?:t| |, ?| a )(?P<h>\d{1,2})[:h](?P<mi>\d\d)?(?::(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
_MOMENT = re.compile(rf"{_DAY}{_TIME} ?(?P<zone>z|utc|[+-]\d\d:?\d\d)?", re.ASCII)
_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
_EARLIEST = date(1990, 1, 1)
_FIRST_SERIAL, _LAST_SERIAL = 32874, 73050

OUT_WORDS = {"desabonne", "desabonnee", "desinscrit", "desinscrite", "stop"}
TRUE_WORDS = {"oui", "o", "yes", "y", "1", "x", "vrai", "true"}
FALSE_WORDS = {"non", "n", "no", "0", "faux", "false"}
NO_VINTAGE = {"nm", "nv", "sm", "sans millesime", "0"}
_GRAPE_PARTS = re.compile(r"[,;/+&\n]|\bet\b", re.IGNORECASE)
_PERCENT = re.compile(r"\(?\s*\d+(?:[.,]\d+)?\s*%\s*\)?")


def plain(text: str) -> str:
    """Lower case without accents; every run of blanks is one."""
    flat = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    return " ".join("".join(letter for letter in flat if not unicodedata.combining(letter)).split())


def read_numbers(texts: Any, decimal_mark: str = "auto") -> Any:
    """Exact numbers with six digits after the mark; null when missing or not readable.

    >>> read_numbers(pa.array(["1.234,56 €", "12,5-", "1 000", "douze"])).to_pylist()
    [Decimal('1234.560000'), Decimal('-12.500000'), Decimal('1000.000000'), None]
    """
    is_plain = is_true(pc.match_substring_regex(texts, _PLAIN_NUMBER))
    if decimal_mark == ",":
        is_plain = pc.and_(is_plain, pc.invert(is_true(pc.match_substring(texts, "."))))
    fast = pc.replace_substring(only_if(is_plain, texts), ",", ".").cast(NUMBER)
    others = only_if(pc.invert(is_plain), texts)
    return pc.coalesce(fast, map_unique(others, lambda text: read_number(text, decimal_mark), NUMBER))


def read_number(text: str, decimal_mark: str = "auto") -> Decimal | None:
    """One number as people write it; null when it is none or too large.

    >>> [str(read_number(text)) for text in ("(1 234,5)", "1,234.56", "1.234.567", "20 %", "1.2.3", "05.12.2025")]
    ['-1234.5', '1234.56', '1234567', '20', 'None', 'None']
    """
    bare = "".join(text.split()).replace("−", "-")
    bare = re.sub(r"€|eur(?:os?)?|%|['’ʼ]", "", bare, flags=re.IGNORECASE)
    is_negative = False
    for before, after in (("(", ")"), ("-", ""), ("", "-"), ("+", "")):
        if len(bare) > 1 and bare.startswith(before) and bare.endswith(after):
            is_negative, bare = before != "+", bare[len(before) : len(bare) - len(after)]
            break
    digits = _decide_marks(bare, decimal_mark)
    if digits is None or not _DIGITS.fullmatch(digits):
        return None
    number = Decimal(digits)
    # Compared before it is rounded, because only a number of some size can be, and after, because it may have grown.
    if number >= _LARGEST or (number := number.quantize(_STEP, ROUND_HALF_UP)) >= _LARGEST:
        return None
    return Decimal(format((-number if is_negative else number).normalize(), "f"))


def _decide_marks(text: str, decimal_mark: str) -> str | None:
    """The number with a dot as its only mark, null when its marks make no sense."""
    commas, dots = text.count(","), text.count(".")
    if commas and dots:
        mark = max(",.", key=text.rfind)
        whole, _, rest = text.rpartition(mark)
        is_sound = mark not in whole and _GROUPED.fullmatch(whole)
        return f"{re.sub('[.,]', '', whole)}.{rest}" if is_sound else None
    if commas + dots > 1 or (dots and decimal_mark == ","):
        return re.sub("[.,]", "", text) if _GROUPED.fullmatch(text) else None
    return text.replace(",", ".")


def read_moments(texts: Any, zone: ZoneInfo, *, today: date, is_workbook: bool) -> tuple[Any, Any, Any]:
    """Instants, local days, and bad_date or date_out_of_range where there is text but no instant.

    A day without time is its midnight in `zone`; days before 1990 and after the day after `today` are out of range.

    >>> moments, days, codes = read_moments(
    ...     pa.array(["05/12/2025", "2025-10-26 02:30", "31/02/2025"]), ZoneInfo("Europe/Paris"),
    ...     today=date(2026, 1, 1), is_workbook=False)
    >>> [str(moment) for moment in moments.to_pylist()[:2]], codes.to_pylist()
    (['2025-12-04 23:00:00+00:00', '2025-10-26 00:30:00+00:00'], [None, None, 'bad_date'])
    """

    def read(text: str) -> tuple[datetime | None, date | None, str | None]:
        try:
            written = _read_date(text, is_workbook)
            day = written.date()
            if not _EARLIEST <= day <= today + timedelta(days=1):
                return None, None, "date_out_of_range"
            local = written if written.tzinfo else written.replace(tzinfo=zone)
            return local.astimezone(UTC), day, None
        except (ValueError, OverflowError):
            return None, None, "bad_date"

    return map_apart(texts, read, (MOMENT, pa.date32(), pa.string()))


def map_apart(texts: Any, read: Callable[[str], tuple[Any, ...]], kinds: tuple[pa.DataType, ...]) -> tuple[Any, ...]:
    """The parts of `read` of each text as arrays, called once per distinct text; null stays null."""
    distinct = pc.unique(texts).drop_null()
    results = [read(text) for text in distinct.to_pylist()]
    positions = look_up(texts, distinct, pa.array(range(len(results)), pa.int64()))
    return tuple(
        pa.array([result[part] for result in results], kind).take(positions) for part, kind in enumerate(kinds)
    )


def _read_date(text: str, is_workbook: bool) -> datetime:
    """Raises ValueError when the text is no date; without an offset the result has no zone."""
    if is_workbook and re.fullmatch(r"\d{5}([.,]\d+)?", text, re.ASCII):
        serial = float(text.replace(",", "."))
        if _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            return datetime(1899, 12, 30) + timedelta(seconds=round(serial * 86400))  # noqa: DTZ001
    match = _MOMENT.fullmatch(plain(text))
    if match is None:
        raise ValueError
    part = match.groupdict()
    year = next(part[name] for name in ("y1", "y2", "y3", "y4") if part[name])
    day = next(part[name] for name in ("d1", "d2", "d3", "d4") if part[name])
    month = next((part[name] for name in ("mo1", "mo2", "mo3") if part[name]), None) or _month(part["word"])
    century = (2000 if int(year) < 80 else 1900) if len(year) == 2 else 0
    hour, minute, second = (int(part[name] or 0) for name in ("h", "mi", "s"))
    micro = int((part["f"] or "").ljust(6, "0")[:6])
    zone = _offset(part["zone"])
    return datetime(century + int(year), int(month), int(day), hour, minute, second, micro, zone)


def _month(word: str) -> int:
    """A French month by its name or the beginning of it; one that several begin with is none."""
    found = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)]
    if len(found) != 1:
        raise ValueError
    return found[0]


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("z", "utc"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def read_flags(texts: Any) -> Any:
    """True or false as people write it; blank is false, null what cannot be read.

    >>> read_flags(pa.array(["Oui", "désabonné", "", "N", "peut-être"])).to_pylist()
    [True, True, False, False, None]
    """
    flags = map_unique(clean(texts), lambda text: _read_flag(plain(text)), pa.bool_())
    return pc.if_else(pc.is_null(clean(texts)), False, flags)


def _read_flag(word: str) -> bool | None:
    return True if word in TRUE_WORDS | OUT_WORDS else False if word in FALSE_WORDS else None


def read_refusals(texts: Any) -> Any:
    """Opt-in cells turned into opt-outs: whoever did not say yes has refused; null what cannot be read.

    >>> read_refusals(pa.array(["oui", None, "non", "stop", "peut-être"])).to_pylist()
    [False, True, True, True, None]
    """

    def read(text: str) -> bool | None:
        word = plain(text)
        return True if word in OUT_WORDS | FALSE_WORDS else False if word in TRUE_WORDS else None

    return pc.if_else(pc.is_null(clean(texts)), True, map_unique(clean(texts), read, pa.bool_()))


def read_years(texts: Any, *, this_year: int) -> tuple[Any, Any]:
    """Vintages, and which texts are neither a year from 1900 to the next one nor a word for none.

    >>> years, is_bad = read_years(pa.array(["2020.0", "S.M.", "20", None]), this_year=2026)
    >>> years.to_pylist(), is_bad.to_pylist()
    ([2020, None, None, None], [False, False, True, False])
    """

    def read(text: str) -> tuple[int | None, bool]:
        word = plain(text)
        if word.replace(".", "") in NO_VINTAGE or re.fullmatch(r"0+(\.0+)?", word):
            return None, False
        match = re.fullmatch(r"([0-9]{4})(?:[.,]0+)?", word)
        year = int(match.group(1)) if match else 0
        return (year, False) if 1900 <= year <= this_year + 1 else (None, True)

    years, is_bad = map_apart(texts, read, (pa.int64(), pa.bool_()))
    return years, is_true(is_bad)


def split_grapes(texts: Any) -> Any:
    """Lists of grapes in their order, without percentages and repetitions; empty for null.

    >>> split_grapes(pa.array(["Merlot 60 %, Cabernet Franc et Malbec;", None])).to_pylist()
    [['Merlot', 'Cabernet Franc', 'Malbec'], []]
    """

    def split(text: str) -> list[str]:
        parts = (" ".join(_PERCENT.sub(" ", part).split()).strip(" .:-") for part in _GRAPE_PARTS.split(text))
        seen: dict[str, str] = {}
        for part in filter(None, parts):
            seen.setdefault(part.lower(), part)
        return list(seen.values())

    return map_unique(pc.fill_null(texts, ""), split, pa.list_(pa.string()))
