"""The records of the sandbox in memory: create, write, unlink, and the times and totals Odoo keeps with them.

Searching, reading and the rights of users belong to `orm.py`.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sync_assets.clock import utc_now
from sync_assets.sandbox.odoo import recompute
from sync_assets.sandbox.odoo.defaults import DEFAULTS, MAIN_COMPANY, complete
from sync_assets.sandbox.odoo.errors import OdooError, invalid_field, missing_error, user_error
from sync_assets.sandbox.odoo.fields import Model
from sync_assets.sandbox.odoo.values import stored_value, time_text

Record = dict[str, Any]

# The many2one fields that are also walked backwards, for one2many fields and recomputation.
_LINKS = {
    "res.partner": ("parent_id",),
    "product.category": ("parent_id",),
    "product.product": ("product_tmpl_id",),
    "sale.order.line": ("order_id",),
    "stock.location": ("location_id",),
}
# Records that carry the fields of another record, created together with it.
_CARRIED = {"product.product": ("product_tmpl_id", "product.template"), "res.users": ("partner_id", "res.partner")}


class _Table:
    """The records of one model, with their ids in order."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.records: dict[int, Record] = {}
        self.ids: list[int] = []
        self.last_id = 0
        self.links: dict[str, dict[int, list[int]]] = {name: {} for name in _LINKS.get(model.name, ())}
        defaults = DEFAULTS.get(model.name, {})
        self.blank = {
            name: defaults.get(name, True if name == "active" else field.empty)
            for name, field in model.fields.items()
            if name != "id" and (field.store or field.company_dependent) and field.type != "one2many"
        }

    def add(self, record: Record) -> None:
        record_id = record["id"]
        if record_id > self.last_id:
            self.last_id = record_id
            self.ids.append(record_id)
        else:
            insort(self.ids, record_id)
        self.records[record_id] = record
        for name, index in self.links.items():
            if record[name]:
                index.setdefault(record[name], []).append(record_id)

    def remove(self, record_id: int) -> Record:
        record = self.records.pop(record_id)
        del self.ids[bisect_left(self.ids, record_id)]
        for name in self.links:
            self.unlink(name, record)
        return record

    def unlink(self, name: str, record: Record) -> None:
        if record[name]:
            self.links[name][record[name]].remove(record["id"])


