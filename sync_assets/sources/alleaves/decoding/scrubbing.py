"""The received row as JSON text that may be stored: no secrets, no birth dates, exact numbers.

Typed columns do not belong here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from sync_assets.sources.alleaves.decoding.values import storable

SECRET_PARTS = ("password", "secret", "token", "apikey", "privatekey", "clientid")
BIRTH_NAMES = ("birth", "dateofbirth", "dob")
DEEPEST = 40
LONGEST_EXPONENT = 300
LARGEST_INTEGER = 2**63 - 1
_SEPARATORS = re.compile(r"[^a-z0-9]")


def json_text(value: Any, *, keep_birth_date: bool = False) -> str:
    """Compact JSON with sorted keys, scrubbed at any depth.

    >>> json_text({"b": Decimal("39.550"), "a": [{"apiToken": "x", "pin": 1, "date_of_birth": "1980-02-03"}]})
    '{"a":[{}],"b":39.550}'
    """
    return orjson.dumps(_scrubbed(value, keep_birth_date, 0), option=orjson.OPT_SORT_KEYS).decode()


def _scrubbed(value: Any, keep_birth_date: bool, depth: int) -> Any:
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {
            storable(str(key)): _scrubbed(inner, keep_birth_date, depth + 1)
            for key, inner in value.items()
            if not is_withheld(str(key), keep_birth_date=keep_birth_date)
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(inner, keep_birth_date, depth + 1) for inner in value]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Decimal):
        # PostgreSQL's numbers end somewhere; what they cannot hold stays readable as text.
        is_plain = value.is_finite() and abs(value.adjusted()) < LONGEST_EXPONENT
        return orjson.Fragment(str(value)) if is_plain else str(value)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return orjson.Fragment(str(value)) if value.bit_length() < LONGEST_EXPONENT * 3 else str(value)
    return value


@lru_cache(maxsize=4096)
def is_withheld(key: str, *, keep_birth_date: bool) -> bool:
    """True for the name of a secret, and of a birth date unless that is kept."""
    name = _SEPARATORS.sub("", key.lower())
    if name == "pin" or any(part in name for part in SECRET_PARTS):
        return True
    return not keep_birth_date and (BIRTH_NAMES[0] in name or name in BIRTH_NAMES)
