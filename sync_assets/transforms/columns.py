"""Building blocks for mappings on whole Arrow columns: look-ups by id, keys, clean text.

Rules of a source or a table do not belong here, and neither does arithmetic; see `money.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import Table

NO_TEXT = pa.scalar(None, pa.string())


def to_arrow(frame: pd.DataFrame | pa.Table) -> pa.Table:
    """The frame as an Arrow table without copying; every column must have an Arrow type."""
    if isinstance(frame, pa.Table):
        return frame
    return pa.table({name: frame[name].array.__arrow_array__() for name in frame.columns})


def arrow_frame(block: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame with Arrow types."""
    return block.to_pandas(types_mapper=pd.ArrowDtype)


def to_frame(table: Table, size: int, columns: dict[str, Any]) -> pd.DataFrame:
    """A frame of `table` from Arrow columns; a plain Python value stands for `size` equal ones."""
    arrays = {}
    for name, values in columns.items():
        kind = table.column[name].arrow_type
        is_column = isinstance(values, pa.Array | pa.ChunkedArray)
        # Arrow cannot repeat a list no times.
        arrays[name] = values if is_column else pa.repeat(pa.scalar(values, kind), size) if size else pa.array([], kind)
    return table.frame(arrow_frame(pa.table(arrays)))


def look_up(keys: Any, known: Any, values: Any) -> Any:
    """The value beside each key, null for an unknown key.

    >>> look_up(pa.array([2, 9, None]), pa.array([1, 2]), pa.array(["a", "b"])).to_pylist()
    ['b', None, None]
    """
    return values.take(pc.index_in(keys, value_set=known, skip_nulls=True))


def prefixed(source: str, ids: Any) -> Any:
    """Keys `<source>-<id>`; null stays null.

    >>> prefixed("odoo", pa.array([56, None])).to_pylist()
    ['odoo-56', None]
    """
    return pc.binary_join_element_wise(source, ids.cast(pa.string()), "-")


def pair_ids(first: Any, second: Any) -> Any:
    """One key of two ids; null when either is. Odoo's ids have 32 bits, so two of them fit into 64."""
    return pc.add(pc.multiply(first, 2**31), second)


def clean(texts: Any) -> Any:
    """Texts trimmed; blank becomes null.

    >>> clean(pa.array([" a b ", "  ", "NA"])).to_pylist()
    ['a b', None, 'NA']
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), NO_TEXT, trimmed)


def join_present(first: Any, second: Any, separator: str) -> Any:
    """Both texts joined, or the one that is there.

    >>> join_present(pa.array(["a", "a", None]), pa.array(["b", None, None]), " / ").to_pylist()
    ['a / b', 'a', None]
    """
    # Arrow's own way to skip nulls returns fewer rows than it was given when a text is null throughout.
    return pc.coalesce(pc.binary_join_element_wise(first, second, separator), first, second)


def to_plain_words(texts: Any) -> Any:
    """Lower case words without accents, punctuation and plural s, for comparing.

    >>> to_plain_words(pa.array(["Blanc de Blancs", "PÉT-NAT", "Mœlleux"])).to_pylist()
    ['blanc de blanc', 'pet nat', 'moelleux']
    """
    plain = pc.replace_substring_regex(pc.utf8_normalize(pc.utf8_lower(texts), form="NFKD"), r"\p{M}", "")
    plain = pc.replace_substring(pc.replace_substring(plain, "œ", "oe"), "æ", "ae")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, "[^a-z0-9]+", " "))
    return pc.replace_substring_regex(plain, "s( |$)", r"\1")


def match_labels(labels: Any) -> Any:
    """Labels as they are compared: lower case, no accents, any other character a blank. Unlike words, nothing is cut.

    >>> match_labels(pa.array(["L’Étoile  d'Or", "l'etoile d’or", "Clos n° 3"])).to_pylist()
    ['l etoile d or', 'l etoile d or', 'clos n 3']
    """
    plain = pc.replace_substring_regex(pc.utf8_normalize(pc.utf8_lower(labels), form="NFKD"), r"\p{M}", "")
    plain = pc.replace_substring(pc.replace_substring(plain, "œ", "oe"), "æ", "ae")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, "[^a-z0-9]+", " "))


def map_unique(values: Any, function: Callable[[Any], Any], kind: pa.DataType) -> Any:
    """`function` of each value, called once per distinct one; null stays null.

    >>> map_unique(pa.array(["a", None, "a"]), str.upper, pa.string()).to_pylist()
    ['A', None, 'A']
    """
    distinct = pc.unique(values).drop_null()
    return look_up(values, distinct, pa.array([function(value) for value in distinct.to_pylist()], type=kind))


def is_true(flags: Any) -> Any:
    """Booleans with null as false."""
    return pc.fill_null(flags, False)


def only_if(condition: Any, values: Any) -> Any:
    """The values where the condition holds, null elsewhere."""
    return pc.if_else(is_true(condition), values, pa.scalar(None, values.type))


def count_words(words: Any) -> dict[str, int]:
    """How often each word occurs, by word; null is not counted.

    >>> count_words(pa.array(["b", "a", None, "b"]))
    {'a': 1, 'b': 2}
    """
    counted = pc.value_counts(words.drop_null()).to_pylist()
    return dict(sorted((entry["values"], entry["counts"]) for entry in counted))
