"""The connection test names what works and what does not, and never raises for expected failures."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sync_assets.connections import Credentials
from sync_assets.errors import ConfigurationError
from sync_assets.sources import alleaves
from sync_assets.sources.alleaves import ConnectionReport
from sync_assets_tests.sources.alleaves.support import NOW, PASSWORD, PIN, Clock, Service, connection, paged

STEPS = ["address", "login", "locations", "customers", "orders", "inventory", "contacts"]
PEOPLE = [
    {"id_customer": 1, "email": "ada@example.com"},
    {"id_customer": 2, "phone": "(303) 555-0100"},
    {"id_customer": 3, "email": "no-email@alleaves.local"},
    {"id_customer": 4},
]


def healthy(**instead: Any) -> Service:
    return Service(
        {
            "locations": [[{"id_location": 1000, "location": "Green Leaf ", "timezone": "America/Denver"}]],
            "customers": paged(PEOPLE),
            "orders": paged([{"id_order": 1}]),
            "inventory": [[{"id_item": 1}, {"id_item": 2}]],
            **instead,
        }
    )


def report_of(service: Service, dialect: str = "observed", **settings: Any) -> ConnectionReport:
    return alleaves.test_connection(
        connection(dialect, **settings),
        lambda: Credentials("sync@acme.example", PASSWORD, PIN),
        org="acme",
        transport=httpx.MockTransport(service),
        now=NOW,
        sleep=Clock().sleep,
    )


def outcome(report: ConnectionReport) -> dict[str, tuple[str, str]]:
    assert [check.name for check in report.checks] == STEPS
    assert not [check for check in report.checks if "\n" in check.message or PASSWORD in check.message]
    return {check.name: (check.status, check.message) for check in report.checks}


def test_all_is_well() -> None:
    service = healthy()
    report = report_of(service)
    assert outcome(report) == {
        "address": ("good", "https://pos.acme.example"),
        "login": ("good", "The login works, observed dialect"),
        "locations": ("good", "1000 Green Leaf; time zone America/Denver"),
        "customers": ("good", "4 customers on the first page"),
        "orders": ("good", "1 orders in the last 2 days"),
        "inventory": ("good", "2 rows at 1000"),
        "contacts": ("good", "50 % of 4 customers have an e-mail or a phone number"),
    }
    assert report.exit_code == 0
    assert service.of("orders")[0]["params"]["startDate"] == "2026-11-18"


def test_the_documented_dialect() -> None:
    report = report_of(healthy(), "documented")
    assert outcome(report)["locations"] == ("good", "1000; this dialect has no call to verify it")
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("instead", "bad", "message", "exit_code"),
    [
        (
            {"login": [httpx.Response(401, json={"message": "Missing Authorization Header"})]},
            "login",
            "Alleaves login: the login was refused (status 401: Missing Authorization Header); "
            "check username, password and pin",
            2,
        ),
        (
            {"login": [httpx.Response(404)]},
            "login",
            "Alleaves login: the address is not known there (status 404); check base_url, the prefixes and the dialect",
            2,
        ),
        (
            {"locations": [[{"id_location": 2000}]]},
            "locations",
            "Alleaves has no location 1000; correct location_ids, it has: 2000",
            2,
        ),
        (
            {"customers": [{"rows": []}]},
            "customers",
            "Alleaves customers: the reply has an unknown shape (an object with rows); "
            "check the dialect, or report this bug",
            2,
        ),
        (
            {"orders": [httpx.Response(502)]},
            "orders",
            "Alleaves orders: the server is not able to answer now (status 502); try later",
            1,
        ),
        (
            {"inventory": [httpx.Response(403)]},
            "inventory",
            "Alleaves inventory: no right to read this (status 403)",
            2,
        ),
    ],
)
def test_one_thing_is_wrong(instead: dict[str, Any], bad: str, message: str, exit_code: int) -> None:
    report = report_of(healthy(**instead))
    found = outcome(report)
    assert [name for name, (status, _) in found.items() if status == "bad"] == [bad]
    assert found[bad][1] == message
    assert report.exit_code == exit_code


def test_a_host_that_does_not_answer_is_a_bad_address() -> None:
    def refuse(call: dict[str, Any]) -> Any:
        raise httpx.ConnectError("refused")

    report = report_of(healthy(login=refuse))
    found = outcome(report)
    assert found["address"] == (
        "bad",
        "Alleaves login: nothing answers at pos.acme.example; check the url, or try later",
    )
    assert {status for status, _ in list(found.values())[1:]} == {"skipped"}
    assert report.exit_code == 1


def test_warnings() -> None:
    service = healthy(locations=[httpx.Response(404)], customers=[[]], orders=[[]], inventory=[[]])
    report = report_of(service)
    found = outcome(report)
    assert {name: status for name, (status, _) in found.items() if status != "good"} == {
        "locations": "warning",
        "customers": "warning",
        "orders": "warning",
        "inventory": "warning",
        "contacts": "skipped",
    }
    assert found["locations"][1].startswith("1000; not verified: Alleaves locations: the address is not known there")
    assert report.exit_code == 3


def test_a_missing_secret_is_a_check() -> None:
    def missing() -> Credentials:
        raise ConfigurationError("acme: the environment variable X is not set; set it", code="secret_missing")

    report = alleaves.test_connection(connection(), missing, org="acme")
    assert [check.status for check in report.checks] == ["bad", *["skipped"] * 6]
    assert report.checks[0].message == "the environment variable X is not set; set it"
