"""A database in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.stores import Records, records_in


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/invoicing.db"


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in("sqlite", tmp_path) as opened:
        yield opened
