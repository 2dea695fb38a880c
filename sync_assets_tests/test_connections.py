from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sync_assets.connections import LoyaltySettings, load_connections, secret_value
from sync_assets.errors import ConfigurationError
from sync_assets.settings import PROJECT_ROOT

GOOD = """
orgs:
  acme:
    name: Acme Wines
    sources:
      odoo: {url: "https://odoo.acme.example/", database: prod, login: bot@acme.example, api_key: "${ACME_ODOO_API_KEY}"}
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "connections.yaml"
    path.write_text(text, encoding="utf-8")
    return load_connections(path)


def test_the_demo_file_is_good() -> None:
    found = load_connections(PROJECT_ROOT / "data" / "connections.yaml")
    assert found.problems == []
    assert list(found.active) == ["maison-verdel", "comptoir-verdel", "green-leaf"]


def test_a_good_organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    org = load(tmp_path, GOOD).org("acme")
    assert org.sources.odoo is not None
    assert org.sources.odoo.url == "https://odoo.acme.example"
    assert (org.currency, org.timezone, org.avatars.months_back) == ("EUR", "Europe/Paris", 4)
    monkeypatch.setenv("ACME_ODOO_API_KEY", "hush")
    assert secret_value(org.sources.odoo.api_key, org="acme") == "hush"
    assert "hush" not in repr(org)


def test_a_missing_secret_names_the_variable_and_only_when_it_is_needed(tmp_path: Path) -> None:
    odoo = load(tmp_path, GOOD).org("acme").sources.odoo
    assert odoo is not None
    with pytest.raises(ConfigurationError, match="acme: the environment variable ACME_ODOO_API_KEY is not set"):
        secret_value(odoo.api_key, org="acme")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"${ACME_ODOO_API_KEY}"',
            "s3cret-value",
            "sources.odoo.api_key: must be a reference to an environment variable",
        ),
        ("https://odoo", "http://odoo", "sources.odoo: url is not https"),
        ("https://odoo", "https://user:pw@odoo", "must not contain a user or password"),
        ("database: prod", "databse: prod", "sources.odoo.databse: Extra inputs are not permitted"),
        ("name: Acme Wines", "timezone: Mars/Base", "name: Field required"),
        ("name: Acme Wines", "name: Acme\n    timezone: Mars/Base", "timezone: 'Mars/Base' is not a time zone"),
        ("name: Acme Wines", "name: Acme\n    currency: Euro", "currency"),
        ("  acme:", "  Acme Wines!:", "use lower-case letters"),
        *(
            (
                "name: Acme Wines",
                f"name: Acme\n    loyalty: {{thresholds: {thresholds}}}",
                "loyalty.thresholds: must be four strictly rising numbers starting with 0, such as [0, 200, 500, 1000]",
            )
            for thresholds in (
                "[0, 200, 500]",
                "[1, 2, 3, 4]",
                "[0, 200, 200, 500]",
                "[0, 5, 3, 9]",
                "[]",
                "[0, 1, 2, 3, 4]",
            )
        ),
        ("name: Acme Wines", "name: Acme\n    loyalty: {thresholds: [0, some, 2, 3]}", "loyalty.thresholds.1: "),
        ("name: Acme Wines", "name: Acme\n    loyalty: {thresholds: 5}", "loyalty.thresholds: "),
        ("name: Acme Wines", "name: Acme\n    loyalty: {measure: visits}", "loyalty.measure: "),
    ],
)
def test_a_mistake_names_file_organisation_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    good = GOOD.replace("acme:", "fine:", 1)
    found = load(tmp_path, GOOD.replace(old, new, 1) + good.split("orgs:\n")[1])
    assert list(found.orgs) == ["fine"]
    assert any(message in problem and problem.startswith("connections.yaml, ") for problem in found.problems), (
        found.problems
    )
    assert not any("s3cret" in problem for problem in found.problems)


def test_loyalty_is_a_setting_of_the_organisation(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).org("acme").loyalty == LoyaltySettings(thresholds=(0, 200, 500, 1000))
    own = "name: Acme\n    loyalty: {measure: total_spent, thresholds: [0, 9.99, 20, 3e1]}"
    loyalty = load(tmp_path, GOOD.replace("name: Acme Wines", own, 1)).org("acme").loyalty
    assert (loyalty.measure, loyalty.thresholds) == ("total_spent", tuple(map(Decimal, ("0", "9.99", "20", "30"))))


def test_an_unknown_organisation_lists_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"Unknown organisation 'nope'; connections\.yaml has: acme"):
        load(tmp_path, GOOD).org("nope")


@pytest.mark.parametrize(
    ("text", "message"), [("orgs: [", "not valid YAML"), ("", "top-level mapping"), ("orgs: 3", "top-level mapping")]
)
def test_an_unreadable_file_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist; set SYNC_ASSETS_CONNECTIONS"):
        load_connections(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("segment_bounds: {EUR: [15, 30]}", "segment_bounds.EUR: must be three strictly rising prices above 0"),
        ("segment_bounds: {EUR: [30, 15, 75]}", "segment_bounds.EUR: must be three strictly rising prices above 0"),
        ("segment_bounds: {euro: [15, 30, 75]}", "segment_bounds.euro.[key]: String should match pattern"),
        (
            "bottles: {default_carton_size: 0}",
            "bottles.default_carton_size: Input should be greater than or equal to 1",
        ),
        ("category_overrides: {Divers: vin}", "category_overrides.Divers: Input should be 'rouge', 'blanc'"),
        ("catalog_source_priority: [sage]", "catalog_source_priority.0: Input should be 'odoo', 'isavigne' or"),
    ],
)
def test_a_wrong_setting_of_an_organisation_is_named(tmp_path: Path, setting: str, message: str) -> None:
    text = GOOD.replace("name: Acme Wines", f"name: Acme Wines\n    {setting}")
    (problem,) = load(tmp_path, text).problems
    assert problem.startswith(f"connections.yaml, acme: {message}")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("", "export_path: Field required"),
        ("encoding: base64", "encoding: 'base64' is not an encoding; use a name such as utf-8 or cp1252"),
        ("encoding: utf-99", "encoding: 'utf-99' is not an encoding"),
        ('delimiter: "/"', "delimiter: Input should be ';', ','"),
        ('decimal_mark: "."', "decimal_mark: Input should be 'auto' or ','"),
        ("reject_limit: 20", "reject_limit: Input should be less than or equal to 1"),
        ("customer_code_case: lower", "customer_code_case: Input should be 'keep' or 'upper'"),
        ("counted_document_types: [quote]", "counted_document_types.0: Input should be 'invoice', 'receipt'"),
        ("patterns: {clientes: 'c*'}", "patterns.clientes.[key]: Input should be 'produits', 'clients'"),
        ("expected_kinds: [clientes]", "expected_kinds.0: Input should be 'produits', 'clients'"),
        ("max_age_days: 0", "max_age_days: Input should be greater than or equal to 1"),
        ("line_number_scope: month", "line_number_scope: Input should be 'global', 'year' or 'document'"),
        ("anonymous_sales: drop", "anonymous_sales: Input should be 'keep' or 'reject'"),
        ("produits_delivery: none", "produits_delivery: Input should be 'full' or 'partial'"),
        ("default_vat_rate: 200", "default_vat_rate: Input should be less than or equal to 100"),
        ("settle_seconds: -1", "settle_seconds: Input should be greater than or equal to 0"),
    ],
)
def test_a_wrong_setting_of_exports_is_named(tmp_path: Path, setting: str, message: str) -> None:
    path = "" if not setting else "export_path: /srv/exports, "
    text = f"orgs:\n  cave:\n    name: Cave\n    sources:\n      isavigne: {{{path}{setting}}}\n"
    (problem,) = load(tmp_path, text).problems
    assert problem.startswith(f"connections.yaml, cave: sources.isavigne.{message}")
