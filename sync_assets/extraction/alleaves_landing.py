"""What the readings of one Alleaves account share: where rows go, their stamps, their findings, the stream's state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from sync_assets.clock import utc_now
from sync_assets.connections import AlleavesConnection
from sync_assets.errors import SourceDataError
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.alleaves import AlleavesClient, Issue, Rules, decode_order, store_timezone
from sync_assets.tables.raw import ALLEAVES_LOCATIONS
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Warehouse, books, reject_books

SOURCE = "alleaves"
# More unreadable rows than this share mean that something is wrong with the whole, not with single rows.
REJECT_LIMIT_PERCENT = 20
Row = dict[str, Any]


@dataclass(frozen=True)
class PosLanding:
    """Where the rows of one run go, and how the run asked for them."""

    warehouse: Warehouse
    client: AlleavesClient
    connection: AlleavesConnection
    org_id: str
    run_id: str
    started_at: datetime
    is_full: bool = False
    accept_shrink: bool = False
    on_progress: Callable[[str, int], None] | None = None

    def rules(self) -> Rules:
        """How rows are read, with the time zone of the store as far as it is known."""
        stored = self.warehouse.read(ALLEAVES_LOCATIONS, self.org_id, ["location_id", "timezone"])
        known = [{str(k): v for k, v in row.items()} for row in stored.to_dict("records")]
        zone = store_timezone(known, self.client.location_ids, self.connection.timezone)
        location_ids = tuple(self.client.location_ids)
        return Rules.of(
            self.connection, org_id=self.org_id, now=self.started_at, location_ids=location_ids, timezone=zone
        )


@contextmanager
def reading(landing: PosLanding, stream: str, table: Table, *, is_whole: bool = True) -> Iterator[StreamResult]:
    """One stream's reading: times it, counts calls, records its findings and how it ended.

    A reading that is not of the whole list closes older findings only of the records that it met.
    """
    result = StreamResult(stream, entity=str(table))
    begun, calls_before = time.perf_counter(), landing.client.calls
    state: dict[str, Any] = {"status": "ok", "error_code": None, "error": None}
    try:
        yield result
        flush(landing, result)
        keys = None if is_whole else sorted(result.keys_read)
        reject_books.close_rejects(
            landing.warehouse, landing.org_id, SOURCE, result.entity, before=landing.started_at, record_keys=keys
        )
    except Exception as error:
        state = {
            "status": "failed",
            "error_code": getattr(error, "code", "unexpected"),
            "error": str(error).splitlines()[0][:500],
        }
        raise
    finally:
        _take_notes(landing, result)
        result.seconds = round(time.perf_counter() - begun, 3)
        result.calls = landing.client.calls - calls_before
        flush(landing, result)
        _save_state(landing, stream, table, result, state)


def _take_notes(landing: PosLanding, result: StreamResult) -> None:
    """What the client remarked about whole lists."""
    for note in landing.client.notes:
        result.warnings[note.code] += note.count
        if note.code != "duplicates_in_fetch":
            result.problems.append({"code": note.code, "message": note.message})
    landing.client.notes.clear()


def _save_state(landing: PosLanding, stream: str, table: Table, result: StreamResult, state: dict[str, Any]) -> None:
    now = utc_now()
    if state["status"] == "ok":
        result.rows_held = books.count_living(
            landing.warehouse, table.schema, table.name, landing.org_id, has_tombstones=False
        )
        state |= {"succeeded_at": now, "rows_held": result.rows_held}
    books.save_stream(landing.warehouse, landing.org_id, SOURCE, stream, attempted_at=now, **state)


def tell(landing: PosLanding, result: StreamResult, decoded: tuple[Row | None, list[Issue]]) -> Row | None:
    """Counts a decoded row and keeps its findings; the row itself, if there is one."""
    row, issues = decoded
    result.extracted += 1
    _note(landing, result, issues)
    if row is None and any(issue.severity == "error" for issue in issues):
        result.rejected += 1
    _tell_progress(landing, result)
    return row


def tell_order(
    landing: PosLanding, result: StreamResult, element: Any, rules: Rules, location_id: str | None
) -> tuple[Row, list[Row]] | None:
    """As `tell`, for an order with its lines."""
    order, lines, issues = decode_order(element, rules, location_id=location_id)
    row = tell(landing, result, (order, issues))
    if row is not None:
        result.keys_read.add(row["order_id"])
    return None if row is None else (row, lines)


def _note(landing: PosLanding, result: StreamResult, issues: list[Issue]) -> None:
    for issue in issues:
        result.warnings[issue.code] += 1
        if issue.severity != "info":
            result.findings.append({**issue.reject(), "entity": result.entity})
    if len(result.findings) >= 1000:
        flush(landing, result)


def flush(landing: PosLanding, result: StreamResult) -> None:
    """Writes the findings collected so far, so that a bad account does not fill the memory."""
    if result.findings:
        reject_books.save_rejects(
            landing.warehouse, landing.org_id, SOURCE, result.findings, run_id=landing.run_id, at=landing.started_at
        )
        result.findings.clear()


def _tell_progress(landing: PosLanding, result: StreamResult) -> None:
    if landing.on_progress:
        landing.on_progress(result.stream, result.extracted)


def stamped(landing: PosLanding, table: Table, rows: list[Row]) -> pd.DataFrame:
    """The rows as a frame of `table`, with the columns that say when and by which run a row was landed."""
    frame = table.frame(rows)
    for name in {"first_seen_at", "fetched_at"} & set(table.column):
        frame[name] = pd.Series([landing.started_at] * len(frame), dtype=frame[name].dtype)
    frame["run_id"] = pd.Series([landing.run_id] * len(frame), dtype=frame["run_id"].dtype)
    return frame


def keep_last(frames: list[pd.DataFrame], table: Table, result: StreamResult) -> pd.DataFrame:
    """One frame of them all; of rows that came twice the one read last, the others are counted."""
    everything = pd.concat([table.empty(), *frames], ignore_index=True)
    newest = everything.drop_duplicates(list(table.key), keep="last", ignore_index=True)
    result.warnings["duplicates_in_fetch"] += len(everything) - len(newest)
    return newest


def check_reject_rate(landing: PosLanding, what: str, rejected: int, received: int) -> None:
    """Raises SourceDataError above the alarm limit."""
    if 100 * rejected > REJECT_LIMIT_PERCENT * received:
        raise SourceDataError(
            f"{landing.org_id}: {rejected} of {received} {what} cannot be read, more than {REJECT_LIMIT_PERCENT} %; "
            "look at ops.rejected_rows for the reasons",
            code="reject_rate",
        )
