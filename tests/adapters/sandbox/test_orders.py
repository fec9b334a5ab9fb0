"""Orders: read, searched, and changed by who has the latest version."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from adapters.sandbox.demo.baskets import Basket, Circumstances, Item, order_of
from adapters.sandbox.demo.buyers import ANNA
from adapters.sandbox.demo.prices import GERMANY
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.listing import Listing
from adapters.sandbox.orders import PAGES, OrderBook
from fakes.clock import NOON, FakeClock
from fakes.sandbox_caller import Caller

ORDERS = "/order-v2/globex/salesorders"


def a_document(order_id: str = "O1", **changes: Any) -> dict[str, Any]:
    """An order as short as it can be."""
    return {"id": order_id, "status": "CREATED", "created": f"2026-11-0{len(order_id)}T08:00:00Z", **changes}


async def read(caller: Caller, order_id: str = "O1") -> dict[str, Any]:
    """An order of globex."""
    _, found = await caller.get(f"{ORDERS}/{order_id}")
    return dict(found)


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

    async def test_fields_of_documents_in_a_list_come_from_each_of_them(self, globex: Caller) -> None:
        entries = [{"id": "a", "price": {"x": 1, "y": 2}}, {"id": "b"}]
        await globex.add(a_document(entries=entries), tenant="globex")
        _, found = await globex.get(f"{ORDERS}?fields=entries.price.x,entries.id")
        assert found == [{"entries": [{"id": "a", "price": {"x": 1}}, {"id": "b"}]}]
        _, found = await globex.get(f"{ORDERS}?fields=entries.id,entries")
        assert found == [{"entries": entries}]

    async def test_numbers_are_sorted_by_what_they_are_worth(self, globex: Caller) -> None:
        totals = {"O1": 10, "O22": Decimal("9.5"), "O333": 100}
        await globex.add(*(a_document(key, total=total) for key, total in totals.items()), tenant="globex")
        assert await ids(globex, "sort=total") == ["O22", "O1", "O333"]

    async def test_every_page_shows_the_orders_as_they_are_now(self, globex: Caller) -> None:
        await globex.add(*(a_document(f"O{n}") for n in range(4)), tenant="globex")
        assert await ids(globex, "q=status:CREATED&pageSize=2") == ["O0", "O1"]
        await patch(globex, {"status": "CONFIRMED"})
        assert await ids(globex, "q=status:CREATED&pageSize=2&pageNumber=2") == ["O3"]
        await globex.add(a_document("O4"), tenant="globex")
        assert await ids(globex, "q=status:CREATED&pageSize=2&pageNumber=2") == ["O3", "O4"]

    async def test_what_a_search_asks_for_is_evaluated_once_for_all_its_pages(self) -> None:
        read: list[str] = []

        class Watched(dict[str, Any]):
            def get(self, name: str, default: Any = None) -> Any:
                read.append(name)
                return super().get(name, default)

        book = OrderBook("acme", EffectLog(FakeClock()), lambda _: 2)
        for n in range(30):
            book.put(Watched(a_document(f"O{n}")))
        for page in range(1, 4):
            params = {"pageNumber": str(page), "pageSize": "10"}
            assert book.search(Listing.of(params, "status:CREATED", PAGES))[1] == 30
        assert read.count("status") == 30

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

    @pytest.mark.parametrize("params", ["?recalculate=true", "?recalculate=maybe"])
    async def test_an_order_without_prices_cannot_be_recalculated(self, globex: Caller, params: str) -> None:
        assert (await patch(globex, {"status": "CONFIRMED"}, params))[0] == 400
        assert (await globex.get(f"{ORDERS}/O1"))[1]["status"] == "CREATED"

    async def test_payments_are_written_as_a_whole(self, globex: Caller) -> None:
        for payments in ([{"method": "a"}, {"method": "b"}], [{"method": "c"}]):
            await patch(globex, {"payments": payments})
            assert (await globex.get(f"{ORDERS}/O1"))[1]["payments"] == payments

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


class TestReplacing:
    NEW: ClassVar[dict[str, Any]] = {"entries": [], "customer": {"id": "c"}, "calculatedPrice": {}, "currency": "EUR"}

    @pytest.fixture(autouse=True)
    async def order(self, globex: Caller) -> None:
        await globex.add(a_document(mixins={"a": 1}), tenant="globex")

    async def test_nothing_stays_but_what_is_the_platforms_own(self, globex: Caller) -> None:
        assert (await globex.call("PUT", f"{ORDERS}/O1", {**self.NEW, "metadata": {"version": 1}}))[0] == 204
        own = {"id": "O1", "status": "CREATED", "created": "2026-11-02T08:00:00Z", "metadata": {"version": 2}}
        assert await read(globex) == {**self.NEW, **own}

    @pytest.mark.parametrize(
        ("change", "status"), [({"metadata": {"version": 7}}, 409), ({"entries": None}, 400), ({"id": "O2"}, 400)]
    )
    async def test_a_stale_version_another_id_or_nothing_is_refused(
        self, globex: Caller, change: dict[str, Any], status: int
    ) -> None:
        assert (await globex.call("PUT", f"{ORDERS}/O1", {**self.NEW, **change}))[0] == status

    @pytest.mark.parametrize("missing", ["entries", "customer", "calculatedPrice"])
    async def test_what_every_order_has_must_be_there(self, globex: Caller, missing: str) -> None:
        new = {name: value for name, value in self.NEW.items() if name != missing}
        status, answer = await globex.call("PUT", f"{ORDERS}/O1", new)
        assert (status, answer["details"][0]["field"]) == (400, missing)


class TestTransitions:
    @pytest.mark.parametrize(
        ("before", "after", "status"),
        [
            ("CREATED", "CONFIRMED", 204),
            ("CONFIRMED", "COMPLETED", 204),
            ("CREATED", "COMPLETED", 400),
            ("DECLINED", "CREATED", 400),
            ("CREATED", "nonsense", 400),
        ],
    )
    async def test_a_status_follows_only_some(self, globex: Caller, before: str, after: str, status: int) -> None:
        await globex.add(a_document(status=before), tenant="globex")
        assert (await globex.post(f"{ORDERS}/O1/transitions", {"status": after}))[0] == status
        assert (await read(globex))["status"] == (after if status == 204 else before)


class TestDelivering:
    """A line of 3 pieces and one of 1; shipping on top."""

    ORDER: ClassVar[dict[str, Any]] = order_of(
        "O1",
        ANNA,
        Basket(GERMANY, (Item("A", "A", Decimal(10), 3), Item("B", "B", Decimal(5), reduced=True)), Decimal("4.90")),
        Circumstances(created=NOON),
    )
    WHERE = f"{ORDERS}/O1/calculations"

    @pytest.fixture(autouse=True)
    async def order(self, globex: Caller) -> None:
        await globex.add(deepcopy(self.ORDER), tenant="globex")

    async def deliver(self, caller: Caller, **amounts: int) -> tuple[int, Any]:
        entries = [{"entryId": entry_id, "deliveredAmount": amount} for entry_id, amount in amounts.items()]
        return await caller.post(self.WHERE, {"entries": entries})

    async def test_the_answer_is_empty_and_the_order_has_changed(self, globex: Caller) -> None:
        assert await self.deliver(globex, **{"0_A": 2}) == (200, b"")
        found = await read(globex)
        line = found["entries"][0]
        assert (line["amount"], line["orderedAmount"], line["calculatedPrice"]["finalPrice"]["grossValue"]) == (
            2,
            3,
            20,
        )
        assert found["entries"][1] == self.ORDER["entries"][1]
        assert found["calculatedPrice"]["finalPrice"]["grossValue"] == Decimal("29.900")
        assert found["metadata"]["version"] == 2
        (effect,) = await globex.effects("order_recalculated", tenant="globex")
        assert (effect["order_id"], effect["version"]) == ("O1", 2)

    async def test_the_same_delivery_twice_is_like_once(self, globex: Caller) -> None:
        await self.deliver(globex, **{"0_A": 1})
        once = await read(globex)
        await patch(globex, {"status": "CONFIRMED"})
        await self.deliver(globex, **{"0_A": 1})
        twice = await read(globex)
        assert (twice["entries"], twice["calculatedPrice"]) == (once["entries"], once["calculatedPrice"])

    async def test_a_line_of_which_nothing_came_can_still_come(self, globex: Caller) -> None:
        await self.deliver(globex, **{"0_A": 0, "1_B": 0})
        assert (await read(globex))["calculatedPrice"]["finalPrice"]["grossValue"] == Decimal("4.900")
        await self.deliver(globex, **{"0_A": 3, "1_B": 1})
        assert (await read(globex))["calculatedPrice"] == self.ORDER["calculatedPrice"]

    async def test_pieces_are_kept_where_they_are_told(self, globex: Caller) -> None:
        entry = {"entryId": "0_A", "deliveredAmount": 3, "deliveredAmountInPc": 6, "unit": "KGM"}
        assert (await globex.post(self.WHERE, {"entries": [entry]}))[0] == 200
        assert (await read(globex))["entries"][0]["packedAmountInPc"] == 6

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            {"entries": [{"entryId": "0_A"}]},
            {"entries": [{"entryId": "nothing", "deliveredAmount": 1}]},
            {"entries": [{"entryId": "0_A", "deliveredAmount": -1}]},
        ],
    )
    async def test_what_cannot_be_delivered_is_refused(self, globex: Caller, body: object) -> None:
        assert (await globex.call("POST", self.WHERE, body))[0] == 400
        assert (await read(globex))["metadata"]["version"] == 1

    async def test_an_order_whose_prices_make_no_sense_cannot_be_calculated(self, globex: Caller) -> None:
        await globex.add({**deepcopy(self.ORDER), "calculatedPrice": [7]}, tenant="globex")
        assert (await self.deliver(globex, **{"0_A": 1}))[0] == 400

    async def test_it_needs_the_scope_to_change_orders(self, globex: Caller) -> None:
        poor = await globex.as_holder_of("order.order_read tenant=globex")
        assert (await self.deliver(poor, **{"0_A": 1}))[0] == 403

    async def test_a_change_can_ask_for_the_sums_of_the_lines(self, globex: Caller) -> None:
        wrong = {"calculatedPrice": {"finalPrice": {"grossValue": 1}}}
        assert (await patch(globex, wrong))[0] == 204
        assert (await read(globex))["calculatedPrice"]["finalPrice"]["grossValue"] == 1
        assert (await patch(globex, {}, "?recalculate=true"))[0] == 204
        assert (await read(globex))["calculatedPrice"] == self.ORDER["calculatedPrice"]
