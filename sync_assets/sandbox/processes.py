"""Starts the sandbox as a process of its own beside a command that needs it, and ends it with that command."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from sync_assets.connections import LOOPBACK, Org
from sync_assets.errors import SourceUnavailable
from sync_assets.settings import get_settings

START_SECONDS = 30


def uses_sandbox(org: Org, port: int) -> bool:
    if org.sources.odoo is None:
        return False
    parts = urlsplit(org.sources.odoo.url)
    return parts.hostname in LOOPBACK and parts.port == port


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def sandbox_if_needed(orgs: list[Org]) -> Iterator[None]:
    """Runs the sandbox while the block lasts, if an organisation points at its port and nobody listens there yet.

    Raises SourceUnavailable when it does not start.
    """
    port = get_settings().sync_assets_sandbox_port
    if not any(uses_sandbox(org, port) for org in orgs) or is_listening(port):
        yield
        return
    with tempfile.TemporaryFile() as said:
        # A session of its own, so that Ctrl-C in the terminal does not end it before the command that uses it; its
        # standard input ends with that command, however that is killed.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "sync_assets", "sandbox", "--port", str(port), "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_listening(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    lines = said.read().decode(errors="replace").strip().splitlines() or ["no answer"]
                    raise SourceUnavailable(f"The sandbox did not start on port {port}: {lines[-1]}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=10)
