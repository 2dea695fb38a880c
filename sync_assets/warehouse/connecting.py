"""Connections to PostgreSQL: the URL as the driver wants it, and what to say when there is none. No SQL belongs here."""

from __future__ import annotations

import re

import sqlalchemy as sa

from sync_assets.errors import ConfigurationError, SourceUnavailable, SyncError
from sync_assets.warehouse.urls import read_url

CONNECT_SECONDS = 10
# The sqlstate of a refused connection is not passed on.
REFUSED = re.compile(
    r"authentication failed|no pg_hba\.conf entry|(role|database) .* does not exist|no password supplied"
)


def with_timeout(url: sa.URL) -> sa.URL:
    """`url`, which gives up connecting after a while; its own `connect_timeout` is kept."""
    if "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})


def engine_url(url: str) -> sa.URL:
    """`url` for SQLAlchemy with the psycopg 3 driver, whatever driver or alias it names. Raises ConfigurationError."""
    return with_timeout(read_url(url).set(drivername="postgresql+psycopg"))


def no_connection(error: BaseException | None, url: sa.URL) -> SyncError:
    """The one line for a connection that failed: ConfigurationError when it was refused, else SourceUnavailable."""
    reason = str(error).strip().splitlines()[0].removeprefix("connection failed: ")
    # The embedded server has a socket instead of a host, and no setting that could be wrong.
    hint = "; check DATABASE_URL" if url.host else ""
    if REFUSED.search(reason):
        return ConfigurationError(f"PostgreSQL refuses the connection: {reason}{hint}", code="warehouse_refused")
    return SourceUnavailable(f"PostgreSQL does not answer: {reason}{hint}", code="warehouse_down")
