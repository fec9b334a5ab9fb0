"""A real server over the fakes, and real clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import grpc
import pytest

from adapters.rpc import RpcServer
from fakes.service import FakeService
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceStub
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceStub

if TYPE_CHECKING:
    from invoicing.v1.invoices_pb2_grpc import InvoiceServiceAsyncStub
    from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceAsyncStub


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
async def server(service: FakeService) -> AsyncIterator[RpcServer]:
    async with RpcServer.running("127.0.0.1:0", service.invoicing) as running:
        yield running


@pytest.fixture
async def channel(server: RpcServer) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as connected:
        yield connected


@pytest.fixture
def jobs(channel: grpc.aio.Channel) -> InvoiceJobServiceAsyncStub:
    return InvoiceJobServiceStub(channel)


@pytest.fixture
def invoices(channel: grpc.aio.Channel) -> InvoiceServiceAsyncStub:
    return InvoiceServiceStub(channel)
