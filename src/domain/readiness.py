"""Whether a tenant is ready for its first invoice: what is there, what is missing, and what to do about it.

`CHECKS` is the list. Nothing here changes anything, and no number is drawn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvoicingError, Misconfigured, PlatformDenied, Unavailable
from domain.numbering import INVOICE_SERIES, NumberSchema, SeriesName
from domain.order import InvoiceSettings, Site
from domain.ports import Mailer, Preparations, Tenant

FEW_NUMBERS = 1000
SETUP = "invoicing tenant setup"
LATER = "try again later: nothing can be said now"
EVERY_ORDER = InvoiceSettings((), (), timedelta(0))


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    MISSING = "missing"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do if that is not enough."""

    check: str
    status: Status
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A tenant with all that its invoices need. `site_codes` are the sites to look at; none means all."""

    tenant: Tenant
    platform: Preparations
    mailer: Mailer
    now: datetime
    site_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name. `look` gives what it found; `remedy` is what to do when it fails."""

    name: str
    look: Callable[[Inspected], Awaitable[list[Finding]]]
    remedy: str


async def findings(inspected: Inspected) -> AsyncIterator[Finding]:
    """What each check found, one after the other.

    Without a token nothing can be seen at the platform, so only what lies elsewhere is looked at then. Raises
    `Unavailable` when the platform cannot even be asked for a token.
    """
    first, *others = CHECKS
    (token,) = await _found(first, inspected)
    yield token
    for check in others if token.status is Status.OK else [check for check in others if check in ELSEWHERE]:
        for finding in await _found(check, inspected):
            yield finding


async def _found(check: Check, inspected: Inspected) -> list[Finding]:
    try:
        return await check.look(inspected)
    except Unavailable as error:
        if check is CHECKS[0]:
            raise
        remedy = f"{check.remedy}, or try again later" if check in ELSEWHERE else LATER
        return [Finding(check.name, Status.MISSING, error.message, remedy)]
    except PlatformDenied as error:
        remedy = check.remedy if check is CHECKS[0] else "give the key the scope that this needs"
        return [Finding(check.name, Status.MISSING, error.message, remedy)]
    except InvoicingError as error:
        return [Finding(check.name, Status.MISSING, error.message, check.remedy)]


async def _token(of: Inspected) -> list[Finding]:
    await of.platform.lacking_scopes()
    return [Finding("token", Status.OK, f"the platform knows the key of tenant {of.tenant.id}")]


async def _scopes(of: Inspected) -> list[Finding]:
    lacking = await of.platform.lacking_scopes()
    if not lacking:
        return [Finding("scopes", Status.OK, "the key may do all that invoicing does")]
    return [
        Finding("scopes", Status.MISSING, f"the key lacks {scope}", f"add it to the key: with it invoicing {purpose}")
        for scope, purpose in lacking.items()
    ]


async def _settings(of: Inspected) -> list[Finding]:
    settings = await of.tenant.configurations.invoice_settings()
    return [Finding("settings", Status.OK, f"an automatic job takes {described(settings)}")]


async def _orders(of: Inspected) -> list[Finding]:
    async for _ in of.tenant.orders.search(EVERY_ORDER, now=of.now):
        return [Finding("orders", Status.OK, "orders can be read")]
    return [Finding("orders", Status.OK, "orders can be read; none is due yet")]


async def _numbers(of: Inspected) -> list[Finding]:
    if of.tenant.local is not None:
        _, first = of.tenant.local.pattern.on(of.now.date()).allocated(None)
        return [Finding("numbers", Status.OK, f"they are allocated here, and begin with {first}")]
    invoices, credit_notes = INVOICE_SERIES, of.tenant.credit_note_series
    told = [await _counter(of, invoices)]
    if credit_notes == invoices:
        return told
    counter = await _counter(of, credit_notes)
    return [*told, replace(counter, found=f"credit notes: {counter.found}")]


async def _counter(of: Inspected, series: SeriesName) -> Finding:
    active = next((schema for schema in await of.platform.schemas(series) if schema.active), None)
    if active is None:
        return Finding("numbers", Status.MISSING, f"no schema of the type {series} is active", SETUP)
    given = {name for name, _ in of.tenant.placeholders}
    unknown = [name for name in active.wanted if name not in given]
    if unknown:
        remedy = f'set placeholders = {{ "{unknown[0]}" = "…" }} for the tenant'
        return Finding("numbers", Status.MISSING, f"{_schema(active)} wants {', '.join(unknown)}", remedy)
    return _supply(active)


