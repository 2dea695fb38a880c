"""Working ahead: while one item is being used, a thread prepares the next.

What the items are does not belong here; several readers of one stream are in `extraction/parallel.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Generator[T, None, None]) -> Iterator[T]:
    """The same items in the same order; what an item raises is raised when its turn comes.

    >>> list(one_ahead(n * n for n in range(4)))
    [0, 1, 4, 9]
    """
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
            coming = thread.submit(_next, items)
            while taken := coming.result():
                coming = thread.submit(_next, items)
                yield taken[0]
    finally:
        # Whoever stops early must not leave the reader's transaction open.
        items.close()


def _next(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None
