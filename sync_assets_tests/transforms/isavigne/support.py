"""Sample cases and files from text, read and mapped to all canonical tables without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sync_assets.connections import Org
from sync_assets.tables.canonical import PRODUCT_CATALOG, TABLES
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES, ROWS_OF
from sync_assets.tables.spec import Table
from sync_assets.transforms.isavigne import MAPPING
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import MappingRun
from sync_assets_tests.sources.isavigne.support import CASES, Read, read_folder

NOW = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
CONTRACTS = {table.name: table for table in TABLES}


@dataclass
class World:
    """What the mapping made of some files, by canonical table."""

    parts: dict[str, Mapped]
    org: Org
    keys: pd.DataFrame

    def __getitem__(self, name: str) -> Mapped:
        return self.parts[name]

    def by(self, name: str, key: str, *columns: str) -> dict[Any, Any]:
        frame = self.parts[name].frame
        values = [plain(frame, column) for column in columns]
        rows = values[0] if len(values) == 1 else zip(*values, strict=True)
        return dict(zip(plain(frame, key), rows, strict=True))

    def codes(self, name: str) -> list[tuple[str, str]]:
        return sorted((f["record_key"], f["code"]) for f in self.parts[name].rejects)


def plain(frame: pd.DataFrame, column: str) -> list[Any]:
    return frame[column].array.__arrow_array__().to_pylist()


def org_of(settings: dict[str, Any] | None = None, **more: Any) -> Org:
    isavigne = {"export_path": ".", "settle_seconds": 0, **(settings or {})}
    return Org.model_validate({"org_id": "acme", "name": "Acme", "sources": {"isavigne": isavigne}, **more})


def raw_frames(reads: list[Read]) -> dict[str, pd.DataFrame]:
    """Raw tables by name, as the landing would hold them."""
    frames = {}
    for kind, table in ROWS_OF.items():
        rows = [read.frame for read in reads if read.result.file.kind == kind and len(read.frame)]
        frames[table.name] = pd.concat(rows, ignore_index=True) if rows else table.empty()
    frames[ISAVIGNE_FILES.name] = ISAVIGNE_FILES.frame([read.manifest for read in reads if read.manifest])
    return frames


def map_reads(reads: list[Read], org: Org | None = None, keys: pd.DataFrame | None = None) -> World:
    """All canonical tables; every mapping accounts for all its rows and keeps its contract."""
    org = org or org_of()
    frames = raw_frames(reads)
    frames[PRODUCT_KEYS.name] = PRODUCT_KEYS.empty() if keys is None else keys
    frames[PRODUCT_CATALOG.name] = PRODUCT_CATALOG.empty()

    def read(table: Table, columns: Any = None, where: Any = ()) -> pd.DataFrame:
        frame = frames[table.name]
        return frame if columns is None else frame[list(columns)]

    run = MappingRun(org, NOW, read, None)  # type: ignore[arg-type]
    products, new_keys = MAPPING.products.map(run)
    frames[PRODUCT_KEYS.name] = pd.concat([frames[PRODUCT_KEYS.name], new_keys], ignore_index=True)
    frames[PRODUCT_CATALOG.name] = products.frame
    assert MAPPING.contacts is not None
    parts = {
        "product_catalog": products,
        "customers": MAPPING.customers.map(run),
        "sales_orders": MAPPING.orders.map(run),
        "sales_lines": next(iter(MAPPING.lines.map(run))),
        "stock_levels": MAPPING.stock.map(run),
        "contact_history": MAPPING.contacts.map(run),
    }
    kinds = dict(zip(parts, ("produits", "clients", "ventes", "ventes", "stock", "contacts"), strict=True))
    for name, mapped in parts.items():
        CONTRACTS[name].contract.validate(mapped.frame)
        assert mapped.rows_in == len(frames[ROWS_OF[kinds[name]].name]), name
    return World(parts, org, frames[PRODUCT_KEYS.name])


def map_case(number: int, org: Org | None = None, **settings: Any) -> World:
    folder = next(CASES.glob(f"{number:02d}_*"))
    return map_reads(read_folder(folder, **settings), org or org_of(settings))


def map_texts(folder: Path, files: dict[str, str], org: Org | None = None, **settings: Any) -> World:
    """What files with these names and contents give."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return map_reads(read_folder(folder, **settings), org or org_of(settings))
