"""Which sources an organisation has, and what each of them gives to a canonical table.

The rules of a source are in `transforms/<source>`; writing what they give is in `storing.py`.
"""

from collections.abc import Generator

import dagster as dg

from sync_assets.defs.canonical.building import start_build
from sync_assets.defs.describe import asset_key
from sync_assets.defs.run_book import Step
from sync_assets.tables.canonical import (
    CONTACT_HISTORY,
    CUSTOMERS,
    PRODUCT_CATALOG,
    SALES_LINES,
    SALES_ORDERS,
    STOCK_LEVELS,
)
from sync_assets.tables.spec import Table
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import MappingRun, SourceMapping, source_mappings
from sync_assets.warehouse import Build, queries

PARTS: dict[Table, str] = {
    CUSTOMERS: "customers",
    PRODUCT_CATALOG: "products",
    SALES_ORDERS: "orders",
    SALES_LINES: "lines",
    STOCK_LEVELS: "stock",
    CONTACT_HISTORY: "contacts",
}


def inputs_for(table: Table, source: str) -> tuple[Table, ...]:
    """What a source maps to a canonical table, nothing for one that gives nothing to it."""
    parts = (getattr(mapping, PARTS[table]) for mapping in source_mappings() if mapping.source == source)
    return next((part.inputs for part in parts if part), ())


def inputs_of(part: str) -> list[dg.AssetKey]:
    """The tables that feed a part of the canonical tables, of all sources."""
    parts = (getattr(mapping, part) for mapping in source_mappings())
    return [asset_key(table) for table in dict.fromkeys(table for one in parts if one for table in one.inputs)]


def mappings_of(step: Step) -> list[SourceMapping]:
    """The sources that the organisation has, or had: what was read from one that is gone stays."""
    known = step.org.sources.names | queries.known_sources(step.warehouse, step.org.org_id)
    return [mapping for mapping in source_mappings() if mapping.source in known]


def mapping_run(step: Step) -> MappingRun:
    org, warehouse = step.org.org_id, step.warehouse
    return MappingRun(
        org=step.org,
        synced_at=step.started_at,
        read=lambda table, columns=None, where=(): warehouse.read(table, org, columns, where),
        read_blocks=lambda table, columns=None, where=(): warehouse.read_blocks(table, org, columns, where),
    )


def map_part(step: Step, part: str) -> dict[str, Mapped]:
    """What each source of the organisation gives to one canonical table."""
    run = mapping_run(step)
    parts = {mapping.source: getattr(mapping, part) for mapping in mappings_of(step)}
    return {source: one.map(run) for source, one in parts.items() if one}


def map_blocks(step: Step) -> Generator[tuple[str, Mapped]]:
    """The order lines of each source, block by block."""
    run = mapping_run(step)
    for mapping in mappings_of(step):
        for mapped in mapping.lines.map(run):
            yield mapping.source, mapped


def start_mapping(step: Step, table: Table, part: str, *more: Table, also: object = "") -> Build:
    """What is known about the last computation of a canonical table; `more` are inputs that every source shares."""
    mappings = mappings_of(step)
    parts = (getattr(mapping, part) for mapping in mappings)
    inputs = dict.fromkeys([*(table for one in parts if one for table in one.inputs), *more])
    return start_build(step, table, *inputs, also=f"{sorted(mapping.source for mapping in mappings)} {also}")
