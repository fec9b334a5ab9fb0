"""The sandbox answers as the platform has published that it does, and asks for the scopes it has published."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.calls import CALLS, Call
from adapters.sandbox.demo import generated_orders
from fakes.openapi import PublishedApi
from fakes.sandbox_caller import Caller

API = PublishedApi()
ORDERS = "/order-v2/acme/salesorders"
ORDER = f"{ORDERS}/GEN00001"
CONFIGURATIONS = "/configuration/acme/configurations"
SCHEMAS = "/sequential-id/acme/schemas"
SITE = "/site/acme/sites/main"
PAYMENTS = "/payment-gateway/acme/payment"
TRANSACTIONS = "/payment-gateway/acme/transactions"
ASSETS = "/media/acme/assets"
CUSTOMERS = "/customer/acme/customers"
SCHEMA = {"name": "Mine", "schemaType": "quoteNoSequence", "startValue": 0, "maxValue": 9, "numberOfDigits": 3}
AMOUNT = {"amount": 1, "currency": "EUR"}
MIXIN = {"ours": {"x": 1, "metadata": {"schema": "https://schemas.example/ours.json"}}}

WRONG = {
    r".*/salesorders.*: 200: .*taxAggregate.*": "its lines are published as one object, and are a list",
    r".*/salesorders.*: 200: .*deliveryTimeRange.*": "times are published with seconds, and given without",
    r".*/salesorders.*: 200: .*fees.*\.name.*": "the name of a fee is published as a map, and is often a text",
    r".*/salesorders.*: 200: .*\.(origin|keepAsSeparateLineItem|price\.(basePrice|metadata|presentationPrice)"
    r"|totalDiscount|type): is not published": "the published example EON1200 has it",
    r".*/salesorders.*: 200: .*\.shipping: 'total' is a required property": "the published example EON2076 lacks it",
    r".*/salesorders.*: 401: no such answer": "the gateway before the service refuses tokens whatever is published",
    r".*/calculations: 400: .*": "the answer is published without a shape",
    r".*/configurations.*: (400|401|403): no such answer": "scopes and tokens are asked for all the same",
    r".*/mixins: 409: .*": "published without members, its example has them",
    r".*/payment/.*: 400: no such answer": "nobody says how what is no amount is answered",
    r".*/nextId: 409: no such answer": "live, the end of a sequence is a conflict",
    r".*/schemas/.schemaId.: 404: no such answer": "there must be an answer for a schema that is not there",
}
"""What the published documents get wrong, and how it is known."""


def path_of(call: Call) -> str:
    """Where acme makes the call."""
    return re.sub(r"\{\w+\}", "x", call.path.replace("{tenant}", "acme"))


def unexplained(complaints: list[str]) -> list[str]:
    """Those that no reason above is given for."""
    return [each for each in complaints if not any(re.fullmatch(wrong, each) for wrong in WRONG)]


async def complaints(caller: Caller, method: str, path: str, body: object = None) -> list[str]:
    """What is wrong with the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.session.request(method, path, data=data, headers=headers, allow_redirects=False) as response:
        read = await response.read()
        content = read if response.content_type == "application/json" else b""
        return unexplained(API.complaints_of_answer(method, path, response.status, content))


@pytest.fixture
async def world(caller: Caller) -> None:
    """One of everything."""
    await caller.add(*generated_orders(30))
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("body", json.dumps({"id": "a1", "type": "BLOB", "access": "PRIVATE", "mixins": {"x": {"y": 1}}}))
    form.add_field("file", BytesIO(b"%PDF"), filename="a.pdf")
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.session.post(ASSETS, data=form, headers=headers) as response:
        assert response.status == 201
        assert not API.complaints_of_answer("POST", ASSETS, 201, await response.read())


