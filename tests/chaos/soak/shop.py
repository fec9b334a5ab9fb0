"""The callers of one tenant: they follow, cancel, retry, ask twice, and go on until every order is invoiced."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any, TypeVar

import grpc

from adapters.sandbox.demo import generated_orders
from chaos.evidence import Trail
from chaos.soak.stage import Stage
from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

T = TypeVar("T")
Json = dict[str, Any]

MOST_OPEN = 160
"""Orders of a tenant that are not invoiced yet: callers wait before they bring more."""
LARGEST_JOB = 25
REST_SECONDS = 0.5
PATIENCE = (3, 20, 10**9, 10**9)
"""How many messages a follower hears before it hangs up."""
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
"""How a call fails whose process has ended, or is about to."""


@dataclass(slots=True)
class Shop:
    """One tenant. `open` of its orders are not invoiced yet; `faults` are broken promises."""

    tenant: str
    stage: Stage
    platform: Caller
    chance: Random
    order_ids: list[str] = field(default_factory=list)
    open: int = 0
    faults: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    trail: Trail = field(default_factory=Trail)

    async def trade(self, closing: asyncio.Event) -> None:
        """Brings orders until closing, and returns when all of them are invoiced."""
        async with asyncio.TaskGroup() as purchases:
            while not closing.is_set():
                if self.open < MOST_OPEN:
                    purchases.create_task(self._invoiced(await self._new_orders()))
                await asyncio.sleep(self.chance.uniform(0.1, REST_SECONDS))

    async def hear(self) -> None:
        """Takes in what has happened at the platform since."""
        self.trail.hear(await self.platform.effects(tenant=self.tenant, after=str(self.trail.last)))

    async def _new_orders(self) -> list[str]:
        prefix, count = f"{self.tenant}-{len(self.order_ids)}-", self.chance.randint(1, LARGEST_JOB)
        generated = generated_orders(count, prefix=prefix, seed=self.chance.randrange(10**9))
        orders = [paid_twice(order) if self.chance.random() < 1 / 4 else order for order in generated]
        await self.platform.add(*orders, tenant=self.tenant)
        new = [order["id"] for order in orders]
        self.order_ids += new
        self.open += len(new)
        return new

    async def _invoiced(self, order_ids: list[str]) -> None:
        """Jobs over these orders, and over what is left of them, until each is invoiced; now and then two at once."""
        left = set(order_ids)
        while left:
            rivals = 2 if self.chance.random() < 1 / 5 else 1
            ends = await asyncio.gather(*(self._job(sorted(left)) for _ in range(rivals)))
            done = {order_id for orders in ends for order_id, order in orders.items() if _is_invoiced(order)}
            self.open -= len(left & done)
            left -= done
            await asyncio.sleep(REST_SECONDS)

    async def _job(self, order_ids: list[str]) -> dict[str, jobs_pb2.JobOrder]:
        """A job, from its making until nothing in it can be retried; how its orders ended."""
        job = await self._created(order_ids)
        follower = Follower(self, job)
        cancelling = asyncio.create_task(self._cancelled(job)) if self.chance.random() < 1 / 10 else None
        while True:
            await follower.to_the_end()
            orders = await self.ask(lambda service: service.orders(job))
            follower.require_all_ends(orders)
            if not any(order.retryable for order in orders.values()):
                break
            await asyncio.sleep(REST_SECONDS)
            await self._retried(job)
        if cancelling:
            await cancelling
        return orders

    async def _created(self, order_ids: list[str]) -> jobs_pb2.Job:
        """Asked for once or twice at the same time: it is one job."""
        request_id = f"{self.chance.getrandbits(64):x}"
        times = self.chance.choice((1, 1, 2, 3))
        self.asked["CreateJob"] += times
        made = await asyncio.gather(
            *(self.ask(lambda service: service.create(order_ids, request_id=request_id)) for _ in range(times))
        )
        if len({job.job_id for job in made}) > 1:
            self.faults.append(f"{self.tenant}: one request_id made {len({job.job_id for job in made})} jobs")
        return made[0]

    async def _retried(self, job: jobs_pb2.Job) -> None:
        self.asked["RetryJob"] += 1
        request = jobs_pb2.RetryJobRequest(tenant=self.tenant, job_id=job.job_id)
        await self.ask(lambda service: service.jobs.RetryJob(request))

    async def _cancelled(self, job: jobs_pb2.Job) -> None:
        await asyncio.sleep(self.chance.uniform(0, 3))
        self.asked["CancelJob"] += 1
        request = jobs_pb2.CancelJobRequest(tenant=self.tenant, job_id=job.job_id)
        await self.ask(lambda service: service.jobs.CancelJob(request))

    async def service(self) -> Service:
        """Any of the processes that run, for this tenant."""
        return replace(await self.stage.service(self.chance), tenant=self.tenant)

    async def ask(self, call: Callable[[Service], Awaitable[T]]) -> T:
        """The answer, from whichever process gives one. Raises other refusals than of one that ends."""
        while True:
            service = await self.service()
            try:
                return await call(service)
            except grpc.aio.AioRpcError as error:
                self.require_passing(error)
            await asyncio.sleep(REST_SECONDS)

    def require_passing(self, error: grpc.aio.AioRpcError) -> None:
        """Trying again is all there is to do; if not, the shop is closed."""
        if error.code() not in PASSING:
            raise error


class Follower:
    """Follows a job through all that happens to the service, going on by token."""

    def __init__(self, shop: Shop, job: jobs_pb2.Job) -> None:
        self._shop = shop
        self._job = job
        self._token = ""
        self._version = 0
        self._heard: dict[str, int] = {}

    async def to_the_end(self) -> None:
        """Returns once the job has ended, as its last message says."""
        while not await self._followed():
            self._shop.asked["resumed"] += 1
            await asyncio.sleep(REST_SECONDS)

    async def _followed(self) -> bool:
        """One stream, which may break; some are hung up on purpose. Whether the job has ended."""
        shop = self._shop
        service = await shop.service()
        following = service.follow(self._job, self._token)
        ended = False
        try:
            for _ in range(shop.chance.choice(PATIENCE)):
                if not await following.next():
                    self._require(ended, "a stream ended before its job")
                    return ended
                ended = self._hear(following.messages.pop())
        except grpc.aio.AioRpcError as error:
            shop.require_passing(error)
        except TimeoutError:
            self._require(False, "a follower heard nothing, not even a heartbeat")
        finally:
            following.call.cancel()
        return False

    def _hear(self, message: jobs_pb2.JobStatusResponse) -> bool:
        self._require(message.version >= self._version, "a stream's version went back")
        self._version, self._token = message.version, message.resume_token
        if message.HasField("order"):
            self._heard[message.order.order_id] = message.order.version
        return message.HasField("job") and message.job.state != jobs_pb2.JOB_STATE_IN_PROGRESS

    def require_all_ends(self, orders: dict[str, jobs_pb2.JobOrder]) -> None:
        """It must have heard the last word on every order of the job."""
        missed = [key for key, order in orders.items() if self._heard.get(key) != order.version]
        self._require(not missed, f"a follower missed the end of {len(missed)} orders: {', '.join(missed[:3])}")

    def _require(self, holds: bool, broken: str) -> None:
        if not holds:
            self._shop.faults.append(f"{self._shop.tenant}, job {self._job.job_id}: {broken}")


def _is_invoiced(order: jobs_pb2.JobOrder) -> bool:
    return order.state == jobs_pb2.ORDER_STATE_SUCCESS or order.reason == "ALREADY_INVOICED"


def paid_twice(order: Json) -> Json:
    """The order, its card's authorisation shared with a gift card's; one that is not paid by card stays as it is."""
    (card,) = order["payments"]
    if "transactionId" not in card:
        return order
    gift = (card["authorizedAmount"] / 3).quantize(Decimal(1), ROUND_DOWN)
    rest = card["authorizedAmount"] - gift
    halves: Sequence[tuple[str, Decimal]] = (("gift", gift), ("card", rest))
    payments = [
        {**card, "transactionId": f"{card['transactionId']}-{name}", "authorizedAmount": amount}
        for name, amount in halves
        if amount
    ]
    return {**order, "payments": payments}
