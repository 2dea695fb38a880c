"""Searching and reading: domains, order, pages, archived records, companies, values on the wire, groups."""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.errors import OdooError
from sync_assets.sandbox.odoo.orm import fields_get, methods, read, search, search_count, search_read
from sync_assets.sandbox.odoo.store import Store
from sync_assets_tests.sandbox.odoo_calls import VERSIONS

HALF_PAST = datetime(2026, 1, 2, 9, 30, 0, 500_000, tzinfo=UTC)


@pytest.fixture(params=VERSIONS)
def store(request: pytest.FixtureRequest) -> Store:
    return OdooSandbox(request.param, records="empty").store


@pytest.fixture
def partners(store: Store) -> dict[str, int]:
    """A company, its contacts, one of them archived, and a person, with nulls here and there."""
    acme = store.create(
        "res.partner", {"name": "Acme", "is_company": True, "country_id": 75, "ref": "B1", "customer_rank": 3}
    )
    anna = store.create(
        "res.partner", {"name": "Anna", "parent_id": acme, "email": "Anna@Acme.example", "customer_rank": 1}
    )
    old = store.create("res.partner", {"name": "Old", "parent_id": acme, "active": False})
    zoe = store.create("res.partner", {"name": "Zoé_1", "ref": "a1", "category_id": []})
    return {"acme": acme, "anna": anna, "old": old, "zoe": zoe}


def names(store: Store, partners: dict[str, int], domain: list[Any], **context: Any) -> str:
    """The partners of the fixture that match, by name."""
    env = Env(store, 2, context)
    found = set(search(env, "res.partner", [["id", "in", list(partners.values())], *domain]))
    return " ".join(name for name, record in partners.items() if record in found)


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ([], "acme anna zoe"),
        ([["name", "=", "Acme"]], "acme"),
        ([["name", "!=", "Acme"]], "anna zoe"),
        ([["ref", "=", False]], "anna"),
        ([["ref", "!=", False]], "acme zoe"),
        ([["ref", "!=", "B1"]], "anna zoe"),
        ([["ref", "in", ["B1", "a1"]]], "acme zoe"),
        ([["ref", "in", ["B1", False]]], "acme anna"),
        ([["ref", "not in", ["B1"]]], "anna zoe"),
        ([["ref", "not in", ["B1", False]]], "zoe"),
        ([["ref", ">", "B"]], "acme zoe"),
        ([["ref", "<", "a"]], "acme"),
        ([["customer_rank", ">", 0]], "acme anna"),
        ([["customer_rank", "<=", 1]], "anna zoe"),
        ([["customer_rank", "=", 0]], "zoe"),
        ([["is_company", "=", True]], "acme"),
        ([["is_company", "!=", True]], "anna zoe"),
        ([["email", "like", "acme"]], ""),
        ([["email", "ilike", "acme"]], "anna"),
        ([["email", "not ilike", "acme"]], "acme zoe"),
        ([["name", "=like", "A%"]], "acme anna"),
        ([["name", "=ilike", "zo__1"]], "zoe"),
        ([["name", "like", "%1"]], "zoe"),
        ([["parent_id", "=", False]], "acme zoe"),
        ([["parent_id.name", "=", "Acme"]], "anna"),
        ([["parent_id.country_id.code", "=", "FR"]], "anna"),
        ([["parent_id", "ilike", "acm"]], "anna"),
        ([["child_ids", "!=", False]], "acme"),
        ([["child_ids.name", "=", "Anna"]], "acme"),
        (["|", ["name", "=", "Acme"], ["name", "=", "Anna"]], "acme anna"),
        (["!", ["name", "=", "Acme"]], "anna zoe"),
        (["!", "|", ["name", "=", "Acme"], ["ref", "=", "a1"]], "anna"),
        (["&", ["is_company", "=", False], "|", ["ref", "=", "a1"], ["customer_rank", ">", 0]], "anna zoe"),
        ([["active", "=", False]], "old"),
        ([["active", "in", [True, False]]], "acme anna old zoe"),
        ([[1, "=", 1]], "acme anna zoe"),
        ([[0, "=", 1]], ""),
    ],
)
def test_domains(store: Store, partners: dict[str, int], domain: list[Any], found: str) -> None:
    assert names(store, partners, domain) == found


def test_child_of_and_ids(store: Store, partners: dict[str, int]) -> None:
    acme = partners["acme"]
    assert names(store, partners, [["id", "child_of", acme]]) == "acme anna"
    assert names(store, partners, [["parent_id", "child_of", [acme]]], active_test=False) == "anna old"
    assert names(store, partners, [["id", ">", acme]]) == "anna zoe"
    assert names(store, partners, [["id", ">=", acme], ["id", "<", partners["zoe"]]]) == "acme anna"
    assert names(store, partners, [["id", "!=", acme]]) == "anna zoe"


