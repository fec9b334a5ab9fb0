"""What an operator sets: environment variables, or lines of a `.env` file. Wrong ones stop the start, by name."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import Misconfigured
from domain.order import Seller, TenantId

PREFIX = "INVOICING_"
LOOPBACK = ("127.", "localhost:", "[::1]:")
LARGEST_PORT = 65_535
SHORTEST_LINK_KEY = 32
SANDBOX_TENANTS = ("acme", "globex")
ELSEWHERE = frozenset({"INVOICING_ADDRESS"})
"""Variables with our prefix that the command line's client reads."""

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")


def _duration(told: object) -> object:
    if isinstance(told, timedelta):
        return told
    match = _DURATION.fullmatch(str(told).strip())
    if match is None or not Decimal(match[1]):
        raise ValueError("must be a duration, longer than nothing, such as 500ms, 10s, 5m, 12h or 7d")
    return timedelta(**{_UNITS[match[2]]: float(Decimal(match[1]))})


def _address(told: object) -> object:
    host, _, port = str(told).rpartition(":")
    if not host or not port.isdecimal() or int(port) > LARGEST_PORT:
        raise ValueError("must be an address as HOST:PORT, such as 127.0.0.1:50051")
    return told


def _tenant(told: object) -> object:
    if not _TENANT.fullmatch(str(told)):
        raise ValueError("must be a tenant's name: 3 to 16 lower-case letters and digits, a letter first")
    return told


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, BeforeValidator(_address)]
TenantName = Annotated[str, BeforeValidator(_tenant)]


