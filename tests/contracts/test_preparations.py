"""What `domain.ports.Preparations` promises, asked of the fake, and of HTTP to a sandbox tenant that has nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest

from adapters.platform import Platform
from adapters.sandbox import Sandbox
from domain.numbering import INVOICE_SERIES, SeriesName
from domain.order import InvoiceSettings, Seller, Site, TenantId
from domain.ports import Preparations
from fakes.clock import FakeClock
from fakes.platform import SELLER
from fakes.preparations import Newcomer
from fakes.sandbox_caller import Caller

FRESH = TenantId("fresh")
CREDIT_NOTES = SeriesName("creditNoteSequence")
SETTINGS = InvoiceSettings(("CREATED", "SHIPPED"), ("70", "05"), timedelta(hours=36))


@dataclass(frozen=True, slots=True)
class Seen:
    """What invoicing finds at the platform."""

    settings: InvoiceSettings
    sender: str
    site: Site


@dataclass(frozen=True, slots=True)
class Prepared:
    """A tenant's preparations, and what whoever comes after sees of them."""

    preparations: Preparations
    seen: Callable[[], Awaitable[Seen]]


@pytest.fixture(params=["fake", "http"])
async def prepared(request: pytest.FixtureRequest) -> AsyncIterator[Prepared]:
    async for each in {"fake": _fake, "http": _http}[request.param]():
        yield each


async def _fake() -> AsyncIterator[Prepared]:
    newcomer = Newcomer()

    async def seen() -> Seen:
        return Seen(
            await newcomer.configurations.invoice_settings(),
            await newcomer.configurations.mail_sender(),
            await newcomer.sites.site("main"),
        )

    yield Prepared(newcomer.preparations, seen)


async def _http() -> AsyncIterator[Prepared]:
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=FakeClock()) as sandbox:
        async with aiohttp.ClientSession(sandbox.url) as session:
            await Caller(session).post("/_sandbox/tenants", {"tenant": FRESH, "empty": True})

        def connected() -> AbstractAsyncContextManager[Platform]:
            return Platform.connected(
                url=sandbox.url,
                tenant=FRESH,
                client_id="sandbox",
                client_secret="sandbox",
                clock=FakeClock(),
                prepares=True,
            )

        async def seen() -> Seen:
            async with connected() as platform:
                return Seen(
                    await platform.configurations.invoice_settings(),
                    await platform.configurations.mail_sender(),
                    await platform.sites.site("main"),
                )

        async with connected() as platform:
            yield Prepared(platform.preparations, seen)


async def test_of_a_tenant_that_has_nothing_nothing_is_found(prepared: Prepared) -> None:
    preparations = prepared.preparations
    assert not await preparations.configured("invoiceSettings")
    assert await preparations.schemas(INVOICE_SERIES) == ()
    assert await preparations.sites() == ("main",)
    assert await preparations.lacking_scopes() == {}
    await preparations.read_transactions()


async def test_settings_and_sender_are_as_they_were_written_last(prepared: Prepared) -> None:
    for settings, sender in ((replace(SETTINGS, statuses=()), "a@acme.example"), (SETTINGS, "b@acme.example")):
        for _ in range(2):
            await prepared.preparations.write_settings(settings)
            await prepared.preparations.write_sender(sender)
        seen = await prepared.seen()
        assert (seen.settings, seen.sender) == (settings, sender)
    assert await prepared.preparations.configured("invoiceSettings")


@pytest.mark.parametrize("series", [INVOICE_SERIES, CREDIT_NOTES])
async def test_a_schema_is_active_once_it_was_activated_and_then_no_other_of_its_series_is(
    prepared: Prepared, series: SeriesName
) -> None:
    preparations = prepared.preparations
    (other,) = {INVOICE_SERIES, CREDIT_NOTES} - {series}
    await preparations.activate_schema(await preparations.create_schema(other, "O-"))
    first, second = [await preparations.create_schema(series, prefix) for prefix in ("A-", "B-")]
    assert [schema.active for schema in await preparations.schemas(series)] == [False, False]
    for chosen in (first, second, second):
        await preparations.activate_schema(chosen)
        schemas = {schema.id: schema for schema in await preparations.schemas(series)}
        assert {schema_id: schema.active for schema_id, schema in schemas.items()} == {
            first: chosen == first,
            second: chosen == second,
        }
    assert [(schemas[each].prefix, schemas[each].wanted) for each in (first, second)] == [("A-", ()), ("B-", ())]
    assert min(schema.left for schema in schemas.values()) > 100_000
    assert [(schema.prefix, schema.active) for schema in await preparations.schemas(other)] == [("O-", True)]


async def test_a_seller_is_written_field_by_field_and_the_rest_of_the_site_stays(prepared: Prepared) -> None:
    preparations = prepared.preparations
    await preparations.write_settings(SETTINGS)
    await preparations.write_logo("main", "https://acme.example/logo.png")
    await preparations.write_seller("main", replace(SELLER, city=""))
    await preparations.write_seller("main", Seller(city="Berlin"))
    site = (await prepared.seen()).site
    assert (site.seller, site.logo_url) == (SELLER, "https://acme.example/logo.png")
    await preparations.write_seller("main", Seller(street="Allee 6"))
    await preparations.write_logo("main", "https://acme.example/new.png")
    site = (await prepared.seen()).site
    assert (site.seller, site.logo_url) == (replace(SELLER, street="Allee 6"), "https://acme.example/new.png")