@pytest.mark.parametrize("domain", [["&", ["id", "=", 1]], ["nonsense"], [["id", "sideways", 1]], [["id", "="]]])
def test_domains_that_cannot_be_understood(store: Store, domain: list[Any]) -> None:
    with pytest.raises(OdooError) as caught:
        search(Env(store, 2), "res.partner", domain)
    assert caught.value.name == "builtins.ValueError"


def test_archived_records_are_hidden_unless_asked_for(store: Store, partners: dict[str, int]) -> None:
    assert names(store, partners, [], active_test=False) == "acme anna old zoe"
    assert names(store, partners, [["parent_id.active", "=", True]]) == "anna"
    rows = read(Env(store, 2, {"active_test": False}), "res.partner", [partners["acme"]], ["child_ids"])
    assert rows[0]["child_ids"] == [partners["anna"]]


def test_times_in_domains(store: Store) -> None:
    """17 and 18 compare with the hidden microseconds, 19 by whole seconds; `>=` and `<` mean the same everywhere."""
    with store.transaction_at(HALF_PAST):
        state = store.create("res.partner", {"name": "Timed"})
    env, by_seconds = Env(store, 2), store.version >= 19

    def matches(sign: str, value: str) -> bool:
        return state in search(env, "res.partner", [["write_date", sign, value]])

    shown = read(env, "res.partner", [state], ["write_date"])[0]["write_date"]
    assert shown == "2026-01-02 09:30:00"
    assert matches("=", shown) is by_seconds
    assert matches(">", shown) is not by_seconds
    assert matches("<=", shown) is by_seconds
    assert matches(">=", shown) is True
    assert matches("<", shown) is False
    assert matches("<", "2026-01-02 09:30:01") is True
    assert matches(">=", "2026-01-02 09:30:00.500001") is by_seconds
    assert matches("=", "2026-01-02 09:30:00.500000") is True
    assert matches(">=", "2026-01-02") is True
    assert matches("<", "2026-01-02") is False
    assert matches("!=", False) is True
    for zoned in ("2026-01-02 09:30:00Z", "2026-01-02 09:30:00+00:00"):
        if by_seconds:
            with pytest.raises(OdooError, match="does not match format"):
                matches(">=", zoned)
        else:
            assert matches(">=", zoned) is True


def test_values_on_the_wire(store: Store, partners: dict[str, int]) -> None:
    env, acme, anna = Env(store, 2), partners["acme"], partners["anna"]
    fields = [
        "name",
        "parent_id",
        "country_id",
        "child_ids",
        "category_id",
        "ref",
        "customer_rank",
        "is_company",
        "comment",
    ]
    row = read(env, "res.partner", [acme], fields)[0]
    assert row == {
        "id": acme,
        "name": "Acme",
        "parent_id": False,
        "country_id": [75, "France"],
        "child_ids": [anna],
        "category_id": [],
        "ref": "B1",
        "customer_rank": 3,
        "is_company": True,
        "comment": False,
    }
    assert list(row) == ["id", *fields]
    for load in ("", None, "anything"):
        assert read(env, "res.partner", [acme], ["country_id", "parent_id"], load) == [
            {"id": acme, "country_id": 75, "parent_id": False}
        ]
    assert read(env, "res.partner", [acme], ["id"]) == [{"id": acme}]


def test_names_of_addresses(store: Store, partners: dict[str, int]) -> None:
    child = store.create("res.partner", {"type": "invoice", "parent_id": partners["anna"]})
    label = "Invoice" if store.version >= 19 else "Invoice Address"
    rows = read(
        Env(store, 2), "res.partner", [child, partners["anna"]], ["name", "complete_name", "commercial_partner_id"]
    )
    assert rows[0] == {
        "id": child,
        "name": False,
        "complete_name": f"Acme, {label}",
        "commercial_partner_id": [partners["acme"], "Acme"],
    }
    assert rows[1]["complete_name"] == "Acme, Anna"


def test_read_leaves_deleted_ids_out(store: Store, partners: dict[str, int]) -> None:
    store.unlink("res.partner", partners["zoe"])
    rows = read(Env(store, 2), "res.partner", [partners["zoe"], partners["acme"], 999_999, partners["acme"]], ["name"])
    assert rows == [{"id": partners["acme"], "name": "Acme"}]


def test_without_fields_all_are_read(store: Store) -> None:
    for model in store.models:
        env = Env(store, 2, {"active_test": False})
        rows = search_read(env, model, [])
        assert all(set(row) == set(fields_get(env, model)) for row in rows), model


