"""A delivery: the files of an export folder one after the other, each as batches of typed rows and a manifest row.

Writing them does not belong here. Whoever does writes the batches of one file and its manifest row together, and drops
the rows again when the file turns out to have failed. Canonical specification, sections 3.1 and 3.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import IsavigneConnection
from sync_assets.errors import SourceDataError
from sync_assets.sources.isavigne.bytes_to_cells import Layout, Row, detect_encoding, find_layout, read_rows
from sync_assets.sources.isavigne.chunks import ROWS_PER_CHUNK, Chunk, read_chunks
from sync_assets.sources.isavigne.clients import read_clients
from sync_assets.sources.isavigne.contacts import read_contacts
from sync_assets.sources.isavigne.files import REFUSED_TYPES, ExportFile, find_files, hash_file, modified
from sync_assets.sources.isavigne.findings import RAW_LIMIT, Finding, Findings
from sync_assets.sources.isavigne.produits import read_produits
from sync_assets.sources.isavigne.reading import Reading
from sync_assets.sources.isavigne.stock import read_stock
from sync_assets.sources.isavigne.ventes import read_ventes
from sync_assets.sources.isavigne.workbooks import find_sheet, read_sheet
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES, ROWS_OF
from sync_assets.tables.spec import Table
from sync_assets.transforms.columns import to_frame

# Rows that are left out on purpose; other counted codes are about rows that are landed.
SKIPS = ("footer_row", "not_a_sale")
_WITHOUT_CONTENT = {
    "unknown_kind": ("unknown_kind", "warning", "The name says no kind of file; it was left alone"),
    "unreadable": ("unreadable_file", "fatal", "The file cannot be opened; check its permissions"),
}
_GARBLED_SHARE = Decimal("0.01")
_READERS: dict[str, Callable[[Chunk, Reading, Findings], dict[str, Any]]] = {
    "clients": read_clients,
    "produits": read_produits,
    "stock": read_stock,
    "contacts": read_contacts,
}


@dataclass(frozen=True)
class Batch:
    """Some accepted rows of one file, as a frame of its raw table, and findings as rows for ops.rejected_rows."""

    frame: pd.DataFrame
    findings: list[Finding]


@dataclass
class FileResult:
    """One file of a delivery.

    `state` is unknown_kind, unreadable, waiting, already_processed, or pending. When the batches of a pending file have
    been taken, `manifest` is its row for raw.isavigne_files (without run_id and processed_at) and `state` its status:
    ok, empty or failed. Nothing of a failed file may be kept but its findings and its manifest row.
    """

    org_id: str
    file: ExportFile
    settings: IsavigneConnection
    zone: ZoneInfo
    today: date
    state: str
    file_hash: str | None = None
    chunk_size: int = ROWS_PER_CHUNK
    manifest: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    layout: Layout | None = None

    @property
    def table(self) -> Table:
        assert self.file.kind
        return ROWS_OF[self.file.kind]

    def batches(self) -> Iterator[Batch]:
        """Reads the file; never raises for what is in it. The last batch has the findings about the file itself."""
        if self.state in _WITHOUT_CONTENT:
            yield Batch(pd.DataFrame(), self._place([_about_file(*_WITHOUT_CONTENT[self.state])]))
        if self.state != "pending":
            return
        try:
            yield from self._read()
            self._check_unchanged()
            code, message = self._judge()
        except SourceDataError as error:
            code, message = error.code, error.message
        except OSError as error:
            code, message = "unreadable_file", f"The file cannot be read ({error.strerror}); check its permissions"
        self._finish(code, message)
        yield Batch(self.table.empty(), self._file_findings(code, message))

    def manifest_frame(self) -> pd.DataFrame:
        return ISAVIGNE_FILES.frame([self.manifest])

    def _read(self) -> Iterator[Batch]:
        self.layout, rows = open_file(self.file, self.settings)
        is_workbook = self.layout.sheet is not None
        reading = Reading(self.settings, self.zone, self.today, self.file.effective_date, is_workbook)
        for chunk in read_chunks(rows, self.layout.header, self.chunk_size):
            yield self._batch(chunk, reading)

    def _batch(self, chunk: Chunk, reading: Reading) -> Batch:
        findings = Findings(chunk)
        nothing: Any = pa.array([False] * len(chunk), pa.bool_())
        if self.file.kind == "ventes":
            columns, is_skipped = read_ventes(chunk, reading, findings)
        else:
            columns, is_skipped = _READERS[str(self.file.kind)](chunk, reading, findings), nothing
        is_kept = pc.invert(pc.or_(findings.rejected, is_skipped))
        found = findings.to_rows(columns["record_key"], is_skipped) + _torn_rows(chunk)
        rows = self._place(sorted(found, key=lambda row: row["row_number"]))
        kept = {name: values.filter(is_kept) for name, values in columns.items()}
        if self.file.kind == "ventes":
            self.counts["not_a_sale"] += pc.sum(is_skipped).as_py() or 0
            self.counts["anonymous_sale"] += kept["client_code"].null_count
        accepted = pc.sum(is_kept).as_py() or 0
        self.counts.update(chunk.counts)
        self.counts["rows"] += len(chunk) + len(chunk.torn) + chunk.counts["footer_row"]
        self.counts["accepted"] += accepted
        self.counts["garbled"] += chunk.garbled
        self.counts["rejected"] += sum(row["severity"] == "error" for row in rows)
        self.counts["warnings"] += sum(row["severity"] == "warning" for row in rows)
        common = {
            "org_id": self.org_id,
            "file_hash": self.file_hash,
            "row_number": chunk.numbers.filter(is_kept),
            "effective_date": self.file.effective_date,
            "cells": chunk.cells.filter(is_kept),
        }
        return Batch(to_frame(self.table, accepted, {**common, **kept}), rows)

    def _check_unchanged(self) -> None:
        status = self.file.path.stat()
        if (status.st_size, modified(status)) != (self.file.size_bytes, self.file.modified_at):
            raise SourceDataError(
                "The file changed while it was read; the next run reads it again", code="file_changed"
            )

    def _judge(self) -> tuple[str | None, str | None]:
        rejected, data_rows = self.counts["rejected"], self.counts["rows"] - self.counts["footer_row"]
        if rejected > Decimal(str(self.settings.reject_limit)) * data_rows:
            share = f"{rejected} of {data_rows} rows cannot be read"
            return "reject_rate", f"{share}, more than the limit of {self.settings.reject_limit:.0%}"
        return (None, None) if data_rows else ("empty_file", "The file has no rows below its header")

    def _finish(self, code: str | None, message: str | None) -> None:
        self.state = "failed" if code not in (None, "empty_file") else "empty" if code else "ok"
        header = self.layout.header if self.layout else None
        informed = {name: self.counts[name] for name in (*SKIPS, "anonymous_sale", "blank_row") if self.counts[name]}
        self.manifest = {
            "org_id": self.org_id,
            "kind": self.file.kind,
            "file_hash": self.file_hash,
            "name": self.file.name,
            "size_bytes": self.file.size_bytes,
            "modified_at": self.file.modified_at,
            "effective_date": self.file.effective_date,
            "encoding": self.layout.encoding if self.layout else None,
            "delimiter": self.layout.delimiter if self.layout else None,
            "header_row": self.layout.header_row if self.layout else None,
            "dialect": header.dialect if header else None,
            "unknown_columns": list(header.unknown) if header else [],
            **{name: self.counts[name] for name in ("rows", "accepted", "rejected", "warnings")},
            "skipped": sum(self.counts[name] for name in SKIPS),
            "counts": orjson.dumps(informed).decode(),
            "status": self.state,
            "code": code,
            "message": message,
        }

    def _file_findings(self, code: str | None, message: str | None) -> list[Finding]:
        found = []
        if code:
            found.append(_about_file(code, "warning" if code == "empty_file" else "fatal", message or code))
        if self.counts["garbled"] > _GARBLED_SHARE * max(1, self.counts["rows"]):
            text = f"{self.counts['garbled']} rows look like UTF-8 read as cp1252; export the file again"
            found.append(_about_file("mojibake", "warning", text))
        for name, positions in (self.layout.header.columns if self.layout else {}).items():
            if len(positions) > 1 and code != "duplicate_column":
                text = f"{len(positions)} columns mean {name} and are equal; the first is used"
                found.append(_about_file("duplicate_column", "warning", text))
        self.manifest["warnings"] += sum(entry["severity"] == "warning" for entry in found)
        return self._place(found)

    def _place(self, findings: list[Finding]) -> list[Finding]:
        place = {"entity": self.file.kind or "file", "file": self.file.name, "file_hash": self.file_hash}
        return [{**place, **finding} for finding in findings]


def read_delivery(
    settings: IsavigneConnection,
    known_hashes: Collection[tuple[str, str]] = (),
    *,
    org_id: str,
    zone: ZoneInfo,
    now: datetime,
) -> Iterator[FileResult]:
    """The files of the export folder in the order of processing.

    `known_hashes` are kind and SHA-256 of the files that were read before with status ok or empty; a failed file is
    tried again. Raises ConfigurationError when the folder cannot be read.
    """
    known = set(known_hashes)
    for file in find_files(settings, zone, now=now):
        result = FileResult(org_id, file, settings, zone, now.astimezone(zone).date(), "pending")
        if file.kind is None:
            result.state = "unknown_kind"
        elif file.waits:
            result.state = "waiting"
        else:
            try:
                result.file_hash = hash_file(file.path)
            except OSError:
                result.state = "unreadable"
            if (file.kind, result.file_hash) in known:
                result.state = "already_processed"
        yield result
        if result.state in ("ok", "empty") and file.kind and result.file_hash:
            known.add((file.kind, result.file_hash))


def find_overdue(settings: IsavigneConnection, latest: dict[str, datetime], *, now: datetime) -> list[str]:
    """Expected kinds whose last processed file is older than `max_age_days`, or that never came.

    `latest` gives by kind when a file was last processed.
    """
    oldest = now - timedelta(days=settings.max_age_days)
    return [kind for kind in settings.expected_kinds if kind not in latest or latest[kind] < oldest]


def open_file(file: ExportFile, settings: IsavigneConnection) -> tuple[Layout, Iterable[Row]]:
    """How a file is read, and its rows. Raises SourceDataError when it cannot be, OSError."""
    assert file.kind
    if file.type in REFUSED_TYPES:
        raise SourceDataError(
            f"Files of type {file.type} are not read; save it as .xlsx or .csv", code="unsupported_type"
        )
    if not file.size_bytes:
        raise SourceDataError("The file has no bytes; export it again", code="zero_bytes")
    if file.type == ".xlsx":
        layout = find_sheet(file.path, file.kind, settings)
        assert layout.sheet is not None
        return layout, read_sheet(file.path, layout.sheet, settings, layout.data_row)
    encoding = detect_encoding(file.path, settings.encoding)
    layout = find_layout(file.path, file.kind, encoding, settings.delimiter)
    return layout, read_rows(file.path, layout)


def _torn_rows(chunk: Chunk) -> list[Finding]:
    message = "The row has not the cells that the header has."
    return [
        {
            "record_key": None,
            "row_number": number,
            "column_name": None,
            "raw_value": text[:RAW_LIMIT],
            "code": "ragged_row",
            "severity": "error",
            "message": message,
        }
        for number, text in chunk.torn
    ]


def _about_file(code: str, severity: str, message: str) -> Finding:
    place = dict.fromkeys(("record_key", "row_number", "column_name", "raw_value"))
    return {**place, "code": code, "severity": severity, "message": message}
