"""The push as Dagster and the command line start it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from typer.testing import CliRunner

from sync_assets.cli import app
from sync_assets.definitions import defs
from sync_assets.defs.push.inventory import inventory_adjusted, order_shipped
from sync_assets.settings import get_settings
from sync_assets_tests.push.support import ORG, World


@pytest.fixture
def wired(world: World, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world behind a connections file and DATABASE_URL."""
    org = {
        "name": "Acme",
        "sources": {"shop": {"url": "${TEST_SHOP_URL}"}},
        "targets": {
            "vendor_api": {
                "base_url": world.vendor.url,
                "api_token": "${TEST_VENDOR_TOKEN}",
                "partner_id": world.vendor.partner_id,
            }
        },
    }
    path = tmp_path / "connections.yaml"
    path.write_text(yaml.safe_dump({"orgs": {ORG: org}}), encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SYNC_ASSETS_CONNECTIONS", str(path))
    get_settings.cache_clear()
    yield world
    get_settings.cache_clear()


def tick(sensor: Any) -> list[dg.RunRequest]:
    with dg.build_sensor_context() as context:
        result = sensor(context)
    return [] if isinstance(result, dg.SkipReason) else list(result.run_requests or ())


def run(request: dg.RunRequest) -> bool:
    job = defs().resolve_job_def("inventory_push")
    return job.execute_in_process(run_config=request.run_config, raise_on_error=False).success


def test_a_shipped_order_is_pushed_once(wired: World) -> None:
    """order_shipped"""
    wired.stock("A1", 9)
    assert tick(order_shipped) == []
    wired.ship("o1", "A1")
    (request,) = tick(order_shipped)
    assert run(request)
    assert wired.held() == {"A1": 9}
    assert tick(order_shipped) == []
    assert [row["status"] for row in wired.log()] == ["SUCCESS"]


def test_an_adjusted_stock_is_pushed(wired: World) -> None:
    """inventory_adjusted"""
    wired.stock("A1", 9)
    tick(inventory_adjusted)
    wired.stock("A1", 4)
    requests = tick(inventory_adjusted)
    assert [run(request) for request in requests] == [True]
    assert wired.held() == {"A1": 4}


def test_the_command_line_plans_pushes_and_tells(wired: World) -> None:
    wired.stock("A1", 9)
    wired.stock("B2", 3)
    runner = CliRunner()
    assert runner.invoke(app, ["push", "full", ORG, "--dry-run"]).exit_code == 0
    assert wired.held() == {}
    assert runner.invoke(app, ["push", "full", ORG]).exit_code == 0
    assert wired.held() == {"A1": 9, "B2": 3}
    calls = len(wired.vendor.calls)
    assert runner.invoke(app, ["push", "full", ORG]).exit_code == 0
    assert len(wired.vendor.calls) == calls
    told = runner.invoke(app, ["push", "log", ORG, "--sku", "b2"])
    assert "B2" in told.output
    assert "A1" not in told.output
    assert runner.invoke(app, ["push", "stats", ORG]).exit_code == 0
    assert runner.invoke(app, ["push", "queue", ORG]).exit_code == 0
    assert runner.invoke(app, ["push", "status", ORG]).exit_code == 0
