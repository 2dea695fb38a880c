"""Kills `sync-assets run` with SIGKILL at random moments and compares every table with a run that nobody disturbed.

python -m benchmarks.kill_test [--source odoo|alleaves] [--kills 40] [--seed 7]: each round changes the sandbox, kills a
sync of the first of two projects (every eighth time PostgreSQL too), starts it again and compares it with the second. Every
fourth round begins with an empty database. Exit code 1 when a table differs or a restart fails.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import yaml

from benchmarks.store_life import small_store
from sync_assets.sandbox.alleaves import AlleavesSandbox
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.tables import TABLES

TODAY = date(2026, 6, 30)
ORG = "killed"
RUN = [sys.executable, "-m", "sync_assets", "run", "--json", "--months-back", "0", "--as-of"]


class OdooShop:
    """A wholesaler's Odoo on a fixed day."""

    def __init__(self) -> None:
        self.server = OdooSandbox(today=TODAY)
        self.as_of = f"{TODAY + timedelta(1)}"

    @property
    def source(self) -> dict[str, Any]:
        odoo = self.server
        login = {"database": odoo.database, "login": odoo.login, "api_key": "${KILL_TEST_KEY}"}
        return {"odoo": {"url": odoo.url, **login, "page_size": 200}}

    @property
    def secrets(self) -> dict[str, str]:
        return {"KILL_TEST_KEY": self.server.api_key}

    def change(self, dice: random.Random) -> str:
        return change(self.server, dice)


class Store:
    """A store with a point of sale, whose clock goes on by half a day in each round."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=60)
        self.server = AlleavesSandbox(store=small_store(1_500, self.moment.date()), is_living=True)
        self.server.now = lambda: self.moment

    @property
    def as_of(self) -> str:
        return self.moment.isoformat()

    @property
    def source(self) -> dict[str, Any]:
        pos = self.server
        login = {"username": pos.username, "password": "${KILL_TEST_PASSWORD}", "pin": "${KILL_TEST_PIN}"}
        how = {"location_ids": [1000], "window_days": 640, "min_interval_ms": 0, "currency": "EUR"}
        return {"alleaves": {"base_url": pos.url, **login, **how}}

    @property
    def secrets(self) -> dict[str, str]:
        return {"KILL_TEST_PASSWORD": self.server.password, "KILL_TEST_PIN": self.server.pin or ""}

    def change(self, dice: random.Random) -> str:
        self.moment += timedelta(hours=12)
        return f"{self.moment:%d %b %H:%M}"


Shop = OdooShop | Store
SHOPS = {"odoo": OdooShop, "alleaves": Store}
# When the project itself saw something: two projects that sync one after the other cannot agree on it.
SEEN = {"first_seen_at", "last_seen_at", "removed_at"}


class Side:
    """One project: an embedded PostgreSQL of its own, and syncs of the sandbox into it."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.folder, self.postgres, self.shop = folder, folder / "home" / "postgres", shop
        folder.mkdir(parents=True)
        org = {"name": "Killed", "default_vat_rate": 20, "sources": shop.source}
        (folder / "connections.yaml").write_text(yaml.safe_dump({"orgs": {ORG: org}}), encoding="utf-8")
        shutil.copy("dagster.yaml", folder)
        outside = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DAGSTER_DATABASE_URL")}
        self.environment = outside | {
            "SYNC_ASSETS_HOME": str(folder / "home"),
            "SYNC_ASSETS_CONNECTIONS": str(folder / "connections.yaml"),
            "DAGSTER_HOME": str(folder),
            **shop.secrets,
        }

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*RUN, self.shop.as_of],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def sync(self) -> str:
        """What went wrong; empty when all is well."""
        process = self.start()
        said = process.communicate(timeout=600)[0]
        return "" if process.returncode == 0 else f"exit {process.returncode}: {said.strip()[-2000:]}"

    def kill_postgres(self) -> None:
        pid_file = self.postgres / "postmaster.pid"
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if lines and f"{self.postgres}" in Path(f"/proc/{lines[0]}/cmdline").read_text():
            os.kill(int(lines[0]), signal.SIGKILL)

    def rows(self) -> dict[str, list[str]]:
        """Content of all tables but the books; the server is up while its owner's handle was killed, else it is started."""
        code = "import sys; from sync_assets.warehouse.embedded import database_url; print(database_url(), flush=True); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", code], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdin and holder.stdout
            with psycopg.connect(holder.stdout.readline().strip()) as connection:
                found = {}
                for table in TABLES:
                    if table.schema != "ops":
                        columns = [n for n in (*table.key, *table.written("content")) if n not in SEEN]
                        names = ", ".join(
                            "deleted_at IS NOT NULL" if name == "deleted_at" else name for name in columns
                        )
                        found[str(table)] = sorted(
                            repr(row) for row in connection.execute(f"SELECT {names} FROM {table}")
                        )
                self.books = (
                    connection.execute("SELECT status, count(*) FROM ops.sync_runs GROUP BY 1 ORDER BY 1").fetchall()
                    + connection.execute("SELECT count(*) FROM ops.sync_cursors WHERE hi IS NOT NULL").fetchall()
                )
            holder.stdin.close()
        return found


