"""Token rules: life, renewal, one login at a time, one new login after a refusal."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.errors import ConfigurationError, SourceDataError
from sync_assets.sources.alleaves.tokens import Token, read_expiry, read_token
from sync_assets_tests.sources.alleaves.support import NOW, Clock, Service, client_of, customers, jwt, paged, read_all

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("text", "life"),
    [
        (jwt(lives=86_400), timedelta(days=1)),
        (jwt(lives=900), QUARTER),
        (jwt(lives=60), timedelta(seconds=60)),
        # 5: no expiry that can be used
        ("opaque-token", QUARTER),
        ("a.b.c", QUARTER),
        (jwt({"sub": 7}), QUARTER),
        (jwt({"exp": None}), QUARTER),
        (jwt({"exp": "soon"}), QUARTER),
        (jwt({"exp": True}), QUARTER),
        (jwt({"exp": 1e30}), QUARTER),
        (jwt({"exp": (NOW - timedelta(seconds=1)).timestamp()}), QUARTER),
        (jwt({"exp": NOW.timestamp()}), QUARTER),
        (jwt([]), QUARTER),  # type: ignore[arg-type]
    ],
)
def test_the_life_of_a_token_1_5(text: str, life: timedelta) -> None:
    assert Token.issued(text, NOW).expires_at - NOW == life


@given(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_any_text_has_an_expiry_or_none(text: str) -> None:
    expires_at = read_expiry(text)
    assert expires_at is None or expires_at.tzinfo == UTC


@pytest.mark.parametrize(
    ("lives", "kept", "renewed"),
    [
        (timedelta(minutes=15), timedelta(minutes=10), timedelta(minutes=10, microseconds=1)),
        (timedelta(seconds=60), timedelta(seconds=40), timedelta(seconds=40, microseconds=1)),
        (timedelta(hours=24), timedelta(hours=23, minutes=55), timedelta(hours=23, minutes=55, seconds=1)),
    ],
)
def test_when_a_token_is_renewed_1(lives: timedelta, kept: timedelta, renewed: timedelta) -> None:
    token = Token("t", NOW, NOW + lives)
    assert not token.is_due(NOW + kept)
    assert token.is_due(NOW + renewed)


def test_the_client_renews_a_token_before_it_ends_and_not_before_1() -> None:
    clock, service = Clock(), Service()
    service.replies["login"] = lambda call: {"token": jwt(lives=900, issued=clock.moment)}
    with client_of(service, clock=clock) as client:
        client.inventory("1000")
        clock.moment = NOW + timedelta(minutes=9)
        client.inventory("1000")
        assert client.logins == 1
        clock.moment = NOW + timedelta(minutes=11)
        client.inventory("1000")
        assert client.logins == 2


def test_only_the_token_of_the_reply_is_needed_5() -> None:
    service = Service({"login": [{"token": "opaque"}]})
    with client_of(service) as client:
        for _ in range(3):
            client.inventory("1000")
        assert client.logins == 1
    assert {call["headers"]["authorization"] for call in service.of("inventory")} == {"Bearer opaque"}


@pytest.mark.parametrize("reply", [{}, {"token": None}, {"token": ""}, {"token": "a\nb"}, {"token": "jéton"}, [], "x"])
def test_a_login_without_a_usable_token_is_a_failure(reply: Any) -> None:
    assert read_token(reply) is None
    with client_of(Service({"login": [reply]})) as client, pytest.raises(SourceDataError) as caught:
        client.login()
    assert caught.value.code == "unexpected_shape"


def test_two_parallel_first_calls_cause_one_login_6() -> None:
    ready = threading.Barrier(4)

    def slow_login(call: dict[str, Any]) -> dict[str, Any]:
        threading.Event().wait(0.05)
        return {"token": jwt()}

    service = Service({"login": slow_login})
    with client_of(service) as client:

        def read() -> None:
            ready.wait()
            client.inventory("1000")

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(service.of("login")), len(service.of("inventory"))) == (1, 4)


def test_a_token_refused_between_pages_costs_one_login_and_no_row_2() -> None:
    rows, refused = customers(250), {"Bearer first"}
    turn = paged(rows)

    def answer(call: dict[str, Any]) -> Any:
        if call["json"]["page"] == 2 and call["headers"]["authorization"] in refused:
            return httpx.Response(401, json={"message": "Token has expired"})
        return turn(call)

    service = Service({"login": [{"token": "first"}, {"token": "second"}], "customers": answer})
    with client_of(service) as client:
        assert read_all(client.customers()) == rows
        assert client.logins == 2
    assert [call["json"]["page"] for call in service.of("customers")] == [1, 2, 2, 3]


def test_a_second_401_is_a_failure() -> None:
    service = Service({"customers": [httpx.Response(401, json={"message": "No"})]})
    with client_of(service) as client, pytest.raises(ConfigurationError, match=r"status 401\) \(No\)") as caught:
        read_all(client.customers())
    assert caught.value.code == "unauthorized"
    assert (len(service.of("login")), len(service.of("customers"))) == (2, 2)


def test_parallel_calls_refused_with_one_token_cause_one_new_login() -> None:
    ready = threading.Barrier(3, timeout=5)

    def answer(call: dict[str, Any]) -> Any:
        if call["headers"]["authorization"] == "Bearer first":
            ready.wait()
            return httpx.Response(401)
        return []

    service = Service({"login": [{"token": "first"}, {"token": "second"}, {"token": "third"}], "inventory": answer})
    with client_of(service) as client:
        threads = [threading.Thread(target=client.inventory, args=("1000",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.logins == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_final_3(status: int) -> None:
    service = Service({"login": [httpx.Response(status, json={"message": "Missing Authorization Header"})]})
    clock = Clock()
    with client_of(service, clock=clock) as client:
        for call in (client.login, client.login, lambda: client.inventory("1000")):
            with pytest.raises(ConfigurationError, match=r"Missing Authorization Header.*check username") as caught:
                call()
            assert caught.value.code == "login_refused"
    assert (len(service.calls), clock.naps) == (1, [])


def test_a_login_that_fails_for_a_moment_is_repeated() -> None:
    service = Service({"login": [httpx.Response(503), httpx.Response(200, text="<html>"), {"token": "t"}]})
    with client_of(service) as client:
        client.login()
    assert len(service.calls) == 3


def test_what_a_login_sends_4() -> None:
    service = Service()
    with client_of(service) as client:
        client.login()
    (call,) = service.calls
    assert call["json"] == {"username": "sync@acme.example", "password": "canary-pass-93f1", "pin": "canary-pin-7714"}
    assert not {"authorization", "x-partner-id"} & set(call["headers"])
    assert datetime.fromisoformat("2026-11-20T18:00:00+00:00") == NOW
