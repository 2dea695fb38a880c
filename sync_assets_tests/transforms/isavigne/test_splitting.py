"""The same rows in one file or in many, in any order and again: the same canonical tables."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .support import World, map_texts

ROWS = {
    "clients": ("code_client;nom;email", [f"C{n};Odile {n};c{n % 4}@example.fr" for n in range(6)]),
    "produits": ("produit_key;nom;prix;couleur", [f"P{n};Riesling {n};{n + 5},50;Blanc" for n in range(6)]),
    "ventes": (
        "num_ligne;code_client;produit_key;date;quantite;prix_unitaire;no_facture",
        [f"{n};C{n % 7};P{n % 7};0{1 + n % 9}/11/2025;{n % 5 - 1};12,50;F{n // 3}" for n in range(1, 19)],
    ),
    "stock": (
        "produit_key;entrepot;quantite",
        [f"P{n};{depot};{n}" for n in range(7) for depot in ("Principal", "Cave 2")],
    ),
    "contacts": (
        "client_code;date;canal;statut;campagne",
        [f"C{n};0{n + 1}/11/2025;email;opened;Noël" for n in range(7)],
    ),
}
# Snapshots of an earlier day, of which some products have gone since.
OLDER = {
    "produits_2025-11-20.csv": "produit_key;nom;prix\nP1;Riesling 1;4\nP8;Ancien;3\n",
    "stock_2025-11-20.csv": "produit_key;entrepot;quantite\nP1;Principal;9\nP8;Principal;4\n",
}


def deliver(parts: int, dice: random.Random | None, *, days: tuple[str, ...] = ("2025-12-01",)) -> dict[str, Any]:
    """What the mapping makes of all rows in so many files a kind, dealt out and named by the dice."""
    files = dict(OLDER)
    for day in days:
        for kind, (header, rows) in ROWS.items():
            shares: dict[str, list[str]] = {f"{kind}_{day}_{part}.csv": [] for part in range(parts)}
            for row in dice.sample(rows, len(rows)) if dice else rows:
                shares[dice.choice(sorted(shares)) if dice else min(shares)].append(row)
            files |= {name: "\n".join([header, *share]) for name, share in shares.items()}
    with TemporaryDirectory() as folder:
        return content(map_texts(Path(folder), files))


def content(world: World) -> dict[str, Any]:
    """Rows of every canonical table, and the codes of the errors by record."""
    found: dict[str, Any] = {}
    for name, mapped in world.parts.items():
        rows = mapped.frame.to_dict("records")
        found[name] = sorted(repr(sorted(row.items())) for row in rows)
        found[f"{name} errors"] = sorted(
            {(f["record_key"], f["code"]) for f in mapped.rejects if f["severity"] == "error"}
        )
    return found


WHOLE = deliver(1, None)


def test_the_whole_is_what_it_should_be() -> None:
    assert len(WHOLE["sales_lines"]) == 16
    assert [code for _, code in WHOLE["sales_lines errors"]] == ["unknown_customer", "unknown_product"] * 2
    inactive = [row for row in WHOLE["product_catalog"] if "('active', False)" in row]
    assert len(WHOLE["product_catalog"]) == 7 and len(inactive) == 1 and "P8" in inactive[0]


@settings(max_examples=4)
@given(st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_split_in_any_order_gives_the_same_tables(parts: int, dice: random.Random) -> None:
    assert deliver(parts, dice) == WHOLE


@settings(max_examples=2)
@given(st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_same_rows_on_a_later_day_change_nothing(parts: int, dice: random.Random) -> None:
    again = deliver(parts, dice, days=("2025-12-01", "2025-12-08"))
    # A newer count of the same stock has its own date.
    for name in WHOLE:
        if name != "stock_levels":
            assert again[name] == WHOLE[name], name
    assert len(again["stock_levels"]) == len(WHOLE["stock_levels"])
