"""How a site is read with its seller."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.platform import Platform
from domain.errors import Misconfigured, Unavailable
from domain.order import Seller, Site
from fakes.clock import FakeClock
from fakes.lying_server import LyingServer, Reply

SITE: dict[str, Any] = {
    "code": "main",
    "name": "Main",
    "defaultLanguage": "de",
    "homeBase": {"timezone": "Europe/Vienna", "address": {"country": "AT"}},
    "mixins": {
        "generalShopSettings": {"logoUrl": "https://b.c/l.png", "brandName": "Brand", "zoneId": "Europe/Berlin"},
        "merchantInfo": {
            "merchantName": "Example GmbH",
            "merchantAddress": {
                "merchantStreet": "Ring",
                "merchantStreetNo": 5,
                "merchantZipCode": "10115",
                "merchantCity": "Berlin",
            },
            "country": "DE",
            "vatId": "DE123456789",
            "iban": "DE02120300000000202051",
            "bic": "BYLADEM1001",
            "email": "office@example.com",
            "phone": "+49 30 1",
        },
        "another": 7,
    },
}


async def test_a_site_is_read_with_its_seller(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(SITE))
    seller = Seller(
        name="Example GmbH",
        street="Ring 5",
        zip_code="10115",
        city="Berlin",
        country="DE",
        vat_id="DE123456789",
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        email="office@example.com",
        phone="+49 30 1",
    )
    site = Site("main", "Brand", "de", "Europe/Berlin", "https://b.c/l.png", seller)
    assert await platform.sites.site("main") == site
    assert server.asked[0].path == "/site/acme/sites/main?expand=mixin%3A%2A"


async def test_a_bare_site_has_what_it_has(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"code": "main", "homeBase": {"address": {"country": "AT"}}, "mixins": None}))
    assert await platform.sites.site("main") == Site("main", "", "en", "UTC", "", Seller(country="AT"))


async def test_what_is_blank_is_not_said(platform: Platform, server: LyingServer) -> None:
    address = {"merchantStreet": " ", "merchantStreetNo": " ", "merchantCity": "\t"}
    merchant = {"merchantName": " \n", "merchantAddress": address, "vatId": " DE123456789 ", "email": " "}
    server.says(Reply.json({"code": "main", "name": " ", "mixins": {"merchantInfo": merchant}}))
    assert await platform.sites.site("main") == Site("main", "", "en", "UTC", "", Seller(vat_id="DE123456789"))


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "Europe", "\x00", "x" * 5000])
async def test_a_zone_that_is_none_is_the_operators_matter(platform: Platform, server: LyingServer, zone: str) -> None:
    server.says(Reply.json({"code": "main", "homeBase": {"timezone": zone}}))
    with pytest.raises(Misconfigured, match="is no time zone"):
        await platform.sites.site("main")


async def test_a_site_that_does_not_exist_is_the_operators_matter(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(404))
    with pytest.raises(Misconfigured, match="has no site 'main'"):
        await platform.sites.site("main")


async def test_a_mixin_of_the_wrong_shape_is_named(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"code": "main", "mixins": {"merchantInfo": {"merchantAddress": "Berlin"}}}))
    with pytest.raises(Misconfigured, match=r"mixins\.merchantInfo\.merchantAddress"):
        await platform.sites.site("main")


async def test_an_answer_that_is_no_site_is_unavailable(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"items": []}))
    with pytest.raises(Unavailable):
        await platform.sites.site("main")


async def test_many_ask_for_a_site_and_the_platform_is_asked_once_in_five_minutes(
    platform: Platform, server: LyingServer, clock: FakeClock
) -> None:
    server.says(Reply.json(SITE))
    await asyncio.gather(*(platform.sites.site("main") for _ in range(10)))
    clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    await platform.sites.site("main")
    assert len(server.asked) == 1
    clock.advance(timedelta(seconds=1))
    await platform.sites.site("main")
    assert len(server.asked) == 2


async def test_a_site_that_could_not_be_had_is_asked_for_again(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(503), Reply.json(SITE))
    with pytest.raises(Unavailable):
        await platform.sites.site("main")
    assert (await platform.sites.site("main")).code == "main"
