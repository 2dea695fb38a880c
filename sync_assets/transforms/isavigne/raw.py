"""What several mappings of iSaVigne share: settings, names of files, findings about rows of files, complete lists.

Mappings to one canonical table do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import IsavigneConnection, Org
from sync_assets.transforms.columns import is_true, to_arrow
from sync_assets.transforms.mapped import ERRORS, Finding

SOURCE = "isavigne"
CURRENCY = "EUR"
# A complete list that suddenly has less than this share of at least so many records is taken for a broken export.
GUARDED_RECORDS = 50
SHRUNK_PERCENT = 20


def settings_of(org: Org) -> IsavigneConnection:
    """The connection's settings; the usual ones when the connection is gone."""
    return org.sources.isavigne or IsavigneConnection.model_validate({"export_path": "."})


def report_rows(
    kind: str,
    rows: pa.Table,
    files: pd.DataFrame,
    where: Any,
    code: str,
    message: str,
    *,
    column: str | None = None,
    values: Any = None,
) -> list[Finding]:
    """One finding for each raw row where the condition holds, with the file and row it came from."""
    where = is_true(where)
    found = rows.select(["record_key", "file_hash", "row_number"]).filter(where).to_pylist()
    if not found:
        return []
    received = values.filter(where).to_pylist() if values is not None else [None] * len(found)
    names = dict(zip(files["file_hash"].tolist(), files["name"].tolist(), strict=True))
    severity = "error" if code in ERRORS else "warning"
    return [
        {
            **row,
            "entity": kind,
            "file": names.get(row["file_hash"]),
            "column_name": column,
            "raw_value": None if value is None else str(value),
            "code": code,
            "severity": severity,
            "message": message,
        }
        for row, value in zip(found, received, strict=True)
    ]


def deliveries(files: pd.DataFrame, kind: str) -> list[list[str]]:
    """Hashes of the kind's files by delivery, the newest last: files of one day are parts of one list.

    A file that comes again under its name on that day takes the place of the one before.
    """
    table = to_arrow(files)
    by = [("effective_date", "ascending"), ("modified_at", "ascending"), ("file_hash", "ascending")]
    days: dict[Any, dict[str, str]] = {}
    for file in table.filter(pc.equal(table["kind"], kind)).sort_by(by).to_pylist():
        days.setdefault(file["effective_date"], {})[file["name"]] = file["file_hash"]
    return [list(parts.values()) for parts in days.values()]


def last_list(lists: Iterable[set[str]]) -> tuple[set[str], bool]:
    """What a series of complete lists says is there now, and whether the last one was not believed.

    A list that has lost almost everything takes nothing away.

    >>> last_list([{"a", "b"}, {"b", "c"}]) == ({"b", "c"}, False)
    True
    """
    listed: set[str] = set()
    has_shrunk = False
    for names in lists:
        has_shrunk = len(listed) >= GUARDED_RECORDS and 100 * len(names) < SHRUNK_PERCENT * len(listed)
        listed = listed | names if has_shrunk else names
    return listed, has_shrunk


def about_list(kind: str, what: str, key: str) -> Finding:
    """The finding catalogue_shrank about the newest list of a kind."""
    return {
        "entity": kind,
        "record_key": key,
        "column_name": None,
        "raw_value": None,
        "code": "catalogue_shrank",
        "severity": "warning",
        "message": f"The newest list has less than {SHRUNK_PERCENT} % of {what}; nothing was taken away.",
    }