class Store:
    """The database of one sandbox. Every method is one transaction and may be called from any thread."""

    def __init__(self, version: int, models: Mapping[str, Model], now: Callable[[], datetime] = utc_now) -> None:
        self.version = version
        self.models = models
        self.now = now
        self.lock = threading.RLock()
        self._tables = {name: _Table(model) for name, model in models.items()}
        self._transaction = threading.local()

    # Reading

    def get(self, model: str, record_id: Any) -> Record | None:
        """The stored record, not a copy; None when there is none."""
        return self._tables[model].records.get(record_id)

    def ids(self, model: str) -> list[int]:
        """All ids of the model in order; not a copy."""
        return self._tables[model].ids

    def records(self, model: str) -> Iterable[Record]:
        return self._tables[model].records.values() if model in self._tables else ()

    def linked(self, model: str, name: str, record_id: int) -> list[int]:
        """The ids of the model's records whose many2one `name` points at that record."""
        return sorted(self._tables[model].links[name].get(record_id, ()))

    # Time

    def moment(self) -> str:
        """The time that goes into write_date: that of the open transaction, else the clock's."""
        return getattr(self._transaction, "moment", None) or time_text(self.now())

    @contextmanager
    def transaction_at(self, moment: datetime) -> Iterator[None]:
        """Everything this thread writes inside gets this one write_date, as rows of one Odoo transaction do."""
        previous = getattr(self._transaction, "moment", None)
        self._transaction.moment = time_text(moment)
        try:
            yield
        finally:
            self._transaction.moment = previous

    @contextmanager
    def _one_transaction(self) -> Iterator[str]:
        """Holds the lock and gives all writes inside the same time, that of the outermost call."""
        with self.lock:
            moment = self.moment()
            previous = getattr(self._transaction, "moment", None)
            self._transaction.moment = moment
            try:
                yield moment
            finally:
                self._transaction.moment = previous

    # Writing

    def create(self, model: str, values: Mapping[str, Any]) -> int:
        """Creates a record and what comes with it (order lines, the template of a product); its id.

        An `id` may be given. One2many fields take `(0, 0, values)` commands.
        """
        with self._one_transaction() as moment:
            table = self._tables[model]
            given = dict(values)
            children = {name: given.pop(name) for name in list(given) if self._field(model, name).type == "one2many"}
            carried = _CARRIED.get(model)
            if carried and not given.get(carried[0]):
                passed = {name: given.pop(name) for name in list(given) if self._field(model, name).via == carried[0]}
                given[carried[0]] = self._create_carried(carried[1], passed)
            record = {**table.blank, "id": given.pop("id", None) or table.last_id + 1}
            record |= {"create_date": moment, "write_date": moment}
            variant: Record = {}
            if model == "product.template":
                variant = {name: given.pop(name) for name in ("barcode", "standard_price") if name in given}
            self._assign(model, record, given)
            complete(self, model, record)
            table.add(record)
            if model == "product.template" and not getattr(self._transaction, "carrying", False):
                self.create(
                    "product.product",
                    {"product_tmpl_id": record["id"], "default_code": record["default_code"], **variant},
                )
            record |= recompute.compute(self, model, record)
            self._cascade(model, {}, record)
            for name, commands in children.items():
                self._create_children(model, name, record["id"], commands)
            return int(record["id"])

    def write(self, model: str, ids: int | Iterable[int], values: Mapping[str, Any]) -> bool:
        """Writes the values, recomputes what depends on them and moves write_date, also when nothing differs."""
        with self._one_transaction() as moment:
            for record_id in [ids] if isinstance(ids, int) else list(ids):
                record = self.get(model, record_id)
                if record is None:
                    raise missing_error(
                        f"Record does not exist or has been deleted.\n(Record: {model}({record_id},), User: 2)"
                    )
                own, through = {}, {}
                for name, value in values.items():
                    field = self._field(model, name)
                    if field.type == "one2many":
                        self._create_children(model, name, record_id, value)
                    elif field.via:
                        through[name] = value
                    else:
                        own[name] = value
                if through:
                    link = self._field(model, next(iter(through))).via
                    self.write(self._field(model, str(link)).relation or "", record[str(link)], through)
                old = dict(record)
                for name in self._tables[model].links:
                    if name in own:
                        self._tables[model].unlink(name, record)
                self._assign(model, record, own)
                for name, index in self._tables[model].links.items():
                    if name in own and record[name]:
                        index.setdefault(record[name], []).append(record_id)
                record["write_date"] = moment
                record |= recompute.compute(self, model, record)
                self._cascade(model, old, record)
            return True

    def unlink(self, model: str, ids: int | Iterable[int]) -> bool:
        """Deletes records as a user would: confirmed orders and partners with orders refuse, orders take their lines along."""
        with self._one_transaction():
            for record_id in [ids] if isinstance(ids, int) else list(ids):
                record = self.get(model, record_id)
                if record is None:
                    continue
                self._check_unlink(model, record)
                if model == "sale.order":
                    self.erase("sale.order.line", self.linked("sale.order.line", "order_id", record_id))
                old = self._tables[model].remove(record_id)
                self._cascade(model, old, {})
            return True

    def erase(self, model: str, ids: int | Iterable[int]) -> None:
        """Deletes rows as direct SQL does: no check, no trace, nothing recomputed."""
        with self.lock:
            for record_id in [ids] if isinstance(ids, int) else list(ids):
                if self.get(model, record_id) is not None:
                    self._tables[model].remove(record_id)

    def merge_partners(self, source: int, target: int) -> None:
        """Merges a contact into another as Odoo's wizard does: direct SQL changes who refers to it, and no write_date."""
        with self.lock:
            for model, table in self._tables.items():
                names = [name for name, field in self.models[model].fields.items() if field.relation == "res.partner"]
                for record in table.records.values():
                    for name in names:
                        if record.get(name) == source:
                            self._point_at(table, name, record, target)
            self.erase("res.partner", source)

    def _point_at(self, table: _Table, name: str, record: Record, target: int) -> None:
        if name in table.links:
            table.unlink(name, record)
            table.links[name].setdefault(target, []).append(record["id"])
        record[name] = target

    def load(self, model: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Adds complete rows in stored form, ids included, without recomputing; for seeds. Unknown models are skipped."""
        with self.lock:
            table = self._tables.get(model)
            if table is None:
                return
            for row in rows:
                table.add({**table.blank, **row})

    # The steps of a write

    def _field(self, model: str, name: str) -> Any:
        try:
            return self.models[model].fields[name]
        except KeyError:
            raise invalid_field(self.version, model, name) from None

    def _assign(self, model: str, record: Record, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            field = self._field(model, name)
            if field.company_dependent:
                per_company = value if isinstance(value, Mapping) else {MAIN_COMPANY: value}
                record[name] = {**record[name], **{key: stored_value(field, it) for key, it in per_company.items()}}
            elif field.type == "float" and value in (None, False):
                record[name] = 0.0
            else:
                record[name] = stored_value(field, value)

    def _create_carried(self, model: str, values: Mapping[str, Any]) -> int:
        self._transaction.carrying = True
        try:
            return self.create(model, values)
        finally:
            self._transaction.carrying = False

    def _create_children(self, model: str, name: str, record_id: int, commands: Iterable[Any]) -> None:
        field = self._field(model, name)
        for command in commands:
            self.create(field.relation, {**command[2], field.inverse: record_id})

    def _check_unlink(self, model: str, record: Record) -> None:
        if model == "sale.order" and record["state"] not in ("draft", "cancel"):
            raise user_error(
                "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
            )
        if model == "res.partner" and any(order["partner_id"] == record["id"] for order in self.records("sale.order")):
            raise OdooError(
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: another model requires the record being deleted.",
                status=422,
                fault_code=2,
            )

    def _cascade(self, model: str, old: Record, new: Record) -> None:
        for dependent_model, record_id in list(recompute.dependents(self, model, old, new)):
            record = self.get(dependent_model, record_id)
            if record is None:
                continue
            before = dict(record)
            values = recompute.compute(self, dependent_model, record)
            changes = {name: value for name, value in values.items() if record.get(name) != value}
            if changes:
                record |= {"write_date": self.moment(), **changes}
                self._cascade(dependent_model, before, record)