def test_limits_and_offsets(store: Store) -> None:
    for n in range(25):
        store.create("res.partner.category", {"name": f"Tag {n:02d}"})
    env = Env(store, 2)
    everything = search(env, "res.partner.category", [], order="id")
    for limit in (None, 0, False):
        assert search(env, "res.partner.category", [], limit=limit, order="id") == everything
    assert search(env, "res.partner.category", [], offset=20, limit=10, order="id") == everything[20:]
    assert search(env, "res.partner.category", [], limit=3, order="name desc") == everything[:-4:-1]
    assert search_count(env, "res.partner.category", [["name", "like", "Tag"]], limit=7) == 7
    walked, last = [], 0
    while page := search_read(env, "res.partner.category", [["id", ">", last]], ["name"], limit=10, order="id"):
        walked += [row["id"] for row in page]
        last = walked[-1]
    assert walked == everything


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("id", "acme anna zoe"),
        ("id desc", "zoe anna acme"),
        ("ref", "acme zoe anna"),
        ("ref DESC", "anna zoe acme"),
        ("customer_rank desc, id", "acme anna zoe"),
        ("is_company, name desc", "zoe anna acme"),
        ("country_id, id", "acme anna zoe"),
        ("name ASC NULLS LAST", "acme anna zoe"),
        (None, "acme anna zoe"),
    ],
)
def test_orders(store: Store, partners: dict[str, int], order: str | None, found: str) -> None:
    ids = search(Env(store, 2), "res.partner", [["id", "in", list(partners.values())]], order=order)
    by_id = {record: name for name, record in partners.items()}
    assert " ".join(by_id[record] for record in ids) == found


def test_companies(store: Store) -> None:
    other = store.create("res.company", {"name": "Other", "partner_id": 1, "currency_id": 126})
    closed = store.create("res.company", {"name": "Closed", "partner_id": 1, "currency_id": 126})
    store.get("res.users", 2)["company_ids"] = [1, other]
    shared, first, second, unseen = (
        store.create("res.partner", {"name": "P", "company_id": company}) for company in (False, 1, other, closed)
    )
    product = store.create("product.product", {"name": "X", "standard_price": {1: 5.0, other: 6.5}})

    def seen(**context: Any) -> list[int]:
        return search(Env(store, 2, context), "res.partner", [["name", "=", "P"]], order="id")

    assert seen() == [shared, first, second]
    assert seen(allowed_company_ids=[other]) == [shared, second]
    assert seen(company_id=other) == [shared, first, second]
    with pytest.raises(OdooError, match="Access to unauthorized or invalid companies"):
        seen(allowed_company_ids=[closed])
    with pytest.raises(OdooError, match="top-secret"):
        read(Env(store, 2), "res.partner", [unseen], ["name"])
    assert search(Env(store, 2, {"allowed_company_ids": [other]}), "res.company", []) == [other]

    def cost(**context: Any) -> float:
        return read(Env(store, 2, context), "product.product", [product], ["standard_price"])[0]["standard_price"]

    assert (cost(), cost(allowed_company_ids=[other]), cost(allowed_company_ids=[other, 1])) == (5.0, 6.5, 6.5)
    store.write("product.product", product, {"standard_price": 5.5})
    assert (cost(), cost(allowed_company_ids=[other])) == (5.5, 6.5)


def group(store: Store, **context: Any) -> Any:
    of_model, _ = methods(store.version, "sale.order")
    env = Env(store, 2, context)
    return lambda name, *args, **named: of_model[name](env, "sale.order", *args, **named)


