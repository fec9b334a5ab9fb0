"""An order that is invoiced, cancelled, given back and invoiced again, in any order, its workers dying anywhere."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.document import Document, DocumentFilter
from domain.errors import NotCancellable, UnknownInvoice
from domain.invoice import DocumentType
from domain.job import JobOrder, JobRequest, JobType
from domain.order import OrderId, TransactionId
from fakes.moments import At, Killed, Moment, watched
from fakes.orders import a_payment, an_order
from fakes.service import ACME, FakeService

EON1 = OrderId("EON1")
TOTAL, GIFT = Decimal("23.80"), Decimal("10.00")
T_GIFT, T_CARD = TransactionId("t-GIFT"), TransactionId("t-CARD")
MOST_MOMENTS = 60
"""More than an order or a correction passes."""

deeds = st.sampled_from(["invoice", "cancel", "cancel with refund", "give back by hand"])
histories = st.lists(st.tuples(deeds, st.none() | st.integers(0, MOST_MOMENTS)), min_size=2, max_size=8)


class History:
    """The order, and what was done to it."""

    def __init__(self) -> None:
        self.service = FakeService()
        card = a_payment("CARD", authorized=TOTAL)
        self.service.add(an_order("EON1", payments=(a_payment("GIFT", authorized=GIFT), card)))

    async def happens(self, deed: str, dies_at: int | None) -> None:
        """One thing happens; a worker may die while he is at it, and another one finishes it."""
        match deed:
            case "invoice":
                await self.invoice(dies_at)
            case "give back by hand":
                taken = self.taken(T_CARD)
                self.service.payments.refund_by_hand(T_CARD, taken / 2 if taken == TOTAL - GIFT else taken)
            case _:
                await self.cancel(dies_at, refund="refund" in deed)
        await self.service.work_to_the_end()
        await self.require_sound()

    async def invoice(self, dies_at: int | None) -> None:
        request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("EON1",), request_id="", dry_run=False)
        job = await self.service.invoicing.create_job(request)
        before = {document.number for document in await self.documents()}
        await self.work(await self.service.order(job, "EON1"), dies_at)
        for document in await self.documents():
            if document.number not in before:
                assert document.prepaid == self.taken(T_GIFT) + self.taken(T_CARD)

    async def cancel(self, dies_at: int | None, *, refund: bool) -> None:
        invoices = [d for d in await self.documents() if d.type is DocumentType.INVOICE]
        with suppress(NotCancellable, UnknownInvoice):
            number = invoices[0].number if invoices else "INV1"
            before = len(self.service.payments.returned)
            await self.work(await self.service.correct(number, refund=refund), dies_at)
            await self.require_announced(before)
            if refund:
                assert self.taken(T_GIFT) + self.taken(T_CARD) == 0

    async def require_announced(self, before: int) -> None:
        """The newest credit note announces what was given back since, to the cent."""
        (note, *_) = (d for d in await self.documents() if d.type is DocumentType.CREDIT_NOTE)
        cancels = (await self.service.journal.content(note)).cancels
        assert cancels is not None
        assert cancels.refund == sum((amount for _, amount, _ in self.service.payments.returned[before:]), Decimal(0))

    async def work(self, order: JobOrder, dies_at: int | None) -> None:
        async def dies(moment: Moment) -> None:
            raise Killed

        with suppress(Killed):
            await watched(self.service, At(-1 if dies_at is None else dies_at, dies)).run(order)
        await self.service.work_to_the_end()

    async def require_sound(self) -> None:
        """No card is charged twice, nothing is given back twice, one invoice is live, each document is mailed once."""
        for transaction in (T_GIFT, T_CARD):
            assert sum(of == transaction for of, _, _ in self.service.payments.captured) <= 1
            assert self.taken(transaction) >= 0
        documents = await self.documents()
        live = [d for d in documents if d.type is DocumentType.INVOICE and d.cancelled_by is None]
        notes = [d for d in documents if d.type is DocumentType.CREDIT_NOTE]
        assert {note.cancels for note in notes} == {d.number for d in documents if d.cancelled_by}
        assert len(notes) == len({note.cancels for note in notes})
        mark = self.service.orders.kept[EON1].mark
        assert [mark.number if mark else None] == ([d.number for d in live] or [None])
        mails = defaultdict(set)
        for mail in self.service.mailer.sent:
            mails[mail.attachment_name].add(mail.id)
        assert sorted(mails) == sorted(f"{document.number}.pdf" for document in documents)
        assert all(len(ids) == 1 for ids in mails.values())
        assert not self.service.defects
        assert not documents or (await self.service.invoicing.verify_series(ACME, "")).ok

    def taken(self, transaction: TransactionId) -> Decimal:
        payments = self.service.payments
        captured = sum((amount for of, amount, _ in payments.captured if of == transaction), Decimal(0))
        return captured - payments.given_back(transaction)

    async def documents(self) -> tuple[Document, ...]:
        return await self.service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=100)


@given(histories)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_in_any_history_nothing_is_lost_and_nothing_happens_twice(history: list[tuple[str, int | None]]) -> None:
    async def plays() -> None:
        order = History()
        for deed, dies_at in history:
            await order.happens(deed, dies_at)

    asyncio.run(plays())
