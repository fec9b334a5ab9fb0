"""Sites: as they come, and as they are changed."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sandbox import Sandbox
from fakes.sandbox_caller import Caller

MAIN = "/site/acme/sites/main"
MIXINS = f"{MAIN}/mixins"
SCHEMA = "https://schemas.example/ours.v1.json"


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

    async def test_of_the_mixins_one_can_be_asked_for(self, caller: Caller) -> None:
        _, found = await caller.get(f"{MAIN}?expand=payment:all,mixin:merchantInfo")
        assert list(found["mixins"]) == ["merchantInfo"]

    async def test_carts_are_calculated_as_finely_as_the_currency_is(self, caller: Caller) -> None:
        assert [(await site(caller, code))["cartCalculationScale"] for code in ("main", "tokyo")] == [3, 0]


class TestChanging:
    async def test_a_change_is_merged_and_stays(self, caller: Caller) -> None:
        change = {"name": "Ours", "homeBase": {"timezone": "Europe/Paris"}, "metadata": {"version": 1}}
        assert (await caller.call("PATCH", MAIN, change))[0] == 200
        found = await site(caller, "main")
        assert (found["name"], found["currency"], found["metadata"]["version"]) == ("Ours", "EUR", 2)
        assert found["homeBase"] == {"address": {"country": "DE", "zipCode": "10115"}, "timezone": "Europe/Paris"}
        assert (await site(caller, "other"))["name"] == "Acme other"

    async def test_of_two_who_read_the_same_version_one_wins(self, caller: Caller) -> None:
        change = {"name": "Ours", "metadata": {"version": 1}}
        assert [(await caller.call("PATCH", MAIN, change))[0] for _ in range(2)] == [200, 409]

    @pytest.mark.parametrize("body", [b"", b"[]", {"code": "other"}, {"mixins": 7}, {"metadata": None}])
    async def test_what_is_no_change_is_refused(self, caller: Caller, body: object) -> None:
        assert (await caller.call("PATCH", MAIN, body))[0] == 400
        assert (await site(caller, "main"))["metadata"]["version"] == 1

    async def test_an_inactive_site_is_there_only_for_who_manages_sites(self, caller: Caller) -> None:
        assert (await caller.call("PATCH", MAIN, {"active": False}))[0] == 200
        poor = await caller.as_holder_of("order.order_read tenant=acme")
        assert (await poor.get(MAIN))[0] == 403
        assert (await caller.get(MAIN))[1]["active"] is False

    async def test_sites_are_listed_the_inactive_ones_for_who_asks(self, caller: Caller) -> None:
        await caller.call("PATCH", "/site/acme/sites/swiss", {"active": False})
        listed = [await caller.get(f"/site/acme/sites{params}") for params in ("", "?includeInactive=true")]
        assert [[each["code"] for each in found] for _, found in listed] == [["main"], ["main", "swiss"]]
        poor = await caller.as_holder_of("order.order_read tenant=acme")
        assert (await poor.get("/site/acme/sites?includeInactive=true"))[0] == 403


class TestMixins:
    async def test_a_mixin_is_read_with_the_schema_it_follows(self, caller: Caller) -> None:
        mixin = {"x": 1, "metadata": {"schema": SCHEMA}}
        assert await caller.post(MIXINS, {"ours": mixin}) == (201, {"id": "ours"})
        assert await caller.get(f"{MIXINS}/ours") == (200, mixin)
        found = await site(caller, "main")
        assert (found["mixins"]["ours"], found["metadata"]["mixins"]) == ({"x": 1}, {"ours": SCHEMA})
        assert list((await caller.get(MIXINS))[1]) == ["generalShopSettings", "merchantInfo", "ours"]

    async def test_a_mixin_that_exists_is_not_created_again(self, caller: Caller) -> None:
        status, answer = await caller.post(MIXINS, {"merchantInfo": {}})
        assert (status, answer["type"]) == (409, "conflict_resource")
        assert (await site(caller, "main"))["mixins"]["merchantInfo"]["vatId"]

    @pytest.mark.parametrize("body", [{}, {"a": 1}, {"a": {}, "b": {}}, []])
    async def test_what_is_no_mixin_is_refused(self, caller: Caller, body: object) -> None:
        assert (await caller.post(MIXINS, body))[0] == 400

    @pytest.mark.parametrize("wrapped", [True, False])
    async def test_a_mixin_is_replaced_or_merged(self, caller: Caller, wrapped: bool) -> None:
        await caller.post(MIXINS, {"ours": {"x": 1, "y": 2, "metadata": {"schema": SCHEMA}}})
        new = {"x": 3}
        assert (await caller.call("PATCH", f"{MIXINS}/ours", {"ours": new} if wrapped else new))[0] == 200
        assert (await caller.get(f"{MIXINS}/ours"))[1] == {"x": 3, "y": 2, "metadata": {"schema": SCHEMA}}
        assert (await caller.call("PUT", f"{MIXINS}/ours", {"ours": new} if wrapped else new))[0] == 200
        assert (await caller.get(f"{MIXINS}/ours"))[1] == new

    async def test_a_mixin_that_was_deleted_is_gone(self, caller: Caller) -> None:
        where = f"{MIXINS}/generalShopSettings"
        assert [(await caller.call("DELETE", where))[0] for _ in range(2)] == [204, 404]
        status, answer = await caller.get(where)
        assert (status, answer["type"], answer["message"]) == (
            404,
            "resource_not_found",
            "Mixin with name 'generalShopSettings' could not be found",
        )
        assert "logoUrl" not in str(await site(caller, "main"))
        assert (await caller.call("PUT", where, {"logoUrl": "x"}))[0] == 404
