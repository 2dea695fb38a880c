"""Which e-mails of a store's customers are shared: a fact of the whole list."""

from __future__ import annotations

from sync_assets.extraction.alleaves import mark_shared_emails
from sync_assets.tables.raw import ALLEAVES_CUSTOMERS


def customer(number: str, email: str | None, status: str = "real") -> dict[str, object]:
    return {"customer_id": number, "email": email, "email_status": status if email else "missing"}


def test_shared_emails_16() -> None:
    rows = [
        customer("1", "a@shop.example"),
        customer("2", "a@shop.example"),
        customer("3", "b@shop.example", "shared"),
        customer("4", None),
        customer("5", "c@shop.example"),
    ]
    marked = mark_shared_emails(ALLEAVES_CUSTOMERS.frame(rows))
    assert marked["email_status"].tolist() == ["shared", "shared", "real", "missing", "real"]
    assert mark_shared_emails(marked)["email_status"].tolist() == marked["email_status"].tolist()
