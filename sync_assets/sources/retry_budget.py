"""How much time a run may lose on calls that fail in the end, whatever they ask and of whom.

Trying again belongs to `http.py`.
"""

from __future__ import annotations

import math
import threading


class RetryBudget:
    """Seconds that the calls of one run may lose by failing in the end, all together; thread safe.

    Patience that helped costs nothing, so a busy server that answers at last can be read to its end.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self.lost = 0.0
        self._lock = threading.Lock()

    def charge(self, seconds: float) -> None:
        with self._lock:
            self.lost += seconds

    def forgive(self, down_to: float) -> None:
        """Takes back what was charged since `lost` was `down_to`: the tries led to an answer after all."""
        with self._lock:
            self.lost = min(self.lost, down_to)

    @property
    def is_used_up(self) -> bool:
        return self.lost >= self.seconds
