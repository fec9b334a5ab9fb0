"""Every lie an order can tell, through the adapter and the five steps: the reason is right, and no other is hurt."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader
from structlog.testing import capture_logs

from adapters.pdf.borb.renderer import drawing
from adapters.pdf.extraction import xml_in
from adapters.store import formats
from domain.document import Drawing
from domain.invoice import Invoice
from domain.job import JobOrder, JobRequest, JobType, OrderState, Step
from domain.order import OrderId
from fakes.answering import Answers
from fakes.lying_server import Reply
from fakes.mutations import Mutator
from fakes.orders import an_order, document_of
from fakes.service import ACME, FakeService

GOOD = ("GOOD1", "GOOD2")
BAD = "BAD"
LONG = "x" * 5000
HOSTILE = {
    "control characters": "Acme\x00\x07\x1b[31m\x7f",
    "newlines": "Acme\r\nBcc: victim@example.com\n\n\u2028\u2029",
    "html": "<script>alert('x')</script><b>&amp;",
    "five thousand characters": LONG,
    "five thousand words": "Acme " * 1000,
    "direction": "\u202egnp.exe\u2066\u200f",
    "nobody's glyphs": "𓀀𓀁 \ue000 \uffff \U0010ffff",
    "combining": "Z" + "\u0301" * 500,
    "pdf": ") Tj ET /JavaScript (alert) \\( \\",
}


def document(order_id: str) -> dict[str, Any]:
    """A good order as the platform sends it; amounts are floats that are written as they were."""
    body = msgspec.json.Encoder(decimal_format="number").encode(document_of(an_order(order_id)))
    return dict(json.loads(body))


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The bad order: a good one but for the values at these paths, whose numbers are positions."""
    made = document(BAD)
    for path, value in changes.items():
        *names, last = [int(name) if name.isdigit() else name for name in path.split(".")]
        place: Any = made
        for name in names:
            place = place[name]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return made


@dataclass(frozen=True, slots=True)
class Shop:
    """A service whose orders come through the adapter. All else is honest."""

    service: FakeService
    answers: Answers

    async def job_with(self, bad: Reply | Callable[[str], Reply]) -> tuple[JobOrder, list[JobOrder]]:
        """How the order of these answers ends in a job, and how the good ones in the same job do."""
        documents = {order_id: Reply.json(document(order_id)) for order_id in GOOD}

        def answered(method: str, path: str) -> Reply:
            order_id = path.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
            if order_id in documents:
                return documents[order_id] if method == "GET" else Reply(204, b"")
            return bad if isinstance(bad, Reply) else bad(method)

        self.answers.to = answered
        request = JobRequest(ACME, JobType.MANUAL, (OrderId(GOOD[0]), OrderId(BAD), OrderId(GOOD[1])))
        job = await self.service.invoicing.create_job(request)
        with capture_logs():
            await self.service.work_to_the_end()
        assert self.service.defects == []
        return await self.service.order(job, BAD), [await self.service.order(job, order_id) for order_id in GOOD]

    async def rejected(self, bad: Reply | Callable[[str], Reply]) -> JobOrder:
        """The bad order of a job whose good orders have all succeeded."""
        order, good = await self.job_with(bad)
        assert [(each.state, each.reason) for each in good] == [(OrderState.SUCCESS, "")] * len(good)
        assert (order.state, order.number) == (OrderState.FAILURE, None)
        assert order.message.isprintable()
        assert len(order.message) < 700
        assert {mail.recipient for mail in self.service.mailer.sent} == {"zaneta@example.com"}
        assert all(transaction != f"t-{BAD}" for transaction, _, _ in self.service.payments.captured)
        return order


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    service = FakeService()
    async with Answers.given() as answers:
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], orders=answers.platform.orders)
        for order_id in (*GOOD, BAD):
            service.payments.authorize(f"t-{order_id}", "23.80")
        yield Shop(service, answers)


