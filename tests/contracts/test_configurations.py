"""What `domain.ports.Configurations` promises, asked of the fake and of the adapter."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from fakes.worlds import Mishap, World


async def test_the_settings_say_which_orders_an_automatic_job_takes(world: World) -> None:
    settings = await world.configurations.invoice_settings()
    assert "CREATED" in settings.statuses
    assert settings.threshold.total_seconds() >= 0


async def test_the_sender_is_an_address(world: World) -> None:
    assert "@" in await world.configurations.mail_sender()


@pytest.mark.parametrize("mishap", [Mishap.ERROR, Mishap.DROPPED_BEFORE, Mishap.GARBAGE])
async def test_what_cannot_be_had_now_is_unavailable_and_can_be_had_later(world: World, mishap: Mishap) -> None:
    await world.goes_wrong("configurations", "get", mishap)
    with pytest.raises(Unavailable):
        await world.configurations.invoice_settings()
    assert (await world.configurations.invoice_settings()).statuses