def test_groups_by_month_and_state(store: Store) -> None:
    for moment, state, price in (
        ("2026-01-31 23:30:00", "sale", 10.0),
        ("2026-01-05 10:00:00", "sale", 5.5),
        ("2026-02-01 10:00:00", "draft", 7.0),
    ):
        product = store.create("product.product", {"name": "X"})
        line = (0, 0, {"product_id": product, "price_unit": price})
        store.create("sale.order", {"partner_id": 1, "date_order": moment, "state": state, "order_line": [line]})
    fields, by = ["amount_total:sum", "id:max"], ["date_order:month", "state"]
    january, february = group(store, tz="UTC")("read_group", [], fields, by, lazy=False)
    assert (january["__count"], january["amount_total"], january["id"]) == (2, 15.5, 2)
    assert (january["date_order:month"], january["state"]) == ("January 2026", "sale")
    assert january["__range"] == {"date_order:month": {"from": "2026-01-01 00:00:00", "to": "2026-02-01 00:00:00"}}
    assert search(Env(store, 2), "sale.order", january["__domain"], order="id") == [1, 2]
    assert (february["__count"], february["state"]) == (1, "draft")
    # Without a zone in the context, months are those of the user's zone, one or two hours ahead of UTC.
    paris = group(store)("read_group", [], fields, by, lazy=False)
    assert [row["__count"] for row in paris] == [1, 1, 1]
    assert paris[0]["__range"]["date_order:month"]["from"] == "2025-12-31 23:00:00"
    total = group(store)("read_group", [], ["amount_total:sum", "write_date:max"], [], lazy=False)
    assert (total[0]["__count"], total[0]["amount_total"], len(total[0]["write_date"])) == (3, 22.5, 19)
    lazily = group(store)("read_group", [["state", "=", "sale"]], ["amount_total"], ["partner_id", "state"])
    assert [(row["partner_id"], row["partner_id_count"], row["amount_total"]) for row in lazily] == [
        ([1, "Maison Verdel"], 2, 15.5)
    ]
    if store.version >= 19:
        formatted = group(store, tz="UTC")("formatted_read_group", [], by, ["__count", "amount_total:sum"])
        assert formatted[0]["date_order:month"] == ["2026-01-01 00:00:00", "January 2026"]
        assert [(row["__count"], row["amount_total:sum"]) for row in formatted] == [(2, 15.5), (1, 7.0)]
        assert search(Env(store, 2), "sale.order", formatted[0]["__extra_domain"], order="id") == [1, 2]


# A record's values, and conditions on them, for comparing the search with a plain reading of the rules.
RANKS = st.integers(-2, 2)
TEXTS = st.sampled_from([False, "", "a", "B", "ab"])
LEAVES = st.one_of(
    st.tuples(st.just("customer_rank"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), RANKS),
    st.tuples(st.just("customer_rank"), st.sampled_from(["in", "not in"]), st.lists(RANKS)),
    st.tuples(st.just("ref"), st.sampled_from(["=", "!="]), TEXTS),
    st.tuples(st.just("ref"), st.sampled_from(["in", "not in"]), st.lists(TEXTS)),
    st.tuples(st.just("id"), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(0, 25)),
)
DOMAINS = st.recursive(
    LEAVES.map(lambda leaf: [list(leaf)]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("&|"), inner, inner).map(lambda it: [it[0], *it[1], *it[2]]),
        inner.map(lambda it: ["!", *it]),
    ),
    max_leaves=6,
)


PLAIN = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda held, values: held in values,
    "not in": lambda held, values: held not in values,
}


def holds(record: dict[str, Any], domain: list[Any]) -> bool:
    """Evaluates a domain in prefix notation, the slow way."""
    stack: list[bool] = []
    for item in reversed(domain):
        if item == "!":
            stack.append(not stack.pop())
        elif item in ("&", "|"):
            one, other = stack.pop(), stack.pop()
            stack.append((one and other) if item == "&" else (one or other))
        else:
            name, sign, value = item
            stack.append(PLAIN[sign](record[name], value))
    return all(stack)


@settings(max_examples=150, deadline=None)
@given(
    records=st.lists(st.tuples(RANKS, TEXTS), min_size=1, max_size=12),
    domains=st.lists(DOMAINS, min_size=1, max_size=3),
)
def test_any_domain_finds_what_the_rules_say(records: list[tuple[int, Any]], domains: list[list[Any]]) -> None:
    store = _EMPTY.store
    store.erase("res.partner", [it for it in store.ids("res.partner") if it > 8])
    for rank, ref in records:
        store.create("res.partner", {"name": "P", "customer_rank": rank, "ref": ref})
    domain = [item for part in domains for item in part]
    env = Env(store, 2, {"active_test": False})
    expected = [record["id"] for record in store.records("res.partner") if holds(record, domain)]
    assert search(env, "res.partner", domain, order="id") == sorted(expected)
    assert search_count(env, "res.partner", domain) == len(expected)


_EMPTY = OdooSandbox("18.0", records="empty")


def test_long_walks_are_fast_enough_for_tests() -> None:
    """No timing here, but a walk over 20,000 rows that would take minutes if a page cost a look at every row."""
    store = OdooSandbox("18.0", records="empty").store
    moment = "2026-01-01 00:00:00.000001"
    row = {"name": "T", "active": True, "create_date": moment, "write_date": moment}
    store.load("res.partner.category", ({"id": n, **row} for n in range(1, 20_001)))
    env, last, pages = Env(store, 2), 0, 0
    began = datetime.now(UTC)
    while page := search_read(env, "res.partner.category", [["id", ">", last]], ["name"], limit=10, order="id"):
        last, pages = page[-1]["id"], pages + 1
    assert (last, pages) == (20_000, 2_000)
    assert datetime.now(UTC) - began < timedelta(seconds=30)
