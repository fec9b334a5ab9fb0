"""The engine inside the service's own process: the journal is its only memory, so it may die at any time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta

import structlog

from adapters.engine.shares import Shares
from adapters.engine.turns import Turns
from domain.errors import InDoubt, InvoicingError, Unavailable
from domain.invoicing import Invoicing
from domain.job import Job, JobId, JobOrder
from domain.order import OrderId, TenantId
from domain.ports import Jobs

Key = tuple[TenantId, JobId, OrderId | None]

LOOK = timedelta(seconds=1)
"""How long the engine waits for news at most before it looks by itself: another process may have made a job."""
REST = timedelta(seconds=2)
"""How long an order is left alone when its state could not be saved."""
LULL = timedelta(seconds=0.25)
"""How long a tenant whose platform fails one order after the other is left alone between two: an outage must cost the
others next to nothing, and use up the patience of as few orders as may be."""
GRACE = timedelta(seconds=5)
"""How long orders in hand may go on once the engine is stopped."""

TROUBLE = frozenset({Unavailable.reason, InDoubt.reason})
"""Why an order waits, or ended, when it was the platform that failed it."""

_log = structlog.get_logger(__name__)


class EmbeddedEngine:
    """Works on at most `concurrency` orders at once, tenants in turn and each within its share.

    What is done next, and when, is decided by the domain; the engine only obeys. Nothing is lost when it dies: the next
    one finds in the journal where each order stands. `is_up` says whether it works, and could see its work lately.
    """

    def __init__(
        self,
        invoicing: Invoicing,
        jobs: Jobs,
        *,
        clock: Callable[[], datetime],
        concurrency: int,
        look: timedelta = LOOK,
        rest: timedelta = REST,
        lull: timedelta = LULL,
    ) -> None:
        self._invoicing = invoicing
        self._jobs = jobs
        self._clock = clock
        self._concurrency = concurrency
        self._look = look
        self._rest = rest
        self._lull = lull
        self._turns = Turns(most=concurrency)
        self._shares = Shares(concurrency)
        self._orders: dict[Key, JobOrder] = {}
        self._searches: set[JobId] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stir = asyncio.Event()
        self._news = True
        self._looked = asyncio.Event()
        self.is_up = False

    @asynccontextmanager
    async def running(self, *, grace: timedelta = GRACE) -> AsyncIterator[None]:
        """Works while the context lasts, `is_up` from its beginning if its work can be seen.

        Then orders in hand may end within `grace`, the others stay as they are.
        """
        loops = [asyncio.create_task(self._listen()), asyncio.create_task(self._run())]
        try:
            await self._looked.wait()
            yield
        finally:
            self.is_up = False
            await _end(loops)
            await self._finish(grace)

    async def _listen(self) -> None:
        """Stirs the engine whenever there may be something to do."""
        while True:
            seen = False
            with _contained("the engine cannot see its work"):
                await self._jobs.news(timeout=await self._patience())
                seen = True
            if not seen:
                await asyncio.sleep(self._look.total_seconds())
            self._look_now()

    def _look_now(self) -> None:
        self._news = True
        self._stir.set()

    async def _run(self) -> None:
        while True:
            self._stir.clear()
            seen = False
            with _contained("the engine cannot see its work"):
                await self._begin_what_is_due()
                seen = True
            self.is_up = seen
            self._looked.set()
            await self._stir.wait()

    async def _patience(self) -> timedelta:
        """Until the next order is due, but not so short that orders which become due one by one are all it looks at."""
        now = self._clock()
        due = await self._jobs.next_due(now)
        return self._look if due is None else min(max(due - now, self._look / 5), self._look)

    async def _begin_what_is_due(self) -> None:
        if self._news or self._turns.run_low:
            self._news = False
            await self._see_what_is_due()
        while order := self._turns.take(self._shares):
            self._shares.begin(order.tenant)
            self._orders[_key(order)] = order
            self._begin(self._work(order))

    async def _see_what_is_due(self) -> None:
        for job in await self._jobs.searching():
            if job.id not in self._searches:
                self._searches.add(job.id)
                self._begin(self._search(job))
        busy = (*self._orders.values(), *self._turns)
        self._turns.add(await self._jobs.due(self._clock(), each=self._concurrency, busy=busy))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, order: JobOrder) -> None:
        """Has one order worked on. One whose state could not be saved stays busy for a while, so that it waits."""
        saved, well = False, True
        with _contained("an order has to wait", tenant=order.tenant, job=order.job_id, order=order.order_id):
            after = await self._invoicing.run(order)
            _tell(after)
            saved, well = True, after.reason not in TROUBLE
        self._shares.learn(order.tenant, well=well)
        outage = not well and self._shares.is_narrow(order.tenant)
        self._later(self._lull if outage else timedelta(0), lambda: self._shares.end(order.tenant))
        self._later(timedelta(0) if saved else self._rest, lambda: self._orders.pop(_key(order), None))

    async def _search(self, job: Job) -> None:
        """Has the orders of an automatic job found; when they cannot be, not again before it is time."""
        again: datetime | None = self._clock() + self._rest
        with _contained("a job has to wait", tenant=job.tenant, job=job.id):
            again = await self._invoicing.find_orders(job)
        wait = timedelta(0) if again is None else max(again - self._clock(), timedelta(0))
        self._later(wait, lambda: self._searches.discard(job.id))

    def _later(self, wait: timedelta, forget: Callable[[], object]) -> None:
        """Forgets, after this wait, that an order or a job is taken. Who had to wait for it is looked for again."""

        def free() -> None:
            forget()
            self._look_now()

        if wait:
            asyncio.get_running_loop().call_later(wait.total_seconds(), free)
        else:
            forget()
            self._stir.set()

    async def _finish(self, grace: timedelta) -> None:
        """Waits for what is in hand; what takes too long is dropped where it stands, as a crash would drop it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace.total_seconds())
            await _end(self._tasks)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _key(order: JobOrder) -> Key:
    return order.tenant, order.job_id, order.order_id


def _tell(order: JobOrder) -> None:
    """One line in the log for where an order stands after it was worked on."""
    names = {"tenant": order.tenant, "job": order.job_id, "order": order.order_id, "step": order.step.name}
    names |= {"number": order.number} if order.number else {}
    names |= {"cancels": order.correction.invoice} if order.correction else {}
    if not order.ended:
        due = order.due.isoformat() if order.due else None
        _log.warning("order waits", **names, reason=order.reason, problem=order.message, attempt=order.attempt, due=due)
    elif order.reason:
        _log.warning("order ended", **names, state=order.state, reason=order.reason, problem=order.message)
    else:
        _log.info("order ended", **names, state=order.state)


@contextmanager
def _contained(what: str, **names: str) -> Iterator[None]:
    """Trouble with the store, or a defect, ends what is inside and not the engine; the log tells of it."""
    try:
        yield
    except InvoicingError as error:
        _log.error(what, **names, reason=error.reason, problem=error.message)
    except Exception:  # noqa: BLE001 - a defect must not stop the work on other orders
        _log.exception(what, **names)
