"""The report of a connection test, the same for every source: named steps, each with its outcome in one line.

What is tried belongs to each source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sync_assets.errors import SourceUnavailable, SyncError

Status = Literal["good", "warning", "bad", "skipped"]


@dataclass(frozen=True)
class Check:
    """One named step of the test: its outcome in one line, and the code of the error behind a bad one."""

    name: str
    status: Status
    message: str
    code: str = ""
    is_unreachable: bool = False


@dataclass
class ConnectionReport:
    """All checks of one connection in order."""

    org: str
    checks: list[Check] = field(default_factory=list)

    def add(self, name: str, status: Status, message: str) -> None:
        self.checks.append(Check(name, status, message))

    def fail(self, name: str, error: SyncError) -> None:
        message = error.message.removeprefix(f"{self.org}: ")
        self.checks.append(Check(name, "bad", message, error.code, isinstance(error, SourceUnavailable)))

    @property
    def exit_code(self) -> int:
        """0 good, 1 unreachable, 2 configuration, 3 warnings only."""
        bad = [check for check in self.checks if check.status == "bad"]
        if bad:
            return 1 if all(check.is_unreachable for check in bad) else 2
        return 3 if any(check.status == "warning" for check in self.checks) else 0
