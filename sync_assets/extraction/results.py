"""What reading one stream of any source reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sync_assets.warehouse import Changes


@dataclass
class StreamResult:
    """What one stream did: rows received and what they changed; `problems` are facts that checks show, not failures.

    `warnings` counts findings by code; `findings` are those of `entity` not yet written, `keys_read` the records met.
    """

    stream: str
    status: str = "ok"
    entity: str = ""
    extracted: int = 0
    rejected: int = 0
    changes: Changes = field(default_factory=Changes)
    line_changes: Changes = field(default_factory=Changes)
    calls: int = 0
    pages: int = 0
    rows_held: int = 0
    seconds: float = 0.0
    drift: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)
    keys_read: set[str] = field(default_factory=set)
