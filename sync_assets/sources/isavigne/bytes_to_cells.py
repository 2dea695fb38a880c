"""From the bytes of a text file to rows of cells: encoding, delimiter, quoting; line by line, never the whole file.

What the cells mean does not belong here. Canonical specification, section 3.3.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from sync_assets.errors import SourceDataError
from sync_assets.sources.isavigne.aliases import Header, choose_header

Row = tuple[int, list[str] | str]

DELIMITERS = (";", ",", "\t", "|")
HEADER_ROWS = 10
_BLOCK = 1 << 20
_SAMPLE_LINES = 50
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Layout:
    """How a file is read: `header_row` and `data_row` are lines, the first line of the file is 1."""

    header: Header
    header_row: int
    data_row: int
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def detect_encoding(path: Path, setting: str | None) -> str:
    """The encoding in which all bytes can be read. Raises SourceDataError `undecodable`, OSError."""
    with path.open("rb") as stream:
        start = stream.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    candidates = (setting,) if setting else (marked,) if marked else ("utf-8", "cp1252")
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise SourceDataError(
        f"The bytes are not {' or '.join(candidates)} text; export the file again as UTF-8", code="undecodable"
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                if "\x00" in decoder.decode(block):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def find_layout(path: Path, kind: str, encoding: str, delimiter: str | None) -> Layout:
    """Delimiter and header of a text file. Raises SourceDataError `no_header` or `missing_column`."""
    with _open(path, encoding) as stream:
        sample = list(islice(_lines(stream), _SAMPLE_LINES))
    best: Layout | None = None
    for mark in (delimiter,) if delimiter else DELIMITERS:
        rows, ends = _sample_rows(sample, mark)
        chosen = choose_header(kind, rows)
        if chosen is None:
            continue
        position, header = chosen
        layout = Layout(header, ends[position - 1] + 1 if position else 1, ends[position] + 1, encoding, mark)
        if best is None or _rank(layout) > _rank(best):
            best = layout
    return check_layout(best, kind)


def check_layout(layout: Layout | None, kind: str) -> Layout:
    """The layout, when it has all required columns. Raises SourceDataError `no_header` or `missing_column`."""
    if layout is None:
        raise SourceDataError(f"No row near the top has a column name of a {kind} file", code="no_header")
    if layout.header.missing:
        missing = ", ".join(need.replace("/", " or ") for need in layout.header.missing)
        raise SourceDataError(f"Row {layout.header_row} has no column for {missing}", code="missing_column")
    return layout


def _rank(layout: Layout) -> tuple[bool, int]:
    return not layout.header.missing, layout.header.known


def _sample_rows(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    while len(rows) < HEADER_ROWS:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            row = []
        rows.append(row)
        ends.append(reader.line_num)
    return rows, ends


def read_rows(path: Path, layout: Layout) -> Iterator[Row]:
    """Number and cells of each row below the header; the line itself for one that quotes tear apart.

    A quote that is never closed would swallow the rows below, so such a row stands for its first line only.
    """
    assert layout.encoding and layout.delimiter
    with _open(path, layout.encoding) as stream:
        lines = _Lines(stream)
        for _ in range(layout.data_row - 1):
            next(lines, None)
        reader = csv.reader(lines, delimiter=layout.delimiter)
        while True:
            start = lines.number + 1
            lines.taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield start, lines.give_back()
                continue
            if len(lines.taken) > 1 and not _is_sound(lines.taken, layout.delimiter, layout.header.width):
                yield start, lines.give_back()
            else:
                yield start, cells


def _is_sound(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a row of several lines is one row, quoted by the book."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) >= width


class _Lines:
    """The lines of a text and how many were taken; those of the last row but for the first can be given back."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = _lines(stream)
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """The first line of the last row; the others come again."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        return self.taken[0]


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _lines(stream: TextIO) -> Iterator[str]:
    """The lines, without a byte order mark at the beginning."""
    first = next(stream, "")
    if first:
        yield first.removeprefix("\ufeff")
    yield from stream
