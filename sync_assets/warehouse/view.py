"""What a view is: its place, its columns, each described, and the query that gives them.

The views themselves do not belong here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sync_assets.tables.spec import Column

# Views of the project carry the hash of their definition in their comment.
MARK = " [definition "


@dataclass(frozen=True)
class View:
    """One view: what it is for, its columns in order, and the query that gives them."""

    name: str
    description: str
    columns: tuple[Column, ...]
    query: str
    schema: str = "marts"

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def comment(self) -> str:
        definition = repr((self.description, [(c.name, c.description) for c in self.columns], self.query))
        return f"{self.description}{MARK}{hashlib.sha256(definition.encode()).hexdigest()[:12]}]"
