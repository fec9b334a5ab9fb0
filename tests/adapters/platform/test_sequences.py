"""How numbers are drawn, and what is known when none comes back."""

from __future__ import annotations

import pytest

from adapters.platform import Platform
from domain.errors import InDoubt, InvoicingError, Misconfigured, PlatformDenied, SeriesExhausted, Unavailable
from domain.numbering import Series, SeriesName
from fakes.lying_server import LyingServer, Reply

SERIES = Series(SeriesName("invoiceNoSequence"), "main shop", (("__num__", ""), ("__year__", "2026")))


async def test_a_number_is_drawn_for_the_site_with_the_placeholders(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": "INV-1/26"}, 201))
    assert await platform.sequences.draw(SERIES) == "INV-1/26"
    asked = server.asked[0]
    assert asked.path == "/sequential-id/acme/schemas/types/invoiceNoSequence/nextId?siteCode=main%20shop"
    assert asked.content == {"placeholders": {"__num__": "", "__year__": "2026"}}


async def test_a_body_is_sent_though_there_is_nothing_to_say(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": 17}, 201))
    assert await platform.sequences.draw(Series(SERIES.name, "")) == "17"
    assert (server.asked[0].body, server.asked[0].query) == (b"{}", {})


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        (Reply.json({"message": "Active schema doesn't exist!"}, 404), Misconfigured, "NOT_CONFIGURED"),
        (Reply.json({"message": "MaxValue is exceeded"}, 409), SeriesExhausted, "SERIES_EXHAUSTED"),
        (Reply.json({"message": "Required Placeholder is missing"}, 400), Misconfigured, "NOT_CONFIGURED"),
        (Reply(403), PlatformDenied, "PLATFORM_DENIED"),
        (Reply(429), Unavailable, "PLATFORM_UNAVAILABLE"),
        (Reply(500), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply(503), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply(drop=True), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply(hang=True), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply.json({}, 201), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply.json({"id": None}, 201), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply.json({"id": " "}, 201), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply.json({"id": "INV\r\nBcc: x"}, 201), InDoubt, "PLATFORM_UNAVAILABLE"),
        (Reply.json({"id": "9" * 101}, 201), InDoubt, "PLATFORM_UNAVAILABLE"),
    ],
)
async def test_what_goes_wrong_says_whether_a_number_may_be_burnt(
    platform: Platform, server: LyingServer, reply: Reply, error: type[InvoicingError], reason: str
) -> None:
    server.says(reply)
    with pytest.raises(error) as raised:
        await platform.sequences.draw(SERIES)
    assert isinstance(raised.value, InDoubt) == (error is InDoubt)
    assert raised.value.reason == reason
    assert len(server.asked) == 1


async def test_a_missing_placeholder_is_told_in_the_platforms_words(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"message": "Required Placeholder is missing"}, 400))
    with pytest.raises(Misconfigured, match="Required Placeholder is missing") as raised:
        await platform.sequences.draw(SERIES)
    assert "`placeholders` (now __num__, __year__)" in raised.value.message


async def test_a_counter_of_ones_own_is_named(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": "INV1"}, 201))
    await platform.sequences.draw(Series(SERIES.name, "main", key="2026-vendor"))
    assert server.asked[0].content == {"sequenceKey": "2026-vendor"}


async def test_a_key_that_may_draw_no_numbers_is_told_which_scope_it_lacks(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply(403))
    with pytest.raises(PlatformDenied, match=r"needs the scope sequentialid\.schema_view"):
        await platform.sequences.draw(SERIES)
