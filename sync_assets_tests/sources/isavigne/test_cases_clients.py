"""Sample cases 16 to 31: what stands in client and product files."""

from __future__ import annotations

from decimal import Decimal

from .support import read_case, standing

D = Decimal


def test_16_emails() -> None:
    [read] = read_case(16)
    assert read.by("client_code", "email", "email_status") == {
        "C1": (None, "missing"),
        "C2": (None, "invalid"),
        "C3": ("maelle.brevelle@example.fr", "valid"),
        "C4": ("odon@example.com", "valid"),
    }
    assert read.codes() == [(3, "bad_email", "email")]
    assert read.findings[0]["raw_value"] == "maelle(a)example.fr"


def test_17_phones() -> None:
    [read] = read_case(17)
    french = "+33639981020"
    assert read.column("phone") == [french] * 5 + ["+41225550123", "+32470123456", "+493023125123", None]
    assert read.codes() == [(10, "bad_phone", "telephone")]


def test_18_postal_codes() -> None:
    [read] = read_case(18)
    assert read.column("zip_code") == ["01000", "1000", "2A004", "1204", "67000", "01000"]
    assert [(row, code) for row, code, _ in read.codes()] == [
        (2, "zip_repaired"),
        (3, "zip_suspect"),
        (6, "zip_repaired"),
    ]


def test_19_names() -> None:
    whole, apart = read_case(19)
    assert whole.by("client_code", "first_name", "last_name", "is_company") == {
        "C1": ("Maëlle", "TISSANDRE", False),
        "C2": ("Odon", "de La Brève", False),
        "C3": (None, "Verdelin", False),
        "C4": (None, "SARL Les Trois Étoiles", True),
        "C5": (None, "Cœurdevey", False),
        "C6": (None, "NA", False),
        "C7": (None, "None", False),
        "C8": ("Ève-Noëlle", "DE LA HAŸE", False),
        "C9": (None, None, False),
    }
    assert apart.by("client_code", "display_name", "first_name", "last_name", "is_company") == {
        "D1": ("Maëlle Brévelle", "Maëlle", "Brévelle", False),
        "D2": ("EARL du Puits", None, "EARL du Puits", True),
        "D3": ("Aurèle Hôtel", "Aurèle", "Hôtel", False),
    }


def test_20_codes_stay_as_they_are() -> None:
    [read] = read_case(20)
    assert read.column("client_code") == ["00123", "123", "c-12", "C12", "NA"]
    [upper] = read_case(20, customer_code_case="upper")
    assert upper.column("client_code") == ["00123", "123", "C-12", "C12", "NA"]


def test_21_duplicates() -> None:
    reads = read_case(21)
    found = standing(reads, "clients")
    rows = found.frame.set_index("client_code")
    assert rows["display_name"].to_dict() == {
        "C1": "Brévelle Maëlle",
        "C2": "Tissandre Odilon",
        "C3": "Verdelin Zoé",
        "C4": "Comptoir",
    }
    assert found.skipped == {"duplicate_identical": 1, "superseded": 1}
    assert [(f["row_number"], f["code"], f["severity"], f["record_key"]) for f in found.findings] == [
        (4, "duplicate_conflict", "warning", "C2")
    ]
    assert rows["email_status"]["C4"] == "placeholder"
    assert rows["email"]["C2"] == rows["email"]["C3"] == "odon@example.com"


def test_22_opt_outs() -> None:
    out, opt_in = read_case(22)
    assert out.by("client_code", "email_opt_out", "sms_opt_out", "phone_opt_out") == {
        "C1": (True, False, False),
        "C2": (False, True, False),
        "C3": (True, False, False),
        "C4": (True, False, False),
        "C5": (False, False, False),
        "C6": (True, True, False),
        "C7": (True, False, False),
    }
    assert out.codes() == [(8, "opt_out_unknown", "email_opt_out")]
    assert opt_in.by("client_code", "email_opt_out", "phone_opt_out") == {
        "D1": (False, False),
        "D2": (True, True),
        "D3": (True, True),
    }
    assert opt_in.codes() == [(4, "opt_out_unknown", "opt_in_tel")]


def test_23_countries() -> None:
    [read] = read_case(23)
    assert read.column("country") == ["FR", "FR", "FR", "DE", None]
    assert read.codes() == [(6, "bad_value", "pays")]


def test_24_prices() -> None:
    [read] = read_case(24)
    many = D("1234.56")
    assert read.column("list_price") == [D("12.50"), many, many, many, many, D("12.50"), None, None, D("0.00"), None]
    assert read.codes() == [(8, "invalid_price", "prix"), (11, "bad_number", "prix")]


def test_26_vintages() -> None:
    [read] = read_case(26)
    assert read.column("vintage") == [2020, 2020, None, None, None, None, None, None]
    assert read.codes() == [(8, "bad_vintage", "millesime"), (9, "bad_vintage", "millesime")]


def test_27_colours_as_received() -> None:
    first, families = read_case(27)
    assert first.by("product_key", "source_category")["P2"] == "Champagne rosé"
    assert families.column("source_category") == ["Alsace / Blanc / Vins"]
    assert families.manifest["dialect"] == "B"
    assert families.manifest["unknown_columns"] == []


def test_28_grapes() -> None:
    [read] = read_case(28)
    assert [list(grapes) for grapes in read.frame["grape_varieties"]] == [
        ["Merlot", "Cabernet Franc"],
        ["Merlot", "Malbec"],
        ["Grenache", "Syrah"],
        ["Riesling", "Sylvaner"],
        ["Merlot", "Malbec"],
        ["Gamay"],
    ]


def test_29_formats_and_vintages_are_products_of_their_own() -> None:
    [read] = read_case(29)
    assert read.by("product_key", "vintage", "format") == {
        "ETO-37-20": (2020, "37,5 cl"),
        "ETO-75-20": (2020, "75 cl"),
        "ETO-MG-20": (2020, "magnum"),
        "ETO-75-21": (2021, "75 cl"),
    }


def test_30_costs() -> None:
    [read] = read_case(30)
    assert read.column("cost_price") == [None, None, D("15.00"), D("3.00")]
    assert read.column("list_price")[3] == D("0.00")


def test_31_a_product_that_a_newer_list_leaves_out_keeps_its_row() -> None:
    found = standing(read_case(31), "produits")
    assert found.frame.set_index("product_key")["list_price"].to_dict() == {"P1": D("10.00"), "P2": D("11.50")}
    assert [str(day) for day in found.frame["effective_date"]] == ["2025-11-01", "2025-12-01"]
