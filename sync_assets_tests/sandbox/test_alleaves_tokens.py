"""How long tokens live and what they look like, by the sandbox's own clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox
from sync_assets.sandbox.alleaves.tokens import Tokens, claims_of
from sync_assets_tests.sandbox.alleaves_calls import DIALECTS, NOON, Caller, small_store


def status_after(server: AlleavesSandbox, caller: Caller, seconds: float) -> int:
    server.now = lambda: NOON + timedelta(seconds=seconds)
    return caller.customers().status_code


@pytest.mark.parametrize(("dialect", "life"), [("observed", 86_400), ("documented", 900)])
def test_each_dialect_has_its_own_life(dialect: str, life: int) -> None:
    server = AlleavesSandbox(dialect, small_store(2))
    server.now = lambda: NOON
    with server, Caller(server) as caller:
        caller.login()
        claims = claims_of(caller.token)
        assert len(caller.token.split(".")) == 3
        assert claims["iat"] == NOON.timestamp()
        assert claims["exp"] - claims["iat"] == life
        assert status_after(server, caller, life - 1) == 200
        assert status_after(server, caller, life) == 401
        assert caller.customers().json() == {"message": "Token has expired"}
        caller.login()
        assert status_after(server, caller, life) == 200


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_life_of_any_length(dialect: str) -> None:
    server = AlleavesSandbox(dialect, small_store(2), token_seconds=60)
    server.now = lambda: NOON
    with server, Caller(server) as caller:
        caller.login()
        assert claims_of(caller.token)["exp"] == NOON.timestamp() + 60
        assert status_after(server, caller, 59) == 200
        server.tokens.seconds = 5
        caller.login()
        assert status_after(server, caller, 63) == 200
        assert status_after(server, caller, 64) == 401


@pytest.mark.parametrize("kind", ["opaque", "no_exp", "past_exp"])
def test_tokens_that_do_not_tell_their_life(kind: str) -> None:
    server = AlleavesSandbox(store=small_store(2), token_seconds=900, token_kind=kind)
    server.now = lambda: NOON
    with server, Caller(server) as caller:
        caller.login()
        if kind == "opaque":
            assert "." not in caller.token
        else:
            assert claims_of(caller.token).get("exp") == (None if kind == "no_exp" else NOON.timestamp() - 60)
        assert status_after(server, caller, 899) == 200
        assert status_after(server, caller, 900) == 401


def test_every_login_gives_another_token_and_the_earlier_ones_live_on() -> None:
    server = AlleavesSandbox(store=small_store(2))
    server.now = lambda: NOON
    with server, Caller(server) as caller:
        caller.login()
        first = caller.token
        caller.login()
        assert caller.token != first
        caller.token = first
        assert caller.customers().status_code == 200
        server.tokens.revoke_all()
        assert caller.customers().status_code == 401


def test_a_token_of_another_server_is_not_known() -> None:
    servers = AlleavesSandbox(store=small_store(2)), AlleavesSandbox(store=small_store(2))
    with servers[0] as one, servers[1] as other, Caller(one) as here, Caller(other) as there:
        here.login()
        there.token = here.token
        assert there.customers().status_code == 401


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'cookie' is not one of jwt, opaque, no_exp, past_exp"):
        Tokens(60, "cookie").issue(NOON, {})
