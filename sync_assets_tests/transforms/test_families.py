from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.raw import ODOO_PARTNERS
from sync_assets.transforms.families import resolve_roots

from .odoo_frames import NOW

COLUMNS = ("id", "parent_id", "commercial_partner_id", "is_company", "active", "deleted_at")


def roots(*partners: dict[str, Any], policy: Any = "topmost") -> tuple[dict[int, int], list[tuple[str, str]]]:
    # Only the columns that matter, since a property builds thousands of these tables.
    table = pa.Table.from_pylist(list(partners), schema=ODOO_PARTNERS.arrow_schema(COLUMNS))
    found, findings = resolve_roots(table.to_pandas(types_mapper=pd.ArrowDtype), policy=policy)
    rows = found.to_dict("list")
    return dict(zip(rows["id"], rows["root_id"], strict=True)), [(f["record_key"], f["code"]) for f in findings]


def below(partner_id: int, parent_id: int | None = None, **fields: Any) -> dict[str, Any]:
    return {"id": partner_id, "parent_id": parent_id, **fields}


def test_a_grandchild_belongs_to_the_top() -> None:
    assert roots(below(1), below(2, 1), below(3, 2)) == ({1: 1, 2: 1, 3: 1}, [])


def test_archived_partners_count() -> None:
    assert roots(below(1, active=False), below(2, 1), below(3, 2))[0] == {1: 1, 2: 1, 3: 1}


def test_a_cycle_has_its_smallest_id_as_root_also_for_those_below_it() -> None:
    found, findings = roots(below(5, 6), below(6, 5), below(9, 6), below(2, 9))
    assert found == {5: 5, 6: 5, 9: 5, 2: 5}
    assert findings == [("5", "parent_cycle"), ("6", "parent_cycle")]


def test_a_partner_above_itself_is_a_cycle_of_one() -> None:
    assert roots(below(4, 4), below(8, 4)) == ({4: 4, 8: 4}, [("4", "parent_cycle")])


def test_an_unknown_parent_ends_the_walk_below_it() -> None:
    assert roots(below(7, 99), below(8, 7)) == ({7: 7, 8: 7}, [("7", "parent_missing")])


def test_a_deleted_parent_is_unknown() -> None:
    assert roots(below(1, deleted_at=NOW), below(2, 1)) == ({2: 2}, [("2", "parent_missing")])


def test_a_chain_of_12_levels() -> None:
    chain = [below(level, level - 1 if level > 1 else None) for level in range(1, 13)]
    assert roots(*chain)[0] == dict.fromkeys(range(1, 13), 1)


def test_a_chain_against_the_order_of_ids() -> None:
    chain = [below(level, level + 1 if level < 40 else None) for level in range(1, 41)]
    assert roots(*chain)[0] == dict.fromkeys(range(1, 41), 40)


def test_nobody() -> None:
    assert roots() == ({}, [])


def test_topmost_does_not_look_at_companies() -> None:
    family = [below(1, is_company=False), below(2, 1, is_company=True, commercial_partner_id=2)]
    assert roots(*family)[0] == {1: 1, 2: 1}


def test_the_commercial_policy_takes_the_nearest_company() -> None:
    family = [
        below(1, is_company=True, commercial_partner_id=1),
        below(2, 1, is_company=True, commercial_partner_id=2),
        below(3, 2, commercial_partner_id=2),
        below(4, 1, commercial_partner_id=1),
    ]
    assert roots(*family, policy="commercial") == ({1: 1, 2: 2, 3: 2, 4: 1}, [])


def test_an_empty_commercial_partner_is_worked_out_from_the_parents() -> None:
    family = [below(1), below(2, 1, is_company=True), below(3, 2), below(4, 3), below(5, 1), below(6, 98)]
    found = {1: 1, 2: 2, 3: 2, 4: 2, 5: 1, 6: 6}
    assert roots(*family, policy="commercial") == (found, [("6", "parent_missing")])


def test_an_unknown_commercial_partner_counts_as_empty() -> None:
    family = [below(1, is_company=True), below(2, 1, commercial_partner_id=97)]
    assert roots(*family, policy="commercial") == ({1: 1, 2: 1}, [("2", "parent_missing")])


def walk(parents: dict[int, int | None], partner: int) -> int:
    """The rule as the specification tells it."""
    seen = [partner]
    while True:
        above = parents[seen[-1]]
        if above is None or above not in parents:
            return seen[-1]
        if above in seen:
            return min(seen[seen.index(above) :])
        seen.append(above)


families = st.dictionaries(st.integers(1, 30), st.one_of(st.none(), st.integers(1, 33)), max_size=25)


@settings(max_examples=1000, deadline=None)
@given(families, st.randoms(use_true_random=False))
def test_every_partner_is_in_exactly_one_family_whatever_the_order(parents: dict[int, int | None], random: Any) -> None:
    partners = [below(child, parent) for child, parent in parents.items()]
    random.shuffle(partners)
    found, findings = roots(*partners)
    assert found == {partner: walk(parents, partner) for partner in parents}
    assert all(found[root] == root for root in found.values())
    missing = {str(child) for child, parent in parents.items() if parent is not None and parent not in parents}
    assert {key for key, code in findings if code == "parent_missing"} == missing


@settings(max_examples=200, deadline=None)
@given(families, st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.integers(1, 33))), min_size=25, max_size=25))
def test_commercial_roots_are_their_own_roots(parents: dict[int, int | None], more: list[tuple[bool, Any]]) -> None:
    partners = [
        below(child, parent, is_company=company, commercial_partner_id=commercial)
        for (child, parent), (company, commercial) in zip(parents.items(), more, strict=False)
    ]
    found, _ = roots(*partners, policy="commercial")
    assert found.keys() == parents.keys()
    assert all(found[root] == root for root in found.values())
