"""What `domain.ports.Journal` promises, asked of the fake and of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.document import Document, DocumentFilter, DocumentType
from domain.errors import AlreadyInvoiced, Conflict, NumberTaken, StaleJobOrder, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.job import JobOrder, OrderState
from domain.mail import MailId
from domain.numbering import Draw, DrawId, DrawOutcome, SeriesName
from domain.order import OrderId, TenantId, TransactionId
from fakes.stores import ACME, GLOBEX, Records, an_invoice, records_in, refusal

MINUTE = timedelta(minutes=1)
TRANSACTION = TransactionId("t-EON1")
MAIL = MailId("1@invoicing.acme")


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in(request.param, tmp_path) as opened:
        yield opened


def an_attempt(order: JobOrder, number: int = 1, transaction: TransactionId = TRANSACTION) -> CaptureAttempt:
    now = order.due
    assert now is not None
    return CaptureAttempt(
        id=AttemptId(f"attempt-{number}"),
        tenant=order.tenant,
        job_id=order.job_id,
        order_id=order.order_id,
        transaction_id=transaction,
        amount=Decimal("23.80"),
        currency="EUR",
        intended=now,
        deadline=now + MINUTE,
    )


def a_draw(order: JobOrder, number: int = 1) -> Draw:
    assert order.due is not None
    series = SeriesName("invoiceNoSequence")
    return Draw(DrawId(f"draw-{number}"), order.tenant, series, order.order_id, order.job_id, order.due)


async def moved_on(records: Records) -> JobOrder:
    """An order as a worker knows it that another worker has saved meanwhile."""
    order = await records.an_order()
    await records.jobs.save(order)
    return order


# Captures


async def test_an_intent_is_kept_and_marks_the_order_as_touched(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    touched = await records.journal.intend_capture(order, attempt)
    assert touched == replace(order, touched=True, revision=1, version=2)
    assert await records.order(await records.jobs.job(ACME, order.job_id), order.order_id) == touched
    assert await records.journal.captures(ACME, TRANSACTION) == (attempt,)


async def test_a_worker_that_lost_the_order_intends_nothing(records: Records) -> None:
    order = await moved_on(records)
    with pytest.raises(StaleJobOrder):
        await records.journal.intend_capture(order, an_attempt(order))
    assert await records.journal.captures(ACME, TRANSACTION) == ()


async def test_while_a_capture_is_open_no_other_may_begin_on_the_transaction(records: Records) -> None:
    first, second = await records.an_order("EON1"), await records.an_order("EON2")
    await records.journal.intend_capture(first, an_attempt(first))
    with pytest.raises(Conflict) as raised:
        await records.journal.intend_capture(second, an_attempt(second, 2))
    assert not isinstance(raised.value, StaleJobOrder)
    assert len(await records.journal.captures(ACME, TRANSACTION)) == 1
    assert not (await records.order(await records.jobs.job(ACME, second.job_id), "EON2")).touched


async def test_of_many_captures_intended_at_once_one_is(records: Records) -> None:
    orders = [await records.an_order(f"EON{n}") for n in range(20)]
    intents = (records.journal.intend_capture(order, an_attempt(order, n)) for n, order in enumerate(orders))
    outcomes = await asyncio.gather(*map(refusal, intents))
    assert outcomes.count(None) == 1
    assert len(await records.journal.captures(ACME, TRANSACTION)) == 1


async def test_once_a_capture_has_ended_the_next_may_begin(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    touched = await records.journal.intend_capture(order, attempt)
    await records.journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
    await records.journal.intend_capture(touched, an_attempt(order, 2))
    ids = [kept.id for kept in await records.journal.captures(ACME, TRANSACTION)]
    assert ids == ["attempt-1", "attempt-2"]


async def test_the_first_word_about_a_capture_stays(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    await records.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    await records.journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
    ended = replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c-1")
    assert await records.journal.captures(ACME, TRANSACTION) == (ended,)


async def test_what_became_of_a_capture_is_kept_whoever_has_the_order_by_then(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    touched = await records.journal.intend_capture(order, attempt)
    await records.jobs.save(replace(touched, state=OrderState.FAILURE))
    await records.journal.end_capture(attempt, CaptureOutcome.REFUSED, None)
    (kept,) = await records.journal.captures(ACME, TRANSACTION)
    assert kept.outcome is CaptureOutcome.REFUSED


async def test_a_capture_that_was_seen_outweighs_that_it_was_thought_not_made_and_nothing_outweighs_it(
    records: Records,
) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    await records.journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
    await records.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    await records.journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
    await records.journal.end_capture(attempt, CaptureOutcome.REFUSED, None)
    (kept,) = await records.journal.captures(ACME, TRANSACTION)
    assert (kept.outcome, kept.capture_id) == (CaptureOutcome.CAPTURED, "c-1")


async def test_captures_belong_to_one_transaction_of_one_tenant(records: Records) -> None:
    ours, theirs = await records.an_order(), await records.an_order(tenant=GLOBEX)
    await records.journal.intend_capture(ours, an_attempt(ours, 1))
    await records.journal.intend_capture(theirs, an_attempt(theirs, 2))
    assert [a.tenant for a in await records.journal.captures(GLOBEX, TRANSACTION)] == [GLOBEX]
    assert await records.journal.captures(ACME, TransactionId("t-EON2")) == ()
    await records.journal.end_capture(an_attempt(ours, 1), CaptureOutcome.CAPTURED, "c-1")
    assert [a.outcome for a in await records.journal.captures(GLOBEX, TRANSACTION)] == [None]


async def test_what_an_order_has_captured_of_a_transaction_is_told_with_every_outcome(records: Records) -> None:
    order, other = await records.an_order("EON1"), await records.an_order("EON2")
    ends = (CaptureOutcome.CAPTURED, "c-1"), (CaptureOutcome.REFUSED, None), (CaptureOutcome.CAPTURED, "c-2")
    told = []
    for number, (outcome, capture_id) in enumerate(ends):
        order = await records.journal.intend_capture(order, an_attempt(order, number))
        told.append(await records.journal.end_capture(an_attempt(order, number), outcome, capture_id))
    assert told == [Decimal("23.80"), Decimal("23.80"), Decimal("47.60")]
    await records.journal.intend_capture(other, an_attempt(other, 9))
    assert await records.journal.end_capture(an_attempt(other, 9), CaptureOutcome.NOT_MADE, None) == 0


# An operator's word


def word_on(attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None = None) -> CaptureAttempt:
    return replace(attempt, outcome=outcome, capture_id=capture_id, said_by="anna", said=attempt.deadline + MINUTE)


async def test_an_operators_word_is_kept_with_who_said_it_and_when(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    said = (
        word_on(attempt, CaptureOutcome.NOT_MADE),
        word_on(an_attempt(order, 2), CaptureOutcome.FOREIGN, "c-9"),
        word_on(an_attempt(order, 3), CaptureOutcome.CAPTURED, "c-1"),
    )
    await records.journal.settle_captures(order, (attempt,), said)
    assert await records.journal.captures(ACME, TRANSACTION) == said
    recalled = word_on(said[1], CaptureOutcome.CAPTURED, "c-9")
    await records.journal.settle_captures(order, said, (recalled,))
    assert await records.journal.captures(ACME, TRANSACTION) == (said[0], recalled, said[2])


async def test_a_word_about_what_has_changed_meanwhile_changes_nothing(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    said = word_on(attempt, CaptureOutcome.NOT_MADE), word_on(an_attempt(order, 2), CaptureOutcome.FOREIGN, "c-9")
    for known in ((), (replace(attempt, outcome=CaptureOutcome.REFUSED),)):
        with pytest.raises(Conflict):
            await records.journal.settle_captures(order, known, said)
    await records.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    with pytest.raises(Conflict):
        await records.journal.settle_captures(order, (attempt,), said)
    ended = replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c-1")
    assert await records.journal.captures(ACME, TRANSACTION) == (ended,)


async def test_a_word_on_an_order_that_had_ended_and_was_taken_up_meanwhile_changes_nothing(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    touched = await records.journal.intend_capture(order, attempt)
    ended = await records.ends(touched, OrderState.FAILURE, retryable=True)
    await records.jobs.retry(ACME, order.job_id, (), records.clock())
    word = word_on(attempt, CaptureOutcome.NOT_MADE)
    with pytest.raises(StaleJobOrder):
        await records.journal.settle_captures(ended, (attempt,), (word,))
    assert await records.journal.captures(ACME, TRANSACTION) == (attempt,)


async def test_of_two_words_at_once_one_is_kept(records: Records) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    words = [word_on(attempt, CaptureOutcome.NOT_MADE), word_on(attempt, CaptureOutcome.CAPTURED, "c-1")]
    outcomes = await asyncio.gather(
        *(refusal(records.journal.settle_captures(order, (attempt,), (word,))) for word in words)
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]


async def test_a_capture_that_is_seen_after_all_outweighs_an_operators_word_that_it_was_not_made(
    records: Records,
) -> None:
    order = await records.an_order()
    attempt = an_attempt(order)
    await records.journal.intend_capture(order, attempt)
    await records.journal.settle_captures(order, (attempt,), (word_on(attempt, CaptureOutcome.NOT_MADE),))
    await records.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    seen = replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c-1")
    assert await records.journal.captures(ACME, TRANSACTION) == (seen,)


# Draws


async def test_a_number_that_was_drawn_and_not_used_is_given_again(records: Records) -> None:
    order = await records.an_order()
    draw = a_draw(order, 1)
    assert await records.journal.intend_draw(order, draw) == draw
    assert await records.journal.intend_draw(order, a_draw(order, 2)) == a_draw(order, 2)
    await records.journal.end_draw(draw, DrawOutcome.DRAWN, InvoiceNumber("INV-1"))
    drawn = replace(draw, outcome=DrawOutcome.DRAWN, number=InvoiceNumber("INV-1"))
    assert await records.journal.intend_draw(order, a_draw(order, 3)) == drawn


async def test_a_number_on_a_document_is_used(records: Records) -> None:
    order = await records.an_order()
    await records.journal.intend_draw(order, a_draw(order, 1))
    await records.journal.end_draw(a_draw(order, 1), DrawOutcome.DRAWN, InvoiceNumber("INV-1"))
    await records.issued("INV-1", await records.an_order("EON2"))
    assert await records.journal.intend_draw(order, a_draw(order, 2)) == a_draw(order, 2)


async def test_no_number_is_drawn_for_an_order_that_has_its_invoice(records: Records) -> None:
    order = await records.an_order()
    await records.issued("INV-1", await records.an_order())
    with pytest.raises(AlreadyInvoiced) as raised:
        await records.journal.intend_draw(order, a_draw(order))
    assert raised.value.number == "INV-1"


@pytest.mark.parametrize("outcome", [DrawOutcome.NOTHING, DrawOutcome.POSSIBLY_BURNT, DrawOutcome.TAKEN])
async def test_a_draw_that_brought_no_number_of_ours_is_not_used(records: Records, outcome: DrawOutcome) -> None:
    order = await records.an_order()
    await records.journal.intend_draw(order, a_draw(order, 1))
    await records.journal.end_draw(a_draw(order, 1), DrawOutcome.DRAWN, InvoiceNumber("INV-1"))
    await records.journal.end_draw(a_draw(order, 1), outcome, InvoiceNumber("INV-1"))
    assert await records.journal.intend_draw(order, a_draw(order, 2)) == a_draw(order, 2)


async def test_the_oldest_unused_draw_is_used_first(records: Records) -> None:
    order = await records.an_order()
    for number in (1, 2):
        await records.journal.intend_draw(order, a_draw(order, number))
    for number in (2, 1):
        await records.journal.end_draw(a_draw(order, number), DrawOutcome.DRAWN, InvoiceNumber(f"INV-{number}"))
    assert (await records.journal.intend_draw(order, a_draw(order, 3))).number == "INV-1"


async def test_a_worker_that_lost_the_order_draws_nothing(records: Records) -> None:
    order = await moved_on(records)
    with pytest.raises(StaleJobOrder):
        await records.journal.intend_draw(order, a_draw(order))


async def test_a_number_drawn_for_one_order_of_one_tenant_is_no_others(records: Records) -> None:
    order = await records.an_order()
    await records.journal.intend_draw(order, a_draw(order, 1))
    await records.journal.end_draw(a_draw(order, 1), DrawOutcome.DRAWN, InvoiceNumber("INV-1"))
    for other in (await records.an_order(tenant=GLOBEX), await records.an_order("EON2")):
        own = replace(a_draw(other, 2), id=DrawId(f"of-{other.tenant}-{other.order_id}"))
        assert await records.journal.intend_draw(other, own) == own
    await records.issued("INV-1", await records.an_order(tenant=GLOBEX))
    assert (await records.journal.intend_draw(order, a_draw(order, 3))).number == "INV-1"


# Issuing


async def test_a_document_says_what_was_issued(records: Records) -> None:
    order, invoice = await records.an_order(), an_invoice("INV/7 ü", prepaid=Decimal("3.80"))
    document = await records.journal.issue(order, invoice, records.clock())
    assert document == Document(
        id=document.id,
        tenant=ACME,
        number=InvoiceNumber("INV/7 ü"),
        series=SeriesName("invoiceNoSequence"),
        type=DocumentType.INVOICE,
        order_id=order.order_id,
        job_id=order.job_id,
        issue_date=date(2026, 11, 25),
        currency="EUR",
        net=Decimal("20.00"),
        tax=Decimal("3.80"),
        rounding=Decimal("0.00"),
        gross=Decimal("23.80"),
        prepaid=Decimal("3.80"),
        due=Decimal("20.00"),
        buyer_name="Żaneta Ó Brien",
        recipient="zaneta@example.com",
        created=records.clock(),
    )
    assert str(document.rounding) == "0.00"
    assert await records.journal.document(ACME, document.number) == document
    assert await records.journal.document_of(ACME, order.order_id) == document
    assert await records.journal.content(document) == invoice


async def test_an_order_has_one_live_invoice(records: Records) -> None:
    first, second = await records.an_order(), await records.an_order()
    await records.issued("INV-1", first)
    with pytest.raises(AlreadyInvoiced) as raised:
        await records.journal.issue(second, an_invoice("INV-2"), records.clock())
    assert raised.value.number == "INV-1"
    with pytest.raises(UnknownInvoice):
        await records.journal.document(ACME, InvoiceNumber("INV-2"))


async def test_of_many_invoices_issued_for_an_order_at_once_one_is(records: Records) -> None:
    orders = [await records.an_order() for _ in range(20)]
    issues = (records.journal.issue(o, an_invoice(f"INV-{n}"), records.clock()) for n, o in enumerate(orders))
    outcomes = await asyncio.gather(*map(refusal, issues))
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, AlreadyInvoiced) for outcome in outcomes) == 19
    assert len(await records.journal.documents(DocumentFilter(ACME), before=0, limit=99)) == 1


async def test_a_number_stands_on_one_document(records: Records) -> None:
    await records.issued("INV-1")
    order = await records.an_order("EON2")
    with pytest.raises(NumberTaken) as raised:
        await records.journal.issue(order, an_invoice("INV-1", order_id="EON2"), records.clock())
    assert raised.value.number == "INV-1"
    with pytest.raises(UnknownInvoice):
        await records.journal.document_of(ACME, OrderId("EON2"))
    await records.issued("INV-2", order)


async def test_a_worker_that_lost_the_order_issues_nothing(records: Records) -> None:
    order = await moved_on(records)
    with pytest.raises(StaleJobOrder):
        await records.journal.issue(order, an_invoice(), records.clock())
    with pytest.raises(UnknownInvoice):
        await records.journal.document_of(ACME, order.order_id)


async def test_tenants_may_use_the_same_numbers(records: Records) -> None:
    for tenant in (ACME, GLOBEX):
        await records.issued("INV-1", await records.an_order(tenant=tenant))
    assert (await records.journal.document(GLOBEX, InvoiceNumber("INV-1"))).tenant == GLOBEX


# The documents


async def test_no_tenant_sees_documents_of_another(records: Records) -> None:
    order = await records.an_order()
    await records.issued("INV-1", order)
    document = await records.journal.document(ACME, InvoiceNumber("INV-1"))
    with pytest.raises(UnknownInvoice):
        await records.journal.document(GLOBEX, document.number)
    with pytest.raises(UnknownInvoice):
        await records.journal.document_of(GLOBEX, order.order_id)
    assert await records.journal.documents(DocumentFilter(GLOBEX), before=0, limit=9) == ()


async def test_what_nobody_issued_is_unknown(records: Records) -> None:
    with pytest.raises(UnknownInvoice) as raised:
        await records.journal.document(ACME, InvoiceNumber("INV-9"))
    assert raised.value.name == "INV-9"
    with pytest.raises(UnknownInvoice):
        await records.journal.document_of(ACME, OrderId("EON9"))


async def test_documents_are_listed_newest_first_page_by_page(records: Records) -> None:
    for number in range(5):
        await records.issued(f"INV-{number}")
    page = await records.journal.documents(DocumentFilter(ACME), before=0, limit=2)
    assert [document.number for document in page] == ["INV-4", "INV-3"]
    page = await records.journal.documents(DocumentFilter(ACME), before=page[-1].id, limit=9)
    assert [document.number for document in page] == ["INV-2", "INV-1", "INV-0"]
    assert await records.journal.documents(DocumentFilter(ACME), before=page[-1].id, limit=9) == ()


async def test_documents_are_listed_by_order_job_and_issue_date(records: Records) -> None:
    orders = [await records.an_order(f"EON{n}") for n in range(4)]
    for n, order in enumerate(orders):
        await records.issued(f"INV-{n}", order, issue_date=date(2026, 11, 1 + n))

    async def found(tenant: TenantId = ACME, **wanted: object) -> list[str]:
        page = await records.journal.documents(DocumentFilter(tenant, **wanted), before=0, limit=9)
        return [document.number[-1] for document in page]

    assert await found(order_id="EON1") == ["1"]
    assert await found(job_id=orders[2].job_id) == ["2"]
    assert await found(issued_from=date(2026, 11, 3)) == ["3", "2"]
    assert await found(issued_to=date(2026, 11, 1)) == ["0"]
    assert await found(issued_from=date(2026, 11, 2), issued_to=date(2026, 11, 3)) == ["2", "1"]
    assert await found(order_id="EON1", job_id=orders[2].job_id) == []
    assert await found(GLOBEX, order_id="EON1") == []


# What is learnt of a document later


async def test_the_first_word_about_the_archived_bytes_stays(records: Records) -> None:
    await records.issued("INV-1")
    document = await records.journal.document(ACME, InvoiceNumber("INV-1"))
    archived = await records.journal.archived(document, sha256="a" * 64, size=1, replaced="\u0e01\U0001f600")
    assert archived == replace(document, sha256="a" * 64, size=1, replaced="\u0e01\U0001f600")
    assert await records.journal.archived(document, sha256="b" * 64, size=2) == archived
    assert await records.journal.document(ACME, document.number) == archived


async def test_the_first_time_a_document_was_mailed_stays(records: Records) -> None:
    await records.issued("INV-1")
    document = await records.journal.document(ACME, InvoiceNumber("INV-1"))
    first = records.clock()
    await records.journal.mailed(document, MAIL, document.recipient, first)
    records.clock.advance(MINUTE)
    await records.journal.mailed(document, MAIL, document.recipient, records.clock())
    await records.journal.mailed(document, MailId("2@invoicing.acme"), "other@example.com", records.clock())
    assert (await records.journal.document(ACME, document.number)).mailed == first


async def test_a_mail_that_was_taken_is_known(records: Records) -> None:
    await records.issued("INV-1")
    document = await records.journal.document(ACME, InvoiceNumber("INV-1"))
    assert not await records.journal.sent(ACME, MAIL)
    await records.journal.mailed(document, MAIL, document.recipient, records.clock())
    assert await records.journal.sent(ACME, MAIL)
    assert not await records.journal.sent(ACME, MailId("2@invoicing.acme"))
    assert not await records.journal.sent(GLOBEX, MAIL)
