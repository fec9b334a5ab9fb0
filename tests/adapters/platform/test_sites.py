"""How a site is read with its seller, and its logo fetched from wherever it lies."""

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

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
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


# The logo


def site_with(logo_url: str) -> Site:
    return Site("main", "", "en", "UTC", logo_url, Seller())


@pytest.mark.parametrize("picture", [PNG, JPEG])
async def test_a_logo_is_fetched_once_and_without_the_token(
    platform: Platform, server: LyingServer, picture: bytes
) -> None:
    server.says(Reply(200, picture))
    site = site_with(f"{server.url}/logo.png")
    assert [await platform.sites.logo(site) for _ in range(3)] == [picture] * 3
    assert len(server.asked) == 1
    assert "Authorization" not in server.asked[0].headers
    assert "Emporix-Tenant" not in server.asked[0].headers


async def test_a_logo_may_have_moved(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(301, b"", {"Location": f"{server.url}/new.png"}), Reply(200, PNG))
    assert await platform.sites.logo(site_with(f"{server.url}/old.png")) == PNG


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(200, b""),
        Reply(200, b"<svg/>"),
        Reply(200, PNG + bytes(2 * 2**20)),
        Reply(302, b"", {"Location": "file:///etc/passwd"}),
        Reply(302, b"", {"Location": "/logo.png"}),
        Reply(drop=True),
    ],
)
async def test_a_logo_that_cannot_be_had_harms_nothing_and_is_not_asked_for_at_once_again(
    platform: Platform, server: LyingServer, clock: FakeClock, reply: Reply
) -> None:
    server.says(reply)
    site = site_with(f"{server.url}/logo.png")
    assert await platform.sites.logo(site) is None
    asked = len(server.asked)
    assert await platform.sites.logo(site) is None
    assert len(server.asked) == asked
    server.says(Reply(200, PNG))
    clock.advance(timedelta(minutes=1))
    assert await platform.sites.logo(site) == PNG


@pytest.mark.parametrize(
    "url",
    [
        "",
        "logo.png",
        "file:///etc/passwd",
        "ftp://b.c/x",
        "http://",
        "http://127.0.0.1:1/",
        "http://[",
        "http://a\r\nb/",
    ],
)
async def test_a_logo_lies_on_the_web_or_nowhere(platform: Platform, url: str) -> None:
    assert await platform.sites.logo(site_with(url)) is None
