"""iSaVigne sales as canonical sales lines: quantities in bottles, costs and margins.

Which sales can be loaded is decided in `sales.py`; their amounts were computed when the file was read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CHANNELS, SALES_LINES
from sync_assets.transforms.bottles import MESSAGES, Bottles, count_bottles
from sync_assets.transforms.columns import look_up, only_if, to_arrow, to_frame, to_plain_words
from sync_assets.transforms.isavigne.raw import CURRENCY, SOURCE, report_rows
from sync_assets.transforms.isavigne.sales import KIND, Known, Sold
from sync_assets.transforms.mapped import Finding, Mapped
from sync_assets.transforms.money import ZERO, fit, margins, multiply

CHANNEL_WORDS = {word: word for word in CHANNELS} | {
    "vente directe": "direct", "site": "website", "web": "website", "internet": "website", "site web": "website",
    "en ligne": "website", "boutique": "store", "magasin": "store", "caveau": "store", "livraison": "delivery",
    "retrait": "pickup", "click collect": "pickup", "drive": "pickup", "distributeur": "distributor",
    "caviste": "distributor", "grossiste": "distributor", "revendeur": "distributor",
}  # fmt: skip
_WORDS = to_plain_words(pa.array(list(CHANNEL_WORDS)))
_CHANNELS = pa.array(list(CHANNEL_WORDS.values()))


def map_lines(sold: Sold, files: pd.DataFrame, known: Known, org: Org, *, synced_at: datetime) -> Mapped:
    """One row per sale that can be loaded, see `resolve_sales`."""
    lines, keys = sold.lines, sold.lines["sold_product_key"]
    volumes, regions, is_wine = (known.of_product(keys, name) for name in ("volume_cl", "region", "is_wine"))
    bottles = count_bottles(lines["quantity"], lines["unit_label"], volumes, regions, is_wine, org.bottles)
    channels = read_channels(lines["channel"])
    columns = {
        "org_id": org.org_id,
        "sale_line_key": lines["record_key"],
        "source": SOURCE,
        "source_id": pc.utf8_slice_codeunits(lines["record_key"], len(SOURCE) + 1),
        "order_id": lines["order_key"],
        "order_ref": lines["document_no"],
        "customer_key": lines["customer_key"],
        "source_partner_id": lines["client_code"],
        "product_key": keys,
        "date_sale": lines["date_sale"],
        "quantity_units": lines["quantity"],
        "unit_label": lines["unit_label"],
        "quantity_product_units": bottles.product_units,
        "quantity_bottles_75cl_eq": bottles.equivalents,
        "price_unit": lines["price_unit"],
        "price_unit_untaxed": lines["price_unit_untaxed"],
        "price_total": lines["price_total"],
        "price_total_untaxed": lines["price_total_untaxed"],
        "currency": CURRENCY,
        "document_type": lines["document_type"],
        "is_return": pc.less(lines["quantity"], ZERO),
        "channel": pc.fill_null(channels, "direct"),
        "synced_at": synced_at,
    }
    frame = to_frame(SALES_LINES, lines.num_rows, columns | _read_costs(lines, known, bottles.product_units))
    is_lost = pc.and_(pc.is_valid(lines["channel"]), pc.is_null(channels))
    message = "The channel is not known; the sale counts as direct."
    findings = [
        *sold.findings,
        *report_units(KIND, lines, files, bottles),
        *report_rows(KIND, lines, files, is_lost, "bad_value", message, column="channel", values=lines["channel"]),
    ]
    return Mapped(frame, findings, sold.skipped, sold.rejected)


def report_units(kind: str, rows: pa.Table, files: pd.DataFrame, bottles: Bottles) -> list[Finding]:
    """One warning for each row whose unit leaves the number of bottles unknown or unsure."""
    findings: list[Finding] = []
    for code, message in MESSAGES.items():
        where = pc.equal(bottles.code, code)
        findings += report_rows(kind, rows, files, where, code, message, column="unit_label", values=rows["unit_label"])
    return findings


def read_channels(texts: Any) -> Any:
    """Channels of the canonical list; null when missing or unknown.

    >>> read_channels(pa.array(["Boutique", "Site Web", None, "pigeon"])).to_pylist()
    ['store', 'website', None, None]
    """
    return look_up(to_plain_words(texts), _WORDS, _CHANNELS)


def _read_costs(lines: pa.Table, known: Known, product_units: Any) -> dict[str, Any]:
    """The catalogue's cost of the quantity sold; the margin without tax where the row has it."""
    keys = lines["sold_product_key"]
    cost = fit(multiply(known.of_product(keys, "cost_price"), product_units), "money")
    currency = only_if(pc.is_valid(cost), known.of_product(keys, "cost_currency"))
    taxed, untaxed = lines["price_total"], lines["price_total_untaxed"]
    margin, basis = margins(untaxed, taxed, cost, pc.equal(currency, CURRENCY))
    return {"cost_total": cost, "cost_currency": currency, "margin_percent": margin, "margin_basis": basis}


def client_codes(clients: pd.DataFrame) -> Any:
    """The codes of raw.isavigne_clients, as look-ups need them."""
    return pc.unique(to_arrow(clients)["client_code"])
