"""A tenant's preparations in memory, behind the fakes of its configuration and sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.numbering import INVOICE_SERIES, NumberSchema, SeriesName
from domain.order import InvoiceSettings, Seller, TenantId
from domain.ports import Preparations, Tenant
from fakes.platform import (
    SITE,
    FakeConfigurations,
    FakeCustomers,
    FakeOrders,
    FakePayments,
    FakeSequences,
    FakeSites,
)
from fakes.trouble import Trouble

ACME = TenantId("acme")
PLENTY = 999_999
BARE = replace(SITE, logo_url="", seller=Seller(country="DE"))


class FakePreparations:
    """`domain.ports.Preparations` of a tenant that has nothing, unless told otherwise. `writes` counts what it made.

    `kept` are the schemas of invoice numbers, `credit_notes` those of the other series.
    """

    def __init__(self, configurations: FakeConfigurations, sites: FakeSites) -> None:
        self.configurations = configurations
        self.at_sites = sites
        self.lacking: dict[str, str] = {}
        self.kept: list[NumberSchema] = []
        self.credit_notes: list[NumberSchema] = []
        self.writes = 0
        self.trouble = Trouble()
        self.payments = Trouble()

    async def lacking_scopes(self) -> Mapping[str, str]:
        """The scopes that the tenant's key lacks."""
        self.trouble.before()
        return self.lacking

    async def schemas(self, series: SeriesName) -> tuple[NumberSchema, ...]:
        """How the numbers of this series may be made."""
        return tuple(self._of(series))

    async def sites(self) -> tuple[str, ...]:
        """The codes of the active sites."""
        return tuple(self.at_sites.kept)

    async def read_transactions(self) -> None:
        """Tries whether payment transactions can be read."""
        self.payments.before()

    async def configured(self, key: str) -> bool:
        """Whether the tenant's configuration has this key."""
        return key == "invoiceSettings" and self.configurations.settings is not None

    async def write_settings(self, settings: InvoiceSettings) -> None:
        """Which orders an automatic job takes from now on."""
        self.writes += 1
        self.configurations.settings = settings

    async def write_sender(self, address: str) -> None:
        """The address invoices are sent from by now."""
        self.writes += 1
        self.configurations.sender = address

    async def create_schema(self, series: SeriesName, prefix: str) -> str:
        """A new schema of numbers."""
        self.writes += 1
        schemas = self._of(series)
        schema_id = f"{series}-{len(schemas) + 1}"
        schemas.append(NumberSchema(schema_id, "Schema", False, prefix, (), PLENTY))
        return schema_id

    async def activate_schema(self, schema_id: str) -> None:
        """The numbers of its series come from this schema from now on."""
        self.writes += 1
        for schemas in (self.kept, self.credit_notes):
            if any(schema.id == schema_id for schema in schemas):
                schemas[:] = [replace(schema, active=schema.id == schema_id) for schema in schemas]

    async def write_logo(self, site_code: str, url: str) -> None:
        """The site's logo lies here from now on."""
        self.writes += 1
        self.at_sites.kept[site_code] = replace(self.at_sites.kept[site_code], logo_url=url)

    def _of(self, series: SeriesName) -> list[NumberSchema]:
        return self.kept if series == INVOICE_SERIES else self.credit_notes

    async def write_seller(self, site_code: str, seller: Seller) -> None:
        """Who sells at the site."""
        self.writes += 1
        site = self.at_sites.kept[site_code]
        self.at_sites.kept[site_code] = replace(site, seller=seller.over(site.seller))


@dataclass(slots=True)
class Newcomer:
    """A tenant with nothing at the platform but one site, and all that a test looks at of it."""

    configurations: FakeConfigurations = field(default_factory=lambda: FakeConfigurations(None, ""))
    sites: FakeSites = field(default_factory=lambda: FakeSites([BARE]))
    orders: FakeOrders = field(default_factory=FakeOrders)
    preparations: FakePreparations = field(init=False)
    tenant: Tenant = field(init=False)

    def __post_init__(self) -> None:
        self.preparations = FakePreparations(self.configurations, self.sites)
        self.tenant = Tenant(
            id=ACME,
            orders=self.orders,
            configurations=self.configurations,
            sequences=FakeSequences(),
            sites=self.sites,
            payments=FakePayments(),
            customers=FakeCustomers(),
        )

    @property
    def platform(self) -> Preparations:
        """What it needs at the platform."""
        return self.preparations
