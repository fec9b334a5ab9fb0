"""What a tenant needs, read and made over HTTP: the platform's own shapes, and its surprises."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.platform import Platform
from adapters.platform.scopes import NEEDED
from domain.errors import PlatformDenied, Unavailable
from domain.numbering import INVOICE_SERIES, NumberSchema
from domain.order import InvoiceSettings, Seller
from fakes.lying_server import LyingServer, Reply

NOTHING = Reply.json({"status": 404, "message": "Configuration not found"}, 404)
CREATED = Reply.json([{"key": "invoiceSettings", "version": 1}], 201)


def token_with(*scopes: str) -> Reply:
    return Reply.json({"access_token": "token-x", "expires_in": 14399, "scope": " ".join(scopes)})


async def test_scopes_that_were_dropped_from_the_token_are_lacking(platform: Platform, server: LyingServer) -> None:
    lacking, *kept = NEEDED
    server.says_to_token_requests(token_with(*kept, "tenant=acme"))
    assert await platform.preparations.lacking_scopes() == {lacking: NEEDED[lacking]}


async def test_a_token_that_says_nothing_of_scopes_has_them_all(platform: Platform, server: LyingServer) -> None:
    assert await platform.preparations.lacking_scopes() == {}
    assert server.asked == []


async def test_what_the_platform_fills_in_by_itself_need_not_be_given(platform: Platform, server: LyingServer) -> None:
    placeholders = {
        "__year__": {"required": True},
        "__country__": {"required": True},
        "__region__": {"required": True, "sitePath": "mixins.customConfig.region"},
        "__note__": {"required": False, "default": "x"},
        "__num__": {"required": True},
    }
    schema = {
        "id": "s1",
        "name": "Invoices",
        "active": True,
        "preText": "INV__num__",
        "startValue": 100,
        "maxValue": 999,
        "counter": 90,
        "placeholders": placeholders,
    }
    server.says(Reply.json([schema, {"name": "bare", "startValue": 1, "maxValue": 9, "numberOfDigits": 3}]))
    assert await platform.preparations.schemas(INVOICE_SERIES) == (
        NumberSchema("s1", "Invoices", True, "INV__num__", ("__num__",), 809),
        NumberSchema("", "bare", False, "", (), 8),
    )
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/sequential-id/acme/schemas/types/invoiceNoSequence")
    ]


async def test_new_settings_are_posted_in_a_list_in_the_platforms_words(
    platform: Platform, server: LyingServer
) -> None:
    server.says(NOTHING, CREATED)
    await platform.preparations.write_settings(InvoiceSettings(("CREATED", "CONFIRMED"), (), timedelta(hours=24)))
    posted = server.asked[-1]
    value = {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": ""}
    assert (posted.method, posted.path) == ("POST", "/configuration/acme/configurations")
    assert posted.content == [{"key": "invoiceSettings", "value": value, "secured": False, "version": "1"}]


async def test_settings_that_are_there_are_put_with_their_version(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"key": "invoiceSettings", "value": {}, "version": 7}), Reply.json({}))
    await platform.preparations.write_settings(InvoiceSettings((), (), timedelta(hours=96)))
    put = server.asked[-1]
    assert (put.method, put.path) == ("PUT", "/configuration/acme/configurations/invoiceSettings")
    assert isinstance(put.content, dict)
    assert (put.content["version"], put.content["value"]["threshold"]) == ("7", "96")


@pytest.mark.parametrize(
    "body", [b'{"id":"6915e2eb3b4c2e6c7c80711b"}', b'"6915e2eb3b4c2e6c7c80711b"', b"6915e2eb3b4c2e6c7c80711b\n"]
)
async def test_the_id_of_a_new_schema_is_read_however_it_is_told(
    platform: Platform, server: LyingServer, body: bytes
) -> None:
    server.says(Reply(201, body))
    assert await platform.preparations.create_schema(INVOICE_SERIES, "INV-") == "6915e2eb3b4c2e6c7c80711b"
    assert isinstance(server.asked[0].content, dict)
    assert server.asked[0].content["schemaType"] == "invoiceNoSequence"


async def test_a_mixin_keeps_what_it_says_besides_and_the_schema_it_follows(
    platform: Platform, server: LyingServer
) -> None:
    site = {
        "code": "main",
        "mixins": {"merchantInfo": {"merchantAddress": {"merchantCity": "Bonn", "floor": 3}, "rating": 4.50}},
        "metadata": {"mixins": {"merchantInfo": "https://schemas.example/merchant.json"}, "version": 3},
    }
    server.says(Reply.json(site), Reply.json({}))
    await platform.preparations.write_seller("main", Seller(name="Acme", city="Berlin", vat_id="DE1"))
    put = server.asked[-1]
    assert (put.method, put.path) == ("PUT", "/site/acme/sites/main/mixins/merchantInfo")
    assert put.content == {
        "merchantInfo": {
            "merchantAddress": {"merchantCity": "Berlin", "floor": "3"},
            "rating": "4.5",
            "merchantName": "Acme",
            "vatId": "DE1",
            "metadata": {"schema": "https://schemas.example/merchant.json"},
        }
    }


async def test_a_mixin_that_is_not_there_is_posted(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"code": "main"}), Reply.json({"id": "generalShopSettings"}, 201))
    await platform.preparations.write_logo("main", "https://acme.example/logo.png")
    posted = server.asked[-1]
    assert (posted.method, posted.path) == ("POST", "/site/acme/sites/main/mixins")
    assert posted.content == {"generalShopSettings": {"logoUrl": "https://acme.example/logo.png"}}


async def test_the_default_site_comes_first(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json([{"code": "uk"}, {"code": "main", "default": True}, {"code": "de", "default": False}]))
    assert await platform.preparations.sites() == ("main", "uk", "de")


async def test_what_is_forbidden_is_told_with_the_scope_it_needs(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"message": "Forbidden"}, 403))
    with pytest.raises(PlatformDenied, match=r"sequentialid\.schema_manage"):
        await platform.preparations.create_schema(INVOICE_SERIES, "INV-")
    with pytest.raises(PlatformDenied, match=r"payment-gateway\.paymenttransactions_read"):
        await platform.preparations.read_transactions()


async def test_an_answer_of_another_shape_is_told_by_its_field(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json([{"id": "s1", "maxValue": "many"}]))
    with pytest.raises(Unavailable, match="maxValue"):
        await platform.preparations.schemas(INVOICE_SERIES)
