"""Exports: one large sales file, its last row bad, from bytes to typed rows, manifest and reject in PostgreSQL.

Beside it what only looks at the bytes: `pandas.read_csv`, and DuckDB with its sniffer; they type and store nothing here.
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, paired_ratio, tell
from benchmarks.places import ORG, empty_schemas, temporary_folder, temporary_warehouse
from sync_assets.connections import IsavigneConnection
from sync_assets.extraction.isavigne import ExportLanding, read_exports
from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.tables.raw.isavigne import ISAVIGNE_VENTES
from sync_assets.warehouse import Warehouse

NAME = "ventes_2025-11-30.csv"
HEADER = "num_ligne;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc;tva;document_type;document_no"
LANDED, SMALL, PANDAS, DUCK = "read and landed", "a tenth of it", "pandas.read_csv, bytes to text", "DuckDB, sniffed"


def measure(rows: int, rounds: int) -> list[Figure]:
    """Every run lands all rows but the last and keeps exactly one reject; memory is compared with a tenth of the rows."""
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        tell(f"exports: writing a file of {rows:,} sales")
        large, small = (write_sales(folder / name, count) for name, count in (("large", rows), ("small", rows // 10)))

        def run_landing(path: Path, count: int) -> dict[str, Any]:
            empty_schemas(url, ("raw", "ops"))
            result = run_apart(land, url, str(path.parent))
            assert result["answer"] == (count - 1, [(count + 1, "bad_date")]), result
            return result

        found = in_turn(
            rounds,
            {
                LANDED: lambda: run_landing(large, rows),
                SMALL: lambda: run_landing(small, rows // 10),
                PANDAS: lambda: run_apart(run_pandas, str(large), rows),
                DUCK: lambda: run_apart(run_duck, str(large), rows),
            },
        )
    figures = []
    for name, results in found.items():
        is_other = name in (PANDAS, DUCK)
        ratio = paired_ratio(found[LANDED], results) if is_other else None
        count = rows // 10 if name == SMALL else rows
        against = "as long for us" if is_other else ""
        # On a busy machine the processor's own time says more; PostgreSQL's part of it is not in it.
        what = f"{name} ({middle(results, 'cpu'):.1f} s of processor time)"
        figures.append(Figure(what, middle(results), count, ratio, against, middle(results, "peak_mb")))
    return figures


def write_sales(folder: Path, rows: int) -> Path:
    """Sales as Excel in France exports them; the last row has a day that no calendar knows."""
    folder.mkdir()
    dice = random.Random(48)
    with (folder / NAME).open("w", encoding="cp1252", newline="\r\n") as file:
        file.write(f"{HEADER}\n")
        for number in range(1, rows + 1):
            cents, quantity = dice.randrange(400, 18_000), dice.randrange(1, 12)
            day = f"{dice.randrange(1, 28):02d}/{dice.randrange(1, 12):02d}/2025" if number < rows else "31/02/2025"
            price, total = (f"{value // 100},{value % 100:02d}" for value in (cents, cents * quantity))
            file.write(
                f"{number};C{dice.randrange(20_000)};RG-{dice.randrange(900)};{day};{quantity};Bouteille;{price};{total};20;"
                f"Facture;F{number // 3}\n"
            )
    os.utime(folder / NAME, (1_750_000_000, 1_750_000_000))
    return folder / NAME


def land(url: str, folder: str) -> dict[str, Any]:
    connection = IsavigneConnection(export_path=Path(folder))
    now = datetime(2026, 1, 15, tzinfo=UTC)
    with Warehouse(url) as warehouse:
        begun, worked = time.perf_counter(), time.process_time()
        list(read_exports(ExportLanding(warehouse, connection, ORG, ZoneInfo("Europe/Paris"), "bench", now)))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
        rows = warehouse.query(f"SELECT count(*) AS n FROM {ISAVIGNE_VENTES}")[0]["n"]
        rejects = warehouse.read(REJECTED_ROWS, ORG, ["row_number", "code"])
    return {"seconds": seconds, "cpu": cpu, "answer": (rows, list(rejects.itertuples(index=False, name=None)))}


def run_pandas(path: str, rows: int) -> dict[str, Any]:
    import pandas as pd

    begun, worked = time.perf_counter(), time.process_time()
    frame = pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    assert len(frame) == rows
    return {"seconds": seconds, "cpu": cpu}


def run_duck(path: str, rows: int) -> dict[str, Any]:
    """DuckDB finds delimiter, header and types by itself and keeps the rows in memory; the file has only ASCII."""
    import duckdb

    begun, worked = time.perf_counter(), time.process_time()
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE sales AS SELECT * FROM read_csv($path, ignore_errors = true)", {"path": path})
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
        (count,) = connection.execute("SELECT count(*) FROM sales").fetchone() or (0,)
    assert count in (rows, rows - 1)
    return {"seconds": seconds, "cpu": cpu}
