"""The seam to the platform's HTTP, against a platform that misbehaves in every way it can."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from domain.capture import Transaction
from domain.errors import (
    InDoubt,
    InvoicingError,
    Misconfigured,
    OrderNotFound,
    PaymentRefused,
    PlatformDenied,
    Unavailable,
)
from domain.money import Currency
from domain.order import OrderId, TenantId, TransactionId
from fakes.clock import FakeClock
from fakes.lying_server import SECRET, LyingServer, Reply

EUR = Currency.of("EUR")
TRANSACTION = Reply.json({"id": "t-1", "entries": []})
RUBBISH = {
    "html": Reply(200, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"}),
    "nothing": Reply(200, b""),
    "text": Reply(200, b"OK", {"Content-Type": "text/plain"}),
    "another shape": Reply.json(["not", "what", "was", "promised"]),
    "no utf-8": Reply(200, b'{"id": "t-\xff", "entries": []}'),
    "deep nesting": Reply(200, b'{"entries":' + b"[" * 200_000),
    "half an object": Reply(200, b'{"id": "t-1", "entr'),
    "a lone surrogate": Reply(200, b'{"id": "\\udc00"}'),
    "a redirect": Reply(302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
    "an error": Reply.json({"message": "boom"}, 500),
    "an unknown error": Reply(599, b"?"),
    "eleven megabytes": Reply(200, b" " * 11 * 2**20),
    "a bomb": Reply(200, gzip.compress(b" " * 11 * 2**20), {"Content-Encoding": "gzip"}),
    "no gzip": Reply(200, b"not gzip", {"Content-Encoding": "gzip"}),
    "a closed connection": Reply(drop=True),
    "silence": Reply(hang=True),
}


async def transaction(platform: Platform) -> Transaction:
    return await platform.payments.transaction(TransactionId("t-1"))


@pytest.mark.parametrize("reply", RUBBISH.values(), ids=RUBBISH.keys())
async def test_rubbish_where_repeating_is_harmless_is_unavailable(
    platform: Platform, server: LyingServer, reply: Reply
) -> None:
    server.says(reply)
    with pytest.raises(Unavailable) as raised:
        await transaction(platform)
    assert raised.value.reason == "PLATFORM_UNAVAILABLE"
    assert "<html>" not in raised.value.message
    assert len(raised.value.message) < 400


@pytest.mark.parametrize("reply", RUBBISH.values(), ids=RUBBISH.keys())
async def test_rubbish_after_a_capture_was_sent_is_in_doubt(
    platform: Platform, server: LyingServer, reply: Reply
) -> None:
    server.says(reply)
    with pytest.raises(InDoubt) as raised:
        await platform.payments.capture(TransactionId("t-1"), Decimal("3.99"), EUR)
    assert raised.value.reason == "PAYMENT_OUTCOME_UNKNOWN"
    assert len(server.asked) == 1


async def test_a_capture_that_could_not_leave_is_unavailable_and_not_in_doubt(
    platform: Platform, server: LyingServer
) -> None:
    server.says(TRANSACTION)
    await transaction(platform)
    await server.stop()
    with pytest.raises(Unavailable):
        await transaction(platform)
    with pytest.raises(Unavailable, match="was not sent"):
        await platform.payments.capture(TransactionId("t-1"), Decimal(1), EUR)


async def test_a_capture_whose_token_does_not_come_is_unavailable_and_not_in_doubt(
    platform: Platform, server: LyingServer
) -> None:
    server.says_to_token_requests(Reply(hang=True))
    with pytest.raises(Unavailable, match="was not sent"):
        await platform.payments.capture(TransactionId("t-1"), Decimal(1), EUR)
    assert server.asked == []


async def test_an_expired_token_is_renewed_once_and_the_call_made_again(
    platform: Platform, server: LyingServer
) -> None:
    expired = Reply.json({"fault": {"faultstring": "Access Token expired"}}, 401)
    server.says(expired, TRANSACTION)
    assert (await transaction(platform)).id == "t-1"
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_is_refused_again_is_denied_in_the_platforms_words(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply.json({"fault": {"faultstring": "Invalid access token"}}, 401))
    with pytest.raises(PlatformDenied, match="Invalid access token"):
        await platform.payments.capture(TransactionId("t-1"), Decimal(1), EUR)
    assert len(server.asked) == 2


async def test_many_calls_at_once_share_one_token(platform: Platform, server: LyingServer) -> None:
    server.says(TRANSACTION)
    await asyncio.gather(*(transaction(platform) for _ in range(20)))
    assert len(server.token_requests) == 1


async def test_many_calls_whose_token_expired_share_one_new_token(platform: Platform, server: LyingServer) -> None:
    server.says(*[Reply.json({}, 401)] * 20, TRANSACTION)
    await asyncio.gather(*(transaction(platform) for _ in range(20)))
    assert len(server.token_requests) == 2


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others(
    platform: Platform, server: LyingServer
) -> None:
    server.says(TRANSACTION)
    first, second = asyncio.create_task(transaction(platform)), asyncio.create_task(transaction(platform))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).id == "t-1"
    assert len(server.token_requests) == 1


async def test_a_token_is_asked_anew_shortly_before_it_expires(
    platform: Platform, server: LyingServer, clock: FakeClock
) -> None:
    server.says(TRANSACTION)
    await transaction(platform)
    clock.advance(timedelta(seconds=14399 - 61))
    await transaction(platform)
    assert len(server.token_requests) == 1
    clock.advance(timedelta(seconds=2))
    await transaction(platform)
    assert len(server.token_requests) == 2


async def test_a_token_is_asked_for_the_tenant_and_the_scopes_that_are_needed(
    platform: Platform, server: LyingServer
) -> None:
    server.says(TRANSACTION)
    await transaction(platform)
    form = server.token_requests[0]
    assert (form["grant_type"], form["client_id"], form["client_secret"]) == ("client_credentials", "acme-key", SECRET)
    assert form["scope"].split()[-1] == "tenant=acme"
    assert "payment-gateway.capture_manage" in form["scope"].split()
    assert server.asked[0].headers["Emporix-Tenant"] == "acme"


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_refused_credentials_are_the_operators_matter(
    platform: Platform, server: LyingServer, status: int
) -> None:
    server.says_to_token_requests(Reply.json({"fault": {"faultstring": f"Invalid ApiKey {SECRET}"}}, status))
    with pytest.raises(PlatformDenied, match="credentials of tenant acme") as raised:
        await transaction(platform)
    assert SECRET not in str(raised.value)
    assert server.asked == []


async def test_a_token_service_that_fails_is_unavailable(platform: Platform, server: LyingServer) -> None:
    server.says_to_token_requests(Reply(503, b"", {"Retry-After": "7"}))
    with pytest.raises(Unavailable) as raised:
        await transaction(platform)
    assert raised.value.retry_after == timedelta(seconds=7)


async def test_neither_secret_nor_token_nor_body_comes_back_in_errors_or_logs(
    platform: Platform, server: LyingServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.says_to_token_requests(Reply.json({"message": SECRET}, 500))
    server.says(Reply.json({"message": "you sent Bearer token-2"}, 403))
    with capture_logs() as logs:
        errors = [await _raised(transaction(platform)) for _ in range(2)]
    told = " ".join([*map(repr, errors), *map(str, errors), repr(logs), caplog.text, repr(platform)])
    assert SECRET not in told
    assert "token-2" not in told
    assert "you sent Bearer ***" in told


async def _raised(asking: Awaitable[object]) -> InvoicingError:
    with pytest.raises(InvoicingError) as raised:
        await asking
    return raised.value


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Tue, 24 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Tue, 24 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(hours=1)),
        ("Wed, 24 Nov 2027 12:00:00 GMT", timedelta(hours=1)),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_retry_after_is_honoured_within_bounds(
    platform: Platform, server: LyingServer, told: str, wait: timedelta | None
) -> None:
    server.says(Reply(429, b"", {"Retry-After": told}))
    with pytest.raises(Unavailable) as raised:
        await transaction(platform)
    assert raised.value.retry_after == wait


async def test_a_capture_that_was_turned_away_for_haste_is_not_in_doubt(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply(429, b"", {"Retry-After": "3"}))
    with pytest.raises(Unavailable) as raised:
        await platform.payments.capture(TransactionId("t-1"), Decimal(1), EUR)
    assert raised.value.retry_after == timedelta(seconds=3)


async def test_redirects_are_not_followed(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(302, b"", {"Location": f"{server.url}/elsewhere"}), TRANSACTION)
    with pytest.raises(Unavailable):
        await transaction(platform)
    assert len(server.asked) == 1


async def test_a_forbidden_call_tells_which_scope_is_missing(platform: Platform, server: LyingServer) -> None:
    body = {"status": 403, "message": "Forbidden", "details": [{"message": "Missing scope 'payment-gateway.x'"}]}
    server.says(Reply.json(body, 403))
    with pytest.raises(PlatformDenied, match=r"Missing scope 'payment-gateway\.x'"):
        await transaction(platform)


async def test_what_the_platform_says_is_quoted_on_one_short_line(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"message": "no\r\nInjected: header \x1b[31m" + "x" * 9000}, 500))
    with pytest.raises(Unavailable) as raised:
        await transaction(platform)
    assert raised.value.message.isprintable()
    assert len(raised.value.message) < 400


async def test_names_from_outside_stay_names_in_the_path(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({}, 404))
    for name in ("a/../../oauth/token", "a?q=1#x", "ä b%2F", "a\r\nHost: evil"):
        with pytest.raises(PaymentRefused):
            await platform.payments.transaction(TransactionId(name))
        assert server.asked[-1].path.count("/") == 4
        assert server.asked[-1].query == {}


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_a_name_that_would_be_another_path_is_never_sent(
    platform: Platform, server: LyingServer, name: str
) -> None:
    with pytest.raises(OrderNotFound):
        await platform.orders.order(OrderId(name))
    assert server.asked == []


async def test_connections_are_used_again(platform: Platform, server: LyingServer) -> None:
    server.says(TRANSACTION)
    for _ in range(5):
        await transaction(platform)
    assert server.connections == 1


@pytest.mark.parametrize("url", ["", "api.emporix.io", "ftp://api.emporix.io", "https://", "https://host/?q=1"])
async def test_a_platform_url_that_is_none_is_the_operators_matter(url: str, clock: FakeClock) -> None:
    with pytest.raises(Misconfigured, match="platform URL"):
        async with Platform.connected(
            url=url, tenant=TenantId("acme"), client_id="k", client_secret=SECRET, clock=clock
        ):
            pass
