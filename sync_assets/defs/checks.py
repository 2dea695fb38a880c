"""Checks that look at all organisations at once; those of a single run come with its materialisations."""

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import load_connections
from sync_assets.defs.describe import asset_key, check_result
from sync_assets.defs.resources import SyncSession
from sync_assets.settings import get_settings
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_checks import check_avatars_fresh


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
