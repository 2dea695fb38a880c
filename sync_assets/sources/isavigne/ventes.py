"""Rows of sales files: which are sales, their key, quantity and totals.

Customers, products and bottle equivalents do not belong here. Canonical specification, sections 3.6, 3.8 and 3.9.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.amounts import Amounts, compute_totals
from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.contacts import hash_text
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.reading import Reading, lost
from sync_assets.sources.isavigne.values import plain, read_number, read_numbers
from sync_assets.transforms.columns import is_true, map_unique, match_labels, only_if, prefixed
from sync_assets.transforms.money import ZERO, fit

TYPES = {
    "invoice": "facture, f, fa, fac, invoice",
    "receipt": "ticket, tk, caisse, receipt",
    "credit_note": "avoir, av, avo, credit, credit note",
    "order": "commande, cde, bc, bon de commande, order",
    "quote": "devis, de, quote",
    "delivery": "bon de livraison, bl",
    "proforma": "proforma, pro forma",
}
_TYPE_OF = {word: type_ for type_, words in TYPES.items() for word in words.split(", ")}
PERCENT = pa.decimal128(9, 4)
AMOUNT_FIELDS = ("amount", "unit_price", "amount_untaxed", "unit_price_untaxed")


def read_ventes(chunk: Chunk, reading: Reading, findings: Findings) -> tuple[dict[str, Any], Any]:
    """Columns of raw.isavigne_ventes by name, and which rows are no sale."""
    types, is_no_sale = _document_types(chunk, reading, findings)
    if reading.settings.anonymous_sales == "reject":
        findings.require("client_code")
    findings.require("product_key", "product_label")
    findings.require("date")
    findings.require("quantity")
    moments, days = reading.moments(chunk, "date", findings, required=True)
    quantity = fit(reading.numbers(chunk, "quantity", findings, required=True), "quantity")
    row = _amounts(chunk, reading, findings, quantity)
    is_credit = pc.equal(types, "credit_note")
    totals = compute_totals(row, reading.settings.default_vat_rate, is_credit)
    _judge_amounts(chunk, findings, row, totals)

    def signed(values: Any) -> Any:
        return pc.if_else(is_credit, pc.negate(pc.abs(values)), values)

    columns = {
        "client_code": reading.client_codes(chunk),
        "product_key": chunk.text("product_key"),
        "product_label": chunk.text("product_label"),
        "date_sale": moments,
        "quantity": signed(quantity),
        "unit_label": chunk.text("unit"),
        "price_unit": pc.if_else(is_credit, pc.abs(totals.price_unit), totals.price_unit),
        "price_unit_untaxed": pc.if_else(is_credit, pc.abs(totals.price_unit_untaxed), totals.price_unit_untaxed),
        "price_total": signed(totals.price_total),
        "price_total_untaxed": signed(totals.price_total_untaxed),
        "vat_rate": fit(row.vat_rate, "percent"),
        "document_type": types,
        "document_no": chunk.text("document_no"),
        "line_no": chunk.text("line_no"),
        "channel": chunk.text("channel"),
    }
    is_sale = pc.invert(pc.or_(findings.rejected, is_no_sale))
    return {"record_key": _line_keys(columns, row, days, reading, is_sale), **columns}, is_no_sale


def _document_types(chunk: Chunk, reading: Reading, findings: Findings) -> tuple[Any, Any]:
    texts = chunk.text("document_type")

    def read(text: str) -> str | None:
        words = " ".join(plain(text).replace("-", " ").replace("_", " ").replace(".", "").split())
        return _TYPE_OF.get(words) or _TYPE_OF.get(" ".join(word.removesuffix("s") for word in words.split()))

    found = map_unique(texts, read, pa.string())
    types = pc.if_else(pc.is_null(texts), "invoice", found)
    message = "The kind of document is not known."
    findings.reject(lost(texts, found), "document_type", "unknown_document_type", message)
    counted = pa.array(reading.settings.counted_document_types, pa.string())
    return types, pc.and_(pc.is_valid(types), pc.invert(pc.is_in(types, value_set=counted)))


def _amounts(chunk: Chunk, reading: Reading, findings: Findings, quantity: Any) -> Amounts:
    numbers = {name: read_amount(chunk, reading, findings, name) for name in AMOUNT_FIELDS}
    discount = reading.numbers(chunk, "discount", findings)
    is_percent = is_true(pc.match_substring(chunk.text("discount"), "%"))
    percent = pc.coalesce(reading.numbers(chunk, "discount_percent", findings), only_if(is_percent, discount))
    is_odd = pc.or_kleene(pc.less(percent, ZERO), pc.greater(percent, pa.scalar(Decimal(100))))
    findings.warn(is_odd, "discount_percent", "bad_value", "A discount is between 0 and 100 percent.")
    amount = only_if(pc.invert(is_percent), discount)
    findings.warn(pc.less(amount, ZERO), "discount", "bad_value", "A discount must not be negative.")
    return Amounts(
        quantity,
        numbers["unit_price"],
        numbers["unit_price_untaxed"],
        numbers["amount"],
        numbers["amount_untaxed"],
        _rates(chunk, reading, findings),
        only_if(pc.greater_equal(amount, ZERO), amount),
        _to_percent(only_if(pc.invert(is_true(is_odd)), percent)),
    )


def read_amount(chunk: Chunk, reading: Reading, findings: Findings, name: str) -> Any:
    """An amount; one that cannot be read rejects the row when no other amount says what was paid."""
    others = [chunk.text(other) for other in AMOUNT_FIELDS if other != name]
    is_only = pc.is_null(pc.coalesce(*others))
    numbers = read_numbers(chunk.text(name), reading.settings.decimal_mark)
    is_bad = lost(chunk.text(name), numbers)
    findings.reject(pc.and_(is_bad, is_only), name, "bad_number", "The text is not a number.")
    findings.warn(pc.and_(is_bad, pc.invert(is_only)), name, "bad_number", "The text is not a number.")
    return numbers


def _rates(chunk: Chunk, reading: Reading, findings: Findings) -> Any:
    """VAT rates in percent: 20, "20 %" and 0.2 are equal."""
    texts = chunk.text("vat_rate")

    def read(text: str) -> Decimal | None:
        rate = read_number(text, reading.settings.decimal_mark)
        if rate is not None and 0 < rate < 1 and "%" not in text:
            rate *= 100
        return None if rate is None or not 0 <= rate <= 100 else rate.quantize(Decimal("0.0001"))

    rates = map_unique(texts, read, PERCENT)
    is_number = pc.is_valid(read_numbers(texts, reading.settings.decimal_mark))
    is_bad = lost(texts, rates)
    findings.warn(pc.and_(is_bad, pc.invert(is_number)), "vat_rate", "bad_number", "The text is not a number.")
    findings.warn(pc.and_(is_bad, is_number), "vat_rate", "bad_value", "A VAT rate is between 0 and 100 percent.")
    return rates


def _to_percent(values: Any) -> Any:
    return pc.round(values, 4).cast(PERCENT)


def _judge_amounts(chunk: Chunk, findings: Findings, row: Amounts, totals: Any) -> None:
    texts = (chunk.text(name) for name in AMOUNT_FIELDS)
    field = next(name for name in AMOUNT_FIELDS if chunk.has(name))
    findings.reject(pc.is_null(pc.coalesce(*texts)), field, "missing_value", "No price and no amount is given.")
    nothing = pc.is_null(pc.coalesce(row.total, row.price, row.total_untaxed, row.price_untaxed))
    findings.reject(nothing, field, "bad_number", "No price and no amount can be read.")
    too_large = pc.and_(pc.is_null(totals.price_total), pc.invert(totals.tax_unknown))
    findings.reject(too_large, field, "bad_number", "The total is too large.")
    findings.warn(totals.is_mismatch, field, "total_mismatch", "The total is not quantity x unit price.")
    findings.warn(totals.is_estimated, field, "ttc_estimated", "The total with tax uses the default VAT rate.")
    findings.warn(totals.tax_unknown, field, "tax_unknown", "The total with tax is unknown without a VAT rate.")
    findings.warn(pc.equal(row.quantity, ZERO), "quantity", "zero_quantity", "The quantity is 0.")


def _line_keys(columns: dict[str, Any], row: Amounts, days: Any, reading: Reading, is_sale: Any) -> Any:
    """Keys by line number, else by content; null for rows that are not landed and have no number."""
    scope, numbers = reading.settings.line_number_scope, columns["line_no"]
    if scope == "year":
        numbers = pc.binary_join_element_wise(pc.utf8_slice_codeunits(days.cast(pa.string()), 0, 4), numbers, "-")
    elif scope == "document":
        numbers = pc.binary_join_element_wise(columns["document_no"], numbers, "-")
    content = pc.binary_join_element_wise(
        columns["document_type"],
        columns["document_no"],
        pc.cast(columns["date_sale"], pa.int64()).cast(pa.string()),
        columns["client_code"],
        pc.coalesce(columns["product_key"], match_labels(columns["product_label"])),
        match_labels(columns["unit_label"]),
        columns["quantity"].cast(pa.string()),
        pc.coalesce(row.price, row.price_untaxed).cast(pa.string()),
        pc.coalesce(row.total, row.total_untaxed).cast(pa.string()),
        "\x1f",
        null_handling="replace",
        null_replacement="",
    )
    unnumbered = only_if(pc.and_(is_sale, pc.is_null(numbers)), content).to_pylist()
    hashed = [None if text is None else _hash_line(text, reading.ordinals) for text in unnumbered]
    return prefixed("isavigne", pc.coalesce(numbers, pa.array(hashed, pa.string())))


def _hash_line(content: str, ordinals: dict[bytes, int]) -> str:
    """The hash of a line and its ordinal among the lines of one file with the same content."""
    digest = hashlib.blake2b(content.encode(), digest_size=12).digest()
    ordinal = ordinals[digest] = ordinals.get(digest, 0) + 1
    return hash_text(f"{content}\x1f{ordinal}")
