from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sync_assets.defs.storage import dagster_url
from sync_assets.errors import ConfigurationError, SourceUnavailable, SyncError
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse, connecting
from sync_assets.warehouse.migrate import check_migrated

PLAIN = "sslmode=disable&gssencmode=disable"


@contextmanager
def postgres_that(answer: bytes | None) -> Iterator[str]:
    """Address of a server that gives every client this answer; None: it accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                held.append(client)
                if answer is not None:
                    client.recv(1000)
                    client.sendall(answer)
                    client.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        for client in held:
            client.close()


def refusal(message: str, sqlstate: str) -> bytes:
    fields = b"".join(
        kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"C", sqlstate), (b"M", message))
    )
    return b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0"


def problem_of(url: str) -> SyncError:
    with Warehouse(url) as warehouse, pytest.raises(SyncError) as caught:
        warehouse.query("SELECT 1")
    with pytest.raises(SyncError) as again:
        check_migrated(url)
    assert again.value.message == caught.value.message
    assert "\n" not in caught.value.message
    assert "canary" not in caught.value.message
    assert type(again.value) is type(caught.value)
    return caught.value


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 2)
    begun = time.monotonic()
    with postgres_that(None) as address:
        problem = problem_of(f"postgresql://maestro:canary@{address}/shop?{PLAIN}")
    assert time.monotonic() - begun < 15
    assert isinstance(problem, SourceUnavailable)
    assert "timeout" in problem.message


def test_the_patience_of_the_url_wins() -> None:
    assert connecting.engine_url("postgres://db.example/shop").query["connect_timeout"] == "10"
    assert connecting.engine_url("postgresql://db.example/shop?connect_timeout=3").query["connect_timeout"] == "3"


def test_dagsters_storage_is_as_patient(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_DATABASE_URL", database)
    get_settings.cache_clear()
    url = dagster_url()
    get_settings.cache_clear()
    assert url.startswith("postgresql+psycopg2://")
    assert "connect_timeout=10" in url


@pytest.mark.parametrize(
    ("message", "sqlstate"),
    [
        ('password authentication failed for user "maestro"', "28P01"),
        ('role "maestro" does not exist', "28000"),
        ('database "shop" does not exist', "3D000"),
    ],
)
def test_a_refusal_names_the_setting_to_correct(message: str, sqlstate: str) -> None:
    with postgres_that(refusal(message, sqlstate)) as address:
        problem = problem_of(f"postgresql://maestro:canary@{address}/shop?{PLAIN}")
    assert isinstance(problem, ConfigurationError)
    assert message in problem.message
    assert problem.message.endswith("check DATABASE_URL")


def test_an_unknown_host_names_the_setting_to_correct() -> None:
    problem = problem_of("postgresql://maestro:canary@nowhere.invalid/shop")
    assert "nowhere.invalid" in problem.message
    assert problem.message.endswith("check DATABASE_URL")


def test_an_unknown_database_of_a_real_server(database: str) -> None:
    problem = problem_of(database.replace("/test_", "/absent_"))
    assert "does not exist" in problem.message
    # A socket's URL without host is that of the embedded server, which nobody has set.
    assert "DATABASE_URL" not in problem.message
