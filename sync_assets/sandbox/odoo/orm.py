"""The model methods a client may call: searching, reading, counting, describing, and the few that write.

Parsing requests and writing answers belongs to `protocols.py`; grouping to `grouping.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.computed import display_name, getter
from sync_assets.sandbox.odoo.errors import (
    access_error,
    field_denied,
    invalid_field,
    model_denied,
    record_denied,
    type_error,
)
from sync_assets.sandbox.odoo.fields import Field
from sync_assets.sandbox.odoo.grouping import formatted_read_group, read_group
from sync_assets.sandbox.odoo.searching import find

Record = dict[str, Any]
Row = dict[str, Any]


def as_rows(env: Env, model: str, records: Iterable[Record], fields: Sequence[str] | None, load: Any) -> list[Row]:
    """The records as a client sees them; `load` decides whether many2one values carry names."""
    described = env.store.models[model].fields
    names = list(fields or [name for name, it in described.items() if env.may_read_field(it)])
    for name in names:
        if name not in described:
            raise invalid_field(env.store.version, model, name)
        if not env.may_read_field(described[name]):
            label = env.store.models[model].label
            raise field_denied(env.store.version, model, label, name, str(described[name].group), env.uid)
    keys = ["id", *(name for name in names if name != "id")]
    readers = [(name, read) for name in keys if (read := _reader(env, model, described[name], load))]
    # All values are taken at once, which is several times faster than one by one; those to be converted are put in after.
    converted = {name for name, _ in readers}
    take = operator.itemgetter("id", *("id" if name in converted else name for name in keys))
    rows = []
    for record in records:
        row = dict(zip(keys, take(record)[1:], strict=True))
        for name, read in readers:
            row[name] = read(record)
        rows.append(row)
    return rows


def _reader(env: Env, model: str, field: Field, load: Any) -> Callable[[Record], Any] | None:
    """How to turn the record's value into the one on the wire; None when they are the same."""
    name = field.name
    compute = getter(env.store, model, field, env.company_id)
    if field.type == "datetime":
        read = compute or operator.itemgetter(name)
        return lambda record: (text := read(record)) and text[:19]
    if field.type == "many2one" and load == "_classic_read":
        read, target = compute or operator.itemgetter(name), field.relation or ""
        pairs: dict[Any, Any] = {False: False}

        def pair(record: Record) -> Any:
            linked = read(record)
            if linked not in pairs:
                other = env.store.get(target, linked)
                pairs[linked] = [linked, display_name(env.store, target, other)] if other else False
            return pairs[linked]

        return pair
    return compute


# Methods of a model. Their parameters are those of Odoo, since JSON-2 and keyword calls name them.


def search_read(
    env: Env, model: str, domain: Any = None, fields: Any = None, offset: int = 0, limit: Any = None, order: Any = None, **read_kwargs: Any
) -> list[Row]:  # fmt: skip
    load = read_kwargs.pop("load", "_classic_read")
    rows = as_rows(env, model, find(env, model, domain or [], offset, limit, order), fields, load)
    if read_kwargs:
        # Odoo passes unknown arguments on and so notices them only after reading everything.
        raise type_error(f"BaseModel._read_format() got an unexpected keyword argument {next(iter(read_kwargs))!r}")
    return rows


def search(env: Env, model: str, domain: Any, offset: int = 0, limit: Any = None, order: Any = None) -> list[int]:
    return [record["id"] for record in find(env, model, domain, offset, limit, order)]


def search_count(env: Env, model: str, domain: Any, limit: Any = None) -> int:
    return len(find(env, model, domain, 0, limit, "id"))


def fields_get(env: Env, model: str, allfields: Any = None, attributes: Any = None) -> dict[str, Any]:
    answer = {}
    for name, field in env.store.models[model].fields.items():
        if env.may_read_field(field) and (not allfields or name in allfields):
            described = {**field.describe(), "name": name}
            answer[name] = {key: it for key, it in described.items() if not attributes or key in attributes}
    return answer


def check_access_rights(env: Env, model: str, operation: str, raise_exception: bool = True) -> bool:
    if raise_exception:
        env.check_model(model)
    return env.may_read(model)


def create(env: Env, model: str, vals_list: Any) -> Any:
    _check_writer(env, model)
    if isinstance(vals_list, dict):
        return env.store.create(model, vals_list)
    return [env.store.create(model, values) for values in vals_list]


def context_get(env: Env, model: str) -> dict[str, Any]:
    partner = env.store.get("res.partner", env.user["partner_id"]) or {}
    return {"lang": partner.get("lang"), "tz": partner.get("tz"), "uid": env.uid}


def has_group_17(env: Env, model: str, group_ext_id: str) -> bool:
    return group_ext_id in env.account.groups


# Methods of records: the ids come first.


def read(env: Env, model: str, ids: Any, fields: Any = None, load: Any = "_classic_read") -> list[Row]:
    env.check_model(model)
    wanted = dict.fromkeys([ids] if isinstance(ids, int) else ids)
    records = [record for it in wanted if (record := env.store.get(model, it)) is not None]
    rule = env.rule(model)
    if rule and not all(map(rule, records)):
        raise record_denied(model, env.store.models[model].label, env.name, env.uid)
    return as_rows(env, model, records, fields, load)


def write(env: Env, model: str, ids: Any, vals: Any) -> bool:
    _check_writer(env, model)
    return env.store.write(model, ids, vals)


def unlink(env: Env, model: str, ids: Any) -> bool:
    _check_writer(env, model)
    return env.store.unlink(model, ids)


def has_access(env: Env, model: str, ids: Any, operation: str) -> bool:
    rule = env.rule(model)
    records = [record for it in ids if (record := env.store.get(model, it)) is not None]
    return env.may_read(model) and (rule is None or all(map(rule, records)))


def check_access(env: Env, model: str, ids: Any, operation: str) -> None:
    """Returns nothing, which each protocol writes in its own way."""
    if not has_access(env, model, ids, operation):
        raise model_denied(model, env.store.models[model].label)


def has_group(env: Env, model: str, ids: Any, group_ext_id: str) -> bool:
    return group_ext_id in env.account.groups


def _check_writer(env: Env, model: str) -> None:
    env.check_model(model)
    if not env.account.is_admin:
        raise access_error(f"You are not allowed to modify '{env.store.models[model].label}' ({model}) records.")


def methods(version: int, model: str) -> tuple[dict[str, Callable[..., Any]], dict[str, Callable[..., Any]]]:
    """The methods of the model and of its records on that version, by name."""
    of_model: dict[str, Callable[..., Any]] = {
        "search_read": search_read,
        "search": search,
        "search_count": search_count,
        "fields_get": fields_get,
        "read_group": read_group,
        "check_access_rights": check_access_rights,
        "create": create,
    }
    of_records: dict[str, Callable[..., Any]] = {"read": read, "write": write, "unlink": unlink}
    if version >= 18:
        of_records |= {"has_access": has_access, "check_access": check_access}
    else:
        of_records["check_access_rule"] = check_access
    if version >= 19:
        of_model["formatted_read_group"] = formatted_read_group
    if model == "res.users":
        of_model["context_get"] = context_get
        if version >= 18:
            of_records["has_group"] = has_group
        else:
            of_model["has_group"] = has_group_17
    return of_model, of_records
