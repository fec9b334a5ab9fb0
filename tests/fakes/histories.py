"""Any history of jobs, crashes, frozen workers, trouble, time, cancellations, retries, refunds and strangers' marks.

Rules are what happens, invariants what must hold whenever; at its end every history is driven to where nothing waits.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from domain.document import Document, DocumentFilter
from domain.job import Job, JobOrder, JobRequest, JobState, JobType, OrderState
from domain.order import InvoiceMark, OrderId
from fakes.orders import BY_INVOICE, a_payment, an_order
from fakes.service import ACME, FakeService
from fakes.workers import FATES, PERIL, Defect, Plan, Worker

T = TypeVar("T")

TOTAL = Decimal("23.80")
PAID_BY: dict[str, tuple[str, ...]] = {
    "ONE": ("t-GIFT", "t-CARD"),
    "TWO": ("t-TWO",),
    "INVOICE": (),
    "LEFT": ("t-SHARED",),
    "RIGHT": ("t-SHARED",),
}
"""The orders there are, and the transactions that pay them; two are parts of one purchase."""
GIFT = Decimal("10.00")
MOST_JOBS = 3
MOST_ROUNDS = 20
plans = st.builds(Plan, st.sampled_from(FATES), st.sampled_from((0, 0, 0, 1, 3)))
perils = st.builds(Plan, st.sampled_from(PERIL))
some_orders = st.sets(st.sampled_from(sorted(PAID_BY)), min_size=1)
picks = st.integers(0, 20)
spans = st.sampled_from([timedelta(seconds=s) for s in (1, 5, 25, 90, 700, 90_000)])


def authorized(transaction: str) -> Decimal:
    """For how much."""
    return {"t-GIFT": GIFT, "t-SHARED": TOTAL * 2}.get(transaction, TOTAL)


class Histories(RuleBasedStateMachine):
    """Everything that may happen around five orders."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.service = FakeService()
        for order_id, transactions in PAID_BY.items():
            cards = tuple(a_payment(t.removeprefix("t-"), authorized=authorized(t)) for t in transactions)
            self.service.add(an_order(order_id, payments=cards or (BY_INVOICE,)))
        self.made: list[Job] = []
        self.frozen: list[Worker] = []
        self.refunded: Counter[str] = Counter()
        self.last: dict[tuple[str, str], JobOrder] = {}
        self.cancellations = 0
        self.marked = ""

    def run(self, call: Awaitable[T]) -> T:
        async def called() -> T:
            return await call

        return self.runner.run(called())

    # What callers do

    @precondition(lambda self: len(self.made) < MOST_JOBS)
    @rule(order_ids=some_orders, dry_run=st.booleans())
    def a_job_is_made(self, order_ids: set[str], dry_run: bool) -> None:
        request = JobRequest.of(
            tenant=ACME, type=JobType.MANUAL, order_ids=tuple(sorted(order_ids)), request_id="", dry_run=dry_run
        )
        self.made.append(self.run(self.service.invoicing.create_job(request)))

    @precondition(lambda self: self.cancellations < len(self.made) // 2)
    @rule(pick=picks)
    def a_job_is_cancelled(self, pick: int) -> None:
        self.cancellations += 1
        self.run(self.service.invoicing.cancel_job(ACME, self.made[pick % len(self.made)].id))

    @precondition(lambda self: self.made)
    @rule(pick=picks, named=st.booleans())
    def a_job_is_retried(self, pick: int, named: bool) -> None:
        self.retry(self.made[pick % len(self.made)], one=named)

    # What workers do, and what befalls them

    @precondition(lambda self: self.due())
    @rule(at_work=st.lists(st.tuples(picks, plans), min_size=3, max_size=6))
    def orders_are_worked_on(self, at_work: list[tuple[int, Plan]]) -> None:
        for pick, plan in at_work:
            if due := self.due():
                self.let(self.work(due[pick % len(due)], plan))

    @precondition(lambda self: self.due())
    @rule(pick=picks, plan=perils, other=st.none() | plans)
    def another_worker_takes_an_order_over(self, pick: int, plan: Plan, other: Plan | None) -> None:
        order = self.due()[pick % len(self.due())]
        self.let(self.work(order, plan))
        order = self.orders()[order.job_id, order.order_id]
        if not order.ended:
            self.let(self.work(order, other))

    @precondition(lambda self: self.frozen)
    @rule(pick=picks, plan=st.none() | plans)
    def a_frozen_worker_goes_on(self, pick: int, plan: Plan | None) -> None:
        self.let(self.frozen.pop(pick % len(self.frozen)).goes_on(plan))

    @precondition(lambda self: self.made)
    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.service.clock.advance(span)

    # What others do

    @precondition(lambda self: self.service.payments.captured)
    @rule(pick=picks, share=st.sampled_from([Decimal(1), Decimal("0.5")]))
    def a_capture_is_given_back(self, pick: int, share: Decimal) -> None:
        transaction, amount, _ = self.service.payments.captured[pick % len(self.service.payments.captured)]
        back = min((amount * share).quantize(GIFT), self.taken(transaction))
        if transaction != "t-SHARED":
            self.service.payments.refund_by_hand(transaction, back)
            self.refunded[transaction] += back

    @precondition(lambda self: self.made and not self.marked)
    @rule(order_id=st.sampled_from(sorted(PAID_BY)))
    def someone_else_marks_an_order(self, order_id: str) -> None:
        kept = self.service.orders.kept[OrderId(order_id)]
        if kept.mark is None:
            self.service.orders.add(an_order(order_id, payments=kept.payments, mark=InvoiceMark("HAND-1", "")))
            self.marked = order_id

    # What must hold whenever

    @invariant()
    def no_order_is_charged_more_than_it_comes_to(self) -> None:
        for transactions in set(PAID_BY.values()):
            owed = TOTAL * sum(others == transactions for others in PAID_BY.values())
            assert sum(map(self.taken, transactions)) <= owed, self.service.payments.captured
        assert not self.service.alarms

    @invariant()
    def every_number_is_on_one_document_or_explained(self) -> None:
        documents = self.documents()
        assert len({document.number for document in documents}) == len(documents)
        assert {document.number for document in documents} <= set(self.service.sequences.drawn)
        known, lost = self.draws()
        assert len(set(self.service.sequences.drawn) - known) <= lost

    @invariant()
    def an_order_has_one_document_and_a_document_one_mail(self) -> None:
        orders = Counter(document.order_id for document in self.documents())
        assert set(orders.values()) <= {1}
        ids = defaultdict(set)
        for mail in self.service.mailer.sent:
            ids[mail.attachment_name].add((mail.id, mail.attachment))
        assert all(len(mails) == 1 for mails in ids.values())

    @invariant()
    def what_has_ended_stays_so_until_it_is_retried(self) -> None:
        for key, order in self.orders().items():
            before = self.last.get(key)
            if before is not None and before.ended:
                assert order == before
            self.last[key] = order

    @invariant()
    def a_job_is_what_its_orders_make_it(self) -> None:
        for made in self.made:
            job, orders = self.job(made), self.orders_of(made)
            assert job.counts.pending == sum(not order.ended for order in orders)
            assert (job.state is JobState.IN_PROGRESS) == (job.counts.pending > 0)
            assert job.version >= max(order.version for order in orders)

    @invariant()
    def nothing_goes_wrong_that_was_not_told_to(self) -> None:
        assert [defect for defect in self.service.defects if not isinstance(defect, Defect)] == []

    # How every history ends

    def teardown(self) -> None:
        try:
            self.everything_ends()
            self.all_is_done_once()
        finally:
            self.close()

    def close(self) -> None:
        self.runner.close()

    def everything_ends(self) -> None:
        while self.frozen:
            self.let(self.frozen.pop().goes_on(None))
        for _ in range(MOST_ROUNDS):
            self.run(self.service.work_to_the_end())
            assert all(order.ended for order in self.orders().values())
            left = [order for order in self.orders().values() if order.retryable]
            if not left:
                return
            for job in self.made:
                self.retry(job, one=False)
        raise AssertionError(f"retried in vain: {left}")

    def all_is_done_once(self) -> None:
        documents = {document.order_id: document for document in self.documents()}
        done = [o for o in self.orders().values() if o.state is OrderState.SUCCESS and not o.dry_run]
        assert len({order.order_id for order in done}) == len(done)
        for order in done:
            document = documents[order.order_id]
            assert order.number == document.number
            assert document.is_intact(self.service.archive.kept[ACME, document.number])
            assert f"{document.number}.pdf" in {mail.attachment_name for mail in self.service.mailer.sent}
            mark = self.service.orders.kept[order.order_id].mark
            assert mark is not None
            assert mark.number == document.number
        assert documents.keys() - {order.order_id for order in done} <= {self.marked}, "a document was forgotten"
        for order_id, transactions in PAID_BY.items():
            if transactions != ("t-SHARED",) and sum(map(self.taken, transactions)) > 0:
                assert order_id in documents, "there is money without a document"

    # How it is looked at

    def let(self, working: Awaitable[Worker]) -> None:
        worker = self.run(working)
        if worker.is_frozen:
            self.frozen.append(worker)

    async def work(self, order: JobOrder, plan: Plan | None) -> Worker:
        return await Worker(self.service, order, plan).rests()

    def retry(self, job: Job, *, one: bool) -> None:
        wanted = [order for order in self.orders_of(job) if order.retryable][: 1 if one else None]
        for order in wanted:
            self.last.pop((order.job_id, order.order_id), None)
        named = tuple(order.order_id for order in wanted) if one else ()
        self.run(self.service.invoicing.retry_job(ACME, job.id, named))

    def due(self) -> list[JobOrder]:
        due = self.run(self.service.jobs.due(self.service.clock(), each=100, busy=()))
        places = {job.id: place for place, job in enumerate(self.made)}
        return sorted(due, key=lambda order: (places[order.job_id], order.order_id))

    def taken(self, transaction: str) -> Decimal:
        captured = [amount for of, amount, _ in self.service.payments.captured if of == transaction]
        return sum(captured, Decimal(0)) - self.refunded[transaction]

    def documents(self) -> tuple[Document, ...]:
        return self.run(self.service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=100))

    def job(self, job: Job) -> Job:
        return self.run(self.service.jobs.job(ACME, job.id))

    def orders_of(self, job: Job) -> tuple[JobOrder, ...]:
        return self.run(self.service.jobs.orders(ACME, job.id, (), after="", limit=100))

    def orders(self) -> dict[tuple[str, str], JobOrder]:
        return {(order.job_id, order.order_id): order for job in self.made for order in self.orders_of(job)}

    def draws(self) -> tuple[set[str], int]:
        """The numbers that the journal knows, and how many draws may have lost one."""
        draws = self.service.journal.draws.values()
        return {str(d.number) for d in draws if d.number}, sum(d.outcome in (None, "POSSIBLY_BURNT") for d in draws)


def played(histories: int) -> settings:
    """So many histories, always the same ones; or as many new ones as the variable HISTORIES wants."""
    """So many histories, always the same unless more are wanted."""
    wanted = os.environ.get("HISTORIES")
    return settings(
        max_examples=int(wanted) if wanted else histories,
        stateful_step_count=30,
        derandomize=wanted is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
