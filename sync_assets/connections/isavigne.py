"""Where one organisation's iSaVigne exports are, and how to read them.

Reading files does not belong here; that is `sources/isavigne`.
"""

from __future__ import annotations

import codecs
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sync_assets.connections.settings import Strict

IsavigneKind = Literal["produits", "clients", "ventes", "stock", "contacts"]
DocumentType = Literal["invoice", "receipt", "credit_note", "order"]


def _known_encoding(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        # Some codecs, such as base64, are not about text at all.
        "a".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"{name!r} is not an encoding; use a name such as utf-8 or cp1252") from error


class IsavigneConnection(Strict):
    """Where one organisation's iSaVigne exports are, and how to read them. `patterns` are file name patterns by kind."""

    export_path: Path
    patterns: dict[IsavigneKind, str] = {}
    settle_seconds: float = Field(30, ge=0)
    encoding: Annotated[str | None, AfterValidator(_known_encoding)] = None
    delimiter: Literal[";", ",", "\t", "|"] | None = None
    decimal_mark: Literal["auto", ","] = "auto"
    customer_code_case: Literal["keep", "upper"] = "keep"
    produits_delivery: Literal["full", "partial"] = "full"
    default_vat_rate: Decimal | None = Field(Decimal(20), ge=0, le=100)
    line_number_scope: Literal["global", "year", "document"] = "global"
    counted_document_types: tuple[DocumentType, ...] = ("invoice", "receipt", "credit_note")
    # By product name: the code of the product that sales without code mean.
    label_overrides: dict[str, str] = {}
    anonymous_sales: Literal["keep", "reject"] = "keep"
    expected_kinds: tuple[IsavigneKind, ...] = ("produits", "clients", "ventes", "stock")
    max_age_days: int = Field(8, ge=1)
    reject_limit: float = Field(0.2, ge=0, le=1)
