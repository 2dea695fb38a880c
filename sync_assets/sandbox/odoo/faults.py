"""Faults a test can switch on: what goes wrong, at which calls, how often.

Carrying them out belongs to `server.py` (the connection) and `service.py` (the answer).
"""

from __future__ import annotations

from typing import Any

from sync_assets.sandbox import faults as shared

KINDS = frozenset(
    {
        "429",
        "500",
        "502",
        "503",
        "timeout",
        "slow",
        "reset",
        "truncated",
        "html",
        "redirect",
        "bad_password",
        "no_access",
        "unknown_field",
        "missing_field_in_answer",
        "memory_error",
        "serialization",
        "poison",
        "gone",
    }
)
# These describe a lasting state of the server, so they stay until cleared unless `times` says otherwise.
_LASTING = frozenset({"bad_password", "no_access", "unknown_field", "missing_field_in_answer", "poison", "slow"})


class Fault(shared.BaseFault):
    """One fault: `kind` at the calls of `model` and `method` (any when None), skipping `after` calls, for `times` calls.

    Options: `seconds` (timeout, slow), `retry_after` (429), `id` (poison, gone), `field` (unknown_field,
    missing_field_in_answer). Logging in is the method `authenticate` of the model `common`.
    """

    KINDS = KINDS
    LASTING = _LASTING

    def __init__(
        self, kind: str, model: str | None = None, method: str | None = None, after: int = 0, times: int | None = None, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(kind, after, times, options)
        self.model = model
        self.method = method

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, model={self.model!r}, method={self.method!r}, used={self.used})"

    def matches(self, *call: str) -> bool:
        model, method = call
        return self.model in (None, model) and self.method in (None, method)


Faults = shared.Faults[Fault]
CallFaults = shared.CallFaults[Fault]
