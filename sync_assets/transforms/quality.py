"""How well the sources fill the canonical tables: coverage, score, colour, and what is wrong with how many rows.

Counting rows does not belong here; what was counted comes in. Canonical specification, section 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets.transforms.feeds import MAPPABLE, REQUIRED

SEVERITIES = ("critical", "high", "medium", "low", "info")
EXAMPLES = 5
INVALID = {
    "bad_number", "bad_date", "bad_email", "bad_phone", "bad_value", "bad_vintage", "date_out_of_range",
    "invalid_price", "ragged_row", "opt_out_unknown", "unknown_unit", "unknown_document_type",
}  # fmt: skip
ORPHANS = {
    "unknown_customer", "unknown_product", "ambiguous_product", "unknown_customer_id", "unknown_email",
    "unknown_id_and_email", "ambiguous_email", "partner_missing",
}  # fmt: skip
CODES = {
    "missing_value": "critical",
    **dict.fromkeys(INVALID | ORPHANS, "high"),
    "duplicate_conflict": "medium",
    "duplicate_identical": "low",
}
# What any other code is worth, by what happened to its row.
REJECT_SEVERITIES = {"fatal": "critical", "error": "high", "warning": "medium", "info": "low"}
# What the entities of rejects are about; those of canonical tables say it themselves.
ENTITIES = {
    "res.partner": "customers", "product.product": "product_catalog", "product.template": "product_catalog",
    "sale.order": "sales_orders", "sale.order.line": "sales_lines", "stock.quant": "stock_levels",
    "clients": "customers", "produits": "product_catalog", "ventes": "sales_lines", "stock": "stock_levels",
    "contacts": "contact_history", "orders": "sales_orders", "order_lines": "sales_lines",
    "inventory": "product_catalog",
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What one source holds in one canonical table: rows, and by column how many of them have a value.

    `feeds` names the raw fields behind each column, `given` those raw fields that the data has.
    """

    table: str
    source: str
    rows: int
    filled: Mapping[str, int]
    feeds: Mapping[str, tuple[str, ...]]
    given: frozenset[str]

    def is_mapped(self, name: str) -> bool:
        """Whether the data has what feeds the column, and some row has a value in it."""
        return self.filled.get(name, 0) > 0 and not self.given.isdisjoint(self.feeds.get(name, ()))


def compute_score(total: int, mapped: int, required_missing: int) -> int:
    """0 to 100: 60 points for mapped fields, 40 for required ones that are there; whole points only.

    >>> compute_score(25, 21, 2), compute_score(25, 25, 0), compute_score(0, 0, 0)
    (87, 100, 0)
    """
    return (60 * mapped + 40 * (total - required_missing)) // total if total else 0


def compute_coverage(total: int, mapped: int) -> Decimal:
    """Mapped fields in percent, one decimal.

    >>> compute_coverage(25, 21), compute_coverage(0, 0)
    (Decimal('84.0'), Decimal('0.0'))
    """
    percent = Decimal(100 * mapped) / total if total else Decimal(0)
    return percent.quantize(Decimal("0.1"), ROUND_HALF_UP)


def choose_colour(score: int) -> str:
    """Below 50 red, above 80 green, yellow between.

    >>> [choose_colour(score) for score in (49, 50, 80, 81)]
    ['red', 'yellow', 'yellow', 'green']
    """
    return "red" if score < 50 else "yellow" if score <= 80 else "green"


def _figures(total: int, mapped: int, required_missing: int) -> dict[str, Any]:
    score = compute_score(total, mapped, required_missing)
    coverage = compute_coverage(total, mapped)
    return {"total": total, "mapped": mapped, "coverage": coverage, "score": score, "colour": choose_colour(score)}


def judge_table(held: Held) -> dict[str, Any]:
    """Figures and fields of one table of one source."""
    fields = []
    for name in MAPPABLE[held.table]:
        fields.append(
            {
                "name": name,
                "is_required": name in REQUIRED[held.table],
                "is_mapped": held.is_mapped(name),
                "fed_by": list(held.feeds.get(name, ())),
                "filled_percent": compute_coverage(held.rows, held.filled.get(name, 0)),
            }
        )
    unmapped = [one["name"] for one in fields if not one["is_mapped"]]
    missing = [name for name in REQUIRED[held.table] if name in unmapped]
    return {
        "table": held.table,
        "source": held.source,
        "rows": held.rows,
        **_figures(len(fields), len(fields) - len(unmapped), len(missing)),
        "unmapped": unmapped,
        "required_missing": missing,
        "fields": fields,
    }


def judge_code(code: str, severity: str) -> str:
    """Severity of an anomaly, from the code of a reject and what happened to its row.

    >>> judge_code("bad_email", "warning"), judge_code("zip_suspect", "warning"), judge_code("reject_rate", "fatal")
    ('high', 'medium', 'critical')
    """
    return CODES.get(code) or REJECT_SEVERITIES[severity]


def read_reject(reject: Mapping[str, Any]) -> dict[str, Any]:
    """An anomaly from open rejects of one entity, column and code, with their count and examples."""
    entity = str(reject["entity"])
    table = entity.removeprefix("canonical.") if entity.startswith("canonical.") else ENTITIES.get(entity, entity)
    return {
        "table": table,
        "source": reject["source"],
        "column": reject["column_name"],
        "code": reject["code"],
        "severity": judge_code(reject["code"], reject["severity"]),
        "count": reject["count"],
        "examples": list(reject["examples"])[:EXAMPLES],
    }


def build_report(
    held: Iterable[Held], anomalies: Iterable[Mapping[str, Any]], *, org: str, name: str, as_of: str
) -> dict[str, Any]:
    """The whole report; tables in which a source holds nothing are listed and not judged."""
    everything = list(held)
    tables = [judge_table(one) for one in everything if one.rows]
    total, mapped = (sum(int(one[key]) for one in tables) for key in ("total", "mapped"))
    missing = sum(len(one["required_missing"]) for one in tables)
    found = [
        *(read_nulls(one, name) for one in everything if one.rows for name in MAPPABLE[one.table]),
        *(dict(anomaly) for anomaly in anomalies),
    ]
    found = [anomaly for anomaly in found if anomaly["count"]]
    counts = {severity: sum(a["count"] for a in found if a["severity"] == severity) for severity in SEVERITIES}
    order = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    return {
        "organisation": org,
        "name": name,
        "as_of": as_of,
        "overall": {**_figures(total, mapped, missing), "required_missing": missing, "anomalies": counts},
        "tables": sorted(tables, key=lambda one: (one["source"], list(MAPPABLE).index(one["table"]))),
        "without_data": [{"table": one.table, "source": one.source} for one in everything if not one.rows],
        "anomalies": sorted(
            found, key=lambda a: (order[a["severity"]], -a["count"], a["source"], a["table"], a["column"] or "")
        ),
    }


def read_nulls(held: Held, name: str) -> dict[str, Any]:
    """Rows without a value: critical in a required field, else a rate for information; of unmapped fields only the former."""
    is_required = name in REQUIRED[held.table]
    is_told = is_required or held.is_mapped(name)
    return {
        "table": held.table,
        "source": held.source,
        "column": name,
        "code": "missing_value" if is_required else "empty",
        "severity": "critical" if is_required else "info",
        "count": held.rows - held.filled.get(name, 0) if is_told else 0,
        "examples": [],
    }
