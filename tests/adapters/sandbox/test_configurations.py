"""Configuration: values by key, each with a version."""

from __future__ import annotations

import pytest

from fakes.sandbox_caller import Caller

CONFIGURATIONS = "/configuration/acme/configurations"


async def test_the_invoice_settings_are_those_of_the_documentation(caller: Caller) -> None:
    status, found = await caller.get(f"{CONFIGURATIONS}/invoiceSettings")
    assert status == 200
    assert found["value"] == {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"}
    assert (found["key"], found["version"], found["secured"]) == ("invoiceSettings", 1, False)


async def test_what_is_not_configured_is_told_so(caller: Caller) -> None:
    status, answer = await caller.get(f"{CONFIGURATIONS}/nothing")
    assert (status, answer["type"], answer["message"]) == (404, "application/json", "Configuration not found")


async def test_configurations_are_created_as_a_list(caller: Caller) -> None:
    status, created = await caller.post(CONFIGURATIONS, [{"key": "a", "value": {"b": [1]}}])
    assert (status, created[0]["version"]) == (201, 1)
    assert (await caller.get(f"{CONFIGURATIONS}/a"))[1] == created[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"key": "a", "value": 1}, 400),
        ([{"value": 1}], 400),
        ([1], 400),
        ([{"key": "project_lang", "value": "de"}], 409),
    ],
)
async def test_what_cannot_be_created_is_refused(caller: Caller, body: object, status: int) -> None:
    assert (await caller.post(CONFIGURATIONS, body))[0] == status


async def test_a_value_is_changed_by_who_knows_its_version(caller: Caller) -> None:
    where = f"{CONFIGURATIONS}/project_lang"
    new = {"key": "project_lang", "value": "de", "version": 1}
    assert (await caller.call("PUT", where, new))[1]["version"] == 2
    assert (await caller.call("PUT", where, new))[0] == 409
    assert (await caller.get(where))[1]["value"] == "de"


@pytest.mark.parametrize("body", [{"key": "other"}, {}, []])
async def test_a_value_under_another_key_is_refused(caller: Caller, body: object) -> None:
    assert (await caller.call("PUT", f"{CONFIGURATIONS}/project_lang", body))[0] == 400


async def test_a_key_that_does_not_exist_cannot_be_changed(caller: Caller) -> None:
    assert (await caller.call("PUT", f"{CONFIGURATIONS}/new", {"key": "new", "value": 1}))[0] == 400


async def test_two_of_the_same_key_are_not_created(caller: Caller) -> None:
    assert (await caller.post(CONFIGURATIONS, [{"key": "a", "value": "b"}] * 2))[0] == 409
    assert (await caller.get(f"{CONFIGURATIONS}/a"))[0] == 404


async def test_configurations_are_listed_all_or_by_their_keys(caller: Caller) -> None:
    _, found = await caller.get(CONFIGURATIONS)
    assert [each["key"] for each in found] == ["invoiceSettings", "project_lang", "cust.notification.email.from"]
    _, found = await caller.get(f"{CONFIGURATIONS}?keys=project_lang,nothing")
    assert [each["key"] for each in found] == ["project_lang"]


async def test_a_configuration_that_was_deleted_is_gone(caller: Caller) -> None:
    where = f"{CONFIGURATIONS}/invoiceSettings"
    assert [(await caller.call("DELETE", where))[0] for _ in range(2)] == [204, 404]
    assert (await caller.get(where))[0] == 404


async def test_a_restricted_one_stays_and_one_to_be_read_only_does_not_change(caller: Caller) -> None:
    await caller.post(CONFIGURATIONS, [{"key": "a", "value": "b", "restricted": True, "readOnly": True}])
    assert (await caller.call("DELETE", f"{CONFIGURATIONS}/a"))[0] == 400
    assert (await caller.call("PUT", f"{CONFIGURATIONS}/a", {"key": "a", "value": "c"}))[0] == 400
    _, found = await caller.get(f"{CONFIGURATIONS}/a")
    assert (found["value"], found["version"], found["restricted"]) == ("b", 1, True)
