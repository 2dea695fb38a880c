"""Rows of cells into chunks of text columns, one per known field; blank, torn and footer rows are sorted out here.

What the text means does not belong here; see `values.py`. Canonical specification, section 3.3.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.errors import SourceDataError
from sync_assets.sources.isavigne.aliases import Header
from sync_assets.sources.isavigne.bytes_to_cells import Row
from sync_assets.transforms.columns import clean

ROWS_PER_CHUNK = 20_000
# What two-byte characters look like when each byte is read as one of cp1252.
MOJIBAKE = "[ÂÃÅ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€"
_ESCAPED = r'["\\\x00-\x1f]'
_FOOTER_LETTERS = ("T", "t", "S", "s")
_WHOLE_TOTAL = re.compile(r"^(sous-)?tota(l|ux)\b", re.IGNORECASE)
_NUMBER = re.compile(r"^[\d\s.,€%+-]*$")
# Sums stand below quantities and amounts, so only these fields tell a footer from a row.
_NAMING_FIELDS = {"client_code", "product_key", "product_label", "date"}


@dataclass(frozen=True)
class Chunk:
    """Rows as columns: `fields` holds trimmed text (blank is null), `cells` each row as received, as JSON."""

    header: Header
    numbers: Any
    fields: dict[str, Any]
    cells: Any
    torn: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    garbled: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def text(self, name: str) -> Any:
        """The text of a field; all null when the file has no such column."""
        return self.fields[name] if name in self.fields else pa.nulls(len(self), pa.string())

    def has(self, name: str) -> bool:
        return name in self.fields


def read_chunks(rows: Iterable[Row], header: Header, size: int = ROWS_PER_CHUNK) -> Iterator[Chunk]:
    """Raises SourceDataError `duplicate_column` when two columns for one field differ."""
    names = _unique_names(header)
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield _build(batch, header, names)


def _build(batch: list[Row], header: Header, names: list[str]) -> Chunk:
    width, needs = header.width, _naming_positions(header)
    counts: Counter[str] = Counter()
    torn: list[tuple[int, str]] = []
    numbers: list[int] = []
    kept: list[list[str]] = []
    for number, cells in batch:
        if isinstance(cells, str):
            torn.append((number, cells.rstrip("\r\n")))
            continue
        head = cells[0].strip() if cells else ""
        if not head and not "".join(cells).strip():
            counts["blank_row"] += 1
        elif head[:1] in _FOOTER_LETTERS and _is_footer(head, cells, needs):
            counts["footer_row"] += 1
        elif len(cells) == width or (len(cells) > width and not "".join(cells[width:]).strip()):
            numbers.append(number)
            kept.append(cells)
        else:
            torn.append((number, " | ".join(cells)))
    columns = [pa.array(column, pa.string()) for column in islice(zip(*kept, strict=False), width)]
    columns = columns or [pa.array([], pa.string())] * width
    received = _to_json(names, columns, kept)
    garbled = pc.sum(pc.match_substring_regex(received, MOJIBAKE)).as_py() or 0
    return Chunk(header, pa.array(numbers, pa.int64()), _pick(header, columns), received, torn, counts, garbled)


def _to_json(names: list[str], columns: list[Any], rows: list[list[str]]) -> Any:
    """Each row as a JSON object; written column by column unless a cell has a quote, a line break or the like."""
    if any(pc.any(pc.match_substring_regex(column, _ESCAPED)).as_py() for column in columns):
        return pa.array([orjson.dumps(dict(zip(names, row, strict=False))).decode() for row in rows], pa.string())
    parts: list[Any] = []
    for name, column in zip(names, columns, strict=True):
        parts += [f'{"," if parts else "{"}{orjson.dumps(name).decode()}:"', column, '"']
    return pc.binary_join_element_wise(*parts, "}", "")


def _pick(header: Header, columns: list[Any]) -> dict[str, Any]:
    fields = {}
    for name, positions in header.columns.items():
        first, *others = (clean(columns[position]) for position in positions)
        for other in others:
            if not first.equals(other):
                cells = " and ".join(f"{header.cells[position]!r}" for position in positions)
                raise SourceDataError(f"The columns {cells} both mean {name} and differ", code="duplicate_column")
        fields[name] = first
    return fields


def _unique_names(header: Header) -> list[str]:
    """Column names as received; a blank or repeated one gets its position."""
    names: list[str] = []
    for position, cell in enumerate(header.cells, 1):
        name = cell.strip()
        names.append(f"{name or 'column'} ({position})" if not name or name in names else name)
    return names


def _naming_positions(header: Header) -> list[int]:
    return [p for name, positions in header.columns.items() if name in _NAMING_FIELDS for p in positions if p]


def _is_footer(head: str, cells: list[str], needs: list[int]) -> bool:
    """A row of sums: it begins with "total", and nothing in it names a client, a product or a day."""
    if needs:
        begins = head[:5].lower() == "total" or bool(_WHOLE_TOTAL.match(head))
        return begins and not any(cells[p].strip() for p in needs if p < len(cells))
    # With the code in the first column, a code may begin with these letters too.
    return bool(_WHOLE_TOTAL.match(head)) and all(_NUMBER.match(cell) for cell in cells[1:])
