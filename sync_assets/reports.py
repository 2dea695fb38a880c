"""What people ask of the warehouse, as rows ready to print: summaries, states, one customer. No rule is decided here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sync_assets.connections import Connections, Org
from sync_assets.errors import ConfigurationError, without_org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS, SEGMENTS
from sync_assets.transforms.avatar_results import high_risk, summarise, upsell_opportunities
from sync_assets.warehouse import Warehouse, queries
from sync_assets.warehouse.spending import get_spending

SHOWN_AVATAR = (
    "health_score",
    "engagement_score",
    "churn_risk_score",
    "upsell_potential_score",
    "total_orders",
    "total_revenue",
    "avg_order_value",
    "currency",
    "first_order_date",
    "last_order_date",
    "days_since_last_order",
    "order_frequency_days",
    "assigned_salesperson_name",
    "is_active",
    "window_months",
    "as_of",
)
SHOWN_SPENDING = (
    "origin",
    "total_spent",
    "order_count",
    "avg_order_value",
    "first_order_date",
    "last_order_date",
    "refund_count",
    "refund_total",
    "currency",
)
LISTED_AVATAR = (
    "customer_key",
    "name",
    "days_since_last_order",
    "order_frequency_days",
    "total_revenue",
    "assigned_salesperson_name",
)
LAST_ORDERS = 10
NEWLY_SHOWN = 5
REJECTS_SHOWN = 3
# Ends of runs from good to bad.
_SEVERITY = ("ok", "partial", "running", "interrupted", "already_running", "failed")


def _avatar_totals(warehouse: Warehouse, org: Org) -> dict[str, Any]:
    columns = ["is_active", "health_score", "churn_risk_score", "last_sync_odoo"]
    frame = warehouse.read(CUSTOMER_AVATARS, org.org_id, columns)
    return dict(summarise(frame, high_churn_cutoff=org.avatars.high_churn_cutoff))


def summary(warehouse: Warehouse, orgs: list[Org], run_ids: dict[str, list[str]]) -> list[dict[str, Any]]:
    """One row per organisation about its runs in `run_ids`: what `run` prints at its end."""
    rows = []
    for org in orgs:
        totals = _avatar_totals(warehouse, org)
        found = (queries.run(warehouse, org.org_id, run_id) for run_id in run_ids.get(org.org_id, ()))
        runs = [run for run in found if run]
        sizes = queries.segment_sizes(warehouse, org.org_id)
        rejects = queries.open_rejects(warehouse, org.org_id)
        created, updated = sum(run["created"] for run in runs), sum(run["updated"] for run in runs)
        last = runs[-1] if runs else {"created": 0, "updated": 0, "unchanged": 0}
        rows.append(
            {
                "organisation": org.org_id,
                "status": max((run["status"] for run in runs), key=_SEVERITY.index, default="failed"),
                "customers": queries.count_rows(warehouse, CUSTOMERS, org.org_id),
                "orders": queries.count_rows(warehouse, SALES_ORDERS, org.org_id),
                "avatars": totals["active"],
                "created": created,
                "updated": updated,
                # What one run created, a later one finds unchanged; for both together it is new.
                "unchanged": max(last["created"] + last["updated"] + last["unchanged"] - created - updated, 0),
                "average_health": totals["average_health"],
                "high_churn": totals["high_churn"],
                **{f"segment_{segment}": sizes.get(segment, 0) for segment in SEGMENTS},
                "rejected": sum(row["rows"] for row in rejects),
                "seconds": round(sum(run["duration_seconds"] or 0.0 for run in runs), 1),
                "errors": [error for run in runs for error in run["errors"]],
                "warnings": [warning for run in runs for warning in run["warnings"]],
                "diff": [change for run in runs for change in (run["result"] or {}).get("diff", [])],
                "rejects": rejects[:REJECTS_SHOWN],
                "newly_at_risk": queries.newly_at_risk(warehouse, org.org_id, limit=NEWLY_SHOWN),
            }
        )
    return rows


def organisations(warehouse: Warehouse, found: Connections) -> list[dict[str, Any]]:
    """One row per organisation of the connections file."""
    rows = []
    for org in found.orgs.values():
        last = next(iter(queries.recent_runs(warehouse, org.org_id, limit=1)), {})
        rows.append(
            {
                "organisation": org.org_id,
                "name": org.name,
                "active": org.active,
                "sources": ", ".join(name for name, source in org.sources if source is not None) or None,
                "last_run": last.get("started_at"),
                "status": last.get("status"),
                "last_error": next((without_org(e["message"], org.org_id) for e in last.get("errors") or []), None),
            }
        )
    return rows


def status(warehouse: Warehouse, org: Org, *, limit: int) -> dict[str, Any]:
    """Totals, the lists a sales manager acts on, and what is wrong with the data."""
    avatars = warehouse.read(CUSTOMER_AVATARS, org.org_id)
    runs = queries.recent_runs(warehouse, org.org_id, limit=1)
    totals = dict(summarise(avatars, high_churn_cutoff=org.avatars.high_churn_cutoff))
    totals |= {
        "sync_in_progress": bool(runs) and runs[0]["status"] == "running",
        "last_result": runs[0]["status"] if runs else None,
    }

    def listed(frame: Any, *columns: str) -> list[dict[str, Any]]:
        return frame.head(limit)[[*LISTED_AVATAR[:2], *columns, *LISTED_AVATAR[2:]]].to_dict("records")

    failed = [s for s in queries.stream_states(warehouse, org.org_id) if s["status"] == "failed"]
    return {
        "organisation": org.org_id,
        "name": org.name,
        "avatars": totals,
        "high_risk": listed(high_risk(avatars, org.avatars.high_churn_cutoff), "churn_risk_score"),
        "segments": queries.segment_overview(warehouse, org.org_id),
        "newly_at_risk": queries.newly_at_risk(warehouse, org.org_id, limit=limit),
        "upsell": listed(upsell_opportunities(avatars), "upsell_potential_score"),
        "rejects": queries.open_rejects(warehouse, org.org_id),
        "streams": [
            {key: s[key] for key in ("source", "stream", "attempted_at", "succeeded_at")}
            | {"error": without_org(s["error"] or "", org.org_id)}
            for s in failed
        ],
    }


def history(warehouse: Warehouse, org: str | None, *, limit: int, details: bool) -> list[dict[str, Any]]:
    """Runs, newest first; with `details` the counts per table, warnings and the result object too."""
    rows = [
        # Dagster's own name for a run of chosen assets says nothing to people.
        {**row, "job": "assets" if row["job"].startswith("__") else row["job"]}
        for row in queries.recent_runs(warehouse, org, limit=limit)
    ]
    if details:
        return rows
    return [
        {
            "started": row["started_at"],
            "organisation": row["org_id"],
            "job": row["job"],
            "status": f"{row['status']} (dry run)" if row["is_dry_run"] else row["status"],
            "seconds": round(row["duration_seconds"], 1) if row["duration_seconds"] is not None else None,
            "rows_read": row["extracted"],
            "avatars": f"{row['created']} new, {row['updated']} changed, {row['unchanged']} same"
            if row["status"] in ("ok", "partial") and row["result"]
            else None,
            "rejected": row["rejected"],
            "first_error": next((without_org(e["message"], row["org_id"]) for e in row["errors"]), None),
        }
        for row in rows
    ]


def customer(warehouse: Warehouse, organisation: Org, key: str) -> dict[str, Any]:
    """The family of the customer with this key, id in the source or e-mail, with what it spent in all its orders.

    Raises ConfigurationError when there is none.
    """
    org = organisation.org_id
    matches = queries.find_customers(warehouse, org, key.strip().removeprefix("cid_"))
    if not matches:
        raise ConfigurationError(
            f"{org} has no customer {key!r}; use a customer key (odoo-56, cid_42), an id in the source or an e-mail",
            code="unknown_customer",
        )
    roots = {match["root_customer_key"] for match in matches}
    if len(roots) > 1:
        names = ", ".join(sorted(roots))
        raise ConfigurationError(
            f"{key!r} belongs to several customers of {org}: {names}; ask for one of them", code="ambiguous_customer"
        )
    root = roots.pop()
    avatar = next(
        iter(warehouse.read(CUSTOMER_AVATARS, org, where=[("customer_key", "=", root)]).to_dict("records")), None
    )
    members = queries.family(warehouse, org, root)
    name = next((m["display_name"] for m in members if m["customer_key"] == root), root)
    return {
        "customer_key": root,
        "name": avatar["name"] if avatar else name,
        "avatar": {column: avatar[column] for column in SHOWN_AVATAR} if avatar else None,
        "spending": _spending(warehouse, organisation, root),
        "top_products": json.loads(avatar["top_products"], parse_float=Decimal) if avatar else [],
        "members": members,
        "orders": queries.last_orders(warehouse, org, root, limit=LAST_ORDERS),
    }


def _spending(warehouse: Warehouse, org: Org, root: str) -> dict[str, Any]:
    """Figures over all orders, segment and tier, and where the figures are from."""
    found = get_spending(warehouse, org, customer_key=root)
    standing = next(iter(queries.standing(warehouse, org.org_id, root)), {})
    return {name: found.get(name) for name in SHOWN_SPENDING} | standing
