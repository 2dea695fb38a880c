"""The error table: what is tried again, how long it waits, what is said, and that no secret is in it."""

from __future__ import annotations

import json
import traceback
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.errors import ConfigurationError, SourceDataError, SourceUnavailable, SyncError
from sync_assets.sources.alleaves.faults import Masker, error_text
from sync_assets_tests.sources.alleaves.support import PARTNER, PASSWORD, PIN, Clock, Service, client_of, jwt, read_all


def plain(text: str) -> str:
    return text


def failing(*replies: Any, **more: Any) -> tuple[SyncError, Service, Clock]:
    service, clock = Service({"customers": list(replies)}), Clock()
    with client_of(service, clock=clock, min_interval_ms=0, **more) as client, pytest.raises(SyncError) as caught:
        read_all(client.customers())
    return caught.value, service, clock


@pytest.mark.parametrize(
    ("reply", "code"),
    [(httpx.Response(status), f"status_{status}") for status in (500, 502, 503, 504, 520)]
    + [
        (httpx.Response(429), "rate_limited"),
        (httpx.Response(200, text="<html>Maintenance</html>"), "not_json"),
        (httpx.Response(200, text='{"customers": ['), "not_json"),
        (httpx.Response(200), "not_json"),
    ],
)
def test_what_may_pass_is_tried_four_times_10(reply: httpx.Response, code: str) -> None:
    error, service, clock = failing(reply)
    assert isinstance(error, SourceUnavailable)
    assert error.code == code
    assert len(service.of("customers")) == 4
    assert [pytest.approx(seconds, rel=0.2) for seconds in (1, 4, 16)] == clock.naps


def test_it_passes_10() -> None:
    service = Service({"customers": [httpx.Response(500), httpx.Response(429), httpx.Response(200, text="?"), []]})
    with client_of(service) as client:
        assert read_all(client.customers()) == []
    assert len(service.of("customers")) == 4


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("slow"), httpx.ConnectError("refused"), httpx.RemoteProtocolError("gone")]
)
def test_broken_connections_are_tried_again_10(failure: httpx.HTTPError) -> None:
    tries = []

    def answer(call: dict[str, Any]) -> Any:
        tries.append(call)
        if len(tries) < 4:
            raise failure
        return []

    with client_of(Service({"customers": answer})) as client:
        assert read_all(client.customers()) == []


@pytest.mark.parametrize(
    ("header", "naps"), [("7", [7.0, 7.0, 7.0]), ("60", [60.0, 60.0, 60.0]), ("61", []), ("0", [0.0, 0.0, 0.0])]
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_replaces_the_wait_and_a_long_one_ends_the_tries_10(
    header: str, naps: list[float], status: int
) -> None:
    error, service, clock = failing(httpx.Response(status, headers={"Retry-After": header}))
    assert isinstance(error, SourceUnavailable)
    assert clock.naps == naps
    assert len(service.of("customers")) == len(naps) + 1


def test_the_retry_budget_is_a_setting() -> None:
    _, service, _ = failing(httpx.Response(500), retry_seconds=0.5)
    assert len(service.of("customers")) == 1


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, SourceDataError, "status_400"),
        (403, ConfigurationError, "no_access"),
        (404, ConfigurationError, "not_found"),
        (408, SourceDataError, "status_408"),
        (422, SourceDataError, "status_422"),
    ],
)
def test_any_other_refusal_fails_at_once_9(status: int, kind: type[SyncError], code: str) -> None:
    error, service, clock = failing(httpx.Response(status, json={"message": "No such thing"}))
    assert isinstance(error, kind)
    assert error.code == code
    assert "No such thing" in error.message
    assert (len(service.of("customers")), clock.naps) == (1, [])


def test_a_redirect_names_the_other_address() -> None:
    error, _, _ = failing(httpx.Response(302, headers={"Location": "https://elsewhere.example/x"}))
    assert (error.code, isinstance(error, ConfigurationError)) == ("redirected", True)


@pytest.mark.parametrize(
    "reply", [{"error": "Unknown order"}, {"error": {"message": "Unknown order"}, "customers": []}]
)
def test_an_error_in_a_good_reply_is_a_failure_and_not_tried_again_8(reply: Any) -> None:
    error, service, _ = failing(reply)
    assert (type(error), error.code) == (SourceDataError, "error_reply")
    assert "Unknown order" in error.message
    assert len(service.of("customers")) == 1


HTML = (
    "<html><head><style>h1 {}</style></head><body><h1>Bad   gateway</h1><p>" + "upstream " * 60 + "</p></body></html>"
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "Missing Authorization Header", "error": "x"}', "Missing Authorization Header"),
        (b'{"message": "", "error": "Unauthorized"}', "Unauthorized"),
        (b'{"error": {"code": 7, "message": "inner"}}', "inner"),
        (b'{"code": 7}', '{"code": 7}'),
        (b"upstream  is\nbeing updated", "upstream is being updated"),
        (HTML.encode(), ("Bad gateway " + "upstream " * 60)[:200]),
        (b'{"message": "' + b"x" * 500 + b'"}', "x" * 200),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_the_text_of_an_error_7(body: bytes, text: str) -> None:
    assert error_text(body, plain) == text


@given(st.binary(max_size=400))
def test_any_body_has_a_short_text(body: bytes) -> None:
    assert len(error_text(body, Masker(["canary"]))) <= 200


SECRET = 'pa<b>ss "wörd"/1'


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"message": f"wrong: {SECRET}"}),
        json.dumps({"message": f"wrong: {SECRET}"}, ensure_ascii=False),
        f"wrong: {SECRET}",
        f"<p>wrong: {SECRET}</p>",
        f"wrong: {quote(SECRET)}",
        "x" * 192 + SECRET,
        "wrong: " + json.dumps({"password": SECRET}),
    ],
)
def test_a_secret_is_masked_however_it_is_written_and_before_the_text_is_cut_7(body: str) -> None:
    text = error_text(body.encode(), Masker([SECRET]))
    assert "***" in text
    assert not any(part in text for part in ("ss ", "wörd", "w\\u00f6rd", "w%C3%B6rd"))


def test_tokens_and_headers_are_masked_even_when_unknown() -> None:
    mask = Masker([])
    assert mask(f"token {jwt()} of Bearer abc.def and Basic dXNlcjpw") == "token *** of Bearer *** and Basic ***"
    assert mask("Missing Authorization Header") == "Missing Authorization Header"


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500, 502])
@pytest.mark.parametrize("kind", ["login", "customers"])
def test_no_secret_leaves_the_client_by_any_error(kind: str, status: int) -> None:
    """The service echoes everything it was sent, and its tokens too."""

    def echo(call: dict[str, Any]) -> httpx.Response:
        said = f"{call['json']} {call['headers']} {jwt()}"
        return httpx.Response(status, json={"error": said} if status != 502 else None, text=None)

    service = Service({kind: echo})
    with client_of(service) as client:
        with pytest.raises(SyncError) as caught:
            read_all(client.customers())
        shown = repr(client) + repr(client.notes) + repr(caught.value)
    shown += "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (PASSWORD, PIN, PARTNER, jwt()) if secret in shown]
