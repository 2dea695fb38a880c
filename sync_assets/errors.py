"""The one tree of exceptions; the class says whether trying again can help.

Messages are one line, say what to do, and never carry a secret or a server traceback.
"""

from __future__ import annotations


class SyncError(Exception):
    """Base of all expected failures. `code` is a stable word for logs, tables and tests."""

    code = "sync_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


def without_org(message: str, org: str) -> str:
    """A message without the organisation it begins with, for places that name it already.

    >>> without_org("acme: the key was refused", "acme")
    'the key was refused'
    """
    return message.removeprefix(f"{org}: ")


class ConfigurationError(SyncError):
    """A person must act: wrong credentials, missing right, unknown database, bad setting. Never retried."""

    code = "configuration"


class SourceUnavailable(SyncError):
    """The outside system did not answer usefully; the same call may work later."""

    code = "unavailable"


class SourceDataError(SyncError):
    """A row, page or stream that cannot be read as it is; the other streams go on."""

    code = "source_data"


class ContractBroken(SyncError):
    """A frame does not fit its table's contract; nothing of it was written."""

    code = "contract_broken"


class GuardTripped(SyncError):
    """A write looked like an accident (too many rows would go); the old rows were kept."""

    code = "guard_tripped"


class AlreadyRunning(SyncError):
    """Another run of the same organisation holds its lock."""

    code = "already_running"


class PushRefused(SyncError):
    """A target system refused a pushed record."""

    code = "push_refused"
