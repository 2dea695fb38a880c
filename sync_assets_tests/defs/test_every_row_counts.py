"""Never a silent drop: whatever a source sends, each row is in the tables, among the rejects, or counted as left out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.tables.canonical import CONTACT_HISTORY, CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, STOCK_LEVELS
from sync_assets.tables.raw.isavigne import ROWS_OF
from sync_assets_tests.defs.stores import add_store, person, sale, shop
from sync_assets_tests.defs.support import Project, add_family, add_order, add_product, open_project

HEADERS = {
    "produits": "produit_key;nom;prix;cout;couleur;cepages;millesime;format;actif",
    "clients": "code_client;nom;email;telephone;code_postal;ville;pays;newsletter;refus_sms",
    "ventes": "num_ligne;code_client;produit_key;date;quantite;unite;prix_unitaire;tva;remise;doc_type;no_facture",
    "stock": "produit_key;entrepot;quantite;unite;reserve;date_inventaire",
    "contacts": "client_code;date;canal;statut;campagne;objet",
}
CANONICAL = {
    "produits": PRODUCT_CATALOG,
    "clients": CUSTOMERS,
    "ventes": SALES_LINES,
    "stock": STOCK_LEVELS,
    "contacts": CONTACT_HISTORY,
}
BAD = (
    "", "", " ", "néant", "12,5,7", "-3", "31/02/2025", "01/01/2099", "1899-12-30", "??", "DROP TABLE", "=1+1", "palette",
    "999999999999999", "2,5", "\u00a0", "C\x00D", "P999", "Z1", "devis", "peut-être", "a@", "\ud7ff", "Total", 'a"b', "20 %",
    "é" * 600, "jéroboam", "0", "(7)", "1e5", "NA",
)  # fmt: skip


def good_row(kind: str, number: int) -> list[str]:
    day = f"{1 + number % 27:02d}/11/2025"
    return {
        "produits": [f"P{number % 40}", f"Riesling {number % 40}", "12,50", "6", "Blanc", "Riesling", "2020", "75 cl", "oui"],
        "clients": [f"C{number % 60}", "Brévelle Maëlle", f"c{number % 60}@example.fr", "01 99 00 12 34", "67000", "Oble",
                    "FR", "oui", "non"],
        "ventes": ["", f"C{number % 60}", f"P{number % 40}", day, "2", "bouteille", "12,50", "20", "", "FA", f"F{number}"],
        "stock": [f"P{number % 40}", "Principal", str(number), "", "0", day],
        "contacts": [f"C{number % 60}", day, "email", "opened", f"Noël {number}", "Bonjour"],
    }[kind]  # fmt: skip


def spoil(row: list[str], dice: random.Random) -> str:
    """The row as a line with one or two bad cells, a cell too many or too few, or torn quotes."""
    cells = list(row)
    for _ in range(dice.choice((1, 1, 2))):
        cells[dice.randrange(len(cells))] = dice.choice(BAD)
    shape = dice.random()
    if shape < 0.05:
        cells.append("zuviel")
    elif shape < 0.1:
        cells.pop()
    return ";".join(cells)


def write_delivery(folder: Path, dice: random.Random, bad_rows: int) -> Counter[str]:
    """Forty files of which half of the rows are bad; returns how many rows each kind has that are not blank."""
    folder.mkdir()
    sent: Counter[str] = Counter()
    kinds = [*HEADERS, "ventes", "ventes", "clients"]
    for part in range(40):
        kind = kinds[part % len(kinds)]
        lines = []
        for number in range(bad_rows // 40):
            lines += [";".join(good_row(kind, part * 100 + number)), spoil(good_row(kind, part * 100 + number), dice)]
        sent[kind] += sum(bool(line.replace(";", "").strip()) for line in lines)
        text = "\n".join([HEADERS[kind], *lines])
        # NUL is no text in any encoding but UTF-16.
        encoding = "utf-16" if "\x00" in text or part % 5 == 0 else "utf-8-sig" if part % 5 == 1 else "utf-8"
        (folder / f"{kind}_2025-11-{1 + part % 28:02d}_{part}.csv").write_bytes(
            text.replace("\x00", "").encode(encoding)
        )
    return sent


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_project(database, tmp_path, monkeypatch) as opened:
        yield opened


def number(project: Project, what: str, **values: Any) -> int:
    return int(project.rows(f"SELECT count(*) AS n FROM {what}", **values)[0]["n"])


def left_out(project: Project, table: Any, org: str) -> int:
    """Rows that the last mapping left out on purpose, by its own report."""
    [row] = project.rows(
        "SELECT report FROM ops.table_builds WHERE org_id = %(org)s AND table_name = %(table)s",
        org=org,
        table=str(table),
    )
    return sum(count for name, count in row["report"]["more"].items() if name.startswith("skipped_"))


def held(project: Project, table: Any) -> int:
    """Raw rows with an open error about a canonical table."""
    return number(
        project,
        "(SELECT DISTINCT file_hash, row_number, record_key FROM ops.rejected_rows WHERE entity = %(entity)s "
        "AND severity = 'error' AND resolved_at IS NULL)",
        entity=str(table),
    )


def test_a_thousand_bad_rows_of_exports(project: Project, tmp_path: Path) -> None:
    sent = write_delivery(tmp_path / "exports", random.Random(20261127), 1000)
    assert sum(sent.values()) > 1900
    connection = {"export_path": str(tmp_path / "exports"), "settle_seconds": 0, "reject_limit": 1}
    project.add("cave", {"name": "Cave"}, isavigne=connection)
    project.sync_ok("cave", "isavigne_sync")
    assert project.last_run("cave")["status"] == "ok"
    assert {row["status"] for row in project.rows("SELECT status FROM raw.isavigne_files")} == {"ok"}
    rejected_in_all = 0
    for kind, table in ROWS_OF.items():
        files = project.rows(
            "SELECT sum(rows)::int AS rows, sum(accepted)::int AS accepted, sum(rejected)::int AS rejected, "
            "sum(skipped)::int AS skipped FROM raw.isavigne_files WHERE kind = %(kind)s",
            kind=kind,
        )[0]
        # From the file to the raw rows: each line of the file is in exactly one of the three places.
        assert files["rows"] == sent[kind]
        assert files["rows"] == files["accepted"] + files["rejected"] + files["skipped"]
        raw = number(project, str(table))
        assert raw == files["accepted"]
        # A later row of the same record closes a reject, which is then no longer open, but still there.
        met = "(SELECT DISTINCT file_hash, row_number FROM ops.rejected_rows WHERE entity = %(kind)s AND severity = 'error')"
        assert number(project, met, kind=kind) == files["rejected"]
        both = f"{table} t JOIN ops.rejected_rows r USING (file_hash, row_number) WHERE r.entity = '{kind}' AND severity = 'error'"
        assert number(project, both) == 0
        # From the raw rows to the canonical table.
        canonical = CANONICAL[kind]
        assert raw == number(project, str(canonical)) + held(project, canonical) + left_out(project, canonical, "cave")
        rejected_in_all += files["rejected"] + held(project, canonical)
    assert rejected_in_all > 300
    counts = project.last_run("cave")["counts"]
    assert sum(count["rejected"] for name, count in counts.items() if name.startswith("raw.")) > 200


def test_rows_of_odoo(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, wine = add_family(odoo), add_product(odoo)
    for _ in range(9):
        add_order(odoo, family.root, wine, quantity=2)
    order = add_order(odoo, family.branch, wine)
    section = {"order_id": order, "display_type": "line_section", "name": "Caves", "product_id": False}
    odoo.store.create("sale.order.line", section)
    add_order(odoo, family.contact, wine, state="draft")
    add_order(odoo, family.contact, wine, state="cancel")
    lost = add_product(odoo, "Pinot Noir 2021")
    add_order(odoo, family.root, lost)
    project.sync_ok()
    with project.warehouse.transaction() as connection:
        connection.execute("DELETE FROM raw.odoo_products WHERE id = %s", [lost])
    project.sync_ok(job="remap")
    raw = number(project, "raw.odoo_sale_order_lines WHERE deleted_at IS NULL")
    assert raw == 14
    loaded = number(project, "canonical.sales_lines")
    # The line of the lost product is loaded without it, and told.
    assert number(project, "canonical.sales_lines WHERE product_key IS NULL") == held(project, SALES_LINES) == 1
    assert (loaded, left_out(project, SALES_LINES, "acme")) == (11, 3)


def test_rows_of_a_point_of_sale(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [sale(100 + n, 1 + n % 4) for n in range(8)] + [
        sale(120, 999), sale(121, None, 7.0), sale(122, 2, status="void"), sale(123, 1, date_created=None),
    ]  # fmt: skip
    with AlleavesSandbox(store=shop([person(n) for n in range(1, 5)], orders)) as pos:
        add_store(project, "shop", pos, monkeypatch)
        project.sync_ok("shop", "pos_sync")
    raw = number(project, "raw.alleaves_orders")
    stored, waiting = number(project, "canonical.sales_orders"), held(project, "canonical.sales_orders")
    told = left_out(project, "canonical.sales_orders", "shop")
    refused = held(project, "orders") + held(project, "raw.alleaves_orders")
    assert raw + refused == len(orders)
    assert raw == stored + waiting + told
    assert (waiting, stored) == (1, raw - waiting - told)
