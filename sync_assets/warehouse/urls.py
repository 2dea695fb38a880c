"""PostgreSQL URLs as people write them: read, checked and tried, with the setting they come from in every message.

Connections for work do not belong here; a URL is never shown, since it may hold a password.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import psycopg.conninfo
import sqlalchemy as sa

from sync_assets.errors import ConfigurationError

TRY_SECONDS = 10
EXAMPLE = "write postgresql://user:password@host:5432/database, special characters in the password as %40"


def read_url(text: str, *, setting: str = "DATABASE_URL") -> sa.URL:
    """The parts of a PostgreSQL URL, whatever driver or alias it names. Raises ConfigurationError naming `setting`."""
    if not text.startswith(("postgresql://", "postgres://", "postgresql+")):
        raise ConfigurationError(f"{setting} is not a PostgreSQL URL; {EXAMPLE}", code="bad_setting")
    try:
        url = sa.make_url(text.replace("postgres://", "postgresql://", 1))
    except (ValueError, sa.exc.ArgumentError):
        raise ConfigurationError(f"{setting} is not a PostgreSQL URL; {EXAMPLE}", code="bad_setting") from None
    if url.port is not None and not 1 <= url.port <= 65535:
        raise ConfigurationError(
            f"{setting} has the port {url.port}; ports go from 1 to 65535", code="bad_setting"
        ) from None
    for name in url.query:
        try:
            psycopg.conninfo.make_conninfo("", **{name: "1"})
        except psycopg.ProgrammingError:
            raise ConfigurationError(
                f"{setting} has the option {name}, which PostgreSQL does not know; remove it", code="bad_setting"
            ) from None
    return url


def check_reachable(url: sa.URL, *, setting: str) -> None:
    """Connects once. Raises ConfigurationError naming `setting` when that fails."""
    with explained(setting, f"check {setting}"):
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        psycopg.connect(plain, connect_timeout=TRY_SECONDS).close()


@contextmanager
def explained(setting: str, advice: str) -> Iterator[None]:
    """Turns what PostgreSQL refuses in the block into one line that names the setting and ends with the advice."""
    try:
        yield
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    else:
        return
    raise ConfigurationError(f"The PostgreSQL of {setting} refuses: {reason}; {advice}", code="warehouse_down")
