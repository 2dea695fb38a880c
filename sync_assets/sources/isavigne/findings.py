"""What is wrong with the rows of a chunk: a row that cannot be read is rejected once, other problems are warnings.

Which rule is broken when does not belong here. Codes and severities: canonical specification, section 4.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.transforms.columns import is_true

RAW_LIMIT = 500
Finding = dict[str, Any]


class _Found(NamedTuple):
    where: Any
    severity: str
    code: str
    column: str | None
    values: Any
    message: str


class Findings:
    """Collects the findings of one chunk; `rejected` marks the rows that cannot be loaded."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._found: list[_Found] = []
        self.rejected: Any = pa.array([False] * len(chunk), pa.bool_())

    def reject(self, where: Any, field: str, code: str, message: str) -> None:
        """Rejects the rows of the mask that nothing else has rejected before."""
        where = pc.and_(is_true(where), pc.invert(self.rejected))
        self._add(where, "error", field, code, message)
        self.rejected = pc.or_(self.rejected, where)

    def warn(self, where: Any, field: str, code: str, message: str) -> None:
        self._add(is_true(where), "warning", field, code, message)

    def judge(self, required: bool, where: Any, field: str, code: str, message: str) -> None:
        (self.reject if required else self.warn)(where, field, code, message)

    def require(self, *fields: str) -> None:
        """Rejects rows in which all of these fields are blank."""
        missing = pc.is_null(pc.coalesce(*(self._chunk.text(field) for field in fields)))
        self.reject(missing, fields[0], "missing_value", f"{' and '.join(fields)} must not be blank.")

    def _add(self, where: Any, severity: str, field: str, code: str, message: str) -> None:
        if not pc.any(where).as_py():
            return
        header = self._chunk.header
        column = header.name(field).strip() if field in header.columns else field
        self._found.append(_Found(where, severity, code, column, self._chunk.text(field), message))

    def to_rows(self, keys: Any, skipped: Any) -> list[Finding]:
        """One entry per finding; a rejected row has no warnings, a skipped one nothing."""
        entries = []
        for found in self._found:
            hidden = skipped if found.severity == "error" else pc.or_(self.rejected, skipped)
            where = pc.and_(found.where, pc.invert(hidden))
            chosen = (self._chunk.numbers, keys, found.values)
            for number, key, value in zip(*(array.filter(where).to_pylist() for array in chosen), strict=True):
                entries.append(
                    {
                        "record_key": key,
                        "row_number": number,
                        "column_name": found.column,
                        "raw_value": None if value is None else value[:RAW_LIMIT],
                        "code": found.code,
                        "severity": found.severity,
                        "message": found.message,
                    }
                )
        return entries
