"""Which of the rows that several files brought for one record stands, whatever the order in which the files came.

Mapping the rows that stand to canonical tables does not belong here. Canonical specification, sections 3.5, 3.8, 3.9.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.raw.isavigne import ROWS_OF
from sync_assets.transforms.columns import look_up, to_arrow
from sync_assets.transforms.mapped import Finding

REUSED_AFTER_DAYS = 180
_NOT_CONTENT = {"org_id", "file_hash", "row_number", "effective_date", "cells", "first_seen_at", "fetched_at", "run_id"}


@dataclass(frozen=True)
class Standing:
    """Rows in = len(frame) + sum of skipped + rejected, always. Each record has one row, a contact one per event."""

    frame: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


def find_standing(kind: str, rows: pd.DataFrame, files: pd.DataFrame, *, line_number_scope: str = "global") -> Standing:
    """The rows of raw.isavigne_<kind> that stand, in the order of their files; `files` is raw.isavigne_files.

    Later means: effective date, then modification time, then name of the file, then row; for stock the count's date
    goes before. Skipped are `duplicate_identical` and `superseded` rows.
    """
    table = to_arrow(rows)
    order = _order(table, to_arrow(files), kind)
    table, order = table.take(pa.array(order.index)), order.reset_index(drop=True)
    order["key"] = _codes(table["record_key"])
    order["content"] = _codes(_content(table, kind))
    stands = np.ones(len(table), bool)
    if kind == "ventes":
        stands &= _newest_documents(table, order)
    is_reused = _reused_numbers(table, order, stands, line_number_scope) if kind == "ventes" else ~stands & stands
    stands &= ~is_reused
    last = _last_of_each(order[stands], kind)
    is_last = np.zeros(len(table), bool)
    is_last[last] = True
    identical, conflict = _duplicates(order, stands, is_last, kind)
    skipped = {
        "duplicate_identical": int(identical.sum()),
        "superseded": int((~is_last & ~identical & ~is_reused).sum()),
    }
    findings = _report(
        table,
        order,
        is_reused,
        kind,
        "line_number_reused",
        "error",
        "The number belongs to an older line of another client.",
    )
    message = "A later row of the file has the same key and other content; that row stands."
    findings += _report(table, order, conflict, kind, "duplicate_conflict", "warning", message)
    frame = table.filter(pa.array(is_last)).to_pandas(types_mapper=pd.ArrowDtype)
    counts = {code: count for code, count in skipped.items() if count}
    return Standing(ROWS_OF[kind].frame(frame), findings, counts, int(is_reused.sum()))


def _order(table: pa.Table, files: pa.Table, kind: str) -> pd.DataFrame:
    """File rank, day and name of each row as numbers, in the order in which later rows win."""
    files = files.filter(pc.equal(files["kind"], kind)).sort_by(
        [("effective_date", "ascending"), ("modified_at", "ascending"), ("name", "ascending")]
    )
    hashes = files["file_hash"].combine_chunks()

    def of_file(values: Any) -> Any:
        return look_up(table["file_hash"], hashes, values).to_numpy()

    order = pd.DataFrame(
        {
            "rank": of_file(pa.array(range(len(files)), pa.int64())),
            "day": table["effective_date"].cast(pa.int32()).to_numpy(),
            "name": of_file(pa.array(_codes(files["name"]))),
            "file_name": of_file(files["name"].combine_chunks()),
            "row": table["row_number"].to_numpy(),
        }
    )
    by = ["rank", "row"]
    if kind == "stock":
        order["counted"] = table["counted_at"].cast(pa.int64()).to_numpy()
        by = ["counted", *by]
    return order.sort_values(by, kind="stable")


def _codes(values: Any) -> Any:
    """Equal values as equal numbers; null is -1."""
    return pd.factorize(values.to_numpy(zero_copy_only=False), use_na_sentinel=True)[0]


def _content(table: pa.Table, kind: str) -> Any:
    texts = []
    for column in ROWS_OF[kind].columns:
        if column.name not in _NOT_CONTENT:
            values = table[column.name]
            is_list = pa.types.is_list(values.type)
            texts.append(pc.binary_join(values, "\x1e") if is_list else values.cast(pa.string()))
    return pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="\x00")


def _newest_documents(table: pa.Table, order: pd.DataFrame) -> Any:
    """A document of a later day, or in a newer file of the same name, replaces the lines it had before."""
    documents = pc.binary_join_element_wise(table["document_type"], table["document_no"], "\x1f")
    lines = order.assign(document=_codes(documents))
    lines = lines[lines["document"] >= 0]
    lines = lines[lines["day"] == lines.groupby("document")["day"].transform("max")]
    lines = lines[lines["rank"] == lines.groupby(["document", "name"])["rank"].transform("max")]
    stands = np.asarray(pc.is_null(documents).to_numpy(zero_copy_only=False)).copy()
    stands[lines.index] = True
    return stands


def _reused_numbers(table: pa.Table, order: pd.DataFrame, stands: Any, scope: str) -> Any:
    """Numbered lines whose number an earlier line of another client has, more than half a year away."""
    is_reused = np.zeros(len(order), bool)
    if scope != "global" or not len(order):
        return is_reused
    lines = order.assign(client=_codes(table["client_code"]))
    is_named = np.asarray(table["line_no"].is_valid().to_numpy(zero_copy_only=False)) & (lines["client"] >= 0)
    lines = lines[stands & is_named]
    clients = lines.groupby("key")["client"].transform("nunique")
    moments = table["date_sale"]
    for _, group in lines[clients > 1].groupby("key"):
        holder = group.index[0]
        for place in group.index[1:]:
            gap = abs((moments[place].as_py() - moments[holder].as_py()).days)
            if group["client"][place] != group["client"][holder] and gap > REUSED_AFTER_DAYS:
                is_reused[place] = True
            else:
                holder = place
    return is_reused


def _last_of_each(order: pd.DataFrame, kind: str) -> Any:
    by = ["key", "content"] if kind == "contacts" else ["key"]
    return order.index[~order.duplicated(by, keep="last")]


def _duplicates(order: pd.DataFrame, stands: Any, is_last: Any, kind: str) -> tuple[Any, Any]:
    """Rows that repeat a row that stands, and rows that a later one of the same file contradicts."""
    rows = order[stands]
    identical = np.zeros(len(order), bool)
    repeated = rows.duplicated(["key", "content"], keep="last")
    identical[rows.index[repeated]] = True
    conflict = np.zeros(len(order), bool)
    if kind != "contacts":
        same = ["key", "rank", "counted"] if kind == "stock" else ["key", "rank"]
        is_followed = rows.duplicated(same, keep="last") & ~rows.duplicated([*same, "content"], keep="last")
        conflict[rows.index[is_followed]] = True
    return identical & ~is_last, conflict


def _report(
    table: pa.Table, order: pd.DataFrame, where: Any, kind: str, code: str, severity: str, message: str
) -> list[Finding]:
    places = np.flatnonzero(where)
    found = table.take(pa.array(places, pa.int64())).select(["record_key", "file_hash", "row_number"]).to_pylist()
    return [
        {
            **row,
            "entity": kind,
            "file": order["file_name"][place],
            "column_name": None,
            "raw_value": row["record_key"],
            "code": code,
            "severity": severity,
            "message": message,
        }
        for place, row in zip(places, found, strict=True)
    ]
