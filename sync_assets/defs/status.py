"""How a source of an organisation stands after a run: the row of ops.sync_status that people and checks ask."""

from typing import Any

from sync_assets.defs.run_book import RunBook
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.raw import ALLEAVES_CUSTOMERS
from sync_assets.warehouse import Warehouse, books, queries

STATES = {"ok": "success", "partial": "partial", "failed": "failed"}


def save_source_status(warehouse: Warehouse, book: RunBook, source: str, *, run_id: str) -> None:
    """Records how the run ended for a source; a success clears the last error, a failure keeps the last success."""
    state = STATES.get(book.status())
    if state is None:
        return
    error = book.errors[0] if book.errors else {}
    values: dict[str, Any] = {
        "state": state,
        "last_attempt_at": book.started_at,
        "last_error": error.get("message"),
        "last_error_step": error.get("step"),
        "warnings": {code: count for code, count in sorted(book.findings.items()) if count},
        "run_id": run_id,
    }
    if book.was_spending_computed:
        values["spending_computed_at"] = book.started_at
    if state == "success":
        values["last_sync_at"] = book.started_at
    books.save_status(warehouse, book.org.org_id, source, **values, **_counts(warehouse, book.org.org_id, source))


def _counts(warehouse: Warehouse, org: str, source: str) -> dict[str, int]:
    counts = {"order_count": queries.count_rows(warehouse, SALES_ORDERS, org, source=source)}
    if source == "alleaves":
        counts["customer_count"] = queries.count_rows(warehouse, ALLEAVES_CUSTOMERS, org)
        counts["menu_products_count"] = queries.count_menu(warehouse, org)
    return counts
