from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from sync_assets.sandbox.processes import is_listening, sandbox_ports

# Runs a sandbox beside itself until something is said on its standard input.
PARENT = """
import sys
from sync_assets.connections import load_connections
from sync_assets.sandbox.processes import sandbox_if_needed
from sync_assets.settings import Settings
demo = list(load_connections(Settings().sync_assets_connections).orgs.values())
with sandbox_if_needed(demo):
    print("up", flush=True)
    sys.stdin.readline()
"""


def parent_of_a_sandbox(port: int, tmp_path: Path) -> subprocess.Popen[str]:
    connections = tmp_path / "connections.yaml"
    connection = {"url": f"http://127.0.0.1:{port}", "database": "demo", "login": "a", "api_key": "${KEY}"}
    connections.write_text(yaml.safe_dump({"orgs": {"acme": {"name": "Acme", "sources": {"odoo": connection}}}}))
    environment = os.environ | {"SYNC_ASSETS_SANDBOX_PORT": str(port), "SYNC_ASSETS_CONNECTIONS": str(connections)}
    return subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def free_ports(count: int) -> int:
    """The first of so many ports in a row on which nobody listens; below those that outgoing connections take."""
    return next(
        port
        for port in range(20_000 + os.getpid() % 10_000, 32_000)
        if not any(map(is_listening, range(port, port + count)))
    )


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_the_sandbox_ends_with_the_command_that_needs_it(is_killed: bool, tmp_path: Path) -> None:
    port = free_ports(len(sandbox_ports()))
    with parent_of_a_sandbox(port, tmp_path) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        assert is_listening(port)
        if is_killed:
            os.kill(parent.pid, signal.SIGKILL)
        else:
            parent.stdin.write("enough\n")
            parent.stdin.flush()
        parent.wait(20)
    deadline = time.monotonic() + 10
    while is_listening(port):
        assert time.monotonic() < deadline, "the sandbox still listens"
        time.sleep(0.05)
