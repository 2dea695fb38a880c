"""Rows as text for other programs: JSON, and CSV whose cells no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
# A spreadsheet also looks behind a tab or a line break.
_FORMULA = re.compile(r"[\t\r\n ]*[=+\-@]")


def neutralise(cell: str) -> str:
    """The cell with an apostrophe in front when a spreadsheet would compute it; numbers stay numbers.

    >>> [neutralise(cell) for cell in ("=1+1", "@x", "-12.50", "+33 1", "O'Brème", "+1")]
    ["'=1+1", "'@x", '-12.50', "'+33 1", "O'Brème", '+1']
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return neutralise("; ".join(map(str, value)))
    return neutralise(str(value))


def to_csv(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> str:
    """Rows as CSV with a header, separated by commas; lists are joined with semicolons."""
    columns = list(names)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def to_json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
