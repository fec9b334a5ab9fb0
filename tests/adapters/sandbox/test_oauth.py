"""Who gets in, and how the others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fakes.clock import FakeClock
from fakes.sandbox_caller import Caller

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
    ],
)
async def test_a_missing_scope_is_named(caller: Caller, method: str, path: str, scope: str) -> None:
    poor = await caller.as_holder_of("sequentialid.schema_manage tenant=acme")
    status, answer = await poor.call(method, path, {})
    assert status == 403
    assert scope in str(answer["details"])
    assert await caller.effects() == []


async def test_a_site_needs_a_token_but_no_scope(caller: Caller) -> None:
    poor = await caller.as_holder_of("media.asset_read tenant=acme")
    assert (await poor.get("/site/acme/sites/main"))[0] == 200
