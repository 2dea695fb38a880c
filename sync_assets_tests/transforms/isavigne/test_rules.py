"""Rules of the iSaVigne mapping that the sample cases leave open: labels, keys, complete lists, opt-outs, accounting."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.columns import to_arrow
from sync_assets.transforms.isavigne import client_codes, prepare_known, resolve_sales
from sync_assets_tests.sources.isavigne.support import read_folder
from sync_assets_tests.transforms.isavigne.support import World, map_reads, map_texts, org_of, plain, raw_frames

D = Decimal
CLIENTS = "code_client;nom\nC1;Brévelle Maëlle\nC2;Tissandre Odon\n"
PRODUCTS = "produit_key;nom;prix;couleur\nP1;L’Étoile d'Or;12;rouge\nP2;Galets;20;blanc\nP3;GALETS;22;blanc\n"
BY_LABEL = "num_ligne;client_code;product_label;date;quantite;prix_unitaire\n"
BY_KEY = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire\n"


def world(folder: Path, sales: str = BY_KEY, org: Any = None, **files: str) -> World:
    texts = {"clients.csv": CLIENTS, "produits.csv": PRODUCTS, "ventes.csv": sales}
    return map_texts(folder, texts | {f"{name}.csv": text for name, text in files.items()}, org)


def numbered(prefix: str, count: int, header: str = "produit_key;nom;prix;couleur\n") -> str:
    return header + "".join(f"{prefix}{n};Vin {n};10;rouge\n" for n in range(count))


class TestSales:
    def test_a_product_is_found_by_its_one_name(self, tmp_path: Path) -> None:
        lines = "1;C1;l'étoile d’or;05/11/2025;1;12\n2;C1;galets;05/11/2025;1;20\n3;C1;Inconnu;05/11/2025;1;20\n"
        found = world(tmp_path, BY_LABEL + lines)
        assert found.by("sales_lines", "source_id", "product_key") == {"1": "P1"}
        assert found.codes("sales_lines") == [("isavigne-2", "ambiguous_product"), ("isavigne-3", "unknown_product")]
        rejects = {finding["code"]: finding for finding in found["sales_lines"].rejects}
        assert rejects["ambiguous_product"]["severity"] == "error"
        assert (rejects["unknown_product"]["column_name"], rejects["unknown_product"]["raw_value"]) == (
            "product_key",
            "Inconnu",
        )

    def test_a_name_may_be_settled_by_hand(self, tmp_path: Path) -> None:
        lines = "1;C1;galets;05/11/2025;1;20\n2;C1;Vrac;05/11/2025;1;20\n"
        org = org_of({"label_overrides": {"GALETS": "P3", "vrac": "P9"}})
        found = world(tmp_path, BY_LABEL + lines, org)
        assert found.by("sales_lines", "source_id", "product_key") == {"1": "P3"}
        assert found.codes("sales_lines") == [("isavigne-2", "unknown_product")]

    def test_a_row_with_two_problems_is_one_rejected_row(self, tmp_path: Path) -> None:
        found = world(tmp_path, BY_KEY + "1;C9;P9;05/11/2025;1;12\n2;C1;P1;05/11/2025;1;12\n")
        assert found.codes("sales_lines") == [("isavigne-1", "unknown_customer"), ("isavigne-1", "unknown_product")]
        assert found["sales_lines"].rejected == found["sales_orders"].rejected == 1

    def test_a_day_is_one_of_the_organisation(self, tmp_path: Path) -> None:
        lines = "1;C1;P1;2025-11-05T23:30:00Z;1;12\n2;C1;P2;06/11/2025;1;20\n"
        found = world(tmp_path, BY_KEY + lines)
        assert set(plain(found["sales_lines"].frame, "order_id")) == {"isavigne-C1-20251106"}
        [total] = plain(found["sales_orders"].frame, "total")
        assert total == D("32.00")

    def test_channels(self, tmp_path: Path) -> None:
        header = BY_KEY.replace("\n", ";canal\n")
        lines = "".join(
            f"{n};C1;P1;05/11/2025;1;12;{word}\n"
            for n, word in enumerate(["Boutique", "site web", "", "Caviste", "pigeon"])
        )
        found = world(tmp_path, header + lines)
        channels = found.by("sales_lines", "source_id", "channel")
        assert channels == {"0": "store", "1": "website", "2": "direct", "3": "distributor", "4": "direct"}
        assert found.codes("sales_lines") == [("isavigne-4", "bad_value")]

    def test_a_total_is_unknown_when_that_of_a_line_is(self, tmp_path: Path) -> None:
        header = BY_KEY.replace("prix_unitaire", "pu_ht").replace("\n", ";document_no;tva\n")
        lines = "1;C1;P1;05/11/2025;1;10;F1;20\n2;C1;P2;05/11/2025;1;20;F1;\n3;C1;P2;06/11/2025;1;20;F2;10\n"
        texts = {"clients.csv": CLIENTS, "produits.csv": PRODUCTS, "ventes.csv": header + lines}
        found = map_texts(tmp_path, texts, org_of({"default_vat_rate": None}), default_vat_rate=None)
        assert found.by("sales_orders", "order_key", "total", "total_untaxed") == {
            "isavigne-F1": (None, D("30.00")),
            "isavigne-F2": (D("22.00"), D("20.00")),
        }

    def test_an_order_is_that_of_its_earliest_line(self, tmp_path: Path) -> None:
        header = BY_KEY.replace("\n", ";document_no;document_type\n")
        lines = "1;C2;P1;06/11/2025;1;12;X1;facture\n2;C1;P2;05/11/2025;1;20;X1;ticket\n"
        found = world(tmp_path, header + lines)
        day = datetime(2025, 11, 4, 23, tzinfo=UTC)
        names = ("customer_key", "ordered_at", "status", "order_ref", "is_counted")
        assert found.by("sales_orders", "order_key", *names) == {
            "isavigne-X1": ("isavigne-C1", day, "receipt", "X1", True)
        }

    def test_a_sku_of_another_source_is_known(self, tmp_path: Path) -> None:
        world(tmp_path, BY_KEY + "1;C1;ODOO-1;05/11/2025;1;12\n2;C1;odoo-7;05/11/2025;1;12\n")
        frames = raw_frames(read_folder(tmp_path))
        catalogue = PRODUCT_CATALOG.frame([{"product_key": key, "name": key} for key in ("ODOO-1", "odoo-7")])
        known = prepare_known(client_codes(frames["isavigne_clients"]), catalogue, PRODUCT_KEYS.empty())
        sold = resolve_sales(frames["isavigne_ventes"], frames["isavigne_files"], known, org_of())
        assert sold.lines["sold_product_key"].to_pylist() == ["ODOO-1"]
        assert [finding["raw_value"] for finding in sold.findings] == ["odoo-7"]


class TestProducts:
    def test_keys_are_given_once(self, tmp_path: Path) -> None:
        first = map_texts(tmp_path, {"produits.csv": PRODUCTS + "odoo-5;Pris;9;rouge\n"})
        keys = dict(zip(plain(first.keys, "source_id"), plain(first.keys, "product_key"), strict=True))
        assert keys == {"P1": "P1", "P2": "P2", "P3": "P3", "odoo-5": "isavigne-odoo-5"}
        assert first.codes("product_catalog") == [("odoo-5", "reserved_sku")]
        registry = PRODUCT_KEYS.frame(
            [
                {"org_id": "acme", "source": source, "source_id": "P1", "product_key": key}
                for source, key in (("isavigne", "OLD"), ("odoo", "ODOO"))
            ]
        )
        again = map_reads(read_folder(tmp_path), keys=registry)
        assert again.by("product_catalog", "source_id", "product_key")["P1"] == "OLD"
        assert len(again.keys) == 2 + 3

    def test_a_list_that_lost_almost_everything_takes_nothing_away(self, tmp_path: Path) -> None:
        texts = {"produits_2025-11-01.csv": numbered("P", 50), "produits_2025-11-08.csv": numbered("P", 9)}
        found = map_texts(tmp_path, texts)
        assert sum(plain(found["product_catalog"].frame, "active")) == 50
        assert found.codes("product_catalog") == [("produits", "catalogue_shrank")]
        enough = map_texts(tmp_path, texts | {"produits_2025-11-08.csv": numbered("P", 10)})
        assert sum(plain(enough["product_catalog"].frame, "active")) == 10
        few = map_texts(tmp_path, {name: numbered("P", n) for name, n in zip(texts, (49, 1), strict=True)})
        assert sum(plain(few["product_catalog"].frame, "active")) == 1

    def test_a_list_that_arrives_late_changes_nothing(self, tmp_path: Path) -> None:
        new = {"produits_2025-12-01.csv": "produit_key;nom;prix\nP1;Neuf;12\n"}
        before = map_texts(tmp_path, new)
        after = map_texts(tmp_path, new | {"produits_2025-11-01.csv": "produit_key;nom;prix\nP1;Vieux;9\nP2;Parti;9\n"})
        rows = after.by("product_catalog", "product_key", "name", "active")
        assert rows == {"P1": ("Neuf", True), "P2": ("Parti", False)}
        assert before.by("product_catalog", "product_key", "name", "active")["P1"] == rows["P1"]

    def test_a_product_that_the_file_closes(self, tmp_path: Path) -> None:
        found = map_texts(tmp_path, {"produits.csv": "produit_key;nom;actif\nP1;Vin;non\nP2;Vin;oui\nP3;Vin;\n"})
        assert found.by("product_catalog", "product_key", "active") == {"P1": False, "P2": True, "P3": True}

    def test_prices_without_tax(self, tmp_path: Path) -> None:
        text = "produit_key;nom;prix_ht;cout;couleur\nP1;Vin;12,51;5;rouge\n"
        names = ("list_price", "list_price_untaxed", "price_segment", "margin_percent", "margin_basis")
        usual = map_texts(tmp_path, {"produits.csv": text})
        assert usual.by("product_catalog", "product_key", *names)["P1"] == (
            D("15.01"),
            D("12.51"),
            "standard",
            D("60.03"),
            "untaxed",
        )
        unknown = map_texts(tmp_path, {"produits.csv": text}, org_of({"default_vat_rate": None}))
        assert unknown.by("product_catalog", "product_key", *names)["P1"][:3] == (None, D("12.51"), None)
        assert unknown.codes("product_catalog") == [("P1", "tax_unknown")]

    def test_formats(self, tmp_path: Path) -> None:
        text = "produit_key;nom;format;couleur;region\nP1;Vin;jéroboam;rouge;\nP2;Vin;jéroboam;rouge;Médoc\n"
        found = map_texts(tmp_path, {"produits.csv": text + "P3;Vin;rond;rouge;\nP4;Magnum;;rouge;\n"})
        assert found.by("product_catalog", "product_key", "volume_cl") == {"P1": 300, "P2": 500, "P3": None, "P4": 150}
        assert found.codes("product_catalog") == [("P1", "ambiguous_format"), ("P3", "bad_value")]


class TestStock:
    HEADER = "produit_key;entrepot;quantite;reserve\n"

    def test_a_product_that_a_newer_count_leaves_out_is_gone(self, tmp_path: Path) -> None:
        found = world(
            tmp_path,
            **{
                "stock_2025-11-01": self.HEADER + "P1;Nord;5;2\nP2;Nord;6;\nP2;Sud;7;\n",
                "stock_2025-11-08": self.HEADER + "P2;Nord;4;\n",
            },
        )
        names = ("quantity_units", "reserved_qty", "available_qty", "last_count_date")
        first, second = (datetime(2025, 10, 31, 23, tzinfo=UTC) + timedelta(days=n) for n in (0, 7))
        assert found.by("stock_levels", "source_id", *names) == {
            "P1-NORD": (0, 0, 0, second),
            "P2-NORD": (4, 0, 4, second),
            "P2-SUD": (7, 0, 7, first),
        }
        assert found["stock_levels"].skipped == {"superseded": 1}

    def test_a_count_that_lost_almost_everything_takes_nothing_away(self, tmp_path: Path) -> None:
        header = "produit_key;nom;quantite;couleur\n"
        texts = {
            "produits.csv": numbered("P", 60),
            "stock_2025-11-01.csv": numbered("P", 60, header),
            "stock_2025-11-08.csv": numbered("P", 3, header),
        }
        found = map_texts(tmp_path, texts)
        assert plain(found["stock_levels"].frame, "quantity_units") == [D(10)] * 60
        assert found.codes("stock_levels") == [("PRINCIPAL", "catalogue_shrank")]

    def test_an_older_file_with_a_later_date_keeps_its_count(self, tmp_path: Path) -> None:
        header = "produit_key;stock_total;date_snapshot\n"
        counts = {
            "stock_2025-11-01": header + "P1;5;10/11/2025\n",
            "stock_2025-11-08": header + "P2;6;08/11/2025\n",
        }
        assert world(tmp_path, **counts).by("stock_levels", "source_id", "quantity_units") == {
            "P1-PRINCIPAL": D(5),
            "P2-PRINCIPAL": D(6),
        }


class TestContacts:
    HEADER = "customer_code;contact_date;channel;status;campaign_id;contact_id;produit_key;reponse\n"

    def test_events_become_one_contact(self, tmp_path: Path) -> None:
        events = (
            "C1;06/11/2025;email;clicked;NOEL;7;;merci\nC1;05/11/2025;email;sent;NOEL;7;P1;\n"
            "C1;07/11/2025;email;complained;NOEL;7;;\n"
        )
        found = world(tmp_path, contacts=self.HEADER + events)
        names = ("status", "response", "date_contact", "product_key_suggested", "response_details", "campaign")
        assert found.by("contact_history", "contact_key", *names) == {
            "isavigne-7": ("complained", True, datetime(2025, 11, 4, 23, tzinfo=UTC), "P1", "merci", "NOEL")
        }
        assert found.by("customers", "source_id", "email_opt_out") == {"C1": True, "C2": False}

    def test_a_client_file_does_not_take_a_refusal_back(self, tmp_path: Path) -> None:
        events = "C1;05/11/2025;sms;unsubscribed;N;1;;\nC2;05/11/2025;email;bounced;N;2;;\n"
        later = "code_client;nom;desinscrit_sms\nC1;Brévelle Maëlle;non\nC2;Tissandre Odon;non\n"
        found = world(tmp_path, contacts=self.HEADER + events, **{"clients_2025-12-31": later})
        assert found.by("customers", "source_id", "email_opt_out", "sms_opt_out") == {
            "C1": (False, True),
            "C2": (False, False),
        }


WORDS = st.sampled_from(["C1", "C2", "C9", ""])
SALE = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    WORDS,
    st.sampled_from(["P1", "P2", "P9", ""]),
    st.sampled_from(["05/11/2025", "06/11/2025", "05/01/2025"]),
    st.integers(-3, 6).map(str),
    st.sampled_from(["12", "0", "9,99"]),
    st.sampled_from(["", "F1", "F2"]),
    st.sampled_from(["", "avoir", "devis", "caisse"]),
    st.sampled_from(["", "Caisse de 6", "palette", "magnum"]),
)
HEADER = "num_ligne;code_client;produit_key;date;quantite;prix_unitaire;document_no;document_type;unite\n"


@settings(max_examples=20)
@given(st.lists(st.lists(SALE, max_size=6), min_size=1, max_size=3))
def test_every_row_is_accounted_for_and_lines_add_up_to_orders(files: list[list[tuple[str, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = {"clients.csv": CLIENTS, "produits.csv": PRODUCTS}
        for number, sales in enumerate(files, 1):
            rows = "".join(";".join(sale) + "\n" for sale in sales)
            texts[f"ventes_2025-12-{number:02}.csv"] = HEADER + rows
        # `map_texts` checks that rows in = rows out + rejected + skipped, for every table.
        found = map_texts(Path(folder), texts, reject_limit=1)
    lines, orders = found["sales_lines"].frame, found["sales_orders"].frame
    totals = found.by("sales_orders", "order_key", "total")
    assert set(totals) == set(plain(lines, "order_id"))
    for order, total in totals.items():
        own = [t for o, t in zip(plain(lines, "order_id"), plain(lines, "price_total"), strict=True) if o == order]
        assert total == sum(own, D(0))
    assert found["sales_lines"].rejected == found["sales_orders"].rejected
    assert not (set(plain(lines, "customer_key")) - {"isavigne-C1", "isavigne-C2", None})
    assert to_arrow(orders)["order_key"].null_count == 0
