"""Rows of contact files: one event of one contact, such as a campaign mail that was opened.

Several events of one contact become one row elsewhere. Canonical specification, sections 1.6 and 3.5.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.reading import Reading, lost
from sync_assets.sources.isavigne.values import plain
from sync_assets.tables.raw.isavigne import CONTACT_CHANNELS, CONTACT_STATUSES
from sync_assets.transforms.columns import map_unique, prefixed

CHANNELS = {word: word for word in CONTACT_CHANNELS} | {
    "mail": "email", "e-mail": "email", "courriel": "email", "emailing": "email", "texto": "sms",
    "telephone": "phone", "tel": "phone", "appel": "phone", "web": "website", "site": "website", "boutique": "direct",
}  # fmt: skip
STATUSES = {word: word for word in CONTACT_STATUSES} | {
    "envoye": "sent", "delivre": "delivered", "recu": "delivered", "ouvert": "opened", "clique": "clicked",
    "clic": "clicked", "repondu": "replied", "echec": "failed", "bounce": "bounced", "rebond": "bounced",
    "desabonne": "unsubscribed", "desinscrit": "unsubscribed", "plainte": "complained", "spam": "complained",
}  # fmt: skip


def read_contacts(chunk: Chunk, reading: Reading, findings: Findings) -> dict[str, Any]:
    """Columns of raw.isavigne_contacts by name."""
    findings.require("client_code")
    findings.require("date")
    codes = reading.client_codes(chunk)
    moments, days = reading.moments(chunk, "date", findings, required=True)
    channels = _words(chunk, findings, "channel", CHANNELS, "direct")
    content = (prefixed("isavigne", codes), days.cast(pa.string()), channels, chunk.text("campaign"))
    hashed = map_unique(_join(*content), hash_text, pa.string())
    return {
        "record_key": pc.coalesce(prefixed("isavigne", chunk.text("contact_id")), prefixed("isavigne", hashed)),
        "client_code": codes,
        "date_contact": moments,
        "campaign": chunk.text("campaign"),
        "channel": channels,
        "status": _words(chunk, findings, "status", STATUSES, "sent"),
        "subject": chunk.text("subject"),
        "product_key_suggested": chunk.text("product_key"),
        "response_details": chunk.text("response_details"),
    }


def _words(chunk: Chunk, findings: Findings, name: str, words: dict[str, str], default: str) -> Any:
    texts = chunk.text(name)
    found = map_unique(texts, lambda text: words.get(plain(text)), pa.string())
    findings.warn(lost(texts, found), name, "bad_value", f"Not one of {', '.join(dict.fromkeys(words.values()))}.")
    return pc.coalesce(found, pa.scalar(default))


def _join(*parts: Any) -> Any:
    return pc.binary_join_element_wise(*parts, "\x1f", null_handling="replace", null_replacement="")


def hash_text(text: str) -> str:
    """The part of a key that stands for the content of a row."""
    return "h" + hashlib.sha256(text.encode()).hexdigest()[:20]
