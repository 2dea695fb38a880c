"""The quality report as one HTML file for the people of the shop: no script, nothing from elsewhere, every text escaped.

What the figures are does not belong here; see `transforms/quality.py`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = "quality_page.html"
TABLES = {
    "product_catalog": "Products",
    "customers": "Customers",
    "sales_orders": "Orders",
    "sales_lines": "Sales",
    "stock_levels": "Stock",
    "contact_history": "Contacts",
}
SOURCES = {"odoo": "Odoo", "alleaves": "Alleaves", "isavigne": "iSaVigne"}
COLOURS = {"green": "Good", "yellow": "Fair", "red": "Poor"}
SEVERITIES = {
    "critical": "Must be fixed",
    "high": "Should be fixed",
    "medium": "Worth a look",
    "low": "Harmless",
    "info": "Left empty",
}
# What has no sentence here is shown by its code.
CODES = {
    "missing_value": "A value that is needed is missing",
    "bad_email": "E-mail address that cannot be used",
    "bad_phone": "Phone number that cannot be used",
    "bad_number": "Not a number",
    "bad_date": "Not a date",
    "bad_value": "Value that is not known",
    "bad_vintage": "Not a year",
    "date_out_of_range": "Date too far in the past or future",
    "invalid_price": "Price below zero",
    "ragged_row": "Row with too many or too few cells",
    "unknown_customer": "Names a customer who is not on file",
    "unknown_product": "Names a product that is not on file",
    "ambiguous_product": "Several products have this name",
    "unknown_customer_id": "Names a customer who is not on file",
    "unknown_id_and_email": "Names a customer who is not on file",
    "unknown_document_type": "Kind of document that is not known",
    "unknown_email": "Names a customer who is not on file",
    "ambiguous_email": "Several customers have this e-mail address",
    "partner_missing": "Names a customer who is not on file",
    "duplicate_conflict": "The same record twice, with different content",
    "duplicate_identical": "The same record twice",
    "zip_suspect": "Postal code with too few digits",
    "zip_repaired": "Postal code was completed",
    "opt_out_unknown": "Unclear whether the customer wants messages",
    "unknown_unit": "Unit of measure that is not known",
    "case_size_unknown": "Case without its number of bottles",
    "unmapped_category": "Category that is not known",
    "tax_unknown": "Price whose tax is not known",
    "ttc_estimated": "Tax was assumed",
    "total_mismatch": "Total differs from quantity times price",
    "cost_above_price": "Costs more than it sells for",
    "zero_quantity": "Sale of nothing",
    "negative_stock": "Stock below zero",
    "over_reserved": "More reserved than there is",
    "duplicate_sku": "Several products have the same number",
    "sku_changed": "Product number has changed",
    "reject_rate": "Too many unreadable rows, so the whole was refused",
}


def render_quality_html(report: dict[str, Any]) -> str:
    """The report of `quality_report` as a complete page, ready to be saved, sent or printed."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for table in report["tables"]:
        by_source.setdefault(table["source"], []).append(table)
    problems = [anomaly for anomaly in report["anomalies"] if anomaly["severity"] != "info"]
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            overall=report["overall"],
            by_source=by_source,
            problems=problems,
            most=max((problem["count"] for problem in problems), default=0),
            verdict=_verdict(report),
            as_of=f"{datetime.fromisoformat(report['as_of']):%d %B %Y, %H:%M} UTC",
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "table": lambda name: TABLES.get(name, name),
        "source": lambda name: SOURCES.get(name, name),
        "word": lambda colour: COLOURS[colour],
        "severity": lambda name: SEVERITIES[name],
        "sentence": lambda code: CODES.get(code, code),
        "field": lambda name: str(name).replace("_", " "),
        "thousands": lambda number: f"{number:,}",
        "rows": lambda number: "1 row" if number == 1 else f"{number:,} rows",
    }
    return environment


def _verdict(report: dict[str, Any]) -> list[str]:
    """The report in one to three sentences."""
    overall, tables = report["overall"], report["tables"]
    if not tables:
        return ["No data has been read yet, so there is nothing to judge."]
    told = [f"{overall['mapped']} of {overall['total']} kinds of information are filled by your systems."]
    if overall["required_missing"]:
        missing = sorted({TABLES[one["table"]].lower() for one in tables if one["required_missing"]})
        told.append(f"Information that is needed is missing in: {', '.join(missing)}.")
    counts = overall["anomalies"]
    serious = counts["critical"] + counts["high"]
    if not serious:
        told.append("Nothing serious is wrong with the rows.")
    elif serious == 1:
        told.append("1 finding needs attention; it is listed below.")
    else:
        told.append(f"{serious:,} findings need attention; the worst come first below.")
    return told
