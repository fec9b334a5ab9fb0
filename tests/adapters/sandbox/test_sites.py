"""Sites and configuration, as they are set without anybody doing anything."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sandbox import Sandbox
from fakes.sandbox_caller import Caller

CONFIGURATIONS = "/configuration/acme/configurations"


async def site(caller: Caller, code: str, tenant: str = "acme") -> dict[str, Any]:
    """The site with its mixins."""
    _, found = await caller.get(f"/site/{tenant}/sites/{code}?expand=mixin:*")
    return dict(found)


class TestSites:
    @pytest.mark.parametrize("code", ["main", "GrossSite", "never heard of", "a%2Fb"])
    async def test_a_site_nobody_has_told_of_is_german(self, caller: Caller, code: str) -> None:
        found = await site(caller, code)
        assert (found["currency"], found["homeBase"]["timezone"]) == ("EUR", "Europe/Berlin")
        assert found["mixins"]["merchantInfo"]["vatId"].startswith("DE")

    async def test_some_sites_are_abroad(self, caller: Caller) -> None:
        assert [(await site(caller, code))["currency"] for code in ("swiss", "tokyo")] == ["CHF", "JPY"]

    async def test_mixins_come_only_to_who_asks_for_them(self, caller: Caller) -> None:
        _, found = await caller.get("/site/acme/sites/main")
        assert "mixins" not in found

    async def test_each_tenant_sells_under_its_own_name(self, caller: Caller) -> None:
        globex = await caller.as_holder_of("tenant=globex")
        names = [(await site(caller, "main")), (await site(globex, "main", "globex"))]
        assert [found["mixins"]["merchantInfo"]["merchantName"] for found in names] == [
            "Acme Handels GmbH",
            "Globex Handels GmbH",
        ]

    async def test_the_logo_lies_where_the_site_says_for_everybody_to_see(
        self, sandbox: Sandbox, caller: Caller
    ) -> None:
        url = (await site(caller, "main"))["mixins"]["generalShopSettings"]["logoUrl"]
        assert url.startswith(f"{sandbox.url}/")
        async with caller.session.get(url) as response:
            assert (response.status, response.content_type) == (200, "image/png")
            assert (await response.read()).startswith(b"\x89PNG\r\n")


class TestConfigurations:
    async def test_the_invoice_settings_are_those_of_the_documentation(self, caller: Caller) -> None:
        status, found = await caller.get(f"{CONFIGURATIONS}/invoiceSettings")
        assert status == 200
        assert found["value"] == {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"}
        assert (found["key"], found["version"], found["secured"]) == ("invoiceSettings", 1, False)

    async def test_what_is_not_configured_is_told_so(self, caller: Caller) -> None:
        status, answer = await caller.get(f"{CONFIGURATIONS}/nothing")
        assert (status, answer["type"], answer["message"]) == (404, "application/json", "Configuration not found")

    async def test_configurations_are_created_as_a_list(self, caller: Caller) -> None:
        status, created = await caller.post(CONFIGURATIONS, [{"key": "a", "value": {"b": [1]}}])
        assert (status, created[0]["version"]) == (201, 1)
        assert (await caller.get(f"{CONFIGURATIONS}/a"))[1] == created[0]

    @pytest.mark.parametrize(
        ("body", "status"),
        [({"key": "a", "value": 1}, 400), ([{"value": 1}], 400), ([1], 400), ([{"key": "project_lang"}], 409)],
    )
    async def test_what_cannot_be_created_is_refused(self, caller: Caller, body: object, status: int) -> None:
        assert (await caller.post(CONFIGURATIONS, body))[0] == status

    async def test_a_value_is_changed_by_who_knows_its_version(self, caller: Caller) -> None:
        where = f"{CONFIGURATIONS}/project_lang"
        new = {"key": "project_lang", "value": "de", "version": 1}
        assert (await caller.call("PUT", where, new))[1]["version"] == 2
        assert (await caller.call("PUT", where, new))[0] == 409
        assert (await caller.get(where))[1]["value"] == "de"

    @pytest.mark.parametrize("body", [{"key": "other"}, {}, []])
    async def test_a_value_under_another_key_is_refused(self, caller: Caller, body: object) -> None:
        assert (await caller.call("PUT", f"{CONFIGURATIONS}/project_lang", body))[0] == 400

    async def test_a_key_that_does_not_exist_cannot_be_changed(self, caller: Caller) -> None:
        assert (await caller.call("PUT", f"{CONFIGURATIONS}/new", {"key": "new", "value": 1}))[0] == 400
