"""The sandbox as others use it: one account of one dialect, its store, its faults and its thread.

Paths belong to `dialects.py`, the course of a call to `app.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from sync_assets.clock import utc_now
from sync_assets.sandbox.alleaves.access import Access
from sync_assets.sandbox.alleaves.app import WebApp
from sync_assets.sandbox.alleaves.dialects import DIALECTS
from sync_assets.sandbox.alleaves.life import advance
from sync_assets.sandbox.alleaves.seed import ZONE, demo_store
from sync_assets.sandbox.alleaves.store import Store
from sync_assets.sandbox.alleaves.tokens import DAY_SECONDS, DOCUMENTED_SECONDS, Tokens
from sync_assets.sandbox.serving import LoopbackServer

LIFE = 20


class AlleavesSandbox:
    """A server on loopback that behaves like Alleaves in the given dialect.

    Without `store` it holds the demo store of the clock's day. Tokens live `token_seconds` (None: 24 h observed, 15 min
    documented) and are of `token_kind` (jwt, opaque, no_exp, past_exp); both may be changed later in `tokens`. The
    prefixes are those of the connection settings; `inventory_prefix` None is the dialect's own. With `is_living` the store
    lives on to the clock's time before every data call.
    """

    def __init__(
        self,
        dialect: str = "observed",
        store: Store | None = None,
        port: int = 0,
        token_seconds: float | None = None,
        token_kind: str = "jwt",  # noqa: S107 - a kind, not a secret
        prefix: str = "/api",
        inventory_prefix: str | None = None,
        is_living: bool = False,
    ) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"dialect {dialect!r} is not one of {', '.join(DIALECTS)}")
        if token_seconds is None:
            token_seconds = DAY_SECONDS if dialect == "observed" else DOCUMENTED_SECONDS
        if inventory_prefix is None:
            inventory_prefix = prefix if dialect == "observed" else ""
        self.dialect = dialect
        self.store = store if store is not None else demo_store(utc_now().astimezone(ZONE).date())
        self.now: Callable[[], datetime] = utc_now
        self.tokens = Tokens(token_seconds, token_kind)
        self.access = Access(self.tokens)
        self._web = WebApp(dialect, self.store, self.access, prefix, inventory_prefix)
        self._web.clock = lambda: self.now()
        if is_living:
            source = random.Random(LIFE)  # noqa: S311 - sample data
            self._web.before_call = lambda: advance(self.store, self.now(), source)
        self.faults = self._web.faults
        self.switches = self._web.switches
        self.calls = self._web.calls
        self._server = LoopbackServer(self._web.asgi, port, "alleaves-sandbox", self._web.connections)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def username(self) -> str:
        return self.access.username

    @property
    def password(self) -> str:
        return self.access.password

    @property
    def pin(self) -> str | None:
        return self.access.pin

    @property
    def location_ids(self) -> list[str]:
        return self.store.location_ids

    def __enter__(self) -> AlleavesSandbox:
        self.server_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.server_down()

    def server_up(self) -> None:
        """Starts to listen; at the first time on a free port when the port is 0."""
        self._server.start()

    def server_down(self) -> None:
        """Stops to listen and closes all connections; the store stays."""
        self._server.stop()
