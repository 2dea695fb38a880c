"""Mistakes in the environment and the configuration: each one line that says what to do, and exit code 2."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sync_assets.connections import load_connections
from sync_assets.settings import get_settings, make_home
from sync_assets_tests.defs.support import Command

PORT_TAKEN = "Port {port} is in use; choose another one with --port"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:hush@localhost:99999/x", "DATABASE_URL has the port 99999"),
        ("postgresql://u:hush@localhost:abc/x", "DATABASE_URL is not a PostgreSQL URL"),
        ("postgresql://u:hu@sh@c:d@/x", "DATABASE_URL is not a PostgreSQL URL"),
        ("postgresql://u:hush@localhost/x?hush=hush", "DATABASE_URL has the option hush"),
        ("nonsense", "DATABASE_URL must be a PostgreSQL URL"),
    ],
)
def test_a_database_url_that_is_none(command: Command, url: str, message: str) -> None:
    for arguments in (("orgs",), ("migrate",)):
        code, _, told = command(*arguments, DATABASE_URL=url)
        assert (code, told.count("\n")) == (2, 1), told
        assert told.startswith(f"Error: {message}")
        assert "u:hu" not in told


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"DAGSTER_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"},
            "The PostgreSQL of DAGSTER_DATABASE_URL refuses",
        ),
        ({"DAGSTER_DATABASE_URL": "postgresql://u:hush@127.0.0.1:0/x"}, "DAGSTER_DATABASE_URL has the port 0"),
        ({"DAGSTER_DATABASE_URL": "mysql://u:hush@127.0.0.1/x"}, "DAGSTER_DATABASE_URL is not a PostgreSQL URL"),
        ({"DAGSTER_HOME": "here"}, "DAGSTER_HOME here is not an absolute path"),
        ({"DAGSTER_HOME": "/does/not/exist"}, "DAGSTER_HOME /does/not/exist does not exist"),
    ],
)
def test_dagsters_storage_and_home(command: Command, database: str, environment: dict[str, str], message: str) -> None:
    code, _, told = command("run", DATABASE_URL=database, **environment)
    assert code == 2
    lines = [line for line in told.splitlines() if line.strip()]
    assert [line.startswith(f"Error: {message}") for line in lines] == [True], told
    assert "hush" not in told


def test_a_connections_file_that_cannot_be_read(command: Command, tmp_path: Path) -> None:
    code, _, told = command("orgs", SYNC_ASSETS_CONNECTIONS=str(tmp_path))
    assert (code, told) == (
        2, f"Error: {tmp_path} is a folder; set SYNC_ASSETS_CONNECTIONS to a file that this user may read\n"
    )  # fmt: skip
    secret = tmp_path / "secret.yaml"
    secret.write_text("orgs: {}", encoding="utf-8")
    secret.chmod(0)
    if not os.access(secret, os.R_OK):
        code, _, told = command("orgs", SYNC_ASSETS_CONNECTIONS=str(secret))
        assert (code, told.count("\n")) == (2, 1)
        assert "permission denied" in told


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://odoo.acme.example:99999", "the port must be a number from 1 to 65535"),
        ("https://odoo.acme.example:abc", "the port must be a number from 1 to 65535"),
        ("https://odoo.acme.example:0", "the port must be a number from 1 to 65535"),
        ("https://odoo acme.example", "must not contain blanks or backslashes"),
        ("https://[odoo", "Invalid IPv6 URL"),
    ],
)
def test_the_url_of_one_organisation(tmp_path: Path, url: str, message: str) -> None:
    file = tmp_path / "connections.yaml"
    odoo = f"{{url: '{url}', database: d, login: l, api_key: '${{KEY}}'}}"
    file.write_text(
        f"orgs:\n  bad: {{name: Bad, sources: {{odoo: {odoo}}}}}\n  good: {{name: Good}}\n", encoding="utf-8"
    )
    found = load_connections(file)
    assert found.problems == [f"connections.yaml, bad: sources.odoo.url: {message}"]
    assert list(found.orgs) == ["good"]


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_the_sandbox_port_names_its_variable(command: Command, port: str) -> None:
    code, _, told = command("orgs", SYNC_ASSETS_SANDBOX_PORT=port)
    assert (code, told.count("\n")) == (2, 1)
    assert told.startswith("Error: SYNC_ASSETS_SANDBOX_PORT: Input should be ")


def test_a_home_that_cannot_be_written(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    for home, reason in ((file, "it is a file"), (file / "below", "not a directory")):
        code, _, told = command("orgs", SYNC_ASSETS_HOME=str(home))
        assert (code, told.count("\n")) == (2, 1)
        assert told.startswith(f"Error: SYNC_ASSETS_HOME {home} cannot be used ({reason})")


def test_a_home_is_made_with_its_parents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNC_ASSETS_HOME", str(tmp_path / "one" / "two"))
    get_settings.cache_clear()
    make_home(get_settings())
    get_settings.cache_clear()
    assert (tmp_path / "one" / "two").is_dir()


def test_an_instant_is_refused_before_anything_starts(command: Command) -> None:
    for text in ("yesterday", "2026-13-01", "0001-01-01T00:00+14:00"):
        code, _, told = command("run", "--as-of", text, DATABASE_URL="postgresql://u@127.0.0.1:1/x")
        assert (code, told) == (2, f"Error: as_of '{text}' is not ISO 8601; write 2026-06-30T12:00:00Z\n")


def test_a_port_that_is_taken(command: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, told = command("sandbox", "--port", str(port))
    assert (code, told) == (2, f"Error: {PORT_TAKEN.format(port=port)}\n")


@pytest.mark.parametrize(
    "arguments", [("sandbox", "--port", "65536"), ("sandbox", "--port", "0"), ("ui", "--port", "65536")]
)
def test_a_port_that_is_none(command: Command, arguments: tuple[str, ...]) -> None:
    code, _, told = command(*arguments)
    assert code == 2
    assert "Input should be " in told
    assert "Traceback" not in told
