"""marts.customer_segments and marts.customer_segment_changes: who is who by spending and silence, and who moved."""

import dagster as dg

from sync_assets.defs.describe import asset_key, check_result, check_spec, described_together, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.transforms.pictures_spending import segment_moves, segment_sizes
from sync_assets.transforms.segments import CUSTOMER_COLUMNS, SPENDING_COLUMNS, compute_segments
from sync_assets.transforms.spending_checks import check_segments_complete
from sync_assets.warehouse.spending import latest_segment_changes


@dg.multi_asset(
    name="customer_segments",
    **described_together(
        CUSTOMER_SEGMENTS,
        CUSTOMER_SEGMENT_CHANGES,
        kinds={"pandas"},
        deps=[asset_key(CUSTOMERS), asset_key(CUSTOMER_SPENDING)],
        checks=[check_spec(CUSTOMER_SEGMENTS, "segments_complete", "Every customer has one segment, and nobody else.")],
    ),
)
def customer_segments(
    context: dg.AssetExecutionContext, sync: SyncSession
) -> tuple[dg.MaterializeResult, dg.MaterializeResult]:
    with sync.step(context) as step:
        org_id, warehouse = step.org.org_id, step.warehouse
        customers = warehouse.read(CUSTOMERS, org_id, CUSTOMER_COLUMNS)
        segments = compute_segments(
            customers,
            warehouse.read(CUSTOMER_SPENDING, org_id, SPENDING_COLUMNS),
            latest_segment_changes(warehouse, org_id),
            step.org,
            as_of=sync.as_of_moment(step.started_at),
        )
        # Changes first: what moved is found by comparing with them, so a run that died between the two is caught up.
        moved = warehouse.merge(CUSTOMER_SEGMENT_CHANGES, segments.changes, org_id)
        changes = warehouse.replace(CUSTOMER_SEGMENTS, segments.frame, org_id)
        complete = check_segments_complete(segments.frame, customers)
        return (
            receipt(
                step,
                CUSTOMER_SEGMENTS,
                changes,
                checks=[check_result("segments_complete", *complete)],
                preview=segments.frame,
                more={"sizes": picture(segment_sizes(segments.frame)), **segments.counts},
            ),
            receipt(
                step,
                CUSTOMER_SEGMENT_CHANGES,
                moved,
                preview=segments.changes,
                more={"moves": picture(segment_moves(segments.changes))} if len(segments.changes) else {},
            ),
        )
