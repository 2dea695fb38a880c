"""The walk-through `docs/add_a_source.md` works: its files are put into a copy of the project and run as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sync_assets.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "add_a_source.md"
BLOCK = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)
FOUR = {f"sync_assets/{folder}/till.py" for folder in ("tables/raw", "sources", "transforms", "defs/raw")}
RUN = """
import json, sys, warnings
warnings.simplefilter("ignore")
import dagster as dg
from sync_assets.cli.app import connections
from sync_assets.clock import utc_now
from sync_assets.connectors import list_connectors, required_config
from sync_assets.defs.launch import run_job
from sync_assets.reports_quality import quality_report
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import database_url

found = connections()
with dg.DagsterInstance.ephemeral() as instance, Warehouse(database_url()) as warehouse:
    instance.add_dynamic_partitions("org", list(found.orgs))
    outcome = run_job(instance, "till_sync", "farm", {})
    tables = {
        name: warehouse.query(statement) for name, statement in {
            "customers": "SELECT customer_key, display_name, last_name, email, email_status FROM canonical.customers ORDER BY 1",
            "products": "SELECT product_key, name, list_price FROM canonical.product_catalog ORDER BY 1",
            "orders": "SELECT order_key, customer_key, total, ordered_at FROM canonical.sales_orders ORDER BY 1",
            "lines": "SELECT sale_line_key, product_key, quantity_units, price_unit, price_total FROM canonical.sales_lines ORDER BY 1",
            "avatars": "SELECT customer_key, total_revenue FROM marts.customer_avatars ORDER BY 1",
            "rejects": "SELECT code, file, row_number, resolution FROM ops.rejected_rows ORDER BY 1, 2, 3",
        }.items()
    }
    print(json.dumps({
        "failures": outcome.failures,
        "tables": tables,
        "quality": quality_report(warehouse, found.org("farm"), as_of=utc_now()),
        "connectors": list_connectors(warehouse, found),
        "settings": required_config("till"),
    }, default=str))
"""


@pytest.fixture(scope="module")
def copy(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as it is after the walk-through, with its own empty database."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PROJECT_ROOT / "sync_assets", folder / "sync_assets", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "dagster.yaml", "workspace.yaml", ".env.example"):
        if (PROJECT_ROOT / name).exists():
            shutil.copy(PROJECT_ROOT / name, folder / name)
    for name, text in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    database = f"walk_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.replace("/sync_assets?", "/postgres?"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        (folder / "database_url").write_text(server.replace("/sync_assets?", f"/{database}?"), encoding="utf-8")
        call(folder, "-m", "sync_assets.warehouse.migrate", "till")
        call(folder, "-m", "sync_assets", "migrate")
        yield folder
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def files() -> dict[str, str]:
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def call(folder: Path, *arguments: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SYNC_ASSETS", "DAGSTER"))},
        "PYTHONPATH": str(folder),
        "DATABASE_URL": (folder / "database_url").read_text(encoding="utf-8"),
        "SYNC_ASSETS_CONNECTIONS": str(folder / "connections.yaml"),
        "SYNC_ASSETS_HOME": str(folder / "home"),
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def run(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(call(folder, "-c", RUN).splitlines()[-1])
    assert told["failures"] == []
    return told


def test_the_walk_through_is_complete() -> None:
    assert {name for name in files() if name.endswith(".py")} == FOUR


def test_what_it_builds_works(copy: Path) -> None:
    assert [p.name for p in (copy / "sync_assets/warehouse/migrations/versions").glob("*till*.py")]
    told = run(copy)
    tables = told["tables"]
    assert tables["customers"] == [
        {"customer_key": "till-C7", "display_name": "Ana Morel", "last_name": "Morel",
         "email": "ana.morel@example.org", "email_status": "valid"},
        {"customer_key": "till-C9", "display_name": "Luc Petit", "last_name": "Petit",
         "email": None, "email_status": "invalid"},
    ]  # fmt: skip
    assert [(p["product_key"], p["name"], p["list_price"]) for p in tables["products"]] == [
        ("till-APJ", "Apple juice", "3.50"), ("till-CID", "Cider", "5.90"),
    ]  # fmt: skip
    assert [(o["order_key"], o["customer_key"], o["total"]) for o in tables["orders"]] == [
        ("till-1001", "till-C7", "32.80"), ("till-1002", None, "3.50"), ("till-1003", "till-C9", "7.00"),
    ]  # fmt: skip
    # Ten in the morning in Paris, in winter.
    assert tables["orders"][0]["ordered_at"].startswith("2026-03-14 09:05:00")
    assert [line["sale_line_key"] for line in tables["lines"]] == [
        "till-1001-1", "till-1001-2", "till-1002-1", "till-1003-2",
    ]  # fmt: skip
    assert [(r["code"], r["file"], r["row_number"]) for r in tables["rejects"] if r["file"]] == [
        ("bad_value", "2026-03-14.csv", 5)
    ]
    (connector,) = told["connectors"]
    assert (connector["name"], connector["state"]) == ("till", "healthy")
    assert [row["setting"] for row in told["settings"] if row["is_required"]] == ["folder"]
    judged = {one["table"]: (one["mapped"], one["required_missing"]) for one in told["quality"]["tables"]}
    assert judged == {"customers": (5, []), "product_catalog": (4, []), "sales_lines": (10, [])}

    # The file is corrected: the reject closes, the line is there, nothing is doubled.
    file = copy / "data" / "till" / "2026-03-14.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",three,", ",3,"), encoding="utf-8")
    tables = run(copy)["tables"]
    assert [(line["sale_line_key"], line["quantity_units"]) for line in tables["lines"]][3:] == [
        ("till-1003-1", "3.000"), ("till-1003-2", "2.000"),
    ]  # fmt: skip
    assert [r["resolution"] for r in tables["rejects"] if r["code"] == "bad_value"] == ["superseded"]


def test_the_files_are_typed_and_tidy(copy: Path) -> None:
    call(copy, "-m", "ruff", "check", *sorted(FOUR))
    call(copy, "-m", "ruff", "format", "--check", *sorted(FOUR))


def test_a_wrong_setting_is_named(copy: Path) -> None:
    (copy / "wrong.yaml").write_text("orgs: {farm: {name: Farm, sources: {till: {timezone: Mars}}}}", encoding="utf-8")
    told = call(
        copy, "-c",
        "from pathlib import Path; from sync_assets.connections import load_connections; "
        "print(load_connections(Path('wrong.yaml')).problems)",
    )  # fmt: skip
    assert "farm: sources.till.folder: Field required" in told
    assert "farm: sources.till.timezone: 'Mars' is not a time zone" in told
