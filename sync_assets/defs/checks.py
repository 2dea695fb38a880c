"""Checks that look at all organisations at once; those of a single run come with its materialisations."""

from datetime import timedelta

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import load_connections
from sync_assets.defs.describe import asset_key, check_result
from sync_assets.defs.resources import SyncSession
from sync_assets.settings import get_settings
from sync_assets.tables.marts import CUSTOMER_AVATARS, CUSTOMER_SPENDING
from sync_assets.transforms.avatar_checks import check_avatars_fresh
from sync_assets.warehouse import queries


@dg.asset_check(
    asset=asset_key(CUSTOMER_AVATARS),
    description="Every active organisation's avatars were processed within its freshness limit.",
)
def avatars_fresh(sync: SyncSession) -> dg.AssetCheckResult:
    now, stale = utc_now(), {}
    orgs = load_connections(get_settings().sync_assets_connections).active
    for org in orgs.values():
        avatars = sync.warehouse.read(CUSTOMER_AVATARS, org.org_id, ["last_sync_odoo"])
        is_fresh, details = check_avatars_fresh(avatars, now=now, fresh_hours=org.avatars.fresh_hours)
        if not is_fresh or not len(avatars):
            stale[org.org_id] = details.get("last_sync", "never synced")
    return check_result("avatars_fresh", not stale, {"organisations": len(orgs), "stale": stale}, warn=True)


# Labels of the point of sale's age, and when it becomes a warning and an error: Alleaves specification, section 2.5.
STALE_AFTER, BROKEN_AFTER = timedelta(hours=2), timedelta(hours=24)


@dg.asset_check(
    asset=asset_key(CUSTOMER_SPENDING),
    description="Every active store's point of sale was synced in the last two hours; an error after a day.",
)
def stores_fresh(sync: SyncSession) -> dg.AssetCheckResult:
    now, late, oldest = utc_now(), {}, timedelta(0)
    stores = [o for o in load_connections(get_settings().sync_assets_connections).active.values() if o.sources.alleaves]
    for org in stores:
        synced_at = queries.sync_status(sync.warehouse, org.org_id, "alleaves").get("last_sync_at")
        age = now - synced_at if synced_at else BROKEN_AFTER
        if age >= STALE_AFTER:
            late[org.org_id] = synced_at.isoformat() if synced_at else "never synced"
            oldest = max(oldest, age)
    return check_result("stores_fresh", not late, {"stores": len(stores), "stale": late}, warn=oldest < BROKEN_AFTER)
