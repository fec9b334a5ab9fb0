"""What a tenant needs before its first invoice, made where it is missing. What is there stays, unless told otherwise.

`PREPARATIONS` is the list. Made twice, the second time changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum

from domain.errors import InvoicingError, Misconfigured
from domain.numbering import INVOICE_SERIES, SeriesName
from domain.order import InvoiceSettings, Seller
from domain.ports import Preparations, Tenant
from domain.readiness import described

SETTINGS = "invoiceSettings"
DEFAULT = InvoiceSettings(("CREATED", "CONFIRMED"), (), timedelta(hours=24))
PREFIX = "INV-"
CREDIT_NOTE_PREFIX = "CN-"


class Outcome(StrEnum):
    """What became of a preparation."""

    DONE = "done"
    THERE = "there"
    PLANNED = "planned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A preparation by name, what became of it, and what to do if it failed."""

    preparation: str
    outcome: Outcome
    told: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What there shall be. What is not said is left as it is; where nothing is, it is as `DEFAULT` says, or fails.

    `replace` allows to overwrite what is there.
    """

    site_code: str
    statuses: tuple[str, ...] | None = None
    extended_statuses: tuple[str, ...] | None = None
    threshold: timedelta | None = None
    prefix: str = ""
    credit_note_prefix: str = ""
    sender: str = ""
    logo_url: str = ""
    seller: Seller = Seller()  # noqa: RUF009 - it is frozen
    replace: bool = False

    def settings_over(self, there: InvoiceSettings) -> InvoiceSettings:
        """These settings, with what is wanted otherwise."""
        return InvoiceSettings(
            statuses=there.statuses if self.statuses is None else self.statuses,
            extended_statuses=there.extended_statuses if self.extended_statuses is None else self.extended_statuses,
            threshold=there.threshold if self.threshold is None else self.threshold,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands, or is to be made: nothing, where `make` is None. `note` is what could be otherwise."""

    told: str
    make: Callable[[], Awaitable[None]] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A preparation by name. `plan` looks at what is there; `remedy` is what to do when it fails.

    There is no plan for a tenant that does not need it.
    """

    name: str
    plan: Callable[[Wanted, Tenant, Preparations], Awaitable[Plan | None]]
    remedy: str


async def prepare(wanted: Wanted, tenant: Tenant, platform: Preparations, *, dry_run: bool) -> AsyncIterator[Prepared]:
    """What became of each preparation, one after the other. In a dry run nothing is made."""
    for preparation in PREPARATIONS:
        try:
            if plan := await preparation.plan(wanted, tenant, platform):
                yield await _prepared(preparation, plan, dry_run=dry_run)
        except InvoicingError as error:
            yield Prepared(preparation.name, Outcome.FAILED, error.message, preparation.remedy)


async def _prepared(preparation: Preparation, plan: Plan, *, dry_run: bool) -> Prepared:
    if plan.make is None:
        return Prepared(preparation.name, Outcome.THERE, plan.told, plan.note)
    if dry_run:
        return Prepared(preparation.name, Outcome.PLANNED, plan.told)
    await plan.make()
    return Prepared(preparation.name, Outcome.DONE, plan.told)


async def _settings(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan:
    there = await _settings_there(wanted, tenant, platform)
    to_be = wanted.settings_over(there or DEFAULT)
    if there is None or (wanted.replace and to_be != there):
        return Plan(described(to_be), lambda: platform.write_settings(to_be))
    return Plan(described(there), note=_other(to_be != there, described(to_be)))


async def _settings_there(wanted: Wanted, tenant: Tenant, platform: Preparations) -> InvoiceSettings | None:
    """The settings; None where there are none, or such as nobody can read and may be replaced."""
    if not await platform.configured(SETTINGS):
        return None
    try:
        return await tenant.configurations.invoice_settings()
    except Misconfigured:
        if wanted.replace:
            return None
        raise


async def _numbers(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan:
    if tenant.local is not None:
        return Plan("numbers are allocated here")
    return await _counter(
        platform, INVOICE_SERIES, wanted.prefix, otherwise=PREFIX, replace=wanted.replace, what="numbers"
    )


async def _credit_notes(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan | None:
    """Only where they are not numbered like invoices."""
    series, prefix = tenant.credit_note_series, wanted.credit_note_prefix
    if tenant.local is not None or series == INVOICE_SERIES:
        return None
    what = "numbers of credit notes"
    return await _counter(platform, series, prefix, otherwise=CREDIT_NOTE_PREFIX, replace=wanted.replace, what=what)


async def _counter(
    platform: Preparations, series: SeriesName, said: str, *, otherwise: str, replace: bool, what: str
) -> Plan:
    """A schema that has counted before goes on where it was: its numbers must not come again."""
    schemas = await platform.schemas(series)
    active = next((schema for schema in schemas if schema.active), None)
    prefix = said or (active.prefix if active else otherwise)
    to_be = f"{what} that begin with {prefix}"
    if active is not None and (active.prefix == prefix or not replace):
        return Plan(f"{what} that begin with {active.prefix}", note=_other(active.prefix != prefix, to_be))
    known = next((schema for schema in schemas if schema.prefix == prefix), None)

    async def make() -> None:
        await platform.activate_schema(known.id if known else await platform.create_schema(series, prefix))

    return Plan(to_be, make)


async def _sender(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan:
    there = tenant.mail_sender or await tenant.configurations.mail_sender()
    if not there and not wanted.sender:
        raise Misconfigured("nobody says from which address invoices are sent")
    if there in {"", wanted.sender} or (wanted.sender and wanted.replace and not tenant.mail_sender):
        make = None if there == wanted.sender else lambda: platform.write_sender(wanted.sender)
        return Plan(f"invoices are sent from {wanted.sender}", make)
    return Plan(f"invoices are sent from {there}", note=_other(bool(wanted.sender), wanted.sender))


async def _logo(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan:
    there = (await tenant.sites.site(wanted.site_code)).logo_url
    if not there and not wanted.logo_url:
        raise Misconfigured(f"site {wanted.site_code} has no logo")
    if wanted.logo_url and there != wanted.logo_url and (wanted.replace or not there):
        return Plan(
            f"site {wanted.site_code}: {wanted.logo_url}",
            lambda: platform.write_logo(wanted.site_code, wanted.logo_url),
        )
    return Plan(f"site {wanted.site_code}: {there}", note=_other(wanted.logo_url not in {"", there}, wanted.logo_url))


async def _seller(wanted: Wanted, tenant: Tenant, platform: Preparations) -> Plan:
    there = (await tenant.sites.site(wanted.site_code)).seller
    to_be = wanted.seller.over(there) if wanted.replace else there.over(wanted.seller)
    complete = tenant.seller.over(to_be)
    if complete.lacks:
        raise Misconfigured(f"site {wanted.site_code} has no {', no '.join(complete.lacks)}")
    told = f"site {wanted.site_code}: {complete.name}, {complete.city}, {complete.vat_id}"
    if to_be != there:
        return Plan(told, lambda: platform.write_seller(wanted.site_code, _new_in(to_be, there)))
    return Plan(told, note=_other(wanted.seller.over(there) != there, "what the options say"))


def _new_in(seller: Seller, before: Seller) -> Seller:
    """Only what is not as before."""
    names = [field.name for field in fields(Seller)]
    return Seller(**{name: getattr(seller, name) for name in names if getattr(seller, name) != getattr(before, name)})


def _other(differs: bool, to_be: str) -> str:  # noqa: FBT001 - it reads as the condition it is
    return f"--replace would make it {to_be}" if differs else ""


PREPARATIONS = (
    Preparation("settings", _settings, "the key needs configuration.configuration_manage; --replace overwrites"),
    Preparation("numbers", _numbers, "the key needs sequentialid.schema_manage"),
    Preparation("numbers", _credit_notes, "the key needs sequentialid.schema_manage"),
    Preparation("sender", _sender, "say --mail-sender ADDRESS; the key needs configuration.configuration_manage"),
    Preparation("logo", _logo, "say --logo URL; the key needs site.site_manage"),
    Preparation("seller", _seller, "say --seller-name, --seller-vat-id …; the key needs site.site_manage"),
)
