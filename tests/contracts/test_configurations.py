"""What `domain.ports.Configurations` promises, asked of the fake and of the adapter."""

from __future__ import annotations

from fakes.worlds import World


async def test_the_settings_say_which_orders_an_automatic_job_takes(world: World) -> None:
    settings = await world.configurations.invoice_settings()
    assert "CREATED" in settings.statuses
    assert settings.threshold.total_seconds() >= 0


async def test_the_sender_is_an_address(world: World) -> None:
    assert "@" in await world.configurations.mail_sender()
