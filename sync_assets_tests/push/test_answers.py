"""Decisions and classes of answers: the tables of the rules, and that nothing unclear ever leads to a write."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.push.attempts import Attempt, make_attempt
from sync_assets.targets.vendor_api import Call, VendorClient, Verdict, classify, decide, redact
from sync_assets.targets.vendor_api.answers import NOT_JSON, quantity_of
from sync_assets_tests.push.support import org_for

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["result", "error", "product", "product_id", "data", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.integers(100, 599), json)
def test_only_plain_answers_lead_to_a_write(status: int, answer: Any) -> None:
    decision = decide(status, answer)
    verdict = classify("read", status, answer)
    if decision == "create":
        assert answer["result"]["error"] == "product_not_found"
    if decision == "update":
        assert answer["result"]
        assert not answer["result"].get("error")
        assert answer["result"].get("product", True)
    assert (decision != "unknown") == (verdict.kind in ("ok", "switch"))
    assert not verdict.outcome_unknown


@given(st.sampled_from(["create", "update"]), st.integers(100, 599), json)
def test_a_write_is_a_success_only_with_a_usable_result(endpoint: Any, status: int, answer: Any) -> None:
    verdict = classify(endpoint, status, answer)
    if verdict.kind == "ok":
        assert 200 <= status < 300
        assert answer["result"] is not None
        assert answer.get("error") in (None, False, "")
    if verdict.outcome_unknown:
        assert verdict.kind == "retryable"


@pytest.mark.parametrize(
    ("endpoint", "status", "answer", "expected"),
    [
        ("create", 200, {"jsonrpc": "2.0", "id": 1, "result": {"product_id": 7}}, ("ok", "", False)),
        ("update", 200, {"result": True}, ("ok", "", False)),
        ("update", 200, {"result": {"error": "product_not_found"}}, ("switch", "product_not_found", False)),
        (
            "create",
            200,
            {"result": {"error": "variant_default_code_exists"}},
            ("switch", "variant_default_code_exists", False),
        ),
        ("create", 200, {"result": {"error": "product_not_found"}}, ("permanent", "product_not_found", False)),
        ("create", 200, {"result": {"error": "variants_incomplete"}}, ("permanent", "variants_incomplete", False)),
        ("update", 200, {"result": {"error": "No such thing!"}}, ("permanent", "business_error", False)),
        (
            "update",
            200,
            {"error": {"code": 200, "data": {"name": "builtins.ValueError"}}},
            ("retryable", "odoo_exception", True),
        ),
        ("update", 200, {"error": {"data": {"name": "odoo.exceptions.AccessError"}}}, ("fatal", "access", False)),
        ("update", 200, NOT_JSON, ("retryable", "bad_answer", True)),
        ("read", 200, NOT_JSON, ("retryable", "bad_answer", False)),
        ("read", 200, {"result": {"product": {}}}, ("retryable", "bad_answer", False)),
        ("update", 200, {"result": None}, ("retryable", "bad_answer", True)),
        ("update", 408, None, ("retryable", "http_408", True)),
        ("update", 503, None, ("retryable", "http_503", True)),
        ("update", 429, None, ("retryable", "http_429", False)),
        ("update", 401, None, ("fatal", "unauthorized", False)),
        ("update", 403, None, ("fatal", "partner_refused", False)),
        ("update", 404, None, ("fatal", "endpoint_missing", False)),
        ("update", 302, None, ("fatal", "redirected", False)),
        ("update", 422, None, ("permanent", "http_422", False)),
    ],
)
def test_classes(endpoint: Any, status: int, answer: Any, expected: tuple[str, str, bool]) -> None:
    verdict = classify(endpoint, status, answer)
    assert (verdict.kind, verdict.code, verdict.outcome_unknown) == expected


def client_for(handler: Any) -> VendorClient:
    from contextlib import nullcontext

    vendor = org_for("https://odoo.example.test").targets.vendor_api
    assert vendor is not None
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return VendorClient(vendor, "hush-hush", permit=nullcontext, http=http)


def test_the_request_on_the_wire() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": None, "result": {"product": {"id": 7}}})

    call = client_for(answer).call("read", {"default_code": "A-1"})
    assert (call.decision, call.status) == ("update", 200)
    assert str(seen[0].url) == "https://odoo.example.test/vendor_api/product/read?partner_id=13"
    assert seen[0].method == "POST"
    assert seen[0].headers["authorization"] == "Bearer hush-hush"
    assert seen[0].headers["content-type"] == "application/json"
    assert seen[0].content == b'{"default_code":"A-1"}'


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("99999999999999", 1e9),
    ],
)
def test_the_wish_for_a_pause(header: str, seconds: float | None) -> None:
    call = client_for(lambda request: httpx.Response(429, headers={"Retry-After": header})).call("read", {})
    assert call.verdict.retry_after == seconds


def test_what_was_not_sent_has_a_known_outcome() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    verdict = client_for(refuse).call("update", {}).verdict
    assert (verdict.kind, verdict.code, verdict.outcome_unknown) == ("retryable", "network", False)


def test_a_vendor_that_contradicts_itself_ends_the_attempt() -> None:
    asked: list[str] = []

    def contradict(endpoint: Any, body: dict[str, Any]) -> Call:
        asked.append(endpoint)
        code = "product_not_found" if endpoint == "update" else "variant_default_code_exists"
        return Call(endpoint, "/x", body, 200, 1, {"result": {"error": code}}, Verdict("switch", code))

    payload = {"product": {"name": "A", "default_code": "A-1", "vendor_on_hand_qty": 1}, "supplier": {"price": 0}}
    row = {"desired_payload": payload, "acked_payload": payload, "acked_hash": "h", "outcome_unknown": False}
    attempt = Attempt()
    make_attempt(row, contradict, always_read=False, full_update=False, is_check=False, into=attempt)
    assert asked == ["update", "create"]
    assert (attempt.verdict.kind, attempt.verdict.code) == ("permanent", "switch_loop")


def test_redaction_finds_the_token_in_nine_places() -> None:
    secret = "s3cr3t-t0ken"
    planted = {
        "token": secret,
        "Authorization": f"Bearer {secret}",
        "API_KEY": secret,
        "user_password": secret,
        "set-cookie": secret,
        "message": f"refused {secret}",
        "list": [f"{secret}!"],
        secret: "as a key",
        "error": {"data": {"debug": f"Traceback {secret}", "name": secret}},
    }
    assert secret not in str(redact(planted, secret))
    assert "debug" not in redact(planted, secret)["error"]["data"]


def test_the_quantity_of_a_variant() -> None:
    product = {"vendor_on_hand_qty": 11, "variants": [{"default_code": "A-2", "vendor_on_hand_qty": 6}]}
    assert quantity_of({"result": {"product": product}}, "A-2") == 6
    assert quantity_of({"result": {"product": product}}, "A-1") == 11
    assert quantity_of({"result": {"product": {"id": 7}}}, "A-1") is None
