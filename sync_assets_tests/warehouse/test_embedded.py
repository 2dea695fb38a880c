from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.settings import Settings
from sync_assets.warehouse.embedded import database_url

START = """
import sys
from pathlib import Path
from sync_assets.warehouse.embedded import start_embedded
print(start_embedded(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", START, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_server_that_was_killed_starts_again_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with start(folder) as first:
        assert first.stdout is not None
        url = first.stdout.readline()
        assert url.startswith("postgresql://")
        first.kill()
    os.kill(int((folder / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)
    with start(folder) as second:
        assert second.stdout is not None
        assert second.stdin is not None
        assert second.stdout.readline() == url
        second.stdin.close()
        assert second.wait(30) == 0
    assert not (folder / "postmaster.pid").exists()


def test_another_kind_of_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere/else")
    with pytest.raises(ConfigurationError, match="must be a PostgreSQL URL"):
        database_url(Settings())
