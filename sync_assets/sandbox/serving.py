"""A thread that serves one ASGI application on loopback, for every sandbox.

What the application answers belongs to the sandbox itself.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sync_assets.errors import ConfigurationError


class _Server(uvicorn.Server):
    """Ends when it is told to, where uvicorn looks ten times a second; answers that are on their way are cut off."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.told = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def tell_to_end(self) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.told.set)


class LoopbackServer:
    """Serves `asgi` on 127.0.0.1. `connections` holds the open ones by client address, so that a fault can cut one."""

    def __init__(self, asgi: Any, port: int, name: str, connections: dict[Any, asyncio.Transport]) -> None:
        self.port = port
        self._asgi = asgi
        self._name = name
        self._connections = connections
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts to listen; at the first time on a free port when the port is 0. Raises ConfigurationError when taken."""
        if self._thread is not None:
            return
        # asyncio switches Nagle's delay of 40 ms per answer off only for sockets that name their protocol.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self.port))
        except OSError as error:
            listener.close()
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise ConfigurationError(
                f"Port {self.port} {reason}; choose another one with --port", code="port_in_use"
            ) from None
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._asgi,
            http=_connection_class(self._connections),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
        )
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=self._name, daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the sandbox server did not start")
            time.sleep(0.002)
        self._server, self._thread = server, thread

    def stop(self) -> None:
        """Stops to listen and closes all connections."""
        if self._server is None or self._thread is None:
            return
        self._server.tell_to_end()
        self._thread.join()
        self._server = self._thread = None


def _connection_class(connections: dict[Any, Any]) -> type[H11Protocol]:
    """A connection that can be found by its client's address."""

    class Connection(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Connection
