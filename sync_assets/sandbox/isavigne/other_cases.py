"""Sample folders 43 to 50: depots, stock, contacts, bad rows, cells that look like formulas, equal spenders.

Number 48, a large file, is made in its test only. Canonical specification, section 8.
"""

from __future__ import annotations

from sync_assets.sandbox.isavigne.sale_cases import CLIENTS, PRODUITS, sales
from sync_assets.sandbox.isavigne.writing import table, text


def other_cases() -> dict[str, dict[str, bytes]]:
    """Content of each file by name, by folder."""
    base = {"clients_2025-01-01.csv": text(CLIENTS), "produits_2025-01-01.csv": text(PRODUITS)}
    many = [("code_client", "nom", "pays"), *((f"C{n}", f"Client {n}", "FR") for n in range(1, 11))]
    return {
        "43_depots": {
            **base,
            "stock_2025-11-30.csv": text(
                """
                produit_key;entrepot;quantite
                P1;Cave n° 2;12
                P1;;6
                P2;Entrepôt;5
                P2;ENTREPOT;7
                """
            ),
        },
        "44_stock_values": {
            **base,
            "stock_2025-11-30.csv": text(
                """
                produit_key;entrepot;quantite;reserve;unite
                P1;Nord;-2;;bouteille
                P1;Sud;0;;bouteille
                P2;Nord;3;5;bouteille
                P2;Sud;4;1;Caisse de 6
                """
            ),
        },
        "45_two_counts": {
            **base,
            "stock_2025-11-30.csv": text(
                """
                produit_key;stock_total;stock_reserve;date_snapshot
                P1;10;0;30/11/2025
                P1;8;0;29/11/2025
                P9;3;0;30/11/2025
                """
            ),
        },
        "46_contacts": {
            **base,
            "contacts_2025-11-30.csv": text(
                """
                customer_code;contact_date;channel;status;campaign_id
                C1;05/11/2025 09:00;email;sent;NOEL-25
                C1;05/11/2025 10:00;email;ouvert;NOEL-25
                C1;05/11/2025 18:00;email;opened;NOEL-25
                C2;05/11/2025 09:00;email;bounced;NOEL-25
                C2;12/11/2025 09:00;mail;désabonné;NOEL-25
                C9;05/11/2025 09:00;sms;sent;NOEL-25
                """
            ),
        },
        "47_bad_rows": {
            "clients_2025-11-01.csv": table([*many, *[("", "Sans code", "FR")] * 4, ("C11", "Client 11", "FR")]),
            "clients_2025-11-02.csv": table([*many[:9], *[("", "Sans code", "FR")] * 2]),
        },
        "49_formulas": {
            "clients.csv": text(
                """
                code_client;nom;ville
                C1;=1+1;@x
                C2;O'Brème;DROP TABLE clients
                C3;"Robert'); DROP TABLE clients;--";-12
                """
            )
        },
        "50_equal_spenders": {
            "clients_2025-01-01.csv": text(
                "\n".join(["code_client;nom", *(f"E{d};Égal {d}" for d in (30, 90, 180, 365))])
            ),
            "produits_2025-01-01.csv": text(PRODUITS),
            # The days before 2026-01-01.
            "ventes_2025-12-31.csv": sales(
                "1;E30;P1;02/12/2025;10;12,00",
                "2;E90;P1;03/10/2025;10;12,00",
                "3;E180;P1;05/07/2025;10;12,00",
                "4;E365;P1;01/01/2025;10;12,00",
            ),
        },
    }