CHANGES: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"{ORDERS}?pageSize=100", None),
    ("GET", f"{ORDERS}?q=nonsense", None),
    ("GET", f"{ORDERS}?pageNumber=0", None),
    ("POST", f"{ORDERS}/search", {"q": "status:CREATED"}),
    ("GET", f"{ORDERS}/EON1200", None),
    ("GET", f"{ORDERS}/NOWHERE", None),
    ("PATCH", ORDER, {"status": "CONFIRMED", "metadata": {"version": 1}}),
    ("PATCH", ORDER, {"metadata": {"version": 1}}),
    ("PATCH", ORDER, []),
    ("PUT", ORDER, {}),
    ("PUT", ORDER, {"entries": [], "customer": {}, "calculatedPrice": {}}),
    ("POST", f"{ORDERS}/GEN00002/calculations", {"entries": []}),
    ("POST", f"{ORDERS}/GEN00002/calculations", {"entries": [{"entryId": "none", "deliveredAmount": 1}]}),
    ("POST", f"{ORDERS}/GEN00002/transitions", {"status": "CONFIRMED"}),
    ("POST", f"{ORDERS}/GEN00002/transitions", {"status": "CREATED"}),
    ("GET", CONFIGURATIONS, None),
    ("POST", CONFIGURATIONS, [{"key": "a", "value": "b"}]),
    ("POST", CONFIGURATIONS, [{"key": "a", "value": "b"}]),
    ("POST", CONFIGURATIONS, {}),
    ("GET", f"{CONFIGURATIONS}/invoiceSettings", None),
    ("GET", f"{CONFIGURATIONS}/nothing", None),
    ("PUT", f"{CONFIGURATIONS}/a", {"key": "a", "value": "c"}),
    ("PUT", f"{CONFIGURATIONS}/a", {"key": "a", "value": "c", "version": 1}),
    ("PUT", f"{CONFIGURATIONS}/a", {"key": "b", "value": "c"}),
    ("DELETE", f"{CONFIGURATIONS}/a", None),
    ("DELETE", f"{CONFIGURATIONS}/a", None),
    ("POST", SCHEMAS, SCHEMA),
    ("POST", SCHEMAS, {}),
    ("GET", SCHEMAS, None),
    ("GET", f"{SCHEMAS}/types/invoiceNoSequence", None),
    ("GET", f"{SCHEMAS}/default", None),
    ("GET", f"{SCHEMAS}/nothing", None),
    ("POST", f"{SCHEMAS}/types/invoiceNoSequence/nextId", {}),
    ("POST", f"{SCHEMAS}/types/quoteNoSequence/nextId", {}),
    ("POST", f"{SCHEMAS}/default/setActive", None),
    ("POST", f"{SCHEMAS}/nothing/setActive", None),
    ("DELETE", f"{SCHEMAS}/default", None),
    ("GET", "/site/acme/sites", None),
    ("GET", SITE, None),
    ("GET", f"{SITE}?expand=mixin:*", None),
    ("PATCH", SITE, {"name": "Ours"}),
    ("PATCH", SITE, {"metadata": {"version": 1}}),
    ("GET", f"{SITE}/mixins", None),
    ("POST", f"{SITE}/mixins", MIXIN),
    ("POST", f"{SITE}/mixins", MIXIN),
    ("POST", f"{SITE}/mixins", {}),
    ("GET", f"{SITE}/mixins/ours", None),
    ("GET", f"{SITE}/mixins/nothing", None),
    ("PUT", f"{SITE}/mixins/ours", MIXIN),
    ("PATCH", f"{SITE}/mixins/ours", {"x": 2}),
    ("DELETE", f"{SITE}/mixins/ours", None),
    ("GET", TRANSACTIONS, None),
    ("GET", f"{TRANSACTIONS}/t-GEN00001", None),
    ("GET", f"{TRANSACTIONS}/nothing", None),
    ("POST", f"{PAYMENTS}/t-GEN00001/capture", AMOUNT),
    ("POST", f"{PAYMENTS}/t-GEN00001/capture", {}),
    ("POST", f"{PAYMENTS}/declined-DEMO-DECLINED/capture", AMOUNT),
    ("POST", f"{PAYMENTS}/nothing/capture", AMOUNT),
    ("POST", f"{PAYMENTS}/t-GEN00001/refund", AMOUNT),
    ("POST", f"{PAYMENTS}/t-GEN00001/cancel", None),
    ("GET", ASSETS, None),
    ("GET", f"{ASSETS}/a1", None),
    ("GET", f"{ASSETS}/nothing", None),
    ("GET", f"{ASSETS}/a1/download", None),
    ("POST", ASSETS, {}),
    ("DELETE", f"{ASSETS}/a1", None),
    ("GET", f"{CUSTOMERS}/c-anna", None),
    ("GET", f"{CUSTOMERS}/nobody", None),
)


@pytest.mark.usefixtures("world")
async def test_every_answer_is_as_it_is_published(caller: Caller) -> None:
    found = [await complaints(caller, method, path, body) for method, path, body in CHANGES]
    left = sorted({re.sub(r"\[\d+\]", "[n]", each) for some in found for each in some})
    assert left == [], "\n".join(left)


async def test_refusals_of_the_door_are_as_they_are_published(caller: Caller) -> None:
    poor = await caller.as_holder_of("none.at_all tenant=acme")
    nobody = Caller(caller.session, "unknown")
    found = [await complaints(who, call.method, path_of(call)) for who in (poor, nobody) for call in CALLS]
    assert [each for some in found for each in some] == []


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_a_call_needs_one_of_the_scopes_that_are_published(call: Call) -> None:
    published = API.operation(call.method, path_of(call)).scopes
    assert set(call.scopes) <= published
    assert bool(call.scopes) == bool(published)


async def test_a_token_is_as_it_is_published(caller: Caller) -> None:
    _, answer = await caller.ask_token()
    assert API.complaints_of_answer("POST", "/oauth/token", 200, json.dumps(answer).encode()) == []
