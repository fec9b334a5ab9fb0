"""How fast a tenant's calls leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from adapters.platform.pace import Pace
from domain.capture import Transaction
from domain.errors import InvoicingError, Postponed, Unavailable
from domain.money import Currency
from domain.order import TenantId, TransactionId
from fakes.clock import FakeClock
from fakes.lying_server import SECRET, TENANT, LyingServer, Reply

EUR = Currency.of("EUR")
T1 = TransactionId("t-1")
TRANSACTION = Reply.json({"id": "t-1", "entries": []})


def now() -> float:
    return asyncio.get_running_loop().time()


def soon() -> float:
    return now() + 10


async def burst(pace: Pace, count: int) -> None:
    for _ in range(count):
        assert await pace.turn(soon()) is None


async def test_without_a_rate_nobody_waits() -> None:
    pace, began = Pace(rate=0), now()
    await burst(pace, 10_000)
    assert now() - began < 1


async def test_a_quiet_tenant_may_send_a_seconds_worth_at_once_and_then_so_many_a_second() -> None:
    pace, began = Pace(rate=100), now()
    await burst(pace, 100)
    assert now() - began < 0.1
    await burst(pace, 20)
    assert now() - began >= 0.19


async def test_calls_leave_in_the_order_in_which_they_came() -> None:
    pace, left = Pace(rate=500), []
    await burst(pace, 501)

    async def call(number: int) -> None:
        assert await pace.turn(soon()) is None
        left.append(number)

    await asyncio.gather(*(call(number) for number in range(30)))
    assert left == list(range(30))


async def test_a_call_whose_turn_comes_too_late_is_told_so_at_once_and_takes_nobodys_turn() -> None:
    pace, began = Pace(rate=1), now()
    await burst(pace, 2)
    wait = await pace.turn(began + 0.5)
    assert wait is not None
    assert timedelta(seconds=0.5) < wait <= timedelta(seconds=1)
    assert now() - began < 0.5


async def test_a_call_that_others_keep_from_leaving_waits_no_longer_than_it_has_time() -> None:
    pace = Pace(rate=1)
    await burst(pace, 2)
    first = asyncio.create_task(pace.turn(soon()))
    await asyncio.sleep(0)
    assert await pace.turn(now() + 0.02) is not None
    first.cancel()


async def test_who_gives_up_leaves_the_queue_to_the_others() -> None:
    pace = Pace(rate=50)
    await burst(pace, 51)
    first, second = (asyncio.create_task(pace.turn(soon())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is None


async def test_while_the_platform_asks_to_wait_nobody_leaves_and_then_all_do() -> None:
    pace, began = Pace(rate=0), now()
    pace.pause(timedelta(seconds=0.05))
    pace.pause(timedelta(seconds=0.01))
    assert await asyncio.gather(*(pace.turn(soon()) for _ in range(20))) == [None] * 20
    assert 0.05 <= now() - began < 1


async def test_no_pause_is_longer_than_a_minute() -> None:
    pace = Pace(rate=0)
    pace.pause(timedelta(hours=1))
    wait = await pace.turn(now() + 5)
    assert wait is not None
    assert timedelta(seconds=59) < wait <= timedelta(minutes=1)


@asynccontextmanager
async def connected(server: LyingServer, *, rate: float = 0) -> AsyncIterator[Platform]:
    async with Platform.connected(
        url=server.url,
        tenant=TenantId(TENANT),
        client_id="key",
        client_secret=SECRET,
        clock=FakeClock(),
        timeout=timedelta(seconds=0.5),
        rate=rate,
    ) as platform:
        yield platform


async def raised(platform: Platform) -> InvoicingError:
    with pytest.raises(Unavailable) as caught:
        await platform.payments.capture(T1, Decimal(1), EUR)
    return caught.value


async def transaction(platform: Platform) -> Transaction:
    return await platform.payments.transaction(T1)


async def test_when_the_platform_asks_to_wait_all_calls_of_the_tenant_do_and_none_is_in_doubt(
    server: LyingServer,
) -> None:
    server.says(Reply(429, b"", {"Retry-After": "30"}), TRANSACTION)
    async with connected(server) as platform:
        with capture_logs() as logs:
            assert not isinstance(await raised(platform), Postponed)
        for _ in range(5):
            postponed = await raised(platform)
            assert isinstance(postponed, Postponed)
            assert "was not sent" in postponed.message
            assert postponed.retry_after is not None
            assert timedelta(seconds=29) < postponed.retry_after <= timedelta(seconds=30)
        assert len(server.asked) == 1
        pauses = [line for line in logs if line["event"] == "the platform asks to wait"]
        assert [(line["tenant"], line["seconds"]) for line in pauses] == [("acme", 30)]


async def test_who_is_not_told_how_long_to_wait_waits_a_second(server: LyingServer) -> None:
    server.says(Reply(429, b"", {"Retry-After": "0"}), Reply(429, b""), TRANSACTION)
    async with connected(server) as platform:
        await raised(platform)
        await raised(platform)
        assert isinstance(await raised(platform), Postponed)
    assert len(server.asked) == 2


async def test_a_pause_that_the_token_service_asks_for_holds_too(server: LyingServer) -> None:
    server.says_to_token_requests(Reply(429, b"", {"Retry-After": "30"}))
    async with connected(server) as platform:
        assert not isinstance(await raised(platform), Postponed)
        assert isinstance(await raised(platform), Postponed)
    assert (len(server.token_requests), server.asked) == (1, [])


async def test_one_tenants_pause_is_not_anothers(server: LyingServer) -> None:
    server.says(Reply(429, b"", {"Retry-After": "30"}), TRANSACTION)
    async with connected(server) as sick, connected(server) as healthy:
        await raised(sick)
        assert (await transaction(healthy)).id == "t-1"


async def test_a_rate_is_kept_and_what_cannot_leave_in_time_was_not_sent(server: LyingServer) -> None:
    server.says(TRANSACTION)
    async with connected(server, rate=20) as platform:
        ends = await asyncio.gather(*(transaction(platform) for _ in range(100)), return_exceptions=True)
    postponed = [end for end in ends if isinstance(end, Postponed)]
    assert len(postponed) > 60
    assert 20 < len(server.asked) <= 35
    assert ends[:20] == [ends[0]] * 20
