"""Reading deliveries in tests: whole folders, the sample cases, files from text."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sync_assets.connections import IsavigneConnection
from sync_assets.settings import PROJECT_ROOT
from sync_assets.sources.isavigne import FileResult, read_delivery
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES, ROWS_OF
from sync_assets.transforms.isavigne.standing import Standing, find_standing

CASES = PROJECT_ROOT / "data" / "isavigne" / "cases"
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)


@dataclass
class Read:
    """A file that was read to its end."""

    result: FileResult
    frame: pd.DataFrame
    findings: list[dict[str, Any]]

    @property
    def manifest(self) -> dict[str, Any]:
        return self.result.manifest

    def column(self, name: str) -> list[Any]:
        return [None if value is pd.NA or value is pd.NaT else value for value in self.frame[name].tolist()]

    def by(self, key: str, *names: str) -> dict[Any, Any]:
        """By key column the other column, or the tuple of several."""
        values = [self.column(name) for name in names]
        rows = values[0] if len(names) == 1 else zip(*values, strict=True)
        return dict(zip(self.column(key), rows, strict=True))

    def codes(self) -> list[tuple[int | None, str, str | None]]:
        return [(found["row_number"], found["code"], found["column_name"]) for found in self.findings]


def read_folder(
    folder: Path, known: Any = (), *, now: datetime = NOW, chunk_size: int | None = None, **settings: Any
) -> list[Read]:
    connection = IsavigneConnection(export_path=folder, **{"settle_seconds": 0, **settings})
    reads = []
    for result in read_delivery(connection, known, org_id="acme", zone=PARIS, now=now):
        result.chunk_size = chunk_size or result.chunk_size
        batches = list(result.batches())
        kind = result.file.kind
        frame = pd.concat([b.frame for b in batches if len(b.frame)] or [ROWS_OF[kind].empty()]) if kind else None
        if result.state == "failed":
            frame = ROWS_OF[kind].empty()
        reads.append(Read(result, frame, [finding for batch in batches for finding in batch.findings]))
    return reads


def read_case(number: int, *, kind: str | None = None, **settings: Any) -> list[Read]:
    """The files of a sample case, or those of one kind."""
    folder = next(CASES.glob(f"{number:02d}_*"))
    return [read for read in read_folder(folder, **settings) if kind in (None, read.result.file.kind)]


def read_text(folder: Path, name: str, text: str | bytes, **settings: Any) -> Read:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    reads = read_folder(folder, **settings)
    return next(read for read in reads if read.result.file.name == name)


def standing(reads: list[Read], kind: str, **options: Any) -> Standing:
    """What stands after all these files."""
    mine = [read for read in reads if read.result.file.kind == kind and read.manifest]
    rows = pd.concat([read.frame for read in mine if len(read.frame)] or [ROWS_OF[kind].empty()], ignore_index=True)
    files = ISAVIGNE_FILES.frame([read.manifest for read in mine])
    return find_standing(kind, rows, files, **options)


def copy_case(number: int, target: Path) -> Path:
    shutil.copytree(next(CASES.glob(f"{number:02d}_*")), target, dirs_exist_ok=True)
    return target


def touch(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))
