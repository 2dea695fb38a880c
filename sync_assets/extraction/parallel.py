"""Several readers of one stream at once, each in its own thread, a few pages ahead of whoever lands them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any

from sync_assets.sources.odoo import Page

PAGES_IN_FLIGHT = 4


def in_parallel(
    items: list[dict[str, Any]], pages: Callable[[dict[str, Any]], Iterable[Page]]
) -> Iterator[tuple[dict[str, Any], Page]]:
    """The pages of several readers as they come, each reader in its own thread, a few pages ahead of the landing."""
    queue: Queue[tuple[int, Page | BaseException | None]] = Queue(PAGES_IN_FLIGHT)
    stop = threading.Event()

    def put(entry: tuple[int, Page | BaseException | None]) -> None:
        while not stop.is_set():
            with suppress(Full):
                queue.put(entry, timeout=0.1)
                return

    def read(index: int, item: dict[str, Any]) -> None:
        try:
            for page in pages(item):
                put((index, page))
                if stop.is_set():
                    return
            put((index, None))
        except BaseException as error:  # handed to the consumer, who raises it
            put((index, error))

    failure: BaseException | None = None
    with ThreadPoolExecutor(max(1, len(items)), thread_name_prefix="odoo") as readers:
        # The reader gets a copy, since the consumer moves the original on while the reader is still reading.
        running = {index for index, item in enumerate(items) if readers.submit(read, index, dict(item))}
        try:
            while running:
                try:
                    index, entry = queue.get(timeout=1)
                except Empty:
                    continue
                if isinstance(entry, BaseException):
                    # The other readers go on: what they land now need not be read again.
                    failure = failure or entry
                    running.discard(index)
                elif entry is None:
                    running.discard(index)
                else:
                    yield items[index], entry
        finally:
            stop.set()
    if failure is not None:
        raise failure
