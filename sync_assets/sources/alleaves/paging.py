"""Walking a list page by page: where it ends, what came twice, and what shows that something is wrong.

Sending the calls does not belong here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sync_assets.errors import SourceDataError
from sync_assets.sources.alleaves.containers import Rows

Key = Callable[[Any], Hashable | None]


@dataclass
class Walk:
    """One list being read: `fetch(page)` brings a page, `key` names a row, `note(code, message, count)` keeps a warning."""

    who: str
    page_size: int
    max_pages: int
    fetch: Callable[[int], Rows]
    key: Key
    note: Callable[[str, str, int], None]
    walk_until_empty: bool = False
    seen: set[Hashable] = field(default_factory=set)


def walk_pages(walk: Walk) -> Iterator[list[Any]]:
    """The pages in order, none empty; a row that comes twice in one page is kept once, as last read.

    Raises SourceDataError `paging_stuck` or `max_pages`; the pages until then have been given out.
    """
    total: int | None = None
    before: list[Hashable] = []
    for page in range(1, walk.max_pages + 1):
        rows = walk.fetch(page)
        total = rows.total if rows.total is not None else total
        names = [_name(row, walk.key) for row in rows.elements]
        new = set(names) - walk.seen
        walk.seen |= new
        _count_duplicates(walk, names, len(new))
        if names:
            yield list(dict(zip(names, rows.elements, strict=True)).values())
        if _is_end(walk, names, before, is_new=bool(new), total=total):
            if total is not None and len(walk.seen) < total:
                walk.note("total_mismatch", f"{walk.who}: {len(walk.seen)} rows of {total} were received", 1)
            return
        before = names
    raise SourceDataError(
        f"{walk.who}: the list does not end within {walk.max_pages} pages; raise max_pages", code="max_pages"
    )


def _is_end(walk: Walk, names: list[Hashable], before: list[Hashable], *, is_new: bool, total: int | None) -> bool:
    if not names:
        return True
    is_short = len(names) < walk.page_size
    is_complete = total is not None and len(walk.seen) >= total
    # A server that gives the same short page again and again would never come to an empty one.
    is_repeated = not is_new and (not is_short or names == before)
    if is_repeated:
        if is_complete or (is_short and total is not None):
            return True
        raise SourceDataError(
            f"{walk.who}: a page brings no new row, so the server does not turn pages; report this to the vendor",
            code="paging_stuck",
        )
    return is_short and not walk.walk_until_empty and (total is None or is_complete)


def _count_duplicates(walk: Walk, names: list[Hashable], new: int) -> None:
    duplicates = len(names) - new
    if duplicates:
        walk.note("duplicates_in_fetch", f"{walk.who}: rows came more than once; the last one counts", duplicates)


def _name(row: Any, key: Key) -> Hashable:
    """A row's key; a row without one is named by its content, so that it counts as itself."""
    found = key(row)
    if found is not None:
        return found
    text = json.dumps(row, sort_keys=True, default=str)
    return b"row " + hashlib.sha256(text.encode("utf-8", "replace")).digest()
