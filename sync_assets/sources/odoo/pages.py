"""Walking a stream: pages by ascending id, their size following what the server can bear, one bad record set aside.

What is done with a page, and how the position is kept, does not belong here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sync_assets.errors import SourceDataError, SourceUnavailable, SyncError
from sync_assets.sources.http import Unavailable
from sync_assets.sources.odoo.client import OdooClient
from sync_assets.sources.odoo.decoding import Row, decode, reject
from sync_assets.sources.odoo.streams import FieldPlan, Stream, plan_fields

SMALLEST, LARGEST = 50, 2000
READ_BATCH = 500
# More than this on the smallest page is no accident of single records, but a fault of the server or of a field.
MOST_UNREADABLE = 10
GOOD_SECONDS = 10.0
GOOD_BEFORE_GROWING = 5
_ONE_SECOND = timedelta(seconds=1)


@dataclass
class Page:
    """One decoded page. `page_size` is the size to ask for next, so that a later run starts with what works."""

    table: pa.Table
    rejects: list[dict[str, Any]]
    last_id: int
    is_last: bool
    page_size: int
    rows: int
    seconds: float


@dataclass
class RawPage:
    """One page as it was received, with the plan that decodes it; `unreadable` are the ids that were set aside."""

    plan: FieldPlan
    rows: list[Row]
    last_id: int
    is_last: bool
    page_size: int
    seconds: float
    unreadable: list[tuple[int, str]] = field(default_factory=list)

    def decoded(self, org: str) -> Page:
        table, rejects = decode(self.plan, self.rows, org)
        for record_id, reason in self.unreadable:
            message = f"The server cannot read this record: {reason}"
            rejects.append(
                reject(self.plan, record_id, column=None, value=None, code="unreadable_record", message=message)
            )
        received = len(self.rows) + len(self.unreadable)
        return Page(table, rejects, self.last_id, self.is_last, self.page_size, received, self.seconds)


class PageSize:
    """Rows to ask for: halves when a page is too much, grows by a quarter after five good pages in a row."""

    def __init__(self, size: int) -> None:
        self.size = max(SMALLEST, min(size, LARGEST))
        self._good = 0

    def shrink(self) -> None:
        self.size, self._good = max(SMALLEST, self.size // 2), 0

    def note(self, seconds: float) -> None:
        self._good = self._good + 1 if seconds < GOOD_SECONDS else 0
        if self._good >= GOOD_BEFORE_GROWING:
            self.size, self._good = min(LARGEST, self.size * 5 // 4), 0


def window_domain(lo: datetime | None, hi: datetime | None, overlap_seconds: float) -> list[Any]:
    """The domain of a write_date window, from `lo` less the overlap to the end of the second `hi`.

    Whole seconds with '>=' and '<' mean the same on every version. Without `lo` there is no lower bound, and records
    with an empty write_date are included.
    """
    upper = [["write_date", "<", _wire(hi + _ONE_SECOND)]] if hi is not None else []
    if lo is not None:
        return [["write_date", ">=", _wire(lo - timedelta(seconds=overlap_seconds))], *upper]
    return ["|", ["write_date", "=", False], *upper] if upper else []


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def read_pages(
    client: OdooClient,
    stream: Stream,
    plan: FieldPlan,
    *,
    org: str,
    domain: Sequence[Any] = (),
    last_id: int = 0,
    end_id: int | None = None,
    page_size: int | None = None,
) -> Iterator[Page]:
    """Decoded pages of the records above `last_id` (up to `end_id`) that match, ascending by id; the last says so.

    Always yields at least one page. Raises SyncError when a page cannot be had; the pages before it stay valid.
    """
    raw_pages = fetch_pages(client, stream, plan, domain=domain, last_id=last_id, end_id=end_id, page_size=page_size)
    for raw_page in raw_pages:
        yield raw_page.decoded(org)


def fetch_pages(
    client: OdooClient,
    stream: Stream,
    plan: FieldPlan,
    *,
    domain: Sequence[Any] = (),
    last_id: int = 0,
    end_id: int | None = None,
    page_size: int | None = None,
) -> Iterator[RawPage]:
    """As `read_pages`, before decoding: for callers that fetch and decode in different threads."""
    size = PageSize(page_size or client.connection.page_size)
    if not stream.is_per_company:
        yield from _Walk(client, plan, domain, size, {}).pages(last_id, end_id)
        return
    companies = client.companies()
    for number, company in enumerate(companies):
        walk = _Walk(client, plan, domain, size, {"allowed_company_ids": [company]})
        for page in walk.pages(last_id, end_id):
            for row in page.rows:
                row["company_id"] = company
            page.is_last = page.is_last and number == len(companies) - 1
            yield page
    if not companies:
        yield RawPage(plan, [], last_id, True, size.size, 0.0)


def read_records(
    client: OdooClient, stream: Stream, plan: FieldPlan, ids: Sequence[int], *, org: str
) -> Iterator[Page]:
    """The records with these ids, 500 at a time; ids that no longer exist are simply not among the rows."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), READ_BATCH):
        batch = wanted[start : start + READ_BATCH]
        domain = [["id", "in", batch]]
        for page in fetch_pages(
            client, stream, plan, domain=domain, last_id=batch[0] - 1, end_id=batch[-1], page_size=READ_BATCH
        ):
            page.is_last = page.is_last and start + READ_BATCH >= len(wanted)
            yield page.decoded(org)


