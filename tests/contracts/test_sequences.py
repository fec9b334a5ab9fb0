"""What `domain.ports.Sequences` promises, asked of the fake and of the adapter."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Misconfigured
from domain.numbering import Series, SeriesName
from fakes.worlds import World

SERIES = Series(SeriesName("invoiceNoSequence"), "main")


async def test_numbers_are_never_handed_out_twice(world: World) -> None:
    drawn = await asyncio.gather(*(world.sequences.draw(SERIES) for _ in range(20)))
    assert len(set(drawn)) == 20
    assert all(number.strip() for number in drawn)
    assert await world.effects("number") == 20


async def test_a_series_without_an_active_schema_is_the_operators_matter(world: World) -> None:
    await world.deactivate_series()
    with pytest.raises(Misconfigured) as raised:
        await world.sequences.draw(SERIES)
    assert raised.value.reason == "NOT_CONFIGURED"
    assert await world.effects("number") == 0
