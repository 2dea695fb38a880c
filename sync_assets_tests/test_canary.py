"""A planted API key is in no table, output, log or file, however the server throws it back at us."""

from __future__ import annotations

import base64
import json
import shutil
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import ANY

import psycopg
import pytest
import yaml
from psycopg import sql

from sync_assets.sandbox.odoo import Fault, OdooSandbox, access
from sync_assets.settings import PROJECT_ROOT
from sync_assets_tests.defs.support import Command, add_family, add_order, add_product

# Escaping changes what is around the two words, never the words.
CANARY = "Kestrel7f3a<&\"'é\\ 9d2eWaxwing"
WORDS = ("Kestrel7f3a", "9d2eWaxwing")
NEEDLES = [word.encode() for word in WORDS] + [base64.b64encode(CANARY.encode())[3:20]]
# JSON-2 carries its key in a header, which holds ASCII only.
HEADER_CANARY = "Kestrel7f3a<&\"'-9d2eWaxwing"


class Echo(BaseHTTPRequestHandler):
    """An Odoo that answers version and login, and everything else with what it was asked, as its port's `kind` says."""

    def do_GET(self) -> None:
        kind = self.server.kind  # type: ignore[attr-defined]
        self.answer(*((200, '{"version": "19.0"}') if kind == "json2" else (404, "<html>not found</html>")))

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind = self.server.kind  # type: ignore[attr-defined]
        echo = f"{self.headers} {asked} {' '.join(str(value) for value in strings(json.loads(asked)))}"
        if '"version"' in asked:
            self.answer(200, json.dumps({"jsonrpc": "2.0", "result": {"server_version": "18.0"}}))
        elif '"authenticate"' in asked:
            self.answer(200, json.dumps({"jsonrpc": "2.0", "result": 7}))
        elif self.path.endswith("/context_get"):
            self.answer(200, '{"uid": 7}')
        elif kind == "page":
            self.answer(500, f"<html><pre>{echo}</pre></html>")
        elif kind == "text":
            self.answer(200, echo)
        elif kind == "redirect":
            self.answer(302, "", location=f"https://elsewhere.example/{asked.replace(' ', '')}?{WORDS[0]}")
        else:
            # Business errors are those whose text is shown.
            data = {"name": "odoo.exceptions.UserError", "message": echo, "debug": echo, "arguments": [echo]}
            fault = {"jsonrpc": "2.0", "error": {"code": 200, "message": echo, "data": data}}
            self.answer(*((422, json.dumps(data)) if kind == "json2" else (200, json.dumps(fault))))

    def answer(self, status: int, text: str, location: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location.encode("ascii", "ignore").decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing: its output would be taken for the command's."""


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


@pytest.fixture
def echoes() -> Iterator[dict[str, str]]:
    """The address of an echoing server of each kind."""
    servers = {}
    for kind in ("page", "text", "redirect", "fault", "json2"):
        servers[kind] = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        servers[kind].kind = kind  # type: ignore[attr-defined]
        Thread(target=servers[kind].serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield {kind: f"http://127.0.0.1:{server.server_port}" for kind, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


def contents(url: str) -> Iterator[tuple[str, bytes]]:
    """Every table of a database as COPY writes it, and what is stored compressed in it."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            name = sql.Identifier(schema, table)
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(name)) as copy:
                yield f"{schema}.{table}", b"".join(bytes(block) for block in copy)
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(name)):
                for value in row:
                    if isinstance(value, bytes):
                        yield f"{schema}.{table} (compressed)", zlib.decompress(value)


def test_the_key_of_an_organisation_is_in_no_sink(
    command: Command,
    database: str,
    odoo: OdooSandbox,
    echoes: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account = access.Account(CANARY, access.ACCOUNTS[odoo.login].groups)
    monkeypatch.setitem(access.ACCOUNTS, odoo.login, account)
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    base = {"database": odoo.database, "login": odoo.login, "retry_seconds": 0.2, "timeout_seconds": 5}
    orgs = {"good": {**base, "url": odoo.url, "api_key": "${CANARY_KEY}"}}
    for kind, url in echoes.items():
        orgs[kind] = {**base, "url": url, "api_key": "${HEADER_KEY}" if kind == "json2" else "${CANARY_KEY}"}
    file = tmp_path / "orgs.yaml"
    file.write_text(yaml.safe_dump({"orgs": {o: {"name": o, "sources": {"odoo": c}} for o, c in orgs.items()}}))
    home = tmp_path / "dagster"
    home.mkdir()
    shutil.copy(PROJECT_ROOT / "dagster.yaml", home)
    dagster_database = database.replace("?", "_dagster?", 1)
    environment = {
        "DATABASE_URL": database,
        "DAGSTER_HOME": str(home),
        "SYNC_ASSETS_CONNECTIONS": str(file),
        "CANARY_KEY": CANARY,
        "HEADER_KEY": HEADER_CANARY,
    }
    caplog.set_level("DEBUG")

    sinks: dict[str, bytes] = {}

    def call(*arguments: str) -> tuple[int, str]:
        code, told, complained = command(*arguments, **environment)
        sinks[" ".join((*arguments, str(len(sinks))))] = (told + complained).encode()
        return code, told + complained

    assert call("run", "--org", "good") == (0, ANY)
    code, told = call("run", *(part for kind in echoes for part in ("--org", kind)))
    assert code == 1
    for part in ("redirects to https://elsewhere.example", "status 500", "not of the protocol", "the server refuses: "):
        assert part in told
    assert "***" in told
    odoo.faults.add(Fault("bad_password"))
    code, told = call("run", "--org", "good", "--json")
    assert code == 2
    assert "The API key was refused" in told
    for arguments in (
        ("test-connection", "fault"),
        ("test-connection", "redirect"),
        ("orgs", "--json"),
        ("status",),
        ("history", "--json"),
    ):
        call(*arguments)

    sinks["logs"] = caplog.text.encode()
    for name, url in (("warehouse", database), ("Dagster", dagster_database)):
        for table, content in contents(url):
            sinks[f"{name} {table}"] = sinks.get(f"{name} {table}", b"") + content
    for path in tmp_path.rglob("*"):
        if path.is_file():
            sinks[str(path.relative_to(tmp_path))] = path.read_bytes()

    # What is searched is really there: runs, events, errors, outputs of steps.
    assert b"customer.example" in sinks["warehouse raw.odoo_partners"]
    assert b"login_refused" in sinks["warehouse ops.sync_runs"]
    assert b"The API key was refused" in sinks["Dagster public.event_logs"]
    assert b"odoo_sync" in sinks["Dagster public.snapshots (compressed)"]
    assert [name for name in sinks if "compute_logs" in name]
    found = [name for name, content in sinks.items() if any(needle in content for needle in NEEDLES)]
    assert found == []
    with psycopg.connect(database, autocommit=True) as connection:
        name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(dagster_database)["dbname"])
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
