"""Who is synced: organisations with their sources and targets, from connections.yaml.

A mistake in one organisation is reported and leaves the others untouched. Opening connections does not belong here.
"""

from sync_assets.connections.alleaves import ORDER_STATUSES, AlleavesConnection, Credentials, credentials
from sync_assets.connections.isavigne import DocumentType, IsavigneConnection, IsavigneKind
from sync_assets.connections.odoo import FIELD_NAME, OdooConnection
from sync_assets.connections.orgs import (
    AvatarSettings,
    BottleSettings,
    Category,
    Connections,
    LoyaltySettings,
    Org,
    SourceName,
    Sources,
    load_connections,
)
from sync_assets.connections.settings import LOOPBACK, Secret, optional_secret, secret_value
from sync_assets.connections.vendor import ShopConnection, ShopTables, Targets, VendorConnection

__all__ = [
    "FIELD_NAME",
    "LOOPBACK",
    "ORDER_STATUSES",
    "AlleavesConnection",
    "AvatarSettings",
    "BottleSettings",
    "Category",
    "Connections",
    "Credentials",
    "DocumentType",
    "IsavigneConnection",
    "IsavigneKind",
    "LoyaltySettings",
    "OdooConnection",
    "Org",
    "Secret",
    "ShopConnection",
    "ShopTables",
    "SourceName",
    "Sources",
    "Targets",
    "VendorConnection",
    "credentials",
    "load_connections",
    "optional_secret",
    "secret_value",
]
