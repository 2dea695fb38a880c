"""What the steps of a run share: its options, the warehouse, the source clients and the run's row in ops.sync_runs.

One instance lives for one run in one process, so a lock taken by the first step is held until the last one ends.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias

import dagster as dg
from pydantic import Field, PrivateAttr

from sync_assets.clock import read_moment, utc_now, whole_seconds
from sync_assets.collecting import collect_rarely
from sync_assets.connections import Org, load_connections
from sync_assets.defs import status
from sync_assets.defs.connecting import connect
from sync_assets.defs.run_book import WITHOUT_AVATARS, RunBook, Step
from sync_assets.defs.storage import keep_connections
from sync_assets.errors import AlreadyRunning, ConfigurationError, SourceUnavailable, SyncError
from sync_assets.settings import get_settings
from sync_assets.sources.odoo import OdooClient
from sync_assets.transforms.avatar_plan import AvatarRules
from sync_assets.transforms.avatar_results import failed_result
from sync_assets.warehouse import Warehouse, books
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import check_migrated

Context: TypeAlias = dg.AssetExecutionContext | dg.OpExecutionContext
COUNTED = ("extracted", "created", "updated", "unchanged", "skipped", "rejected")


class SyncSession(dg.ConfigurableResource):
    """Options of a run; set them under `resources: sync: config:` in the run config."""

    full: bool = Field(default=False, description="Read everything again instead of what changed")
    months_back: int | None = Field(
        default=None,
        ge=0,
        description="Window of the avatars in months; 0 = whole history; unset = the organisation's setting",
    )
    max_customers: int = Field(default=0, ge=0, description="Only the N families with the highest revenue; 0 = all")
    dry_run: bool = Field(default=False, description="Do everything in a transaction that is rolled back, then report")
    as_of: str | None = Field(
        default=None, description="Instant to compute scores for, ISO 8601, UTC without offset; unset = now"
    )
    accept_deletions: bool = Field(
        default=False, description="Accept that many rows disappear at once, after the deletions guard has stopped them"
    )
    accept_catalogue_shrink: bool = Field(
        default=False,
        description="Accept that most of a store's menu disappears at once, after the guard has stopped it",
    )
    wait_seconds: int = Field(
        default=900,
        ge=0,
        description="How long history runs and reconcile wait while another run of the organisation is at work",
    )

    _warehouse: Warehouse | None = PrivateAttr(default=None)
    _clients: dict[tuple[str, str], Any] = PrivateAttr(default_factory=dict)
    _books: dict[str, RunBook] = PrivateAttr(default_factory=dict)
    _refused: dict[str, AlreadyRunning] = PrivateAttr(default_factory=dict)
    _run_id: str = PrivateAttr(default="")
    _job: str = PrivateAttr(default="")

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        collect_rarely()
        if context.instance is not None:
            keep_connections(context.instance)

    @property
    def run_id(self) -> str:
        return self._run_id

    @property
    def warehouse(self) -> Warehouse:
        if self._warehouse is None:
            url = database_url()
            check_migrated(url)
            self._warehouse = Warehouse(url, is_dry_run=self.dry_run)
        return self._warehouse

    def as_of_moment(self, default: datetime) -> datetime:
        """Raises ConfigurationError when `as_of` is not a date and time."""
        return default if self.as_of is None else read_moment(self.as_of)

    def client(self, org: Org, source: str) -> Any:
        """The organisation's connected client; what went wrong with the first try is raised again for the others."""
        key = (org.org_id, source)
        self._books[org.org_id].sources.add(source)
        if key not in self._clients:
            try:
                self._clients[key] = connect(org, source)
            except SyncError as error:
                self._clients[key] = error
        if isinstance(self._clients[key], SyncError):
            raise self._clients[key]
        return self._clients[key]

    @contextmanager
    def step(self, context: Context, org_id: str | None = None, *, can_wait: bool = False) -> Iterator[Step]:
        """Opens the organisation's run if this is its first step; turns expected failures into one-line ones.

        While another run of the organisation is at work this one fails, after `wait_seconds` if it can wait.
        """
        name = _step_name(context)
        try:
            book = self._book(context, org_id or context.partition_key, can_wait)
        except SyncError as error:
            raise _failure(error) from None
        try:
            yield Step(self, book, name, context.log)
        except SyncError as error:
            book.errors.append({"step": name, "code": error.code, "message": error.message})
            self._forget_if_down(book.org, error)
            raise _failure(error) from None
        except Exception as error:
            message = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
            book.errors.append({"step": name, "code": "unexpected", "message": message[:500]})
            raise
        except BaseException:
            book.was_stopped = True
            raise
        finally:
            self._save(book)

    def _forget_if_down(self, org: Org, error: SyncError) -> None:
        """After a server went away, the next stream asks once whether it is back instead of trying for minutes."""
        client = self._clients.get((org.org_id, "odoo"))
        if isinstance(error, SourceUnavailable) and isinstance(client, OdooClient) and not _answers(client):
            client.close()
            self._clients[org.org_id, "odoo"] = error

    def _book(self, context: Context, org_id: str, can_wait: bool) -> RunBook:
        if org_id in self._books:
            return self._books[org_id]
        if org_id in self._refused:
            raise self._refused[org_id]
        self._run_id, self._job = context.run.run_id, context.run.job_name
        org = load_connections(get_settings().sync_assets_connections).org(org_id)
        message = f"{org_id}: another run is at work; waiting up to {self.wait_seconds} s for its end"
        try:
            self.warehouse.lock(
                org_id,
                wait_seconds=self.wait_seconds if can_wait else 0,
                on_wait=lambda: context.log.info(message),
            )
        except AlreadyRunning as error:
            self._refused[org_id] = error
            at = whole_seconds(utc_now())
            books.refuse_run(
                self.warehouse,
                org_id,
                self._run_id,
                job=self._job,
                at=at,
                message=error.message,
                result=self._no_result(RunBook(org, at, 0.0), error.code, error.message, "already_running"),
            )
            raise
        started_at = whole_seconds(utc_now())
        books.open_run(self.warehouse, org_id, self._run_id, job=self._job, started_at=started_at)
        book = self._books[org_id] = RunBook(
            org, started_at, time.perf_counter(), expects_avatars=self._job not in WITHOUT_AVATARS
        )
        return book

    def _save(self, book: RunBook, **more: Any) -> None:
        result = book.result or {}
        totals = {name: int(result.get(name, 0)) for name in COUNTED}
        for name in ("extracted", "rejected"):
            totals[name] = sum(count[name] for count in book.counts.values())
        books.save_run(
            self.warehouse,
            book.org.org_id,
            self._run_id,
            errors=book.told_errors(),
            warnings=book.warnings,
            counts=book.counts,
            result=book.result,
            **totals,
            **more,
        )

    def _save_status(self, book: RunBook) -> None:
        """How each source that this run spoke to stands now."""
        for source in sorted(book.sources):
            status.save_source_status(self.warehouse, book, source, run_id=self._run_id)

    def _no_result(self, book: RunBook, code: str, message: str, status: str = "failed") -> dict[str, Any]:
        """The result object of a run that ended without avatars."""
        rules = AvatarRules(as_of=book.started_at, months_back=book.org.avatars.months_back)
        return failed_result(
            rules,
            code=code,
            message=message,
            status=status,
            dry_run=self.dry_run,
            started_at=book.started_at,
            finished_at=utc_now(),
        )

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        for book in self._books.values():
            if book.expects_avatars and book.result is None and book.errors:
                book.result = self._no_result(book, book.errors[0]["code"], book.errors[0]["message"])
            seconds = round(time.perf_counter() - book.begun, 3)
            self._save(book, status=book.status(), finished_at=utc_now(), duration_seconds=seconds)
            self._save_status(book)
        for client in self._clients.values():
            if not isinstance(client, SyncError):
                client.close()
        if self._warehouse is not None:
            self._warehouse.close()


def _step_name(context: Context) -> str:
    """The asset's key, or the op's name where a step is none or several assets."""
    if isinstance(context, dg.AssetExecutionContext):
        if len(context.selected_asset_keys) == 1:
            return context.asset_key.to_user_string()
        context = context.op_execution_context
    return str(context.op_handle.name)


def _answers(client: OdooClient) -> bool:
    try:
        client.call_once("res.users", "context_get")
    except SyncError:
        return False
    return True


def _failure(error: SyncError) -> dg.Failure:
    metadata: dict[str, Any] = {"code": error.code, "is_configuration": isinstance(error, ConfigurationError)}
    return dg.Failure(description=error.message, metadata=metadata, allow_retries=False)
