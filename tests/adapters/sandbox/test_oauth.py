"""Who gets in, and how the others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from adapters.sandbox.answers import Fault401
from adapters.sandbox.oauth import MOST_TOKENS, Key, Tokens
from fakes.clock import FakeClock
from fakes.sandbox_caller import KEY, Caller

ORDER = "/order-v2/acme/salesorders/EON1200"


def fault(said: str, code: str) -> dict[str, Any]:
    """The gateway's own way to refuse."""
    return {"fault": {"faultstring": said, "detail": {"errorcode": code}}}


INVALID = fault("Invalid access token", "oauth.v2.InvalidAccessToken")


async def test_a_token_names_its_scopes_tenant_and_life(caller: Caller) -> None:
    status, answer = await caller.ask_token(scope="order.order_read media.asset_read tenant=globex")
    assert status == 200
    assert answer.pop("access_token")
    assert answer == {
        "token_type": "Bearer",
        "expires_in": 14399,
        "scope": "order.order_read media.asset_read tenant=globex",
        "refresh_token": "",
        "refresh_token_expires_in": 0,
        "session_idle_time": 120,
    }


async def test_scopes_the_key_lacks_are_dropped_without_a_word(caller: Caller) -> None:
    status, answer = await caller.ask_token(scope="order.order_read order.order_delete tenant=acme")
    assert (status, answer["scope"]) == (200, "order.order_read tenant=acme")


async def test_who_asks_for_no_scope_gets_every_one(caller: Caller) -> None:
    _, answer = await caller.ask_token(scope="")
    caller.token = answer["access_token"]
    for tenant in ("acme", "globex"):
        status, _ = await caller.get(f"/configuration/{tenant}/configurations/project_lang")
        assert status == 200


@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"client_id": "nobody"}, "Invalid ApiKey", "oauth.v2.InvalidApiKey"),
        ({"client_secret": "wrong"}, "Invalid client credentials", "oauth.v2.InvalidClientIdentifier"),
        ({"scope": "tenant=nobody"}, "Invalid ApiKey for given resource", "oauth.v2.InvalidApiKeyForGivenResource"),
    ],
)
async def test_wrong_credentials_get_the_gateways_fault(
    caller: Caller, changes: dict[str, str], said: str, code: str
) -> None:
    assert await caller.ask_token(**changes) == (401, fault(said, code))


async def test_another_grant_type_is_refused(caller: Caller) -> None:
    status, _ = await caller.ask_token(grant_type="password")
    assert status == 400


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic c2FuZGJveA=="])
async def test_without_a_token_the_gateway_lets_nobody_in(caller: Caller, authorization: str) -> None:
    assert await caller.get(ORDER, Authorization=authorization) == (401, INVALID)


async def test_a_token_is_good_until_it_expires(caller: Caller, clock: FakeClock) -> None:
    clock.advance(timedelta(seconds=14398))
    assert (await caller.get(ORDER))[0] == 200
    clock.advance(timedelta(seconds=1))
    expired = fault("Access Token expired", "keymanagement.service.access_token_expired")
    assert await caller.get(ORDER) == (401, expired)


@pytest.mark.parametrize("tenant", ["globex", "nobody"])
async def test_a_token_of_another_tenant_opens_nothing(caller: Caller, tenant: str) -> None:
    status, answer = await caller.get(f"/order-v2/{tenant}/salesorders/EON1200")
    assert (status, answer["type"]) == (403, "insufficient_permissions")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", ORDER, "order.order_read"),
        ("PATCH", ORDER, "order.order_update"),
        ("GET", "/configuration/acme/configurations/project_lang", "configuration.configuration_view"),
        ("POST", "/sequential-id/acme/schemas/types/invoiceNoSequence/nextId", "sequentialid.schema_view"),
        ("GET", "/payment-gateway/acme/transactions/t-1", "payment-gateway.paymenttransactions_read"),
        ("POST", "/payment-gateway/acme/payment/t-1/capture", "payment-gateway.capture_manage"),
        ("POST", "/media/acme/assets", "media.asset_manage"),
        ("GET", "/site/acme/sites/main/mixins/merchantInfo", "site.site_manage"),
        ("GET", "/customer/acme/customers/c-anna", "customer.customer_read"),
    ],
)
async def test_a_missing_scope_is_named(caller: Caller, method: str, path: str, scope: str) -> None:
    poor = await caller.as_holder_of("sequentialid.schema_manage tenant=acme")
    status, answer = await poor.call(method, path, {})
    assert status == 403
    assert scope in str(answer)
    assert await caller.effects() == []


