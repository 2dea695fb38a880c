"""What holds for every file: nothing raises, every row is counted, and neither order nor splitting changes the result."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_assets.tables.raw.isavigne import ROWS_OF

from .support import CASES, Read, read_folder, read_text, standing

FAST = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("clients.csv", "produits.txt", "ventes.tsv", "stock.csv", "contacts.csv", "ventes.xlsx")
CELLS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        (
            "",
            "C1",
            "P1",
            "12,50",
            "-3",
            "05/12/2025",
            "oui",
            "2020",
            "AVOIR",
            "20 %",
            '"',
            "Total",
            "999999999999",
            "0,001",
            "a;b",
            "x\ny",
            "0",
        )
    ),
)
HEADERS = {
    "clients": "code_client;nom;prenom;email;telephone;code_postal;pays;newsletter;refus_sms",
    "produits": "produit_key;nom;prix;cout;couleur;cepages;millesime;actif",
    "ventes": "num_ligne;code_client;produit_key;libelle;date;quantite;prix_unitaire;montant_ht;tva;remise;doc_type",
    "stock": "produit_key;entrepot;quantite;reserve;date_inventaire",
    "contacts": "client_code;date;canal;statut;campagne",
}
HEAD = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire;no_facture"


def check_counts(read: Read) -> None:
    """Rows in = accepted + rejected + skipped, and the frame holds what was accepted, by its contract."""
    manifest = read.manifest
    assert manifest["rows"] == manifest["accepted"] + manifest["rejected"] + manifest["skipped"]
    assert manifest["rejected"] == sum(finding["severity"] == "error" for finding in read.findings)
    assert manifest["warnings"] == sum(finding["severity"] == "warning" for finding in read.findings)
    if manifest["status"] != "failed":
        assert len(read.frame) == manifest["accepted"]
        table = ROWS_OF[manifest["kind"]]
        books = {
            name: "x" if name == "run_id" else manifest["modified_at"]
            for name in table.written("on_insert", "on_change")
        }
        table.contract.validate(table.frame(read.frame.drop(columns=list(books)).assign(**books)))


@FAST
@given(st.sampled_from(NAMES), st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_file(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        read = read_text(Path(folder), name, content)
    assert read.manifest["status"] in ("ok", "empty", "failed")
    check_counts(read)


@FAST
@given(st.sampled_from(sorted(HEADERS)), st.data(), st.sampled_from(("utf-8", "utf-8-sig", "utf-16")))
def test_any_cells_under_a_good_header(kind: str, data: st.DataObject, encoding: str) -> None:
    width = HEADERS[kind].count(";") + 1
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width - 1, max_size=width + 1), max_size=8))
    text = "\n".join([HEADERS[kind], *(";".join(row) for row in rows)])
    with TemporaryDirectory() as folder:
        read = read_text(Path(folder), f"{kind}.csv", text.encode(encoding, "ignore"), reject_limit=1)
        pieces = read_text(Path(folder), f"{kind}.csv", text.encode(encoding, "ignore"), reject_limit=1, chunk_size=4)
    check_counts(read)
    assert read.findings[: len(pieces.findings)] == pieces.findings
    assert repr(read.frame.to_dict("list")) == repr(pieces.frame.to_dict("list"))


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_every_row_of_every_case_is_counted(folder: Path) -> None:
    for read in read_folder(folder):
        if read.manifest:
            check_counts(read)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(("", "", "1", "2", "3", "4")),
        st.sampled_from(("C1", "C2", "")),
        st.sampled_from(("P1", "P2")),
        st.sampled_from(("05/12/2025", "06/12/2025")),
        st.sampled_from(("1", "2,5", "-1")),
        st.sampled_from(("12,50", "9")),
        st.just(""),
    ),
    max_size=12,
    # Identical lines without number that arrive in two files count once, and a number stands for one line.
    unique_by=(lambda row: row[1:] if not row[0] else row[0]),
)


@FAST
@given(ROWS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_splitting_a_delivery_changes_nothing(rows: list[tuple[str, ...]], parts: int, dice: random.Random) -> None:
    whole = deliver({"ventes_2025-12-10.csv": rows})
    shares: dict[str, list[Any]] = {f"ventes_2025-12-10_{part}.csv": [] for part in range(parts)}
    for row in dice.sample(rows, len(rows)):
        shares[dice.choice(sorted(shares))].append(row)
    assert deliver(shares) == whole
    # The same rows once more, and an older file that comes late.
    assert deliver({**shares, "ventes_2025-12-11.csv": rows, "ventes_2025-12-01.csv": rows}) == whole


def deliver(files: dict[str, list[Any]]) -> dict[str, Any]:
    """What stands after these files, by key."""
    with TemporaryDirectory() as folder:
        for name, rows in files.items():
            text = "\n".join([HEAD, *(";".join(row) for row in rows)])
            (Path(folder) / name).write_text(text, encoding="utf-8")
        reads = read_folder(Path(folder))
    found = standing(reads, "ventes")
    landed = sum(len(read.frame) for read in reads)
    assert landed == len(found.frame) + sum(found.skipped.values()) + found.rejected
    names = ["client_code", "product_key", "date_sale", "quantity", "price_total"]
    assert not found.frame["record_key"].duplicated().any()
    return {key: tuple(map(str, row)) for key, *row in found.frame[["record_key", *names]].itertuples(index=False)}


def test_identical_lines_of_one_file_stay_two_however_often_they_come() -> None:
    line = ("", "C1", "P1", "05/12/2025", "1", "12,50", "F1")
    once = deliver({"ventes_2025-12-10.csv": [line, line]})
    assert len(once) == 2
    assert deliver({"ventes_2025-12-10.csv": [line, line], "ventes_2025-12-17.csv": [line, line]}) == once


def test_an_older_file_that_comes_late_does_not_win() -> None:
    new, old = ("1", "C1", "P1", "05/12/2025", "5", "12,50", ""), ("1", "C1", "P1", "05/12/2025", "6", "12,50", "")
    found = deliver({"ventes_2025-12-10.csv": [new], "ventes_2025-12-03.csv": [old]})
    assert found["isavigne-1"][3] == "5.000"


def test_parts_of_one_document_on_one_day_add_up() -> None:
    lines = [(str(number), "C1", "P1", "05/12/2025", "1", "12,50", "F1") for number in range(4)]
    found = deliver({"ventes_2025-12-10_a.csv": lines[:2], "ventes_2025-12-10_b.csv": lines[2:]})
    assert len(found) == 4


def test_invoices_and_credit_notes_may_share_their_numbers(tmp_path: Path) -> None:
    for name, kind in (("ventes_2025-12-10.csv", "FA"), ("ventes_2025-12-11.csv", "AV")):
        row = f"{kind};C1;P1;05/12/2025;1;12,50;7;{kind}"
        (tmp_path / name).write_text(f"{HEAD};document_type\n{row}\n", encoding="utf-8")
    assert len(standing(read_folder(tmp_path), "ventes").frame) == 2
