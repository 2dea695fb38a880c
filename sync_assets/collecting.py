"""How often Python looks for cycles of garbage in a process that reads many rows."""

import gc


def collect_rarely() -> None:
    """Leaves what is loaded out of every search and searches seldom; for the start of a run, once per process.

    Rows are millions of objects that die by themselves, and searching among them takes a tenth to a fifth of the time.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
