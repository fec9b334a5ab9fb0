"""What the platform, the gateway and the mail server do to us: waited out, asked about, or told with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.scenes import Scene
from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

SUCCESS, FAILURE = jobs_pb2.ORDER_STATE_SUCCESS, jobs_pb2.ORDER_STATE_FAILURE


async def test_a_capture_whose_answer_was_lost_is_asked_about_and_not_made_again(
    service: Service, platform: Caller, shared_folder: Path
) -> None:
    scene = await Scene.of(platform, 3, "LOST")
    await platform.fault(service="payments", operation="capture", kind="drop_after", times=1)
    job = await service.create(scene.ids)
    following = service.follow(job)
    await following.to_the_end()
    reasons = {message.order.reason for message in following.messages if message.HasField("order")}
    assert "PAYMENT_OUTCOME_UNKNOWN" in reasons
    await scene.require_all_done_once(service, following.orders, shared_folder)


@pytest.mark.parametrize(
    "fault",
    [
        {"service": "orders", "operation": "get", "kind": "error", "status": 503},
        {"service": "oauth", "operation": "token", "kind": "error", "status": 500},
        {"service": "sites", "operation": "get", "kind": "garbage"},
        {"service": "sequences", "operation": "next_id", "kind": "drop_after"},
        {"service": "orders", "operation": "patch", "kind": "drop_after"},
        {"service": "mail", "operation": "send", "kind": "drop_before"},
        {"service": "mail", "operation": "send", "kind": "drop_after"},
        {"service": "mail", "operation": "send", "kind": "error", "status": 451},
        {"service": "payments", "operation": "get", "kind": "twice"},
    ],
    ids=lambda fault: f"{fault['service']}-{fault['operation']}-{fault['kind']}",
)
async def test_an_outage_is_waited_out(
    service: Service, platform: Caller, shared_folder: Path, fault: dict[str, object], request: pytest.FixtureRequest
) -> None:
    scene = await Scene.of(platform, 3, request.node.callspec.id.upper().replace("_", "-"))
    await platform.fault(**fault, times=2)
    await scene.require_all_done_once(service, await service.outcome(await service.create(scene.ids)), shared_folder)


async def test_a_card_that_is_declined_fails_its_order_and_no_other(service: Service, platform: Caller) -> None:
    orders = await service.outcome(await service.create(["DEMO-DECLINED", "DEMO-FEES", "DEMO-NOWHERE"]))
    assert {order_id: (order.state, order.reason) for order_id, order in orders.items()} == {
        "DEMO-DECLINED": (FAILURE, "PAYMENT_REFUSED"),
        "DEMO-FEES": (SUCCESS, ""),
        "DEMO-NOWHERE": (FAILURE, "ORDER_NOT_FOUND"),
    }
    assert orders["DEMO-DECLINED"].retryable
    assert not orders["DEMO-DECLINED"].captured


async def test_a_mail_that_is_refused_leaves_an_invoice_and_says_so(service: Service, platform: Caller) -> None:
    scene = await Scene.of(platform, 2, "REFUSED")
    await platform.fault(service="mail", operation="send", kind="error", status=550, times=1)
    orders = (await service.outcome(await service.create(scene.ids))).values()
    assert sorted((order.state, order.reason) for order in orders) == [(SUCCESS, ""), (SUCCESS, "EMAIL_FAILED")]
    assert all([(await service.invoice(order.invoice_number)).pdf_size for order in orders])