UNIT, PRICE = "entries.0.calculatedUnitPrice", "entries.0.calculatedPrice"
FINAL = "calculatedPrice.finalPrice"
INCOMPLETE: list[tuple[dict[str, Any], str]] = [
    ({"entries": []}, "entries is missing"),
    ({"entries": ...}, "entries is missing"),
    ({"entries": None}, "entries is not as it should be"),
    ({"customer.email": ""}, "customer.email is missing"),
    ({"customer.email": None}, "customer.email is missing"),
    ({"customer": ...}, "customer.email is missing"),
    ({"billingAddress": ...}, "billingAddress.street is missing"),
    ({"billingAddress": None}, "billingAddress.street is missing"),
    ({"billingAddress.city": "  "}, "billingAddress.city is missing"),
    ({"billingAddress.country": ""}, "billingAddress.country is missing"),
    ({"billingAddress": ..., "customer.name": ""}, "billingAddress.contactName is missing"),
    ({"calculatedPrice": ...}, "calculatedPrice is missing"),
    ({FINAL: ...}, f"{FINAL} is missing"),
    ({f"{FINAL}.netValue": ...}, f"{FINAL}.netValue is missing"),
    ({f"{FINAL}.netValue": None}, f"{FINAL}.netValue is not as it should be"),
    ({UNIT: ...}, "entries[0].calculatedUnitPrice is missing"),
    ({f"{PRICE}.price.taxRate": ...}, "entries[0].calculatedPrice.price.taxRate is missing"),
    ({f"{PRICE}.price.taxRate": -1}, "entries[0].calculatedPrice.price.taxRate is -1"),
    ({f"{PRICE}.price.taxRate": 101}, "entries[0].calculatedPrice.price.taxRate is 101"),
    ({f"{FINAL}.grossValue": "twenty"}, f"{FINAL}.grossValue is not as it should be"),
    ({f"{FINAL}.grossValue": "23,80"}, f"{FINAL}.grossValue is not as it should be"),
    ({f"{FINAL}.grossValue": "NaN"}, f"{FINAL}.grossValue is not a number"),
    ({f"{FINAL}.grossValue": "Infinity"}, f"{FINAL}.grossValue is not a number"),
    ({f"{FINAL}.grossValue": 1e15}, f"{FINAL}.grossValue is beyond all measure"),
    ({f"{FINAL}.grossValue": [23.8]}, f"{FINAL}.grossValue is not as it should be"),
    ({"entries.0.effectiveQuantity": -2}, "entries[0].amount is -2"),
    ({"entries.0.effectiveQuantity": None, "entries.0.amount": None}, "entries[0].amount is missing"),
    ({f"{UNIT}.netValue": -10}, "entries[0].calculatedUnitPrice.netValue is -10"),
    ({"payments.0.authorizedAmount": -5}, "payments[0].authorizedAmount is -5"),
    ({"payments.0.status": "CAPTURE_SUCCESS", "payments.0.refundAmount": -5}, "payments[0].refundAmount is -5"),
    ({"payments.0.currency": "USD"}, "payments[0].currency is 'USD', but the order is in 'EUR'"),
    ({"payments.0.status": "PERHAPS"}, "payments[0].status is 'PERHAPS'"),
    ({"currency": "XXX", "payments": []}, "currency 'XXX' is not an ISO 4217 code"),
    ({"currency": ..., "payments": []}, "currency '' is not an ISO 4217 code"),
    ({"currency": LONG, "payments": []}, "currency 'xxxxxxxxxxxxxxxxxxxx' is not an ISO 4217 code"),
    ({"currency": "eur", "payments": []}, "currency 'eur' is not an ISO 4217 code"),
    ({"created": "yesterday"}, "created is 'yesterday', not an instant"),
    ({"created": "0001-01-01T00:00:00Z"}, "created is in the year 1"),
    ({"deliveryWindow": {"deliveryDate": "9999-12-31"}}, "deliveryWindow.deliveryDate is in the year 9999"),
    ({"deliveryWindow": {"deliveryDate": "2026-02-30"}}, "deliveryWindow.deliveryDate is '2026-02-30', not a date"),
    ({"deliveryWindow.deliveryTimeRange.timeTo": "25:00"}, "deliveryWindow.deliveryTimeRange.timeTo is '25:00'"),
    ({"customer": "Jane"}, "customer is not as it should be"),
    ({"mixins": [1]}, "mixins is not as it should be"),
]


@pytest.mark.parametrize(("changes", "message"), INCOMPLETE, ids=lambda value: str(value)[:60])
async def test_an_order_that_lacks_what_an_invoice_needs_says_what(
    shop: Shop, changes: dict[str, Any], message: str
) -> None:
    order = await shop.rejected(Reply.json(changed(changes)))
    assert (order.reason, order.retryable) == ("INVOICE_INCOMPLETE", False)
    assert message in order.message


PRICED = "calculatedPrice"