class SellerSettings(BaseModel):
    """Who sells. What is left empty here comes from the site's mixin `merchantInfo`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""
    iban: str = ""
    bic: str = ""
    email: str = ""
    phone: str = ""

    def seller(self) -> Seller:
        """The seller, as the domain knows him."""
        fields = self.model_dump()
        return Seller(zip_code=fields.pop("zip"), **fields)


class TenantSettings(BaseModel):
    """One tenant: its key at the platform, and what it wants otherwise than its site says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    seller: SellerSettings = SellerSettings()
    mail_sender: str = ""
    placeholders: dict[str, str] = {}

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.client_secret is None) == (self.client_secret_file is None):
            raise ValueError("needs either a client_secret or a client_secret_file")
        return self

    def secret(self) -> str:
        """The key's secret. Raises `Misconfigured` when its file cannot be read."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        try:
            return Path(str(self.client_secret_file)).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"client_secret_file {self.client_secret_file}: {error.strerror}") from error


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    grpc_listen: Address = "127.0.0.1:50051"
    http_listen: Address = "127.0.0.1:8080"
    public_url: str = ""
    link_key: SecretStr | None = None
    link_ttl: Duration = timedelta(days=7)
    database_url: str = "sqlite:///invoicing.db"
    engine: Literal["embedded", "none"] = "embedded"
    platform_url: str = "https://api.emporix.io"
    platform_timeout: Duration = timedelta(seconds=10)
    capture_settle: Duration = timedelta(seconds=60)
    tenants_file: Path | None = None
    tenant: TenantName | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    seller_name: str = ""
    seller_street: str = ""
    seller_zip: str = ""
    seller_city: str = ""
    seller_country: str = ""
    seller_vat_id: str = ""
    seller_iban: str = ""
    pdf: Literal["borb"] = "borb"
    mail_url: SecretStr = SecretStr("outbox:./outbox")
    archive_url: str = "file:./archive"
    auth: Literal["none"] = "none"
    auth_none_ok: bool = False
    concurrency: int = Field(default=32, ge=1, le=1000)
    render_workers: int = Field(default=min(2, os.cpu_count() or 1), ge=1, le=64)
    log: Literal["console", "json"] | None = None
    sandbox_listen: Address = "127.0.0.1:8090"
    sandbox_smtp_listen: Address = "127.0.0.1:8025"

    @model_validator(mode="after")
    def _has_long_link_key(self) -> Self:
        if self.link_key is not None and len(self.link_key.get_secret_value()) < SHORTEST_LINK_KEY:
            raise ValueError(f"{PREFIX}LINK_KEY must have at least {SHORTEST_LINK_KEY} characters")
        return self

    @model_validator(mode="after")
    def _is_private_without_auth(self) -> Self:
        for name in ("grpc_listen", "http_listen"):
            if not self.auth_none_ok and not getattr(self, name).startswith(LOOPBACK):
                raise ValueError(
                    f"{_variable(name)} is reachable from other machines and nobody is asked who he is; listen on "
                    f"127.0.0.1, or set {PREFIX}AUTH_NONE_OK=1 where something else keeps strangers out"
                )
        return self

    @property
    def log_format(self) -> Literal["console", "json"]:
        """As set; else for people on a terminal, and for machines everywhere else."""
        return self.log or ("console" if sys.stdout.isatty() else "json")

    def tenants(self) -> Mapping[TenantId, TenantSettings]:
        """Who is served: the tenants of the file, or the one of the environment. Raises `Misconfigured`."""
        if self.tenants_file is not None:
            return _tenants_in(self.tenants_file)
        if self.tenant is None:
            raise Misconfigured(
                f"{PREFIX}TENANT is not set: name your tenant, with {PREFIX}CLIENT_ID and {PREFIX}CLIENT_SECRET; or "
                f"several in {PREFIX}TENANTS_FILE; or try the service with --sandbox"
            )
        for name in ("client_id", "client_secret"):
            if not getattr(self, name):
                raise Misconfigured(f"{_variable(name)} is not set: tenant {self.tenant} needs its key at the platform")
        seller = {name: getattr(self, f"seller_{name}") for name in ("name", "street", "zip", "city", "country")}
        return {
            TenantId(self.tenant): TenantSettings(
                client_id=self.client_id,
                client_secret=self.client_secret,
                seller=SellerSettings(**seller, vat_id=self.seller_vat_id, iban=self.seller_iban),
            )
        }

    def at_sandbox(self, *, url: str, smtp: str, folder: Path) -> Settings:
        """These settings, pointed at a sandbox; what is kept goes into the folder unless it was said where."""
        kept = {"database_url": f"sqlite:///{folder}/invoicing.db", "archive_url": f"file:{folder}/archive"}
        changes = {name: value for name, value in kept.items() if name not in self.model_fields_set}
        return self.model_copy(update={**changes, "platform_url": url, "mail_url": SecretStr(f"smtp://{smtp}")})

    @classmethod
    def of_environment(cls) -> Settings:
        """The settings of this process. Raises `Misconfigured`: one sentence that names the variable."""
        try:
            return cls()
        except ValidationError as error:
            raise Misconfigured(_sentence(error, _variable)) from None

    @classmethod
    def misspelt(cls) -> tuple[str, ...]:
        """Variables of the environment that look like settings and are none."""
        known = {_variable(field) for field in cls.model_fields} | ELSEWHERE
        return tuple(sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known))


def sandbox_tenants() -> Mapping[TenantId, TenantSettings]:
    """The tenants that the sandbox knows, with their keys."""
    key = TenantSettings(client_id="sandbox", client_secret=SecretStr("sandbox"))
    return {TenantId(name): key for name in SANDBOX_TENANTS}


def _tenants_in(path: Path) -> Mapping[TenantId, TenantSettings]:
    where = f"{PREFIX}TENANTS_FILE ({path})"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{where} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{where} is not TOML: {error}") from error
    if not tables:
        raise Misconfigured(f"{where} names no tenant; a tenant is a table such as [acme]")
    return {TenantId(name): _tenant_in(where, name, table) for name, table in tables.items()}


def _tenant_in(where: str, name: str, table: object) -> TenantSettings:
    if not _TENANT.fullmatch(name):
        raise Misconfigured(f"{where}: [{name[:40]}] is no tenant's name: 3 to 16 lower-case letters and digits")
    try:
        return TenantSettings.model_validate(table)
    except ValidationError as error:
        raise Misconfigured(f"{where}: tenant {name}: {_sentence(error, str)}") from None


def _sentence(error: ValidationError, named: Callable[[str], str]) -> str:
    """The first thing that is wrong, by name. The value is never told: it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    return f"{named(path)}: {problem}" if path else problem


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"
