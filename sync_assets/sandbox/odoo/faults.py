"""Faults a test can switch on: what goes wrong, at which calls, how often.

Carrying them out belongs to `server.py` (the connection) and `service.py` (the answer).
"""

from __future__ import annotations

import threading
from typing import Any

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
FOR_EVER = 1_000_000_000


class Fault:
    """One fault: `kind` at the calls of `model` and `method` (any when None), skipping `after` calls, for `times` calls.

    Options: `seconds` (timeout, slow), `retry_after` (429), `id` (poison, gone), `field` (unknown_field,
    missing_field_in_answer). Logging in is the method `authenticate` of the model `common`.
    """

    def __init__(
        self, kind: str, model: str | None = None, method: str | None = None, after: int = 0, times: int | None = None, **options: Any
    ) -> None:  # fmt: skip
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known are {', '.join(sorted(KINDS))}")
        self.kind = kind
        self.model = model
        self.method = method
        self.after = after
        self.times = times if times is not None else (FOR_EVER if kind in _LASTING else 1)
        self.options = options
        self.seen = 0
        self.used = 0

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, model={self.model!r}, method={self.method!r}, used={self.used})"

    def matches(self, model: str, method: str) -> bool:
        return self.model in (None, model) and self.method in (None, method)


class Faults:
    """The faults switched on now. `add` and `clear` may be called while the server answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def due(self, model: str, method: str) -> CallFaults:
        """The faults that may strike this call."""
        with self._lock:
            found = []
            for fault in self._faults:
                if fault.matches(model, method):
                    fault.seen += 1
                    if fault.seen > fault.after and fault.used < fault.times:
                        found.append(fault)
        return CallFaults(found)


class CallFaults:
    """The faults due at one call."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults

    def find(self, *kinds: str) -> Fault | None:
        """The first fault of one of the kinds, not yet counted as used."""
        return next((fault for fault in self._faults if fault.kind in kinds), None)

    def strike(self, *kinds: str) -> Fault | None:
        """The first fault of one of the kinds, counted as used."""
        fault = self.find(*kinds)
        if fault:
            fault.used += 1
        return fault