@pytest.mark.parametrize(
    ("path", "term"),
    [
        (f"{PRICE}.price.taxRate", "VAT rate, BT-152"),
        (f"{PRICE}.price.taxCode", "VAT category, BT-151"),
        (f"{PRICED}.totalShipping.netValue", "charge, BT-99"),
        (f"{PRICED}.totalShipping.taxRate", "VAT rate, BT-103"),
        (f"{PRICED}.totalShipping.taxCode", "VAT category, BT-102"),
        (f"{FINAL}.taxAggregate.lines.0.taxRate", "VAT rate, BT-119"),
        (f"{FINAL}.taxAggregate.lines.0.taxCode", "VAT category, BT-118"),
        ("shipping", "reason for the charge, BT-104"),
    ],
)
async def test_of_many_rates_the_term_tells_which_is_meant(shop: Shop, path: str, term: str) -> None:
    priced = {"netValue": 0, "grossValue": 0, "taxValue": 0}
    order = await shop.rejected(Reply.json(changed({f"{PRICED}.totalShipping": priced, path: [1]})))
    assert (order.reason, f"({term}): correct the order" in order.message) == ("INVOICE_INCOMPLETE", True)


NO_TERM = ("created", "mixins")
"""What an order says besides what EN 16931 has a term for."""


