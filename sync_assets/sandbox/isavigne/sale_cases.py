"""Sample folders 32 to 42: dates, quantities, amounts, documents and line numbers of a sales file.

Stock and contacts do not belong here. Canonical specification, section 8.
"""

from __future__ import annotations

from datetime import datetime

from sync_assets.sandbox.isavigne.writing import text, workbook

CLIENTS = "code_client;nom\nC1;Brévelle Maëlle\nC2;Tissandre Odon"
PRODUITS = """
    produit_key;nom;prix;cout;couleur
    P1;Clos des Étourneaux;12,00;5,00;rouge
    P2;Galets Blancs;20,00;9,00;blanc
    """
HEAD = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire"


def sales(*lines: str, head: str = HEAD) -> bytes:
    return text("\n".join([head, *lines]))


def sale_cases() -> dict[str, dict[str, bytes]]:
    """Content of each file by name, by folder."""
    base = {"clients_2025-01-01.csv": text(CLIENTS), "produits_2025-01-01.csv": text(PRODUITS)}
    return {
        "32_dates": {
            "ventes_2025-12-05.csv": sales(
                "1;C1;P1;05/12/2025;1;12,00",
                "2;C1;P1;31/12/25;1;12,00",
                "3;C1;P1;05-12-2025;1;12,00",
                "4;C1;P1;05.12.2025;1;12,00",
                "5;C1;P1;2025-12-05;1;12,00",
                "6;C1;P1;5 décembre 2025;1;12,00",
                "7;C1;P1;20251205;1;12,00",
                "8;C1;P1;45996;1;12,00",
                "9;C1;P1;31/02/2025;1;12,00",
                "10;C1;P1;;1;12,00",
                "11;C1;P1;01/01/2099;1;12,00",
                "12;C1;P1;1899-12-30;1;12,00",
            ),
            "ventes_2025-12-06.xlsx": workbook(
                {
                    "Ventes": [
                        HEAD.split(";"),
                        ["21", "C1", "P1", 45996, 1, 12.0],
                        [22, "C1", "P1", datetime.fromisoformat("2025-12-05 14:30"), 2, 12.5],
                    ]
                }
            ),
        },
        "33_units": {
            **base,
            "ventes_2025-11-30.csv": sales(
                *(
                    f"{number};C1;P1;05/11/2025;1;{unit};12,00"
                    for number, unit in enumerate(
                        (
                            "demi-bouteille",
                            "37,5 cl",
                            "375ml",
                            "50cl",
                            "500 ml",
                            "Caisse 6x75cl",
                            "6 x 0,75 L",
                            "Caisse de 6",
                            "carton 12",
                            "carton",
                            "caisse",
                            "bouteille 150cl",
                            "1,5L",
                            "Magnum 150cl",
                            "double magnum",
                            "300cl",
                            "BIB 5L",
                            "carton de 6 magnums",
                            "palette",
                            "clavelin",
                            "",
                        ),
                        1,
                    )
                ),
                "30;C1;P1;05/11/2025;-3;bouteille;12,00",
                head="num_ligne;code_client;produit_key;date;quantite;unite;prix_unitaire",
            ),
        },
        "34_returns": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;05/11/2025;-3;12,00;FACTURE;F1",
                "2;C1;P1;06/11/2025;3;12,00;AVOIR;A1",
                "3;C1;P1;06/11/2025;-2;12,00;AV;A2",
                "4;C2;P1;07/11/2025;6;12,00;FA;F2",
                "5;C2;P1;07/11/2025;-6;12,00;FA;F2",
                head=f"{HEAD};document_type;document_no",
            ),
        },
        "35_free_bottle": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;05/11/2025;6;12,00;F1",
                "2;C1;P1;05/11/2025;1;0;F1",
                "3;C1;P1;05/11/2025;2;11,00;F1",
                head=f"{HEAD};document_no",
            ),
        },
        "36_line_numbers": {
            **base,
            "ventes_2025-01-31.csv": sales(
                ";C1;P1;05/01/2025;1;12,00",
                ";C1;P1;05/01/2025;1;12,00",
                ";C2;P2;06/01/2025;1;20,00",
                "7;C1;P1;07/01/2025;2;12,00",
            ),
            "ventes_2026-01-31.csv": sales("7;C2;P2;07/01/2026;3;20,00", "8;C2;P2;08/01/2026;1;20,00"),
        },
        "37_unknown": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C9;P1;05/11/2025;1;12,00",
                "2;C1;P9;05/11/2025;1;12,00",
                "3;;P1;05/11/2025;1;12,00",
            ),
            "produits_2025-12-01.csv": text(PRODUITS + "P9;Arrivé plus tard;15,00;7,00;rosé"),
        },
        "38_quantities": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;05/11/2025;0;12,00;",
                "2;C1;P1;05/11/2025;2,5;12,00;",
                "3;C1;P1;05/11/2025;1 000;12,00;",
                "4;C1;P1;05/11/2025;douze;12,00;",
                "5;C1;P1;05/11/2025;6;12,00;70,00",
                "6;C1;P1;05/11/2025;6;12,00;72,06",
                head=f"{HEAD};montant_ttc",
            ),
        },
        "39_vat": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;05/11/2025;1;10,00;12,00;20",
                "2;C1;P1;05/11/2025;1;10,00;11,00;10 %",
                "3;C1;P1;05/11/2025;1;10,00;10,55;0,055",
                "4;C1;P1;05/11/2025;1;10,00;10,00;0",
                "5;C1;P1;05/11/2025;2;10,00;;0.2",
                "6;C1;P1;05/11/2025;2;10,00;;",
                "7;C1;P1;05/11/2025;2;;24,00;20",
                "8;C1;P1;05/11/2025;2;;24,00;",
                head="num_ligne;code_client;produit_key;date;quantite;pu_ht;montant_ttc;taux_tva",
            ),
        },
        "40_documents": {
            "clients_2025-01-01.csv": text(CLIENTS),
            "produits_2025-01-01.csv": text(
                PRODUITS
                + """PORT;Frais de port;9,00;;
                ACPT;Acompte;0;;
                BON;Bon cadeau;50,00;;"""
            ),
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;01/11/2025;6;12,00;;DEVIS;D1",
                "2;C1;P1;02/11/2025;6;12,00;;commande;C1",
                "3;C1;P1;05/11/2025;6;12,00;10 %;Facture;F1",
                "4;C1;P2;05/11/2025;2;20,00;4,00;Facture;F1",
                "5;C1;PORT;05/11/2025;1;9,00;;Facture;F1",
                "6;C2;ACPT;06/11/2025;1;30,00;;FAC;F2",
                "7;C2;BON;06/11/2025;1;50,00;;TK;T1",
                "8;C2;P1;06/11/2025;1;12,00;;BL;L1",
                "9;C2;P1;06/11/2025;1;12,00;;troc;X1",
                head=f"{HEAD};remise;document_type;document_no",
            ),
        },
        "41_amended": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;05/11/2025;6;12,00;F1",
                "2;C1;P2;05/11/2025;1;20,00;F1",
                "3;C2;P1;06/11/2025;1;12,00;F2",
                head=f"{HEAD};document_no",
            ),
            "ventes_2025-12-01.csv": sales("1;C1;P1;05/11/2025;5;12,00;F1", head=f"{HEAD};document_no"),
        },
        "42_clock_changes": {
            **base,
            "ventes_2025-11-30.csv": sales(
                "1;C1;P1;2025-03-30 02:30;1;12,00",
                "2;C1;P1;2025-10-26 02:30;1;12,00",
                "3;C1;P1;26/10/2025 02h30;1;12,00",
                "4;C1;P1;2025-10-26T02:30:00+01:00;1;12,00",
            ),
        },
    }
