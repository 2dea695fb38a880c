"""The environment, read once: where the database, the connections file and the sandbox are.

Settings of a single organisation do not belong here; they are in connections.yaml.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sync_assets.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting is an environment variable or a line of `.env`; `.env.example` explains them all."""

    model_config = SettingsConfigDict(env_file=PROJECT_ROOT / ".env", extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = None
    dagster_database_url: SecretStr | None = None
    sync_assets_connections: Path = PROJECT_ROOT / "data" / "connections.yaml"
    sync_assets_home: Path = PROJECT_ROOT / ".sync_assets"
    sync_assets_sandbox_port: int = Field(default=18069, ge=1, le=65535)


@cache
def get_settings() -> Settings:
    """Raises ConfigurationError that names the variable which cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
    told = "; ".join(f"{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in problems)
    raise ConfigurationError(f"{told}; correct the environment or .env", code="bad_setting")


def make_home(settings: Settings) -> None:
    """Creates the folder of the embedded server. Raises ConfigurationError when it cannot be written."""
    home = settings.sync_assets_home
    try:
        home.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(home, os.W_OK | os.X_OK) else "it is not writable"
    except OSError as error:
        reason = "it is a file" if home.is_file() else (error.strerror or type(error).__name__).lower()
    if reason:
        raise ConfigurationError(
            f"SYNC_ASSETS_HOME {home} cannot be used ({reason}); set it to a folder of your own, or set DATABASE_URL",
            code="bad_setting",
        )


def dagster_home() -> Path:
    """The folder with dagster.yaml: DAGSTER_HOME, else this project's. Raises ConfigurationError when it is none."""
    given = os.environ.get("DAGSTER_HOME")
    home = Path(given) if given else PROJECT_ROOT
    if not home.is_absolute() or not home.is_dir():
        what = "does not exist" if home.is_absolute() else "is not an absolute path"
        raise ConfigurationError(
            f"DAGSTER_HOME {home} {what}; set it to the folder with dagster.yaml, or unset it for {PROJECT_ROOT}",
            code="bad_setting",
        )
    return home
