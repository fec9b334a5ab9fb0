"""`invoicing order`, as an operator uses it beside a running service, or after it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.store import Store
from app.clock import now
from domain.invoice import PlannedCapture
from domain.job import OrderState, Step
from domain.order import TransactionId
from e2e.processes import Process
from e2e.scenes import Scene
from e2e.services import DATABASE, Following, Home, Service
from fakes.clock import FakeClock
from fakes.command_line import Ran, invoicing
from fakes.sandbox_caller import Caller
from fakes.stores import Records, a_draft
from invoicing.v1 import jobs_pb2

SUCCESS = jobs_pb2.ORDER_STATE_SUCCESS
DOUBT = "PAYMENT_OUTCOME_UNKNOWN"


@pytest.fixture
def beside(shared_folder: Path, sandbox: Process) -> Home:
    """Where the service lives that runs all the time."""
    return Home(shared_folder, sandbox)


async def runs(home: Home, *arguments: str, **variables: str) -> Ran:
    """The command with the service's settings."""
    told = home.settings(DATABASE_URL=f"sqlite:///{home.folder / DATABASE}", **variables)
    return await invoicing("order", *arguments, **{f"INVOICING_{name}": value for name, value in told.items()})


async def explained(home: Home, order_id: str, *options: str) -> dict[str, Any]:
    """All that is known of the order."""
    ran = await runs(home, "explain", order_id, "--json", *options)
    assert (ran.code, ran.err) == (0, "")
    (document,) = ran.messages
    return document


async def until_in_doubt(following: Following) -> None:
    """Returns once an order waits for the gateway's word."""
    while not any(order.reason == DOUBT for order in following.orders.values()):
        assert await following.next(), "the job ended before"


async def captures_by_hand(platform: Caller, scene: Scene, amount: str) -> str:
    """Someone captures an amount at the gateway, past the service; the capture's id."""
    (document,) = scene.documents.values()
    payment = document["payments"][0]
    caller = await platform.as_holder_of("tenant=acme")
    path = f"/payment-gateway/acme/payment/{payment['transactionId']}/capture"
    status, answer = await caller.post(path, {"amount": Decimal(amount), "currency": document["currency"]})
    assert (status, answer["successful"]) == (200, True)
    return str(answer["captureId"])


async def test_a_capture_in_doubt_is_told_and_then_how_it_ended(home: Home, platform: Caller) -> None:
    scene = await Scene.of(platform, 1, "EXPLAINED")
    (order_id,) = scene.ids
    await platform.fault(service="payments", operation="capture", kind="drop_after", times=1)
    async with home.serving() as service:
        job = await service.create(scene.ids)
        await until_in_doubt(service.follow(job))
        service.process.kill()
    doubtful = await explained(home, order_id)
    assert "may have been made: the gateway is asked again at" in doubtful["meaning"]
    too_early = await runs(home, "resolve", order_id, "--not-captured", "--json", CAPTURE_SETTLE="1h")
    assert (too_early.code, json.loads(too_early.err)["reason"]) == (3, DOUBT)
    async with home.serving() as service:
        following = service.follow(job)
        await following.to_the_end()
        await scene.require_all_done_once(service, following.orders, home.folder)
    number = following.orders[order_id].invoice_number
    after = await explained(home, order_id)
    assert after["meaning"].startswith(f"Captured {following.orders[order_id].gross} EUR once; invoice {number} mailed")
    (capture,) = after["captures"]
    assert (capture["outcome"], capture["amount"]) == ("CAPTURED", following.orders[order_id].gross)
    assert capture["ended"] > capture["deadline"], "so it is seen for how long nobody could act"
    (failed, *_) = after["failedTries"]
    assert (failed["step"], failed["attempt"], failed["reason"]) == ("CAPTURE", 1, DOUBT)
    assert [event["at"] for event in after["events"] if "try 1 at CAPTURE failed" in event["what"]] == [failed["ended"]]
    assert (after["documents"][0]["position"], after["mails"][0]["number"]) == (1, number)


