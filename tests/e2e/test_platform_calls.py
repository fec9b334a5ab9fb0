"""What the service leaves at the platform besides the invoice: the document itself, and what was captured."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2


async def read(platform: Caller, path: str) -> Any:
    """What the platform says to someone with a token."""
    status, answer = await (await platform.as_holder_of("tenant=acme")).get(path)
    assert status == 200, answer
    return answer


async def test_the_platform_keeps_the_documents_and_the_orders_show_where_and_what_was_captured(
    home: Home, platform: Caller
) -> None:
    scene = await Scene.of(platform, 3, "KEPT-")
    async with home.serving(ARCHIVE_URL="platform:") as service:
        orders = await service.outcome(await service.create(scene.ids))
        await scene.require_all_done_once(service, orders, home.folder)
        for order in orders.values():
            header, content = await service.download(order.invoice_number)
            document = await read(platform, f"/order-v2/acme/salesorders/{order.order_id}")
            link = urlsplit(document["mixins"]["invoice"]["invoiceDocument"]).path
            described = await read(platform, link.removesuffix("/download"))
            assert await read(platform, link) == content
            assert (described["access"], described["details"]["bytes"]) == ("PRIVATE", len(content))
            assert header.sha256 == sha256(content).hexdigest()
            for payment in document["payments"]:
                if "transactionId" in payment:
                    assert (payment["status"], f"{payment['paidAmount']:.2f}") == ("CAPTURE_SUCCESS", order.gross)
    assert not (home.folder / "archive").exists()
    assert len(await scene.effects("media")) == len(scene.ids)


async def test_an_order_without_an_address_goes_to_the_customer_as_the_platform_knows_him(
    service: Service, platform: Caller
) -> None:
    scene = await Scene.of(platform, 1, "NO-ADDRESS-")
    (order_id,) = scene.ids
    document = scene.documents[order_id]
    customer = {name: value for name, value in document["customer"].items() if name != "email"}
    await platform.add({**document, "customer": {**customer, "id": "known-1"}})
    profile = {"customerNumber": "known-1", "contactEmail": "known-1@customer.example"}
    status, _ = await platform.post("/_sandbox/customers", {"tenant": "acme", "customers": [profile]})
    assert status == 200
    orders = await service.outcome(await service.create(scene.ids))
    assert orders[order_id].state == jobs_pb2.ORDER_STATE_SUCCESS
    assert [mail["to"] for mail in await scene.effects("mail")] == ["known-1@customer.example"]
