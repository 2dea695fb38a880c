"""Forty stores due at once, through the real queue and daemon with the shipped dagster.yaml; three of them fail.

python -m benchmarks.many_stores [--stores 40]: one sandbox store each, one backfill of `pos_sync` over all of them. Prints
seconds per run and the whole time; exit code 1 when a good store is not right or a bad one is not told.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures import tell
from benchmarks.places import temporary_folder
from sync_assets.sandbox.alleaves import AlleavesSandbox, Fault, demo_store
from sync_assets.settings import PROJECT_ROOT

PORT = 31987
LIMIT_SECONDS = 1800
BAD = {"store-05": "wrong password", "store-17": "inventory answers 500", "store-29": "server down"}


def write_files(folder: Path, servers: dict[str, AlleavesSandbox]) -> None:
    orgs: dict[str, Any] = {}
    for name, pos in servers.items():
        password = "${STORES_WRONG}" if BAD.get(name) == "wrong password" else "${STORES_PASSWORD}"
        login = {"username": pos.username, "password": password, "pin": "${STORES_PIN}"}
        # The shipped settings: 300 ms between two calls, 90 days of orders.
        source = {"base_url": pos.url, "location_ids": [1000], **login}
        orgs[name] = {"name": name, "currency": "USD", "country": "US", "sources": {"alleaves": source}}
    (folder / "connections.yaml").write_text(yaml.safe_dump({"orgs": orgs}), encoding="utf-8")
    shutil.copy(PROJECT_ROOT / "dagster.yaml", folder)


def environment(folder: Path) -> dict[str, str]:
    outside = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DAGSTER_DATABASE_URL")}
    return outside | {
        "SYNC_ASSETS_HOME": str(folder / "home"),
        "SYNC_ASSETS_CONNECTIONS": str(folder / "connections.yaml"),
        "DAGSTER_HOME": str(folder),
        "STORES_PASSWORD": "sandbox-password",
        "STORES_WRONG": "not the password",
        "STORES_PIN": "4321",
        "PYTHONPATH": str(PROJECT_ROOT),
    }


def history(env: dict[str, str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "sync_assets", "history", "--limit", "200", "--json"]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    found = yaml.safe_load(told.stdout)
    return [row for row in found if row["job"] == "pos_sync"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=40)
    given = parser.parse_args()
    names = [f"store-{number:02d}" for number in range(given.stores)]
    with temporary_folder() as folder, ExitStack() as stack:
        store = demo_store(datetime.now(UTC).date())
        servers = {name: stack.enter_context(AlleavesSandbox(store=store)) for name in names}
        for name, why in BAD.items():
            if name in servers and why == "server down":
                servers[name].server_down()
            if name in servers and why.startswith("inventory"):
                servers[name].faults.add(Fault("500", "inventory", times=10_000))
        write_files(folder, servers)
        env = environment(folder)
        command = [sys.executable, "-m", "sync_assets", "ui", "--port", str(PORT), "--no-sandbox"]
        daemon = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(45)
            backfill = ["dagster", "job", "backfill", "-j", "pos_sync", "--all", "--noprompt", "-w"]
            begun = time.monotonic()
            subprocess.run(
                [sys.executable, "-W", "ignore", "-m", *backfill, str(PROJECT_ROOT / "workspace.yaml")],
                env=env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            rows: list[dict[str, Any]] = []
            while time.monotonic() - begun < LIMIT_SECONDS:
                rows = [row for row in history(env) if row["status"] != "running"]
                tell(f"{time.monotonic() - begun:.0f} s: {len({row['org_id'] for row in rows})} of {len(names)} ended")
                if len({row["org_id"] for row in rows}) == len(names):
                    break
                time.sleep(15)
            report(rows, names, time.monotonic() - begun)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=60)


def report(rows: list[dict[str, Any]], names: list[str], seconds: float) -> None:
    first = {row["org_id"]: row for row in reversed(rows)}
    times = sorted(row["duration_seconds"] for name, row in first.items() if name not in BAD)
    tell(
        f"{len(first)} runs in {seconds:.0f} s; a good run takes {times[len(times) // 2]:.1f} s, at most {times[-1]:.1f} s"
    )
    tell(f"{len(first) / seconds * 1800:.0f} runs per half hour")
    wrong = [name for name in names if (first.get(name, {}).get("status") == "ok") != (name not in BAD)]
    for name, why in BAD.items():
        if name in first:
            tell(f"{name} ({why}): {first[name]['status']}, {first[name]['errors'][0]['message'][:120]}")
    tell(f"not as they should be: {', '.join(wrong) or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
