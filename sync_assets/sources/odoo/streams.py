"""What is read from Odoo: one stream per raw table, and which fields fill its columns on the server at hand.

Reading and decoding rows do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sync_assets.connections import FIELD_NAME
from sync_assets.errors import ConfigurationError, SourceDataError
from sync_assets.sources.odoo.fields import OdooField
from sync_assets.tables import raw
from sync_assets.tables.spec import Kind, Table

# Columns that the warehouse fills, not Odoo.
_OURS = {"org_id", "extra", "deleted_at", "first_seen_at", "fetched_at", "run_id"}

_TYPES: dict[str, frozenset[str]] = {
    "text": frozenset({"char", "text", "html", "selection", "reference"}),
    "integer": frozenset({"integer", "many2one", "many2one_reference"}),
    "number": frozenset({"float", "monetary", "integer"}),
    "rate": frozenset({"float", "monetary", "integer"}),
    "timestamp": frozenset({"datetime"}),
    "date": frozenset({"date"}),
    "boolean": frozenset({"boolean"}),
    "integer_list": frozenset({"many2many", "one2many"}),
}
_NEVER_READ = {"binary", "image", "properties_definition"}


@dataclass(frozen=True)
class Stream:
    """One model read into one raw table.

    `needed` are the columns without which the rows are useless. `aliases` name the alternatives of a column, newest
    first. `may_lack` are columns that some supported version does not have or computes. `partner_columns` are those that
    Odoo changes without a new write_date when it merges contacts.
    """

    name: str
    model: str
    table: Table
    app: str
    needed: frozenset[str]
    incremental: bool = False
    is_required: bool = False
    is_per_company: bool = False
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    may_lack: frozenset[str] = frozenset()
    partner_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """Something about the server's fields worth recording; a warning is schema drift."""

    severity: Literal["info", "warning"]
    code: str
    message: str


@dataclass(frozen=True)
class PlannedColumn:
    """A column and the Odoo field that fills it; without a field it stays null."""

    name: str
    kind: Kind
    source: str | None
    type: str = ""


