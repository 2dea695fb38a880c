"""What every mapping to a canonical table returns, and how it reports what it met.

The rules themselves do not belong here. Codes and severities: canonical specification, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

Finding = dict[str, Any]

# Codes that count towards the alarm limit. Whether such a row is loaded all the same is said in `Mapped.rejected`.
ERRORS = frozenset(
    {"missing_value", "bad_number", "unknown_product", "partner_missing", "currency_rate_missing", "company_missing"}
    | {"unknown_customer", "ambiguous_product"}
    | {"unknown_customer_id", "ambiguous_email", "unknown_email", "unknown_id_and_email"}
)


@dataclass(frozen=True)
class Mapped:
    """Rows of one canonical table. Rows in = len(frame) + rejected + sum of skipped, always.

    `rejects` holds one entry per problem: those of rows that could not be loaded (`rejected` counts these rows) and
    those of rows that were loaded without the offending value.
    """

    frame: pd.DataFrame
    rejects: list[Finding] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    rejected: int = 0

    @property
    def rows_in(self) -> int:
        return len(self.frame) + self.rejected + sum(self.skipped.values())


def report(
    entity: str, keys: Any, where: Any, code: str, message: str, *, column: str | None = None, values: Any = None
) -> list[Finding]:
    """One finding for each row where the condition holds; `values` are as received."""
    found = keys.filter(where).to_pylist()
    received = values.filter(where).to_pylist() if values is not None else [None] * len(found)
    severity = "error" if code in ERRORS else "warning"
    return [
        {
            "entity": entity,
            "record_key": str(key),
            "column_name": column,
            "raw_value": None if value is None else str(value),
            "code": code,
            "severity": severity,
            "message": message,
        }
        for key, value in zip(found, received, strict=True)
    ]
