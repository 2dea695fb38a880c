"""What the vendor API allows and answers: one function per route, on the store, for both modes.

Statuses, tokens and envelopes belong to `app.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from itertools import product as combinations
from typing import Any

from sync_assets.sandbox.vendor.products import Product, Products, Variant

MODES = ("v1", "v2")
Answer = dict[str, Any]


class Refusal(Exception):
    """A business error: `code`, a sentence for people, and what else stands beside them."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.result = {"error": code, "message": message, **details}


def read(mode: str, products: Products, body: Any, call: int, now: datetime) -> Answer:
    """The product of a SKU. Raises Refusal."""
    return {"product": shown(mode, _existing(products, _object(body, "body")))}


def create(mode: str, products: Products, body: Any, call: int, now: datetime) -> Answer:
    """A new product with its first stock. Raises Refusal and then leaves everything as it was."""
    body = _object(body, "body")
    given, supplier = _object(body.get("product"), "product"), _object(body.get("supplier"), "supplier")
    sku, name = _text(given, "default_code"), _text(given, "name")
    quantity, price = _number(given, "vendor_on_hand_qty"), _number(supplier, "price")
    variants = _variants(mode, body, products, is_new=True)
    if variants:
        _check_complete(list(variants.values()))
    if products.is_unique:
        for code in (sku, *variants):
            if products.holder(code) is not None:
                raise Refusal("variant_default_code_exists", f"A variant with the code {code} exists already.")
    created = Product(products.next_id(), name, sku, quantity, price, variants, created_at=now)
    products.all.append(created)
    products.note(call, now, "create", created)
    return {"product_id": created.id}


def update(mode: str, products: Products, body: Any, call: int, now: datetime) -> Answer:
    """Changes what is given of an existing product. Raises Refusal and then leaves everything as it was."""
    body = _object(body, "body")
    found = _existing(products, body)
    given = _object(body.get("product", {}), "product")
    supplier = _object(body.get("supplier", {}), "supplier")
    name = _text(given, "name") if "name" in given else found.name
    quantity = _number(given, "vendor_on_hand_qty") if "vendor_on_hand_qty" in given else found.quantity
    price = _number(supplier, "price") if "price" in supplier else found.price
    if mode == "v1" and not given and not supplier:
        raise Refusal("nothing_to_update", "Neither product nor supplier holds a field.")
    variants = {**found.variants, **_variants(mode, body, products, found)}
    if [variant.attributes for variant in variants.values()] != [v.attributes for v in found.variants.values()]:
        _check_complete(list(variants.values()))
    if variants and "vendor_on_hand_qty" not in given:
        quantity = sum(variant.quantity for variant in variants.values())
    found.name, found.quantity, found.price, found.variants = name, quantity, price, variants
    products.note(call, now, "update", found)
    return {"product_id": found.id}


ACTIONS: dict[str, Callable[[str, Products, Any, int, datetime], Answer]] = {
    "read": read,
    "create": create,
    "update": update,
}


def shown(mode: str, product: Product) -> Answer:
    """A product as the read call answers it."""
    content = {
        "id": product.id,
        "name": product.name,
        "default_code": product.default_code,
        "vendor_on_hand_qty": product.quantity,
        "price": product.price,
    }
    if mode == "v1":
        return content
    variants = [
        {
            "id": variant.id,
            "default_code": variant.default_code,
            "vendor_on_hand_qty": variant.quantity,
            "price": variant.price,
            "attributes": variant.attributes,
        }
        for variant in product.variants.values()
    ]
    return {**content, "variants": variants}


def _variants(
    mode: str, body: dict[str, Any], products: Products, owner: Product | None = None, *, is_new: bool = False
) -> dict[str, Variant]:
    """The variants of a body by SKU, those the owner has already with their changes."""
    if mode == "v1":
        if "variants" in body:
            raise Refusal("invalid_value", "This partner takes one product per SKU, without variants.")
        return {}
    given = body.get("variants")
    if not isinstance(given, list) or not given:
        raise Refusal("missing_field", "variants must be a list that is not empty.")
    found: dict[str, Variant] = {}
    for entry in given:
        entry = _object(entry, "variant")
        code = _text(entry, "default_code")
        if code in found:
            raise Refusal("invalid_value", f"The code {code} stands twice in one body.")
        known = owner.variants.get(code) if owner else None
        if known is None and products.is_unique and not is_new and products.holder(code) not in (None, owner):
            raise Refusal("variant_default_code_exists", f"A variant with the code {code} exists already.")
        if known is None and not is_new and "attributes" not in entry:
            raise _incomplete([], f"The product has no variant {code}, and no attributes are given for it.", owner)
        attributes = _attributes(entry) if "attributes" in entry or known is None else known.attributes
        found[code] = Variant(
            known.id if known else products.next_id(),
            code,
            _number(entry, "vendor_on_hand_qty"),
            _number(entry, "price"),
            attributes,
        )
    return found


def _check_complete(variants: list[Variant]) -> None:
    """Odoo makes a variant of every combination of the attributes' values, so each must be there, and once."""
    names = sorted({name for variant in variants for name in variant.attributes})
    given = [tuple(variant.attributes.get(name) for name in names) for variant in variants]
    if any(None in combination for combination in given):
        raise Refusal("invalid_value", f"Every variant needs a value for each of {', '.join(names)}.")
    if len(set(given)) < len(given):
        raise Refusal("invalid_value", "Two variants have the same attributes.")
    values = [sorted({str(variant.attributes[name]) for variant in variants}) for name in names]
    if len(given) < math.prod(len(choices) for choices in values):
        expected = [dict(zip(names, chosen, strict=True)) for chosen in combinations(*values)]
        raise _incomplete(expected, "Not every combination of the attributes has a variant.")


def _incomplete(expected: list[dict[str, str]], message: str, owner: Product | None = None) -> Refusal:
    if owner is not None:
        expected = [variant.attributes for variant in owner.variants.values()]
    return Refusal("variants_incomplete", message, expected_combinations=expected)


def _existing(products: Products, body: dict[str, Any]) -> Product:
    sku = _text(body, "default_code")
    found = products.find(sku)
    if found is None:
        raise Refusal("product_not_found", f"No product with the code {sku}.")
    return found


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal("missing_field", f"{name} must be an object.")
    return value


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refusal("missing_field", f"{name} must be a text that is not empty.")
    return value


def _number(given: dict[str, Any], name: str) -> float:
    value = given.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise Refusal("invalid_value", f"{name} must be a number from 0.")
    return value


def _attributes(entry: dict[str, Any]) -> dict[str, str]:
    given = _object(entry.get("attributes"), "attributes")
    if not given or not all(isinstance(value, str) and value for value in given.values()):
        raise Refusal("invalid_value", "attributes must give a text for each name.")
    return given
