"""Numbers, dates, flags, years, headers and column names, one value at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.sources.isavigne.aliases import ALIASES, REQUIRED, aliases_of, fields_of, normalise, read_header
from sync_assets.sources.isavigne.values import (
    read_flags,
    read_moments,
    read_number,
    read_numbers,
    read_refusals,
    split_grapes,
)
from sync_assets.transforms.countries import read_countries

from .support import PARIS

# What the specification lists for dialect A, B and C; nothing of it may get lost.
DIALECTS = {
    "clients": {
        "A": "code_client nom email telephone mobile code_postal ville pays",
        "B": "client_code nom prenom email telephone code_postal ville pays",
        "C": "customer_code last_name first_name email phone postal_code city country",
    },
    "produits": {
        "A": "produit_key nom prix cout couleur cepages millesime region",
        "B": "article produit prix_ttc famille_crm sous_famille macro_categorie millesime",
        "C": "product_label",
    },
    "stock": {"A": "produit_key entrepot quantite unite", "B": "produit_key stock_total stock_reserve date_snapshot"},
    "contacts": {"C": "customer_code contact_date channel status campaign_id"},
    "ventes": {
        "A": "code_client produit_key date quantite unite prix_unitaire num_ligne",
        "B": "client_code article produit_label date_livraison qty_line pu_ht mt_ttc mt_ht document_type document_no "
        "order_detail_no marge",
        "C": "customer_code product_label order_date qty amount_ttc amount_ht doc_type doc_ref margin",
    },
}
MORE = {
    "clients": "no_client num_client numero_client id_client raison_sociale societe mail e_mail courriel tel portable "
    "gsm cp email_opt_out desinscrit_email refus_email newsletter accepte_email opt_in_email sms_opt_out "
    "desinscrit_sms refus_sms accepte_sms opt_in_sms desinscrit_tel refus_tel accepte_tel opt_in_tel",
    "produits": "code_article code_produit reference sku libelle designation prix_vente pvttc prix_achat pa prix_ht "
    "pvht type cepage annee appellation format contenance volume actif",
    "stock": "depot cave magasin qte reserve date_inventaire",
    "contacts": "canal statut campagne objet",
    "ventes": "no_client code_article sku date_vente date_facture qte quantity pu_ttc prix_unitaire_ht "
    "prix_unitaire_h_t montant_ttc montant_ht taux_tva tva remise remise_pct no_facture no_ligne canal",
}


@pytest.mark.parametrize(("kind", "dialect"), [(kind, d) for kind, names in DIALECTS.items() for d in names])
def test_every_dialect_is_known_and_recognised(kind: str, dialect: str) -> None:
    names = DIALECTS[kind][dialect].split()
    header = read_header(kind, names)
    assert header.unknown == ()
    assert header.known == len(names)
    assert all(dialect in aliases_of(kind)[name][1] for name in names)
    if header.missing == () and kind != "produits":
        assert header.dialect == dialect


@pytest.mark.parametrize("kind", ALIASES)
def test_the_tables_of_names_are_complete_and_consistent(kind: str) -> None:
    names = aliases_of(kind)
    assert set(MORE[kind].split()) <= names.keys()
    assert all(normalise(name) == name for name in names)
    assert {field for need in REQUIRED[kind] for field in need.split("/")} <= set(fields_of(kind))
    words = [word for line in ALIASES[kind].strip().splitlines() for word in set(line.replace("|", " ").split()[1:])]
    assert len([word for word in words if word != "-"]) == len(names), "a name has two fields"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("N° Client", "no_client"),
        ("Prix TTC (€)", "prix_ttc"),
        ("code  client", "code_client"),
        ("prix unitaire H.T.", "prix_unitaire_h_t"),
        ("\ufeffCode\u00a0Client ", "code_client"),
        ("Nº client", "no_client"),
        ("QUANTITÉ", "quantite"),
    ],
)
def test_headers(cell: str, name: str) -> None:
    assert normalise(cell) == name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,50", "12.5"),
        ("12.50", "12.5"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1’234.50", "1234.5"),
        ("1'234,50", "1234.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1,234", "1.234"),
        ("1.234", "1.234"),
        ("€ 12.50", "12.5"),
        ("12 EUR", "12"),
        ("20 %", "20"),
        ("12,5-", "-12.5"),
        ("-12,5", "-12.5"),
        ("− 12,5", "-12.5"),
        ("(12,5)", "-12.5"),
        ("+3", "3"),
        (",5", "0.5"),
        ("0", "0"),
        ("-0", "0"),
        ("0,0000005", "0.000001"),
        ("12,3,4", None),
        ("1.2.3", None),
        ("05.12.2025", None),
        ("1,23.4,5", None),
        ("1e5", None),
        ("--3", None),
        ("-", None),
        ("()", None),
        ("€", None),
        ("sur demande", None),
        ("99999999999,999999", "99999999999.999999"),
        ("100000000000", None),
        ("9" * 60, None),
        ("99999999999.9999999", None),
        ("0." + "1" * 60, "0.111111"),
        ("٣", None),
    ],
)
def test_numbers(text: str, number: str | None) -> None:
    expected = None if number is None else Decimal(number)
    assert read_numbers(pa.array([text])).to_pylist() == [expected]
    assert read_number(text) == expected


@pytest.mark.parametrize(
    ("text", "number"), [("1.234", "1234"), ("1.234,5", "1234.5"), ("12.5", None), ("12,5", "12.5")]
)
def test_a_decimal_comma_makes_dots_thousands(text: str, number: str | None) -> None:
    expected = None if number is None else Decimal(number)
    assert read_numbers(pa.array([text]), ",").to_pylist() == [expected]


@given(st.decimals(-(10**9), 10**9, places=2))
def test_a_number_is_read_back_however_it_is_written(number: Decimal) -> None:
    french = f"{number:,.2f}".replace(",", "\u202f").replace(".", ",")
    written = [
        str(number),
        french,
        f"{number:,.2f} €",
        f"{number:,.2f}".replace(",", "_").replace(".", ",").replace("_", "."),
    ]
    assert read_numbers(pa.array(written)).to_pylist() == [number] * 4


@given(st.lists(st.text(max_size=12)))
def test_no_text_breaks_a_number_or_a_date(texts: list[str]) -> None:
    assert len(read_numbers(pa.array(texts, pa.string()))) == len(texts)
    moments, days, codes = read_moments(pa.array(texts, pa.string()), PARIS, today=date(2026, 1, 1), is_workbook=True)
    assert [moment is None for moment in moments.to_pylist()] == [code is not None for code in codes.to_pylist()]
    assert [day is None for day in days.to_pylist()] == [code is not None for code in codes.to_pylist()]


def moment(text: str, *, is_workbook: bool = False) -> datetime | str:
    moments, _, codes = read_moments(pa.array([text]), PARIS, today=date(2026, 1, 15), is_workbook=is_workbook)
    return moments.to_pylist()[0] or codes.to_pylist()[0]


MIDNIGHT = datetime(2025, 12, 4, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/12/2025", MIDNIGHT),
        ("5/12/25", MIDNIGHT),
        ("05-12-2025", MIDNIGHT),
        ("05.12.2025", MIDNIGHT),
        ("2025-12-05", MIDNIGHT),
        ("2025/12/05", MIDNIGHT),
        ("20251205", MIDNIGHT),
        ("5 décembre 2025", MIDNIGHT),
        ("vendredi 5 déc. 2025", MIDNIGHT),
        ("05-DEC-2025", MIDNIGHT),
        ("1er août 2025", datetime(2025, 7, 31, 22, tzinfo=UTC)),
        ("05/12/2025 14:30", datetime(2025, 12, 5, 13, 30, tzinfo=UTC)),
        ("05/12/2025 14h30", datetime(2025, 12, 5, 13, 30, tzinfo=UTC)),
        ("2025-12-05T14:30:15.5Z", datetime(2025, 12, 5, 14, 30, 15, 500000, tzinfo=UTC)),
        ("2025-12-05T14:30:00+0200", datetime(2025, 12, 5, 12, 30, tzinfo=UTC)),
        ("01/01/90", datetime(1989, 12, 31, 23, tzinfo=UTC)),
        ("01/01/79", "date_out_of_range"),
        ("16/01/2026", datetime(2026, 1, 15, 23, tzinfo=UTC)),
        ("17/01/2026", "date_out_of_range"),
        ("31/12/1989", "date_out_of_range"),
        ("1899-12-30", "date_out_of_range"),
        ("31/02/2025", "bad_date"),
        ("12/25/2025", "bad_date"),
        ("n/a", "bad_date"),
        ("45996", "bad_date"),
        ("5 jui 2025", "bad_date"),
        ("05/12-2025", "bad_date"),
        ("05/12/2025 25:00", "bad_date"),
    ],
)
def test_dates(text: str, expected: datetime | str) -> None:
    assert moment(text) == expected


def test_serial_numbers_are_dates_in_workbooks_only() -> None:
    assert moment("45996", is_workbook=True) == MIDNIGHT
    assert moment("45996.5", is_workbook=True) == datetime(2025, 12, 5, 11, tzinfo=UTC)
    assert moment("32873", is_workbook=True) == "bad_date"
    assert moment("73051", is_workbook=True) == "bad_date"


def test_flags() -> None:
    yes = ["oui", "O", "yes", "y", "1", "X", "vrai", "TRUE", "désabonné", "Désinscrit", "stop"]
    assert read_flags(pa.array(yes)).to_pylist() == [True] * len(yes)
    no = ["non", "N", "no", "0", "faux", "false", " ", None]
    assert read_flags(pa.array(no)).to_pylist() == [False] * len(no)
    assert read_refusals(pa.array(no)).to_pylist() == [True] * len(no)
    assert read_refusals(pa.array(yes)).to_pylist() == [False] * 8 + [True] * 3


def test_grapes_keep_their_order() -> None:
    text = "Merlot 60%, Cabernet Sauvignon (30 %) & Petit Verdot ; merlot + Malbec et , "
    assert split_grapes(pa.array([text])).to_pylist() == [["Merlot", "Cabernet Sauvignon", "Petit Verdot", "Malbec"]]


def test_countries() -> None:
    names = ["España", "Österreich", "Royaume-Uni", "UK", "États-Unis", "USA", "jp", "Ελλάδα", "Pays Bas", "AS", "XX"]
    expected = ["ES", "AT", "GB", "GB", "US", "US", "JP", "GR", "NL", "AS", None]
    assert read_countries(pa.array(names)).to_pylist() == expected