def _schema(schema: NumberSchema) -> str:
    return f"the schema {schema.name or schema.id}"


def _supply(active: NumberSchema) -> Finding:
    if active.left <= 0:
        return Finding("numbers", Status.MISSING, f"{_schema(active)} has no number left", "raise its maxValue")
    if active.left < FEW_NUMBERS:
        told = f"{_schema(active)} has only {active.left} numbers left"
        return Finding("numbers", Status.WARNING, told, "raise its maxValue before they are used up")
    return Finding("numbers", Status.OK, f"{_schema(active)} is active, {active.left:,} numbers left")


async def _sites(of: Inspected) -> list[Finding]:
    codes = of.site_codes or await of.platform.sites()
    if not codes:
        raise Misconfigured("the tenant has no active site")
    return [finding for code in codes for finding in await _site(of, code)]


async def _site(of: Inspected, code: str) -> list[Finding]:
    site = await of.tenant.sites.site(code)
    told = f"{code}: {site.brand or 'no brand'}, language {of.tenant.language or site.language}, {site.zone}"
    return [Finding("site", Status.OK, told), await _logo(of, site), _seller(of, site)]


async def _logo(of: Inspected, site: Site) -> Finding:
    setup = f"{SETUP} --site {site.code} --logo URL"
    if not site.logo_url:
        return Finding("logo", Status.MISSING, f"{site.code}: the mixin generalShopSettings has no logoUrl", setup)
    logo = await of.tenant.sites.logo(site)
    if logo is None:
        told = f"{site.code}: {site.logo_url} cannot be had, or is no PNG or JPEG of at most 2 MB"
        return Finding("logo", Status.MISSING, told, f"{setup} --replace")
    return Finding("logo", Status.OK, f"{site.code}: {len(logo):,} bytes from {site.logo_url}")


def _seller(of: Inspected, site: Site) -> Finding:
    seller = of.tenant.seller.over(site.seller)
    if seller.lacks:
        told = f"{site.code}: no {', no '.join(seller.lacks)}"
        remedy = f"{SETUP} --site {site.code} --seller-…; or set it for the tenant"
        return Finding("seller", Status.MISSING, told, remedy)
    return Finding("seller", Status.OK, f"{site.code}: {seller.name}, {seller.city}, {seller.vat_id}")


async def _payments(of: Inspected) -> list[Finding]:
    await of.platform.read_transactions()
    return [Finding("payments", Status.OK, "transactions can be read")]


async def _sender(of: Inspected) -> list[Finding]:
    sender = of.tenant.mail_sender or await of.tenant.configurations.mail_sender()
    if not sender:
        raise Misconfigured("nobody says from which address invoices are sent")
    return [Finding("sender", Status.OK, f"invoices are sent from {sender}")]


async def _mail(of: Inspected) -> list[Finding]:
    greeting = await of.mailer.greet()
    if greeting.reaches_customers:
        return [Finding("mail", Status.OK, greeting.told)]
    remedy = "set INVOICING_MAIL_URL to a mail server, unless something else carries them on"
    return [Finding("mail", Status.WARNING, greeting.told, remedy)]


CHECKS = (
    Check("token", _token, "check the tenant's client_id and client_secret"),
    Check("scopes", _scopes, ""),
    Check("settings", _settings, f"{SETUP}; with --replace if it is there"),
    Check("orders", _orders, ""),
    Check("numbers", _numbers, SETUP),
    Check("site", _sites, "make a site and set it active; orders name their site by its code"),
    Check("payments", _payments, ""),
    Check("sender", _sender, f"{SETUP} --mail-sender ADDRESS; or set mail_sender for the tenant"),
    Check("mail", _mail, "check INVOICING_MAIL_URL"),
)
ELSEWHERE = CHECKS[-1:]
"""What has nothing to do with the platform."""


def described(settings: InvoiceSettings) -> str:
    """Which orders an automatic job takes, in words."""
    statuses = " or ".join(settings.statuses) or "any"
    extended = f" and extended status {' or '.join(settings.extended_statuses)}" if settings.extended_statuses else ""
    hours = settings.threshold / timedelta(hours=1)
    return f"orders of status {statuses}{extended}, {hours:g} h after delivery"
