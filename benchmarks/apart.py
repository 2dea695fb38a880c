"""Runs a measurement in a fresh process of its own and reads that process's peak memory.

What is measured does not belong here.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")
SAMPLE_SECONDS = 0.01


def run_apart(function: Callable[..., dict[str, Any]], *args: Any, **named: Any) -> dict[str, Any]:
    """The function's result from a new process, with `peak_mb`: the most memory that process held."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_measured, function, args, named).result()


def _measured(function: Callable[..., dict[str, Any]], args: Any, named: Any) -> dict[str, Any]:
    return {**function(*args, **named), "peak_mb": peak_mb()}


def peak_mb() -> float:
    """Peak resident memory of this process in MB.

    Linux carries getrusage's ru_maxrss over from the parent when a program is started, so VmHWM comes first.
    """
    if STATUS.exists():
        return _status("VmHWM")
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size / 1e3


def held_mb() -> float:
    """Resident memory of this process now; 0 where the system does not tell."""
    return _status("VmRSS") if STATUS.exists() else 0.0


def _status(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
    return int(found.group(1)) * 1024 / 1e6 if found else 0.0


class MemoryWatch:
    """Samples this process's memory while the block lasts; `peak_between` looks back by wall clock."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.samples.append((time.time(), held_mb()))

    def peak_between(self, start: float, end: float) -> float:
        return max((size for moment, size in self.samples if start <= moment <= end), default=0.0)
