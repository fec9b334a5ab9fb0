"""The garbage collector of a process that draws: it looks between documents, and not while one is drawn.

A document of many lines is hundreds of thousands of objects, all in use until it is written; looking for cycles among
them takes a sixth of the time. What is in one afterwards is little: pages and their document.
"""

from __future__ import annotations

import gc

MANY = 50_000
"""Objects that are left over; fewer are not worth a look."""


def rest() -> None:
    """From now on it looks only when it is told to, and never again at what is there already."""
    gc.freeze()
    gc.disable()


def look() -> None:
    """Lets it look, if documents have left much behind."""
    if gc.get_count()[0] > MANY:
        gc.collect()
