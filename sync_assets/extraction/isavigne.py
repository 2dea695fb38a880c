"""Lands the iSaVigne exports of one organisation: each file with its manifest row in one transaction, all or nothing.

How a file is read does not belong here; see `sources/isavigne`. Canonical specification, sections 3.1 and 3.2.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from sync_assets.clock import utc_now
from sync_assets.connections import IsavigneConnection
from sync_assets.errors import SourceDataError
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.isavigne import FileResult, find_overdue, read_delivery
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES, KINDS, ROWS_OF
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Warehouse, books, reject_books

SOURCE = "isavigne"
FILES = "files"
# What a complete reading of a kind means in ops.sync_status.
STATUS_COLUMNS = {
    "clients": "customers_synced_at",
    "produits": "products_synced_at",
    "ventes": "orders_synced_at",
}
TABLES = {**ROWS_OF, FILES: ISAVIGNE_FILES}
NAMED_FILES = 5
FINDINGS_PER_WRITE = 20_000
# Settings that say where and when files are looked for, not how they are read.
_NOT_ABOUT_ROWS = {"export_path", "settle_seconds", "patterns", "expected_kinds", "max_age_days"}


@dataclass(frozen=True)
class ExportLanding:
    """Where the rows of one run go, and how the run asked for them. `is_full` reads files again that were read before."""

    warehouse: Warehouse
    connection: IsavigneConnection
    org_id: str
    zone: ZoneInfo
    run_id: str
    started_at: datetime
    is_full: bool = False
    # What else the rows depend on besides bytes and settings: the version of the code.
    code: str = ""
    on_progress: Callable[[str, int], None] | None = None

    @property
    def read_with(self) -> str:
        """Changes whenever the same bytes may give other rows."""
        settings = self.connection.model_dump_json(exclude=_NOT_ABOUT_ROWS)
        return hashlib.sha256(f"{settings}\n{self.zone}\n{self.code}".encode()).hexdigest()[:32]


@dataclass
class _Delivery:
    """What became of the files so far: results by kind, and the files that failed, with the reason."""

    results: dict[str, StreamResult]
    failed: list[str] = field(default_factory=list)


class _Refused(Exception):
    """Takes back what was staged of a file that turned out to have failed."""


def read_exports(landing: ExportLanding) -> Iterator[StreamResult]:
    """Lands all pending files; then one result per kind, in the order of KINDS, and one named `files` about the others.

    A failed file changes no row and stops no other. After the last result, raises SourceDataError (`failed_files`) that
    names the failed ones. Raises ConfigurationError when the folder cannot be read.
    """
    begun = time.perf_counter()
    delivery = _Delivery({name: StreamResult(name, entity=str(table)) for name, table in TABLES.items()})
    try:
        known = set() if landing.is_full else _known_hashes(landing)
        files = read_delivery(
            landing.connection, known, org_id=landing.org_id, zone=landing.zone, now=landing.started_at
        )
        for file in files:
            _take(landing, file, delivery)
        _close_superseded(landing)
        _find_overdue(landing, delivery.results[FILES])
    except Exception as error:
        code, message = getattr(error, "code", "unexpected"), str(error).splitlines()[0][:500]
        for name in TABLES:
            _save_state(landing, name, status="failed", error_code=code, error=message)
        raise
    for name, result in delivery.results.items():
        result.seconds = round(time.perf_counter() - begun, 3)
        _finish(landing, name, result)
    yield from delivery.results.values()
    if delivery.failed:
        listed = "; ".join(delivery.failed[:NAMED_FILES])
        more = f" and {len(delivery.failed) - NAMED_FILES} more" if len(delivery.failed) > NAMED_FILES else ""
        raise SourceDataError(
            f"{landing.org_id}: {len(delivery.failed)} files could not be read and changed nothing: {listed}{more}; "
            "correct them, they are tried again on the next run",
            code="failed_files",
        )


def _known_hashes(landing: ExportLanding) -> set[tuple[str, str]]:
    """Files whose bytes would give the same rows and rejects again.

    The others are read again: failed ones, those read with other settings or code, and those with a date that was too
    far in the future on an earlier day.
    """
    columns = ["kind", "file_hash", "status", "read_with", "processed_at"]
    files = landing.warehouse.read(ISAVIGNE_FILES, landing.org_id, columns).to_dict("records")
    too_early = reject_books.files_with(landing.warehouse, landing.org_id, SOURCE, "date_out_of_range")
    today = landing.started_at.astimezone(landing.zone).date()

    def is_known(row: Mapping[Hashable, Any]) -> bool:
        is_waiting = row["file_hash"] in too_early and row["processed_at"].astimezone(landing.zone).date() < today
        return row["status"] != "failed" and row["read_with"] == landing.read_with and not is_waiting

    return {(row["kind"], row["file_hash"]) for row in files if is_known(row)}


def _take(landing: ExportLanding, file: FileResult, delivery: _Delivery) -> None:
    """Lands a pending file; of the others only remarks are kept."""
    result = delivery.results[file.file.kind or FILES]
    if file.state == "pending":
        _land(landing, file, result)
    elif file.state in ("waiting", "already_processed"):
        result.warnings[file.state] += 1
    else:
        findings = [finding for batch in file.batches() for finding in batch.findings]
        _save_findings(landing, findings)
        result.warnings.update(finding["code"] for finding in findings)
    if file.state in ("failed", "unreadable"):
        why = file.manifest.get("message") or "The file cannot be opened; check its permissions"
        delivery.failed.append(f"{file.file.name} ({why})")
        result.status = "failed"
        code = file.manifest.get("code") or "unreadable_file"
        result.problems.append({"code": code, "message": f"{file.file.name}: {why}"})


def _land(landing: ExportLanding, file: FileResult, result: StreamResult) -> None:
    findings: list[dict[str, Any]] = []
    manifest: dict[str, Any] = {}
    begun_at = utc_now()

    def frames() -> Iterator[pd.DataFrame]:
        for batch in file.batches():
            findings.extend(batch.findings)
            yield _stamped(landing, file.table, batch.frame)
            if landing.on_progress:
                landing.on_progress(result.stream, result.extracted + file.counts["rows"])
        manifest.update(file.manifest, counts=orjson.loads(file.manifest["counts"]))
        manifest.update(_books(landing))
        if file.state == "failed":
            raise _Refused

    def book() -> None:
        # Closed first, so that what is still wrong opens again.
        reject_books.close_read_again(
            landing.warehouse,
            landing.org_id,
            SOURCE,
            str(file.file.kind),
            before=begun_at,
            file=file.file.name,
            file_hash=str(file.file_hash),
        )
        _save_findings(landing, findings)

    where = [("file_hash", "=", file.file_hash)]
    try:
        result.changes += landing.warehouse.replace(
            file.table, frames(), landing.org_id, where=where, cursor=manifest, cursor_table=ISAVIGNE_FILES, then=book
        )
    except _Refused:
        row = file.manifest_frame().assign(**_books(landing))
        landing.warehouse.merge(ISAVIGNE_FILES, ISAVIGNE_FILES.frame(row), landing.org_id)
        # Nothing of the file was taken, so nothing that was wrong before is right now.
        _save_findings(landing, findings)
    _count(file, result)
    result.warnings.update(finding["code"] for finding in findings)


def _close_superseded(landing: ExportLanding) -> None:
    for kind, rows in ROWS_OF.items():
        reject_books.close_superseded(
            landing.warehouse, landing.org_id, SOURCE, kind, files=ISAVIGNE_FILES, rows=rows, at=utc_now()
        )


def _books(landing: ExportLanding) -> dict[str, Any]:
    return {"run_id": landing.run_id, "processed_at": landing.started_at, "read_with": landing.read_with}


def _count(file: FileResult, result: StreamResult) -> None:
    result.pages += 1
    result.extracted += file.manifest["rows"]
    result.rejected += file.manifest["rejected"]
    result.warnings.update(orjson.loads(file.manifest["counts"]))
    result.drift += [f"{file.file.name}: {name}" for name in file.manifest["unknown_columns"]]


def _save_findings(landing: ExportLanding, findings: list[dict[str, Any]]) -> None:
    """In blocks, since a file may well have a warning for every row."""
    now = utc_now()
    for first in range(0, len(findings), FINDINGS_PER_WRITE):
        block = findings[first : first + FINDINGS_PER_WRITE]
        reject_books.save_rejects(landing.warehouse, landing.org_id, SOURCE, block, run_id=landing.run_id, at=now)


def _stamped(landing: ExportLanding, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns that say when and by which run they were landed."""
    at = dict.fromkeys(("first_seen_at", "fetched_at"), landing.started_at)
    return table.frame(frame.assign(**at, run_id=landing.run_id)) if len(frame) else table.empty()


