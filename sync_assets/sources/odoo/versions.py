"""Which Odoo is on the other side, and which transport suits it.

Logging in and reading do not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from sync_assets.sources.http import Answer
from sync_assets.sources.odoo.faults import Fault, Unusable
from sync_assets.sources.odoo.transports import Call, XmlRpc, parse_json

_TEXT = re.compile(r"(?:saas[~-])?(\d+)(?:\.(\d+))?")
# What the pages of servers and hosters say while Odoo itself is stopped or upgraded.
_MAINTENANCE = re.compile(
    rb"maintenance|upgrad|temporarily|unavailable|be back|starting up|bad gateway|indisponible|mise \xc3\xa0 jour",
    re.IGNORECASE,
)
_JSON = {"Content-Type": "application/json"}


class ServerVersion(NamedTuple):
    """A version of Odoo, comparable with others: `version >= ServerVersion(18, 2)`."""

    major: int
    minor: int

    @property
    def text(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: Any, details: Any = None) -> ServerVersion | None:
        """The version of a server's answer: its info list when there is one, else its text; None when unreadable.

        >>> ServerVersion.parse("18.0", ["saas~18", 2, 0, "final", 0, ""]).text
        '18.2'
        >>> ServerVersion.parse("17.0+e").text
        '17.0'
        """
        if isinstance(details, list | tuple) and len(details) >= 2:
            match = _TEXT.match(f"{details[0]}.{details[1]}")
        else:
            match = _TEXT.match(text) if isinstance(text, str) else None
        return cls(int(match.group(1)), int(match.group(2) or 0)) if match else None


def version_probes(transport: str) -> Iterator[Call]:
    """The requests that may tell the version, best first."""
    if transport == "xmlrpc":
        yield XmlRpc.envelope("common", "version", ())
        return
    if transport != "jsonrpc":
        yield Call("/web/version", {}, None, "GET")
    params = {"service": "common", "method": "version", "args": []}
    yield Call("/jsonrpc", _JSON, orjson.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}))
    yield Call(
        "/web/webclient/version_info", _JSON, orjson.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": {}})
    )


def read_version(call: Call, answer: Answer) -> ServerVersion | None:
    """The version in the answer to a probe, None when it has none."""
    if answer.status != 200:
        return None
    try:
        document = XmlRpc("", "", "").read(answer) if call.path.startswith("/xmlrpc") else parse_json(answer.body)
    except (Unusable, Fault):
        return None
    if isinstance(document, dict) and isinstance(document.get("result"), dict):
        document = document["result"]
    if not isinstance(document, dict):
        return None
    text = document.get("server_version") or document.get("version")
    return ServerVersion.parse(text, document.get("server_version_info") or document.get("version_info"))


def is_disturbed(answer: Answer) -> bool:
    """Whether an answer without a version comes from a server in trouble, so that asking later may help.

    Web pages and texts that speak of nothing of the kind are those of another site.
    """
    if answer.status >= 500:
        return True
    if answer.status != 200:
        return False
    if answer.is_web_page:
        return bool(_MAINTENANCE.search(answer.body[:20_000]))
    # An empty or cut-off document, or the report of an error.
    return answer.body.lstrip()[:1] in (b"", b"{", b"[") or answer.body.lstrip().startswith(b"<?xml")
