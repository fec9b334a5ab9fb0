"""Workers whose fate a test decides: they die, are frozen and go on much later, or meet trouble, at any moment."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import (
    Conflict,
    InDoubt,
    InvoicingError,
    MailRefused,
    Misconfigured,
    OrderNotInvoiceable,
    PaymentRefused,
    PlatformDenied,
    RenderFailed,
    SeriesExhausted,
    StoreUnavailable,
    Unavailable,
)
from domain.job import JobOrder
from fakes.moments import PLATFORM, Killed, Moment, watched
from fakes.service import FakeService

RECORDS = {"jobs", "journal"}
SENT_ONCE = {"capture", "draw"}
"""Calls that are never made again blindly: their outcome may stay unknown."""
CALLS = """jobs.claim orders.order sites.site jobs.save jobs.draft payments.transaction journal.captures
journal.intend_capture payments.capture journal.end_capture journal.intend_draw sequences.draw journal.end_draw
journal.issue pdf.render archive.put journal.archived orders.mark journal.sent mailer.send journal.mailed""".split()
"""What an order's way through the steps calls."""
MOMENTS = [Moment(*call.split("."), after=after) for call in CALLS for after in (False, True)]
LEAVING = Moment("payments", "capture", after=False)


class Fate(StrEnum):
    """What befalls a worker at a moment."""

    DIES = "dies"
    FREEZES = "freezes"
    UNANSWERED = "unanswered"
    """The call fails, with its effect or without: that depends on the moment."""
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    DEFECTIVE = "defective"
    """Something happens that nobody thought of."""


class Defect(Exception):
    """What nobody thought of."""


REFUSALS: dict[str, InvoicingError] = {
    "payments.capture": PaymentRefused("no money behind the card"),
    "mailer.send": MailRefused("no such mailbox"),
    "orders.order": OrderNotInvoiceable("declined"),
    "orders.mark": Conflict("changed by others twice"),
    "sequences.draw": SeriesExhausted("no number left"),
    "pdf.render": RenderFailed("a page too long"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What befalls a worker, and at which moment, when it has passed that one so often already."""

    strike: tuple[Moment, Fate]
    passed: int = 0


class Worker:
    """A process that has an order in hand. It is at rest when it has ended, or is frozen."""

    def __init__(self, service: FakeService, order: JobOrder, plan: Plan | None) -> None:
        self._service = service
        self._plan = plan
        self._passed = 0
        self._frozen = asyncio.Event()
        self._thawed = asyncio.Event()
        self._task = asyncio.create_task(self._work(order))

    @property
    def is_frozen(self) -> bool:
        """Whether it may go on later."""
        return self._frozen.is_set()

    async def rests(self) -> Worker:
        """Itself, once it rests."""
        frozen = asyncio.create_task(self._frozen.wait())
        await asyncio.wait((self._task, frozen), return_when=asyncio.FIRST_COMPLETED)
        frozen.cancel()
        if self._task.done():
            self._task.result()
        return self

    async def goes_on(self, plan: Plan | None) -> Worker:
        """Itself, at its next rest, with another plan for what is ahead."""
        self._plan, self._passed = plan, 0
        self._frozen.clear()
        self._thawed.set()
        return await self.rests()

    async def __call__(self, moment: Moment) -> None:
        """Passes a moment of its work."""
        plan = self._plan
        if plan is None or moment != plan.strike[0]:
            return
        self._passed += 1
        if self._passed <= plan.passed:
            return
        self._plan = None
        match plan.strike[1]:
            case Fate.DIES:
                raise Killed
            case Fate.FREEZES:
                await self._freeze(moment)
            case fate:
                raise trouble_at(moment, fate) or RuntimeError(f"no worker is {fate} {moment}")

    async def _work(self, order: JobOrder) -> None:
        with suppress(Killed, StoreUnavailable):
            await watched(self._service, self).run(order)

    async def _freeze(self, moment: Moment) -> None:
        """Until it goes on. Whoever was frozen between its last look at the clock and the wire, and for longer than a
        call may take, is let die: only the gateway could stop him.
        """
        since = self._service.clock()
        self._thawed.clear()
        self._frozen.set()
        await self._thawed.wait()
        late = self._service.clock() - since > self._service.invoicing.has.timing.timeout
        if late and moment == LEAVING:
            raise Killed


def trouble_at(moment: Moment, fate: Fate) -> Exception | None:
    """What this fate means at this moment, in the words of the port; None where it cannot happen."""
    if moment.port in RECORDS:
        return StoreUnavailable("the disk is full") if fate is Fate.UNANSWERED else None
    if fate is Fate.UNANSWERED:
        return _unanswered(moment)
    if fate is Fate.DEFECTIVE:
        return Defect("nobody thought of that")
    if moment.after:
        return None
    if fate is Fate.REFUSED:
        return REFUSALS.get(f"{moment.port}.{moment.call}")
    if moment.port == "mailer":
        return Misconfigured("the mail server wants another password")
    return PlatformDenied("the key was withdrawn") if moment.port in PLATFORM else None


def _unanswered(moment: Moment) -> InvoicingError:
    if moment.call not in SENT_ONCE:
        return Unavailable("no answer")
    return InDoubt("no answer", reason=None if moment.call == "capture" else "PLATFORM_UNAVAILABLE")


FATES = [
    (moment, fate)
    for moment in MOMENTS
    for fate in Fate
    if fate in {Fate.DIES, Fate.FREEZES} or trouble_at(moment, fate) is not None
]
"""All that can befall a worker, and where."""
PERIL = [
    (moment, fate)
    for moment, fate in FATES
    if moment.call in SENT_ONCE and fate in {Fate.DIES, Fate.FREEZES, Fate.UNANSWERED}
]
"""Of these, what is hardest to mend."""
