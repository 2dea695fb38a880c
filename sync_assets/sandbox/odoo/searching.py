"""Finding records as a user may see them: archived ones hidden, record rules applied, in order and in pages.

Compiling domains belongs to `domains.py`, turning records into rows to `orm.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.domains import Search, sort_keys, sort_records

Record = dict[str, Any]


def find(
    env: Env, model: str, domain: Iterable[Any], offset: int = 0, limit: Any = None, order: str | None = None
) -> list[Record]:
    """The records that match, in order, as the user may see them."""
    env.check_model(model)
    search = Search(env.store, model, domain or [], env.company_id)
    order = order or env.store.models[model].order
    sort_keys(env.store, model, order)
    records = matching(env, model, search)
    stop = offset + limit if limit else None
    if order.strip().lower() in ("id", "id asc"):
        return list(islice(records, offset, stop))
    found = list(records)
    sort_records(env.store, model, order, found, env.company_id)
    return found[offset:stop]


def matching(env: Env, model: str, search: Search) -> Iterator[Record]:
    """The records of a search in order of id, lazily."""
    get = env.store.get
    found: Iterator[Record] = (get(model, it) for it in search.ids)  # type: ignore[misc]
    hides_archived = env.context.get("active_test", True) and "active" not in search.names
    if hides_archived and "active" in env.store.models[model].fields:
        found = filter(operator.itemgetter("active"), found)
    if (rule := env.rule(model)) is not None:
        found = filter(rule, found)
    for test in search.tests:
        found = filter(test, found)
    return found
