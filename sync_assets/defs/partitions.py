"""Partitions: one per organisation, by name, so that a new organisation needs no deployment; months for history."""

from __future__ import annotations

import dagster as dg

HISTORY_STARTS = "2020-01-01"

org_partitions = dg.DynamicPartitionsDefinition(name="org")
# Multi-partition keys come in the order of the dimension names: 2025-01-01|maison-verdel.
month_org_partitions = dg.MultiPartitionsDefinition(
    {"month": dg.MonthlyPartitionsDefinition(start_date=HISTORY_STARTS), "org": org_partitions}
)
