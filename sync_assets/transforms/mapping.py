"""How a source says what it gives to the canonical tables: for each, the raw tables it needs and the function that maps.

Each package or module `transforms/<source>` holds its own `MAPPING`; the rules of a source do not belong here.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from sync_assets.connections import Org
from sync_assets.tables.spec import Table
from sync_assets.transforms.feeds import Feeds
from sync_assets.transforms.mapped import Mapped

Condition = tuple[str, str, Any]


class ReadFrame(Protocol):
    """The organisation's rows of a table as a frame with Arrow types, with the named columns only."""

    def __call__(
        self, table: Table, columns: Sequence[str] | None = None, where: Sequence[Condition] = ()
    ) -> pd.DataFrame: ...


class ReadBlocks(Protocol):
    """The same rows in Arrow blocks of bounded size."""

    def __call__(
        self, table: Table, columns: Sequence[str] | None = None, where: Sequence[Condition] = ()
    ) -> Iterator[pa.Table]: ...


@dataclass(frozen=True)
class MappingRun:
    """What a mapping may use: its organisation, the start of the run, and the tables to read."""

    org: Org
    synced_at: datetime
    read: ReadFrame
    read_blocks: ReadBlocks


@dataclass(frozen=True)
class Part:
    """One canonical table of one source: the raw tables that feed it, and the function that maps them.

    The first input is the one whose rows become the rows of the canonical table.
    """

    inputs: tuple[Table, ...]
    map: Callable[[MappingRun], Mapped]


@dataclass(frozen=True)
class ProductPart:
    """As Part; the function also returns the rows to add to ops.product_keys."""

    inputs: tuple[Table, ...]
    map: Callable[[MappingRun], tuple[Mapped, pd.DataFrame]]


@dataclass(frozen=True)
class LinePart:
    """As Part, block by block, since order lines are the largest table of all."""

    inputs: tuple[Table, ...]
    map: Callable[[MappingRun], Iterator[Mapped]]


@dataclass(frozen=True)
class SourceMapping:
    """All that a source gives to the canonical tables: `contacts` by those that know whom they wrote to.

    `feeds` says which of its fields end where.
    """

    source: str
    customers: Part
    products: ProductPart
    orders: Part
    lines: LinePart
    stock: Part
    contacts: Part | None = None
    feeds: Feeds = field(default_factory=dict)


@cache
def source_mappings() -> tuple[SourceMapping, ...]:
    """The `MAPPING` of every source, by name."""
    package = import_module("sync_assets.transforms")
    modules = (import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__))
    found: list[Any] = [module.MAPPING for module in modules if hasattr(module, "MAPPING")]
    return tuple(sorted(found, key=lambda mapping: str(mapping.source)))
