"""How patiently a call is tried again, and how much time a run may lose on calls that fail in the end.

What a failure is does not belong here; each client says so by raising SourceUnavailable.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import tenacity

from sync_assets.errors import SourceUnavailable

T = TypeVar("T")


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


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently SourceUnavailable is retried. Durations in seconds; `sleep` is replaced in tests.

    `total_seconds` bounds the tries of one call, `budget` the futile tries of all calls of a run. Each wait is the one
    before times `growth`, give or take the part `spread`. The server's own wish comes on top; with `longest_wish` it
    replaces the wait, and one beyond that many seconds ends the tries at once.
    """

    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    total_seconds: float = 900.0
    growth: float = 2.0
    spread: float = 0.25
    longest_wish: float | None = None
    budget: RetryBudget = field(default_factory=RetryBudget, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def wait(self, attempt: int, error: BaseException | None) -> float:
        """Seconds before the next try: growing with a random part, never less than the server asked for."""
        wish = getattr(error, "retry_after", None)
        if self.longest_wish is not None and wish is not None:
            return float(wish)
        own = self.first_wait * self.growth ** (attempt - 1) * random.uniform(1 - self.spread, 1 + self.spread)  # noqa: S311
        return max(min(own, self.longest_wait), wish or 0.0)

    def run(
        self, attempt: Callable[[], T], *, may_stop: Callable[[int, BaseException | None], bool] | None = None
    ) -> T:
        """Calls `attempt` until it succeeds. The last SourceUnavailable is raised when tries or time are used up.

        `may_stop(tries, error)` replaces the limit of tries. Nothing is tried again once the budget is used up.
        """
        if self.budget.is_used_up:
            return self._run_once(attempt)
        out_of_time = tenacity.stop_before_delay(self.total_seconds)

        def wait(state: tenacity.RetryCallState) -> float:
            return self.wait(state.attempt_number, _failure(state))

        def stop(state: tenacity.RetryCallState) -> bool:
            tries = state.attempt_number
            wish = getattr(_failure(state), "retry_after", None)
            if self.longest_wish is not None and (wish or 0.0) > self.longest_wish:
                return True
            return out_of_time(state) or (may_stop(tries, _failure(state)) if may_stop else tries >= self.attempts)

        retrying = tenacity.Retrying(
            sleep=self.sleep,
            reraise=True,
            retry=tenacity.retry_if_exception_type(SourceUnavailable),
            wait=wait,
            stop=stop,
        )
        begun = time.monotonic()
        try:
            return retrying(attempt)
        except SourceUnavailable:
            self.budget.charge(max(time.monotonic() - begun, retrying.statistics["idle_for"]))
            raise

    def _run_once(self, attempt: Callable[[], T]) -> T:
        try:
            return attempt()
        except SourceUnavailable as error:
            error.message += (
                f"; not tried again, since failing calls have cost this run {self.budget.seconds:g} s already"
            )
            error.args = (error.message,)
            raise


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
