"""A database in a folder of its own, or one of both kinds in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.postgresql import a_database, the_database
from fakes.stores import Records, records_in


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/invoicing.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, url: str) -> str:
    """An empty database of each kind."""
    return the_database() if request.param == "postgresql" else url


@pytest.fixture(params=["sqlite", "postgresql"])
def untouched(request: pytest.FixtureRequest, url: str) -> str:
    """Likewise, one in which there is not even a table."""
    return a_database() if request.param == "postgresql" else url


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in("sqlite", tmp_path) as opened:
        yield opened
