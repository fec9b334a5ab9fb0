"""What is set for each tenant, and the file in which several of them are set."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from app.mistakes import quoted, sentence_of
from app.series_settings import LocalSeriesSettings
from app.vat_settings import VatSettings
from domain.accounts import is_iban
from domain.addresses import address_in
from domain.countries import CODES
from domain.drafting import Terms
from domain.errors import Misconfigured
from domain.numbering import INVOICE_SERIES, LocalNumbers
from domain.order import Seller, TenantId
from domain.wording.languages import LANGUAGES

TENANT_NAMES = "3 to 16 lower-case letters and digits"

_TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")
_LANGUAGE = re.compile(r"[a-z]{2}([_-][A-Z]{2})?")
_SERIES = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _language(told: str) -> str:
    if told and (not _LANGUAGE.fullmatch(told) or told[:2] not in LANGUAGES):
        spoken = ", ".join(sorted(LANGUAGES))
        raise ValueError(
            f"must be a language that there are words in ({spoken}), such as de or de_AT, not {quoted(told)}"
        )
    return told


def _country(told: str) -> str:
    if told.strip() not in {"", *CODES}:
        raise ValueError(f"must be a country's code of ISO 3166-1 alpha-2, such as DE, not {quoted(told)}")
    return told


def _iban(told: str) -> str:
    if told.strip() and not is_iban(told):
        raise ValueError(
            f"is no IBAN, by its length or its check digits: {quoted(told)}; copy it from the bank's papers"
        )
    return told


def _sender(told: str) -> str:
    if told and address_in(told) is None:
        raise ValueError(f"must be a mail address and nothing else, such as invoices@shop.example, not {quoted(told)}")
    return told


def _series(told: str) -> str:
    if not _SERIES.fullmatch(told):
        raise ValueError(f"must be a schemaType of the platform, such as creditNoteSequence, not {quoted(told)}")
    return told


def _file(told: object) -> object:
    if told == "":
        raise ValueError("is empty: name a file, or leave it out")
    return told


Country = Annotated[str, AfterValidator(_country)]
Iban = Annotated[str, AfterValidator(_iban)]
NamedFile = Annotated[Path, BeforeValidator(_file)]


class SellerSettings(BaseModel):
    """Who sells. What is left empty here comes from the site's mixin `merchantInfo`."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: Country = ""
    vat_id: str = ""
    iban: Iban = ""
    bic: str = ""
    email: str = ""
    phone: str = ""
    tax_number: str = ""

    def seller(self) -> Seller:
        """The seller, as the domain knows him."""
        fields = self.model_dump()
        return Seller(zip_code=fields.pop("zip"), **fields)


class TenantSettings(BaseModel):
    """One tenant: its key at the platform, and what it wants otherwise than its sites say.

    `series` is where its invoice numbers come from; `series_site`, `sequence_key` and `placeholders` are what the
    platform's counter is told, `local_series` is how numbers of our own look. Credit notes are numbered likewise,
    unless `credit_note_series` names another type of the platform's, or `local_credit_notes` says how they look. `rate`
    is how many platform calls a second are made for it, 0 being no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = Field(default=None, min_length=1)
    client_secret_file: NamedFile | None = None
    seller: SellerSettings = SellerSettings()
    language: Annotated[str, AfterValidator(_language)] = ""
    mail_sender: Annotated[str, AfterValidator(_sender)] = ""
    series: Literal["platform", "local"] = "platform"
    local_series: LocalSeriesSettings | None = None
    credit_note_series: Annotated[str, AfterValidator(_series)] = INVOICE_SERIES
    local_credit_notes: LocalSeriesSettings | None = None
    series_site: str = ""
    sequence_key: str = ""
    placeholders: dict[str, str] = {}
    vat_id_path: str = Field(default="mixins.customerTax.vatId", min_length=1)
    buyer_reference_path: str = Field(default="mixins.customerTax.buyerReference", min_length=1)
    vat: VatSettings = VatSettings()
    payment_days: int | None = Field(default=None, ge=0, le=365)
    bills_delivered: bool = False
    rate: float | None = Field(default=None, ge=0, le=10_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.client_secret is None) == (self.client_secret_file is None):
            raise ValueError("needs either a client_secret or a client_secret_file")
        return self

    @model_validator(mode="after")
    def _has_one_series(self) -> Self:
        if self.series == "platform" and self.local_series is not None:
            raise ValueError('local_series: is set, but the numbers are the platform\'s; set series = "local"')
        if self.series == "platform" and self.local_credit_notes is not None:
            raise ValueError('local_credit_notes: is set, but the numbers are the platform\'s; set series = "local"')
        for name in ("series_site", "sequence_key", "placeholders", "credit_note_series"):
            if self.series == "local" and name in self.model_fields_set and getattr(self, name):
                raise ValueError(f'{name}: is for numbers of the platform, and series is "local"')
        if self.local_credit_notes and self._local_series().meets(self.local_credit_notes):
            raise ValueError("local_credit_notes: its numbers could be those of local_series")
        return self

    def _local_series(self) -> LocalSeriesSettings:
        return self.local_series or LocalSeriesSettings()

    def numbers(self) -> LocalNumbers | None:
        """How its numbers look; None if they are the platform's."""
        return self._local_series().numbers() if self.series == "local" else None

    def terms(self) -> Terms:
        """What it wants on its invoices, as the domain knows it."""
        return Terms(self.vat.rules(), self.payment_days)

    def secret(self) -> str:
        """The key's secret. Raises `Misconfigured` when its file cannot be read, or is empty."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        where = f"client_secret_file {self.client_secret_file}"
        try:
            secret = Path(str(self.client_secret_file)).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"{where}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{where}: is no text") from error
        if not secret:
            raise Misconfigured(f"{where}: is empty")
        return secret


_TABLES: Mapping[str, type[BaseModel]] = {
    "seller": SellerSettings,
    "local_series": LocalSeriesSettings,
    "local_credit_notes": LocalSeriesSettings,
    "vat": VatSettings,
}
"""The models of a tenant's tables."""


def is_tenant_name(name: str) -> bool:
    """Whether a tenant can be called so."""
    return _TENANT.fullmatch(name) is not None


def tenants_in(path: Path, *, called: str) -> Mapping[TenantId, TenantSettings]:
    """The tenants of the file, a table each. Raises `Misconfigured`: one sentence that begins with `called`."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{called} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{called} is not TOML: {error}") from error
    if not tables:
        raise Misconfigured(f"{called} names no tenant; a tenant is a table such as [acme]")
    return {TenantId(name): _tenant_in(called, name, table) for name, table in tables.items()}


def _tenant_in(called: str, name: str, table: object) -> TenantSettings:
    if not isinstance(table, dict):
        raise Misconfigured(f"{called}: {name[:40]} is set for no tenant: put it below the line of one, such as [acme]")
    if not is_tenant_name(name):
        raise Misconfigured(f"{called}: [{name[:40]}] is no tenant's name: {TENANT_NAMES}")
    try:
        return TenantSettings.model_validate(table)
    except ValidationError as error:
        raise Misconfigured(f"{called}: tenant {name}: {sentence_of(error, known=_keys_beside)}") from None


def _keys_beside(location: tuple[Any, ...]) -> Iterable[str]:
    """The keys of the table in which the last of these names stands."""
    return (TenantSettings if len(location) == 1 else _TABLES[location[0]]).model_fields