async def test_a_key_can_lack_scopes_and_no_token_has_them_then(caller: Caller) -> None:
    await caller.change_key(scopes=["order.order_read", "media.asset_read"])
    status, answer = await caller.ask_token(scope="order.order_read order.order_update tenant=acme")
    assert (status, answer["scope"]) == (200, "order.order_read tenant=acme")
    poor = Caller(caller.session, answer["access_token"])
    assert [(await poor.call(method, ORDER, {}))[0] for method in ("GET", "PATCH")] == [200, 403]


async def test_what_a_token_has_it_keeps_and_the_keys_of_others_stay_whole(caller: Caller) -> None:
    await caller.change_key(scopes=[])
    assert (await caller.get(ORDER))[0] == 200
    everywhere = await caller.as_holder_of("")
    paths = [f"/configuration/{tenant}/configurations/project_lang" for tenant in ("acme", "globex")]
    assert [(await everywhere.get(path))[0] for path in paths] == [403, 200]


async def test_tokens_can_be_made_to_live_short(caller: Caller, clock: FakeClock) -> None:
    await caller.change_key(expires_in=5)
    _, answer = await caller.ask_token()
    assert answer["expires_in"] == 5
    short = Caller(caller.session, answer["access_token"])
    clock.advance(timedelta(seconds=4))
    assert (await short.get(ORDER))[0] == 200
    clock.advance(timedelta(seconds=1))
    assert [(await each.get(ORDER))[0] for each in (short, caller)] == [401, 200]


async def test_tokens_can_be_withdrawn_in_the_middle_of_everything(caller: Caller) -> None:
    globex = await caller.as_holder_of("tenant=globex")
    assert await caller.call("DELETE", "/_sandbox/tokens?tenant=acme") == (200, {"withdrawn": 1})
    assert await caller.get(ORDER) == (401, INVALID)
    assert (await globex.get("/configuration/globex/configurations/project_lang"))[0] == 200


def test_of_too_many_tokens_the_oldest_are_forgotten() -> None:
    tokens = Tokens(FakeClock())
    tokens.keys["acme"] = Key()
    form = urlencode({**KEY, "scope": "tenant=acme"}).encode()
    given = [tokens.give(form)["access_token"] for _ in range(MOST_TOKENS + 1)]
    assert "acme" in tokens.grant(given[1]).scopes
    with pytest.raises(Fault401):
        tokens.grant(given[0])


async def test_a_call_for_two_tenants_at_once_is_refused(caller: Caller) -> None:
    named = {"Emporix-Tenant": "globex"}
    assert (await caller.get(ORDER, **named))[0] == 400
    assert (await caller.get(ORDER, **{"Emporix-Tenant": "acme"}))[0] == 200


@pytest.mark.parametrize("path", ["/sequential-id/sequenceSchemas", "/nothing", "/order-v2/acme/nothing"])
async def test_paths_that_do_not_exist_are_told_so(caller: Caller, path: str) -> None:
    for method in ("GET", "POST"):
        status, answer = await caller.call(method, path)
        assert (status, list(answer)) == (404, ["fault"])


async def test_a_site_needs_a_token_but_no_scope(caller: Caller) -> None:
    poor = await caller.as_holder_of("media.asset_read tenant=acme")
    assert (await poor.get("/site/acme/sites/main"))[0] == 200
