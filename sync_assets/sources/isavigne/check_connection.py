"""The connection test of an export folder: can it be read, what is there, and how the newest file of each kind would be
read. Nothing is written, and no file is read further than its header."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sync_assets.connections import IsavigneConnection
from sync_assets.errors import SyncError
from sync_assets.sources.checks import ConnectionReport
from sync_assets.sources.isavigne.delivery import open_file
from sync_assets.sources.isavigne.files import ExportFile, find_files
from sync_assets.tables.raw.isavigne import KINDS

NAMED = 3


def test_connection(settings: IsavigneConnection, zone: ZoneInfo, *, org: str, now: datetime) -> ConnectionReport:
    """One check for the folder, and one for each kind of file; expected failures become checks, never exceptions."""
    report = ConnectionReport(org)
    try:
        files = find_files(settings, zone, now=now)
    except SyncError as error:
        report.fail("folder", error)
        for kind in KINDS:
            report.add(kind, "skipped", "Not tried, since the folder cannot be read")
        return report
    report.add("folder", "good", f"{settings.export_path}, {len(files)} files")
    for kind in KINDS:
        _check_kind(report, settings, kind, [file for file in files if file.kind == kind])
    if nameless := [file.name for file in files if file.kind is None]:
        more = f" and {len(nameless) - NAMED} more" if len(nameless) > NAMED else ""
        report.add("names", "warning", f"Their names say no kind: {', '.join(nameless[:NAMED])}{more}")
    return report


def _check_kind(report: ConnectionReport, settings: IsavigneConnection, kind: str, files: list[ExportFile]) -> None:
    if not files:
        status = "warning" if kind in settings.expected_kinds else "skipped"
        report.add(kind, status, "No file")  # type: ignore[arg-type]
        return
    newest = files[-1]
    try:
        layout, _ = open_file(newest, settings)
    except SyncError as error:
        report.fail(kind, type(error)(f"{newest.name}: {error.message}", code=error.code))
    except OSError as error:
        report.add(kind, "bad", f"{newest.name} cannot be read ({error.strerror}); check its permissions")
    else:
        how = ", ".join(filter(None, (layout.encoding, layout.delimiter and repr(layout.delimiter), layout.sheet)))
        unknown = f"; not read: {', '.join(layout.header.unknown)}" if layout.header.unknown else ""
        report.add(
            kind,
            "good",
            f"{len(files)} files, the newest {newest.name} ({how}, {layout.header.known} columns{unknown})",
        )
