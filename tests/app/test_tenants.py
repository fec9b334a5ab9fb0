"""Who is served, and what becomes of connections when that changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import now
from app.settings import Settings
from app.tenant_settings import TenantSettings
from app.tenants import Change, ServedTenants
from domain.errors import Misconfigured, Unavailable, UnknownTenant
from domain.order import TenantId, TransactionId
from domain.ports import Tenant
from fakes.lying_server import LyingServer, Reply

ACME, GLOBEX, INITECH = TenantId("acme"), TenantId("globex"), TenantId("initech")
T1 = TransactionId("t-1")
TRANSACTION = Reply.json({"id": "t-1", "entries": []})


def settings_of(**changes: object) -> TenantSettings:
    return TenantSettings.model_validate({"client_id": "key", "client_secret": "hush", **changes})


@pytest.fixture
async def server() -> AsyncIterator[LyingServer]:
    async with LyingServer.running() as running:
        running.says(TRANSACTION)
        yield running


@asynccontextmanager
async def serving(server: LyingServer, *, farewell: timedelta = timedelta(0)) -> AsyncIterator[ServedTenants]:
    """Acme and globex."""
    settings = Settings(_env_file=None, platform_url=server.url, platform_timeout="2s", tenants_file="tenants.toml")
    tenants = ServedTenants(settings, now, farewell=farewell)
    await tenants.serve({ACME: settings_of(), GLOBEX: settings_of()})
    try:
        yield tenants
    finally:
        await tenants.close()


async def parted_from(tenants: ServedTenants) -> None:
    """Returns when no old connection is left."""
    await asyncio.gather(*tenants._leaving)


async def asked_by(tenant: Tenant) -> str:
    return (await tenant.payments.transaction(T1)).id


async def test_it_says_who_came_who_changed_and_who_went(server: LyingServer) -> None:
    async with serving(server) as tenants:
        change = await tenants.serve({INITECH: settings_of(), ACME: settings_of(rate=5)})
        assert change == Change(added=(INITECH,), changed=(ACME,), removed=(GLOBEX,))
        assert await tenants.serve({INITECH: settings_of(), ACME: settings_of(rate=5)}) == Change((), (), ())
        with pytest.raises(UnknownTenant):
            tenants.tenant(GLOBEX)
        assert await asked_by(tenants.tenant(INITECH)) == "t-1"


async def test_who_did_not_change_keeps_connections_and_token(server: LyingServer) -> None:
    async with serving(server) as tenants:
        before = tenants.tenant(ACME)
        await asked_by(before)
        await tenants.serve({ACME: settings_of()})
        assert tenants.tenant(ACME) is before
        await asked_by(before)
        assert (server.connections, len(server.token_requests)) == (1, 1)


async def test_a_secret_that_changed_in_its_file_is_a_change(server: LyingServer, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old", encoding="utf-8")
    settings = TenantSettings(client_id="key", client_secret_file=file)
    async with serving(server) as tenants:
        await tenants.serve({ACME: settings})
        file.write_text("new", encoding="utf-8")
        assert (await tenants.serve({ACME: settings})).changed == (ACME,)
        await asked_by(tenants.tenant(ACME))
        assert [request["client_secret"] for request in server.token_requests] == ["new"]


async def test_what_cannot_be_served_changes_nothing(server: LyingServer, tmp_path: Path) -> None:
    async with serving(server) as tenants:
        before = tenants.tenant(ACME)
        wrong = TenantSettings(client_id="key", client_secret_file=tmp_path / "nowhere")
        with pytest.raises(Misconfigured) as caught:
            await tenants.serve({ACME: settings_of(rate=5), INITECH: wrong})
        told = (
            f"INVOICING_TENANTS_FILE (tenants.toml): tenant {INITECH}: client_secret_file {wrong.client_secret_file}: "
        )
        assert caught.value.message.startswith(told)
        assert tenants.tenant(ACME) is before
        assert await asked_by(before) == "t-1"
        tenants.tenant(GLOBEX)


async def test_orders_in_hand_go_on_with_the_connections_they_began_with(server: LyingServer) -> None:
    async with serving(server, farewell=timedelta(minutes=1)) as tenants:
        before = tenants.tenant(ACME)
        await tenants.serve({ACME: settings_of(client_secret="new")})
        assert await asked_by(before) == "t-1"
        assert [request["client_secret"] for request in server.token_requests] == ["hush"]


async def test_a_call_under_way_ends_well_and_the_next_one_on_old_connections_was_not_sent(
    server: LyingServer,
) -> None:
    async with serving(server) as tenants:
        before, go_on = tenants.tenant(ACME), asyncio.Event()
        await asked_by(before)
        server.says(replace(TRANSACTION, after=go_on))
        server.called.clear()
        under_way = asyncio.create_task(asked_by(before))
        await server.called.wait()
        await tenants.serve({ACME: settings_of(rate=5)})
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="was not sent"):
            await asked_by(before)
        go_on.set()
        assert await under_way == "t-1"
        await parted_from(tenants)
        assert await asked_by(tenants.tenant(ACME)) == "t-1"


async def test_who_waits_for_a_token_when_connections_end_is_told_that_nothing_was_sent(server: LyingServer) -> None:
    server.says_to_token_requests(Reply(hang=True))
    async with serving(server) as tenants:
        waiting = asyncio.create_task(asked_by(tenants.tenant(ACME)))
        await server.called.wait()
        await tenants.serve({ACME: settings_of(rate=5)})
        with pytest.raises(Unavailable):
            await waiting


async def test_tenants_share_neither_token_nor_connection(server: LyingServer) -> None:
    async with serving(server) as tenants:
        for tenant in (ACME, GLOBEX):
            await asked_by(tenants.tenant(tenant))
        told = [(asked.headers["Emporix-Tenant"], asked.headers["Authorization"]) for asked in server.asked]
        assert told == [("acme", "Bearer token-1"), ("globex", "Bearer token-2")]
        assert server.connections == 2
