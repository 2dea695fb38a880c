"""Compares the sandbox with recordings of real servers, and keeps the facts the tests need of them.

`python -m sync_assets_tests.sandbox.odoo_recordings FOLDER` prints the differences; with `--write` it also writes
`odoo_fields.json`. FOLDER holds `17/`, `18/` and `19/` with one `<model>.json` each: `fields_get`, `records` (read with
names) and `records_load_empty`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.orm import search_read

FACTS = Path(__file__).with_name("odoo_fields.json")
ATTRIBUTES = ("type", "relation", "store", "required", "readonly")


def read_recordings(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Version, model and content of each recording."""
    for path in sorted(folder.glob("[0-9]*/[!_]*.json")):
        yield f"{path.parent.name}.0", path.stem, json.loads(path.read_text(encoding="utf-8"))


def shape(value: Any) -> str:
    """What kind of value this is on the wire, for instance `list[int, str]` for a many2one with its name."""
    if isinstance(value, list):
        return f"list[{', '.join(type(item).__name__ for item in value[:2])}]"
    return "false" if value is False else type(value).__name__


def differences(folder: Path) -> Iterator[str]:
    """One line for each field or kind of value in which the sandbox differs from the recordings."""
    sandboxes = {version: OdooSandbox(version, today=date(2026, 11, 1)) for version in ("17.0", "18.0", "19.0")}
    for version, model, recorded in read_recordings(folder):
        store = sandboxes[version].store
        fields = store.models[model].fields
        for name, field in fields.items():
            theirs, ours = recorded["fields_get"].get(name), field.describe()
            if theirs is None:
                yield f"{version} {model}.{name}: not on the real server"
                continue
            for key in ATTRIBUTES:
                if ours.get(key) != theirs.get(key):
                    yield f"{version} {model}.{name}: {key} {ours.get(key)!r}, really {theirs.get(key)!r}"
        for load, rows in (("_classic_read", recorded["records"]), ("", recorded["records_load_empty"])):
            named = [name for name in recorded["field_list"] if name in fields]
            env = Env(store, 2, {"active_test": False})
            served = search_read(env, model, [], named, load=load)
            for name in named:
                if fields[name].type.endswith("2many"):
                    continue
                theirs, ours = ({shape(row[name]) for row in of} for of in (rows, served))
                if len(theirs - {"false"}) and ours - theirs - {"false"}:
                    yield f"{version} {model}.{name} (load={load!r}): {sorted(ours)}, really {sorted(theirs)}"


def write_facts(folder: Path) -> None:
    """Keeps type, relation and store of the fields which the sandbox serves and a real server has."""
    facts: dict[str, dict[str, Any]] = {}
    for version, model, recorded in read_recordings(folder):
        served = OdooSandbox(version, records="empty").store.models[model].fields
        real = recorded["fields_get"]
        facts.setdefault(version, {})[model] = {
            name: [real[name]["type"], real[name].get("relation"), real[name]["store"]]
            for name in served
            if name in real
        }
    blocks = (
        f'"{version}": {{\n'
        + ",\n".join(f"{json.dumps(model)}: {json.dumps(it)}" for model, it in models.items())
        + "\n}"
        for version, models in facts.items()
    )
    FACTS.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    print("\n".join(differences(arguments.folder)) or "no difference")
    if arguments.write:
        write_facts(arguments.folder)
