"""Tests of the project itself: the wall between its parts, names, descriptions, documentation."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import dagster as dg
import pytest
from typer.main import get_command

from sync_assets.cli import app
from sync_assets.connections import IsavigneConnection, Org
from sync_assets.connections.orgs import BottleSettings
from sync_assets.definitions import defs
from sync_assets.docs import TARGET, data_dictionary
from sync_assets.settings import PROJECT_ROOT, Settings
from sync_assets.tables import SCHEMAS, TABLES, Table
from sync_assets.tables.push import PUSH_LIMITS

PACKAGE = PROJECT_ROOT / "sync_assets"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)
README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
# Who may import what; the rest of the package may not.
WALL = {
    "dagster": ("defs/", "definitions.py"),
    "dagster_postgres": ("defs/",),
    "sqlalchemy": ("warehouse/", "tables/", "defs/storage.py"),
    "psycopg": ("warehouse/", "sandbox/shop/", "sources/shop.py"),
    "alembic": ("warehouse/",),
    "httpx": ("sources/", "targets/"),
    "matplotlib": ("transforms/pictures", "transforms/drawing.py"),
}
NO_CLOCK = ("transforms/", "tables/")
FORBIDDEN_NAMES = {"utils", "helpers", "misc", "common", "data", "info"}


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


@pytest.mark.parametrize("package", WALL)
def test_the_wall(package: str) -> None:
    offenders = [
        place(path)
        for path in MODULES
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
        and not place(path).startswith(WALL[package])
    ]
    assert offenders == []


def test_transforms_and_tables_read_no_clock_and_do_no_io() -> None:
    for path in MODULES:
        if place(path).startswith(NO_CLOCK):
            found = imports(path)
            assert not found & {"sync_assets.clock", "time", "os", "subprocess", "socket", "pathlib"}, place(path)
            assert not any(name.startswith(("sync_assets.warehouse", "sync_assets.sources")) for name in found), place(
                path
            )


def test_nothing_uses_dagsters_inside() -> None:
    for path in [*MODULES, *(PROJECT_ROOT / "sync_assets_tests").rglob("*.py")]:
        assert not any(name.startswith("dagster._") for name in imports(path)), path


def test_every_module_says_what_it_is() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), place(path)


def test_names_are_telling() -> None:
    assert not [place(p) for p in MODULES if p.stem in FORBIDDEN_NAMES]
    for table in TABLES:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", table.name)
        # A server's limit is shared by all organisations that call it.
        if table is not PUSH_LIMITS:
            assert table.key[0] == "org_id", table
            assert table.columns[0].name == "org_id", table


@pytest.mark.parametrize("table", [t for t in TABLES if t.schema not in ("raw",)], ids=str)
def test_column_names_follow_their_kind(table: Table) -> None:
    requirement = {
        "email_opt_out",
        "sms_opt_out",
        "phone_opt_out",
        "active",
        "first_seen",
        "last_seen",
        "last_sync_odoo",
        "last_updated",
        "available",
        "price_is_estimated",
        "segment_since",
        "as_of",
        "metrics_as_of",
        "response",
        "lo",
        "hi",
        "outcome_unknown",
        "lease_until",
        "blocked_until",
        "paused_until",
    }
    for column in table.columns:
        if column.name in requirement:
            continue
        if column.kind == "boolean":
            assert column.name.startswith(("is_", "has_")), f"{table}.{column.name}"
        if column.kind == "timestamp":
            assert column.name.endswith(("_at", "_date")) or column.name.startswith("date_"), f"{table}.{column.name}"


def test_every_table_is_described() -> None:
    for table in TABLES:
        assert table.description.endswith("."), table
        assert len({c.name for c in table.columns}) == len(table.columns), table
        assert all(column.description for column in table.columns), table


def test_every_table_has_its_asset_and_contract_check(definitions: dg.Definitions) -> None:
    keys = {tuple(spec.key.path) for spec in definitions.resolve_all_asset_specs()}
    checks = {
        tuple(key.asset_key.path)
        for key in definitions.resolve_asset_graph().asset_check_keys
        if key.name == "contract"
    }
    for table in TABLES:
        if table.schema != "ops":
            assert (table.schema, table.name) in keys
            assert (table.schema, table.name) in checks


def test_every_asset_describes_itself(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.group_name == spec.key.path[0], spec.key
        assert spec.group_name in SCHEMAS


def test_every_asset_returns_a_materialize_result() -> None:
    for path in (PACKAGE / "defs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("dg.asset(" in ast.unparse(d) for d in node.decorator_list):
                assert node.returns is not None and ast.unparse(node.returns) == "dg.MaterializeResult", node.name


def test_every_schedule_has_a_time_zone_and_is_tested(definitions: dg.Definitions) -> None:
    tests = "".join(p.read_text(encoding="utf-8") for p in (PROJECT_ROOT / "sync_assets_tests").rglob("*.py"))
    assert definitions.schedules
    for schedule in definitions.schedules:
        assert schedule.execution_timezone, schedule.name
        assert schedule.name in tests, schedule.name
    for sensor in definitions.sensors or ():
        assert sensor.name in tests, sensor.name


def test_every_setting_is_explained() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert name.upper() in example, name
        assert name.upper() in README, name


def test_every_setting_of_exports_is_explained() -> None:
    page = (PROJECT_ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    for name in [*IsavigneConnection.model_fields, *BottleSettings.model_fields]:
        assert f"`{name}`" in page or f"`bottles.{name}`" in page, name
    for name in Org.model_fields.keys() - {"org_id", "name", "timezone", "country", "currency", "sources", "targets"}:
        assert f"`{name}" in README or name in ("default_vat_rate",), name


def test_every_command_is_documented() -> None:
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"sync-assets {name}" in README, name


def test_the_data_dictionary_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == data_dictionary()


def test_a_raw_source_has_its_four_files() -> None:
    for stem in {path.stem for path in (PACKAGE / "tables" / "raw").glob("*.py")} - {"__init__"}:
        for folder in ("sources", "transforms", "defs/raw"):
            home = PACKAGE / folder
            assert (home / f"{stem}.py").exists() or (home / stem / "__init__.py").exists(), f"{folder}/{stem}"


def test_no_file_is_long() -> None:
    for path in MODULES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 350, f"{place(path)} has {lines} lines: what is it really?"
