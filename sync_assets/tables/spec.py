"""How a table is described: once, here, as a `Table` of `Column`s.

The contract (pandera), the SQL table (SQLAlchemy, Alembic) and the data dictionary derive from it; there is no second
truth. What does not belong here: the tables themselves, and anything that reads or writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa_contract
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Kind = Literal[
    "text",
    "integer",
    "number",
    "rate",
    "quantity",
    "money",
    "percent",
    "measure",
    "ratio",
    "timestamp",
    "date",
    "boolean",
    "json",
    "text_list",
    "integer_list",
]

# When a column is written: with its row's content; only when the row is born; when the row's content changes; on every
# run that processes the row; or by the database itself. Only "content" decides whether a row differs.
Written = Literal["content", "on_insert", "on_change", "always", "generated"]

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.decimal128(28, 8),
    # A divisor: what is lost of a small one, such as 0.0062, is multiplied by every amount.
    "rate": pa.decimal128(38, 18),
    "quantity": pa.decimal128(18, 3),
    "money": pa.decimal128(18, 2),
    "percent": pa.decimal128(9, 2),
    "measure": pa.decimal128(9, 2),
    "ratio": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "json": pa.string(),
    "text_list": pa.list_(pa.string()),
    "integer_list": pa.list_(pa.int64()),
}

SQL: dict[str, Any] = {
    "text": sa.Text(),
    "integer": sa.BigInteger(),
    # A source's own decimal number, kept digit for digit as it was received.
    "number": sa.Numeric(),
    "rate": sa.Numeric(),
    "quantity": sa.Numeric(18, 3),
    "money": sa.Numeric(18, 2),
    "percent": sa.Numeric(9, 2),
    "measure": sa.Numeric(9, 2),
    "ratio": sa.Double(),
    "timestamp": sa.DateTime(timezone=True),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
    "json": postgresql.JSONB(none_as_null=True),
    "text_list": postgresql.ARRAY(sa.Text()),
    "integer_list": postgresql.ARRAY(sa.BigInteger()),
}


@dataclass(frozen=True)
class Column:
    """One column: `allowed` lists the only values, `minimum` and `maximum` are inclusive bounds.

    `personal` columns (names, addresses, numbers of people) never leave the tables for logs or metadata.
    """

    name: str
    kind: Kind
    description: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    written: Written = "content"
    default: str | None = None
    personal: bool = False

    @property
    def arrow_type(self) -> pa.DataType:
        return ARROW[self.kind]

    def contract(self) -> pa_contract.Column:
        checks = []
        if self.allowed:
            checks.append(pa_contract.Check.isin(self.allowed))
        if self.minimum is not None:
            checks.append(pa_contract.Check.ge(self.minimum))
        if self.maximum is not None:
            checks.append(pa_contract.Check.le(self.maximum))
        return pa_contract.Column(pd.ArrowDtype(self.arrow_type), checks=checks, nullable=self.nullable)

    def sql(self) -> sa.Column[Any]:
        if self.written == "generated":
            return sa.Column(
                self.name, SQL[self.kind], sa.Identity(always=False), nullable=False, comment=self.description
            )
        default = sa.text(self.default) if self.default is not None else None
        return sa.Column(
            self.name, SQL[self.kind], nullable=self.nullable, server_default=default, comment=self.description
        )


def field_columns(text: str, personal: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Columns from lines of `name kind description`; all are nullable, since a source may leave any field empty."""
    columns = []
    for line in text.strip().splitlines():
        name, kind, description = line.split(None, 2)
        typed: Kind = kind  # type: ignore[assignment]
        columns.append(Column(name, typed, description, nullable=True, personal=name in personal))
    return tuple(columns)


@dataclass(frozen=True)
class Table:
    """One table: `schema.name` in PostgreSQL, [schema, name] as asset key. `key` is the primary key, org_id first."""

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @cached_property
    def column(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def frame_columns(self) -> tuple[str, ...]:
        """The columns a frame carries: all but those which the database generates."""
        return tuple(c.name for c in self.columns if c.written != "generated")

    def written(self, *when: Written) -> tuple[str, ...]:
        """Names of the non-key columns that are written at one of the given times."""
        return tuple(c.name for c in self.columns if c.written in when and c.name not in self.key)

    def arrow_schema(self, columns: Iterable[str] | None = None) -> pa.Schema:
        names = self.frame_columns if columns is None else tuple(columns)
        return pa.schema([pa.field(n, self.column[n].arrow_type) for n in names])

    def empty(self) -> pd.DataFrame:
        return self.frame({})

    def frame(self, values: pd.DataFrame | dict[str, Any] | list[dict[str, Any]]) -> pd.DataFrame:
        """`values` as a frame with exactly this table's columns and Arrow types; a missing column becomes null.

        Raises pyarrow.ArrowInvalid or ArrowTypeError when a value does not fit its kind.
        """
        source = pd.DataFrame(values) if isinstance(values, dict) else values
        return pd.DataFrame(
            {name: pd.arrays.ArrowExtensionArray(self._array(source, name)) for name in self.frame_columns}
        )

    def _array(self, source: pd.DataFrame | list[dict[str, Any]], name: str) -> pa.Array | pa.ChunkedArray:
        arrow_type = self.column[name].arrow_type
        if isinstance(source, list):
            # Plain rows skip pandas, which would first guess a type for each column.
            return _plain_to_arrow([row.get(name) for row in source], arrow_type)
        if name not in source.columns:
            return pa.nulls(len(source), arrow_type)
        return _to_arrow(source[name], arrow_type)

    @cached_property
    def contract(self) -> pa_contract.DataFrameSchema:
        """The pandera schema a frame must pass before it is written."""
        return pa_contract.DataFrameSchema(
            {n: self.column[n].contract() for n in self.frame_columns},
            unique=list(self.key),
            strict=True,
            name=str(self),
        )

    def sql(self, metadata: sa.MetaData) -> sa.Table:
        return sa.Table(
            self.name,
            metadata,
            *[column.sql() for column in self.columns],
            sa.PrimaryKeyConstraint(*self.key, name=f"{self.name}_pkey"),
            *[sa.UniqueConstraint(*names, name=f"{self.name}_{names[-1]}_key") for names in self.unique],
            *[sa.Index(f"{self.name}_{'_'.join(names[1:])}_idx", *names) for names in self.indexes],
            schema=self.schema,
            comment=self.description,
        )


def _to_arrow(series: pd.Series, arrow_type: pa.DataType) -> pa.ChunkedArray | pa.Array:
    if isinstance(series.dtype, pd.ArrowDtype):
        array = series.array.__arrow_array__()
        return array if array.type == arrow_type else array.cast(arrow_type)
    # pandas keeps None as a float NaN in numpy columns and strings need parsing, so go through plain Python values.
    return _plain_to_arrow(series.astype(object).where(series.notna(), None).tolist(), arrow_type)


def _plain_to_arrow(values: list[Any], arrow_type: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(arrow_type) and any(isinstance(value, str) for value in values):
        return pa.array(values, type=pa.string()).cast(arrow_type)
    return pa.array(values, type=arrow_type)
