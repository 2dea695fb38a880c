"""The shared limit where a machine is slow: late senders, late answers, stopped processes, servers that hang."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from sync_assets.targets.vendor_api import TargetPaused
from sync_assets.warehouse import Warehouse, push_limits
from sync_assets.warehouse.push_limits import GAP_SECONDS, Limiter

SERVER = "http://odoo.test:80"


@pytest.fixture
def limiter(warehouse: Warehouse) -> Limiter:
    return Limiter(warehouse, SERVER, paused=TargetPaused)


def take(limiter: Limiter, count: int, seconds: float = 0.0) -> list[float]:
    """The instants at which the calls began; each is answered after `seconds`."""
    begun = []
    for _ in range(count):
        with limiter.permit():
            begun.append(time.monotonic())
            time.sleep(seconds)
    return begun


def test_five_at_once_and_the_sixth_a_second_after_the_first(limiter: Limiter) -> None:
    begun = take(limiter, 6)
    assert begun[4] - begun[0] < 0.9
    assert GAP_SECONDS <= begun[5] - begun[0] < GAP_SECONDS + 0.5


def test_a_call_counts_from_its_answer_which_alone_proves_its_arrival(limiter: Limiter) -> None:
    """A sender that is held up between its permit and its first byte arrives late; the sixth must not follow too closely."""
    take(limiter, 1)
    time.sleep(GAP_SECONDS)
    with limiter.permit():
        time.sleep(0.4)
        arrived_at = time.monotonic()
    take(limiter, 4)
    assert take(limiter, 1)[0] - arrived_at >= 1.0


def test_a_server_that_is_always_slow_costs_no_pace(limiter: Limiter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What every call takes is no delay of one: five calls of 0.3 s in flight keep nearly five a second."""
    monkeypatch.setattr(push_limits, "LEARNED", 1)
    take(limiter, 1, 0.3)
    time.sleep(GAP_SECONDS)
    begun: list[float] = []
    threads = [threading.Thread(target=lambda: begun.extend(take(limiter, 2, 0.3))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begun.sort()
    assert all(later - earlier >= 1.0 for earlier, later in zip(begun, begun[5:], strict=False))
    assert begun[5] - begun[0] < GAP_SECONDS + 0.25


def test_a_call_without_an_answer_holds_its_place_for_a_while_only(
    limiter: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_limits, "HOLD_SECONDS", 0.2)
    hanging = [limiter.permit() for _ in range(5)]
    begun = time.monotonic()
    for permit in hanging:
        permit.__enter__()
    take(limiter, 1)
    assert 1.2 <= time.monotonic() - begun < 2.0
    for permit in hanging:
        permit.__exit__(None, None, None)


def test_a_process_that_was_stopped_while_it_waited_lets_the_others_go_on(
    warehouse: Warehouse, limiter: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_limits, "STOPPED_SECONDS", 1)
    has_turn = threading.Event()

    class Stopped(Limiter):
        def _look(self, connection: psycopg.Connection[Any]) -> tuple[list[float], float]:
            has_turn.set()
            time.sleep(2)
            return super()._look(connection)

    def wait() -> None:
        with pytest.raises(TargetPaused):
            take(Stopped(warehouse, SERVER, paused=TargetPaused), 1)

    stopped = threading.Thread(target=wait)
    stopped.start()
    assert has_turn.wait(timeout=5)
    begun = time.monotonic()
    take(limiter, 1)
    assert 0.5 < time.monotonic() - begun < 1.9
    stopped.join()


def test_a_pause_ends_the_waiting(limiter: Limiter, warehouse: Warehouse) -> None:
    take(limiter, 5)
    raised: list[Any] = []

    def wait() -> None:
        with pytest.raises(TargetPaused) as found:
            take(limiter, 1)
        raised.append(found.value.seconds)

    waiting = threading.Thread(target=wait)
    waiting.start()
    limiter.pause(60)
    waiting.join(timeout=5)
    assert raised and timedelta(seconds=50) < timedelta(seconds=raised[0]) <= timedelta(seconds=60)
