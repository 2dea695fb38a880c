"""What may be kept of a request or an answer: no secret, no traceback, no more than a table should hold.

Headers are never passed in here, since they are never kept.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

SECRET_KEY = re.compile(r"token|secret|password|authorization|api_key|cookie", re.IGNORECASE)
HIDDEN = "***"
MAX_BYTES = 16_384


def redact(value: Any, secret: str) -> Any:
    """`value` without values of secret keys, without `data.debug`, and without the secret itself anywhere.

    >>> redact({"Api_Key": "k", "data": {"debug": "…", "name": "x"}, "said": "t0ken!"}, "t0ken")
    {'Api_Key': '***', 'data': {'name': 'x'}, 'said': '***!'}
    """
    if isinstance(value, dict):
        return {
            redact(str(key), secret): HIDDEN if SECRET_KEY.search(str(key)) else redact(entry, secret)
            for key, entry in _without_debug(value).items()
        }
    if isinstance(value, list | tuple):
        return [redact(entry, secret) for entry in value]
    if isinstance(value, str):
        # PostgreSQL cannot store NUL, and a lone surrogate cannot be sent.
        text = value.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
        return text.replace(secret, HIDDEN) if secret else text
    return value


def _without_debug(value: dict[Any, Any]) -> dict[Any, Any]:
    data = value.get("data")
    if not isinstance(data, dict) or "debug" not in data:
        return value
    return {**value, "data": {key: entry for key, entry in data.items() if key != "debug"}}


def cut(value: Any) -> Any:
    """`value`, or its first 16 kB as text with `truncated: true`."""
    text = orjson.dumps(value, default=str)
    if len(text) <= MAX_BYTES:
        return value
    return {"truncated": True, "text": text[: MAX_BYTES - 64].decode("utf-8", "ignore")}
