"""Orders: read, searched, and changed by who has the latest version."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fakes.sandbox_caller import Caller

ORDERS = "/order-v2/globex/salesorders"


def a_document(order_id: str = "O1", **changes: Any) -> dict[str, Any]:
    """An order as short as it can be."""
    return {"id": order_id, "status": "CREATED", "created": f"2026-11-0{len(order_id)}T08:00:00Z", **changes}


@pytest.fixture
async def globex(caller: Caller) -> Caller:
    """A caller of globex, which starts without orders."""
    return await caller.as_holder_of("tenant=globex")


async def ids(caller: Caller, params: str) -> list[str]:
    """What a list with these parameters names."""
    status, found = await caller.get(f"{ORDERS}?{params}")
    assert status == 200, found
    return [order["id"] for order in found]


async def patch(caller: Caller, body: object, params: str = "?recalculate=false") -> tuple[int, Any]:
    """Changes O1."""
    return await caller.call("PATCH", f"{ORDERS}/O1{params}", body)


class TestReading:
    async def test_an_order_comes_back_digit_by_digit(self, globex: Caller) -> None:
        prices = {
            "netValue": Decimal("9.340"),
            "grossValue": Decimal("10.00"),
            "big": Decimal("12345678901234567890.1"),
        }
        await globex.add(a_document(calculatedPrice=prices), tenant="globex")
        _, found = await globex.get(f"{ORDERS}/O1")
        assert {name: str(value) for name, value in found["calculatedPrice"].items()} == {
            name: str(value) for name, value in prices.items()
        }

    async def test_an_order_that_does_not_exist_is_told_so(self, globex: Caller) -> None:
        status, answer = await globex.get(f"{ORDERS}/O1")
        assert (status, answer["status"], answer["type"]) == (404, 404, "element_resource_non_existing")
        assert "O1" in answer["message"]

    async def test_tenants_do_not_see_each_others_orders(self, globex: Caller) -> None:
        await globex.add(a_document(), tenant="acme")
        assert (await globex.get(f"{ORDERS}/O1"))[0] == 404

    async def test_an_order_may_hold_any_nonsense_besides_its_id(self, globex: Caller) -> None:
        nonsense = a_document(payments=[1, {"transactionId": 7}], metadata=[], entries="none", status={})
        await globex.add(nonsense, tenant="globex")
        status, found = await globex.get(f"{ORDERS}/O1")
        assert (status, found["payments"], found["entries"]) == (200, nonsense["payments"], "none")
        assert await ids(globex, "q=status:CREATED") == []


class TestSearching:
    async def test_a_page_has_16_orders_and_the_header_says_how_many_there_are(self, globex: Caller) -> None:
        await globex.add(*(a_document(f"O{n}") for n in range(40)), tenant="globex")
        assert len(await ids(globex, "")) == 16
        assert len(await ids(globex, "pageNumber=3")) == 8
        assert await ids(globex, "pageNumber=4") == []
        for method in ("GET", "HEAD"):
            async with globex.session.request(
                method, ORDERS, headers={"Authorization": f"Bearer {globex.token}"}
            ) as response:
                assert response.headers["X-Total-Count"] == "40"

    async def test_both_ways_to_search_find_the_same(self, globex: Caller) -> None:
        await globex.add(a_document("O1"), a_document("O2", status="SHIPPED"), tenant="globex")
        status, found = await globex.post(f"{ORDERS}/search", {"q": "status:SHIPPED"})
        assert (status, [order["id"] for order in found]) == (200, await ids(globex, "q=status:SHIPPED"))
        assert [order["id"] for order in found] == ["O2"]

    async def test_orders_are_sorted_both_ways(self, globex: Caller) -> None:
        await globex.add(a_document("O333"), a_document("O1"), a_document("O22"), tenant="globex")
        assert await ids(globex, "sort=created:asc") == ["O1", "O22", "O333"]
        assert await ids(globex, "sort=created:desc") == ["O333", "O22", "O1"]

    async def test_only_the_fields_that_were_asked_for_come(self, globex: Caller) -> None:
        mixins = {"generalAttributes": {"extendedOrderStatus": "05", "x": 1}, "other": {}}
        await globex.add(a_document(mixins=mixins), tenant="globex")
        fields = "id,mixins.generalAttributes.extendedOrderStatus,mixins.nothing"
        _, found = await globex.get(f"{ORDERS}?fields={fields}")
        assert found == [{"id": "O1", "mixins": {"generalAttributes": {"extendedOrderStatus": "05"}}}]

    @pytest.mark.parametrize(
        "params",
        [
            "q=nonsense",
            "q=status:(A;B)",
            "q=status:A%20OR%20status:B",
            "pageSize=0",
            "pageNumber=-1",
            "pageSize=many",
            "sort=created:up",
            "expand=all",
        ],
    )
    async def test_what_is_not_understood_is_refused_and_not_ignored(self, globex: Caller, params: str) -> None:
        status, answer = await globex.get(f"{ORDERS}?{params}")
        assert (status, answer["type"]) == (400, "validation_violation")

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"q": 1}', b"{"])
    async def test_a_search_without_a_query_is_refused(self, globex: Caller, body: bytes) -> None:
        assert (await globex.call("POST", f"{ORDERS}/search", body))[0] == 400


class TestPatching:
    @pytest.fixture(autouse=True)
    async def order(self, globex: Caller) -> None:
        document = a_document(mixins={"a": {"x": 1, "y": [1, 2]}}, metadata={"version": 3, "mixins": {"a": "url"}})
        await globex.add(document, tenant="globex")

    async def test_a_change_is_merged_and_the_version_grows(self, globex: Caller) -> None:
        change = {"mixins": {"a": {"y": [3]}, "invoice": {"invoiceNo": "INV1"}}, "metadata": {"version": 3}}
        assert await patch(globex, change) == (204, b"")
        _, found = await globex.get(f"{ORDERS}/O1")
        assert found["mixins"] == {"a": {"x": 1, "y": [3]}, "invoice": {"invoiceNo": "INV1"}}
        assert found["metadata"] == {"version": 4, "mixins": {"a": "url"}}
        assert found["status"] == "CREATED"
        (effect,) = await globex.effects("order_patched", tenant="globex")
        assert (effect["order_id"], effect["version"]) == ("O1", 4)

    async def test_of_two_who_read_the_same_version_one_wins(self, globex: Caller) -> None:
        statuses = [
            (await patch(globex, {"status": s, "metadata": {"version": 3}}))[0] for s in ("CONFIRMED", "DECLINED")
        ]
        assert statuses == [204, 409]
        assert (await globex.get(f"{ORDERS}/O1"))[1]["status"] == "CONFIRMED"

    async def test_a_stale_version_is_told_in_the_platforms_words(self, globex: Caller) -> None:
        status, answer = await patch(globex, {"metadata": {"version": 2}})
        assert (status, answer) == (
            409,
            {
                "status": 409,
                "type": "conflict_resource",
                "message": "Order update cannot be done. Update version is not valid.",
            },
        )
        assert await globex.effects(tenant="globex") == []

    async def test_who_sends_no_version_is_not_protected(self, globex: Caller) -> None:
        assert (await patch(globex, {"status": "CONFIRMED"}))[0] == 204

    async def test_nothing_is_recalculated(self, globex: Caller) -> None:
        assert (await patch(globex, {}, "?recalculate=true"))[0] == 400

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": "O2"}'])
    async def test_what_is_no_change_is_refused(self, globex: Caller, body: bytes) -> None:
        assert (await patch(globex, body))[0] == 400

    async def test_an_order_that_does_not_exist_cannot_be_changed(self, globex: Caller) -> None:
        status, _ = await globex.call("PATCH", f"{ORDERS}/O2", {})
        assert status == 404

    async def test_a_completed_order_needs_a_scope_of_its_own(self, globex: Caller) -> None:
        await patch(globex, {"status": "COMPLETED"})
        poor = await globex.as_holder_of("order.order_update tenant=globex")
        rich = await globex.as_holder_of("order.order_update_completed tenant=globex")
        assert (await patch(poor, {}))[0] == 403
        assert (await patch(rich, {}))[0] == 204
