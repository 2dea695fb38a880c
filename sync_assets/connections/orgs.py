"""Organisations and the file they are read from, connections.yaml.

Settings of one system do not belong here; each has a file beside this one.
"""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, create_model, field_validator

from sync_assets.connections.alleaves import AlleavesConnection
from sync_assets.connections.isavigne import IsavigneConnection
from sync_assets.connections.odoo import OdooConnection
from sync_assets.connections.settings import Strict, Zone
from sync_assets.connections.vendor import ShopConnection, Targets
from sync_assets.errors import ConfigurationError

SourceName = Literal["odoo", "isavigne", "alleaves"]
Category = Literal["rouge", "blanc", "rosé", "pétillant", "mousseux", "fortifié", "autre"]
ORG_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")


class AvatarSettings(Strict):
    """Rules of the customer avatars of one organisation; the defaults are those of the requirement."""

    months_back: int = Field(default=4, ge=0)
    revenue_basis: Literal["taxed", "untaxed"] = "taxed"
    root_policy: Literal["topmost", "commercial"] = "topmost"
    high_churn_cutoff: int = Field(default=70, ge=0, le=100)
    fresh_hours: int = Field(default=26, ge=1)


class LoyaltySettings(Strict):
    """What the loyalty tier is measured by, and the smallest measure of bronze, silver, gold and platinum."""

    measure: Literal["loyalty_points", "total_spent"] = "loyalty_points"
    thresholds: tuple[Annotated[Decimal, Field(max_digits=18, decimal_places=2)], ...] = tuple(
        map(Decimal, (0, 200, 500, 1000))
    )

    @field_validator("thresholds")
    @classmethod
    def _check_rising(cls, thresholds: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        is_rising = all(low < high for low, high in pairwise(thresholds))
        if len(thresholds) != 4 or thresholds[0] != 0 or not is_rising:
            raise ValueError("must be four strictly rising numbers starting with 0, such as [0, 200, 500, 1000]")
        return thresholds


class BottleSettings(Strict):
    """How quantities become bottles of 75 cl where the unit alone does not say it."""

    default_carton_size: int | None = Field(default=None, ge=1)
    bordeaux_jeroboam_cl: Literal[500, 450] = 500
    bordeaux_regions: tuple[str, ...] = (
        "medoc",
        "graves",
        "sauternes",
        "pomerol",
        "saint emilion",
        "pauillac",
        "margaux",
        "pessac",
    )


def _check_bounds(bounds: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    if len(bounds) != 3 or not 0 < bounds[0] < bounds[1] < bounds[2]:
        raise ValueError("must be three strictly rising prices above 0, such as [15, 30, 75]")
    return bounds


# Where standard, premium and luxury begin.
SegmentBounds = Annotated[
    tuple[Annotated[Decimal, Field(max_digits=18, decimal_places=2)], ...], AfterValidator(_check_bounds)
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Sources(Strict):
    odoo: OdooConnection | None = None
    alleaves: AlleavesConnection | None = None
    isavigne: IsavigneConnection | None = None
    shop: ShopConnection | None = None

    @property
    def names(self) -> set[str]:
        """The sources that are read into the warehouse; the shop is only asked for what is to be pushed."""
        return {name for name, connection in self if connection is not None and name != "shop"}


@cache
def sources_model() -> type[Sources]:
    """Sources with the settings of every further source: the class `Connection` of its reader in `sources/`."""
    package = import_module("sync_assets.sources")
    names = (found.name for found in pkgutil.iter_modules(package.__path__) if found.name not in Sources.model_fields)
    found = {name: getattr(import_module(f"{package.__name__}.{name}"), "Connection", None) for name in names}
    further: dict[str, Any] = {name: (model | None, None) for name, model in found.items() if model is not None}
    return create_model("Sources", __base__=Sources, **further) if further else Sources


class Org(Strict):
    """One organisation: who it is, what is read from where, what is sent where."""

    org_id: str
    name: str
    timezone: Zone = "Europe/Paris"
    country: str = Field("FR", pattern=r"^[A-Z]{2}$")
    currency: Currency = "EUR"
    active: bool = True
    default_vat_rate: Decimal | None = Field(None, ge=0, le=100)
    list_price_basis: Literal["untaxed", "taxed"] = "untaxed"
    avatars: AvatarSettings = AvatarSettings()
    loyalty: LoyaltySettings = LoyaltySettings()
    bottles: BottleSettings = BottleSettings()
    # Which source describes a product that several have: the first of these that has it.
    catalog_source_priority: tuple[SourceName, ...] = ("odoo", "isavigne", "alleaves")
    category_overrides: dict[str, Category] = {}
    # By currency; one that is not named has the bounds 15, 30 and 75.
    segment_bounds: dict[Currency, SegmentBounds] = {}
    sources: Sources = Sources()
    targets: Targets = Targets()

    @field_validator("sources", mode="before")
    @classmethod
    def _read_sources(cls, sources: Any) -> Any:
        if not isinstance(sources, dict):
            return sources
        has_further = not set(sources) <= set(Sources.model_fields)
        return (sources_model() if has_further else Sources).model_validate(sources)

    @field_validator("org_id")
    @classmethod
    def _check_org_id(cls, org_id: str, info: ValidationInfo) -> str:
        if not ORG_ID.match(org_id):
            raise ValueError("use lower-case letters, digits, - and _ only, at most 63")
        return org_id


@dataclass(frozen=True)
class Connections:
    """The good organisations by id, and one line per problem found in the file."""

    orgs: dict[str, Org] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def active(self) -> dict[str, Org]:
        return {org_id: org for org_id, org in self.orgs.items() if org.active}

    def org(self, org_id: str) -> Org:
        """Raises ConfigurationError for an unknown organisation, with the names that exist."""
        if org_id not in self.orgs:
            known = ", ".join(sorted(self.orgs)) or "none"
            why = next((f" ({problem})" for problem in self.problems if f" {org_id}:" in problem), "")
            raise ConfigurationError(
                f"Unknown organisation {org_id!r}{why}; connections.yaml has: {known}", code="unknown_org"
            )
        return self.orgs[org_id]


def load_connections(path: Path) -> Connections:
    """Reads connections.yaml. Raises ConfigurationError when the file itself cannot be read.

    A wrong organisation becomes a line in `problems` that names the file, the organisation and the field.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist; set SYNC_ASSETS_CONNECTIONS or create it", code="no_connections"
        ) from None
    except OSError as error:
        why = "is a folder" if path.is_dir() else f"cannot be read ({(error.strerror or str(error)).lower()})"
        raise ConfigurationError(
            f"{path} {why}; set SYNC_ASSETS_CONNECTIONS to a file that this user may read", code="no_connections"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise ConfigurationError(
            f"{path} is not valid YAML{line}; check the indentation", code="bad_connections"
        ) from None
    entries = document.get("orgs") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        raise ConfigurationError(f"{path} needs a top-level mapping `orgs:`", code="bad_connections")
    found = Connections()
    for org_id, entry in entries.items():
        try:
            found.orgs[str(org_id)] = Org.model_validate({"org_id": str(org_id), **(entry or {})})
        except (ValidationError, TypeError) as error:
            found.problems.extend(_explain(path, str(org_id), error))
    return found


def _explain(path: Path, org_id: str, error: ValidationError | TypeError) -> list[str]:
    if isinstance(error, TypeError):
        return [f"{path.name}, {org_id}: must be a mapping"]
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in problem["loc"]) or "entry"
        lines.append(f"{path.name}, {org_id}: {where}: {problem['msg'].removeprefix('Value error, ')}")
    return lines
