"""Sample folders 16 to 23: what can stand in the columns of a client file.

Products and sales do not belong here. Canonical specification, section 8.
"""

from __future__ import annotations

from sync_assets.sandbox.isavigne.writing import text


def client_cases() -> dict[str, dict[str, bytes]]:
    """Content of each file by name, by folder."""
    return {
        "16_emails": {
            "clients.csv": text(
                """
                code_client;nom;email
                C1;Sans adresse;
                C2;Illisible;maelle(a)example.fr
                C3;Majuscules;  Maelle.BREVELLE@Example.FR
                C4;Deux;odon@example.com / zoe@example.org
                """
            )
        },
        "17_phones": {
            "clients.csv": text(
                """
                code_client;nom;telephone;pays
                C1;Collé;0639981020;FR
                C2;Points;06.39.98.10.20;FR
                C3;International;+33 (0)6 39 98 10 20;FR
                C4;Deux zéros;0033 6 39 98 10 20;
                C5;Neuf chiffres;639981020;FR
                C6;Suisse;022 555 01 23;CH
                C7;Belge;0470 12 34 56;BE
                C8;Allemand;030 23125 123;DE
                C9;Rien;néant;FR
                """
            )
        },
        "18_zips": {
            "clients.csv": text(
                """
                code_client;nom;code_postal;pays
                C1;Ain;1000;France
                C2;Sans pays;1000;
                C3;Corse;2A004;FR
                C4;Genève;1204;CH
                C5;Tableur;67000.0;FR
                C6;Ain entier;01000;FR
                """
            )
        },
        "19_names": {
            "clients_2025-11-01.csv": text(
                """
                code_client;nom
                C1;TISSANDRE Maëlle
                C2;Odon de La Brève
                C3;M. et Mme Verdelin
                C4;SARL Les Trois Étoiles
                C5;Cœurdevey
                C6;NA
                C7;None
                C8;Ève-Noëlle DE LA HAŸE
                C9;
                """
            ),
            "clients_2025-11-02.csv": text(
                """
                client_code;nom;prenom
                D1;Brévelle;Maëlle
                D2;EARL du Puits;
                D3;Hôtel;Aurèle
                """
            ),
        },
        "20_codes": {
            "clients.csv": text(
                """
                code_client;nom
                00123;Zéros
                123;Sans zéros
                c-12;Minuscule
                C12 ;Majuscule
                NA;Code NA
                """
            )
        },
        "21_duplicates": {
            "clients.csv": text(
                """
                code_client;nom;email
                C1;Brévelle Maëlle;maelle@example.fr
                C1;Brévelle Maëlle;MAELLE@example.fr
                C2;Tissandre Odon;odon@example.com
                C2;Tissandre Odilon;odon@example.com
                C3;Verdelin Zoé;odon@example.com
                C4;Comptoir;anonyme@example.fr
                """
            )
        },
        "22_opt_outs": {
            "clients_2025-11-01.csv": text(
                """
                code_client;nom;email_opt_out;refus_sms
                C1;Un;Oui;non
                C2;Deux;N;x
                C3;Trois;1;0
                C4;Quatre;X;faux
                C5;Cinq;;
                C6;Six;désabonné;STOP
                C7;Sept;peut-être;
                """
            ),
            "clients_2025-11-02.csv": text(
                """
                code_client;nom;newsletter;opt_in_tel
                D1;Un;oui;O
                D2;Deux;;non
                D3;Trois;stop;peut-être
                """
            ),
        },
        "23_countries": {
            "clients.csv": text(
                """
                code_client;nom;pays
                C1;Blanc;
                C2;Code;FR
                C3;Nom;FRANCE
                C4;Autre langue;Deutschland
                C5;Inconnu;Cocagne
                """
            )
        },
    }
