"""What the platform tells of a customer."""

from __future__ import annotations

import pytest

from adapters.platform import Platform
from domain.errors import PlatformDenied, Unavailable
from domain.order import Profile
from fakes.lying_server import LyingServer, Reply


async def test_a_customer_is_written_to_as_he_wants(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": "1", "contactEmail": " joan@example.com ", "preferredLanguage": "en_US"}))
    assert await platform.customers.profile("45/1") == Profile("joan@example.com", "en_US")
    assert server.asked[0].path == "/customer/acme/customers/45%2F1"


@pytest.mark.parametrize("reply", [Reply.json({}), Reply.json({"contactEmail": None}), Reply(404)])
async def test_of_a_customer_of_whom_nothing_is_known_there_is_nothing_to_tell(
    platform: Platform, server: LyingServer, reply: Reply
) -> None:
    server.says(reply)
    assert await platform.customers.profile("1") == Profile()


@pytest.mark.parametrize("language", [None, "", " ", 5, ["de"], {"code": "de"}])
async def test_a_language_that_cannot_be_read_is_no_wish(
    platform: Platform, server: LyingServer, language: object
) -> None:
    server.says(Reply.json({"contactEmail": "joan@example.com", "preferredLanguage": language}))
    assert await platform.customers.profile("1") == Profile("joan@example.com")


@pytest.mark.parametrize("customer_id", ["", "..", "."])
async def test_what_can_be_no_customers_id_is_not_asked_for(
    platform: Platform, server: LyingServer, customer_id: str
) -> None:
    assert await platform.customers.profile(customer_id) == Profile()
    assert server.asked == []


async def test_a_key_that_may_not_read_customers_is_told_which_scope_it_lacks(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply(403))
    with pytest.raises(PlatformDenied, match=r"needs the scope customer\.customer_read"):
        await platform.customers.profile("1")


@pytest.mark.parametrize("reply", [Reply(500), Reply.json([]), Reply.json({"contactEmail": 5}), Reply(drop=True)])
async def test_a_customer_that_cannot_be_read_now_may_be_later(
    platform: Platform, server: LyingServer, reply: Reply
) -> None:
    server.says(reply)
    with pytest.raises(Unavailable):
        await platform.customers.profile("1")
