"""Sample folders 1 to 15: names of files, encodings, headers, quoting, torn rows.

What the values in the cells mean belongs to the other cases. Canonical specification, section 8.
"""

from __future__ import annotations

import codecs
from datetime import date

from sync_assets.sandbox.isavigne.writing import Sheet, text, workbook

CLIENTS = """
    code_client;nom;prenom;email;telephone;code_postal;ville;pays
    C1;Brévelle;Maëlle;maelle@example.fr;01 99 00 11 22;67000;Strasbourg;FR
    C2;Tissandre;Odon;odon@example.com;06 39 98 10 20;21200;Beaune;FR
    C3;Cœurdevey;Zoé;zoe@example.org;06 39 98 10 21;33000;L’Haÿ-des-Vignes;FR
"""
SPECIAL = CLIENTS.rstrip() + "\n    C4;Cave à 5 €;;;;;Cœuvrel;FR"
PRODUITS = """
    produit_key;nom;prix;cout;couleur;cepages;millesime;region
    RG-01;Clos des Étourneaux – Riesling;14,90;6,20;blanc;Riesling;2022;Alsace
    RG-02;Cuvée de la Brève;22,50;9,80;rouge;Merlot, Malbec;2019;Sud-Ouest
"""
STOCK = """
    produit_key;entrepot;quantite;unite
    RG-01;Principal;120;bouteille
    RG-02;Principal;36;bouteille
"""
VENTES = """
    num_ligne;code_client;produit_key;date;quantite;unite;prix_unitaire
    1;C1;RG-01;05/11/2025;6;bouteille;14,90
    2;C2;RG-02;06/11/2025;3;bouteille;22,50
"""


def month(number: int, *lines: str) -> bytes:
    head = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire"
    return text("\n".join([head, *(line.replace("MM", f"{number:02d}") for line in lines)]))


def file_cases() -> dict[str, dict[str, bytes]]:
    """Content of each file by name, by folder."""
    utf16 = text(VENTES, delimiter="\t", encoding="utf-16-le")
    head, *rows = [line.strip().split(";") for line in STOCK.strip().splitlines()]
    counted: Sheet = [[*row[:2], int(row[2]), row[3]] for row in rows]
    sheet: Sheet = [["Inventaire du 30/11/2025"], head, *counted]
    dated: Sheet = [
        ["produit_key", "quantite", "date_inventaire"],
        ["RG-01", 110.0, date(2025, 12, 5)],
        ["RG-02", 2.5, 45996],
    ]
    return {
        "01_utf8_comma": {"clients.csv": text(SPECIAL, delimiter=",")},
        "02_cp1252_semicolon": {"clients.csv": text(SPECIAL, encoding="cp1252")},
        "03_bom": {"produits.csv": codecs.BOM_UTF8 + text(PRODUITS)},
        "04_utf16": {
            "ventes_2025-11-01.csv": codecs.BOM_UTF16_LE + utf16,
            "ventes_2025-12-01_sans_marque.csv": utf16,
        },
        "05_workbooks": {
            "stock_2025-11-30.xlsx": workbook({"Stock": sheet, "Notes": [["Relu par", "Odon"]]}),
            "stock_2025-12-05.XLSX": workbook({"Lisez-moi": [["Export du mois"]], "Stock": dated}),
            "stock_2025-12-06.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        },
        "06_ignored_names": {
            "~$clients.xlsx": b"lock",
            "clients.csv.bak": text(CLIENTS),
            "clients.tmp": text(CLIENTS),
            ".clients.csv": text(CLIENTS),
            "notes.txt": text("Rappeler Maëlle"),
            "clients.csv": text(CLIENTS),
        },
        "07_capitals": {"CLIENTS_2025.CSV": text(CLIENTS)},
        "08_one_kind_each": {"ventes_par_client.csv": text(VENTES), "stock_produits.csv": text(STOCK)},
        "09_three_months": {
            "ventes_2025-01.csv": month(1, "1;C1;RG-01;05/01/2025;1;14,90", "2;C2;RG-02;31/01/2025;2;22,50"),
            "ventes_2025-02.csv": month(2, "2;C2;RG-02;31/01/2025;3;22,50", "3;C1;RG-01;05/02/2025;1;14,90"),
            "ventes_2025-03.csv": month(3, "3;C1;RG-01;05/02/2025;1;14,90", "4;C1;RG-01;05/03/2025;4;14,90"),
        },
        "10_same_bytes": {
            "clients_2025-11-01.csv": text(CLIENTS),
            "clients_2025-11-01_copie.csv": text(CLIENTS),
            "clients_2025-11-08.csv": text(CLIENTS.replace("odon@example.com", "odon.tissandre@example.com")),
        },
        "11_empty": {"clients.csv": text(CLIENTS.strip().splitlines()[0]), "produits.csv": b""},
        "12_headers": {
            "clients_2025-11-01.csv": text(
                """
                E-mail;Nom ;N°\u00a0Client;Anniversaire;Prénom;Email
                maelle@example.fr;Brévelle;C1;05/12;Maëlle;maelle@example.fr
                ;Tissandre;C2;;Odon;
                """
            ),
            "clients_2025-11-02.csv": text(
                """
                code  client;Email;Nom;Courriel
                C1;maelle@example.fr;Brévelle;autre@example.fr
                """
            ),
        },
        "13_no_key": {"produits.csv": text(PRODUITS.replace("produit_key", "cle"))},
        "14_quotes": {
            "ventes.csv": (
                "Ventes du mois;;;;;\r\n\r\n"
                "num_ligne;code_client;produit_label;date;quantite;prix_unitaire\r\n"
                '1;C1;"Rouge; le ""Grand""";05/11/2025;6;14,90\n'
                '2;C2;"Blanc\nde blancs";06/11/2025;3;22,50\r\n'
                ";;;;;\n"
                "3;C1;Rosé;07/11/2025;1;9,00\n"
                "Total;;;;10;165,90"
            ).encode()
        },
        "15_ragged": {
            "clients.csv": text(
                CLIENTS
                + """
                C4;Trop court
                C5;Vide;Odette;;;;;;;
                C6;Trop;Long;;;;;FR;encore
                "C7;Guillemet ouvert;;;;;;FR
                C8;Dernier;Hugo;;;;;FR
                C9;Neuf;Ève;;;;;FR
                C10;Dix;Ugo;;;;;FR
                C11;Onze;Ida;;;;;FR
                C12;Douze;Léo;;;;;FR
                C13;Treize;Ana;;;;;FR
                C14;Quatorze;Tom;;;;;FR
                C15;Quinze;Eva;;;;;FR
                """
            )
        },
    }