async def test_money_that_someone_else_took_is_resolved_by_an_operator_and_the_order_goes_on(
    service: Service, platform: Caller, beside: Home
) -> None:
    scene = await Scene.of(platform, 1, "RESOLVED")
    (order_id,) = scene.ids
    capture_id = await captures_by_hand(platform, scene, "0.01")
    following = service.follow(await service.create(scene.ids))
    await until_in_doubt(following)
    refused = await runs(beside, "resolve", order_id, "--captured", "0.02")
    assert (refused.code, capture_id in refused.err) == (3, True)
    kept = await runs(beside, "resolve", order_id, "--not-captured", "--by", "anna")
    assert (kept.code, "a capture for none of our orders, says anna" in kept.out) == (0, True)
    again = await runs(beside, "resolve", order_id, "--not-captured")
    assert (again.code, "nothing is unclear" in again.err) == (3, True)
    await following.to_the_end()
    order = following.orders[order_id]
    assert (order.state, order.captured) == (SUCCESS, order.gross)
    assert [str(effect["amount"]) for effect in await scene.effects("capture")] == ["0.01", order.gross]
    told = await explained(beside, order_id, "--gateway")
    assert [(each["amount"], each["for"]) for each in told["gateway"][0]["captures"]] == [
        ("0.01", "nobody here"),
        (order.gross, "this order"),
    ]
    assert any("anna said of 0.01 EUR" in event["what"] for event in told["events"])


async def test_a_wrong_word_can_be_corrected_before_anything_follows_from_it_and_both_are_told(
    home: Home, platform: Caller
) -> None:
    scene = await Scene.of(platform, 1, "CORRECTED")
    (order_id,) = scene.ids
    await captures_by_hand(platform, scene, "0.01")
    async with home.serving() as service:
        await until_in_doubt(service.follow(await service.create(scene.ids)))
    for word, says in (
        (("--not-captured", "--by", "anna"), "a capture for none of our orders"),
        (("--captured", "0.01", "--by", "bert"), "captured"),
    ):
        kept = await runs(home, "resolve", order_id, *word)
        assert (kept.code, f"{says}, says {word[-1]}" in kept.out) == (0, True), kept.err
    too_late = await runs(home, "resolve", order_id, "--foreign", "0.01", "--json")
    assert (too_late.code, "is in work and may count on it" in too_late.err) == (3, True)
    events = [event["what"] for event in (await explained(home, order_id))["events"]]
    words = [event.partition(" said of ")[0] for event in events if " said of " in event]
    assert words == ["anna", "bert"]
    assert not any("intended by" in event for event in events), "no job intended what was captured by hand"


async def fails_in_doubt(home: Home, scene: Scene) -> None:
    """The scene's order, given up at CAPTURE by a service that is down by now."""
    ((order_id, document),) = scene.documents.items()
    card = PlannedCapture(TransactionId(document["payments"][0]["transactionId"]), Decimal("23.80"))
    clock = FakeClock(now())
    async with Store.opened(f"sqlite:///{home.folder / DATABASE}", clock=clock) as store:
        records = Records(store.jobs, store.journal, clock)
        order = await records.jobs.save(await records.an_order(order_id), replace(a_draft(), captures=(card,)))
        await records.ends(order, OrderState.FAILURE, step=Step.CAPTURE, reason=DOUBT, retryable=True)


async def test_once_an_operator_has_spoken_the_advice_is_to_go_on(home: Home, platform: Caller) -> None:
    scene = await Scene.of(platform, 1, "ADVISED")
    (order_id,) = scene.ids
    await captures_by_hand(platform, scene, "0.01")
    await fails_in_doubt(home, scene)
    for asked in ((), ("--gateway",)):
        unclear = await runs(home, "explain", order_id, *asked)
        assert "Look at the gateway, then: invoicing order resolve" in unclear.out
    kept = await runs(home, "resolve", order_id, "--not-captured")
    assert "Next: invoicing job retry" in kept.out
    for asked in ((), ("--gateway",)):
        clear = await runs(home, "explain", order_id, *asked)
        assert "Next: invoicing job retry" in clear.out


async def test_who_was_charged_twice_is_told_first(service: Service, platform: Caller, beside: Home) -> None:
    scene = await Scene.of(platform, 1, "TAKEN-TWICE")
    (order_id,) = scene.ids
    await platform.fault(service="payments", operation="capture", kind="twice", times=1)
    await service.outcome(await service.create(scene.ids))
    ran = await runs(beside, "explain", order_id, "--gateway")
    assert (ran.code, ran.out.partition(":")[0]) == (0, "TAKEN TWICE"), ran.out + str(await scene.effects("capture"))


async def test_an_order_that_no_job_had_is_unknown(service: Service, beside: Home) -> None:
    unknown = await runs(beside, "explain", "NOBODY", "--json")
    assert (unknown.code, json.loads(unknown.err)["reason"]) == (3, "UNKNOWN_ORDER")
