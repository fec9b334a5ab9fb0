"""What `domain.ports.Sites` promises, asked of the fake and of the adapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.worlds import World


async def test_a_site_comes_with_a_zone_a_language_and_a_complete_seller(world: World) -> None:
    site = await world.sites.site("main")
    assert site.code == "main"
    assert site.time_zone.key == site.zone
    assert site.language
    seller = site.seller
    assert all((seller.name, seller.street, seller.zip_code, seller.city, seller.country, seller.vat_id))


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/logo.png", "logo.png"])
async def test_a_logo_that_cannot_be_had_harms_nothing(world: World, url: str) -> None:
    site = replace(await world.sites.site("main"), logo_url=url)
    assert await world.sites.logo(site) is None
