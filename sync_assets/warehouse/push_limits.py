"""Permits to call a server, at most five in any second over all processes, and pauses that a server asked for.

What is called does not belong here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from sync_assets.warehouse.warehouse import Warehouse

# The fifth-last permit must be a second old; the rest is for clocks and networks that are not exact.
GAP_SECONDS = 1.02
LATE_SECONDS = 0.010
GIVE_UPS = 3

_RESERVE = f"""
UPDATE ops.push_limits SET sent_5_at = sent_4_at, sent_4_at = sent_3_at, sent_3_at = sent_2_at, sent_2_at = sent_1_at,
  sent_1_at = greatest(clock_timestamp(), sent_5_at + interval '{GAP_SECONDS} s')
WHERE server = %s AND paused_until <= clock_timestamp()
RETURNING extract(epoch FROM sent_1_at - clock_timestamp())::float8
"""


class Limiter:
    """Gives permits to call one server. Raises what `paused(seconds)` makes while the server wants a pause."""

    def __init__(self, warehouse: Warehouse, server: str, *, paused: Callable[[float], Exception]) -> None:
        self.server = server
        self._warehouse = warehouse
        self._paused = paused
        with warehouse.transaction() as connection:
            connection.execute("INSERT INTO ops.push_limits (server) VALUES (%s) ON CONFLICT DO NOTHING", [server])

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Waits for the next free instant. A permit that came too late is given up, and stays counted.

        After three of those the server's row stays locked until the caller's block ends, so that nobody can follow
        too closely.
        """
        for _ in range(GIVE_UPS):
            with self._warehouse.transaction() as connection:
                ready_at = self._reserve(connection)
            if _sleep_until(ready_at) <= LATE_SECONDS:
                yield
                return
        with self._warehouse.transaction() as connection:
            _sleep_until(self._reserve(connection))
            try:
                yield
            finally:
                connection.execute(
                    "UPDATE ops.push_limits SET sent_1_at = clock_timestamp() WHERE server = %s", [self.server]
                )

    def pause(self, seconds: float) -> None:
        """Nobody gets a permit for that long."""
        with self._warehouse.transaction() as connection:
            connection.execute(
                "UPDATE ops.push_limits SET paused_until = greatest(paused_until, clock_timestamp() + "
                "make_interval(secs => %s)) WHERE server = %s",
                [seconds, self.server],
            )

    def pause_left(self) -> float:
        """Seconds until permits are given again."""
        with self._warehouse.transaction() as connection:
            return self._pause_left(connection)

    def _pause_left(self, connection: psycopg.Connection[Any]) -> float:
        row = connection.execute(
            "SELECT extract(epoch FROM paused_until - clock_timestamp())::float8 FROM ops.push_limits WHERE server = %s",
            [self.server],
        ).fetchone()
        return max(row[0], 0.0) if row else 0.0

    def _reserve(self, connection: psycopg.Connection[Any]) -> tuple[float, float]:
        """The local monotonic instants between which the reserved permit begins."""
        # After a crash of the server the permits of its last moments are long over.
        connection.execute("SET LOCAL synchronous_commit = off")
        asked_at = time.monotonic()
        row = connection.execute(_RESERVE, [self.server]).fetchone()
        if row is None:
            raise self._paused(self._pause_left(connection))
        # When exactly the database looked at its clock is not known, so lateness counts from the earliest instant.
        return asked_at + max(row[0], 0.0), time.monotonic() + max(row[0], 0.0)


def _sleep_until(instants: tuple[float, float]) -> float:
    """Sleeps until the later instant, and returns how many seconds after the earlier one it is."""
    earliest, latest = instants
    left = latest - time.monotonic()
    if left > 0:
        time.sleep(left)
    return time.monotonic() - earliest
