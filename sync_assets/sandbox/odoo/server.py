"""The sandbox as others use it: one server of one version, its records, its faults and its thread.

Paths and protocols belong to `app.py` and `protocols.py`.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from datetime import date
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.odoo import access, seed
from sync_assets.sandbox.odoo.app import WebApp
from sync_assets.sandbox.odoo.faults import Faults
from sync_assets.sandbox.odoo.fields import VERSIONS, build_models
from sync_assets.sandbox.odoo.service import Service
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import time_text


class OdooSandbox:
    """A server on loopback that behaves like Odoo of that version for the models and methods that are read.

    `records` is None for the demo organisation or "empty" for the base records only. Without `today` the demo grows
    by a day when its clock passes midnight; with it, the orders end on the day before. `today` may be changed later.
    """

    def __init__(
        self,
        version: str = "18.0",
        port: int = 0,
        database: str = access.DATABASE,
        records: str | None = None,
        today: date | None = None,
        installed: tuple[str, ...] = ("base", "product", "sale", "stock"),
    ) -> None:
        if version not in VERSIONS:
            raise ValueError(f"version {version!r} is not one of {', '.join(VERSIONS)}")
        if records not in (None, "empty"):
            raise ValueError('records is None for the demo organisation or "empty"')
        self.version = version
        self.database = database
        self.login = access.LOGIN
        self.api_key = access.API_KEY
        self.store = Store(int(version.split(".")[0]), build_models(version, installed))
        self.faults = Faults()
        self.today = today
        self._web = WebApp(Service(version, database, self.store), self.faults, self._grow)
        self.calls = self._web.calls
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        seed.load_base(self.store)
        self._demo = None if records == "empty" else seed.Demo(self.store)
        self._grow()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> OdooSandbox:
        self.server_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.server_down()

    def server_up(self) -> None:
        """Starts to listen; at the first time on a free port when the port is 0. Raises ConfigurationError when taken."""
        if self._thread is not None:
            return
        # asyncio switches Nagle's delay of 40 ms per answer off only for sockets that name their protocol.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError as error:
            listener.close()
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise ConfigurationError(
                f"Port {self._port} {reason}; choose another one with --port", code="port_in_use"
            ) from None
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._web.asgi,
            http=_connection_class(self._web.connections),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="odoo-sandbox", daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the sandbox server did not start")
            time.sleep(0.002)
        self._server, self._thread = server, thread

    def server_down(self) -> None:
        """Stops to listen and closes all connections; the records stay."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def _grow(self) -> None:
        if self._demo is not None:
            self._demo.extend_to(self.today or date.fromisoformat(time_text(self.store.now())[:10]))


def _connection_class(connections: dict[Any, Any]) -> type[H11Protocol]:
    """A connection that can be found by its client's address, so that a fault can cut it."""

    class Connection(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Connection
