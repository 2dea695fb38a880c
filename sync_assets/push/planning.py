"""From the shop's stock to wanted states, and the guards before anything is sent.

Sending does not belong here. Reading the shop and writing the states happen under one lock, so the newest reading wins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sync_assets.clock import utc_now
from sync_assets.connections import Org, ShopConnection, VendorConnection, secret_value
from sync_assets.errors import ConfigurationError, GuardTripped
from sync_assets.push.payloads import Skipped, Wanted, build_wanted, emptied, stock_of
from sync_assets.push.states import Trigger, merge, new_state
from sync_assets.sources.shop import ShopReader, open_shop
from sync_assets.warehouse import Warehouse, push

TARGET = "vendor_api"
ZERO_SHARE, ZERO_COUNT = 0.5, 10
Row = dict[str, Any]


@dataclass
class Plan:
    """What a pass found: the action of each item by push_key, what is left out, and how much the shop has."""

    actions: dict[str, Literal["create", "update", "unchanged"]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    products: int = 0
    variants: int = 0
    rows: list[Row] = field(default_factory=list, repr=False)

    @property
    def to_send(self) -> list[str]:
        return [key for key, action in self.actions.items() if action != "unchanged"]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(self.actions.values())
        return {**{name: found[name] for name in ("create", "update", "unchanged")}, "skipped": len(self.skipped)}


def connections_of(org: Org) -> tuple[ShopConnection, VendorConnection]:
    """Raises ConfigurationError when the organisation has no shop or no vendor API."""
    for place, found in (("sources.shop", org.sources.shop), ("targets.vendor_api", org.targets.vendor_api)):
        if found is None:
            raise ConfigurationError(
                f"{org.org_id}: {place} is not set in connections.yaml; add it to push", code="setting_missing"
            )
    assert org.sources.shop is not None and org.targets.vendor_api is not None
    return org.sources.shop, org.targets.vendor_api


def plan_push(
    warehouse: Warehouse,
    org: Org,
    trigger: Trigger,
    *,
    skus: Sequence[str] | None = None,
    is_dry_run: bool = False,
    is_confirmed: bool = False,
    allow_mass_zero: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> Plan:
    """Reads the shop and records what the vendor should hold, of all items or those of `skus`.

    Raises GuardTripped (`mass_zero`, `plan_too_large`) before anything is written.
    """
    with opened(warehouse, org) as (connection, shop, held):
        wanted, plan = read_wanted(shop, org, held)
        if skus is not None:
            chosen = set(skus)
            wanted = [item for item in wanted if chosen & {item.push_key, *item.skus}]
            plan.skipped = [skip for skip in plan.skipped if chosen & set(skip.sku.split(","))]
        else:
            wanted += zeroed(org, held, wanted)
        add(plan, org, held, wanted, trigger, read_at=shop.read_at, at=now())
        if skus is None:
            plan.rows += excluded(org, held, wanted)
        guard(org, held, wanted, plan, is_confirmed=is_confirmed, allow_mass_zero=allow_mass_zero)
        if not is_dry_run:
            push.save_states(connection, plan.rows)
    return plan


@contextmanager
def opened(warehouse: Warehouse, org: Org) -> Iterator[tuple[push.Connection, ShopReader, dict[str, Row]]]:
    """The planning transaction of the target, the shop as it is then, and the states held, locked against workers."""
    shop, _ = connections_of(org)
    url = secret_value(shop.url, org=org.org_id) if shop.url is not None else warehouse.url_of(str(shop.database))
    with push.planning(warehouse, org.org_id, TARGET) as connection, open_shop(shop, url, org=org.org_id) as reader:
        yield connection, reader, push.states(connection, org.org_id, TARGET, lock=True)


def read_wanted(shop: ShopReader, org: Org, held: dict[str, Row]) -> tuple[list[Wanted], Plan]:
    _, vendor = connections_of(org)
    variants = shop.stock(with_prices=vendor.mode == "v2", channel_id=vendor.channel_id)
    pins = {key: row["remote_key"] for key, row in held.items() if row["remote_key"]}
    wanted, skipped = build_wanted(variants, vendor, pins)
    products = len({variant.product_id for variant in variants})
    return wanted, Plan(skipped=skipped, products=products, variants=len(variants))


def zeroed(org: Org, held: dict[str, Row], wanted: list[Wanted]) -> list[Wanted]:
    """Items that were pushed and are no longer eligible, with nothing in stock; none with `on_exclusion: leave`."""
    _, vendor = connections_of(org)
    if vendor.on_exclusion == "leave":
        return []
    eligible = {item.push_key for item in wanted}
    return [
        Wanted(key, row["variant_id"], row["product_id"], (), emptied(row["acked_payload"]))
        for key, row in held.items()
        if key not in eligible and row["acked_payload"]
    ]


def excluded(org: Org, held: dict[str, Row], wanted: list[Wanted]) -> Iterator[Row]:
    """Rows whose item is no longer eligible and for which nothing is to be sent."""
    eligible = {item.push_key for item in wanted}
    for key, row in held.items():
        if key not in eligible and row["status"] not in ("active", "excluded"):
            yield {**_key_of(row), "status": "excluded", "next_run_at": None, "waiting_since_at": None}


def _key_of(row: Row) -> Row:
    return {name: row[name] for name in ("org_id", "target", "push_key")}


def add(
    plan: Plan,
    org: Org,
    held: dict[str, Row],
    wanted: Iterable[Wanted],
    trigger: Trigger,
    *,
    read_at: datetime,
    at: datetime,
) -> None:
    for item in wanted:
        row = held.get(item.push_key)
        if row is None:
            plan.rows.append(new_state(org.org_id, TARGET, item, trigger, read_at=read_at, at=at))
            plan.actions[item.push_key] = "create"
            continue
        changes = merge(row, item, trigger, read_at=read_at, at=at)
        if changes is not None:
            plan.rows.append({**_key_of(row), **changes})
        is_idle = changes is None or (changes.get("status") or row["status"]) in ("completed", "failed", "excluded")
        plan.actions[item.push_key] = "unchanged" if is_idle else ("update" if row["acked_hash"] else "create")


def guard(
    org: Org, held: dict[str, Row], wanted: list[Wanted], plan: Plan, *, is_confirmed: bool, allow_mass_zero: bool
) -> None:
    _, vendor = connections_of(org)
    stocked = {key for key, row in held.items() if stock_of(row["acked_payload"]) > 0}
    emptied_ = [item.push_key for item in wanted if item.push_key in stocked and stock_of(item.payload) <= 0]
    if not allow_mass_zero and len(emptied_) >= ZERO_COUNT and len(emptied_) > ZERO_SHARE * len(stocked):
        raise GuardTripped(
            f"{org.org_id}: {len(emptied_)} of {len(stocked)} items in stock would become 0; nothing was sent. "
            "Check the shop, or allow it with allow_mass_zero",
            code="mass_zero",
        )
    if not is_confirmed and len(plan.to_send) > vendor.max_plan:
        raise GuardTripped(
            f"{org.org_id}: the plan has {len(plan.to_send)} items, more than max_plan = {vendor.max_plan}; nothing was "
            "sent. Confirm it, or raise max_plan",
            code="plan_too_large",
        )


def plan_rows(org: Org, held: dict[str, Row], wanted: list[Wanted], trigger: Trigger, *, at: datetime) -> list[Row]:
    """The rows for items that do not come from the shop."""
    plan = Plan()
    add(plan, org, held, wanted, trigger, read_at=at, at=at)
    return plan.rows
