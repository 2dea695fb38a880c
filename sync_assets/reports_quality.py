"""The mapping and normalisation quality report of one organisation, read from the warehouse, and its JSON and CSV.

The rules are in `transforms/quality.py`, the page for people in `quality_page.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sync_assets.connections import Org
from sync_assets.exports import to_csv, to_json
from sync_assets.sources.isavigne.aliases import read_header
from sync_assets.tables import TABLES
from sync_assets.transforms.feeds import MAPPABLE, Feeds
from sync_assets.transforms.mapping import source_mappings
from sync_assets.transforms.quality import Held, build_report, read_reject
from sync_assets.warehouse import Warehouse, quality, queries

BY_NAME = {(table.schema, table.name): table for table in TABLES}
TABLE_COLUMNS = (
    "source",
    "table",
    "rows",
    "total",
    "mapped",
    "coverage",
    "score",
    "colour",
    "unmapped",
    "required_missing",
)
ANOMALY_COLUMNS = ("severity", "source", "table", "column", "code", "count", "examples")


def quality_report(warehouse: Warehouse, org: Org, *, as_of: datetime) -> dict[str, Any]:
    """The report on all rows that are stored now; its shape is that of `transforms.quality.build_report`."""
    rejects = map(read_reject, quality.group_rejects(warehouse, org.org_id))
    anomalies = [*quality.find_orphans(warehouse, org.org_id), *rejects]
    held = list(_held(warehouse, org))
    return build_report(held, anomalies, org=org.org_id, name=org.name, as_of=as_of.isoformat())


def _held(warehouse: Warehouse, org: Org) -> Iterator[Held]:
    """What each source of the organisation holds in each canonical table that it can feed."""
    known = org.sources.names | queries.known_sources(warehouse, org.org_id)
    all_feeds = {mapping.source: mapping.feeds for mapping in source_mappings() if mapping.source in known}
    given = {source: _given(warehouse, org.org_id, feeds) for source, feeds in all_feeds.items()}
    for name, fields in MAPPABLE.items():
        table = BY_NAME.get(("canonical", name))
        if name == "product_catalog":
            filled = quality.count_products(warehouse, org.org_id, fields)
        else:
            filled = quality.count_filled(warehouse, table, org.org_id, fields) if table else {}
        for source, feeds in all_feeds.items():
            if name in feeds:
                counts = filled.get(source, {"": 0})
                yield Held(name, source, counts[""], counts, feeds[name], given[source])


def _given(warehouse: Warehouse, org: str, feeds: Feeds) -> frozenset[str]:
    """Those of the raw fields behind the feeds that the data has."""
    fields: dict[str, set[str]] = {}
    for by_field in feeds.values():
        for names in by_field.values():
            for raw_table, _, raw_field in (name.partition(".") for name in names):
                fields.setdefault(raw_table, set()).add(raw_field)
    given = set()
    for name, wanted in fields.items():
        table = BY_NAME["raw", name]
        if name.startswith("isavigne_"):
            # Typed columns are filled by rule too; what the files brought is in the cells.
            header = read_header(name.removeprefix("isavigne_"), quality.given_cells(warehouse, table, org))
            found = set(header.columns)
        else:
            found = quality.given_columns(warehouse, table, org, wanted)
        given |= {f"{name}.{field}" for field in found}
    return frozenset(given)


def quality_json(report: dict[str, Any]) -> str:
    return to_json(report)


def quality_csv(report: dict[str, Any]) -> str:
    """One line per table and source."""
    return to_csv(report["tables"], TABLE_COLUMNS)


def anomalies_csv(report: dict[str, Any]) -> str:
    """One line per anomaly."""
    return to_csv(report["anomalies"], ANOMALY_COLUMNS)
