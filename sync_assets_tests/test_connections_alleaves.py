"""The settings of an Alleaves account: defaults by dialect, and messages that name what is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync_assets.connections import AlleavesConnection, Connections, credentials, load_connections
from sync_assets.errors import ConfigurationError

LOGIN = {"username": "sync@leaf.example", "password": "${LEAF_PASSWORD}"}


def loaded(tmp_path: Path, **settings: Any) -> Connections:
    document = {"orgs": {"leaf": {"name": "Green Leaf", "sources": {"alleaves": {**LOGIN, **settings}}}}}
    path = tmp_path / "connections.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_connections(path)


def alleaves(tmp_path: Path, **settings: Any) -> AlleavesConnection:
    found = loaded(tmp_path, **settings)
    assert found.problems == []
    connection = found.org("leaf").sources.alleaves
    assert connection is not None
    return connection


def test_defaults(tmp_path: Path) -> None:
    connection = alleaves(tmp_path)
    assert (connection.dialect, connection.base_url) == ("observed", "https://app.alleaves.com")
    assert (connection.path_prefix, connection.inventory_prefix) == ("/api", "/api")
    assert (connection.page_size, connection.max_pages, connection.timeout_s) == (100, 10_000, 15)
    assert (connection.min_interval_ms, connection.window_days, connection.batch_size) == (300, 90, 400)
    assert (connection.currency, connection.location_ids, connection.timezone) == ("USD", (), None)
    assert connection.placeholder_email_domains == ("alleaves.local", "unknown.local")
    assert connection.excluded_order_statuses == ("void", "cancelled")
    assert connection.unsellable_area_types == ("damaged", "scrap", "quarantine")
    assert connection.loyalty_thresholds == (0, 200, 500, 1000)
    flags = (connection.keep_birth_date, connection.walk_until_empty, connection.estimate_missing_prices)
    assert flags == (False, False, False)


def test_defaults_of_the_documented_dialect(tmp_path: Path) -> None:
    connection = alleaves(tmp_path, dialect="documented")
    assert (connection.base_url, connection.path_prefix) == ("https://api.alleaves.com", "/api")
    assert connection.inventory_prefix == ""


def test_settings_are_normalised(tmp_path: Path) -> None:
    connection = alleaves(
        tmp_path,
        base_url="http://127.0.0.1:9000/",
        path_prefix="v1/api/",
        inventory_prefix="/",
        location_ids=[1000, " 1001 ", "1000"],
        placeholder_email_domains=["@None.Example"],
        unsellable_area_types=["Damaged "],
        loyalty_thresholds=[0, 99.5, 200, 300],
        pin="",
    )
    assert connection.base_url == "http://127.0.0.1:9000"
    assert (connection.path_prefix, connection.inventory_prefix) == ("/v1/api", "")
    assert connection.location_ids == ("1000", "1001")
    assert (connection.placeholder_email_domains, connection.unsellable_area_types) == (("none.example",), ("damaged",))
    assert connection.loyalty_thresholds[1] == Decimal("99.5")
    assert connection.pin is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"password": "s3cret"}, "sources.alleaves.password: must be a reference to an environment variable"),
        ({"pin": "s3cret"}, "sources.alleaves.pin: must be a reference to an environment variable"),
        ({"partner_id": 7}, "sources.alleaves.partner_id: must be a reference to an environment variable"),
        ({"username": " "}, "sources.alleaves.username: must not be empty"),
        ({"dialect": "spoken"}, "sources.alleaves.dialect: Input should be 'observed' or 'documented'"),
        ({"base_url": "http://pos.example"}, "sources.alleaves: base_url is not https; use https"),
        ({"base_url": "pos.example"}, "sources.alleaves.base_url: must start with https://"),
        ({"base_url": "https://me:s3cret@pos.example"}, "base_url: must not contain a user or password"),
        ({"path_prefix": "/api?x=1"}, "path_prefix: must be a path such as /api, or empty"),
        ({"location_ids": [True]}, "location_ids.0: must be a location's id"),
        ({"location_ids": [""]}, "location_ids.0: must be a location's id"),
        ({"loyalty_thresholds": [0, 200, 500]}, "loyalty_thresholds: must be four strictly rising numbers"),
        ({"loyalty_thresholds": [0, 200, 200, 500]}, "loyalty_thresholds: must be four strictly rising numbers"),
        ({"loyalty_thresholds": [1, 200, 500, 1000]}, "loyalty_thresholds: must be four strictly rising numbers"),
        ({"loyalty_measure": "visits"}, "loyalty_measure: Input should be 'loyalty_points' or 'total_spent'"),
        ({"excluded_order_statuses": ["voided"]}, "excluded_order_statuses.0: Input should be"),
        ({"timezone": "Mountain"}, "timezone: 'Mountain' is not a time zone"),
        ({"page_size": 0}, "page_size: Input should be greater than or equal to 1"),
        ({"batch_size": 0}, "batch_size: Input should be greater than or equal to 1"),
        ({"currency": "dollar"}, "currency"),
        ({"dialekt": "observed"}, "sources.alleaves.dialekt: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_names_the_setting(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    problems = loaded(tmp_path, **settings).problems
    assert len(problems) == 1, problems
    assert message in problems[0]
    assert "s3cret" not in problems[0]


def test_plain_http_where_the_network_is_trusted(tmp_path: Path) -> None:
    connection = alleaves(tmp_path, base_url="http://pos.example", allow_plain_http=True)
    assert connection.base_url == "http://pos.example"


def test_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAF_USER", "hidden@leaf.example")
    monkeypatch.setenv("LEAF_PASSWORD", "hush")
    monkeypatch.setenv("LEAF_PIN", "")
    connection = alleaves(tmp_path, username="${LEAF_USER}", pin="${LEAF_PIN}", partner_id="${LEAF_PARTNER}")
    assert "hush" not in repr(connection)
    with pytest.raises(ConfigurationError, match="LEAF_PARTNER is not set"):
        credentials(connection, org="leaf")
    monkeypatch.setenv("LEAF_PARTNER", "P-1")
    found = credentials(connection, org="leaf")
    assert (found.username, found.password, found.pin, found.partner_id) == ("hidden@leaf.example", "hush", None, "P-1")
    assert "hush" not in repr(found)
    assert "P-1" not in repr(found)


def test_a_plain_user_name_and_no_pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAF_PASSWORD", "hush")
    found = credentials(alleaves(tmp_path), org="leaf")
    assert (found.username, found.pin, found.partner_id) == ("sync@leaf.example", None, None)
