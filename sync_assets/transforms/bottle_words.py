"""What one written unit or format means: so many centilitres, so many pieces, a case, a jéroboam, or nothing known.

Quantities and products do not belong here; see `bottles.py`. Canonical specification, section 2.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Literal, NamedTuple

# The longest name is looked for first, so that a double magnum is not a magnum.
FORMATS = {
    "quart": "20", "piccolo": "20", "demi": "37.5", "fillette": "37.5", "pot": "46", "medium": "50", "clavelin": "62",
    "litre": "100", "magnum": "150", "marie jeanne": "225", "double magnum": "300", "jeroboam": "300",
    "rehoboam": "450", "imperiale": "600", "imperial": "600", "mathusalem": "600", "salmanazar": "900",
    "balthazar": "1200", "nabuchodonosor": "1500", "melchior": "1800", "salomon": "1800",
}  # fmt: skip
# What a cuvée, a grape or a taste is never called: "demi sec" is not half a bottle, "Balthazar" is a name.
FORMATS_IN_NAMES = {
    "demi bouteille", "fillette", "clavelin", "magnum", "double magnum", "jeroboam", "rehoboam", "mathusalem",
    "salmanazar", "nabuchodonosor",
}  # fmt: skip
JEROBOAMS = {Decimal(300), Decimal(450), Decimal(500)}
TO_CL = {"ml": Decimal("0.1"), "cl": Decimal(1), "dl": Decimal(10), "l": Decimal(100), "litre": Decimal(100)}
DOCUMENTED_CASES = {"caisse", "case"}
CASES = DOCUMENTED_CASES | {"carton", "lot", "pack", "coffret", "coli"}
PIECES = {"bouteille", "btl", "bout", "col", "unite", "unit", "u", "piece", "each"}
DOZENS = {"douzaine", "dozen"}
FILLERS = {"de", "d", "la", "le", "en", "du", "a", "vin", "bois", "par"}
BARE_CL = {Decimal("37.5"), Decimal(75), Decimal(150)}
BARE_ML = {Decimal(375), Decimal(750), Decimal(1500)}
LARGEST_COUNT = 100_000
LARGEST_VOLUME_CL = 1_000_000

Kind = Literal["volume", "jeroboam", "pieces", "case", "carton", "unknown"]

_NUMBER = r"\d+(?:\.\d+)?"
_VOLUME = re.compile(rf"(?<![\w.])({_NUMBER}) (ml|cl|dl|l|litre)(?!\w)")
_FORMAT = re.compile(rf"(?<!\w)({'|'.join(sorted(FORMATS, key=len, reverse=True))})(?!\w)")
_NAME_FORMAT = re.compile(rf"(?<!\w)({'|'.join(sorted(FORMATS_IN_NAMES, key=len, reverse=True))})(?!\w)")
_CASE_OF = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(CASES | {'par'}))}|x)(?: [a-z]+)*? (\d+)(?![\w.])")
_PIECES_OF = re.compile(rf"^(\d+) (?:x )?(?:{'|'.join(sorted(PIECES))})(?!\w)")


class Unit(NamedTuple):
    """`number` times `volume_cl` for a volume, `number` pieces, or a case whose count depends on the product."""

    kind: Kind
    number: Decimal = Decimal(1)
    volume_cl: Decimal | None = None
    code: str | None = None


UNKNOWN = Unit("unknown", code="unknown_unit")


def plain(text: str) -> str:
    """Text as units are compared: lower case, no accents, numbers apart from words, no plural s.

    >>> plain("Carton de 6×75cl"), plain("Demi-bouteilles 37,5 CL"), plain("Unité(s)")
    ('carton de 6 x 75 cl', 'demi bouteille 37.5 cl', 'unite')
    """
    letters = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("(s)", "s"))
    base = "".join(letter for letter in letters if not unicodedata.combining(letter))
    base = re.sub(r"[×*]", "x", re.sub(r"(?<=\d)[,.](?=\d)", ".", base))
    words = re.findall(rf"{_NUMBER}|[a-z]+", base)
    return " ".join(word.removesuffix("s") if len(word) > 1 else word for word in words)


def read_unit(text: str) -> Unit:
    """The unit of a quantity; the first line of the table in section 2 that succeeds.

    >>> read_unit("Caisse 6x75cl"), read_unit("carton de 6 magnums").number, read_unit("palette").code
    (Unit(kind='volume', number=Decimal('6'), volume_cl=Decimal('75'), code=None), Decimal('6'), 'unknown_unit')
    """
    words = plain(text)
    if words in TO_CL:
        return Unit("volume", Decimal(1), TO_CL[words])
    return _by_volume(words) or _by_format(words) or _by_count(words) or _by_kind(words) or _by_number(words) or UNKNOWN


def read_format(text: str) -> Unit | None:
    """The content of one unit from a format column; null when the text says none."""
    words = plain(text)
    unit = _by_volume(words) or _by_format(words) or _by_number(words)
    if unit is None and words and set(words.split()) <= PIECES:
        return Unit("volume", Decimal(1), Decimal(75))
    return unit if unit and (unit.volume_cl or unit.kind == "jeroboam") else None


def read_name(text: str, *, is_key: bool = False) -> Unit | None:
    """The content of one unit from the name of a product, or its key; only what cannot mean anything else.

    >>> read_name("Riesling 2019 75cl").volume_cl, read_name("Magnum Balthazar").volume_cl, read_name("Crémant demi-sec")
    (Decimal('75'), Decimal('150'), None)
    """
    words = plain(text)
    volumes = [] if is_key and not re.search(r"\d ?[cm]l(?![a-z])", text.lower()) else _volumes(words)
    if volumes:
        times = re.search(rf"(?<![\w.])(\d+) x {_NUMBER} (?:ml|cl|dl|l|litre)(?!\w)", words)
        boxed = re.search(
            rf"(?<!\w)(?:{'|'.join(sorted(CASES))})(?: de)? (\d+)(?! (?:ml|cl|dl|l|litre|x))(?!\w)", words
        )
        count = times or boxed
        return _volume_unit(words, volumes[0], Decimal(count.group(1)) if count else Decimal(1))
    found = None if is_key else _NAME_FORMAT.search(words)
    return found and _format_unit(found.group(1).removesuffix(" bouteille"), Decimal(1))


def _volumes(words: str) -> list[Decimal]:
    found = [Decimal(number) * TO_CL[unit] for number, unit in _VOLUME.findall(words)]
    return [volume for volume in found if 0 < volume <= LARGEST_VOLUME_CL]


def _by_volume(words: str) -> Unit | None:
    volumes = _volumes(words)
    if not volumes:
        return None
    counts = re.findall(rf"(?<![\w.]){_NUMBER}(?![\w.])", _VOLUME.sub(" ", words))
    if len(counts) > 1 or any(not _is_count(count) for count in counts):
        return UNKNOWN
    return _volume_unit(words, volumes[0], Decimal(counts[0]) if counts else Decimal(1))


def _volume_unit(words: str, volume: Decimal, count: Decimal) -> Unit:
    named = _FORMAT.search(_VOLUME.sub(" ", words))
    allowed = (JEROBOAMS if named.group(1) == "jeroboam" else {Decimal(FORMATS[named.group(1)])}) if named else {volume}
    is_odd = volume not in allowed or any(other != volume for other in _volumes(words))
    return Unit("volume", count, volume, "format_conflict" if is_odd else None)


def _by_format(words: str) -> Unit | None:
    named = _FORMAT.search(words)
    if not named or "bib" in words.split():
        return None
    rest = (words[: named.start()] + words[named.end() :]).split()
    counts = [word for word in rest if word[0].isdigit()]
    if named.group(1) == "demi" and rest and set(rest) <= DOZENS:
        return Unit("pieces", Decimal(6))
    others = set(rest) - set(counts) - PIECES - FILLERS - CASES - {"x"}
    if others or len(counts) > 1 or any(not _is_count(count) for count in counts):
        return UNKNOWN
    if not counts and set(rest) & CASES:
        return Unit("unknown", code="case_size_unknown")
    return _format_unit(named.group(1), Decimal(counts[0]) if counts else Decimal(1))


def _format_unit(name: str, count: Decimal) -> Unit:
    if name == "jeroboam":
        return Unit("jeroboam", count)
    code = "ambiguous_format" if name == "marie jeanne" else None
    return Unit("volume", count, Decimal(FORMATS[name]), code)


def _by_count(words: str) -> Unit | None:
    """A number of pieces of the product's own format."""
    numbers = re.findall(_NUMBER, words)
    if set(words.split()) & DOZENS and len(numbers) < 2:
        return Unit("pieces", 12 * Decimal(numbers[0] if numbers else 1)) if all(map(_is_count, numbers)) else None
    found = _CASE_OF.search(words) or _PIECES_OF.search(words)
    is_clear = found and len(numbers) == 1 and _is_count(found.group(1))
    return Unit("pieces", Decimal(found.group(1))) if found and is_clear else None


def _by_kind(words: str) -> Unit | None:
    own = set(words.split())
    if own & CASES and own <= CASES | PIECES | FILLERS:
        return Unit("case" if own & DOCUMENTED_CASES else "carton")
    return Unit("pieces") if own <= PIECES else None


def _by_number(words: str) -> Unit | None:
    if not re.fullmatch(_NUMBER, words):
        return None
    number = Decimal(words)
    volume = number if number in BARE_CL else number / 10 if number in BARE_ML else None
    return None if volume is None else Unit("volume", Decimal(1), volume)


def _is_count(text: str) -> bool:
    return text.isdigit() and 0 < int(text) <= LARGEST_COUNT
