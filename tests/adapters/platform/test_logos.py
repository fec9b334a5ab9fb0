"""How a logo is fetched from wherever a site says it lies, and what is not fetched."""

from __future__ import annotations

import asyncio
import gzip
import socket
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from adapters.platform.logos import LARGEST, Logos, public_socket
from domain.order import Seller, Site
from fakes.clock import FakeClock
from fakes.lying_server import LyingServer, Reply

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


def site_with(logo_url: str) -> Site:
    return Site("main", "", "en", "UTC", logo_url, Seller())


@pytest.mark.parametrize("picture", [PNG, JPEG, PNG + bytes(LARGEST - len(PNG))])
async def test_a_logo_is_fetched_once_and_without_the_token(
    platform: Platform, server: LyingServer, picture: bytes
) -> None:
    server.says(Reply(200, picture, {"Content-Type": "text/html"}))
    site = site_with(f"{server.url}/logo.png")
    assert await asyncio.gather(*(platform.sites.logo(site) for _ in range(3))) == [picture] * 3
    assert await platform.sites.logo(site) == picture
    assert len(server.asked) == 1
    assert "Authorization" not in server.asked[0].headers
    assert "Emporix-Tenant" not in server.asked[0].headers


async def test_a_logo_is_an_hour_old_at_most(platform: Platform, server: LyingServer, clock: FakeClock) -> None:
    server.says(Reply(200, PNG), Reply(200, JPEG))
    site = site_with(f"{server.url}/logo.png")
    assert await platform.sites.logo(site) == PNG
    clock.advance(timedelta(minutes=59))
    assert await platform.sites.logo(site) == PNG
    clock.advance(timedelta(minutes=1))
    assert await platform.sites.logo(site) == JPEG


async def test_a_logo_may_have_moved(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(301, b"", {"Location": f"{server.url}/new.png"}), Reply(200, PNG))
    assert await platform.sites.logo(site_with(f"{server.url}/old.png")) == PNG


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(200, b""),
        Reply(200, b"<svg/>", {"Content-Type": "image/png"}),
        Reply(200, PNG + bytes(LARGEST)),
        Reply(200, gzip.compress(PNG), {"Content-Encoding": "gzip"}),
        Reply(302, b"", {"Location": "file:///etc/passwd"}),
        Reply(302, b"", {"Location": "/logo.png"}),
        Reply(drop=True),
    ],
)
async def test_a_logo_that_cannot_be_had_costs_one_warning_and_is_asked_for_again_in_a_minute(
    platform: Platform, server: LyingServer, clock: FakeClock, reply: Reply
) -> None:
    server.says(reply)
    site = site_with(f"{server.url}/logo.png")
    with capture_logs() as logs:
        assert await asyncio.gather(*(platform.sites.logo(site) for _ in range(3))) == [None] * 3
        asked = len(server.asked)
        assert await platform.sites.logo(site) is None
    assert [(log["log_level"], log["host"]) for log in logs] == [("warning", "127.0.0.1")]
    assert len(server.asked) == asked
    server.says(Reply(200, PNG))
    clock.advance(timedelta(minutes=1))
    assert await platform.sites.logo(site) == PNG


async def test_a_logo_that_does_not_come_is_given_up(server: LyingServer, clock: FakeClock) -> None:
    server.says(Reply(hang=True))
    patience = timedelta(seconds=0.05)
    async with Logos.fetched(tenant="acme", platform=server.url, clock=clock, patience=patience) as logos:
        assert await logos.logo(f"{server.url}/logo.png") is None


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


async def test_a_logo_is_asked_for_over_http_alone(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(200, PNG))
    assert await platform.sites.logo(site_with(server.url.replace("http", "ws"))) is None
    assert server.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::]", "2130706433"])
async def test_nobody_sends_the_service_to_its_own_machine(server: LyingServer, clock: FakeClock, host: str) -> None:
    server.says(Reply(200, PNG))
    port = server.url.rpartition(":")[2]
    async with Logos.fetched(tenant="acme", platform="https://api.emporix.io", clock=clock) as logos:
        assert await logos.logo(f"http://{host}:{port}/logo.png") is None
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "64:ff9b::a9fe:a9fe",
        "::",
    ],
)
def test_an_address_that_not_all_the_world_can_reach_is_not_for_logos(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(PermissionError):
        public_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_an_address_that_all_the_world_can_reach_is(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80))).close()
