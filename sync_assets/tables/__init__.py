"""All tables of the warehouse, and the SQLAlchemy metadata that Alembic compares with the database."""

from __future__ import annotations

import sqlalchemy as sa

from sync_assets.tables import canonical, marts, ops, push, raw
from sync_assets.tables.spec import Column, Table

TABLES: tuple[Table, ...] = (*raw.TABLES, *canonical.TABLES, *marts.TABLES, *ops.TABLES, *push.TABLES)
SCHEMAS = tuple(dict.fromkeys(table.schema for table in TABLES))

metadata = sa.MetaData()
for _table in TABLES:
    _table.sql(metadata)

__all__ = ["SCHEMAS", "TABLES", "Column", "Table", "metadata"]
