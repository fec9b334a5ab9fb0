"""The audit finds each broken promise by itself, and finds none where none is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chaos.audit import counts, violations
from chaos.evidence import Drawn, Evidence, Ordered, Trail
from invoicing.v1 import invoices_pb2, jobs_pb2

DIGEST = "9" * 64
SUCCESS, PENDING, FAILURE = jobs_pb2.ORDER_STATE_SUCCESS, jobs_pb2.ORDER_STATE_PENDING, jobs_pb2.ORDER_STATE_FAILURE


def effect(kind: str, **facts: Any) -> dict[str, Any]:
    return {"seq": 1, "kind": kind, **facts}


def a_capture(order_id: str = "EON1", amount: str = "23.80") -> dict[str, Any]:
    return effect("capture", transaction_id=f"t-{order_id}", order_id=order_id, amount=Decimal(amount))


def a_mail(message_id: str = "m-1", name: str = "INV1.pdf", sha256: str = DIGEST) -> dict[str, Any]:
    return effect("mail", message_id=message_id, attachments=[{"name": name, "sha256": sha256}])


def a_document(**changes: Any) -> invoices_pb2.Invoice:
    kind = invoices_pb2.DOCUMENT_TYPE_INVOICE
    facts = {"invoice_number": "INV1", "order_id": "EON1", "type": kind, "pdf_sha256": DIGEST, **changes}
    return invoices_pb2.Invoice(**facts)


def an_end(**changes: Any) -> jobs_pb2.JobOrder:
    facts = {"order_id": "EON1", "state": SUCCESS, "invoice_number": "INV1", "captured": "23.80", **changes}
    return jobs_pb2.JobOrder(**facts)


def evidence(*more: dict[str, Any], ends: tuple[jobs_pb2.JobOrder, ...] = (an_end(),), **changes: Any) -> Evidence:
    """One order that was captured, invoiced, marked and mailed; and more effects, and other facts if wanted."""
    trail = Trail().hear(
        [a_capture(), effect("number", number="INV1"), effect("order_patched", order_id="EON1"), a_mail(), *more]
    )
    seen = Evidence(
        trail=trail,
        orders={"EON1": Ordered(Decimal("23.80"), "INV1")},
        outcomes=defaultdict(list, {"EON1": list(ends)}),
        documents=(a_document(),),
        archived={"INV1": DIGEST},
        draws=(Drawn("EON1", "DRAWN", "INV1"),),
    )
    return replace(seen, **changes)


def test_where_all_is_well_no_promise_is_broken() -> None:
    assert violations(evidence()) == []


ACCEPTABLE: dict[str, Callable[[], Evidence]] = {
    "a mail handed over again": lambda: evidence(a_mail()),
    "a capture given back and made again": lambda: evidence(
        effect("refund", transaction_id="t-EON1", order_id="EON1", amount=Decimal("23.80")), a_capture()
    ),
    "a number that a lost draw may have burnt": lambda: evidence(
        effect("number", number="INV2"), draws=(Drawn("EON1", "POSSIBLY_BURNT", None),)
    ),
    "a number drawn and not used yet": lambda: evidence(
        effect("number", number="INV2"), draws=(Drawn("EON2", "DRAWN", "INV2"),)
    ),
    "a mail that cannot be delivered": lambda: evidence(ends=(an_end(reason="EMAIL_FAILED", retryable=True),)),
    "another job that came too late": lambda: evidence(
        ends=(an_end(), an_end(state=FAILURE, reason="ALREADY_INVOICED"))
    ),
}


@pytest.mark.parametrize("what", ACCEPTABLE)
def test_what_the_promises_allow_is_no_violation(what: str) -> None:
    assert violations(ACCEPTABLE[what]()) == []


@pytest.mark.parametrize("retryable", [True, False])
def test_money_without_a_document_is_allowed_only_while_a_job_can_be_retried(retryable: bool) -> None:
    failed = an_end(state=FAILURE, reason="INTERNAL", retryable=retryable)
    stranded = "EON1 was charged, has no document, and no job can be retried to give it one"
    assert (stranded in violations(evidence(documents=(), ends=(failed,)))) is not retryable


BROKEN: dict[str, Callable[[], Evidence]] = {
    "EON1 comes to 23.80, and 47.60 was captured": lambda: evidence(a_capture()),
    "EON1 was charged 23.80 and 23.80 on transaction t-EON1": lambda: evidence(a_capture()),
    "EON9 was charged, written to or invoiced, and is none of the tenant's orders": lambda: evidence(a_capture("EON9")),
    "EON1 has 2 live documents": lambda: evidence(documents=(a_document(), a_document(invoice_number="INV2"))),
    "INV1 is on 2 documents": lambda: evidence(documents=(a_document(), a_document(order_id="EON2"))),
    "the platform handed out INV1 2 times": lambda: evidence(effect("number", number="INV1")),
    "INV2 is on a document, and was never drawn": lambda: evidence(documents=(a_document(invoice_number="INV2"),)),
    "1 numbers are on no document, and 0 draws were lost: INV2": lambda: evidence(effect("number", number="INV2")),
    f"INV1 was issued as {DIGEST}, and is kept as nothing": lambda: evidence(archived={}),
    "INV1 was mailed with other bytes than were issued": lambda: evidence(a_mail(sha256="8" * 64)),
    "INV1 was mailed 2 times: m-1, m-2": lambda: evidence(a_mail("m-2")),
    "a mail brought INV9.pdf, which is no document": lambda: evidence(a_mail(name="INV9.pdf")),
    "EON1 has not ended: PENDING ": lambda: evidence(ends=(an_end(state=PENDING),)),
    "EON1 ended for a reason nobody knows: TIRED": lambda: evidence(ends=(an_end(state=FAILURE, reason="TIRED"),)),
    "EON1 succeeded in 2 jobs": lambda: evidence(ends=(an_end(), an_end())),
    "EON1 succeeded, and INV2 is not its document": lambda: evidence(ends=(an_end(invoice_number="INV2"),)),
    "EON1 succeeded, and nothing instead of INV1 is written into it": lambda: evidence(
        orders={"EON1": Ordered(Decimal("23.80"), "")}
    ),
    "EON1 succeeded, and nobody was sent INV1": lambda: evidence(trail=Trail().hear([a_capture()])),
    "EON1 succeeded, and INV1 was never drawn": lambda: evidence(documents=(a_document(pdf_sha256=""),)),
    "EON1 succeeded, and says that nothing was captured of 23.80": lambda: evidence(ends=(an_end(captured=""),)),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_promise_is_told_in_a_sentence(sentence: str) -> None:
    assert sentence in violations(BROKEN[sentence]())


def test_what_is_allowed_is_counted() -> None:
    told = counts(evidence(a_mail()))
    assert (told["captures"], told["mails"], told["mails handed over again"]) == (1, 1, 1)
