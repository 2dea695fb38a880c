"""What a model and a field are, and how those of one version are read from `schema.py`.

Values and how they are computed do not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sync_assets.sandbox.odoo.schema import MODELS

VERSIONS = ("17.0", "18.0", "19.0")


@dataclass(frozen=True)
class Field:
    """One field. `via` names the many2one through which a related field reads its value."""

    name: str
    type: str
    relation: str | None = None
    inverse: str | None = None
    store: bool = True
    required: bool = False
    readonly: bool = False
    company_dependent: bool = False
    translate: bool = False
    digits: int | None = None
    via: str | None = None
    group: str | None = None

    @property
    def empty(self) -> Any:
        """What the field holds when nothing was ever written to it."""
        if self.company_dependent:
            return {}
        return {"integer": 0, "float": 0.0, "monetary": 0.0, "one2many": [], "many2many": []}.get(self.type, False)

    def describe(self) -> dict[str, Any]:
        """The field as `fields_get` describes it."""
        plain = self.store or self.via is not None
        answer: dict[str, Any] = {
            "type": self.type,
            "string": self.name.removesuffix("_id").removesuffix("_ids").replace("_", " ").title(),
            "store": self.store,
            "required": self.required,
            "readonly": self.readonly,
            "searchable": plain,
            "sortable": plain and not self.type.endswith("2many"),
            "company_dependent": self.company_dependent,
        }
        if self.relation:
            answer["relation"] = self.relation
        if self.type in ("char", "text", "html"):
            answer["translate"] = self.translate
        if self.type == "monetary":
            answer["currency_field"] = "currency_id"
        if self.type == "float":
            answer["digits"] = (16, self.digits) if self.digits else False
        return answer


@dataclass(frozen=True)
class Model:
    """One model: its label, the app that brings it, its default order and its fields."""

    name: str
    label: str
    app: str
    order: str
    fields: dict[str, Field] = field(default_factory=dict)


@cache
def build_models(version: str, installed: tuple[str, ...]) -> dict[str, Model]:
    """The models of a server of that version with those apps.

    >>> "mobile" in build_models("19.0", ("base",))["res.partner"].fields
    False
    """
    major = int(version.split(".")[0])
    models = {}
    for block in MODELS.strip().split("\n\n"):
        head, *lines = block.splitlines()
        name, app, label, order = (part.strip() for part in head.split("|"))
        app, _, condition = app.partition("@")
        if app not in installed or not _holds(condition, major):
            continue
        fields = {"id": Field("id", "integer", readonly=True)}
        for line in [*lines, *_EVERYWHERE]:
            described = _parse(line.split(), major, installed)
            if described:
                fields[described.name] = described
        models[name] = Model(name, label, app, order, fields)
    return models


def _parse(tokens: list[str], major: int, installed: tuple[str, ...]) -> Field | None:
    """A field from its line `name type[=relation[:inverse]] flag...`; None where this server has no such field."""
    kind, _, relation = tokens[1].partition("=")
    relation, _, inverse = relation.partition(":")
    options: dict[str, Any] = {}
    for token in tokens[2:]:
        flag, _, condition = token.partition("@")
        holds = _holds(condition, major)
        if not flag and not holds:
            return None
        if not flag or not holds:
            continue
        key, _, value = flag.partition("=")
        if key == "app":
            if value not in installed:
                return None
        elif key == "computed":
            options["store"] = False
        elif key == "via":
            options |= {"via": value, "store": False}
        elif key == "price":
            options["digits"] = 2
        elif key == "digits":
            options["digits"] = int(value)
        else:
            options[key] = value or True
    return Field(tokens[0], kind, relation=relation or None, inverse=inverse or None, **options)


def _holds(condition: str, major: int) -> bool:
    """True when the version meets a condition such as `<19`, `>=18` or `17`; an empty one always holds."""
    if condition.startswith("<"):
        return major < int(condition[1:])
    if condition.startswith(">="):
        return major >= int(condition[2:])
    return not condition or major == int(condition)


_EVERYWHERE = (
    "display_name char computed readonly",
    "create_date datetime readonly",
    "write_date datetime readonly",
)
