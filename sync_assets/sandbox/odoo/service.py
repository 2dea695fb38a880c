"""Carrying out a call: the services `common` and `db`, log-in, and the methods of models with the faults of the answer.

HTTP belongs to `server.py`, the methods themselves to `orm.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from sync_assets.sandbox.odoo import access, orm
from sync_assets.sandbox.odoo.errors import (
    OdooError,
    access_denied,
    access_error,
    attribute_error,
    http_error,
    model_denied,
    no_database,
    type_error,
    user_error,
)
from sync_assets.sandbox.odoo.faults import CallFaults
from sync_assets.sandbox.odoo.protocols import Call
from sync_assets.sandbox.odoo.store import Store

UNKNOWN_FIELD = "x_sandbox_ghost"


class PlainFailure(Exception):
    """The server breaks down under the call and answers with a plain HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def version_info(version: str) -> dict[str, Any]:
    major, minor = (int(part) for part in version.split("."))
    return {
        "server_version": version,
        "server_version_info": [major, minor, 0, "final", 0, ""],
        "server_serie": version,
        "protocol_version": 1,
    }


class Service:
    """The calls of one sandbox."""

    def __init__(self, version: str, database: str, store: Store) -> None:
        self.version = version
        self.database = database
        self.store = store

    def run(self, call: Call, faults: CallFaults, note: dict[str, Any]) -> Any:
        """The result of the call. Raises OdooError or PlainFailure; `note` receives the arguments by name."""
        if call.service == "common":
            return self._common(call, faults)
        if call.service == "db":
            return self._db(call)
        if call.service != "object":
            raise OdooError("builtins.KeyError", repr(call.service))
        with self.store.lock:
            uid = self._authenticated(call, faults)
            self._strike(call, faults)
            result = self._object(call, uid, note)
            return self._spoil(call, faults, result)

    def _common(self, call: Call, faults: CallFaults) -> Any:
        if call.method == "version":
            return version_info(self.version)
        if call.method in ("authenticate", "login"):
            database, login, secret, *_ = call.args
            if database != self.database:
                raise no_database(database)
            refused = faults.strike("bad_password")
            return False if refused else access.log_in(self.store, login, secret) or False
        raise attribute_error(f"module 'odoo.service.common' has no attribute 'exp_{call.method}'")

    def _db(self, call: Call) -> Any:
        if call.method == "list":
            return [self.database]
        if call.method == "db_exist":
            return call.args[0] == self.database
        if call.method == "server_version":
            return self.version
        raise access_denied()

    def _authenticated(self, call: Call, faults: CallFaults) -> int:
        if call.transport == "json2":
            uid = access.user_of_key(self.store, call.secret) if call.secret else None
            if call.secret is None:
                message = "User not authenticated, use an API Key with a Bearer Authorization header."
                raise http_error("Unauthorized", message, 401)
            if uid is None or faults.strike("bad_password"):
                raise http_error("Unauthorized", "Invalid apikey", 401)
            return uid
        if call.database != self.database:
            raise no_database(str(call.database))
        if faults.strike("bad_password"):
            raise access_denied()
        access.check_key(self.store, call.uid or 0, str(call.secret))
        return call.uid or 0

    def _object(self, call: Call, uid: int, note: dict[str, Any]) -> Any:
        model, name, is_json2 = call.model, call.method, call.transport == "json2"
        if name.startswith("_"):
            shown = name if self.store.version < 19 else repr(f"{model}.{name}")
            raise access_error(f"Private methods (such as {shown}) cannot be called remotely.")
        if model not in self.store.models:
            if is_json2:
                raise http_error("NotFound", f"the model {model!r} does not exist", 404)
            raise user_error(f"Object {model} doesn't exist")
        of_model, of_records = orm.methods(self.store.version, model)
        if name not in of_model and name not in of_records:
            if self.store.version < 19:
                raise attribute_error(f"The method {name!r} does not exist on the model {model!r}")
            message = f"The method '{model}.{name}' does not exist"
            raise http_error("NotFound", message, 404) if is_json2 else attribute_error(message)
        args, kwargs = list(call.args), dict(call.kwargs)
        env = access.Env(self.store, uid, kwargs.pop("context", None) or {})
        function: Callable[..., Any]
        if name in of_records:
            ids = kwargs.pop("ids", []) if is_json2 else (args.pop(0) if args else [])
            note["ids"] = ids
            function = partial(of_records[name], env, model, ids)
        else:
            if is_json2 and kwargs.pop("ids", None):
                raise http_error("UnprocessableEntity", f"cannot call {model}.{name} with ids", 422)
            function = partial(of_model[name], env, model)
        try:
            bound = inspect.signature(function).bind(*args, **kwargs)
        except TypeError as error:
            if is_json2:
                raise http_error("UnprocessableEntity", str(error), 422) from None
            raise type_error(f"{model}.{name}() {error}") from None
        note |= bound.arguments | {"context": dict(env.context)}
        note |= note.pop("read_kwargs", {})
        return function(*bound.args, **bound.kwargs)

    def _strike(self, call: Call, faults: CallFaults) -> None:
        if faults.strike("memory_error"):
            raise OdooError("builtins.MemoryError", "")
        if faults.strike("serialization"):
            message = "could not serialize access due to concurrent update\n"
            raise OdooError("psycopg2.errors.SerializationFailure", message)
        if call.model in self.store.models and call.method != "fields_get" and faults.strike("no_access"):
            raise model_denied(call.model, self.store.models[call.model].label)

    def _spoil(self, call: Call, faults: CallFaults, result: Any) -> Any:
        """The result with the faults that show in the data."""
        if call.method == "fields_get" and (fault := faults.strike("unknown_field")):
            ghost = {"type": "char", "store": True, "required": False, "readonly": False, "string": "Ghost"}
            return {**result, fault.options.get("field", UNKNOWN_FIELD): ghost}
        if call.method not in ("read", "search_read") or not result:
            return result
        poison = faults.find("poison")
        if poison and any(row["id"] == poison.options["id"] for row in result):
            faults.strike("poison")
            raise PlainFailure(500)
        gone = faults.find("gone")
        if gone:
            gone_id = gone.options.get("id", result[0]["id"])
            if any(row["id"] == gone_id for row in result):
                faults.strike("gone")
                self.store.erase(call.model, gone_id)
                result = [row for row in result if row["id"] != gone_id]
        if result and (fault := faults.strike("missing_field_in_answer")):
            name = fault.options.get("field", list(result[0])[-1])
            result = [{key: value for key, value in row.items() if key != name} for row in result]
        return result
