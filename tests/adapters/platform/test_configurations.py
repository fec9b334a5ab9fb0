"""How the tenant's configuration is read, in all the ways tenants write it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.platform import Platform
from domain.errors import Misconfigured, PlatformDenied, Unavailable
from domain.order import InvoiceSettings
from fakes.clock import FakeClock
from fakes.lying_server import LyingServer, Reply


async def settings(platform: Platform, server: LyingServer, value: object) -> InvoiceSettings:
    server.says(Reply.json({"key": "invoiceSettings", "value": value, "version": 1}))
    return await platform.configurations.invoice_settings()


PUBLISHED = {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"}


@pytest.mark.parametrize(
    "value",
    [
        PUBLISHED,
        json.dumps(PUBLISHED),
        {"threshold": "24h", "status": " CREATED , CONFIRMED,", "extendedOrderStatus": "70, 75, 76"},
        {"threshold": 24, "status": ["CREATED", "CONFIRMED"], "extendedOrderStatus": [70, "75", 76]},
        {"threshold": 24.0, "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76", "more": []},
    ],
)
async def test_settings_are_read_however_they_are_written(
    platform: Platform, server: LyingServer, value: object
) -> None:
    read = await settings(platform, server, value)
    assert read == InvoiceSettings(("CREATED", "CONFIRMED"), ("70", "75", "76"), timedelta(hours=24))
    assert server.asked[0].path == "/configuration/acme/configurations/invoiceSettings"


@pytest.mark.parametrize("empty", ["", None, []])
async def test_an_empty_list_is_no_filter(platform: Platform, server: LyingServer, empty: object) -> None:
    read = await settings(platform, server, {"threshold": "96h", "status": empty, "extendedOrderStatus": empty})
    assert read == InvoiceSettings((), (), timedelta(hours=96))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "24",
        [],
        {},
        {"threshold": None},
        {"threshold": "soon"},
        {"threshold": -1},
        {"threshold": "1e99"},
        {"threshold": 10**9},
        {"threshold": True},
        {"threshold": "24", "status": "CREATED) id:(x"},
        {"threshold": "24", "status": {"CREATED": True}},
        {"threshold": "24", "extendedOrderStatus": 'seventy "five"'},
    ],
)
async def test_settings_that_cannot_be_read_are_the_operators_matter_and_named(
    platform: Platform, server: LyingServer, value: object
) -> None:
    with pytest.raises(Misconfigured, match="invoiceSettings") as raised:
        await settings(platform, server, value)
    assert raised.value.reason == "NOT_CONFIGURED"


async def test_missing_settings_say_what_to_set(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"status": 404, "message": "Configuration not found"}, 404))
    with pytest.raises(Misconfigured, match=r"invoiceSettings is not set: it needs .*threshold") as raised:
        await platform.configurations.invoice_settings()
    assert raised.value.reason == "NOT_CONFIGURED"


async def test_a_key_without_the_scope_is_denied(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"type": "Forbidden"}, 403))
    with pytest.raises(PlatformDenied):
        await platform.configurations.invoice_settings()


async def test_an_answer_that_is_no_configuration_is_unavailable(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json([1]))
    with pytest.raises(Unavailable):
        await platform.configurations.invoice_settings()


@pytest.mark.parametrize(
    ("value", "sender"),
    [("shop@b.c", "shop@b.c"), ('"shop@b.c"', "shop@b.c"), (" shop@b.c ", "shop@b.c"), (None, "")],
)
async def test_the_sender_is_read_plain_or_as_json_in_a_text(
    platform: Platform, server: LyingServer, value: str | None, sender: str
) -> None:
    server.says(Reply.json({"value": value}))
    assert await platform.configurations.mail_sender() == sender
    assert server.asked[0].path == "/configuration/acme/configurations/cust.notification.email.from"


async def test_a_sender_that_is_not_configured_is_empty(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({}, 404))
    assert await platform.configurations.mail_sender() == ""


async def test_a_sender_that_is_no_text_is_the_operators_matter(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"value": {"from": "a@b.c"}}))
    with pytest.raises(Misconfigured, match=r"cust\.notification\.email\.from"):
        await platform.configurations.mail_sender()


async def test_a_sender_is_asked_for_once_a_minute_and_its_absence_every_time(
    platform: Platform, server: LyingServer, clock: FakeClock
) -> None:
    server.says(Reply.json({"value": None}), Reply.json({"value": "a@b.c"}), Reply.json({"value": "new@b.c"}))
    assert [await platform.configurations.mail_sender() for _ in range(3)] == ["", "a@b.c", "a@b.c"]
    clock.advance(timedelta(seconds=61))
    assert await platform.configurations.mail_sender() == "new@b.c"
