"""What an answer of the vendor API means: pure functions of status and body that never guess "exists" or "absent".

Sending does not belong here, nor what to do about an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import orjson

Kind = Literal["ok", "switch", "permanent", "retryable", "fatal"]
Decision = Literal["update", "create", "unknown"]
Endpoint = Literal["create", "read", "update"]

ABSENT = "product_not_found"
PRESENT = "variant_default_code_exists"
CODE = re.compile(r"[a-z0-9_]{1,64}")
NO_ERROR = (None, False, "")
NOT_JSON = object()
SWITCHES = {("update", ABSENT), ("create", PRESENT)}
REFUSALS = {
    401: ("unauthorized", "The token was refused; check the API token"),
    403: ("partner_refused", "The partner id is not allowed for this token; check the partner id"),
    404: ("endpoint_missing", "No vendor API at this address; check the base url"),
}


@dataclass(frozen=True)
class Verdict:
    """What a call came to. `outcome_unknown` means that a write may have been applied; `retry_after` is in seconds."""

    kind: Kind
    code: str = ""
    message: str = ""
    outcome_unknown: bool = False
    retry_after: float | None = None


OK = Verdict("ok")


def parse(body: bytes) -> Any:
    """The JSON of a body, or `NOT_JSON`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return NOT_JSON


def decide(status: int, answer: Any) -> Decision:
    """Whether the product that was read exists. Everything that is not plain is `unknown` and leads to no write.

    >>> decide(200, {"result": {"product": {"id": 7}}}), decide(200, {"result": {"error": "product_not_found"}})
    ('update', 'create')
    >>> decide(200, {"error": {"code": 200}}), decide(200, {"result": {}}), decide(500, {"result": {"id": 7}})
    ('unknown', 'unknown', 'unknown')
    """
    if not 200 <= status < 300 or not isinstance(answer, dict) or answer.get("error") not in NO_ERROR:
        return "unknown"
    result = answer.get("result")
    if not isinstance(result, dict) or not result:
        return "unknown"
    error = result.get("error")
    if error == ABSENT:
        return "create"
    if error not in NO_ERROR:
        return "unknown"
    if "product" in result and not (isinstance(result["product"], dict) and result["product"]):
        return "unknown"
    return "update"


def classify(endpoint: Endpoint, status: int, answer: Any, retry_after: float | None = None) -> Verdict:
    """What an answer that came back whole means. `answer` is its JSON, or `NOT_JSON`.

    >>> classify("update", 200, {"result": {"error": "variants_incomplete"}}).kind
    'permanent'
    >>> classify("update", 200, {"error": {"message": "boom"}}).code
    'odoo_exception'
    """
    if 200 <= status < 300:
        verdict = _classify_success(endpoint, answer)
        if endpoint == "read" and verdict.kind == "ok" and decide(status, answer) == "unknown":
            return Verdict("retryable", "bad_answer", "The answer to the read says neither found nor absent")
        return verdict
    is_write = endpoint != "read"
    if status in REFUSALS:
        return Verdict("fatal", *REFUSALS[status])
    if 300 <= status < 400:
        return Verdict("fatal", "redirected", "The server redirects to another address; set that one as base url")
    code = f"http_{status}"
    if status == 429:
        return Verdict("retryable", code, "Too many calls (status 429)", False, retry_after)
    if status == 408 or status >= 500:
        wish = retry_after if status == 503 else None
        return Verdict("retryable", code, f"The server cannot answer now (status {status})", is_write, wish)
    if 400 <= status < 500:
        return Verdict("permanent", code, f"The server refuses the request (status {status})")
    return Verdict("retryable", "bad_answer", f"The server answers with the unexpected status {status}", is_write)


def _classify_success(endpoint: Endpoint, answer: Any) -> Verdict:
    is_write = endpoint != "read"
    error = envelope_error(answer)
    if error is not None:
        if _exception_name(error).endswith(("AccessError", "AccessDenied")):
            return Verdict("fatal", "access", "Odoo denies access to the vendor module; check the user's rights")
        return Verdict("retryable", "odoo_exception", "The vendor module raised an error", is_write)
    result = answer.get("result") if isinstance(answer, dict) else None
    if result is None or result is False:
        return Verdict("retryable", "bad_answer", "The answer is not a usable JSON answer", is_write)
    problem = result.get("error") if isinstance(result, dict) else None
    if problem in NO_ERROR:
        return OK
    if (endpoint, problem) in SWITCHES or (endpoint == "read" and problem == ABSENT):
        return Verdict("switch", str(problem))
    code = problem if isinstance(problem, str) and CODE.fullmatch(problem) else "business_error"
    said = result.get("message")
    return Verdict("permanent", code, f"The vendor refuses: {said if isinstance(said, str) and said else code}"[:500])


def envelope_error(answer: Any) -> Any:
    """The error object of an unhandled exception inside Odoo, None without one."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return None if error in NO_ERROR else error


def _exception_name(error: Any) -> str:
    data = error.get("data") if isinstance(error, dict) else None
    return str(data.get("name", "")) if isinstance(data, dict) else ""


def result_of(answer: Any) -> dict[str, Any]:
    """The result object of an answer, empty without one."""
    result = answer.get("result") if isinstance(answer, dict) else None
    return result if isinstance(result, dict) else {}


def remote_id_of(answer: Any) -> str | None:
    """The vendor's id of the product, when the answer to a create or read tells it."""
    result = result_of(answer)
    product = result.get("product")
    found = result.get("product_id") or (product.get("id") if isinstance(product, dict) else None)
    return str(found) if isinstance(found, int | str) and not isinstance(found, bool) else None


def quantity_of(answer: Any, default_code: str) -> Decimal | None:
    """The stock that a read shows for one default_code, of the product itself or of one of its variants."""
    product = result_of(answer).get("product")
    product = product if isinstance(product, dict) else result_of(answer)
    variants = product.get("variants")
    for entry in variants if isinstance(variants, list) else ():
        if isinstance(entry, dict) and entry.get("default_code") == default_code:
            return _number(entry.get("vendor_on_hand_qty"))
    return _number(product.get("vendor_on_hand_qty"))


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
