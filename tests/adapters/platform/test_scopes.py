"""What a key is asked to be allowed, and what is said when it is not."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from adapters.platform.scopes import ARCHIVE, NEEDED
from domain.order import TenantId
from fakes.clock import FakeClock
from fakes.lying_server import SECRET, TENANT, LyingServer, Reply


@pytest.mark.parametrize("archives", [False, True])
async def test_a_token_is_asked_for_with_what_is_needed_and_no_more(
    server: LyingServer, clock: FakeClock, *, archives: bool
) -> None:
    wanted = {*NEEDED, *ARCHIVE} if archives else {*NEEDED}
    async with Platform.connected(
        url=server.url,
        tenant=TenantId(TENANT),
        client_id="acme-key",
        client_secret=SECRET,
        clock=clock,
        archives=archives,
    ) as platform:
        await platform.customers.profile("1")
    assert set(server.token_requests[0]["scope"].split()) == {*wanted, "tenant=acme"}


async def test_scopes_that_the_key_lacks_are_named_once_a_token(platform: Platform, server: LyingServer) -> None:
    allowed = " ".join(scope for scope in NEEDED if scope != "order.order_update")
    token = {"access_token": "token-1", "expires_in": 14399, "scope": f"{allowed} tenant=acme"}
    server.says_to_token_requests(Reply.json(token))
    with capture_logs() as logs:
        await platform.customers.profile("1")
        await platform.customers.profile("1")
    warnings = [log for log in logs if log["log_level"] == "warning"]
    assert [log["lacking"] for log in warnings] == [["order.order_update"]]
