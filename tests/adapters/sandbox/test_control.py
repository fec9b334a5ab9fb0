"""The control calls: what tests tell the sandbox, and what it tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox import Sandbox
from adapters.sandbox.effects import EffectLog
from domain.errors import Misconfigured
from fakes.clock import NOON, FakeClock
from fakes.sandbox_caller import Caller

NEXT = "/sequential-id/acme/schemas/types/invoiceNoSequence/nextId"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders", b""),
        ("orders", b"[]"),
        ("orders", {"tenant": "nobody", "orders": []}),
        ("orders", {"orders": []}),
        ("orders", {"tenant": "acme", "orders": [1]}),
        ("orders", {"tenant": "acme", "orders": [{}]}),
        ("orders", {"tenant": "acme", "orders": [{"id": "good"}, {"id": 7}]}),
        ("orders", b'{"tenant": "acme", "orders": [{"id": "x", "amount": NaN}]}'),
        ("faults", {}),
        ("faults", {"kind": "explode"}),
        ("faults", {"kind": "error", "servcie": "orders"}),
        ("faults", {"kind": "error", "service": "nothing"}),
        ("faults", {"kind": "error", "service": "orders", "operation": "capture"}),
        ("faults", {"kind": "error", "status": 200}),
        ("faults", {"kind": "error", "status": "503"}),
        ("faults", {"kind": "error", "probability": 1.1}),
        ("faults", {"kind": "error", "times": 0}),
        ("faults", {"kind": "slow", "delay_ms": -1}),
        ("faults", {"kind": "error", "retry_after": -1}),
        ("customers", {"tenant": "acme", "customers": [{"contactEmail": "a@b.example"}]}),
        ("customers", {"tenant": "nobody", "customers": []}),
        ("tenants", {"tenant": "A"}),
        ("tenants", {"tenant": "a-b"}),
        ("tenants", {"empty": True}),
        ("keys", {"tenant": "nobody"}),
        ("keys", {"tenant": "acme", "scopes": ["order.order_delete"]}),
        ("keys", {"tenant": "acme", "expires_in": 0}),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_sentence(caller: Caller, path: str, body: object) -> None:
    status, answer = await caller.call("POST", f"/_sandbox/{path}", body)
    assert status == 400
    assert answer["message"].endswith(".")
    assert answer["message"].startswith(answer["field"] or "The body")
    assert (await caller.get("/order-v2/acme/salesorders/good"))[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("orders", {"tenant": "acme", "orders": [{"id": "good"}, {"id": 7}]}, "orders[1].id"),
        ("orders", {"tenant": 7, "orders": []}, "tenant"),
        ("orders", {"tenant": "acme", "orders": [1]}, "orders[0]"),
        ("faults", {"kind": "error", "status": "503"}, "status"),
        ("faults", {"kind": "explode"}, "kind"),
        ("faults", {"kind": "error", "service": "orders", "operation": "capture"}, "operation"),
        ("keys", {"tenant": "acme", "scopes": ["none"]}, "scopes"),
    ],
)
async def test_a_refusal_names_the_field(caller: Caller, path: str, body: object, field: str) -> None:
    assert (await caller.post(f"/_sandbox/{path}", body))[1]["field"] == field


@pytest.mark.parametrize("params", ["after=x", "after=-1", "tenant=nobody"])
async def test_effects_of_nobody_or_after_nothing_are_refused(caller: Caller, params: str) -> None:
    assert (await caller.get(f"/_sandbox/effects?{params}"))[0] == 400


async def test_a_fault_that_is_not_there_cannot_be_deleted(caller: Caller) -> None:
    assert (await caller.call("DELETE", "/_sandbox/faults/nothing"))[0] == 404
    assert await caller.call("DELETE", "/_sandbox/faults") == (200, {"deleted": 0})


async def test_effects_say_when_and_whose_and_are_read_from_where_one_stopped(caller: Caller) -> None:
    globex = await caller.as_holder_of("tenant=globex")
    await caller.post(NEXT, {})
    await globex.post(NEXT.replace("acme", "globex"), {})
    await caller.post(NEXT, {})
    first, second = await caller.effects()
    assert (first["tenant"], first["time"], first["kind"]) == ("acme", NOON.isoformat(), "number")
    assert first["seq"] < second["seq"]
    assert await caller.effects(after=str(first["seq"])) == [second]
    assert await caller.effects(after=str(second["seq"])) == []
    assert len(await caller.effects(tenant="")) == 3


def test_a_cursor_is_found_however_long_the_log_is() -> None:
    log = EffectLog(FakeClock())
    for number in range(1000):
        log.add(("acme", "globex")[number % 2], "number", number=number)
    assert [json.loads(line)["number"] for line in log.after(996)] == [996, 997, 998, 999]
    assert [json.loads(line)["number"] for line in log.after(996, "globex")] == [997, 999]
    assert log.after(10**9) == log.after(0, "nobody") == []


async def test_an_order_is_replaced_by_one_with_its_id(caller: Caller) -> None:
    await caller.add({"id": "O1", "status": "CREATED"})
    await caller.add({"id": "O1", "status": "SHIPPED"})
    _, found = await caller.get("/order-v2/acme/salesorders/O1")
    assert (found["status"], found["metadata"]) == ("SHIPPED", {"version": 1})


async def test_an_empty_tenant_has_nothing_set_up(caller: Caller) -> None:
    fresh = await caller.open_tenant("fresh", empty=True)
    assert (await fresh.get("/configuration/fresh/configurations/invoiceSettings"))[0] == 404
    assert (await fresh.get("/configuration/fresh/configurations"))[1] == []
    assert (await fresh.post(NEXT.replace("acme", "fresh"), {}))[0] == 404
    assert (await fresh.get("/sequential-id/fresh/schemas"))[1] == []
    assert (await fresh.get("/site/fresh/sites/main?expand=mixin:*"))[1]["mixins"] == {}
    assert (await fresh.get("/order-v2/fresh/salesorders"))[1] == []


async def test_a_tenant_that_is_not_empty_is_ready_but_for_orders(caller: Caller) -> None:
    fresh = await caller.open_tenant("fresh", empty=False)
    await fresh.add({"id": "O1"}, tenant="fresh")
    assert (await fresh.get("/configuration/fresh/configurations/invoiceSettings"))[0] == 200
    assert await fresh.post(NEXT.replace("acme", "fresh"), {}) == (201, {"id": "FRESH-0001"})
    assert [order["id"] for order in (await fresh.get("/order-v2/fresh/salesorders"))[1]] == ["O1"]
    assert (await fresh.get("/site/fresh/sites/main?expand=mixin:*"))[1]["mixins"]["merchantInfo"]["vatId"]


async def test_a_tenant_can_begin_anew_without_the_others(caller: Caller) -> None:
    await caller.open_tenant("acme", empty=True)
    assert (await caller.get("/order-v2/acme/salesorders/EON1200"))[0] == 404
    assert (await caller.get("/configuration/acme/configurations/invoiceSettings"))[0] == 404
    globex = await caller.as_holder_of("tenant=globex")
    assert (await globex.get("/configuration/globex/configurations/invoiceSettings"))[0] == 200


async def test_a_reset_takes_new_tenants_and_all_changes_back(caller: Caller) -> None:
    fresh = await caller.open_tenant("fresh", empty=False)
    await caller.change_key(scopes=[])
    await caller.call("DELETE", "/configuration/acme/configurations/invoiceSettings")
    await caller.call("PATCH", "/site/acme/sites/main", {"name": "Ours"})
    await caller.call("DELETE", "/sequential-id/acme/schemas/default")
    assert (await caller.post("/_sandbox/reset"))[0] == 200
    assert (await fresh.get("/site/fresh/sites/main"))[0] == 403
    assert (await caller.ask_token(scope="tenant=fresh"))[0] == 401
    assert (await caller.get("/configuration/acme/configurations/invoiceSettings"))[0] == 200
    assert (await caller.get("/site/acme/sites/main"))[1]["name"] == "Acme main"
    assert (await caller.post(NEXT, {}))[0] == 201
    anew = await caller.as_holder_of("tenant=acme")
    assert (await anew.get("/order-v2/acme/salesorders/EON1200"))[0] == 200


async def test_a_reset_is_a_new_start_but_for_numbers_and_cursors(caller: Caller) -> None:
    await caller.add({"id": "O1"})
    await caller.post(NEXT, {})
    (before,) = await caller.effects()
    await caller.fault(kind="error")
    assert (await caller.post("/_sandbox/reset"))[0] == 200
    assert await caller.effects() == []
    assert (await caller.get("/order-v2/acme/salesorders/O1"))[0] == 404
    assert (await caller.get("/order-v2/acme/salesorders/EON1200"))[0] == 200
    assert await caller.post(NEXT, {}) == (201, {"id": "INV0002"})
    (after,) = await caller.effects(after=str(before["seq"]))
    assert after["number"] == "INV0002"


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", ":0", "192.0.2.1:80", ""])
@pytest.mark.parametrize("setting", ["listen", "smtp_listen"])
async def test_what_is_no_address_of_this_machine_is_told_with_the_setting(
    clock: FakeClock, setting: str, address: str
) -> None:
    addresses: dict[str, Any] = {"listen": "127.0.0.1:0", "smtp_listen": "127.0.0.1:0", setting: address}
    with pytest.raises(Misconfigured, match=f"INVOICING_SANDBOX_{setting.upper()}"):
        async with Sandbox.running(**addresses, clock=clock):
            pass


async def test_trouble_of_who_uses_it_is_not_taken_for_its_own(clock: FakeClock, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=clock):
            (tmp_path / "nothing").read_bytes()
