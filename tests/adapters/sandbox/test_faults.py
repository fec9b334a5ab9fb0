"""Faults on demand: what each does to a call, and to the world."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import aiohttp
import pytest

from adapters.sandbox import Sandbox
from adapters.sandbox.calls import CALLS
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.faults import MOST_SPENT, OPERATIONS, Fault, FaultKind, Faults, Struck
from fakes.clock import FakeClock
from fakes.sandbox_caller import Caller

NEXT = "/sequential-id/acme/schemas/types/invoiceNoSequence/nextId"
ON_NUMBERS = {"service": "sequences", "operation": "next_id"}


async def draw(caller: Caller) -> tuple[int, Any]:
    """A call with an effect."""
    return await caller.post(NEXT, {})


async def numbers(caller: Caller) -> int:
    """How many numbers were drawn."""
    return len(await caller.effects("number"))


async def test_an_error_has_its_status_and_the_shape_of_its_service_and_does_nothing(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="error", status=502, times=1)
    status, answer = await draw(caller)
    assert (status, answer["status"], answer["message"]) == (502, 502, "injected fault")
    assert await numbers(caller) == 0
    assert (await draw(caller))[0] == 201


@pytest.mark.parametrize(("kind", "drawn"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_connection_loses_the_call_or_only_its_answer(caller: Caller, kind: str, drawn: int) -> None:
    await caller.fault(**ON_NUMBERS, kind=kind, times=1)
    with pytest.raises(aiohttp.ClientError):
        await draw(caller)
    assert await numbers(caller) == drawn


async def test_garbage_says_200_and_makes_no_sense_though_it_was_done(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="garbage", times=1)
    async with caller.session.post(NEXT, data=b"{}", headers={"Authorization": f"Bearer {caller.token}"}) as response:
        assert response.status == 200
        with pytest.raises(ValueError):
            await response.json()
    assert await numbers(caller) == 1


async def test_what_is_done_twice_is_answered_once(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="twice", times=1)
    assert await draw(caller) == (201, {"id": "INV0001"})
    assert await numbers(caller) == 2


async def test_a_slow_call_is_done_late(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="slow", delay_ms=10**7)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(draw(caller), 0.05)
    assert await numbers(caller) == 0


async def test_a_call_held_before_its_effect_goes_on_when_the_fault_is_deleted(caller: Caller) -> None:
    fault = await caller.fault(**ON_NUMBERS, kind="hold_before")
    drawing = asyncio.create_task(draw(caller))
    await caller.sees_held()
    assert await numbers(caller) == 0
    assert await caller.call("DELETE", f"/_sandbox/faults/{fault}") == (200, {"deleted": 1})
    assert await drawing == (201, {"id": "INV0001"})
    (effect,) = await caller.effects("held")
    assert (effect["service"], effect["operation"], effect["fault"]) == ("sequences", "next_id", fault)


async def test_a_call_held_after_its_effect_has_had_it(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="hold_after")
    drawing = asyncio.create_task(draw(caller))
    await caller.sees_held()
    assert await numbers(caller) == 1
    await caller.call("DELETE", "/_sandbox/faults")
    assert await drawing == (201, {"id": "INV0001"})


@pytest.mark.parametrize(("kind", "drawn"), [("hold_before", 0), ("hold_after", 1)])
async def test_a_caller_who_goes_takes_the_held_call_with_him(caller: Caller, kind: str, drawn: int) -> None:
    fault = await caller.fault(**ON_NUMBERS, kind=kind, times=1)
    drawing = asyncio.create_task(draw(caller))
    await caller.sees_held()
    drawing.cancel()
    await asyncio.wait([drawing])
    async with aiohttp.ClientSession(caller.session._base_url) as another:
        await Caller(another, caller.token).get("/_sandbox/effects")
        await caller.call("DELETE", f"/_sandbox/faults/{fault}")
        await Caller(another, caller.token).get("/_sandbox/effects")
    assert await numbers(caller) == drawn


async def test_a_fault_strikes_as_often_as_it_says_and_only_its_operation(caller: Caller) -> None:
    await caller.fault(**ON_NUMBERS, kind="error", times=2)
    assert (await caller.get("/site/acme/sites/main"))[0] == 200
    assert [(await draw(caller))[0] for _ in range(3)] == [503, 503, 201]


async def test_a_fault_can_be_meant_for_one_tenant(caller: Caller) -> None:
    await caller.fault(service="*", operation="*", kind="error", tenant="globex")
    assert (await draw(caller))[0] == 201
    assert (await caller.ask_token())[0] == 200
    assert (await caller.ask_token(scope="tenant=globex"))[0] == 503
    await caller.call("DELETE", "/_sandbox/faults")
    globex = await caller.as_holder_of("tenant=globex")
    await caller.fault(service="sequences", kind="error", tenant="globex", status=429, retry_after=7)
    assert (await globex.post(NEXT.replace("acme", "globex"), {}))[0] == 429
    assert (await draw(caller))[0] == 201


async def test_an_error_can_ask_to_wait(caller: Caller) -> None:
    await caller.fault(service="sites", kind="error", status=429, retry_after=7)
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.session.get("/site/acme/sites/main", headers=headers) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")


async def test_faults_are_listed_with_how_often_they_struck(caller: Caller) -> None:
    spent = await caller.fault(**ON_NUMBERS, kind="error", times=1)
    waiting = await caller.fault(**ON_NUMBERS, kind="slow", delay_ms=5, probability=0.0)
    await draw(caller)
    _, answer = await caller.get("/_sandbox/faults")
    listed = {each["id"]: each for each in answer["faults"]}
    assert listed[waiting] == {
        **ON_NUMBERS,
        "id": waiting,
        "kind": "slow",
        "status": 503,
        "probability": 0,
        "times": None,
        "delay_ms": 5,
        "tenant": "",
        "retry_after": None,
        "strikes": 0,
    }
    assert (listed[spent]["times"], listed[spent]["strikes"]) == (0, 1)
    assert await caller.call("DELETE", "/_sandbox/faults") == (200, {"deleted": 2})
    assert await caller.get("/_sandbox/faults") == (200, {"faults": []})


def test_every_call_can_be_struck_by_its_name() -> None:
    named = {(call.service, call.operation) for call in CALLS}
    besides = {("oauth", "token"), ("sites", "logo"), ("mail", "send")}
    assert named | besides == {(service, name) for service, names in OPERATIONS.items() for name in names}


async def test_faults_that_are_spent_do_not_pile_up(clock: FakeClock) -> None:
    faults = Faults(EffectLog(clock), Random(5))  # noqa: S311 - chance that repeats
    for number in range(MOST_SPENT + 5):
        faults.add(Fault(f"f{number}", "*", "*", FaultKind.ERROR, left=1))
        with pytest.raises(Struck):
            await faults.around("orders", "get", "acme", asyncio.Event().wait)
    assert [fault.id for fault in faults] == [f"f{number}" for number in range(5, MOST_SPENT + 5)]


async def test_a_star_stands_for_every_service_but_not_for_the_control(caller: Caller) -> None:
    fault = await caller.fault(service="*", operation="*", kind="error")
    assert (await draw(caller))[0] == 503
    assert (await caller.get("/site/acme/sites/main"))[0] == 503
    assert (await caller.ask_token())[0] == 503
    assert (await caller.call("DELETE", f"/_sandbox/faults/{fault}"))[0] == 200
    assert (await draw(caller))[0] == 201


async def test_a_sandbox_that_stops_lets_go_of_whom_it_holds(clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as session:
        async with (
            Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=clock) as sandbox,
            aiohttp.ClientSession(sandbox.url) as control,
        ):
            caller = Caller(control)
            await caller.fault(service="sites", operation="logo", kind="hold_before")
            waiting = asyncio.create_task(session.get(f"{sandbox.url}/sandbox-assets/logo.png"))
            await caller.sees_held()
        response = await waiting
        assert response.status == 200


async def test_chance_is_what_it_was_given(clock: FakeClock) -> None:
    async def act() -> bool:
        return True

    async def struck() -> list[bool]:
        faults = Faults(EffectLog(clock), Random(5))  # noqa: S311 - chance that repeats
        faults.add(Fault("f", "orders", "get", FaultKind.ERROR, probability=0.5))
        results = []
        for _ in range(40):
            try:
                results.append(await faults.around("orders", "get", "acme", act))
            except Struck:
                results.append(False)
        return results

    first, second = await struck(), await struck()
    assert first == second
    assert 5 < sum(first) < 35