def _find_overdue(landing: ExportLanding, result: StreamResult) -> None:
    """Expected kinds that have not come for too long, or never."""
    columns = ["kind", "status", "processed_at"]
    files = landing.warehouse.read(ISAVIGNE_FILES, landing.org_id, columns).to_dict("records")
    latest: dict[str, datetime] = {}
    for row in files:
        if row["status"] != "failed":
            at = row["processed_at"].to_pydatetime()
            latest[row["kind"]] = max(at, latest.get(row["kind"], at))
    for kind in find_overdue(landing.connection, latest, now=landing.started_at):
        when = f"since {latest[kind]:%Y-%m-%d}" if kind in latest else "yet"
        message = f"No file of kind {kind} has come {when}; look whether the export still runs"
        result.problems.append({"code": "export_overdue", "message": message})
    for kind in KINDS:
        if kind not in latest:
            result.warnings["absent"] += 1


def _finish(landing: ExportLanding, name: str, result: StreamResult) -> None:
    table = TABLES[name]
    result.rows_held = books.count_living(
        landing.warehouse, table.schema, table.name, landing.org_id, has_tombstones=False
    )
    if result.status == "failed":
        last = result.problems[-1]
        _save_state(landing, name, status="failed", error_code=last["code"], error=last["message"][:500])
        return
    values = {"error_code": None, "error": None, "succeeded_at": utc_now(), "rows_held": result.rows_held}
    _save_state(landing, name, status="ok", **values)
    if name in STATUS_COLUMNS:
        status = {STATUS_COLUMNS[name]: landing.started_at}
        books.save_status(landing.warehouse, landing.org_id, SOURCE, **status)


def _save_state(landing: ExportLanding, name: str, **values: Any) -> None:
    books.save_stream(landing.warehouse, landing.org_id, SOURCE, name, attempted_at=utc_now(), **values)
