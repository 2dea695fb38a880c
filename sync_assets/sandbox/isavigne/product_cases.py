"""Sample folders 24 to 31: prices, vintages, colours, grapes and labels of a product file.

Clients and sales do not belong here. Canonical specification, section 8.
"""

from __future__ import annotations

from sync_assets.sandbox.isavigne.writing import text


def product_cases() -> dict[str, dict[str, bytes]]:
    """Content of each file by name, by folder."""
    return {
        "24_prices": {
            "produits.csv": text(
                """
                produit_key;nom;prix
                P01;Virgule;12,50
                P02;Blanc;1 234,56
                P03;Insécable;1\u00a0234,56
                P04;Fine;1\u202f234,56
                P05;Point et virgule;1.234,56
                P06;Euro;12.50 €
                P07;Moins derrière;12,5-
                P08;Vide;
                P09;Zéro;0
                P10;Texte;sur demande
                """
            )
        },
        "25_price_bands": {
            "produits.csv": text(
                """
                produit_key;nom;prix;couleur
                P1;Un;14,99;rouge
                P2;Deux;15;rouge
                P3;Trois;29,99;rouge
                P4;Quatre;30;rouge
                P5;Cinq;74,99;rouge
                P6;Six;75;rouge
                """
            )
        },
        "26_vintages": {
            "produits.csv": text(
                """
                produit_key;nom;millesime
                P1;Année;2020
                P2;Tableur;2020.0
                P3;NM;NM
                P4;NV;NV
                P5;SM;S.M.
                P6;Vide;
                P7;Court;20
                P8;Futur;2099
                """
            )
        },
        "27_colours": {
            "produits_2025-11-01.csv": text(
                """
                produit_key;nom;prix;couleur
                P1;Vieilles Vignes;14,00;ROUGE
                P2;Brut Nature;32,00;Champagne rosé
                P3;Bulles;14,00;Crémant
                P4;Tout Nu;16,00;Pét-nat
                P5;Grande Réserve;40,00;Blanc de blancs mousseux
                P6;Galets;22,00;Blanc de blancs
                P7;Dix ans;28,00;Porto
                P8;Marc du Vigneron;38,00;Eau de vie
                P9;Verre à dégustation;6,00;
                P10;Frais de port;9,00;
                P11;Grosse bouteille;50,00;
                """
            ),
            "produits_2025-11-02.csv": text(
                """
                article;produit;prix_ttc;famille_crm;sous_famille;macro_categorie;price_band;premium_tier
                Q1;Cuvée du Puits;18,00;Alsace;Blanc;Vins;standard;2
                """
            ),
        },
        "28_grapes": {
            "produits.csv": text(
                """
                produit_key;nom;cepages
                P1;Virgule;"Merlot, Cabernet Franc"
                P2;Point-virgule;"Merlot; Malbec"
                P3;Barre;Grenache / Syrah
                P4;Et;Riesling et Sylvaner
                P5;Parts;"Merlot 60 %, Malbec 40%, merlot"
                P6;Virgule finale;"Gamay, "
                """
            )
        },
        "29_formats": {
            "produits.csv": text(
                """
                produit_key;nom;prix;millesime;format;couleur
                ETO-37-20;L’Étoile d'Or;9,00;2020;37,5 cl;rouge
                ETO-75-20;L'Étoile d’Or;16,00;2020;75 cl;rouge
                ETO-MG-20;L’étoile d'or;34,00;2020;magnum;rouge
                ETO-75-21;L'Étoile d'Or;17,00;2021;75 cl;rouge
                """
            )
        },
        "30_margins": {
            "produits.csv": text(
                """
                produit_key;nom;prix;cout;couleur
                P1;Coût vide;12,00;;rouge
                P2;Coût nul;12,00;0;rouge
                P3;Perte;12,00;15,00;rouge
                P4;Offert;0;3,00;rouge
                """
            )
        },
        "31_new_list": {
            "produits_2025-11-01.csv": text("produit_key;nom;prix\nP1;Un;10,00\nP2;Deux;11,00"),
            "produits_2025-12-01.csv": text("produit_key;nom;prix\nP2;Deux;11,50"),
            "ventes_2025-11-15.csv": text(
                "num_ligne;code_client;produit_key;date;quantite;prix_unitaire\n1;C1;P1;14/11/2025;6;10,00"
            ),
            "clients_2025-11-01.csv": text("code_client;nom\nC1;Brévelle Maëlle"),
        },
    }
