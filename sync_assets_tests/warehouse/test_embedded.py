from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.settings import Settings
from sync_assets.warehouse.data_folder import TUNING_FILE
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


def wait_for(what: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def starts_and_ends(folder: Path) -> dict[str, str]:
    """Settings of the server that a new process starts on the folder, and ends."""
    with start(folder) as process:
        assert process.stdout is not None and process.stdin is not None
        url = process.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            found = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
        process.stdin.close()
        assert process.wait(30) == 0
    assert not (folder / "postmaster.pid").exists()
    return found


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with PostgreSQL."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("with_initdb", [True, False], ids=["initdb too", "initdb goes on alone"])
def test_a_start_that_was_killed_during_initdb(tmp_path: Path, with_initdb: bool) -> None:
    folder = tmp_path / "postgres"
    command = [sys.executable, "-c", START, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True) as first:
        wait_for(lambda: list(tmp_path.rglob("PG_VERSION")))
        if with_initdb:
            os.killpg(first.pid, signal.SIGKILL)
        else:
            first.kill()
    settings = starts_and_ends(folder)
    assert settings["max_connections"] == "200"
    assert Path(settings["data_directory"]) == folder
    if with_initdb:  # one that goes on may leave files for the next start to remove
        assert list(tmp_path.iterdir()) == [folder]


def test_a_start_that_was_killed_after_initdb(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    code = "import sys; from pathlib import Path; from sync_assets.warehouse.data_folder import make; make(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(folder)], check=True)
    assert starts_and_ends(folder)["max_connections"] == "200"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_an_older_version_left_half_made_is_put_aside(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "base" / "1").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("18\n")
    starts_and_ends(folder)
    aside = [path for path in tmp_path.iterdir() if path != folder]
    assert [path.name for path in aside] == ["postgres.unfinished"]
    assert (aside[0] / "PG_VERSION").exists()


def test_what_killed_processes_leave_is_no_obstacle(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    folder = tmp_path / "postgres"
    starts_and_ends(folder)
    control_file = (folder / "global" / "pg_control").stat().st_ino
    # A pid that belongs to another process by now, then files that were cut off.
    taken = [str(stranger.pid), str(folder), "1700000000", "5432", str(folder), "", "  8826964     65536", "ready"]
    for content in ("\n".join(taken) + "\n", "", "4194304\n/some"):
        (folder / "postmaster.pid").write_text(content)
        (folder / ".handle_pids.json").write_text("[12")
        starts_and_ends(folder)
    assert stranger.poll() is None
    # A copy by pg_basebackup has no postmaster.opts, but it has databases.
    (folder / "postmaster.opts").unlink()
    (folder / TUNING_FILE).unlink()
    starts_and_ends(folder)
    assert (folder / "global" / "pg_control").stat().st_ino == control_file
    assert list(tmp_path.iterdir()) == [folder]


def test_the_pid_file_of_a_living_server_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with start(folder) as first, start(folder) as second:
        assert first.stdout is not None and second.stdout is not None
        assert first.stdout.readline() == second.stdout.readline()
        pid = (folder / "postmaster.pid").read_text().split("\n")[0]
        with start(folder) as third:
            assert third.stdout is not None and third.stdin is not None
            assert third.stdout.readline().startswith("postgresql://")
            assert (folder / "postmaster.pid").read_text().split("\n")[0] == pid
            third.stdin.close()
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.close()
    assert not (folder / "postmaster.pid").exists()


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
