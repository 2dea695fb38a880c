"""Walking a stream: each record once, page sizes that follow the server, and one bad record set aside."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from sync_assets.errors import ConfigurationError, SourceDataError, SourceUnavailable
from sync_assets.sources.http import RetryPolicy, Throttle
from sync_assets.sources.odoo import (
    STREAMS,
    FieldPlan,
    Page,
    ServerVersion,
    plan_fields,
    read_pages,
    read_records,
    window_domain,
)
from sync_assets.sources.odoo.pages import PageSize
from sync_assets.sources.odoo.streams import PlannedColumn
from sync_assets.sources.odoo.totals import month_totals, totals_request
from sync_assets.sources.retry_budget import RetryBudget
from sync_assets_tests.sources.odoo_support import (
    HTML,
    TRANSPORTS,
    WEB_PAGE,
    Naps,
    TableOdoo,
    client_of,
    fault,
    patience,
    result,
    scripted,
)

STREAM = STREAMS["countries"]
PLAN = FieldPlan(
    STREAM, (PlannedColumn("id", "integer", "id", "integer"), PlannedColumn("code", "text", "code", "char"))
)


def rows(number: int) -> list[dict[str, Any]]:
    return [{"id": n, "code": f"C{n}"} for n in range(1, number + 1)]


def ids_of(pages: list[Page]) -> list[int]:
    return [record for page in pages for record in page.table["id"].to_pylist()]


def walk(server: TableOdoo, **more: Any) -> list[Page]:
    client, _ = scripted(server.transport, server)
    return list(read_pages(client, STREAM, PLAN, org="acme", **more))


def answer_503() -> httpx.Response:
    return httpx.Response(503, content=WEB_PAGE, headers=HTML)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_each_record_once_and_the_short_page_is_the_last(transport: str) -> None:
    pages = walk(TableOdoo(transport, rows(230)), page_size=100)
    assert ids_of(pages) == list(range(1, 231))
    assert [(page.rows, page.last_id, page.is_last) for page in pages] == [
        (100, 100, False),
        (100, 200, False),
        (30, 230, True),
    ]
    assert pages[0].table["code"].to_pylist()[:2] == ["C1", "C2"]
    assert pages[0].table["org_id"].to_pylist()[:2] == ["acme", "acme"]


@pytest.mark.parametrize(("number", "expected"), [(0, [0]), (100, [100, 0])])
def test_an_empty_page_ends_it(number: int, expected: list[int]) -> None:
    pages = walk(TableOdoo("jsonrpc", rows(number)), page_size=100)
    assert [page.rows for page in pages] == expected
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].last_id == number


def test_a_walk_resumes_and_stops_at_its_end() -> None:
    pages = walk(TableOdoo("jsonrpc", rows(500)), page_size=100, last_id=150, end_id=350)
    assert ids_of(pages) == list(range(151, 351))
    assert [page.is_last for page in pages] == [False, True]


def test_a_heavy_page_is_halved_until_it_passes() -> None:
    def before(named: Mapping[str, Any], page: list[dict[str, Any]]) -> httpx.Response | None:
        return answer_503() if named["limit"] > 130 else None

    server = TableOdoo("jsonrpc", rows(300), before)
    pages = walk(server, page_size=1000)
    assert server.limits == [1000, 500, 250, 125, 125, 125]
    assert ids_of(pages) == list(range(1, 301))
    assert [page.page_size for page in pages] == [125, 125, 125]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_memory_errors_and_timeouts_halve_too(transport: str) -> None:
    failures = [fault(transport, "builtins.MemoryError", ""), None]

    def before(*_: Any) -> httpx.Response | None:
        if not failures:
            return None
        failure = failures.pop(0)
        if failure is None:
            raise httpx.ReadTimeout("slow")
        return failure

    server = TableOdoo(transport, rows(60), before)
    assert ids_of(walk(server, page_size=400)) == list(range(1, 61))
    assert server.limits == [400, 200, 100]


def test_too_many_calls_do_not_halve_but_slow_down() -> None:
    naps = Naps()
    failures = [httpx.Response(429, headers={"Retry-After": "3"})]
    server = TableOdoo("json2", rows(60), lambda *_: failures.pop() if failures else None)
    client, _ = scripted("json2", server, naps=naps)
    assert ids_of(list(read_pages(client, STREAM, PLAN, org="acme", page_size=400))) == list(range(1, 61))
    assert (server.limits, naps.taken, client.throttle.allowed) == ([400, 400], [3.0], 1)


def test_pages_grow_after_five_quick_ones_and_know_their_bounds() -> None:
    size = PageSize(1000)
    for _ in range(5):
        size.note(0.2)
    assert size.size == 1250
    for _ in range(4):
        size.note(0.2)
    size.note(12.0)
    assert size.size == 1250
    for _ in range(30):
        size.note(0.2)
    assert size.size == 2000
    for _ in range(9):
        size.shrink()
    assert size.size == 50
    assert PageSize(7).size == 50


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("kind", ["computed", "reset", "status"])
@pytest.mark.parametrize("poison", [[1], [137], [120, 121, 230]])
def test_a_poison_record_becomes_a_reject_and_reading_goes_on(transport: str, kind: str, poison: list[int]) -> None:
    def before(named: Mapping[str, Any], page: list[dict[str, Any]]) -> httpx.Response | None:
        if "fields" not in named or not any(row["id"] in poison for row in page):
            return None
        if kind == "computed":
            return fault(transport, "builtins.KeyError", "'x'")
        if kind == "reset":
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return answer_503()

    pages = walk(TableOdoo(transport, rows(230), before), page_size=200)
    assert ids_of(pages) == [n for n in range(1, 231) if n not in poison]
    rejects = [reject for page in pages for reject in page.rejects]
    assert [(reject["record_key"], reject["code"], reject["entity"]) for reject in rejects] == [
        (str(n), "unreadable_record", "res.country") for n in poison
    ]
    assert sum(page.rows for page in pages) == 230
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all("server cannot read this record" in reject["message"] for reject in rejects)


def test_an_outage_condemns_no_record() -> None:
    calls = 0

    def before(*_: Any) -> httpx.Response | None:
        nonlocal calls
        calls += 1
        return answer_503() if calls > 1 else None

    client, _ = scripted("jsonrpc", TableOdoo("jsonrpc", rows(230), before))
    walked = read_pages(client, STREAM, PLAN, org="acme", page_size=100)
    assert next(walked).last_id == 100
    with pytest.raises(SourceUnavailable, match="status 503"):
        next(walked)
    assert calls == 1 + 5 + 5


def test_the_tries_of_a_page_end_with_its_time() -> None:
    client, server = scripted("jsonrpc", lambda *_: answer_503())
    client.retry = RetryPolicy(total_seconds=0.5, sleep=Naps())
    with pytest.raises(SourceUnavailable):
        list(read_pages(client, STREAM, PLAN, org="acme"))
    assert len(server.seen) == 2


def test_once_failing_calls_have_cost_the_run_too_much_nothing_is_tried_twice() -> None:
    naps = Naps()
    client, server = scripted("jsonrpc", lambda *_: answer_503())
    client.retry = RetryPolicy(budget=RetryBudget(10), sleep=naps)
    told, calls = [], []
    for _ in range(3):
        with pytest.raises(SourceUnavailable) as caught:
            list(read_pages(client, STREAM, PLAN, org="acme", page_size=50))
        told.append(caught.value.message)
        calls.append(len(server.seen))
    assert calls == [6, 7, 8]
    assert (
        told[1:]
        == [
            "acme: Odoo res.country: the server is not able to answer now (status 503); try later; "
            "not tried again, since failing calls have cost this run 10 s already"
        ]
        * 2
    )
    assert str(caught.value) == told[2]


def test_patience_that_helped_costs_nothing() -> None:
    """A server that answers every second time, and one with a bad record on every page."""
    for bad, kind in (((), "busy"), (tuple(range(3, 500, 50)), "poison")):
        calls = 0

        def before(named: Mapping[str, Any], page: list[dict[str, Any]], bad: tuple[int, ...] = bad) -> Any:
            nonlocal calls
            calls += 1
            is_bad = "fields" in named and any(row["id"] in bad for row in page)
            return answer_503() if is_bad or (not bad and calls % 2) else None

        client, _ = scripted("jsonrpc", TableOdoo("jsonrpc", rows(500), before))
        client.retry = RetryPolicy(budget=RetryBudget(5), sleep=Naps())
        pages = list(read_pages(client, STREAM, PLAN, org="acme", page_size=50))
        assert ids_of(pages) == [n for n in range(1, 501) if n not in bad], kind
        assert client.retry.budget.lost == 0, kind


def test_no_right_ends_the_walk_at_once() -> None:
    client, server = scripted(
        "json2", lambda *_: fault("json2", "odoo.exceptions.AccessError", "You are not allowed", status=403)
    )
    with pytest.raises(ConfigurationError, match=r"No right to read res\.country"):
        list(read_pages(client, STREAM, PLAN, org="acme"))
    assert len(server.seen) == 1


def described(*names: str) -> dict[str, dict[str, Any]]:
    types = {"id": "integer", "write_date": "datetime", "create_date": "datetime"}
    return {name: {"type": types.get(name, "char"), "store": True} for name in names}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_unknown_field_makes_the_plan_again_once(transport: str) -> None:
    fields = described("id", "name", "code", "create_date", "write_date")
    table = [{"id": 1, "code": "FR", "create_date": False, "write_date": "2026-11-20 20:27:18"}]

    def reply(model: str, method: str, named: Mapping[str, Any]) -> httpx.Response:
        if method == "fields_get":
            return result(transport, dict(fields))
        if "name" in named["fields"]:
            fields.pop("name", None)
            return fault(transport, "builtins.ValueError", "Invalid field 'name' on model 'res.country'")
        return TableOdoo(transport, table)(model, method, named)

    client, server = scripted(transport, reply)
    plan = plan_fields(STREAM, client.fields("res.country"))
    [page] = read_pages(client, STREAM, plan, org="acme")
    assert page.table.select(["id", "code", "name"]).to_pylist() == [{"id": 1, "code": "FR", "name": None}]
    assert [method for _, method, _ in server.seen] == ["fields_get", "search_read", "fields_get", "search_read"]


def test_a_field_that_stays_unknown_is_an_error_of_the_stream() -> None:
    fields = described("id", "name", "code", "create_date", "write_date")

    def reply(_: str, method: str, __: Mapping[str, Any]) -> httpx.Response:
        if method == "fields_get":
            return result("json2", fields)
        return fault("json2", "builtins.ValueError", "Invalid field 'name' on 'res.country'")

    client, server = scripted("json2", reply)
    plan = plan_fields(STREAM, client.fields("res.country"))
    with pytest.raises(SourceDataError, match="field name does not exist any more") as caught:
        list(read_pages(client, STREAM, plan, org="acme"))
    assert (caught.value.code, len(server.seen)) == ("field_missing", 4)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_records_by_id_in_batches_of_500(transport: str) -> None:
    client, _server = scripted(transport, TableOdoo(transport, rows(2000)))
    wanted = [*range(1500, 2200), 3, 3]
    pages = list(read_records(client, STREAM, PLAN, wanted, org="acme"))
    assert ids_of(pages) == [3, *range(1500, 2001)]
    assert [page.is_last for page in pages] == [False, True]
    assert list(read_records(client, STREAM, PLAN, [], org="acme")) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_costs_are_read_once_per_company(transport: str) -> None:
    costs = {1: {10: 2.5, 11: 0.0}, 2: {10: 7.25, 11: 1.0}}

    def reply(model: str, method: str, named: Mapping[str, Any]) -> httpx.Response:
        if model == "res.users":
            return result(transport, [{"id": 7, "company_ids": [2, 1]}])
        [company] = named["context"]["allowed_company_ids"]
        assert named["fields"] == ["id", "standard_price"]
        priced = [{"id": n, "standard_price": cost} for n, cost in costs[company].items()]
        return TableOdoo(transport, priced)(model, method, named)

    stream = STREAMS["product_costs"]
    columns = (
        PlannedColumn("id", "integer", "id", "integer"),
        PlannedColumn("company_id", "integer", "company_id", "many2one"),
        PlannedColumn("standard_price", "number", "standard_price", "float"),
    )
    client, _ = scripted(transport, reply)
    pages = list(read_pages(client, stream, FieldPlan(stream, columns), org="acme"))
    assert [page.is_last for page in pages] == [False, True]
    assert [row for page in pages for row in page.table.to_pylist()] == [
        {"org_id": "acme", "id": product, "company_id": company, "standard_price": cost}
        for company, products in costs.items()
        for product, cost in products.items()
    ]


def test_window_domains_mean_whole_seconds_on_every_version() -> None:
    lo, hi = (
        datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 20, 13, 0, 0, tzinfo=timezone(timedelta(hours=1))),
    )
    assert window_domain(lo, hi, 900) == [
        ["write_date", ">=", "2026-11-20 11:45:00"],
        ["write_date", "<", "2026-11-20 12:00:01"],
    ]
    assert window_domain(None, hi, 900) == [
        "|",
        ["write_date", "=", False],
        ["write_date", "<", "2026-11-20 12:00:01"],
    ]
    assert window_domain(lo, None, 60) == [["write_date", ">=", "2026-11-20 11:59:00"]]
    assert window_domain(None, None, 60) == []


def test_totals_of_both_dialects() -> None:
    older = [
        {
            "date_order:month": "octobre 2026", "state": "sale", "amount_total": 120.4, "__count": 3,
            "__range": {"date_order:month": {"from": "2026-10-01 00:00:00", "to": "2026-11-01 00:00:00"}},
        },
        {"date_order:month": False, "state": False, "amount_total": 0.0, "__count": 1, "__range": {"date_order:month": False}},
    ]  # fmt: skip
    newer = [
        {
            "date_order:month": ["2026-10-01 00:00:00", "octobre 2026"], "state": "sale", "amount_total:sum": 120.4,
            "__count": 3, "__extra_domain": [["date_order", ">=", "2026-10-01 00:00:00"]],
        },
        {"date_order:month": False, "state": False, "amount_total:sum": 0.0, "__count": 1, "__extra_domain": []},
    ]  # fmt: skip
    expected = [("", "", 1, 0.0), ("2026-10", "sale", 3, 120.4)]
    assert month_totals(older, "date_order", "amount_total") == expected
    assert month_totals(newer, "date_order", "amount_total") == expected
    assert totals_request(ServerVersion(18, 0), "date_order", "amount_total", [])[0] == "read_group"
    assert totals_request(ServerVersion(18, 2), "date_order", "amount_total", [])[0] == "formatted_read_group"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_totals_ask_in_utc(transport: str) -> None:
    client, server = scripted(transport, lambda *_: result(transport, []))
    assert client.read_group() == []
    [(model, method, named)] = server.seen
    assert (model, method) == ("sale.order", "formatted_read_group" if transport == "json2" else "read_group")
    assert named["context"]["tz"] == "UTC"
    if transport != "json2":
        assert named["args"] == [[], ["amount_total:sum"], ["date_order:month", "state"]]
        assert named["lazy"] is False


@pytest.mark.parametrize(
    ("text", "details", "expected"),
    [
        ("19.0", [19, 0, 0, "final", 0, ""], (19, 0)),
        ("saas~18.2", ["saas~18", 2, 0, "final", 0, ""], (18, 2)),
        ("17.0+e", None, (17, 0)),
        ("saas~18.2+e", None, (18, 2)),
        ("16", None, (16, 0)),
        (None, None, None),
        ("unknown", None, None),
    ],
)
def test_versions(text: str | None, details: Any, expected: tuple[int, int] | None) -> None:
    assert ServerVersion.parse(text, details) == expected
    if expected:
        assert ServerVersion(*expected).text == f"{expected[0]}.{expected[1]}"


def test_the_second_and_third_way_to_the_version() -> None:
    info = {"server_version": "16.0", "server_version_info": [16, 0, 0, "final", 0, ""]}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/web/version":
            return httpx.Response(303, headers={"Location": "/web/login"})
        if request.url.path == "/jsonrpc" and b'"version"' in request.content:
            return httpx.Response(404, content=WEB_PAGE, headers=HTML)
        return result("jsonrpc", info if request.url.path == "/web/webclient/version_info" else 7)

    client = client_of(handler)
    assert (client.version.text, client.transport_name, client.calls) == ("16.0", "jsonrpc", 4)


def test_versions_that_cannot_be_read_and_stated_ones() -> None:
    client, _ = scripted("jsonrpc", lambda *_: result("jsonrpc", 1))
    assert client.server_time == datetime(2026, 11, 20, 20, 27, 18, tzinfo=UTC)
    old, _ = scripted("jsonrpc", lambda *_: result("jsonrpc", 1), server_version="13.0")
    with pytest.raises(ConfigurationError, match=r"13\.0 is too old"):
        old.connect()
    stated, _ = scripted("jsonrpc", lambda *_: result("jsonrpc", 1), server_version="saas~17.4")
    assert (stated.version, stated.calls) == (ServerVersion(17, 4), 1)
    assert stated.server_time == datetime(2026, 11, 20, 20, 27, 18, tzinfo=UTC)
    with pytest.raises(ConfigurationError, match="has no JSON-2"):
        client_of(lambda _: result("json2", {}), server_version="18.0", transport="json2").connect()


def test_a_server_without_date_gets_our_clock_less_a_minute() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        answer = result("jsonrpc", 7 if b"authenticate" in request.content else {"server_version": "18.0"})
        del answer.headers["Date"]
        return answer

    before = datetime.now(UTC)
    client = client_of(handler)
    margin = before - client.server_time
    assert timedelta(seconds=59) <= margin <= timedelta(seconds=62)
    assert client.server_time.microsecond == 0
    assert not client.is_server_clock_known


def test_calls_are_spaced_and_slowed_down_for_a_while() -> None:
    now = [100.0]
    naps = Naps()
    throttle = Throttle(2, 2.0, sleep=naps, clock=lambda: now[0])
    for _ in range(3):
        with throttle.slot():
            pass
    assert naps.taken == [0.5, 1.0]
    throttle.slow_down()
    for _ in range(19):
        throttle.went_well()
    assert throttle.allowed == 1
    throttle.went_well()
    assert throttle.allowed == 2


def test_online_hosts_get_a_rate_by_default() -> None:
    naps = Naps()
    client, _ = scripted("jsonrpc", lambda *_: result("jsonrpc", 1), naps=naps, url="https://acme.odoo.com")
    client.connect()
    assert len(naps.taken) == client.calls - 1
    assert sum(naps.taken) > 0.9
    free, _ = scripted("jsonrpc", lambda *_: result("jsonrpc", 1), naps=naps, calls_per_second=None)
    naps.taken.clear()
    free.connect()
    assert naps.taken == []


def test_every_wait_stays_below_the_longest() -> None:
    policy = patience()
    assert all(policy.wait(attempt, None) <= 60 for attempt in range(1, 30))


def test_one_value_that_the_fast_parser_refuses_costs_its_row_only() -> None:
    body = rb'[{"id": 1, "code": "FR"}, {"id": 2, "code": "\ud800"}, {"id": 3, "code": "a\u0000"}]'
    client, _ = scripted("json2", lambda *_: httpx.Response(200, content=body))
    [page] = read_pages(client, STREAM, PLAN, org="acme")
    assert page.table["id"].to_pylist() == [1]
    assert [(reject["record_key"], reject["code"]) for reject in page.rejects] == [("2", "bad_text"), ("3", "bad_text")]


def test_one_client_serves_several_threads() -> None:
    server = TableOdoo("jsonrpc", rows(4000))
    client, scripts = scripted("jsonrpc", server, parallel_calls=4)

    def shard(first: int) -> list[int]:
        return ids_of(
            list(read_pages(client, STREAM, PLAN, org="acme", last_id=first, end_id=first + 1000, page_size=100))
        )

    with ThreadPoolExecutor(4) as threads:
        shards = list(threads.map(shard, range(0, 4000, 1000)))
    assert [record for ids in shards for record in ids] == list(range(1, 4001))
    assert client.calls == len(scripts.seen) + 3
