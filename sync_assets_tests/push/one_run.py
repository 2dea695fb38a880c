"""A push run in a process of its own, to be killed or to compete with others: `python -m … DATABASE_URL VENDOR_URL`."""

from __future__ import annotations

import sys

from sync_assets.push import Pace, run_push
from sync_assets.warehouse import Warehouse
from sync_assets_tests.push.support import org_for

if __name__ == "__main__":
    database, url, partner_id, seconds, lease = sys.argv[1:]
    org = org_for(url, partner_id=partner_id, run_seconds=float(seconds))
    with Warehouse(database) as warehouse:
        print("ready", flush=True)
        sys.stdin.readline()
        run_push(warehouse, org, None, pace=Pace(first_delay=0.02, spread=0.0, lease=float(lease)))