@pytest.mark.parametrize("changes", [changes for changes, _ in INCOMPLETE], ids=lambda value: str(value)[:60])
async def test_what_an_order_lacks_is_named_by_its_business_term_and_where_it_is_set(
    shop: Shop, changes: dict[str, Any]
) -> None:
    message = (await shop.rejected(Reply.json(changed(changes)))).message
    assert message.startswith(NO_TERM) or re.search(r"\bB[TG]-\d+", message)
    assert re.search(r"\bset |\bcorrect ", message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{FINAL}.grossValue": 23.9}, f"{FINAL}.grossValue is 23.9"),
        ({f"{FINAL}.netValue": 19}, f"{FINAL}.netValue is 19"),
        ({f"{PRICE}.finalPrice.netValue": 21}, "entries[0].calculatedPrice.finalPrice.netValue is 21"),
        ({f"{FINAL}.taxAggregate": {"lines": []}, f"{FINAL}.grossValue": -23.8}, f"{FINAL}.grossValue is -23.8"),
        (
            {"calculatedPrice.totalShipping": {"netValue": 5, "grossValue": 5.95, "taxValue": 0.95, "taxRate": 19}},
            FINAL,
        ),
    ],
)
async def test_an_order_that_does_not_add_up_says_where(shop: Shop, changes: dict[str, Any], message: str) -> None:
    order = await shop.rejected(Reply.json(changed(changes)))
    assert (order.reason, order.step) == ("TOTALS_MISMATCH", Step.RECALCULATION)
    assert message in order.message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "DECLINED"}, "ORDER_NOT_INVOICEABLE"),
        ({"status": "IN_CHECKOUT"}, "ORDER_NOT_INVOICEABLE"),
        ({"orderType": "MASTER_ORDER", "subOrders": ["A\n\x1b[31mB", LONG]}, "ORDER_NOT_INVOICEABLE"),
        ({"mixins.invoice": {"invoiceNo": "INV7", "invoiceDocument": "https://x.example/7"}}, "ALREADY_INVOICED"),
        ({"mixins.invoice": {"invoiceNo": 7, "invoiceDocument": "javascript:alert(1)"}}, "ALREADY_INVOICED"),
        ({"mixins.invoice": {"invoiceNo": "\x1b[31m\nINV7" + LONG, "invoiceDocument": "\n"}}, "ALREADY_INVOICED"),
        ({"payments.0.authorizedAmount": 23.79}, "AMOUNT_EXCEEDS_AUTHORIZATION"),
        ({"payments.0.status": "AUTHORIZATION_FAILURE"}, "PAYMENT_REFUSED"),
        ({"payments.0.transactionId": None, "payments.0.method": LONG}, "PAYMENT_REFUSED"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_an_order_that_may_not_be_invoiced_says_why(shop: Shop, changes: dict[str, Any], reason: str) -> None:
    made = changed({name: value for name, value in changes.items() if not name.startswith("mixins.invoice")})
    made["mixins"] |= {"invoice": changes["mixins.invoice"]} if "mixins.invoice" in changes else {}
    order, good = await shop.job_with(Reply.json(made))
    assert [each.state for each in good] == [OrderState.SUCCESS] * 2
    assert (order.state, order.reason) == (OrderState.FAILURE, reason)
    assert order.message.isprintable()
    assert len(order.message) < 3000
    if reason == "ALREADY_INVOICED":
        assert (order.number or "").isprintable()
        assert "INV7" in (order.number or "INV7") or order.number == "7"
        assert order.link in {"", "https://x.example/7"}
    assert not any(transaction == f"t-{BAD}" for transaction, _, _ in shop.service.payments.captured)


OK = [
    {f"{FINAL}.netValue": "20.00", f"{FINAL}.grossValue": "23.8", f"{FINAL}.taxValue": " 3.80 "},
    {f"{FINAL}.netValue": 20.000000000000004, f"{FINAL}.grossValue": 23.799999999999997},
    {f"{UNIT}.netValue": 10.123456789012345},
    {"customer.name": None},
    {"billingAddress.contactName": None},
    {"status": None},
    {"deliveryWindow": None, "created": None},
    {"deliveryWindow.deliveryTimeRange.timeTo": "9:00"},
    {"shipping": {"lines": [{"name": LONG}]}},
    {"totalPrice": "nonsense", "tax": [[[]]], "shippingCosts": {"deep": [[[[]]]]}},
]


@pytest.mark.parametrize("changes", OK, ids=lambda value: str(value)[:60])
async def test_what_is_only_odd_gets_its_invoice(shop: Shop, changes: dict[str, Any]) -> None:
    order, good = await shop.job_with(lambda method: Reply.json(changed(changes)) if method == "GET" else Reply(204))
    assert [(each.state, each.reason) for each in (order, *good)] == [(OrderState.SUCCESS, "")] * 3


async def test_an_order_of_ten_thousand_lines_gets_its_invoice(shop: Shop) -> None:
    made = changed({"payments": []})
    line = made["entries"][0]
    made["entries"] = [line | {"id": f"line-{number}"} for number in range(10_000)]
    whole = {"netValue": 200_000, "grossValue": 238_000, "taxValue": 38_000, "taxCode": "STANDARD", "taxRate": 19}
    made["calculatedPrice"]["finalPrice"] = whole | {"taxAggregate": {"lines": [whole]}}
    order, good = await shop.job_with(lambda method: Reply.json(made) if method == "GET" else Reply(204))
    assert [(each.state, each.reason) for each in (order, *good)] == [(OrderState.SUCCESS, "")] * 3
    assert len(shop.service.renderer.rendered[-1].draft.lines) in {1, 10_000}


RUBBISH: list[tuple[Reply, str, int]] = [
    (Reply(200, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}), "PLATFORM_UNAVAILABLE", 8),
    (Reply(200, b""), "PLATFORM_UNAVAILABLE", 8),
    (Reply(200, b" " * 11 * 2**20), "PLATFORM_UNAVAILABLE", 8),
    (Reply(200, b'{"id": "BAD", "x": "\xff"}'), "PLATFORM_UNAVAILABLE", 8),
    (Reply(200, b'{"id": NaN}'), "PLATFORM_UNAVAILABLE", 8),
    (Reply(200, b'{"id": "BAD", "deep":' + b"[" * 100_000), "PLATFORM_UNAVAILABLE", 8),
    (Reply.json([]), "PLATFORM_UNAVAILABLE", 8),
    (Reply.json(document("OTHER")), "PLATFORM_UNAVAILABLE", 8),
    (Reply(302, b"", {"Location": "http://127.0.0.1:1/"}), "PLATFORM_UNAVAILABLE", 8),
    (Reply(drop=True), "PLATFORM_UNAVAILABLE", 8),
    (Reply.json({"message": "boom"}, 500), "PLATFORM_UNAVAILABLE", 8),
    (Reply.json({"message": "slow down"}, 429, Retry_After="30"), "PLATFORM_UNAVAILABLE", 8),
    (Reply.json({"message": "no such order"}, 404), "ORDER_NOT_FOUND", 1),
    (Reply.json({"message": "missing scope"}, 403), "PLATFORM_DENIED", 1),
    (Reply.json({"fault": {"faultstring": "Invalid access token"}}, 401), "PLATFORM_DENIED", 1),
    (Reply.json({"message": "conflict"}, 409), "NOT_CONFIGURED", 1),
    (Reply.json({"message": "unprocessable"}, 422), "NOT_CONFIGURED", 1),
    (Reply.json({"message": "bad"}, 400), "NOT_CONFIGURED", 1),
]


