"""Frames in and out of PostgreSQL as Arrow and COPY, never row by row.

Which rows are written, and in which transaction, does not belong here; see `warehouse.py`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
from psycopg import sql

from sync_assets.tables.spec import ARROW, Table

ROWS_PER_BLOCK = 50_000
BYTES_PER_BLOCK = 16_000_000

# Arrow's usual pool keeps what other threads have freed: a step over a million rows then holds some 80 MB more.
if "jemalloc" in pa.supported_memory_backends():
    pa.set_memory_pool(pa.jemalloc_memory_pool())


def to_frame(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def to_arrow(frame: pd.DataFrame | pa.Table) -> pa.Table:
    """The frame's columns as they are; PostgreSQL casts on the way in."""
    if isinstance(frame, pa.Table):
        return frame
    return pa.table({str(name): frame[name].array.__arrow_array__() for name in frame.columns})


def _array_literals(column: pa.ChunkedArray) -> pa.Array:
    """Lists as PostgreSQL array literals; text elements are quoted."""
    lists = column.combine_chunks()
    items = lists.flatten()
    if pa.types.is_string(items.type):
        escaped = pc.replace_substring(pc.replace_substring(items, "\\", "\\\\"), '"', '\\"')
        items = pc.binary_join_element_wise('"', escaped, '"', "")
    else:
        items = items.cast(pa.string())
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    strings = pa.ListArray.from_arrays(offsets, items)
    literals = pc.binary_join_element_wise("{", pc.binary_join(strings, ","), "}", "")
    return pc.if_else(lists.is_null(), pa.scalar(None, pa.string()), literals)


def _csv_ready(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """The column as a type that Arrow writes fast and PostgreSQL reads without loss."""
    if pa.types.is_list(column.type):
        return _array_literals(column)
    if pa.types.is_timestamp(column.type):
        # With a zone Arrow needs 20 times as long, and every connection's time zone is UTC.
        return column.cast(pa.timestamp("us"))
    return column


def copy_in(connection: psycopg.Connection[Any], target: sql.Composable, table: pa.Table) -> None:
    """Appends `table` to `target` (an identifier); the columns of both are matched by name."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    )
    table = pa.table([_csv_ready(column) for column in table.itercolumns()], names=table.column_names)
    options = csv.WriteOptions(include_header=False)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in table.to_batches(max_chunksize=ROWS_PER_BLOCK):
            block = pa.BufferOutputStream()
            csv.write_csv(batch, block, options)
            copy.write(memoryview(block.getvalue()))


def copy_out(connection: psycopg.Connection[Any], query: sql.Composable, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of `query` in blocks of bounded size; the last block may be empty."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
    block, rows = io.BytesIO(), 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        # Rows kept as objects of their own would cost the garbage collector more than all the rest.
        for line in copy:
            block.write(line)
            rows += 1
            if rows == ROWS_PER_BLOCK or block.tell() > BYTES_PER_BLOCK:
                yield _parse(block.getvalue(), schema)
                block, rows = io.BytesIO(), 0
    yield _parse(block.getvalue(), schema)


def _parse(data: bytes, schema: pa.Schema) -> pa.Table:
    if not data:
        return schema.empty_table()
    # Lists are sent as JSON text, since CSV has no lists.
    types = {field.name: pa.string() if pa.types.is_list(field.type) else field.type for field in schema}
    table = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=schema.names, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for index, field in enumerate(schema):
        if pa.types.is_list(field.type):
            table = table.set_column(index, field, _lists_from_json(table.column(index), field.type))
    return table


def _lists_from_json(column: pa.ChunkedArray, list_type: pa.DataType) -> pa.Array:
    import orjson

    return pa.array([None if v is None else orjson.loads(v) for v in column.to_pylist()], type=list_type)


def select_list(table: Table, names: tuple[str, ...]) -> sql.Composed:
    """The columns as a query must select them so that `copy_out` can read them with the table's Arrow types."""
    parts = []
    for name in names:
        kind = table.column[name].kind
        identifier = sql.Identifier(name)
        if kind in ("number", "rate"):
            digits = ARROW[kind].scale
            identifier = sql.SQL("round({}, {})").format(identifier, digits)  # type: ignore[assignment]
        elif kind in ("text_list", "integer_list"):
            identifier = sql.SQL("to_json({})").format(identifier)  # type: ignore[assignment]
        parts.append(identifier)
    return sql.SQL(", ").join(parts)
