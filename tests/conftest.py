"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")
"""The same examples each time, however long one takes: that says more of the machine than of the code."""