@pytest.mark.parametrize(("reply", "reason", "tries"), RUBBISH, ids=lambda value: repr(value)[:60])
async def test_a_platform_that_answers_rubbish_for_an_order_fails_that_order(
    shop: Shop, reply: Reply, reason: str, tries: int
) -> None:
    shop.answers.platform.orders._wire._pace.pause = lambda wait: None  # time stands still here, and nobody would wait
    order = await shop.rejected(reply)
    assert (order.reason, order.attempt) == (reason, tries)
    assert order.retryable == (reason != "ORDER_NOT_FOUND")


async def test_a_platform_that_comes_to_its_senses_gets_its_order_done(shop: Shop) -> None:
    replies = iter([reply for reply, reason, _ in RUBBISH if reason == "PLATFORM_UNAVAILABLE"][:7])
    last = Reply.json(document(BAD))
    order, _ = await shop.job_with(lambda method: next(replies, last) if method == "GET" else Reply(204, b""))
    assert (order.state, order.reason) == (OrderState.SUCCESS, "")


# Hostile names, as far as the document


class DrawnHere:
    """`domain.ports.PdfRenderer` in this process."""

    async def render(self, invoice: Invoice, logo: bytes | None, xml: bytes) -> Drawing:
        """The PDF."""
        return drawing(invoice, logo, xml)

    def xml_in(self, document: bytes) -> bytes | None:
        """The XML in it."""
        return xml_in(document)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_name_is_drawn_as_text_wherever_it_stands(shop: Shop, text: str) -> None:
    shop.service.invoicing = replace(shop.service.invoicing, has=replace(shop.service.invoicing.has, pdf=DrawnHere()))
    made = changed(
        {
            "customer.name": text,
            "customer.company": text,
            "billingAddress.contactName": text,
            "billingAddress.companyName": text,
            "billingAddress.street": text,
            "billingAddress.extraLine1": text,
            "billingAddress.zipCode": text,
            "billingAddress.city": text,
            "entries.0.product.sku": text,
            "entries.0.product.name": text,
            "entries.0.product.localizedName": {"en": text, "de": text},
            "entries.0.measurementUnit.unit": text,
            "payments.0.method": text,
            "mixins.customerTax": {"vatId": text},
        }
    )
    order, good = await shop.job_with(lambda method: Reply.json(made) if method == "GET" else Reply(204, b""))
    assert [(each.state, each.reason) for each in (order, *good)] == [(OrderState.SUCCESS, "")] * 3
    assert order.number is not None
    pages = PdfReader(BytesIO(await shop.service.archive.get(ACME, order.number)), strict=True).pages
    said = "".join(page.extract_text() for page in pages)
    assert len(pages) < 40
    assert "23.80" in said
    for word in ("<script>alert('x')</script>", "/JavaScript", "Bcc: victim@example.com"):
        assert (word in text) <= (word.replace(" ", "") in "".join(said.split()))
    assert said.replace("\n", "").isprintable()


async def test_hundreds_of_orders_gone_wrong_hurt_nobody(shop: Shop) -> None:
    """Each takes the five steps as far as it can, its document is drawn, and what was decided outlives a restart."""
    shop.service.invoicing = replace(shop.service.invoicing, has=replace(shop.service.invoicing.has, pdf=DrawnHere()))
    examples = [document(BAD), document_of(an_order(BAD, payments=())) | {"payments": []}]
    replies = {
        f"M{n}": replace(reply, body=reply.body.replace(b'"BAD"', f'"M{n}"'.encode()))
        for n, reply in enumerate(Mutator(4).replies(*examples, number=400))
    }

    def answered(method: str, path: str) -> Reply:
        order_id = path.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        return replies[order_id] if method == "GET" else Reply(204, b"")

    shop.answers.to = answered
    shop.answers.platform.orders._wire._pace.pause = lambda wait: None  # time stands still here
    job = await shop.service.invoicing.create_job(JobRequest(ACME, JobType.MANUAL, tuple(map(OrderId, replies))))
    with capture_logs():
        await shop.service.work_to_the_end()
    assert shop.service.defects == []
    orders = await shop.service.invoicing.list_orders(ACME, job.id, (), after="", limit=1000)
    assert {order.state for order in orders} == {OrderState.SUCCESS, OrderState.FAILURE}
    assert all(order.message.isprintable() and len(order.message) < 3000 for order in orders)
    for order in orders:
        draft = await shop.service.jobs.draft(order)
        assert draft is None or formats.draft(formats.FORMAT, formats.written(draft)) == draft
