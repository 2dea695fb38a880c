"""A whole project in miniature: sandbox Odoo, connections file, database, and the real jobs on an ephemeral instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from sync_assets.definitions import defs
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse
from sync_assets_tests.defs.steps import Steps, run_steps

NOW = datetime.now(UTC).replace(microsecond=0)
# Runs `sync-assets …`: exit code, stdout, stderr.
Command = Callable[..., tuple[int, str, str]]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Project:
    """Organisations on sandboxes; `sync` calls the steps of a job, `run` the job."""

    warehouse: Warehouse
    instance: dg.DagsterInstance
    definitions: dg.Definitions
    connections: Path
    orgs: dict[str, Any] = field(default_factory=dict)

    def add_org(self, org: str, odoo: OdooSandbox, /, **settings: Any) -> None:
        connection = {
            "url": odoo.url,
            "database": odoo.database,
            "login": odoo.login,
            "api_key": "${TEST_ODOO_KEY}",
            "retry_seconds": 0.2,
            "timeout_seconds": 2,
        } | settings.pop("odoo", {})
        self.add(org, {"name": org.title(), "default_vat_rate": 20, **settings}, odoo=connection)

    def add(self, org: str, settings: dict[str, Any], /, **sources: dict[str, Any]) -> None:
        """Writes the organisation into the connections file and makes it a partition."""
        self.orgs[org] = {**settings, "sources": sources}
        self.connections.write_text(yaml.safe_dump({"orgs": self.orgs}), encoding="utf-8")
        if org not in self.instance.get_dynamic_partitions("org"):
            self.instance.add_dynamic_partitions("org", [org])

    def sync(self, org: str = "acme", job: str = "odoo_sync", **options: Any) -> Steps:
        """The steps of a job, without Dagster around them."""
        return run_steps(self.definitions.resolve_job_def(job), org, options)

    def sync_ok(self, org: str = "acme", job: str = "odoo_sync", **options: Any) -> Steps:
        """As `sync`, and shows what went wrong if it did."""
        steps = self.sync(org, job, **options)
        assert steps.success, steps.failures
        return steps

    def run(self, org: str = "acme", job: str = "odoo_sync", **options: Any) -> dg.ExecuteInProcessResult:
        """A run as the command line makes it."""
        return self.definitions.resolve_job_def(job).execute_in_process(
            partition_key=org,
            instance=self.instance,
            run_config={"resources": {"sync": {"config": options}}, **QUIET},
            raise_on_error=False,
        )

    def run_ok(self, org: str = "acme", job: str = "odoo_sync", **options: Any) -> dg.ExecuteInProcessResult:
        """As `run`, and shows what went wrong if it did."""
        result = self.run(org, job, **options)
        assert result.success, failed_steps(result)
        return result

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        return self.warehouse.query(statement, **values)

    def last_run(self, org: str = "acme") -> dict[str, Any]:
        return self.rows(
            "SELECT * FROM ops.sync_runs WHERE org_id = %(org)s ORDER BY started_at DESC, finished_at DESC NULLS FIRST LIMIT 1",
            org=org,
        )[0]

    def tables(self, org: str = "acme") -> dict[str, list[Any]]:
        """Everything raw, canonical and marts hold of an organisation, without the stamps of runs."""
        from sync_assets.tables import TABLES

        found: dict[str, list[Any]] = {}
        for table in TABLES:
            if table.schema == "ops":
                continue
            names = [*table.key, *table.written("content")]
            rows = self.rows(f"SELECT {', '.join(names)} FROM {table} WHERE org_id = %(org)s", org=org)
            found[str(table)] = sorted((list(row.values()) for row in rows), key=repr)
        return found

    def versions(self, *schemas: str) -> dict[str, set[tuple[str, str]]]:
        """Row versions of every table of the schemas: equal before and after means that nothing was written."""
        from sync_assets.tables import TABLES

        return {
            str(t): {tuple(r.values()) for r in self.rows(f"SELECT ctid::text, xmin::text FROM {t}")}
            for t in TABLES
            if t.schema in schemas
        }


def failed_steps(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What each failed step said: an expected failure its one line, any other its error."""
    failures = {}
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data.description if data.user_failure_data else None
            failures[event.step_key] = told or str(data.error.cause or data.error)
    return failures


@contextmanager
def open_project(database: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    connections = folder / "connections.yaml"
    for name, value in {
        "DATABASE_URL": database,
        "SYNC_ASSETS_CONNECTIONS": str(connections),
        "TEST_ODOO_KEY": "sandbox-key",
    }.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    with Warehouse(database) as warehouse, dg.DagsterInstance.ephemeral() as instance:
        yield Project(warehouse, instance, defs(), connections)
    get_settings.cache_clear()


@dataclass
class Family:
    """Ids of a mother company with a nested child."""

    root: int
    branch: int
    contact: int


def add_family(odoo: OdooSandbox, name: str = "Vins Duval") -> Family:
    store = odoo.store
    root = store.create(
        "res.partner", {"name": name, "is_company": True, "email": f"{name.split()[-1].lower()}@customer.example"}
    )
    branch = store.create("res.partner", {"name": f"{name} Lyon", "is_company": True, "parent_id": root})
    contact = store.create("res.partner", {"name": "Jeanne Petit", "parent_id": branch, "type": "delivery"})
    return Family(root, branch, contact)


def add_product(odoo: OdooSandbox, name: str = "Riesling 2020", price: float = 10.0) -> int:
    return odoo.store.create("product.product", {"name": name, "list_price": price, "default_code": name.upper()})


def add_order(
    odoo: OdooSandbox,
    partner: int,
    product: int,
    *,
    quantity: float = 1,
    price: float = 10.0,
    days_ago: int = 10,
    state: str = "sale",
) -> int:
    order = odoo.store.create(
        "sale.order",
        {
            "partner_id": partner,
            "state": state,
            "date_order": f"{NOW - timedelta(days=days_ago):%Y-%m-%d %H:%M:%S}",
            "order_line": [],
        },
    )
    odoo.store.create(
        "sale.order.line", {"order_id": order, "product_id": product, "product_uom_qty": quantity, "price_unit": price}
    )
    return order
