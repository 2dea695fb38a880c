"""What `fields_get` tells about a field.

Which field fills which column does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELD_ATTRIBUTES = ["type", "store", "relation", "required", "readonly", "company_dependent", "translate"]


@dataclass(frozen=True)
class OdooField:
    """One field as `fields_get` describes it."""

    name: str
    type: str
    store: bool = True
    relation: str | None = None
    required: bool = False
    readonly: bool = False
    company_dependent: bool = False
    translate: bool = False

    @classmethod
    def described(cls, name: str, attributes: Mapping[str, Any]) -> OdooField:
        """From the server's own description; a missing attribute takes its default."""
        return cls(
            name,
            str(attributes.get("type", "")),
            store=bool(attributes.get("store", True)),
            relation=attributes.get("relation") or None,
            required=bool(attributes.get("required")),
            readonly=bool(attributes.get("readonly")),
            company_dependent=bool(attributes.get("company_dependent")),
            translate=bool(attributes.get("translate")),
        )
