"""The sandbox as others use it: one server of one version, its records, its faults and its thread.

Paths and protocols belong to `app.py` and `protocols.py`.
"""

from __future__ import annotations

from datetime import date

from sync_assets.sandbox.odoo import access, seed
from sync_assets.sandbox.odoo.app import WebApp
from sync_assets.sandbox.odoo.faults import Faults
from sync_assets.sandbox.odoo.fields import VERSIONS, build_models
from sync_assets.sandbox.odoo.service import Service
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import time_text
from sync_assets.sandbox.serving import LoopbackServer


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
        self._server = LoopbackServer(self._web.asgi, port, "odoo-sandbox", self._web.connections)
        seed.load_base(self.store)
        self._demo = None if records == "empty" else seed.Demo(self.store)
        self._grow()

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> OdooSandbox:
        self.server_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.server_down()

    def server_up(self) -> None:
        """Starts to listen; at the first time on a free port when the port is 0. Raises ConfigurationError when taken."""
        self._server.start()

    def server_down(self) -> None:
        """Stops to listen and closes all connections; the records stay."""
        self._server.stop()

    def _grow(self) -> None:
        if self._demo is not None:
            self._demo.extend_to(self.today or date.fromisoformat(time_text(self.store.now())[:10]))
