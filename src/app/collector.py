"""The garbage collector of a process that handles thousands of short-lived objects a second, nearly none in a cycle."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""How many more objects there must be before it looks for cycles; by default it does after 700, hundreds of times a
second."""


def spare() -> None:
    """From now on it looks rarely, and never again at what is there already."""
    gc.freeze()
    _, middle, old = gc.get_threshold()
    gc.set_threshold(YOUNG, middle, old)
