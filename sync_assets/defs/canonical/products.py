"""canonical.product_catalog, and the registry that gives every product its key once."""

import dagster as dg
import pandas as pd

from sync_assets.defs.canonical.mapping import inputs_of, mapping_run, mappings_of, start_mapping
from sync_assets.defs.canonical.storing import BySource, keep, row_count_check, store
from sync_assets.defs.describe import described
from sync_assets.defs.resources import SyncSession
from sync_assets.defs.run_book import Step
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.products import merge_catalogues


def merge_sources(step: Step, by_source: BySource) -> pd.DataFrame:
    """One row per product, whatever number of sources sell it."""
    frames = {source: mapped.frame for source, mapped in by_source.items()}
    return merge_catalogues(frames, step.org.catalog_source_priority, step.org.segment_bounds)


@dg.asset(
    **described(PRODUCT_CATALOG, kinds={"pandas"}, checks=[row_count_check(PRODUCT_CATALOG)]),
    deps=inputs_of("products"),
)
def product_catalog(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_mapping(step, PRODUCT_CATALOG, "products", PRODUCT_KEYS, also=step.started_at.year)
        if build.last_report:
            return keep(step, build)
        by_source, added = {}, 0
        for mapping in mappings_of(step):
            by_source[mapping.source], new_keys = mapping.products.map(mapping_run(step))
            # Keys first: a catalogue row without its registry entry could get another key later.
            step.warehouse.merge(PRODUCT_KEYS, new_keys, step.org.org_id)
            added += len(new_keys)
        return store(step, PRODUCT_CATALOG, by_source, build, merge=merge_sources, new_product_keys=added)
