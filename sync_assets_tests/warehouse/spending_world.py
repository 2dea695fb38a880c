"""A small stored world for the tests of lookups and views: canonical rows and the marts computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.transforms.segments import Segments, compute_segments
from sync_assets.transforms.spending import compute_spending
from sync_assets.warehouse import Changes, Warehouse
from sync_assets.warehouse.spending import latest_segment_changes
from sync_assets_tests.transforms.spending_support import AS_OF, ORG, Row, frame_of


def store(warehouse: Warehouse, people: Sequence[Row], orders: Sequence[Row]) -> None:
    warehouse.replace(CUSTOMERS, frame_of(CUSTOMERS, people), ORG.org_id)
    warehouse.replace(SALES_ORDERS, frame_of(SALES_ORDERS, orders), ORG.org_id)


def index(warehouse: Warehouse, *, at: datetime = AS_OF) -> Changes:
    """Rebuilds marts.customer_spending from what is stored."""
    orders, people = warehouse.read(SALES_ORDERS, ORG.org_id), warehouse.read(CUSTOMERS, ORG.org_id)
    return warehouse.replace(CUSTOMER_SPENDING, compute_spending(orders, people, ORG, updated_at=at).frame, ORG.org_id)


def segment(warehouse: Warehouse, *, as_of: datetime = AS_OF, is_killed: bool = False) -> tuple[Segments, Changes]:
    """Computes the segments and stores first who moved, then the segments; a killed run ends between the two."""
    found = compute_segments(
        warehouse.read(CUSTOMERS, ORG.org_id),
        warehouse.read(CUSTOMER_SPENDING, ORG.org_id),
        latest_segment_changes(warehouse, ORG.org_id),
        ORG,
        as_of=as_of,
    )
    warehouse.merge(CUSTOMER_SEGMENT_CHANGES, found.changes, ORG.org_id)
    if is_killed:
        return found, Changes()
    return found, warehouse.replace(CUSTOMER_SEGMENTS, found.frame, ORG.org_id)
