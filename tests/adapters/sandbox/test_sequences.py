"""Numbers, as awkward as the platform's are."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from fakes.sandbox_caller import Caller

NEXT = "/sequential-id/acme/schemas/types/invoiceNoSequence/nextId"
SCHEMAS = "/sequential-id/acme/schemas"


async def draw(caller: Caller, body: object = None, site: str = "") -> tuple[int, Any]:
    """Asks for a number."""
    return await caller.post(f"{NEXT}?siteCode={site}" if site else NEXT, {} if body is None else body)


async def activate(caller: Caller, **schema: object) -> None:
    """Makes a schema of invoice numbers and activates it."""
    base = {"name": "Mine", "schemaType": "invoiceNoSequence", "startValue": 0, "maxValue": 99, "numberOfDigits": 3}
    status, schema_id = await caller.post(SCHEMAS, {**base, **schema})
    assert status == 201, schema_id
    assert (await caller.post(f"{SCHEMAS}/{schema_id.decode()}/setActive"))[0] == 200


async def test_every_tenant_has_an_active_series_of_its_own(caller: Caller) -> None:
    globex = await caller.as_holder_of("tenant=globex")
    assert await draw(caller) == (201, {"id": "INV0001"})
    assert await draw(caller) == (201, {"id": "INV0002"})
    assert await globex.post(NEXT.replace("acme", "globex"), {}) == (201, {"id": "GLX-0001"})
    assert [effect["number"] for effect in await caller.effects("number")] == ["INV0001", "INV0002"]


async def test_numbers_drawn_at_once_are_all_different(caller: Caller) -> None:
    drawn = await asyncio.gather(*(draw(caller) for _ in range(50)))
    assert len({answer["id"] for _, answer in drawn}) == 50


async def test_a_lost_answer_burns_a_number(caller: Caller) -> None:
    await caller.fault(service="sequences", operation="next_id", kind="drop_after", times=1)
    with pytest.raises(aiohttp.ClientError):
        await draw(caller)
    assert await draw(caller) == (201, {"id": "INV0002"})
    assert [effect["number"] for effect in await caller.effects("number")] == ["INV0001", "INV0002"]


async def test_the_first_number_follows_the_start_value(caller: Caller) -> None:
    await activate(caller, startValue=41, preText="A-", postText="-Z")
    assert await draw(caller) == (201, {"id": "A-042-Z"})


async def test_a_call_that_lacks_a_placeholder_fails_and_burns_a_number(caller: Caller) -> None:
    await activate(caller, preText="INV__num__", placeholders={"__num__": {"required": True, "default": "X"}})
    status, answer = await draw(caller)
    assert (status, answer["message"]) == (400, "Required Placeholder is missing")
    assert await caller.effects("number") == []
    assert await draw(caller, {"placeholders": {"__num__": ""}}) == (201, {"id": "INV002"})


async def test_a_default_counts_only_where_nothing_is_required(caller: Caller) -> None:
    await activate(caller, preText="__area__-", placeholders={"__area__": {"required": False, "default": "X"}})
    assert await draw(caller) == (201, {"id": "X-001"})
    assert await draw(caller, {"placeholders": {"__area__": "Y"}}) == (201, {"id": "Y-002"})


async def test_the_site_fills_in_its_country_and_its_time(caller: Caller) -> None:
    await activate(caller, preText="__country__-__year____month____day__-__hour__-")
    assert await draw(caller, site="anywhere") == (201, {"id": "DE-20261124-13-001"})
    assert await draw(caller, site="tokyo") == (201, {"id": "JP-20261124-21-002"})
    assert await draw(caller, {"placeholders": {"__country__": "XX"}}, site="tokyo") == (
        201,
        {"id": "XX-20261124-21-003"},
    )


async def test_each_key_has_a_counter_of_its_own(caller: Caller) -> None:
    await activate(caller)
    drawn = [await draw(caller, {"sequenceKey": key} if key else {}) for key in ("a", "b", "a", "")]
    assert [answer["id"] for _, answer in drawn] == ["001", "001", "002", "001"]


async def test_beyond_the_last_number_there_is_none(caller: Caller) -> None:
    await activate(caller, maxValue=1)
    assert (await draw(caller))[0] == 201
    assert (await draw(caller))[0] == 409
    assert len(await caller.effects("number")) == 1


async def test_a_type_without_an_active_schema_has_no_numbers(caller: Caller) -> None:
    status, answer = await caller.post(NEXT.replace("invoiceNo", "quoteNo"), {})
    assert status == 404
    assert answer["message"] == "Active schema with the type quoteNoSequence doesn't exist!"


async def test_schemas_are_listed_and_say_which_is_active(caller: Caller) -> None:
    await activate(caller, preText="A-", placeholders={"__area__": {"required": False, "default": "X"}})
    await draw(caller)
    _, schemas = await caller.get(f"{SCHEMAS}/types/invoiceNoSequence")
    assert [(each["name"], each["active"], each["counter"]) for each in schemas] == [
        ("Invoices", False, 0),
        ("Mine", True, 1),
    ]
    assert schemas == (await caller.get(SCHEMAS))[1]
    assert await caller.get(f"{SCHEMAS}/{schemas[1]['id']}") == (200, schemas[1])
    assert schemas[1]["placeholders"] == {"__area__": {"required": False, "default": "X"}}
    assert (await caller.get(f"{SCHEMAS}/types/quoteNoSequence"))[1] == []


async def test_a_type_whose_active_schema_was_deleted_has_no_numbers(caller: Caller) -> None:
    assert [(await caller.call("DELETE", f"{SCHEMAS}/default"))[0] for _ in range(2)] == [204, 204]
    assert (await draw(caller))[0] == 404
    assert (await caller.post(f"{SCHEMAS}/default/setActive"))[0] == 404
    assert (await caller.get(f"{SCHEMAS}/default"))[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"schemaType": "invoice No"},
        {"maxValue": 0},
        {"numberOfDigits": -1},
        {"startValue": "1"},
        {"colour": "blue"},
        {"placeholders": {"area": {"required": True}}},
        {"placeholders": {"__area__": {}}},
        {"placeholders": {"__area__": {"required": True, "arrayLimit": 0}}},
        {"placeholders": {"__area__": {"required": True, "sitePath": "mixins"}}},
        {"placeholders": {"__area__": {"required": True, "sitePath": "metadata.version"}}},
    ],
)
async def test_a_schema_that_could_never_give_a_number_is_refused(caller: Caller, change: dict[str, object]) -> None:
    base = {"name": "Mine", "schemaType": "invoiceNoSequence", "startValue": 0, "maxValue": 99, "numberOfDigits": 3}
    assert (await caller.post(SCHEMAS, {**base, **change}))[0] == 400
    assert len((await caller.get(SCHEMAS))[1]) == 1


@pytest.mark.parametrize(
    ("rule", "filled"),
    [
        ({"sitePath": "currency"}, "EUR"),
        ({"sitePath": "homeBase.address.zipCode"}, "10115"),
        ({"sitePath": "mixins.ours.regions"}, "N-S-E"),
        ({"sitePath": "mixins.ours.regions", "arrayLimit": 2, "delimiter": "+"}, "N+S"),
        ({"sitePath": "mixins.ours.regions.3"}, "W"),
        ({"sitePath": "mixins.ours.parts.0.name"}, "first"),
        ({"sitePath": "mixins.ours.text"}, "x" * 100),
        ({"sitePath": "mixins.ours", "required": False, "default": "-"}, "-"),
        ({"sitePath": "mixins.nothing", "required": False, "default": "-"}, "-"),
    ],
)
async def test_a_placeholder_can_point_into_the_site(caller: Caller, rule: dict[str, object], filled: str) -> None:
    ours = {"regions": ["N", "S", "E", "W"], "parts": [{"name": "first"}], "text": "x" * 101}
    await caller.post("/site/acme/sites/main/mixins", {"ours": ours})
    await activate(caller, preText="__it__/", placeholders={"__it__": {"required": True, **rule}})
    assert await draw(caller, site="main") == (201, {"id": f"{filled}/001"})


@pytest.mark.parametrize(("path", "site"), [("mixins.nothing", "main"), ("mixins.merchantInfo", "main"), ("name", "")])
async def test_a_required_placeholder_that_points_to_nothing_is_missing(caller: Caller, path: str, site: str) -> None:
    await activate(caller, preText="__it__/", placeholders={"__it__": {"required": True, "sitePath": path}})
    status, answer = await draw(caller, site=site)
    assert (status, answer["errorDetails"][0]["field"]) == (400, "__it__")
    assert await draw(caller, {"placeholders": {"__it__": "Y"}}, site=site) == (201, {"id": "Y/002"})


async def test_a_call_without_a_body_is_refused(caller: Caller) -> None:
    assert (await caller.call("POST", NEXT))[0] == 400