def change(odoo: OdooSandbox, dice: random.Random) -> str:
    """A day's work of the shop: orders, edits, a move in a family, an archived partner, a deleted order, stock."""
    store = odoo.store
    partners = [p for p in store.ids("res.partner") if p > 100]
    orders, lines = store.ids("sale.order"), store.ids("sale.order.line")
    products = [
        r["product_id"] for r in (store.get("sale.order.line", i) for i in lines[:200]) if r and r["product_id"]
    ]
    for _ in range(dice.randrange(1, 30)):
        moment = f"{TODAY - timedelta(days=dice.randrange(300))} 10:00:00"
        order = store.create(
            "sale.order", {"partner_id": dice.choice(partners), "state": "sale", "date_order": moment, "order_line": []}
        )
        for _ in range(dice.randrange(1, 5)):
            line = {
                "product_id": dice.choice(products),
                "product_uom_qty": dice.randrange(1, 20),
                "price_unit": dice.randrange(1, 90),
            }
            store.create("sale.order.line", {"order_id": order, **line})
    for _ in range(dice.randrange(20)):
        store.write("res.partner", dice.choice(partners), {"name": f"Renamed {dice.random()}"})
    drafts = [i for i in orders if store.get("sale.order", i)["state"] in ("draft", "cancel")]
    done: list[str] = []
    for what, act in {
        "delete": lambda: store.unlink("sale.order", dice.sample(drafts, min(3, len(drafts)))),
        "cancel": lambda: store.write("sale.order", dice.choice(orders), {"state": "cancel"}),
        "archive": lambda: store.write("res.partner", dice.choice(partners), {"active": False}),
        "move": lambda: store.write("res.partner", dice.choice(partners), {"parent_id": dice.choice(partners[:50])}),
        "stock": lambda: store.write(
            "stock.quant", dice.choice(store.ids("stock.quant")), {"quantity": dice.randrange(500)}
        ),
    }.items():
        try:
            act()
            done.append(what)
        except Exception as error:  # a rule of Odoo forbids this one, such as a cycle
            done.append(f"{what} refused ({type(error).__name__})")
    return ", ".join(done)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", choices=sorted(SHOPS), default="odoo")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=None)
    asked = parser.parse_args()
    dice, bad = random.Random(asked.seed), 0
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="kill_test_"))
    shop = SHOPS[asked.source]()
    with shop.server:
        for number in range(asked.kills):
            is_first, with_postgres = number % 4 == 0, number % 8 in (3, 4)
            if is_first:
                still, shaken = (Side(folder / f"{name}{number}", shop) for name in ("still", "shaken"))
            told = shop.change(dice)
            with ThreadPoolExecutor(2) as both:
                begun = time.monotonic()
                wrong_there = still.sync()
                full = time.monotonic() - begun
                seconds = dice.uniform(0.5, full)
                process = shaken.start()
                time.sleep(seconds)
                if is_running := process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                if with_postgres:
                    shaken.kill_postgres()
                process.communicate()
                begun = time.monotonic()
                wrong = shaken.sync()
                took = time.monotonic() - begun
                here, there = both.map(Side.rows, (shaken, still))
            differ = [name for name in here if here[name] != there[name]]
            bad += bool(wrong or wrong_there or differ)
            print(
                f"{number + 1:3} {'first' if is_first else 'later'} sync killed after {seconds:5.1f} of {full:.1f} s"
                f"{'' if is_running else ' (had ended)'}{' with PostgreSQL' if with_postgres else ''}; restart {took:4.1f} s; "
                f"{sum(map(len, here.values())):,} rows; runs {shaken.books}; {told}; "
                f"{'EQUAL' if not differ else f'DIFFER {differ}'} {wrong} {wrong_there}",
                flush=True,
            )
            for name in differ:
                a, b = set(here[name]), set(there[name])
                print(
                    f"      {name}: only killed {len(a - b)} {sorted(a - b)[:2]}; only still {len(b - a)} {sorted(b - a)[:2]}"[
                        :1500
                    ]
                )
    print(f"{asked.kills} kills, {bad} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
