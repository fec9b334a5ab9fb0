"""Settings as operators write them: understood if anyone can, else named, with what to write instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Misconfigured
from domain.order import InvoiceSettings
from fakes.answering import Answers
from fakes.lying_server import Reply


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    async with Answers.given() as given:
        yield given


async def settings(answers: Answers, value: object) -> InvoiceSettings:
    answers.all(Reply.json({"key": "invoiceSettings", "value": value}))
    return await answers.platform.configurations.invoice_settings()


@pytest.mark.parametrize(
    ("threshold", "hours"),
    [
        ("24", 24),
        (" 24 ", 24),
        ("24h", 24),
        ("96 H", 96),
        ("96 hours", 96),
        ("1 hour", 1),
        ("24.0", 24),
        ("24.5", 24.5),
        (24, 24),
        (24.5, 24.5),
        (1e2, 100),
        ("024", 24),
        ("0", 0),
        (0, 0),
        ("0h", 0),
        (87_840, 87_840),
    ],
)
async def test_a_threshold_is_hours_however_they_are_written(answers: Answers, threshold: object, hours: float) -> None:
    assert (await settings(answers, {"threshold": threshold})).threshold == timedelta(hours=hours)


@pytest.mark.parametrize(
    "threshold",
    [
        None,
        "",
        " ",
        "h",
        "-1",
        -1,
        -0.5,
        "soon",
        "24,5",
        "1e3",
        "24 days",
        "24h30",
        "NaN",
        "inf",
        87_841,
        10**30,
        "9" * 400,
    ],
)
async def test_a_threshold_that_is_none_is_named_with_an_example(answers: Answers, threshold: object) -> None:
    with pytest.raises(
        Misconfigured, match=r'the configuration invoiceSettings needs a threshold: .* such as "24"'
    ) as r:
        await settings(answers, {"threshold": threshold})
    assert (r.value.reason, len(r.value.message) < 300) == ("NOT_CONFIGURED", True)


@pytest.mark.parametrize("threshold", [True, [24], {"hours": 24}])
async def test_a_threshold_of_another_kind_is_named_with_an_example(answers: Answers, threshold: object) -> None:
    with pytest.raises(
        Misconfigured, match=r'invoiceSettings cannot be read: threshold .* it needs \{"threshold": "24"'
    ):
        await settings(answers, {"threshold": threshold})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("70,75,76", ("70", "75", "76")),
        ("70, 75 ,76,", ("70", "75", "76")),
        ("05", ("05",)),
        (["70", 75], ("70", "75")),
        ("", ()),
        (" , ", ()),
        (None, ()),
        ([], ()),
    ],
)
async def test_a_list_is_parted_by_commas_and_left_empty_is_no_filter(
    answers: Answers, written: object, read: tuple[str, ...]
) -> None:
    found = await settings(answers, {"threshold": "24", "status": written, "extendedOrderStatus": written})
    assert (found.statuses, found.extended_statuses) == (read, read)


async def test_a_list_that_is_missing_is_no_filter(answers: Answers) -> None:
    assert await settings(answers, {"threshold": "24"}) == InvoiceSettings((), (), timedelta(hours=24))


@pytest.mark.parametrize("field", ["status", "extendedOrderStatus"])
@pytest.mark.parametrize(
    "value", ["CREATED OR CONFIRMED", "CREATED;CONFIRMED", 'A"', "a) id:(b", "\u202e", 70, {"70": True}, [None], [[70]]]
)
async def test_a_list_that_is_none_is_named_with_an_example(answers: Answers, field: str, value: Any) -> None:
    with pytest.raises(Misconfigured, match=rf"invoiceSettings .*\b{field}\b.*; it needs ") as raised:
        await settings(answers, {"threshold": "24", field: value})
    assert raised.value.message.isprintable()


@pytest.mark.parametrize("value", [None, "", "24", "null", "[[", [], {}, 24, True, "[" * 5000])
async def test_settings_that_are_none_say_what_is_needed(answers: Answers, value: object) -> None:
    with pytest.raises(Misconfigured, match=r"the configuration invoiceSettings .*needs"):
        await settings(answers, value)
