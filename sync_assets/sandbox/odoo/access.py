"""Who may log in, with which key, and what each of them may see.

The names and companies of users are ordinary records; they belong to `seed/`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_assets.sandbox.odoo.computed import getter
from sync_assets.sandbox.odoo.errors import access_denied, access_error, missing_error, model_denied, user_error
from sync_assets.sandbox.odoo.fields import Field
from sync_assets.sandbox.odoo.store import Store

Record = dict[str, Any]

DATABASE = "demo"
LOGIN = "sync@sandbox.example"
API_KEY = "sandbox-key"
LANGUAGES = ("en_US", "fr_FR")

_SALES = frozenset({"base.group_user", "sales_team.group_sale_salesman"})
_STOCK = frozenset({"stock.group_stock_user"})
_ALL_ORDERS = frozenset({"sales_team.group_sale_salesman_all_leads"})
_ADMIN = frozenset(
    {"base.group_system", "sales_team.group_sale_manager", "stock.group_stock_manager", "account.group_account_invoice"}
)


@dataclass(frozen=True)
class Account:
    """The rights behind a login."""

    key: str
    groups: frozenset[str]
    has_own_orders_only: bool = False
    denied: tuple[str, ...] = ()

    @property
    def is_admin(self) -> bool:
        return "base.group_system" in self.groups


ACCOUNTS = {
    LOGIN: Account(API_KEY, _SALES | _STOCK | _ALL_ORDERS | _ADMIN),
    "own@sandbox.example": Account("own-key", _SALES | _STOCK, has_own_orders_only=True),
    "nostock@sandbox.example": Account("nostock-key", _SALES | _ALL_ORDERS, denied=("stock.",)),
}


def log_in(store: Store, login: str, key: str) -> int | None:
    """The user id for a login and key; None when refused."""
    account = ACCOUNTS.get(login)
    if account is None or account.key != key:
        return None
    return next((user["id"] for user in store.records("res.users") if user["login"] == login and user["active"]), None)


def user_of_key(store: Store, key: str) -> int | None:
    """The user id behind a key alone, as JSON-2 asks."""
    login = next((login for login, account in ACCOUNTS.items() if account.key == key), None)
    return log_in(store, login, key) if login else None


def check_key(store: Store, uid: int, key: str) -> None:
    """Raises as Odoo does when a call comes with an unknown user id or a wrong key."""
    user = store.get("res.users", uid)
    if user is None:
        raise missing_error(f"Record does not exist or has been deleted.\n(Record: res.users({uid},), User: {uid})")
    account = ACCOUNTS.get(user["login"])
    if account is None or account.key != key or not user["active"]:
        raise access_denied()


@dataclass
class Env:
    """One call's view of the store: who asks, for which companies, with which context."""

    store: Store
    uid: int
    context: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.user: Record = self.store.get("res.users", self.uid) or {}
        self.account = ACCOUNTS[self.user["login"]]
        allowed = self.context.get("allowed_company_ids")
        if allowed and not set(allowed) <= set(self.user["company_ids"]):
            raise access_error("Access to unauthorized or invalid companies.")
        self.company_ids: list[int] = list(allowed or self.user["company_ids"])
        self.company_id: int = allowed[0] if allowed else self.user["company_id"]
        lang = self.context.get("lang")
        if lang and lang not in LANGUAGES and self.store.version >= 18:
            raise user_error(f"Invalid language code: {lang}")

    @property
    def name(self) -> str:
        return str((self.store.get("res.partner", self.user["partner_id"]) or {}).get("name"))

    @property
    def tz(self) -> str:
        partner = self.store.get("res.partner", self.user["partner_id"]) or {}
        return self.context.get("tz") or partner.get("tz") or "UTC"

    def may_read(self, model: str) -> bool:
        return not model.startswith(self.account.denied) if self.account.denied else True

    def may_read_field(self, described: Field) -> bool:
        return described.group is None or self.account.is_admin

    def check_model(self, model: str) -> None:
        if not self.may_read(model):
            raise model_denied(model, self.store.models[model].label)

    def rule(self, model: str) -> Callable[[Record], bool] | None:
        """The record rules of the user as one test; None when the user sees every record."""
        rules = [rule for rule in (self._company_rule(model), self._own_orders_rule(model)) if rule]
        if len(rules) < 2:
            return rules[0] if rules else None
        return lambda record: all(rule(record) for rule in rules)

    def _company_rule(self, model: str) -> Callable[[Record], bool] | None:
        allowed = set(self.company_ids)
        if allowed >= set(self.store.ids("res.company")):
            return None
        if model == "res.company":
            return lambda record: record["id"] in allowed
        if model == "res.users":
            return lambda record: not allowed.isdisjoint(record["company_ids"])
        described = self.store.models[model].fields.get("company_id")
        if described is None:
            return None
        read = getter(self.store, model, described, self.company_id) or operator.itemgetter("company_id")
        return lambda record: not (company := read(record)) or company in allowed

    def _own_orders_rule(self, model: str) -> Callable[[Record], bool] | None:
        name = {"sale.order": "user_id", "sale.order.line": "salesman_id"}.get(model)
        if not self.account.has_own_orders_only or name is None:
            return None
        return lambda record: record[name] in (self.uid, False)
