"""The quality report of iSaVigne files of dialect A: the golden figures of the specification, from files to report."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sync_assets.connections import IsavigneConnection, load_connections
from sync_assets.reports_quality import quality_report
from sync_assets_tests.defs.support import Project

landings = pytest.importorskip("sync_assets.extraction.isavigne")
NOW = datetime(2025, 12, 6, 8, tzinfo=UTC)
FILES = {
    "produits_2025-12-01.csv": "produit_key;nom;prix;cout;couleur;cepages;millesime;region\nV1;Riesling;12,50;6;Blanc;Riesling;2020;Alsace\n",
    "clients_2025-12-01.csv": "code_client;nom;email;telephone;mobile;code_postal;ville;pays\n"
    "C1;TISSANDRE Maëlle;maelle@example.fr;01 99 00 00 01;06 39 98 10 01;67000;Strasbourg;FR\n",
    "ventes_2025-12-01.csv": "num_ligne;code_client;produit_key;date;quantite;unite;prix_unitaire\n1;C1;V1;01/12/2025;2;bouteille;12,50\n",
    "stock_2025-12-01.csv": "produit_key;entrepot;quantite;unite\nV1;Principal;12;bouteille\n",
}


def test_dialect_a_from_files_to_report(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    project.add("acme", {"name": "Acme"}, isavigne={"export_path": str(folder)})
    connection = IsavigneConnection(export_path=folder, settle_seconds=0)
    landing = landings.ExportLanding(project.warehouse, connection, "acme", ZoneInfo("Europe/Paris"), "r1", NOW, False)
    assert [result.extracted for result in landings.read_exports(landing)][:4] == [1, 1, 1, 1]
    project.sync_ok(job="remap")
    report = quality_report(project.warehouse, load_connections(project.connections).org("acme"), as_of=NOW)
    judged = {one["table"]: (one["mapped"], one["total"], one["score"]) for one in report["tables"]}
    assert judged == {
        "product_catalog": (8, 18, 66),
        "customers": (11, 15, 84),
        "sales_lines": (8, 16, 70),
        "stock_levels": (4, 6, 80),
    }
    overall = report["overall"]
    assert (overall["mapped"], overall["total"], overall["score"]) == (31, 55, 73)
    assert overall["coverage"] == Decimal("56.4")
    assert [a for a in report["anomalies"] if a["severity"] == "critical"] == []
