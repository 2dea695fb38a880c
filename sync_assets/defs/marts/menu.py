"""marts.menu_products: what each store has on its menu, at which price, cost and margin.

Built from raw.alleaves_inventory, since the store's own menu has columns that only a point of sale knows.
"""

import dagster as dg

from sync_assets.defs.canonical.mapping import mapping_run
from sync_assets.defs.describe import asset_key, check_result, check_spec, described, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.tables.raw import ALLEAVES_INVENTORY, ALLEAVES_LOCATIONS
from sync_assets.transforms.alleaves import build_menu, checks, pos_rules, store_today
from sync_assets.transforms.alleaves.mapping import MAPPING, read_raw
from sync_assets.transforms.pictures_menu import margin_spread
from sync_assets.warehouse import queries

CHECKS = {
    "margin_anomalies": "No item on the menu costs more than it is sold for.",
    "catalogue_drop": "No store lost more than half of its menu since the last run.",
    "cost_coverage": "A quarter of the items on the menu have a cost.",
}


@dg.asset(
    **described(
        MENU_PRODUCTS,
        kinds={"pandas"},
        checks=[check_spec(MENU_PRODUCTS, name, what) for name, what in CHECKS.items()],
    ),
    deps=[asset_key(ALLEAVES_INVENTORY), asset_key(ALLEAVES_LOCATIONS)],
)
def menu_products(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org_id, rules = step.org.org_id, pos_rules(step.org)
        raw = read_raw(mapping_run(step), "inventory", "locations")
        previous = step.warehouse.read(MENU_PRODUCTS, org_id)
        status = queries.sync_status(step.warehouse, org_id, MAPPING.source)
        menu = build_menu(
            raw.inventory,
            previous,
            step.org,
            rules,
            run_at=step.started_at,
            store_today=store_today(raw, rules, step.started_at),
            accept_catalogue_shrink=sync.accept_catalogue_shrink,
            last_listed_at=status.get("products_synced_at"),
        )
        rejected = step.reject(menu.rejects, source=MAPPING.source, entity="menu_product")
        changes = step.warehouse.replace(MENU_PRODUCTS, menu.frame, org_id)
        answers = {
            "margin_anomalies": checks.check_margins(menu.frame),
            "catalogue_drop": checks.check_catalogue_drop(menu.frame, previous),
            "cost_coverage": checks.check_cost_coverage(menu.frame),
        }
        return receipt(
            step,
            MENU_PRODUCTS,
            changes,
            rejected=rejected,
            checks=[check_result(name, *answer, warn=True) for name, answer in answers.items()],
            preview=menu.frame,
            more={
                # Most organisations have no store, and a picture takes longer than the rest of this step.
                **({"margins": picture(margin_spread(menu.frame))} if len(menu.frame) else {}),
                "removed": menu.removed,
                "revived": menu.revived,
                "dagster/partition_row_count": len(menu.frame),
            },
        )
