"""Names of columns: how a header cell is compared, and which names each field goes by in each dialect.

What stands in the columns does not belong here. Canonical specification, sections 3.3 to 3.6.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

CLIENT_CODE = "client_code | code_client | client_code | customer_code | no_client num_client numero_client id_client"
PRODUCT_KEY = "product_key | produit_key | article | - | code_article code_produit reference sku product_key"

# field | dialect A (documented) | dialect B | dialect C | more names
ALIASES = {
    "clients": f"""
        {CLIENT_CODE}
        name | nom | nom | last_name | raison_sociale societe
        first_name | - | prenom | first_name |
        email | email | email | email | mail e_mail courriel
        phone | telephone | telephone | phone | tel
        mobile | mobile | - | - | portable gsm
        zip_code | code_postal | code_postal | postal_code | cp
        city | ville | ville | city |
        country | pays | pays | country |
        email_opt_out | - | - | - | email_opt_out desinscrit_email refus_email
        sms_opt_out | - | - | - | sms_opt_out desinscrit_sms refus_sms
        phone_opt_out | - | - | - | phone_opt_out tel_opt_out desinscrit_tel refus_tel
        email_opt_in | - | - | - | newsletter accepte_email opt_in_email email_opt_in
        sms_opt_in | - | - | - | accepte_sms opt_in_sms sms_opt_in
        phone_opt_in | - | - | - | accepte_tel opt_in_tel tel_opt_in phone_opt_in
        """,
    "produits": f"""
        {PRODUCT_KEY}
        name | nom | produit | product_label | libelle designation
        list_price | prix | prix_ttc | - | prix_vente pvttc
        cost_price | cout | - | - | prix_achat pa
        list_price_untaxed | - | - | - | prix_ht pvht
        colour | couleur | - | - | type
        family | - | famille_crm | - |
        subfamily | - | sous_famille | - |
        macro_category | - | macro_categorie | - |
        grapes | cepages | - | - | cepage
        vintage | millesime | millesime | - | annee
        region | region | - | - | appellation
        format | - | - | - | format contenance volume
        active | - | - | - | actif active
        """,
    "ventes": f"""
        {CLIENT_CODE}
        {PRODUCT_KEY}
        product_label | - | produit_label | product_label | produit libelle designation
        date | date | date_livraison | order_date | date_vente date_facture
        quantity | quantite | qty_line | qty | qte quantity
        unit | unite | - | - | unit
        unit_price | prix_unitaire | - | - | pu_ttc prix_unitaire_ttc
        unit_price_untaxed | - | pu_ht | - | prix_unitaire_ht prix_unitaire_h_t
        amount | - | mt_ttc | amount_ttc | montant_ttc
        amount_untaxed | - | mt_ht | amount_ht | montant_ht
        vat_rate | - | - | - | taux_tva tva
        discount | - | - | - | remise
        discount_percent | - | - | - | remise_pct
        document_type | - | document_type | doc_type |
        document_no | - | document_no | doc_ref | no_facture
        line_no | num_ligne | order_detail_no | - | no_ligne
        margin | - | marge | margin |
        channel | - | - | - | canal channel
        """,
    "stock": """
        product_key | produit_key | produit_key | - | article code_article code_produit reference sku product_key
        depot | entrepot | - | - | depot cave magasin
        quantity | quantite | stock_total | - | qte quantity
        unit | unite | - | - | unit
        reserved | - | stock_reserve | - | reserve
        date | - | date_snapshot | - | date_inventaire
        """,
    "contacts": """
        client_code | - | - | customer_code | code_client client_code no_client num_client numero_client id_client
        date | - | - | contact_date | date date_contact
        channel | - | - | channel | canal
        status | - | - | status | statut
        campaign | - | - | campaign_id | campagne campaign
        subject | - | - | - | objet subject
        contact_id | - | - | - | contact_id id_contact
        product_key | - | - | - | produit_key article code_article code_produit reference sku product_key
        response_details | - | - | - | reponse response_details
        """,
}
# Each entry is one requirement; of names joined by "/" one is enough.
REQUIRED = {
    "produits": ("product_key",),
    "clients": ("client_code",),
    "ventes": (
        "client_code",
        "product_key/product_label",
        "date",
        "quantity",
        "amount/unit_price/amount_untaxed/unit_price_untaxed",
    ),
    "stock": ("product_key", "quantity"),
    "contacts": ("client_code", "date"),
}
# Read by nobody, but no surprise either.
IGNORED = {"produits": {"price_band", "premium_tier"}}


@dataclass(frozen=True)
class Header:
    """What the cells of a header row mean. `columns` gives the positions of each field, in the order of the row."""

    kind: str
    cells: tuple[str, ...]
    columns: dict[str, tuple[int, ...]]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    dialect: str | None

    @property
    def width(self) -> int:
        return len(self.cells)

    @property
    def known(self) -> int:
        return len(self.columns)

    def name(self, field: str) -> str:
        """The header cell of a field as received."""
        return self.cells[self.columns[field][0]]


@cache
def aliases_of(kind: str) -> dict[str, tuple[str, str]]:
    """By column name: its field, and the dialects (of A, B and C) that call it so."""
    found: dict[str, tuple[str, str]] = {}
    for line in ALIASES[kind].strip().splitlines():
        field, *names = (part.strip() for part in line.split("|"))
        for dialect, words in zip(("A", "B", "C", ""), names, strict=True):
            for word in words.replace("-", "").split():
                _, known = found.get(word, (field, ""))
                found[word] = (field, known + dialect)
    return found


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field for field, _ in aliases_of(kind).values()))


def normalise(cell: str) -> str:
    """A header cell as it is compared.

    >>> [normalise(cell) for cell in ("N° Client", "Prix TTC (€)", "code  client", "prix unitaire H.T.")]
    ['no_client', 'prix_ttc', 'code_client', 'prix_unitaire_h_t']
    """
    # NFKC would turn the degree sign's look-alike º into o, but leaves ° alone.
    text = unicodedata.normalize("NFKC", cell).replace("\ufeff", "").lower().replace("°", "o").replace("€", "")
    text = text.replace("œ", "oe").replace("æ", "ae")
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def read_header(kind: str, cells: Sequence[str]) -> Header:
    """What a row means when it is read as the header of a file of this kind."""
    known = aliases_of(kind)
    names = [normalise(cell) for cell in cells]
    width = max((position for position, cell in enumerate(cells, 1) if cell.strip()), default=0)
    columns: dict[str, tuple[int, ...]] = {}
    dialects: Counter[str] = Counter()
    for position, name in enumerate(names[:width]):
        if name in known:
            field, dialect = known[name]
            columns[field] = (*columns.get(field, ()), position)
            dialects.update(dialect)
    ignored = IGNORED.get(kind, set())
    unknown = [cells[n].strip() for n in range(width) if names[n] and names[n] not in known and names[n] not in ignored]
    missing = [need for need in REQUIRED[kind] if not any(field in columns for field in need.split("/"))]
    best = max(sorted(dialects), key=lambda dialect: dialects[dialect], default=None)
    return Header(kind, tuple(cells[:width]), columns, tuple(dict.fromkeys(unknown)), tuple(missing), best)


def choose_header(kind: str, rows: Sequence[Sequence[str]]) -> tuple[int, Header] | None:
    """Position and meaning of the first row with all required columns, else of the one with most known columns.

    Null when no row has any known column.
    """
    headers = [read_header(kind, row) for row in rows]
    for position, header in enumerate(headers):
        if not header.missing:
            return position, header
    position = max(range(len(headers)), key=lambda n: (headers[n].known, -n), default=0)
    return (position, headers[position]) if headers and headers[position].known else None
