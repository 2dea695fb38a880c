"""What the vendor should hold of each item: payloads of both modes, their hash, and the bodies of the three calls.

Reading the shop and deciding what is due do not belong here; all functions are pure.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import orjson

from sync_assets.connections import VendorConnection
from sync_assets.sources.shop import Variant

Payload = dict[str, Any]
STRENGTH = "Strength"


@dataclass(frozen=True)
class Wanted:
    """One item to push."""

    push_key: str
    variant_id: str | None
    product_id: str
    skus: tuple[str, ...]
    payload: Payload
    variant_ids: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        return payload_hash(self.payload)


@dataclass(frozen=True)
class Skipped:
    """Something of the shop that is not pushed, and why."""

    code: str
    sku: str
    variant_ids: tuple[str, ...]


def build_wanted(
    variants: Iterable[Variant], vendor: VendorConnection, pins: Mapping[str, str]
) -> tuple[list[Wanted], list[Skipped]]:
    """The items of all eligible variants and what is left out. `pins` holds the pinned default_code by push_key."""
    good, skipped = _with_sku(variants)
    if vendor.mode == "v1":
        return [_single(variant) for variant in good], skipped
    products: dict[str, list[Variant]] = defaultdict(list)
    for variant in good:
        products[variant.product_id].append(variant)
    wanted = []
    for product_id, members in products.items():
        priced = [v for v in members if v.price is not None] if vendor.channel_id else members
        if priced:
            wanted.append(_product(priced, pins.get(product_id) or members[0].sku))
        else:
            ids = tuple(variant.variant_id for variant in members)
            skipped.append(Skipped("no_channel_price", ",".join(v.sku for v in members), ids))
    return wanted, skipped


def _with_sku(variants: Iterable[Variant]) -> tuple[list[Variant], list[Skipped]]:
    by_sku: dict[str, list[Variant]] = defaultdict(list)
    skipped = []
    for variant in variants:
        sku = variant.sku.strip()
        if sku:
            by_sku[sku.casefold()].append(replace(variant, sku=sku))
        else:
            skipped.append(Skipped("missing_sku", "", (variant.variant_id,)))
    good = []
    for same in by_sku.values():
        if len(same) == 1:
            good.append(same[0])
        else:
            skipped.append(Skipped("duplicate_sku", same[0].sku, tuple(v.variant_id for v in same)))
    return good, skipped


def _single(variant: Variant) -> Wanted:
    name = f"{variant.product_name} - {variant.variant_name}"
    product = {"name": name, "default_code": variant.sku, "vendor_on_hand_qty": number(variant.available)}
    payload = {"product": product, "supplier": {"price": 0}}
    return Wanted(variant.sku, variant.variant_id, variant.product_id, (variant.sku,), payload, (variant.variant_id,))


def _product(variants: list[Variant], default_code: str) -> Wanted:
    first = variants[0]
    entries = [
        {
            "default_code": variant.sku,
            "vendor_on_hand_qty": number(variant.available),
            "price": number(variant.price or Decimal(0)),
            "attributes": _attributes(variant),
        }
        for variant in variants
    ]
    total = sum((variant.available for variant in variants), Decimal(0))
    product = {"name": first.product_name, "default_code": default_code, "vendor_on_hand_qty": number(total)}
    payload = {"product": product, "supplier": {"price": entries[0]["price"]}, "variants": entries}
    return Wanted(
        first.product_id,
        None,
        first.product_id,
        tuple(v.sku for v in variants),
        payload,
        tuple(v.variant_id for v in variants),
    )


def _attributes(variant: Variant) -> dict[str, str]:
    if STRENGTH in variant.options:
        return dict(variant.options)
    return {**variant.options, STRENGTH: variant.variant_name}


def number(value: Decimal) -> int | float:
    """A quantity or price as JSON has it: whole where it is whole.

    >>> number(Decimal("90.000")), number(Decimal("1.50"))
    (90, 1.5)
    """
    return int(value) if value == value.to_integral_value() else float(value)


def payload_hash(payload: Payload) -> str:
    """SHA-256 of the canonical JSON, whatever the order of the keys."""
    return hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()


def emptied(payload: Payload) -> Payload:
    """The same item with nothing in stock."""
    empty = {**payload, "product": {**payload["product"], "vendor_on_hand_qty": 0}}
    if "variants" in payload:
        empty["variants"] = [{**variant, "vendor_on_hand_qty": 0} for variant in payload["variants"]]
    return empty


def default_code(payload: Payload) -> str:
    return str(payload["product"]["default_code"])


def stock_of(payload: Payload | None) -> Decimal:
    """The stock of the whole item; 0 without a payload."""
    return Decimal(str(payload["product"]["vendor_on_hand_qty"])) if payload else Decimal(0)


def quantities(payload: Payload) -> dict[str, Decimal]:
    """The stock by default_code, as a read should show it."""
    if "variants" not in payload:
        return {default_code(payload): stock_of(payload)}
    return {v["default_code"]: Decimal(str(v["vendor_on_hand_qty"])) for v in payload["variants"]}


def skus_of(payload: Payload) -> str:
    """The SKUs of the item with commas."""
    return ",".join(variant["default_code"] for variant in payload.get("variants", ())) or default_code(payload)


def read_body(payload: Payload) -> Payload:
    return {"default_code": default_code(payload)}


def create_body(payload: Payload) -> Payload:
    return payload


def update_body(payload: Payload, acked: Payload | None, *, full: bool = False) -> Payload:
    """The body that brings a vendor who confirmed `acked` (None: not known) to `payload`."""
    code, product = default_code(payload), payload["product"]
    if "variants" in payload:
        short = [{k: v for k, v in variant.items() if k != "attributes"} for variant in payload["variants"]]
        return {"default_code": code, **payload} if full else {"default_code": code, "variants": short}
    changed = {"vendor_on_hand_qty": product["vendor_on_hand_qty"]}
    if acked is None or acked["product"]["name"] != product["name"]:
        changed["name"] = product["name"]
    body = {"default_code": code, "product": changed}
    if acked is not None and acked["supplier"] != payload["supplier"]:
        body["supplier"] = payload["supplier"]
    return body
