"""The client over real HTTP against the sandbox server: all streams, all transports, and what goes wrong on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.errors import ConfigurationError, SourceDataError, SourceUnavailable
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.sources import odoo
from sync_assets.sources.odoo import STREAMS, OdooClient, Page, plan_fields, read_pages, read_records, window_domain
from sync_assets_tests.sources.odoo_support import connection, patience

WAYS = [
    ("17.0", "auto"),
    ("17.0", "xmlrpc"),
    ("18.0", "auto"),
    ("18.0", "xmlrpc"),
    ("19.0", "auto"),
    ("19.0", "jsonrpc"),
]
THREE_WAYS = [("17.0", "xmlrpc"), ("18.0", "auto"), ("19.0", "auto")]
SPOKEN = {"17.0": "jsonrpc", "18.0": "jsonrpc", "19.0": "json2"}
WRITTEN_AT = datetime(2026, 3, 2, 9, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, OdooSandbox]]:
    """One sandbox per version; a test that adds faults clears them."""
    running = {version: OdooSandbox(version=version, port=0, records="empty") for version in SPOKEN}
    for server in running.values():
        server.server_up()
        fill(server)
    yield running
    for server in running.values():
        server.server_down()


@pytest.fixture
def server(servers: dict[str, OdooSandbox]) -> Iterator[OdooSandbox]:
    yield servers["18.0"]
    servers["18.0"].faults.clear()


def fill(server: OdooSandbox) -> None:
    """120 partners of one transaction, every tenth archived, and 12 orders in two months."""
    with server.store.transaction_at(WRITTEN_AT):
        partners = [
            server.store.create("res.partner", {"name": f"Blue Door {n}", "active": bool(n % 10), "is_company": True})
            for n in range(120)
        ]
        for n in range(12):
            order = {"partner_id": partners[n], "date_order": f"2026-{n % 2 + 1:02}-28 23:30:00"}
            server.store.create("sale.order", order)


def client_to(server: OdooSandbox, transport: str = "auto", **more: Any) -> OdooClient:
    settings = {"database": server.database, "login": server.login, "transport": transport, **more}
    return OdooClient(connection(server.url, **settings), server.api_key, org="acme", retry=patience())


def read(client: OdooClient, stream_name: str, **more: Any) -> list[Page]:
    stream = STREAMS[stream_name]
    return list(read_pages(client, stream, plan_fields(stream, client.fields(stream.model)), org="acme", **more))


def ids_of(pages: list[Page]) -> list[int]:
    return [record for page in pages for record in page.table["id"].to_pylist()]


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_every_stream_is_read_whole(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    with client_to(servers[version], transport) as client:
        assert client.version.text == version
        assert client.transport_name == (SPOKEN[version] if transport == "auto" else transport)
        assert abs((client.server_time - datetime.now(UTC)).total_seconds()) < 60
        for name, stream in STREAMS.items():
            pages = read(client, name, page_size=100)
            assert [reject for page in pages for reject in page.rejects] == []
            expected = list(client.ids(stream.model))
            assert len(expected) == client.count(stream.model)
            assert sorted(set(ids_of(pages))) == expected
            if name != "product_costs":
                assert ids_of(pages) == expected
        assert client.bytes_received > client.calls > 2 * len(STREAMS)


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_archived_partners_and_references(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    with client_to(servers[version], transport) as client:
        rows = [row for page in read(client, "partners") for row in page.table.to_pylist()]
    doors = [row for row in rows if (row["name"] or "").startswith("Blue Door")]
    assert len(doors) == 120
    assert sum(not row["active"] for row in doors) == 12
    first = doors[0]
    assert first["write_date"] == WRITTEN_AT.replace(microsecond=0)
    assert (first["parent_id"], first["email"], first["mobile"], first["category_id"]) == (None, None, None, [])
    assert first["commercial_partner_id"] == first["id"]


@pytest.mark.parametrize("version", SPOKEN)
def test_ten_thousand_rows_of_one_transaction_each_once(version: str) -> None:
    with OdooSandbox(version=version, port=0, records="empty") as server:
        before = set(server.store.ids("res.country.state"))
        country = server.store.ids("res.country")[0]
        with server.store.transaction_at(WRITTEN_AT):
            for n in range(10_000):
                server.store.create("res.country.state", {"name": f"State {n}", "code": f"S{n}", "country_id": country})
        expected = [record for record in server.store.ids("res.country.state") if record not in before]
        hi = WRITTEN_AT.replace(microsecond=0)
        with client_to(server) as client:
            for lo in (hi, None):
                pages = read(client, "country_states", domain=window_domain(lo, hi, 60), page_size=1000)
                got = [record for record in ids_of(pages) if record not in before]
                assert got == expected
                assert len(pages) <= 12
            late = read(
                client, "country_states", domain=window_domain(None, datetime(2026, 3, 2, 9, 30, 14, tzinfo=UTC), 60)
            )
            assert not set(ids_of(late)) & set(expected)


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_totals_agree_with_the_rows(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    with client_to(servers[version], transport) as client:
        totals: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0])
        for page in read(client, "sale_orders"):
            for row in page.table.to_pylist():
                total = totals[row["date_order"].strftime("%Y-%m"), row["state"]]
                total[0] += 1
                total[1] += row["amount_total"]
        assert [
            (month, state, count, pytest.approx(amount)) for month, state, count, amount in client.read_group()
        ] == [(month, state, count, amount) for (month, state), (count, amount) in sorted(totals.items())]
        assert sum(total.records for total in client.read_group()) == 12


def test_ids_with_dates_and_records_by_id(server: OdooSandbox) -> None:
    with client_to(server) as client:
        everything = list(client.ids("res.partner"))
        pairs = client.id_dates("res.partner", after=everything[9], limit=5)
        assert [record for record, _ in pairs] == everything[10:15]
        assert all(moment is not None and moment.tzinfo is UTC for _, moment in pairs)
        stream = STREAMS["partners"]
        plan = plan_fields(stream, client.fields("res.partner"))
        wanted = [everything[3], everything[70], 999_999]
        assert ids_of(list(read_records(client, stream, plan, wanted, org="acme"))) == [everything[3], everything[70]]


@pytest.mark.parametrize(
    "kind", ["429", "500", "502", "503", "reset", "truncated", "html", "memory_error", "serialization"]
)
@pytest.mark.parametrize(("version", "transport"), THREE_WAYS)
def test_what_passes_costs_no_row(servers: dict[str, OdooSandbox], version: str, transport: str, kind: str) -> None:
    server = servers[version]
    server.faults.add(Fault(kind, model="res.partner", method="search_read", after=1, times=2))
    try:
        with client_to(server, transport) as client:
            pages = read(client, "partners", page_size=100)
            assert ids_of(pages) == list(client.ids("res.partner"))
    finally:
        server.faults.clear()


def test_a_timeout_halves_the_page(server: OdooSandbox) -> None:
    server.faults.add(Fault("timeout", model="res.partner", method="search_read", times=1, seconds=0.4))
    with client_to(server, timeout_seconds=0.2) as client:
        pages = read(client, "partners", page_size=400)
        assert pages[0].page_size == 200
        assert ids_of(pages) == list(client.ids("res.partner"))


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_a_poison_record_is_set_aside(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    server = servers[version]
    poison = server.store.ids("res.partner")[57]
    server.faults.add(Fault("poison", model="res.partner", id=poison))
    try:
        with client_to(server, transport) as client:
            pages = read(client, "partners", page_size=100)
            assert set(client.ids("res.partner")) - set(ids_of(pages)) == {poison}
    finally:
        server.faults.clear()
    rejects = [reject for page in pages for reject in page.rejects]
    assert [(reject["record_key"], reject["code"]) for reject in rejects] == [(str(poison), "unreadable_record")]


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("html", SourceUnavailable, "html"),
        ("truncated", SourceUnavailable, "truncated"),
        ("429", SourceUnavailable, "rate_limited"),
        ("redirect", ConfigurationError, "redirected"),
        ("no_access", ConfigurationError, "no_access"),
        ("missing_field_in_answer", SourceDataError, "field_missing"),
        ("serialization", SourceUnavailable, "serialization"),
    ],
)
@pytest.mark.parametrize(("version", "transport"), THREE_WAYS)
def test_what_lasts_ends_the_stream_with_its_code(
    servers: dict[str, OdooSandbox], version: str, transport: str, kind: str, error: type[Exception], code: str
) -> None:
    server = servers[version]
    server.faults.add(Fault(kind, model="res.partner", method="search_read", times=1000))
    try:
        with client_to(server, transport) as client, pytest.raises(error) as caught:
            read(client, "partners")
    finally:
        server.faults.clear()
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert server.api_key not in str(caught.value)


def test_a_server_that_is_gone(server: OdooSandbox) -> None:
    with client_to(server) as client:
        client.connect()
        server.server_down()
        try:
            with pytest.raises(SourceUnavailable, match=r"nothing answers at|closed the connection"):
                read(client, "partners")
        finally:
            server.server_up()
        assert ids_of(read(client, "partners")) == list(client.ids("res.partner"))


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_the_connection_test_of_a_full_user(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    server = servers[version]
    to = connection(
        server.url, database=server.database, login=server.login, transport=transport, key_expires_on="2099-01-01"
    )
    report = odoo.test_connection(to, lambda: server.api_key, org="acme", retry=patience(attempts=1))
    assert [(check.name, check.message) for check in report.checks if check.status != "good"] == []
    assert report.exit_code == 0


@pytest.mark.parametrize(("version", "transport"), THREE_WAYS)
def test_the_connection_test_of_limited_users(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    server = servers[version]

    def report_of(login: str, key: str) -> dict[str, str]:
        to = connection(
            server.url, database=server.database, login=login, transport=transport, key_expires_on="2099-01-01"
        )
        report = odoo.test_connection(to, lambda: key, org="acme", retry=patience(attempts=1))
        return {check.name: f"{check.status}: {check.message}" for check in report.checks} | {
            "exit": str(report.exit_code)
        }

    own = report_of("own@sandbox.example", "own-key")
    assert own["completeness"].startswith("warning: This user may see only part of the orders")
    assert own["exit"] == "3"
    no_stock = report_of("nostock@sandbox.example", "nostock-key")
    assert no_stock["stock.quant"].startswith("bad: No right to read stock.quant: give the user Inventory / User")
    assert no_stock["sale.order"].startswith("good: Records readable: 12")
    assert no_stock["exit"] == "2"
    refused = report_of(server.login, "wrong-key")
    assert refused["login"].startswith("bad: The API key was refused")
    assert refused["exit"] == "2"


@pytest.mark.parametrize(("version", "transport"), THREE_WAYS)
def test_a_database_that_does_not_exist(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    client = client_to(servers[version], transport, database="nowhere")
    with client, pytest.raises(ConfigurationError, match="Database nowhere does not exist") as caught:
        client.connect()
    assert caught.value.code == "no_database"


@pytest.mark.parametrize(("version", "transport"), THREE_WAYS)
def test_an_app_that_is_not_installed(version: str, transport: str) -> None:
    bare = OdooSandbox(version=version, port=0, records="empty", installed=("base", "product", "sale"))
    with bare as server, client_to(server, transport) as client, pytest.raises(ConfigurationError) as caught:
        client.fields("stock.quant")
    assert caught.value.code == "not_installed"
