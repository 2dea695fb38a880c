"""sync_assets: one trustworthy picture of an organisation's customers, synced into PostgreSQL."""

__version__ = "0.1.0"
