"""Arrow columns as the avatars need them: typed selections of frames, orders of ids, cents and whole days.

What an avatar is does not belong here; see `avatars.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import Table
from sync_assets.transforms.scores import Integers
from sync_assets.transforms.windows import as_utc

Frame: TypeAlias = pd.DataFrame | pa.Table
ROWS_PER_CHUNK = 200_000
DAY = 86_400_000_000
INSTANT = pa.timestamp("us", tz="UTC")


def columns_of(frame: Frame, table: Table, names: Sequence[str], *, optional: bool = False) -> pa.Table:
    """The columns `names` of `frame` with the Arrow types of `table`; no copy where the type is right already.

    With `optional`, a column that `frame` does not have is null.
    """
    present = set(frame.column_names if isinstance(frame, pa.Table) else frame.columns)
    columns = []
    for name in names:
        kind = table.column[name].arrow_type
        if optional and name not in present:
            columns.append(pa.nulls(len(frame), kind))
        else:
            column = _column(frame, name)
            columns.append(column if column.type == kind else column.cast(kind))
    return pa.table(columns, names=list(names))


def _column(frame: Frame, name: str) -> pa.ChunkedArray:
    if isinstance(frame, pa.Table):
        return frame.column(name)
    column = frame[name]
    if isinstance(column.dtype, pd.ArrowDtype):
        return column.array.__arrow_array__()
    return pa.chunked_array([pa.array(column, from_pandas=True)])


def chunks_of(frames: Frame | Iterable[Frame], table: Table, names: Sequence[str]) -> Iterator[pa.Table]:
    """One frame, or many, in pieces of bounded size."""
    for frame in [frames] if isinstance(frames, pd.DataFrame | pa.Table) else frames:
        columns = columns_of(frame, table, names)
        for start in range(0, columns.num_rows, ROWS_PER_CHUNK):
            yield columns.slice(start, ROWS_PER_CHUNK)


def to_frame(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def number_of(ids: pa.Array) -> pa.Array:
    """Ids as integers; null where an id is not made of digits."""
    digits = pc.if_else(pc.match_substring_regex(ids, r"^[0-9]{1,18}$"), ids, pa.scalar(None, pa.string()))
    return digits.cast(pa.int64())


def by_id(keys: pa.Array) -> pa.Array:
    """Positions that sort keys `<source>-<id>` by source, then numeric ids by number, then the others as text.

    >>> keys = pa.array(["odoo-10", "odoo-9", "alleaves-11", "odoo-C1"])
    >>> keys.take(by_id(keys)).to_pylist()
    ['alleaves-11', 'odoo-9', 'odoo-10', 'odoo-C1']
    """
    parts = pc.extract_regex(keys, r"^(?P<source>[^-]*)-(?P<id>(?s:.*))$")
    source, number = pc.struct_field(parts, "source"), number_of(pc.struct_field(parts, "id"))
    return sorted_by([(source, "ascending"), (number, "ascending"), (keys, "ascending")])


def sorted_by(columns: Sequence[tuple[pa.Array | pa.ChunkedArray, str]]) -> pa.Array:
    """Positions that sort by the given columns, each `ascending` or `descending`, nulls last."""
    table = pa.table([column for column, _ in columns], names=[str(i) for i in range(len(columns))])
    return pc.sort_indices(table, sort_keys=[(str(i), direction) for i, (_, direction) in enumerate(columns)])


def single(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def integers(column: pa.Array | pa.ChunkedArray) -> Integers:
    """A column without nulls as numpy integers."""
    return single(column).cast(pa.int64()).to_numpy(zero_copy_only=False)


def booleans(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return single(pc.fill_null(column, False)).to_numpy(zero_copy_only=False)


def cents(money: pa.Array) -> Integers:
    return integers(pc.multiply(money, pa.scalar(Decimal(100), pa.decimal128(3, 0))))


def money(amounts: Integers) -> pa.Array:
    """Cents as exact amounts."""
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    return pc.multiply(pa.array(amounts, pa.int64()).cast(pa.decimal128(19, 0)), hundredth).cast(pa.decimal128(18, 2))


def days_between(start: Integers, end: Integers | np.int64) -> Integers:
    """Whole days of 24 hours between instants in microseconds, never negative."""
    return np.maximum(end - start, 0) // DAY


def microseconds(moment: datetime) -> int:
    return int(pa.scalar(as_utc(moment), INSTANT).value)


def not_blank(text: pa.Array) -> pa.Array:
    """Text as it is; null where nothing but white space."""
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), pa.scalar(None, pa.string()), text)
