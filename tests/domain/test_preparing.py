"""What a tenant needs, made where it is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Misconfigured, PlatformDenied
from domain.numbering import LocalNumbers, NumberPattern, NumberSchema, SeriesName
from domain.order import InvoiceSettings, Seller
from domain.preparing import DEFAULT, Outcome, Prepared, Wanted, prepare
from fakes.platform import SELLER
from fakes.preparations import BARE, Newcomer

LOGO = "https://acme.example/logo.png"
ALL = Wanted("main", sender="invoices@acme.example", logo_url=LOGO, seller=SELLER)
DONE, THERE, PLANNED, FAILED = Outcome.DONE, Outcome.THERE, Outcome.PLANNED, Outcome.FAILED


@pytest.fixture
def newcomer() -> Newcomer:
    return Newcomer()


async def prepared(newcomer: Newcomer, wanted: Wanted, *, dry_run: bool = False) -> dict[str, Prepared]:
    preparing = prepare(wanted, newcomer.tenant, newcomer.platform, dry_run=dry_run)
    return {each.preparation: each async for each in preparing}


async def outcomes(newcomer: Newcomer, wanted: Wanted, *, dry_run: bool = False) -> list[Outcome]:
    """Of settings, numbers, sender, logo and seller."""
    return [each.outcome for each in (await prepared(newcomer, wanted, dry_run=dry_run)).values()]


async def test_all_is_made_where_nothing_is_and_the_second_time_nothing(newcomer: Newcomer) -> None:
    assert await outcomes(newcomer, ALL) == [DONE] * 5
    assert newcomer.configurations.settings == DEFAULT
    assert newcomer.configurations.sender == "invoices@acme.example"
    assert [(schema.prefix, schema.active) for schema in newcomer.preparations.kept] == [("INV-", True)]
    assert newcomer.sites.kept["main"] == replace(BARE, logo_url=LOGO, seller=SELLER)
    made = newcomer.preparations.writes
    assert await outcomes(newcomer, ALL) == [THERE] * 5
    assert await outcomes(newcomer, replace(ALL, replace=True)) == [THERE] * 5
    assert newcomer.preparations.writes == made


async def test_for_a_tenant_with_its_own_numbers_no_schema_is_made(newcomer: Newcomer) -> None:
    newcomer.tenant = replace(newcomer.tenant, local=LocalNumbers(NumberPattern("RE-")))
    assert (await prepared(newcomer, ALL))["numbers"] == Prepared("numbers", THERE, "numbers are allocated here")
    assert newcomer.preparations.kept == []


async def test_credit_notes_that_have_a_series_of_their_own_get_a_schema_and_others_get_none(
    newcomer: Newcomer,
) -> None:
    newcomer.tenant = replace(newcomer.tenant, credit_note_series=SeriesName("creditNoteSequence"))
    told = [each.told async for each in prepare(ALL, newcomer.tenant, newcomer.platform, dry_run=False)]
    assert told[1:3] == ["numbers that begin with INV-", "numbers of credit notes that begin with CN-"]
    assert [(schema.prefix, schema.active) for schema in newcomer.preparations.credit_notes] == [("CN-", True)]
    other = replace(ALL, credit_note_prefix="GS-", replace=True)
    ends = [each.outcome async for each in prepare(other, newcomer.tenant, newcomer.platform, dry_run=False)]
    assert ends == [THERE, THERE, DONE, THERE, THERE, THERE]
    assert [schema.prefix for schema in newcomer.preparations.credit_notes if schema.active] == ["GS-"]
    assert [schema.prefix for schema in newcomer.preparations.kept] == ["INV-"]


async def test_a_dry_run_makes_nothing(newcomer: Newcomer) -> None:
    assert await outcomes(newcomer, ALL, dry_run=True) == [PLANNED] * 5
    assert newcomer.preparations.writes == 0


async def test_what_nobody_said_and_nobody_can_guess_fails_with_what_to_say(newcomer: Newcomer) -> None:
    ends = await prepared(newcomer, Wanted("main"))
    assert [end.outcome for end in ends.values()] == [DONE, DONE, FAILED, FAILED, FAILED]
    assert [
        option in end.remedy
        for end, option in zip([*ends.values()][2:], ("--mail-sender", "--logo", "--seller-vat-id"), strict=True)
    ] == [True] * 3
    assert "no seller name (BT-27), no seller street (BT-35)" in ends["seller"].told


async def test_what_is_there_stays_and_it_is_said_what_would_be_otherwise(newcomer: Newcomer) -> None:
    await prepared(newcomer, ALL)
    before = (newcomer.configurations.settings, newcomer.configurations.sender, newcomer.sites.kept["main"])
    other = Wanted(
        "main",
        statuses=("SHIPPED",),
        prefix="NEW-",
        sender="other@acme.example",
        logo_url=f"{LOGO}?2",
        seller=Seller(name="Other GmbH"),
    )
    ends = await prepared(newcomer, other)
    assert [end.outcome for end in ends.values()] == [THERE] * 5
    assert all(end.remedy.startswith("--replace would make it") for end in ends.values())
    assert (newcomer.configurations.settings, newcomer.configurations.sender, newcomer.sites.kept["main"]) == before
    assert await outcomes(newcomer, replace(other, replace=True)) == [DONE] * 5
    assert newcomer.configurations.settings == replace(DEFAULT, statuses=("SHIPPED",))
    assert newcomer.sites.kept["main"].seller == replace(SELLER, name="Other GmbH")


async def test_to_replace_touches_only_what_was_said(newcomer: Newcomer) -> None:
    await prepared(newcomer, replace(ALL, threshold=timedelta(hours=96), extended_statuses=("70",), prefix="A-"))
    assert await outcomes(newcomer, Wanted("main", replace=True)) == [THERE] * 5
    await prepared(newcomer, Wanted("main", statuses=("SHIPPED",), replace=True))
    assert newcomer.configurations.settings == InvoiceSettings(("SHIPPED",), ("70",), timedelta(hours=96))


async def test_a_schema_that_counted_before_goes_on_so_that_no_number_comes_again(newcomer: Newcomer) -> None:
    await prepared(newcomer, ALL)
    await prepared(newcomer, Wanted("main", prefix="B-", replace=True))
    await prepared(newcomer, Wanted("main", prefix="INV-", replace=True))
    assert [(schema.prefix, schema.active) for schema in newcomer.preparations.kept] == [("INV-", True), ("B-", False)]


async def test_a_schema_that_was_made_before_a_crash_is_activated_and_not_made_again(newcomer: Newcomer) -> None:
    newcomer.preparations.kept = [NumberSchema("s1", "Invoices", False, "INV-", (), 100)]
    await prepared(newcomer, ALL)
    assert [(schema.id, schema.active) for schema in newcomer.preparations.kept] == [("s1", True)]


async def test_settings_that_nobody_can_read_are_overwritten_only_if_that_was_said(newcomer: Newcomer) -> None:
    newcomer.configurations.settings = DEFAULT
    newcomer.configurations.trouble.strikes_before(Misconfigured("invoiceSettings cannot be read"))
    ends = await prepared(newcomer, Wanted("main"))
    assert (ends["settings"].outcome, ends["settings"].told) == (FAILED, "invoiceSettings cannot be read")
    newcomer.configurations.trouble.strikes_before(Misconfigured("invoiceSettings cannot be read"))
    assert (await prepared(newcomer, Wanted("main", replace=True)))["settings"].outcome is DONE


async def test_a_sender_and_a_seller_that_are_set_for_the_tenant_need_not_be_at_the_platform(
    newcomer: Newcomer,
) -> None:
    newcomer.tenant = replace(newcomer.tenant, mail_sender="set@acme.example", seller=SELLER)
    ends = await prepared(newcomer, Wanted("main", sender="other@acme.example", replace=True))
    assert [ends[name].outcome for name in ("sender", "seller")] == [THERE, THERE]
    assert newcomer.configurations.sender == ""


async def test_one_preparation_that_is_refused_keeps_none_of_the_others(newcomer: Newcomer) -> None:
    newcomer.sites.trouble.strikes_before(PlatformDenied("the platform forbids it: scope site.site_manage is missing"))
    ends = await prepared(newcomer, ALL)
    assert [end.outcome for end in ends.values()] == [DONE, DONE, DONE, FAILED, DONE]
    assert ends["logo"].told == "the platform forbids it: scope site.site_manage is missing"
