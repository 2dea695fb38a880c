"""isavigne_files_sensor: which organisations it syncs when files are dropped, changed and removed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from sync_assets.defs.sensors import isavigne_files_sensor
from sync_assets_tests.defs.support import Project, open_project

Tick = Callable[[], list[str]]


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_project(database, tmp_path, monkeypatch) as opened:
        for org in ("cave", "chai"):
            (tmp_path / org).mkdir()
            opened.add(org, {"name": org}, isavigne={"export_path": str(tmp_path / org)})
        yield opened


@pytest.fixture
def tick(project: Project) -> Tick:
    """One look of the sensor: the organisations it starts."""
    cursor: str | None = None

    def look() -> list[str]:
        nonlocal cursor
        with dg.build_sensor_context(instance=project.instance, cursor=cursor) as context:
            result = isavigne_files_sensor(context)
        if isinstance(result, dg.SkipReason):
            return []
        assert all(request.run_key is None for request in result.run_requests or ())
        cursor = result.cursor
        return [str(request.partition_key) for request in result.run_requests or ()]

    return look


def drop(folder: Path, name: str, text: str = "code_client;nom\nC1;Odile Bertin\n", *, age: float = 60) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    os.utime(folder / name, (time.time() - age, time.time() - age))
    return folder / name


def test_a_change_starts_one_sync_of_its_organisation(tmp_path: Path, tick: Tick) -> None:
    assert tick() == []
    drop(tmp_path / "cave", "clients.csv")
    drop(tmp_path / "chai", "clients.csv")
    assert tick() == ["cave", "chai"]
    assert tick() == []
    bad = drop(tmp_path / "chai", "produits.csv", "couleur\nRouge\n")
    assert tick() == ["chai"]
    # Back to an earlier state is a change too: the run's status must tell that the bad file is gone.
    bad.unlink()
    assert tick() == ["chai"]
    drop(tmp_path / "chai", "produits.csv", "couleur\nRouge\n")
    assert tick() == ["chai"]
    assert tick() == []


def test_what_is_no_export_or_still_written_starts_nothing_and_holds_nobody_up(tmp_path: Path, tick: Tick) -> None:
    cave = tmp_path / "cave"
    for name in ("~$clients.xlsx", ".clients.csv.tmp", "clients.part"):
        drop(cave, name)
    assert tick() == []
    drop(cave, "ventes.csv", age=1)
    assert tick() == []
    drop(cave, "clients.csv")
    assert tick() == ["cave"]
    drop(cave, "ventes.csv", age=31)
    assert tick() == ["cave"]
    # The clock of another machine may be ahead.
    drop(cave, "stock.csv", age=-7200)
    assert tick() == ["cave"]


def test_a_folder_that_is_away_is_no_change(tmp_path: Path, tick: Tick) -> None:
    drop(tmp_path / "chai", "clients.csv")
    assert tick() == ["chai"]
    (tmp_path / "chai").rename(tmp_path / "away")
    drop(tmp_path / "cave", "clients.csv")
    assert tick() == ["cave"]
    (tmp_path / "away").rename(tmp_path / "chai")
    assert tick() == []
