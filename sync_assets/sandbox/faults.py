"""How faults are switched on and counted, in every sandbox alike.

Which kinds there are, and what a call is known by, belongs to each sandbox's own `faults.py`.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Generic, TypeVar

FOR_EVER = 1_000_000_000


class BaseFault:
    """One fault: `kind` at the calls that match, skipping `after` of them, for `times` calls; `options` by kind.

    Kinds in LASTING describe a state of the server, so they stay until cleared unless `times` says otherwise.
    """

    KINDS: ClassVar[frozenset[str]]
    LASTING: ClassVar[frozenset[str]]

    def __init__(self, kind: str, after: int, times: int | None, options: dict[str, Any]) -> None:
        if kind not in self.KINDS:
            raise ValueError(f"unknown fault {kind!r}; known are {', '.join(sorted(self.KINDS))}")
        self.kind = kind
        self.after = after
        self.times = times if times is not None else (FOR_EVER if kind in self.LASTING else 1)
        self.options = options
        self.seen = 0
        self.used = 0

    def matches(self, *call: str) -> bool:
        """Whether the fault is meant for a call known by these words."""
        raise NotImplementedError


F = TypeVar("F", bound=BaseFault)


class Faults(Generic[F]):
    """The faults switched on now. `add` and `clear` may be called while the server answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[F] = []

    def add(self, fault: F) -> F:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def due(self, *call: str) -> CallFaults[F]:
        """The faults that may strike this call."""
        with self._lock:
            found = []
            for fault in self._faults:
                if fault.matches(*call):
                    fault.seen += 1
                    if fault.seen > fault.after and fault.used < fault.times:
                        found.append(fault)
        return CallFaults(found)


class CallFaults(Generic[F]):
    """The faults due at one call."""

    def __init__(self, faults: list[F]) -> None:
        self._faults = faults

    def find(self, *kinds: str) -> F | None:
        """The first fault of one of the kinds, not yet counted as used."""
        return next((fault for fault in self._faults if fault.kind in kinds), None)

    def strike(self, *kinds: str) -> F | None:
        """The first fault of one of the kinds, counted as used."""
        fault = self.find(*kinds)
        if fault:
            fault.used += 1
        return fault
