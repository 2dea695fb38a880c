"""What the reading of one file shares with the reading of its rows: settings, time zone, days, and typed cells.

The rules of one kind of file do not belong here; see the module of that name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import IsavigneConnection
from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.values import read_moments, read_numbers
from sync_assets.transforms.columns import is_true, only_if

BAD_DATES = {
    "bad_date": "The text is not a date.",
    "date_out_of_range": "The day is before 1990 or in the future.",
}


@dataclass(frozen=True)
class Reading:
    """One file being read. `ordinals` counts identical rows without number by their content, over the whole file."""

    settings: IsavigneConnection
    zone: ZoneInfo
    today: date
    effective_date: date
    is_workbook: bool = False
    ordinals: dict[bytes, int] = field(default_factory=dict)

    @property
    def effective_at(self) -> datetime:
        """Midnight of the effective date in the organisation's time zone."""
        return datetime.combine(self.effective_date, time(), self.zone).astimezone(UTC)

    def client_codes(self, chunk: Chunk) -> Any:
        codes = chunk.text("client_code")
        return pc.utf8_upper(codes) if self.settings.customer_code_case == "upper" else codes

    def numbers(self, chunk: Chunk, name: str, findings: Findings, *, required: bool = False) -> Any:
        """The numbers of a field; a text that is none is judged as bad_number."""
        texts = chunk.text(name)
        numbers = read_numbers(texts, self.settings.decimal_mark)
        is_bad = pc.and_(pc.is_valid(texts), pc.is_null(numbers))
        findings.judge(required, is_bad, name, "bad_number", "The text is not a number.")
        return numbers

    def moments(self, chunk: Chunk, name: str, findings: Findings, *, required: bool = False) -> tuple[Any, Any]:
        """The instants and local days of a field; what is no date of its time is judged so."""
        moments, days, codes = read_moments(chunk.text(name), self.zone, today=self.today, is_workbook=self.is_workbook)
        for code, message in BAD_DATES.items():
            findings.judge(required, is_true(pc.equal(codes, code)), name, code, message)
        return moments, days


def lost(texts: Any, values: Any) -> Any:
    """Where there is text but no value."""
    return pc.and_(pc.is_valid(texts), pc.is_null(values))


def positive(values: Any) -> Any:
    """The values that are not negative."""
    return only_if(pc.greater_equal(values, pa.scalar(0, values.type)), values)
