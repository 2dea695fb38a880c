"""Writes the data dictionary `docs/tables.md` from the table specs; `--check` fails when the file is not current."""

from __future__ import annotations

import sys

from sync_assets.settings import PROJECT_ROOT
from sync_assets.tables import TABLES
from sync_assets.tables.spec import Column, Table
from sync_assets.warehouse.views import VIEWS, View

TARGET = PROJECT_ROOT / "docs" / "tables.md"
KINDS = {
    "integer": "bigint",
    "number": "numeric",
    "rate": "numeric",
    "quantity": "numeric(18,3)",
    "money": "numeric(18,2)",
    "percent": "numeric(9,2)",
    "measure": "numeric(9,2)",
    "ratio": "double precision",
    "timestamp": "timestamptz",
    "json": "jsonb",
    "text_list": "text[]",
    "integer_list": "bigint[]",
}
SCHEMAS = {
    "raw": "What each source sent, named as the source names it.",
    "canonical": "The same columns and meaning whatever the source; everything downstream reads only these.",
    "marts": "Answers for people, computed from the canonical tables.",
    "ops": "The project's own books.",
}


def data_dictionary() -> str:
    """The whole document; generated text only, so that the table specs stay the one truth."""
    parts = [
        "# Tables",
        "",
        "Generated from `sync_assets/tables/` by `make docs`. Each table's primary key is marked with *; every table has"
        " `org_id` first. Times are UTC.",
    ]
    for schema, meaning in SCHEMAS.items():
        parts += ["", f"## Schema `{schema}`", "", meaning]
        for table in (t for t in TABLES if t.schema == schema):
            parts += _section(table)
    parts += [
        "",
        "## Views",
        "",
        "For analysts: joins of the marts, what changes with the clock, and amounts in euro. Made by `sync-assets migrate`.",
    ]
    for view in VIEWS:
        parts += _section(view)
    return "\n".join(parts) + "\n"


def _section(table: Table | View) -> list[str]:
    key = table.key if isinstance(table, Table) else ()
    rows = [_row(column, is_key=column.name in key) for column in table.columns]
    return [
        "",
        f"### `{table}`",
        "",
        table.description,
        "",
        "| column | type | null | meaning |",
        "|---|---|---|---|",
        *rows,
    ]


def _row(column: Column, *, is_key: bool) -> str:
    name = f"`{column.name}`" + (" *" if is_key else "")
    meaning = column.description.replace("|", "\\|")
    if column.allowed:
        meaning += f" ({', '.join(column.allowed)})"
    bounds = [str(b) for b in (column.minimum, column.maximum) if b is not None]
    if len(bounds) == 2:
        meaning += f" ({bounds[0]} to {bounds[1]})"
    if column.personal:
        meaning += " · personal"
    return f"| {name} | {KINDS.get(column.kind, column.kind)} | {'yes' if column.nullable else ''} | {meaning} |"


def main() -> int:
    text = data_dictionary()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print("docs/tables.md is not current; run: make docs")
            return 1
        return 0
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