class _Walk:
    """One pass over the records of a model within one company context."""

    def __init__(
        self, client: OdooClient, plan: FieldPlan, domain: Sequence[Any], size: PageSize, context: dict[str, Any]
    ) -> None:
        self.client, self.plan, self.size, self.context = client, plan, size, context
        self.domain = list(domain)
        self.model = plan.stream.model
        self.has_replanned = False

    def pages(self, last_id: int, end_id: int | None) -> Iterator[RawPage]:
        self.client.connect()
        is_last = False
        while not is_last:
            page = self._next(last_id, end_id)
            last_id, is_last = page.last_id, page.is_last
            yield page

    def _next(self, last_id: int, end_id: int | None) -> RawPage:
        domain = [*self.domain, ["id", ">", last_id], *([["id", "<=", end_id]] if end_id is not None else [])]
        started = time.monotonic()
        unreadable: list[tuple[int, str]] = []
        budget = self.client.retry.budget
        is_hopeless, lost_before = budget.is_used_up, budget.lost
        try:
            rows, asked = self._fetch(domain)
            reached = rows[-1]["id"] if rows else last_id
            received = len(rows)
        except (SourceUnavailable, SourceDataError) as error:
            if is_hopeless or not _may_be_one_record(error):
                raise
            ids = self._ids(domain)
            rows = self._sift(ids, time.monotonic() + self.client.retry.total_seconds, unreadable)
            if unreadable and not rows and not self._can_read_others({record_id for record_id, _ in unreadable}):
                raise
            budget.forgive(lost_before)
            received, asked, reached = len(ids), SMALLEST, ids[-1] if ids else last_id
        seconds = time.monotonic() - started
        self.size.note(seconds)
        is_last = received < asked or (end_id is not None and reached >= end_id)
        return RawPage(self.plan, rows, reached, is_last, self.size.size, seconds, unreadable)

    def _fetch(self, domain: list[Any]) -> tuple[list[Row], int]:
        """One page and the number of rows that was asked for; smaller at each try that was too heavy."""
        asked = self.size.size

        def attempt() -> list[Row]:
            nonlocal asked
            asked = self.size.size
            try:
                return self._read(domain, asked)
            except Unavailable as error:
                if error.is_heavy:
                    self.size.shrink()
                raise

        def may_stop(tries: int, error: BaseException | None) -> bool:
            too_small_to_halve = not getattr(error, "is_heavy", False) or asked == SMALLEST
            return tries >= self.client.retry.attempts and too_small_to_halve

        return self.client.retry.run(attempt, may_stop=may_stop), asked

    def _read(self, domain: list[Any], limit: int) -> list[Row]:
        try:
            return self._search_read(domain, limit)
        except SourceDataError as error:
            if error.code != "field_missing" or self.has_replanned:
                raise
        # A module was removed or updated while reading: look at the fields again, once.
        self.has_replanned = True
        known = self.client.fields(self.model, refresh=True)
        self.plan = plan_fields(self.plan.stream, known, [extra.name for extra in self.plan.extras])
        return self._search_read(domain, limit)

    def _search_read(self, domain: list[Any], limit: int) -> list[Row]:
        rows = self.client.call_once(
            self.model,
            "search_read",
            domain=domain,
            fields=self.plan.fields,
            limit=limit,
            order="id",
            load="",
            context=self.context,
        )
        if not isinstance(rows, list) or any(type(row) is not dict or type(row.get("id")) is not int for row in rows):
            raise SourceDataError(
                f"{self.client.org}: Odoo {self.model}: the answer is not a list of records with ids", code="bad_answer"
            )
        return rows

    def _ids(self, domain: list[Any]) -> list[int]:
        """The next few ids. It fails when the server as a whole is down, so an outage never condemns a record."""
        return list(
            self.client.call(self.model, "search", domain=domain, limit=SMALLEST, order="id", context=self.context)
        )

    def _sift(self, ids: list[int], deadline: float, unreadable: list[tuple[int, str]]) -> list[Row]:
        """Reads the ids in ever smaller groups, until what fails is one record."""
        if not ids:
            return []
        try:
            return self._once_unless_busy([["id", "in", ids]], len(ids))
        except (SourceUnavailable, SourceDataError) as error:
            if not _may_be_one_record(error) or time.monotonic() > deadline:
                raise
            if len(ids) == 1:
                return self._condemn(ids[0], unreadable)
        middle = len(ids) // 2
        return self._sift(ids[:middle], deadline, unreadable) + self._sift(ids[middle:], deadline, unreadable)

    def _condemn(self, record_id: int, unreadable: list[tuple[int, str]]) -> list[Row]:
        """Sets a record aside if it fails twice more, each time right after its mere id could be read."""
        domain = [["id", "=", record_id]]
        reason = ""
        for _ in range(2):
            if not self._ids(domain):
                return []
            try:
                return self._once_unless_busy(domain, 1)
            except (SourceUnavailable, SourceDataError) as error:
                if not _may_be_one_record(error):
                    raise
                reason = _reason(error)
        unreadable.append((record_id, reason))
        if len(unreadable) > MOST_UNREADABLE:
            raise SourceUnavailable(
                f"{self.client.org}: Odoo {self.model}: many records cannot be read: {reason}", code="unreadable"
            )
        return []

    def _can_read_others(self, unreadable: set[int]) -> bool:
        """Whether some other record of the model can be read; if none can, the fault is not in the records."""
        others = [record_id for record_id in self._ids([]) if record_id not in unreadable][:1]
        try:
            return bool(others) and bool(self._once_unless_busy([["id", "in", others]], 1))
        except (SourceUnavailable, SourceDataError):
            return False

    def _once_unless_busy(self, domain: list[Any], limit: int) -> list[Row]:
        """Tries again only after failures that say nothing about the records."""
        return self.client.retry.run(
            lambda: self._search_read(domain, limit),
            may_stop=lambda tries, error: getattr(error, "is_heavy", False) or tries >= self.client.retry.attempts,
        )


def _may_be_one_record(error: SyncError) -> bool:
    """Whether a single record can be the cause: the server failed on the content, or was overcome by it."""
    if isinstance(error, Unavailable):
        return error.is_heavy
    return isinstance(error, SourceDataError) and error.code in ("server_error", "business_rule")


def _reason(error: SyncError) -> str:
    return error.message.partition(": ")[2] or error.message
