"""The list of rows in a reply, in whichever container it comes; anything that is none is a failure, never no rows.

What a row means does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_assets.errors import SourceDataError

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Rows:
    """The elements as received, and the number of rows that the reply says the whole list has."""

    elements: list[Any]
    total: int | None = None


def read_rows(reply: Any, key: str, *, who: str) -> Rows:
    """The rows of a reply; `key` is the name that the list has in the documented dialect.

    Raises SourceDataError `unexpected_shape`. An `error` in the reply is to be looked for before.
    """
    if isinstance(reply, list):
        return Rows(reply)
    if isinstance(reply, Mapping):
        for name in (key, "data", "results"):
            elements = _elements(reply.get(name))
            if elements is not None:
                return Rows(elements, _total(reply.get("total")))
        elements = numeric_values(reply)
        if elements is not None:
            return Rows(elements)
    raise SourceDataError(
        f"{who}: the reply has an unknown shape ({_shape(reply)}); check the dialect, or report this bug",
        code="unexpected_shape",
    )


def _elements(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else numeric_values(value)


def numeric_values(value: Any) -> list[Any] | None:
    """The values of an object whose keys are all numbers, in their order; None for anything else.

    >>> numeric_values({"10": "c", "2": "b", "0": "a"}), numeric_values({}), numeric_values({"total": 0})
    (['a', 'b', 'c'], [], None)
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and _DIGITS.fullmatch(key) for key in value):
        return None
    return [value[key] for key in sorted(value, key=_numeric_order)]


def _numeric_order(digits: str) -> tuple[int, str, str]:
    plain = digits.lstrip("0")
    return len(plain), plain, digits


def _total(value: Any) -> int | None:
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value.strip()[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _shape(reply: Any) -> str:
    # Names of fields only: values may be personal.
    if isinstance(reply, Mapping):
        return "an object with " + ", ".join(sorted(str(name)[:30] for name in reply)[:8])
    return {bool: "true or false", type(None): "null", str: "text"}.get(type(reply), "a number")
