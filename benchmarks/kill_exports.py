"""Kills a sync of exports with SIGKILL at random moments and compares every table with one that nobody disturbed.

python -m benchmarks.kill_exports [--kills 20] [--seed 7]: each round drops new, changed and bad files into one folder,
syncs it into one database, kills a sync of it into another, starts that again and compares tables and rejects. Exit code
1 when one differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg
import yaml

from benchmarks.places import temporary_folder, temporary_warehouse
from sync_assets.tables import TABLES
from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.warehouse.migrate import migrate

ORG = "killed"
DAY = date(2025, 1, 1)
HEADERS = {
    "clients": "code_client;nom;email;pays",
    "produits": "produit_key;nom;prix;couleur",
    "ventes": "num_ligne;code_client;produit_key;date;quantite;prix_unitaire;no_facture",
    "stock": "produit_key;entrepot;quantite",
}
# The rows that a complete run leaves; which run found them first may differ.
REJECT_COLUMNS = ("file", "row_number", "record_key", "column_name", "code", "severity", "resolution")
SYNC = "from benchmarks.kill_exports import sync; sync()"


def sync() -> None:
    """Runs the job of the command line in this process; says so when it begins to work."""
    import dagster as dg

    from sync_assets.definitions import defs

    job = defs().resolve_job_def("isavigne_sync")
    config = {
        "resources": {"sync": {"config": {"as_of": "2026-06-30T12:00:00Z"}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("org", [ORG])
        print("begin", flush=True)
        result = job.execute_in_process(partition_key=ORG, instance=instance, run_config=config, raise_on_error=False)
        failures = [event.message for event in result.all_events if event.is_step_failure]
        print(failures or "done", flush=True)


def deliver(folder: Path, dice: random.Random, round_: int) -> str:
    """Some files of every kind; now and then one is bad, one is removed, one comes with another content."""
    told = []
    for kind in HEADERS:
        for part in range(dice.randrange(1, 3)):
            name = f"{kind}_{DAY + timedelta(days=dice.randrange(300))}_{round_}{part}.csv"
            count = dice.randrange(1, 3000 if kind == "ventes" else 300)
            lines = [_row(kind, dice, count) for _ in range(count)]
            header = HEADERS[kind] if dice.random() < 0.9 else HEADERS[kind].partition(";")[2]
            _write(folder / name, [header, *lines])
        told.append(kind)
    files = sorted(folder.iterdir())
    if dice.random() < 0.5:
        changed = dice.choice(files)
        lines = changed.read_text(encoding="utf-8").splitlines()
        _write(changed, lines[: 1 + dice.randrange(len(lines))])
        told.append("one shortened")
    if dice.random() < 0.3:
        dice.choice(files).unlink()
        told.append("one removed")
    return f"{len(list(folder.iterdir()))} files, {', '.join(told[4:]) or 'only new ones'}"


def _row(kind: str, dice: random.Random, count: int) -> str:
    client, product = f"C{dice.randrange(400)}", f"P{dice.randrange(120)}"
    day = f"{dice.randrange(1, 29):02d}/{dice.randrange(1, 13):02d}/2025" if dice.random() > 0.03 else "31/02/2025"
    number = str(dice.randrange(20 * count)) if dice.random() < 0.7 else ""
    rows = {
        "clients": [client, f"Odile {client}", f"{client}@example.fr" if dice.random() < 0.9 else "odile(a)x", "FR"],
        "produits": [product, f"Riesling {product}", f"{dice.randrange(4, 90)},50", "Blanc"],
        "ventes": [number, client, product, day, str(dice.randrange(1, 9)), "12,50", f"F{dice.randrange(count)}"],
        "stock": [product, dice.choice(("Principal", "Cave 2")), str(dice.randrange(200))],
    }
    return ";".join(rows[kind])


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines), encoding="utf-8")
    os.utime(path, (1_760_000_000, 1_760_000_000))


class Side:
    """A database of its own for the organisation that reads the folder."""

    def __init__(self, url: str, connections: Path) -> None:
        self.url = url
        self.environment = os.environ | {"DATABASE_URL": url, "SYNC_ASSETS_CONNECTIONS": str(connections)}

    def start(self) -> subprocess.Popen[str]:
        """A sync that has begun to work."""
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SYNC], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout and process.stdout.readline().strip() == "begin"
        return process

    def sync(self) -> float:
        process, begun = self.start(), time.monotonic()
        said = process.communicate(timeout=600)[0].strip()
        # A folder with a bad file fails its own step only; every other must do.
        assert process.returncode == 0 and said == "done", said
        return time.monotonic() - begun

    def rows(self) -> dict[str, list[str]]:
        found = {}
        with psycopg.connect(self.url) as connection:
            for table in TABLES:
                columns = dict.fromkeys([*table.key, *table.written("content")])
                names = ", ".join(REJECT_COLUMNS if table is REJECTED_ROWS else columns)
                if table.schema != "ops" or table is REJECTED_ROWS:
                    rows = connection.execute(f"SELECT {names} FROM {table}").fetchall()
                    found[str(table)] = sorted(map(repr, rows))
        return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    dice, bad = random.Random(asked.seed), 0
    with temporary_folder() as place, temporary_warehouse(place) as url:
        folder, connections = place / "exports", place / "connections.yaml"
        folder.mkdir()
        source = {"export_path": str(folder), "max_age_days": 3650, "reject_limit": 1}
        connections.write_text(yaml.safe_dump({"orgs": {ORG: {"name": "Killed", "sources": {"isavigne": source}}}}))
        still, shaken = (Side(_database(url, name), connections) for name in ("still", "shaken"))
        for number in range(asked.kills):
            told = deliver(folder, dice, number)
            full = still.sync()
            process, seconds = shaken.start(), dice.uniform(0, full)
            time.sleep(seconds)
            if is_running := process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            shaken.sync()
            here, there = shaken.rows(), still.rows()
            differ = [name for name in here if here[name] != there[name]]
            bad += bool(differ)
            print(
                f"{number + 1:3} killed after {seconds:4.1f} of {full:4.1f} s{'' if is_running else ' (had ended)'}; "
                f"{told}; {sum(map(len, here.values())):,} rows; {f'DIFFER {differ}' if differ else 'EQUAL'}",
                flush=True,
            )
            for name in differ:
                a, b = set(here[name]), set(there[name])
                print(f"      {name}: only killed {sorted(a - b)[:2]}; only still {sorted(b - a)[:2]}"[:1500])
    print(f"{asked.kills} kills, {bad} bad")
    return 1 if bad else 0


def _database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    own = url.replace("/sync_assets?", f"/{name}?")
    migrate(own)
    return own


if __name__ == "__main__":
    sys.exit(main())
