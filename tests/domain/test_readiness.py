"""Whether a tenant is ready for its first invoice, line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import PlatformDenied, Unavailable
from domain.numbering import LocalNumbers, NumberPattern, NumberSchema, SeriesName
from domain.order import Seller
from domain.preparing import Wanted, prepare
from domain.readiness import CHECKS, Finding, Inspected, Status, findings
from fakes.clock import NOON
from fakes.documents import FakeMailer
from fakes.platform import SELLER
from fakes.preparations import Newcomer

LOGO = "https://acme.example/logo.png"
NAMES = "token scopes settings orders numbers site logo seller payments sender mail".split()


@pytest.fixture
async def newcomer() -> Newcomer:
    """A tenant for whom all has been prepared."""
    newcomer = Newcomer()
    wanted = Wanted("main", sender="invoices@acme.example", logo_url=LOGO, seller=SELLER)
    async for _ in prepare(wanted, newcomer.tenant, newcomer.platform, dry_run=False):
        pass
    newcomer.sites.logos[LOGO] = b"\x89PNG"
    return newcomer


async def found(newcomer: Newcomer, mailer: FakeMailer | None = None, *sites: str) -> list[Finding]:
    inspected = Inspected(newcomer.tenant, newcomer.platform, mailer or FakeMailer(), NOON, sites)
    return [finding async for finding in findings(inspected)]


async def amiss(newcomer: Newcomer, mailer: FakeMailer | None = None) -> list[Finding]:
    return [finding for finding in await found(newcomer, mailer) if finding.status is not Status.OK]


async def test_of_a_tenant_that_was_prepared_nothing_is_missing(newcomer: Newcomer) -> None:
    assert [finding.check for finding in await found(newcomer)] == NAMES
    assert await amiss(newcomer) == []
    assert {check.name for check in CHECKS} <= set(NAMES)


def _without_settings(newcomer: Newcomer) -> None:
    newcomer.configurations.settings = None


def _without_schema(newcomer: Newcomer) -> None:
    newcomer.preparations.kept.clear()


def _with_inactive_schema(newcomer: Newcomer) -> None:
    newcomer.preparations.kept = [replace(schema, active=False) for schema in newcomer.preparations.kept]


def _without_logo(newcomer: Newcomer) -> None:
    newcomer.sites.kept["main"] = replace(newcomer.sites.kept["main"], logo_url="")


def _with_a_logo_that_is_not_there(newcomer: Newcomer) -> None:
    newcomer.sites.logos.clear()


def _without_vat_id(newcomer: Newcomer) -> None:
    newcomer.sites.kept["main"] = replace(newcomer.sites.kept["main"], seller=replace(SELLER, vat_id=""))


def _without_sender(newcomer: Newcomer) -> None:
    newcomer.configurations.sender = ""


def _without_sites(newcomer: Newcomer) -> None:
    newcomer.sites.kept.clear()


def _without_access_to_payments(newcomer: Newcomer) -> None:
    newcomer.preparations.payments.strikes_before(PlatformDenied("the platform forbids it"))


def _without_access_to_orders(newcomer: Newcomer) -> None:
    newcomer.orders.trouble.strikes_before(PlatformDenied("the platform forbids it"))


def _without_a_scope(newcomer: Newcomer) -> None:
    newcomer.preparations.lacking["order.order_update"] = "writes the invoice into the order"


@pytest.mark.parametrize(
    ("take_away", "check"),
    [
        (_without_a_scope, "scopes"),
        (_without_settings, "settings"),
        (_without_access_to_orders, "orders"),
        (_without_schema, "numbers"),
        (_with_inactive_schema, "numbers"),
        (_without_sites, "site"),
        (_without_logo, "logo"),
        (_with_a_logo_that_is_not_there, "logo"),
        (_without_vat_id, "seller"),
        (_without_access_to_payments, "payments"),
        (_without_sender, "sender"),
    ],
)
async def test_each_single_preparation_that_is_taken_away_is_named_and_no_other(
    newcomer: Newcomer, take_away: Callable[[Newcomer], None], check: str
) -> None:
    take_away(newcomer)
    (finding,) = await amiss(newcomer)
    assert (finding.check, finding.status) == (check, Status.MISSING)
    assert finding.found
    assert finding.remedy


async def test_a_lacking_scope_is_named_with_what_it_is_for(newcomer: Newcomer) -> None:
    _without_a_scope(newcomer)
    (finding,) = await amiss(newcomer)
    assert "order.order_update" in finding.found
    assert "writes the invoice into the order" in finding.remedy


async def test_what_the_law_wants_of_the_seller_is_named_field_by_field(newcomer: Newcomer) -> None:
    newcomer.sites.kept["main"] = replace(newcomer.sites.kept["main"], seller=Seller(name="Acme GmbH", country="DE"))
    (finding,) = await amiss(newcomer)
    assert finding.found == (
        "main: no seller street (BT-35), no seller zip code (BT-38), no seller city (BT-37), no seller VAT id (BT-31)"
    )


async def test_what_is_set_for_the_tenant_counts_before_what_the_platform_says(newcomer: Newcomer) -> None:
    _without_sender(newcomer)
    _without_vat_id(newcomer)
    seller = Seller(vat_id="DE1")
    newcomer.tenant = replace(newcomer.tenant, mail_sender="set@acme.example", seller=seller, language="de")
    assert await amiss(newcomer) == []
    told = {finding.check: finding.found for finding in await found(newcomer)}
    assert "set@acme.example" in told["sender"]
    assert "DE1" in told["seller"]
    assert "language de" in told["site"]


async def test_a_placeholder_that_must_be_given_and_is_not_set_is_named(newcomer: Newcomer) -> None:
    newcomer.preparations.kept = [NumberSchema("s1", "Tutorial", True, "INV__num__", ("__num__",), 1_000_000)]
    (finding,) = await amiss(newcomer)
    assert finding.found == "the schema Tutorial wants __num__"
    assert 'placeholders = { "__num__" = "…" }' in finding.remedy
    newcomer.tenant = replace(newcomer.tenant, placeholders=(("__num__", ""),))
    assert await amiss(newcomer) == []


async def test_credit_notes_with_a_series_of_their_own_need_its_schema(newcomer: Newcomer) -> None:
    newcomer.tenant = replace(newcomer.tenant, credit_note_series=SeriesName("creditNoteSequence"))
    (finding,) = await amiss(newcomer)
    assert (finding.check, finding.status) == ("numbers", Status.MISSING)
    assert finding.found == "credit notes: no schema of the type creditNoteSequence is active"
    assert finding.remedy == "invoicing tenant setup"
    async for _ in prepare(Wanted("main"), newcomer.tenant, newcomer.platform, dry_run=False):
        pass
    assert await amiss(newcomer) == []
    newcomer.preparations.kept.clear()
    (finding,) = await amiss(newcomer)
    assert finding.found == "no schema of the type invoiceNoSequence is active"


@pytest.mark.parametrize(("left", "status"), [(0, Status.MISSING), (-1, Status.MISSING), (999, Status.WARNING)])
async def test_numbers_that_are_used_up_are_told_in_time(newcomer: Newcomer, left: int, status: Status) -> None:
    newcomer.preparations.kept = [replace(schema, left=left) for schema in newcomer.preparations.kept]
    (finding,) = await amiss(newcomer)
    assert (finding.check, finding.status) == ("numbers", status)


async def test_a_tenant_with_its_own_numbers_needs_no_schema(newcomer: Newcomer) -> None:
    _without_schema(newcomer)
    newcomer.tenant = replace(newcomer.tenant, local=LocalNumbers(NumberPattern("RE-", digits=4, start=12)))
    assert await amiss(newcomer) == []
    told = {finding.check: finding.found for finding in await found(newcomer)}
    assert told["numbers"] == "they are allocated here, and begin with RE-0012"


async def test_a_mail_server_that_is_away_is_named_and_no_mail_is_sent(newcomer: Newcomer) -> None:
    mailer = FakeMailer()
    mailer.trouble.strikes_before(Unavailable("the mail server is away"))
    (finding,) = await amiss(newcomer, mailer)
    assert (finding.check, finding.found) == ("mail", "the mail server is away")
    assert finding.remedy == "check INVOICING_MAIL_URL, or try again later"
    assert mailer.sent == []


async def test_mails_that_reach_no_customer_are_warned_of(newcomer: Newcomer) -> None:
    mailer = FakeMailer()
    mailer.reaches_customers = False
    (finding,) = await amiss(newcomer, mailer)
    assert (finding.check, finding.status) == ("mail", Status.WARNING)
    assert "INVOICING_MAIL_URL" in finding.remedy


async def test_without_a_token_only_what_lies_elsewhere_is_looked_at(newcomer: Newcomer) -> None:
    newcomer.preparations.trouble.strikes_before(PlatformDenied("the platform refuses the credentials"))
    first, last = await found(newcomer)
    assert (first.check, first.status, last.check) == ("token", Status.MISSING, "mail")
    assert "client_secret" in first.remedy


async def test_a_platform_that_is_away_is_no_finding(newcomer: Newcomer) -> None:
    newcomer.preparations.trouble.strikes_before(Unavailable("the platform cannot be reached"))
    with pytest.raises(Unavailable):
        await found(newcomer)


async def test_one_service_that_is_away_hides_nothing_else(newcomer: Newcomer) -> None:
    newcomer.preparations.payments.strikes_before(Unavailable("the platform failed"))
    (finding,) = await amiss(newcomer)
    assert (finding.check, finding.remedy) == ("payments", "try again later: nothing can be said now")


async def test_only_the_sites_that_were_named_are_looked_at(newcomer: Newcomer) -> None:
    sites = newcomer.sites
    sites.kept["other"] = replace(sites.kept["main"], code="other", logo_url="")
    assert [finding.check for finding in await amiss(newcomer)] == ["logo"]
    assert all(finding.status is Status.OK for finding in await found(newcomer, None, "main"))
    named = await found(newcomer, None, "nowhere")
    assert [f.check for f in named if f.status is Status.MISSING] == ["site"]
