"""Search domains and orders: from Odoo's lists to a test of one record and a range of ids.

Which records a user may see belongs to `orm.py`.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sync_assets.sandbox.odoo.computed import display_name, getter
from sync_assets.sandbox.odoo.errors import OdooError, invalid_field, user_error, value_error
from sync_assets.sandbox.odoo.fields import Field
from sync_assets.sandbox.odoo.recompute import ancestors
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import full_time

Record = dict[str, Any]
Test = Callable[[Record], bool]

_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_OPERATORS = {*_COMPARE, "=", "!=", "in", "not in", "child_of"}
_PATTERNS = {prefix + kind for kind in ("like", "ilike") for prefix in ("", "not ", "=")}
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$")
_ORDER = re.compile(r"\s*([\w:.]+)(\s+asc|\s+desc)?(\s+nulls\s+(first|last))?\s*$", re.IGNORECASE)


class Search:
    """A domain compiled for one model: `ids` is the range of ids that can match, all `tests` must hold."""

    def __init__(self, store: Store, model: str, domain: Iterable[Any], company_id: int) -> None:
        self.store, self.model, self.company_id = store, model, company_id
        terms = _conjunction(list(domain))
        self.names = {term[0] for term in _leaves(terms)}
        self.ids = store.ids(model)
        self.tests = [self._compile(term) for term in terms if not self._narrow(term)]

    def _narrow(self, term: Any) -> bool:
        """Takes a condition on `id` into the range of ids, which makes paging by id as fast as reading."""
        if _is_leaf(term) and term[0] == "id" and term[1] in (">", ">=", "in") and type(term[2]) in (int, list):
            if term[1] == "in":
                wanted = set(term[2])
                self.ids = [it for it in self.ids if it in wanted]
            else:
                self.ids = self.ids[(bisect_right if term[1] == ">" else bisect_left)(self.ids, term[2]) :]
            return True
        return False

    def _compile(self, term: Any) -> Test:
        if _is_leaf(term):
            return self._leaf(self.model, term)
        sign, *parts = term
        tests = [self._compile(part) for part in parts]
        if sign == "!":
            return lambda record: not tests[0](record)
        if sign == "|":
            return lambda record: tests[0](record) or tests[1](record)
        return lambda record: tests[0](record) and tests[1](record)

    def _leaf(self, model: str, leaf: Sequence[Any]) -> Test:
        path, sign, value = leaf
        if not isinstance(path, str):  # the constant leaves (1, '=', 1) and (0, '=', 1)
            return lambda record: path == value
        name, _, rest = path.partition(".")
        field = self.store.models[model].fields.get(name)
        if field is None:
            where = "leaf" if self.store.version < 19 else "condition"
            raise value_error(f"Invalid field {model}.{name} in {where} {tuple(leaf)!r}")
        read = getter(self.store, model, field, self.company_id) or operator.itemgetter(name)
        if rest:
            target = field.relation or ""
            inner = self._leaf(target, (rest, sign, value))
            many = field.type.endswith("2many")

            def follow(record: Record) -> bool:
                linked = read(record)
                found = (self.store.get(target, it) for it in (linked if many else [linked]))
                return any(inner(it) for it in found if it is not None)

            return follow
        sign = {"==": "=", "<>": "!="}.get(sign, sign.lower())
        if sign not in _OPERATORS | _PATTERNS:
            raise value_error(f"Invalid operator {sign!r} in domain term {tuple(leaf)!r}")
        if sign == "child_of":
            return self._child_of(model, field, value)
        if field.type == "datetime":
            read, value = self._times(read, value)
        if sign in _PATTERNS:
            return _pattern(self._names(field, read), sign, str(value))
        if field.type.endswith("2many"):
            return _many(read, sign, value)
        return _scalar(read, sign, value, can_be_null=field.type not in ("boolean", "integer", "float", "monetary"))

    def _times(self, read: Callable[[Record], Any], value: Any) -> tuple[Callable[[Record], Any], Any]:
        """From 19 on times are compared by whole seconds, before with their hidden microseconds."""
        width = 19 if self.store.version >= 19 else 26
        values = [self._time(it)[:width] if it else it for it in (value if isinstance(value, list) else [value])]

        def cut(record: Record) -> Any:
            stored = read(record)
            return stored[:width] if stored else stored

        return (cut if width == 19 else read), (values if isinstance(value, list) else values[0])

    def _time(self, value: Any) -> str:
        text = re.sub(r"(Z|\+00:00)$", "", str(value)) if self.store.version < 19 else str(value)
        if not _TIME.match(text):
            if self.store.version >= 19:
                raise value_error(f"time data {text!r} does not match format '%Y-%m-%d %H:%M:%S'")
            raise OdooError(
                "psycopg2.errors.InvalidDatetimeFormat", f'invalid input syntax for type timestamp: "{text}"\n'
            )
        return full_time(text)

    def _child_of(self, model: str, field: Field, value: Any) -> Test:
        target = model if field.name == "id" else field.relation or ""
        roots = set(value) if isinstance(value, list) else {value}
        link = "location_id" if target == "stock.location" else "parent_id"

        def below(record: Record) -> bool:
            start = record if field.name == "id" else self.store.get(target, record[field.name])
            return start is not None and any(it["id"] in roots for it in ancestors(self.store, target, start, link))

        return below

    def _names(self, field: Field, read: Callable[[Record], Any]) -> Callable[[Record], Any]:
        """A many2one is matched by the name of the record it points at."""
        target = field.relation
        if field.type != "many2one" or target is None:
            return read
        return lambda record: display_name(self.store, target, self.store.get(target, read(record))) or False


def _is_leaf(term: Any) -> bool:
    return isinstance(term, list | tuple) and len(term) == 3 and term[0] not in ("&", "|", "!")


def _conjunction(domain: list[Any]) -> list[Any]:
    """The domain as a list of terms that must all hold; a term is a leaf or (operator, term, ...)."""
    stack: list[Any] = []
    for item in reversed(domain):
        if item in ("&", "|"):
            if len(stack) < 2:
                raise value_error(f"Domain {domain!r} is syntactically not correct")
            stack.append((item, stack.pop(), stack.pop()))
        elif item == "!":
            stack.append((item, stack.pop()))
        elif _is_leaf(item):
            stack.append(item)
        else:
            raise value_error(f"Invalid leaf {item!r}")
    terms: list[Any] = []
    for term in reversed(stack):
        terms += term[1:] if term[0] == "&" and all(map(_is_leaf, term[1:])) else [term]
    return terms


def _leaves(terms: Iterable[Any]) -> Iterable[Any]:
    for term in terms:
        if _is_leaf(term):
            yield term
        else:
            yield from _leaves(term[1:])


def _scalar(read: Callable[[Record], Any], sign: str, value: Any, *, can_be_null: bool) -> Test:
    if sign in ("in", "not in") or isinstance(value, list | tuple):
        wanted = set(value if isinstance(value, list | tuple) else [value])
        if sign in ("in", "="):
            return lambda record: read(record) in wanted
        return lambda record: read(record) not in wanted
    value = False if value is None else value
    if sign == "=":
        return lambda record: read(record) == value
    if sign == "!=":
        return lambda record: read(record) != value
    compare = _COMPARE[sign]
    if can_be_null:
        # A null is neither above nor below anything.
        return lambda record: (held := read(record)) is not False and compare(held, value)
    return lambda record: compare(read(record), value)


def _many(read: Callable[[Record], Any], sign: str, value: Any) -> Test:
    wanted = set(value) if isinstance(value, list | tuple) else {value}
    negative = sign in ("!=", "not in")
    if wanted <= {False, None}:
        return lambda record: bool(read(record)) is negative
    return lambda record: wanted.isdisjoint(read(record)) is negative


def _pattern(read: Callable[[Record], Any], sign: str, value: str) -> Test:
    text = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in value)
    if not sign.startswith("="):
        text = f".*{text}.*"
    match = re.compile(text, re.DOTALL | (re.IGNORECASE if sign.endswith("ilike") else 0)).fullmatch
    if sign.startswith("not "):
        return lambda record: not (held := read(record)) or not match(str(held))
    return lambda record: bool((held := read(record)) and match(str(held)))


def sort_keys(store: Store, model: str, order: str) -> list[tuple[Field, bool]]:
    """The fields of an order such as `date_order desc, id`, with True where it descends."""
    keys = []
    for part in order.split(","):
        match = _ORDER.match(part)
        if not match:
            raise user_error(
                f'Invalid "order" specified ({order}). A valid "order" specification is a comma-separated list of valid '
                "field names (optionally followed by asc/desc for the direction)"
            )
        field = store.models[model].fields.get(match[1])
        if field is None:
            raise invalid_field(store.version, model, match[1])
        if not (field.store or field.via):
            raise value_error(f"Cannot convert {model}.{field.name} to SQL because it is not stored")
        keys.append((field, (match[2] or "").strip().lower() == "desc"))
    return keys


def sort_records(store: Store, model: str, order: str, records: list[Record], company_id: int) -> None:
    """Sorts in place; nulls come last, and first where the order descends, as in PostgreSQL."""
    for field, descending in reversed(sort_keys(store, model, order)):
        read = getter(store, model, field, company_id) or operator.itemgetter(field.name)
        if field.type == "many2one":
            target = field.relation or ""
            names = {it: display_name(store, target, store.get(target, it)) for it in set(map(read, records)) if it}
            records.sort(
                key=lambda record: (not read(record), names.get(read(record), ""), read(record)), reverse=descending
            )
        else:
            nullable = field.type not in ("boolean", "integer", "float", "monetary")
            records.sort(key=lambda record: (nullable and read(record) is False, read(record)), reverse=descending)
