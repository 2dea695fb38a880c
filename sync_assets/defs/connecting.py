"""How each source's client is made for one organisation: settings, secrets, first contact."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from sync_assets.connections import Org, secret_value
from sync_assets.errors import ConfigurationError
from sync_assets.sources.alleaves import AlleavesClient, open_client
from sync_assets.sources.odoo import STREAMS, OdooClient


def connect(org: Org, source: str) -> Any:
    """A client that has spoken to its server. Raises ConfigurationError, SourceUnavailable or SourceDataError."""
    connection = getattr(org.sources, source, None)
    if connection is None:
        raise ConfigurationError(f"{org.org_id}: no {source} connection; add sources.{source} to connections.yaml")
    if not org.active:
        raise ConfigurationError(
            f"{org.org_id} is not active; set active: true in connections.yaml to sync it", code="connection_inactive"
        )
    client = CLIENTS[source](org) if source in CLIENTS else _further(org, source)
    try:
        client.login() if isinstance(client, AlleavesClient) else client.connect()
    except BaseException:
        client.close()
        raise
    return client


def _odoo(org: Org) -> OdooClient:
    connection = org.sources.odoo
    assert connection is not None
    unknown = sorted(set(connection.extra_fields) - {stream.model for stream in STREAMS.values()})
    if unknown:
        raise ConfigurationError(f"{org.org_id}: extra_fields names {unknown[0]}, which is not read; correct it")
    return OdooClient(connection, secret_value(connection.api_key, org=org.org_id), org=org.org_id)


def _alleaves(org: Org) -> AlleavesClient:
    assert org.sources.alleaves is not None
    return open_client(org.sources.alleaves, org=org.org_id)


def _further(org: Org, source: str) -> Any:
    """The client of a source that brings its own `open_client`."""
    return import_module(f"sync_assets.sources.{source}").open_client(getattr(org.sources, source), org=org.org_id)


CLIENTS: dict[str, Callable[[Org], Any]] = {"odoo": _odoo, "alleaves": _alleaves}
