"""Which Odoo field fills which column on 17, 18 and 19, and what happens when one is missing or has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync_assets.errors import ConfigurationError, SourceDataError
from sync_assets.sources.odoo import STREAMS, FieldPlan, OdooField, plan_fields
from sync_assets.tables import raw

TYPES = {
    "text": "char",
    "integer": "integer",
    "number": "float",
    "rate": "float",
    "timestamp": "datetime",
    "date": "date",
    "boolean": "boolean",
    "integer_list": "many2many",
}
# How real servers differ from the raw tables' own names, as their fields_get shows it.
GONE = {
    17: {
        "sale.order.line": "uom_id tax_ids",
        "product.template": "is_storable",
        "uom.uom": "relative_factor relative_uom_id",
    },
    18: {"sale.order.line": "uom_id tax_ids", "uom.uom": "relative_factor relative_uom_id"},
    19: {"sale.order.line": "uom_id", "res.partner": "mobile", "uom.uom": "category_id"},
}
ADDED = {
    17: {
        "sale.order.line": "product_uom:many2one tax_id:many2many",
        "product.template": "detailed_type:selection",
    },
    18: {"sale.order.line": "product_uom:many2one tax_id:many2many"},
    19: {"sale.order.line": "product_uom_id:many2one"},
}
NOT_STORED = {17: {"product.product": "standard_price"}, 18: {}, 19: {"uom.uom": "rounding"}}


def fields_of(version: int, stream_name: str) -> dict[str, OdooField]:
    stream = STREAMS[stream_name]
    gone = GONE[version].get(stream.model, "").split()
    fields = {
        column.name: OdooField(
            column.name, "many2one" if column.name.endswith("_id") and column.kind == "integer" else TYPES[column.kind]
        )
        for column in stream.table.columns
        if column.kind in TYPES and column.name not in gone
    }
    for added in ADDED[version].get(stream.model, "").split():
        name, type_ = added.split(":")
        fields[name] = OdooField(name, type_)
    for name in NOT_STORED[version].get(stream.model, "").split():
        if name in fields:
            fields[name] = replace(fields[name], store=False)
    return fields


def sources(plan: FieldPlan) -> dict[str, str | None]:
    return {column.name: column.source for column in plan.columns}


def plan_for(version: int, stream_name: str, **more: object) -> FieldPlan:
    return plan_fields(STREAMS[stream_name], fields_of(version, stream_name), **more)  # type: ignore[arg-type]


def test_every_raw_odoo_table_has_its_stream() -> None:
    assert {stream.table for stream in STREAMS.values()} == set(raw.ODOO_TABLES)
    assert {name for name, stream in STREAMS.items() if stream.is_required} == {"companies", "currencies", "partners"}
    incremental = {name for name, stream in STREAMS.items() if stream.incremental}
    assert incremental == {"partners", "product_templates", "products", "sale_orders", "sale_order_lines"}
    assert incremental == {name for name, stream in STREAMS.items() if "deleted_at" in stream.table.column}
    for stream in STREAMS.values():
        columns = set(stream.table.column)
        assert stream.needed | stream.may_lack | set(stream.aliases) <= columns


@pytest.mark.parametrize("version", [17, 18, 19])
@pytest.mark.parametrize("stream_name", STREAMS)
def test_no_supported_version_gives_a_warning(version: int, stream_name: str) -> None:
    plan = plan_for(version, stream_name)
    assert [note for note in plan.notes if note.severity == "warning"] == []
    assert "id" in plan.fields
    assert len(plan.fields) == len(set(plan.fields))
    assert not set(plan.fields) - set(fields_of(version, stream_name))


@pytest.mark.parametrize(
    ("version", "stream_name", "column", "source"),
    [
        (17, "sale_order_lines", "uom_id", "product_uom"),
        (18, "sale_order_lines", "uom_id", "product_uom"),
        (19, "sale_order_lines", "uom_id", "product_uom_id"),
        (17, "sale_order_lines", "tax_ids", "tax_id"),
        (18, "sale_order_lines", "tax_ids", "tax_id"),
        (19, "sale_order_lines", "tax_ids", "tax_ids"),
        (17, "product_templates", "type", "detailed_type"),
        (18, "product_templates", "type", "type"),
        (17, "product_templates", "is_storable", None),
        (18, "product_templates", "is_storable", "is_storable"),
        (18, "partners", "mobile", "mobile"),
        (19, "partners", "mobile", None),
        (18, "uoms", "category_id", "category_id"),
        (19, "uoms", "category_id", None),
        (18, "uoms", "relative_factor", None),
        (19, "uoms", "relative_factor", "relative_factor"),
    ],
)
def test_names_that_differ(version: int, stream_name: str, column: str, source: str | None) -> None:
    plan = plan_for(version, stream_name)
    assert sources(plan)[column] == source
    assert source is None or source in plan.fields


def test_the_older_names_of_version_16() -> None:
    fields = fields_of(17, "sale_orders")
    del fields["locked"]
    plan = plan_fields(STREAMS["sale_orders"], fields)
    assert sources(plan)["locked"] is None
    assert [(note.severity, note.code) for note in plan.notes] == [("info", "not_in_version")]


@pytest.mark.parametrize(
    ("stream_name", "field"),
    [("sale_orders", "amount_total"), ("partners", "parent_id"), ("partners", "id"), ("quants", "write_date")],
)
def test_a_needed_field_that_is_missing_may_be_a_right(stream_name: str, field: str) -> None:
    fields = fields_of(18, stream_name)
    del fields[field]
    with pytest.raises(
        ConfigurationError, match=f"field {field} is missing; it may be hidden by a missing right"
    ) as caught:
        plan_fields(STREAMS[stream_name], fields)
    assert caught.value.code == "field_missing"


def test_an_optional_field_that_is_missing_is_drift() -> None:
    fields = fields_of(18, "partners")
    del fields["vat"]
    plan = plan_fields(STREAMS["partners"], fields)
    assert sources(plan)["vat"] is None
    assert "vat" not in plan.fields
    assert [(note.severity, note.code) for note in plan.notes] == [("warning", "schema_drift")]


def test_a_changed_type_stops_the_stream() -> None:
    fields = fields_of(18, "sale_orders") | {"partner_id": OdooField("partner_id", "char")}
    with pytest.raises(SourceDataError, match="partner_id is now of type char") as caught:
        plan_fields(STREAMS["sale_orders"], fields)
    assert caught.value.code == "type_changed"


def test_a_field_that_is_computed_now_is_read_with_a_warning() -> None:
    fields = fields_of(18, "sale_orders")
    fields["origin"] = replace(fields["origin"], store=False)
    plan = plan_fields(STREAMS["sale_orders"], fields)
    assert "origin" in plan.fields
    assert [(note.severity, note.code) for note in plan.notes] == [("warning", "computed")]


def test_extra_fields_are_asked_for_and_checked() -> None:
    fields = fields_of(18, "partners") | {
        "x_tier": OdooField("x_tier", "selection"),
        "image": OdooField("image", "binary"),
    }
    stream = STREAMS["partners"]
    assert plan_fields(stream, fields, ["x_tier", "x_tier"]).fields[-1] == "x_tier"
    assert plan_fields(stream, fields, {"res.partner": ("x_tier",), "sale.order": ("x_other",)}).extras == (
        fields["x_tier"],
    )
    for name, code in (
        ("x_nope", "extra_field_unknown"),
        ("x; drop", "extra_field_unknown"),
        ("image", "extra_field_refused"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            plan_fields(stream, fields, [name])
        assert caught.value.code == code


def test_product_costs_ask_for_the_cost_only() -> None:
    assert plan_for(18, "product_costs").fields == ["id", "standard_price"]
