"""A clean delivery for the demo organisation: clients, wines of the Odoo catalogue, three years of sales, a stock count.

Cases that are hard to read do not belong here. Canonical specification, section 9.
"""

from __future__ import annotations

from datetime import date, timedelta

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.isavigne.writing import table
from sync_assets.sandbox.odoo.seed.names import CITIES, ESTATES, FIRST_NAMES, LAST_NAMES, SHOPS, SIGNS, WINES

FIRST_DAY, LAST_DAY = date(2023, 11, 1), date(2026, 10, 31)
CLIENTS = 120
COLOURS = {"red": "Rouge", "white": "Blanc", "rose": "Rosé", "sparkling": "Crémant"}
GRAPES = {
    "red": "Merlot, Malbec",
    "white": "Riesling, Sylvaner",
    "rose": "Grenache, Cinsault",
    "sparkling": "Pinot blanc",
}
REGIONS = ("Alsace", "Bordeaux", "Bourgogne", "Loire", "Rhône", "Sud-Ouest")
FORMATS = ("75 cl", "75 cl", "75 cl", "37,5 cl", "magnum", "jéroboam")
DEPOTS = ("Principal", "Cave voûtée")
SALE_COLUMNS = (
    "num_ligne", "code_client", "produit_key", "date", "quantite", "unite", "prix_unitaire", "taux_tva",
    "document_type", "document_no",
)  # fmt: skip
# More is sold towards the end of the year, in percent of a usual month.
SEASON = (60, 60, 70, 90, 100, 110, 80, 60, 100, 110, 160, 260)
Wine = tuple[str, str, str, int]


def demo_delivery() -> dict[str, bytes]:
    """Content of each file by name."""
    wines = _wines()
    stamp = LAST_DAY.isoformat()
    files = {
        f"produits_{stamp}.csv": table(_produits(wines)),
        f"clients_{stamp}.csv": table(_clients()),
        f"stock_{stamp}.csv": table(_stock(wines)),
    }
    number = 0
    for months in range(36):
        month = date(2023 + (10 + months) // 12, (10 + months) % 12 + 1, 1)
        rows, number = _ventes(month, number, wines)
        files[f"ventes_{month:%Y-%m}.csv"] = table(rows)
    return files


def _wines() -> list[Wine]:
    """SKU, name, kind and price in cents; SKUs are those that the Odoo catalogue gives its wines."""
    wines = []
    names = [(f"{estate} {wine}", kind) for estate in ESTATES for wine, kind in WINES]
    for number, (name, kind) in enumerate(names, start=1):
        if kind in COLOURS and number % 41 != 5:
            wines.append((f"{kind[:3].upper()}-{number:03d}", name, kind, Dice(31, number).between(400, 6000)))
    return wines


def _produits(wines: list[Wine]) -> list[list[object]]:
    rows: list[list[object]] = [
        ["produit_key", "nom", "prix", "cout", "couleur", "cepages", "millesime", "region", "format"]
    ]
    for place, (sku, name, kind, price) in enumerate(wines):
        dice = Dice(32, place)
        price = 18_000 if place == 7 else price
        year = "NM" if kind == "sparkling" else dice.between(2012, 2025)
        prices = euros(price), euros(price * 52 // 100)
        rows.append([sku, name, *prices, COLOURS[kind], GRAPES[kind], year, dice.pick(REGIONS), dice.pick(FORMATS)])
    return rows


def _clients() -> list[list[object]]:
    rows: list[list[object]] = [
        ["code_client", "nom", "email", "telephone", "mobile", "code_postal", "ville", "pays", "refus_email"]
    ]
    abroad = (("BE", "1000", "Bruxelles"), ("CH", "1204", "Genève"), ("DE", "79098", "Fribourg-en-Brisgau"))
    for number in range(1, CLIENTS + 1):
        dice = Dice(33, number)
        first, last = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
        name = f"{first} {last}"
        if number % 9 == 0:
            name = f"{dice.pick(SHOPS)} {dice.pick(SIGNS)}"
        elif number % 10 == 0:
            name = f"M. et Mme {last}"
        elif number % 4 == 0:
            name = f"{last.upper()} {first}"
        country, (city, code) = "FR", dice.pick(CITIES)
        if number % 13 == 0:
            country, code, city = abroad[number // 13 % 3]
        email = "" if number % 7 == 0 else f"client{number:03d}@example.{('fr', 'com', 'org')[number % 3]}"
        phone = f"01 99 00 {number // 100:02d} {number % 100:02d}" if country == "FR" and number % 2 else ""
        mobile = f"06 39 98 {10 + number // 100:02d} {number % 100:02d}" if country == "FR" and number % 3 else ""
        rows.append(
            [f"C{number:04d}", name, email, phone, mobile, code, city, country, "oui" if number % 11 == 0 else "non"]
        )
    return rows


def _ventes(month: date, number: int, wines: list[Wine]) -> tuple[list[list[object]], int]:
    rows: list[list[object]] = [list(SALE_COLUMNS)]
    dice = Dice(34, month.year, month.month)
    for invoice in range(1, 14 * SEASON[month.month - 1] // 100 + 1):
        day = month + timedelta(days=dice.below(28))
        # Most buy now and then, some often.
        client = dice.between(1, 20) if dice.chance(45) else dice.between(1, CLIENTS - 10)
        is_return = dice.chance(7)
        for _ in range(1 if is_return else dice.between(1, 4)):
            number += 1
            sku, _, _, price = dice.pick(wines)
            unit = "Caisse de 6" if dice.chance(10) else "bouteille"
            quantity = dice.between(1, 2) if unit != "bouteille" else dice.pick((1, 2, 3, 6, 6, 12))
            paid = euros(price * 6 if unit != "bouteille" else price)
            kind, name = ("AVOIR", "A") if is_return else ("FACTURE", "F")
            document = f"{name}{month:%y%m}-{invoice:03d}"
            rows.append([number, f"C{client:04d}", sku, f"{day:%d/%m/%Y}", quantity, unit, paid, 20, kind, document])
    return rows, number


def _stock(wines: list[Wine]) -> list[list[object]]:
    rows: list[list[object]] = [["produit_key", "entrepot", "quantite", "unite"]]
    for place, (sku, *_) in enumerate(wines):
        dice = Dice(35, place)
        for depot in DEPOTS[: dice.between(1, 2)]:
            rows.append([sku, depot, dice.between(0, 180), "bouteille"])
    return rows


def euros(cents: int) -> str:
    """Cents as French people write euros.

    >>> euros(1205)
    '12,05'
    """
    return f"{cents // 100},{cents % 100:02d}"
