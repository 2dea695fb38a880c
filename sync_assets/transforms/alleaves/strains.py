"""Strain types: as the source says, else read from the texts of the item by whole words.

Anything else about an item does not belong here. Alleaves specification, section 6.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import NO_TEXT, is_true, look_up

STRAINS = pa.array(["Sativa", "Indica", "Hybrid", "CBD"])


def read_strains(items: pa.Table) -> tuple[Any, Any]:
    """Strain type of each item, and whether it was given or inferred; both null when unknown.

    Columns read: strain, name, category, is_cannabis, thc_percent, cbd_percent.
    """
    written = pc.utf8_lower(pc.utf8_trim_whitespace(items["strain"]))
    given = look_up(written, pc.utf8_lower(STRAINS), STRAINS)
    by_words = pc.coalesce(*(decide_by_words(items[name]) for name in ("strain", "name", "category")))
    has_more_cbd = is_true(pc.greater(items["cbd_percent"], items["thc_percent"]))
    inferred = pc.coalesce(by_words, pc.if_else(has_more_cbd, "CBD", NO_TEXT))
    inferred = pc.if_else(pc.fill_null(items["is_cannabis"], True), inferred, NO_TEXT)
    source = pc.if_else(pc.is_valid(given), "given", pc.if_else(pc.is_valid(inferred), "inferred", NO_TEXT))
    return pc.coalesce(given, inferred), source


def decide_by_words(texts: Any) -> Any:
    """Strain type that one text says, null when it says none.

    >>> decide_by_words(pa.array(["Sativa-dominant hybrid", "Blue Fig Indica 3.5g", "CBD balm", "1:1 THC:CBD"])).to_pylist()
    ['Hybrid', 'Indica', 'CBD', None]
    """
    lower = pc.utf8_lower(texts)
    has = {
        word: is_true(pc.match_substring_regex(lower, rf"(^|[^\pL\pN]){word}([^\pL\pN]|$)"))
        for word in ("hybrid", "sativa", "indica", "cbd", "thc")
    }
    is_hybrid = pc.or_(has["hybrid"], pc.and_(has["sativa"], has["indica"]))
    is_cbd = pc.and_not(has["cbd"], has["thc"])
    found = pc.if_else(is_cbd, "CBD", NO_TEXT)
    for condition, strain in ((has["indica"], "Indica"), (has["sativa"], "Sativa"), (is_hybrid, "Hybrid")):
        found = pc.if_else(condition, strain, found)
    return found
