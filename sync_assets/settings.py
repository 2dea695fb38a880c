"""The environment, read once: where the database, the connections file and the sandbox are.

Settings of a single organisation do not belong here; they are in connections.yaml.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting is an environment variable or a line of `.env`; `.env.example` explains them all."""

    model_config = SettingsConfigDict(env_file=PROJECT_ROOT / ".env", extra="ignore")

    database_url: SecretStr | None = None
    dagster_database_url: SecretStr | None = None
    sync_assets_connections: Path = PROJECT_ROOT / "data" / "connections.yaml"
    sync_assets_home: Path = PROJECT_ROOT / ".sync_assets"
    sync_assets_sandbox_port: int = 18069


@cache
def get_settings() -> Settings:
    return Settings()
