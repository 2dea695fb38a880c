"""Permits to call a server, at most five in any second over all processes, and pauses that a server asked for.

A server has five places. A call holds one until a second after it arrived; since only the answer proves that it has, a
sender that was held up, a slow network or a busy server makes the next call later and never one too many. What is
called does not belong here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from sync_assets.warehouse.warehouse import Warehouse

PLACES = 5
# A second, and a little for clocks that are set while they run.
GAP_SECONDS = 1.005
# A call without an answer counts as arrived this long after its permit: a server that hangs must not hold up all others.
HOLD_SECONDS = 1.0
POLL_SECONDS = 0.02
# Whoever sleeps in turn is stopped (Ctrl-Z, a suspended machine) and must let the others go on.
STOPPED_SECONDS = 5
# How many calls it takes to know what a server needs for an answer at least.
LEARNED = 20

_LEFT = ", ".join(
    f"extract(epoch FROM sent_{n}_at - clock_timestamp())::float8 + {GAP_SECONDS}" for n in range(1, PLACES + 1)
)
_LOOK = f"""
SELECT ARRAY[{_LEFT}], extract(epoch FROM paused_until - clock_timestamp())::float8
FROM ops.push_limits WHERE server = %s
"""
_TAKE = "UPDATE ops.push_limits SET {place} = clock_timestamp() + %(hold)s WHERE server = %(server)s RETURNING {place}"
_GIVE = "UPDATE ops.push_limits SET {place} = %(at)s WHERE server = %(server)s AND {place} = %(held)s"


class Limiter:
    """Gives permits to call one server. Raises what `paused(seconds)` makes while the server wants a pause."""

    def __init__(self, warehouse: Warehouse, server: str, *, paused: Callable[[float], Exception]) -> None:
        self.server = server
        self._warehouse = warehouse
        self._paused = paused
        self._turn = threading.Lock()
        self._quickest, self._answered = float("inf"), 0
        with warehouse.transaction() as connection:
            connection.execute("INSERT INTO ops.push_limits (server) VALUES (%s) ON CONFLICT DO NOTHING", [server])

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Waits for a free place, which the call in the block holds; the block's end says that it was answered."""
        place, held_until, taken_at = self._take()
        try:
            yield
        finally:
            elapsed = time.monotonic() - taken_at
            # What even the quickest call needed for its answer is no delay of this one's arrival.
            late = elapsed - self._quickest if self._answered >= LEARNED else elapsed
            self._quickest, self._answered = min(self._quickest, elapsed), self._answered + 1
            arrived_at = held_until + timedelta(seconds=max(late, 0.0) - HOLD_SECONDS)
            with self._warehouse.transaction() as connection:
                connection.execute("SET LOCAL synchronous_commit = off")
                statement = sql.SQL(_GIVE).format(place=place)
                connection.execute(statement, {"server": self.server, "at": arrived_at, "held": held_until})

    def _take(self) -> tuple[sql.Identifier, datetime, float]:
        try:
            return self._take_in_turn()
        except psycopg.errors.IdleInTransactionSessionTimeout:
            # This process was stopped while the turn was its own; it lost it, and asks again like after a pause.
            raise self._paused(0.0) from None

    def _take_in_turn(self) -> tuple[sql.Identifier, datetime, float]:
        """The place, the instant until which it is held at least, and the local instant before which it was not taken."""
        # One waits at a time, first in its process and then of all processes; the others queue up without asking.
        with self._turn, self._warehouse.transaction() as connection:
            # After a crash of the server the permits of its last moments are long over.
            connection.execute("SET LOCAL synchronous_commit = off")
            connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{STOPPED_SECONDS}s'")
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('push permit'), hashtext(%s))", [self.server])
            while True:
                lefts, pause = self._look(connection)
                if pause > 0:
                    raise self._paused(pause)
                left = min(lefts)
                if left <= 0:
                    break
                # A place that is free later than a gap from now belongs to a call whose answer may come any time.
                time.sleep(left if left <= GAP_SECONDS else POLL_SECONDS)
            place = sql.Identifier(f"sent_{lefts.index(left) + 1}_at")
            taken_at = time.monotonic()
            hold = timedelta(seconds=HOLD_SECONDS)
            row = connection.execute(
                sql.SQL(_TAKE).format(place=place), {"server": self.server, "hold": hold}
            ).fetchone()
            assert row is not None
            return place, row[0], taken_at

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
            return max(self._look(connection)[1], 0.0)

    def _look(self, connection: psycopg.Connection[Any]) -> tuple[list[float], float]:
        """Seconds until each place is free, and of the pause; below 0 when over."""
        row = connection.execute(_LOOK, [self.server]).fetchone()
        assert row is not None
        return row
