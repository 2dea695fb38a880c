"""What the user of the API key may not see: Odoo leaves such rows out without a word, as if they were deleted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_assets.errors import GuardTripped, SyncError
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.odoo import PART_OF_ORDERS, OdooClient, sees_all_orders
from sync_assets.tables.spec import Table
from sync_assets.warehouse import ShrinkGuard, queries

if TYPE_CHECKING:
    from sync_assets.extraction.odoo import Landing


@dataclass(frozen=True, kw_only=True)
class UnseenGuard(ShrinkGuard):
    """Refuses also to take any order for deleted while the user may not see all of them."""

    client: OdooClient

    def check(self, table: Table, org: str, *, old: int, gone: int) -> None:
        super().check(table, org, old=old, gone=gone)
        if gone and not _sees_all_orders(self.client):
            raise GuardTripped(
                f"{org}: {gone} of {old} rows of {table} are not shown to this user any more, so the old rows were kept; give it "
                "Sales / User: All Documents, or if they are gone, run again with accept_deletions (--accept-deletions)",
                code=self.code,
            )


def is_company_hidden(landing: Landing, result: StreamResult) -> bool:
    """Whether the user no longer sees a company whose orders are held, and nobody said that it is to go.

    Odoo leaves out such a company's rows without a word, so while this lasts nothing is taken for deleted.
    """
    if landing.accept_deletions:
        return False
    hidden = queries.hidden_companies(landing.warehouse, landing.org, landing.client.companies())
    if hidden:
        names = ", ".join(f"{name} (id {company})" for company, name in hidden.items())
        message = (
            f"{landing.org}: Odoo no longer shows the rows of {names}, so nothing was taken for deleted; add it to the "
            "companies of the user (or to company_ids), or if it is to go, run again with accept_deletions (--accept-deletions)"
        )
        result.problems.append({"code": "company_hidden", "message": message})
    return bool(hidden)


def warn_of_hidden_orders(landing: Landing, result: StreamResult) -> None:
    """Tells of a user without the right to all orders in every run."""
    if not _sees_all_orders(landing.client):
        result.problems.append({"code": "orders_hidden", "message": f"{landing.org}: {PART_OF_ORDERS}"})


def _sees_all_orders(client: OdooClient) -> bool:
    with suppress(SyncError):  # a server that does not tell its groups is no reason to fail
        return sees_all_orders(client)
    return True