@dataclass(frozen=True)
class FieldPlan:
    """Which fields to ask for, and which column each fills."""

    stream: Stream
    columns: tuple[PlannedColumn, ...]
    extras: tuple[OdooField, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def fields(self) -> list[str]:
        """The field list of a request."""
        names = [
            c.source for c in self.columns if c.source and not (self.stream.is_per_company and c.name == "company_id")
        ]
        return list(dict.fromkeys([*names, *(extra.name for extra in self.extras)]))


def _stream(table: Table, model: str, app: str, needed: str, **more: Any) -> Stream:
    may_lack = frozenset(more.pop("may_lack", "").split())
    return Stream(
        table.name.removeprefix("odoo_"), model, table, app, frozenset(needed.split()), may_lack=may_lack, **more
    )


STREAMS: dict[str, Stream] = {
    stream.name: stream
    for stream in (
        _stream(raw.ODOO_COMPANIES, "res.company", "Base", "name currency_id", is_required=True),
        _stream(raw.ODOO_CURRENCIES, "res.currency", "Base", "name", is_required=True),
        _stream(raw.ODOO_CURRENCY_RATES, "res.currency.rate", "Base", "name rate currency_id"),
        _stream(raw.ODOO_COUNTRIES, "res.country", "Base", "code"),
        _stream(raw.ODOO_COUNTRY_STATES, "res.country.state", "Base", "country_id"),
        _stream(raw.ODOO_USERS, "res.users", "Base", "partner_id"),
        _stream(
            raw.ODOO_UOMS,
            "uom.uom",
            "Units of Measure",
            "name factor",
            may_lack="rounding category_id relative_factor relative_uom_id",
        ),
        _stream(raw.ODOO_PRODUCT_CATEGORIES, "product.category", "Product", "name parent_id"),
        _stream(raw.ODOO_WAREHOUSES, "stock.warehouse", "Inventory", "name company_id view_location_id"),
        _stream(raw.ODOO_LOCATIONS, "stock.location", "Inventory", "usage location_id"),
        _stream(
            raw.ODOO_PARTNERS,
            "res.partner",
            "Contacts",
            "name parent_id commercial_partner_id is_company active",
            incremental=True,
            is_required=True,
            may_lack="mobile is_company customer_rank supplier_rank",
            partner_columns=("parent_id", "commercial_partner_id"),
        ),
        _stream(
            raw.ODOO_PRODUCT_TEMPLATES,
            "product.template",
            "Product",
            "name list_price uom_id active",
            incremental=True,
            # Versions 15 to 17 compute `type` from the more precise `detailed_type`.
            aliases={"type": ("detailed_type", "type")},
            may_lack="is_storable",
        ),
        _stream(raw.ODOO_PRODUCTS, "product.product", "Product", "product_tmpl_id active", incremental=True),
        _stream(
            raw.ODOO_PRODUCT_COSTS,
            "product.product",
            "Product",
            "standard_price",
            is_per_company=True,
            may_lack="standard_price",
        ),
        _stream(
            raw.ODOO_SALE_ORDERS,
            "sale.order",
            "Sales",
            "name state date_order partner_id company_id currency_id amount_untaxed amount_tax amount_total",
            incremental=True,
            may_lack="locked",
            partner_columns=("partner_id", "partner_invoice_id", "partner_shipping_id"),
        ),
        _stream(
            raw.ODOO_SALE_ORDER_LINES,
            "sale.order.line",
            "Sales",
            "order_id product_id product_uom_qty uom_id price_unit price_subtotal price_total",
            incremental=True,
            aliases={"uom_id": ("product_uom_id", "product_uom"), "tax_ids": ("tax_ids", "tax_id")},
        ),
        _stream(raw.ODOO_QUANTS, "stock.quant", "Inventory", "product_id location_id quantity reserved_quantity"),
    )
}


def plan_fields(
    stream: Stream, fields: Mapping[str, OdooField], extra_fields: Iterable[str] | Mapping[str, Iterable[str]] = ()
) -> FieldPlan:
    """Chooses the Odoo field of each column from what `fields_get` shows.

    `extra_fields` are names, or the connection's mapping from model to names. Raises ConfigurationError for a missing
    needed field and for a wrong extra field, SourceDataError `type_changed` for a field of another type. A missing
    optional field leaves its column null and makes a note.
    """
    notes: list[Note] = []
    columns = []
    for column in stream.table.columns:
        if column.name in _OURS:
            continue
        if stream.is_per_company and column.name == "company_id":
            columns.append(PlannedColumn("company_id", "integer", "company_id", "many2one"))
            continue
        found = next((fields[name] for name in stream.aliases.get(column.name, (column.name,)) if name in fields), None)
        if found is None:
            notes.append(_missing(stream, column.name))
            columns.append(PlannedColumn(column.name, column.kind, None))
            continue
        if found.type not in _TYPES[column.kind]:
            raise SourceDataError(
                f"Odoo {stream.model}: the field {found.name} is now of type {found.type}, which does not fit "
                f"the column {column.name} ({column.kind}); the stream is stopped until this type is supported",
                code="type_changed",
            )
        if found.name != column.name:
            notes.append(Note("info", "renamed", f"{stream.model}: {column.name} is read from {found.name}"))
        if not found.store and column.name not in stream.may_lack:
            notes.append(
                Note("warning", "computed", f"{stream.model}: {found.name} is computed now; reading it may be slow")
            )
        columns.append(PlannedColumn(column.name, column.kind, found.name, found.type))
    return FieldPlan(stream, tuple(columns), _extras(stream, fields, extra_fields), tuple(notes))


def _missing(stream: Stream, column: str) -> Note:
    names = " or ".join(stream.aliases.get(column, (column,)))
    if column in stream.needed or column in ("id", "write_date"):
        raise ConfigurationError(
            f"Odoo {stream.model}: the field {names} is missing; it may be hidden by a missing right, so check the "
            "user's groups first",
            code="field_missing",
        )
    if column in stream.may_lack:
        return Note(
            "info", "not_in_version", f"{stream.model}: this version has no {names}; the column {column} stays empty"
        )
    return Note(
        "warning",
        "schema_drift",
        f"{stream.model}: the field {names} is gone (or hidden by a missing right); the column {column} stays empty",
    )


def _extras(
    stream: Stream, fields: Mapping[str, OdooField], extra_fields: Iterable[str] | Mapping[str, Iterable[str]]
) -> tuple[OdooField, ...]:
    if "extra" not in stream.table.column:
        return ()
    names = extra_fields.get(stream.model, ()) if isinstance(extra_fields, Mapping) else extra_fields
    extras = []
    for name in dict.fromkeys(names):
        if not FIELD_NAME.match(name) or name not in fields:
            raise ConfigurationError(
                f"Odoo {stream.model}: the extra field {name!r} does not exist or is hidden by a missing right; "
                "correct extra_fields",
                code="extra_field_unknown",
            )
        if fields[name].type in _NEVER_READ:
            raise ConfigurationError(
                f"Odoo {stream.model}: the extra field {name!r} holds files, which are never read; remove it",
                code="extra_field_refused",
            )
        extras.append(fields[name])
    return tuple(extras)
