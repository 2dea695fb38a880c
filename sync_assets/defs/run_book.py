"""One organisation's run: what is known about it so far, and what each of its steps may use and must report."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sync_assets.connections import Org
from sync_assets.defs.code_version import code_version
from sync_assets.errors import ConfigurationError
from sync_assets.extraction.alleaves_landing import PosLanding
from sync_assets.extraction.isavigne import ExportLanding
from sync_assets.extraction.odoo import Landing
from sync_assets.extraction.results import StreamResult
from sync_assets.settings import PROJECT_ROOT
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Changes, Warehouse, queries, reject_books

if TYPE_CHECKING:
    from sync_assets.defs.resources import SyncSession


# Jobs that are not meant to end in avatars: what they did manage counts.
WITHOUT_AVATARS = ("reconcile", "odoo_history", "pos_sync", "pos_history", "isavigne_sync")
# Problems that say nothing against the rows that were read.
WARNINGS = ("schema_drift", "orders_hidden", "location_unread", "total_mismatch", "export_overdue")


@dataclass
class RunBook:
    """What is known about one organisation's run so far; mirrors its row in ops.sync_runs."""

    org: Org
    started_at: datetime
    begun: float
    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: Counter[str] = field(default_factory=Counter)
    sources: set[str] = field(default_factory=set)
    result: dict[str, Any] | None = None
    was_spending_computed: bool = False
    was_stopped: bool = False
    expects_avatars: bool = True

    def status(self) -> str:
        if self.was_stopped:
            return "interrupted"
        is_result_good = self.result is None or self.result["status"] == "ok"
        if not self.errors and (is_result_good or not self.expects_avatars):
            return "ok"
        if not self.expects_avatars:
            # A step that computes from what is stored says nothing about the source.
            return "partial" if any(name.startswith("raw.") for name in self.counts) else "failed"
        return "partial" if self.result is not None and self.result["success"] else "failed"

    def told_errors(self) -> list[dict[str, str]]:
        """The errors of the steps, and in one line those of the families; the result holds them all."""
        result = self.result or {}
        if not (result.get("success") and result["errors"]):
            return self.errors
        first = result["errors"][0]
        message = f"Families in error: {len(result['errors'])}; the first: {first['message']}"
        return [*self.errors, {"step": "marts/customer_avatars", "code": first["code"], "message": message}]


@dataclass(frozen=True)
class Step:
    """One step of one organisation's run."""

    session: "SyncSession"
    book: RunBook
    name: str
    log: Any
    begun: float = field(default_factory=time.perf_counter)

    @property
    def org(self) -> Org:
        return self.book.org

    @property
    def warehouse(self) -> Warehouse:
        return self.session.warehouse

    @property
    def started_at(self) -> datetime:
        return self.book.started_at

    def seconds(self) -> float:
        return round(time.perf_counter() - self.begun, 3)

    def odoo_landing(self) -> Landing:
        """Raises ConfigurationError or SourceUnavailable when the organisation's Odoo cannot be used."""

        return Landing(
            warehouse=self.warehouse,
            client=self.session.client(self.org, "odoo"),
            org=self.org.org_id,
            run_id=self.session.run_id,
            started_at=self.started_at,
            is_full=self.session.full,
            accept_deletions=self.session.accept_deletions,
            on_progress=self._progress_log(50_000),
        )

    def pos_landing(self) -> PosLanding:
        """Raises ConfigurationError or SourceUnavailable when the organisation's Alleaves cannot be used."""
        client = self.session.client(self.org, "alleaves")
        return PosLanding(
            warehouse=self.warehouse,
            client=client,
            connection=client.connection,
            org_id=self.org.org_id,
            run_id=self.session.run_id,
            started_at=self.started_at,
            is_full=self.session.full,
            accept_shrink=self.session.accept_catalogue_shrink,
            on_progress=self._progress_log(5_000),
        )

    def export_landing(self) -> ExportLanding:
        """Raises ConfigurationError when the organisation has no iSaVigne exports."""
        connection = self.org.sources.isavigne
        if connection is None:
            raise ConfigurationError(f"{self.org.org_id}: add sources.isavigne to connections.yaml")
        self.book.sources.add("isavigne")
        # A relative folder means the same wherever a command is called.
        folder = PROJECT_ROOT / connection.export_path
        return ExportLanding(
            warehouse=self.warehouse,
            connection=connection.model_copy(update={"export_path": folder}),
            org_id=self.org.org_id,
            zone=ZoneInfo(self.org.timezone),
            run_id=self.session.run_id,
            started_at=self.started_at,
            is_full=self.session.full,
            code=code_version(),
            on_progress=self._progress_log(50_000),
        )

    def _progress_log(self, every: int) -> Callable[[str, int], None]:
        following = every

        def log_progress(stream: str, rows: int) -> None:
            nonlocal following
            if rows >= following:
                self.log.info(f"{stream}: {rows:,} rows read so far")
                following = rows + every

        return log_progress

    def record(self, table: Table, changes: Changes, *, extracted: int = 0, rejected: int = 0) -> None:
        self.book.counts[str(table)] = {
            "extracted": extracted,
            "inserted": changes.inserted,
            "updated": changes.updated,
            "deleted": changes.deleted,
            "unchanged": changes.unchanged,
            "rejected": rejected,
        }

    def record_stream(self, result: StreamResult) -> None:
        """Guards and differing totals make a run partial; what may be as it should be is a warning."""
        for problem in result.problems:
            entry = {"step": self.name, **problem}
            (self.book.warnings if problem["code"] in WARNINGS else self.book.errors).append(entry)
            self.log.warning(problem["message"])
        self.book.findings += result.warnings

    def record_rejects(self, rejects: list[dict[str, Any]], *, source: str) -> int:
        """Records rejects; open ones that were not met again stay open."""
        org, run_id = self.org.org_id, self.session.run_id
        self.book.findings.update(reject["code"] for reject in rejects)
        return reject_books.save_rejects(self.warehouse, org, source, rejects, run_id=run_id, at=self.started_at)

    def reject(self, rejects: list[dict[str, Any]], *, source: str, entity: str) -> int:
        """Records rejects of a complete pass over `entity`; open ones that were not met again are closed."""
        count = self.record_rejects(rejects, source=source)
        reject_books.close_rejects(self.warehouse, self.org.org_id, source, entity, before=self.started_at)
        return count

    def close_tried_again(self, source: str, table: Table, inputs: Iterable[Table]) -> None:
        """Closes the open rejects of a table that was computed anew; see `reject_books.close_tried_again`."""
        org = self.org.org_id
        reject_books.close_tried_again(self.warehouse, org, source, table, inputs, before=self.started_at)

    def is_partial(self) -> bool:
        """True when part of the input could not be read in this run, or has not been read for too long."""
        oldest = self.started_at - timedelta(hours=self.org.avatars.fresh_hours)
        states = queries.stream_states(self.warehouse, self.org.org_id)
        stale = any(s["status"] == "failed" or (s["succeeded_at"] and s["succeeded_at"] < oldest) for s in states)
        return bool(self.book.errors) or stale
