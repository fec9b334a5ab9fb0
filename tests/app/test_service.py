"""The service, assembled as it is in production, in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from adapters.mail import mailer_of
from adapters.pdf.workers import RenderPool
from adapters.sandbox import Sandbox
from adapters.store import Store
from app.clock import now
from app.container import Container
from app.service import Addresses, running
from app.settings import Settings
from app.tenants import ServedTenants
from domain.document import Rendition
from domain.errors import Misconfigured
from domain.job import JobRequest, JobState, JobType
from domain.order import TenantId
from fakes.clock import FakeClock
from fakes.official import broken_rules

ACME = TenantId("acme")


@dataclass(frozen=True, slots=True)
class Started:
    settings: Settings
    addresses: Addresses


def settings_for(sandbox: Sandbox, folder: Path) -> Settings:
    base = Settings(_env_file=None, grpc_listen="127.0.0.1:0", http_listen="127.0.0.1:0", render_workers=1)
    return base.at_sandbox(url=sandbox.url, smtp=sandbox.smtp, folder=folder)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Addresses]:
    async with ServedTenants.connected(settings.tenants(), settings, now) as tenants, running(settings, tenants) as at:
        yield at


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=now) as started:
        yield started


@pytest.fixture
async def started(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Started]:
    settings = settings_for(sandbox, tmp_path)
    async with serving(settings) as addresses:
        yield Started(settings, addresses)


async def test_what_is_assembled_takes_an_order_through_all_its_steps(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(sandbox, tmp_path)
    async with (
        Store.opened(settings.database_url, clock=now) as store,
        RenderPool.running(workers=1) as pdf,
        ServedTenants.connected(settings.tenants(), settings, now) as tenants,
        mailer_of(settings.mail_url.get_secret_value(), clock=now) as mailer,
    ):
        container = Container(
            settings=settings, store=store, pdf=pdf, tenants=tenants, mailer=mailer, url="http://x/", link_key=b"k" * 32
        )
        container.check_dependencies()
        invoicing = container.invoicing()
        request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("EON1200",), request_id="", dry_run=False)
        job = await invoicing.create_job(request)
        async with container.engine().running():
            while (job := await invoicing.job(ACME, job.id)).state is JobState.IN_PROGRESS:
                await store.jobs.wait(ACME, job.id, after=job.version, timeout=timedelta(seconds=30))
        (order,) = await invoicing.list_orders(ACME, job.id, (), after="", limit=10)
        assert (job.counts.success, order.reason) == (1, "")
        assert order.number is not None
        assert invoicing.download_link(ACME, order.number).startswith("http://x/documents/")
        document, content = await invoicing.download(ACME, order.number)
        assert document.is_intact(content)
        for rendition in (Rendition.CII, Rendition.UBL):
            assert broken_rules((await invoicing.download(ACME, order.number, rendition))[1]) == []
        assert pdf.xml_in(content) == (await invoicing.download(ACME, order.number, Rendition.CII))[1]


async def test_it_says_that_it_is_ready_over_both_protocols(started: Started) -> None:
    async with aiohttp.ClientSession(started.addresses.http) as session:
        async with session.get("/readyz") as response:
            assert (response.status, await response.json()) == (200, {"ready": True, "not_ready": []})
        async with session.get("/healthz") as response:
            assert response.status == 200
    async with grpc.aio.insecure_channel(started.addresses.grpc) as channel:
        answer = await HealthStub(channel).Check(HealthCheckRequest(service="invoicing.v1.InvoiceJobService"))
        assert answer.status == HealthCheckResponse.SERVING


async def test_without_an_engine_any_number_may_answer_calls(started: Started) -> None:
    only_calls = started.settings.model_copy(update={"engine": "none"})
    async with (
        serving(only_calls) as second,
        aiohttp.ClientSession(second.http) as session,
        session.get("/readyz") as response,
    ):
        assert response.status == 200


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("database_url", "sqlite:////nowhere/at/all.db", "INVOICING_DATABASE_URL"),
        ("database_url", "oracle://x", "INVOICING_DATABASE_URL"),
        ("archive_url", "ftp://x", "archive URL"),
        ("platform_url", "gopher://x", "platform URL"),
    ],
)
async def test_what_cannot_be_used_stops_the_start(
    sandbox: Sandbox, tmp_path: Path, setting: str, value: str, told: str
) -> None:
    settings = settings_for(sandbox, tmp_path).model_copy(update={setting: value})
    with pytest.raises(Misconfigured, match=told):
        async with serving(settings):
            pass


async def test_a_clock_behind_what_was_written_stops_the_start_unless_it_is_known_to_be_right(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(sandbox, tmp_path)
    async with (
        Store.opened(settings.database_url, clock=FakeClock(now() + timedelta(hours=2))) as store,
        store.leading(),
    ):
        pass
    with pytest.raises(Misconfigured, match="INVOICING_CLOCK_BEHIND_OK"):
        async with serving(settings):
            pass
    async with serving(settings.model_copy(update={"clock_behind_ok": True})):
        pass
    async with serving(settings):
        pass  # what was written last was written by the right clock
