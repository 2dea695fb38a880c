"""From an XLSX workbook to rows of cells, each as the text that a person would type for it.

Text files do not belong here. Canonical specification, section 3.3.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from sync_assets.connections import IsavigneConnection
from sync_assets.errors import SourceDataError
from sync_assets.sources.isavigne.aliases import choose_header
from sync_assets.sources.isavigne.bytes_to_cells import Layout, Row, check_layout

HEADER_ROWS = 20
# A few kilobytes can unpack to more than the machine holds.
LARGEST_CONTENT = 1 << 30


def find_sheet(path: Path, kind: str, settings: IsavigneConnection) -> Layout:
    """The first sheet with a header for this kind.

    Raises SourceDataError `unreadable_workbook`, `no_header` or `missing_column`.
    """
    best: Layout | None = None
    for sheet in _guarded(lambda: _load(path).sheet_names):
        rows = list(islice(read_sheet(path, sheet, settings), HEADER_ROWS))
        chosen = choose_header(kind, [cells for _, cells in rows if isinstance(cells, list)])
        if chosen is None:
            continue
        number = rows[chosen[0]][0]
        layout = Layout(chosen[1], number, number + 1, sheet=sheet)
        if not layout.header.missing:
            return layout
        if best is None or layout.header.known > best.header.known:
            best = layout
    return check_layout(best, kind)


def read_sheet(path: Path, sheet: str, settings: IsavigneConnection, first: int = 1) -> Iterator[Row]:
    """Number and cells of each row of a sheet from row `first` on. Raises SourceDataError `unreadable_workbook`."""
    mark = settings.decimal_mark.replace("auto", ".")
    # The library leaves out empty columns at the left, but no empty rows.
    rows = _guarded(lambda: _load(path).get_sheet_by_name(sheet).iter_rows())
    number = 0
    while (row := _guarded(lambda: next(rows, None))) is not None:
        number += 1
        if number >= first:
            yield number, [_to_text(cell, mark) for cell in row]


def _load(path: Path) -> CalamineWorkbook:
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_CONTENT:
            raise SourceDataError("The workbook unpacks to more than 1 GiB; split it", code="unreadable_workbook")
    return CalamineWorkbook.from_path(path)


def _guarded(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (SourceDataError, OSError):
        raise
    except BaseException as error:
        # The library reports what it did not foresee as an exception of its own that is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise SourceDataError(
            "The workbook cannot be read; open it and save it again as .xlsx", code="unreadable_workbook"
        ) from None


def _to_text(value: Any, mark: str) -> str:
    """A cell as text: dates as year-month-day, numbers as Excel shows them, with 15 digits.

    >>> [_to_text(value, ",") for value in (12.0, 0.1 + 0.2, True, datetime(2025, 12, 5), "00123", 1e20)]
    ['12', '0,3', 'true', '2025-12-05', '00123', '100000000000000000000']
    """
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format(Decimal(format(value, ".15g")), "f").replace(".", mark)
    if isinstance(value, datetime):
        # A time is stored as a fraction of a day, which is never exact.
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
