"""What an operator sets: environment variables, or lines of a `.env` file. Wrong ones stop the start, by name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.pdf.renderers import Renderer
from app import env_file
from app.env_file import ENV_FILE, OF_OPTIONS, PREFIX
from app.mistakes import perhaps, quoted, sentence_of
from app.tenant_settings import (
    TENANT_NAMES,
    Country,
    Iban,
    NamedFile,
    SellerSettings,
    TenantSettings,
    is_tenant_name,
    tenants_in,
)
from domain.errors import Misconfigured
from domain.order import TenantId

LARGEST_PORT = 65_535
SHORTEST_LINK_KEY = 32
SAME_PREFIX = 0.85
"""How alike two variables are that one may be mistaken for the other; they all begin alike."""
SANDBOX_TENANTS = Path(__file__).with_name("sandbox_tenants.toml")
SELLER = ("name", "street", "zip", "city", "country", "vat_id", "iban")
NOT_AT_SANDBOX = (
    "platform_url",
    "client_id",
    "client_secret",
    *(f"seller_{name}" for name in SELLER),
    "mail_url",
    "brevo_key",
)
"""What the sandbox says itself, whatever is set."""

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(told: object) -> timedelta:
    if isinstance(told, timedelta):
        return told
    match = _DURATION.fullmatch(str(told).strip())
    length = _length(match) if match else timedelta()
    if not length:
        raise ValueError(
            f"must be a duration, such as 500ms, 10s, 5m, 12h or 7d, longer than nothing, not {quoted(told)}"
        )
    return length


def _length(match: re.Match[str]) -> timedelta:
    try:
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    except OverflowError:
        return timedelta.max


def _at_most(longest: str) -> BeforeValidator:
    """Durations up to this one. A longer one would be found only where it leads beyond the calendar: after a charge."""

    def duration(told: object) -> timedelta:
        length = _duration(told)
        if length > _duration(longest):
            raise ValueError(f"must be at most {longest}, not {quoted(told)}")
        return length

    return BeforeValidator(duration)


def _address(told: object) -> object:
    host, _, port = str(told).rpartition(":")
    if not host or not port.isdecimal() or int(port) > LARGEST_PORT:
        raise ValueError(f"must be an address as HOST:PORT, such as 127.0.0.1:50051, not {quoted(told)}")
    return told


def _is_here(address: str) -> bool:
    """Whether only this machine reaches it. A name may lead anywhere, `127.evil.example` too."""
    host = address.rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tenant(told: object) -> object:
    if not is_tenant_name(str(told)):
        raise ValueError(f"must be a tenant's name, {TENANT_NAMES}, a letter first, not {quoted(told)}")
    return told


def _public_url(told: object) -> object:
    """Links are made by adding to it, so nothing may follow its path; what is not set may be set to nothing."""
    try:
        parts = urlsplit(str(told))
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        sound = False
    if told and (not sound or "?" in str(told) or "#" in str(told)):
        without_login = str(told).rpartition("@")[2]
        raise ValueError(f"must be a URL as https://HOST or https://HOST/PATH, not {quoted(without_login)}")
    return told


def _folders(told: object) -> object:
    if not isinstance(told, str):
        return told
    folders = tuple(Path(folder) for folder in told.split(os.pathsep) if folder)
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder; several are separated by {os.pathsep!r}")
    return folders


Address = Annotated[str, BeforeValidator(_address)]
PublicUrl = Annotated[str, BeforeValidator(_public_url)]
Folders = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_folders)]
TenantName = Annotated[str, BeforeValidator(_tenant)]


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    grpc_listen: Address = "127.0.0.1:50051"
    http_listen: Address = "127.0.0.1:8080"
    public_url: PublicUrl = ""
    link_key: SecretStr | None = None
    link_ttl: Annotated[timedelta, _at_most("3650d")] = timedelta(days=7)
    database_url: str = "sqlite:///invoicing.db"
    engine: Literal["embedded", "none"] = "embedded"
    platform_url: str = "https://api.emporix.io"
    platform_timeout: Annotated[timedelta, _at_most("1h")] = timedelta(seconds=10)
    capture_settle: Annotated[timedelta, _at_most("7d")] = timedelta(seconds=60)
    tenants_file: NamedFile | None = None
    tenant: TenantName | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    seller_name: str = ""
    seller_street: str = ""
    seller_zip: str = ""
    seller_city: str = ""
    seller_country: Country = ""
    seller_vat_id: str = ""
    seller_iban: Iban = ""
    pdf: Renderer = Renderer.BORB
    font_dirs: Folders = ()
    mail_url: SecretStr = SecretStr("outbox:./outbox")
    brevo_key: SecretStr = SecretStr("")
    archive_url: str = "file:./archive"
    auth: Literal["none"] = "none"
    auth_none_ok: bool = False
    clock_behind_ok: bool = False
    concurrency: int = Field(default=64, ge=1, le=1000)
    tenant_rate: float = Field(default=0, ge=0, le=10_000, allow_inf_nan=False)
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
            if not self.auth_none_ok and not _is_here(getattr(self, name)):
                raise ValueError(
                    f"{_variable(name)} is reachable from other machines and nobody is asked who he is; listen on "
                    f"127.0.0.1, or set {PREFIX}AUTH_NONE_OK=1 where something else keeps strangers out"
                )
        return self

    @property
    def log_format(self) -> Literal["console", "json"]:
        """As set; else for people on a terminal, and for machines everywhere else."""
        return self.log or ("console" if sys.stdout.isatty() else "json")

    @property
    def tenants_are_in(self) -> str:
        """What a sentence about a tenant of the file begins with."""
        return f"{PREFIX}TENANTS_FILE ({self.tenants_file})"

    def tenants(self) -> Mapping[TenantId, TenantSettings]:
        """Who is served: the tenants of the file, or the one of the environment. Raises `Misconfigured`."""
        if self.tenants_file is not None:
            return tenants_in(self.tenants_file, called=self.tenants_are_in)
        if self.tenant is None:
            raise Misconfigured(
                f"{PREFIX}TENANT is not set: name your tenant, with {PREFIX}CLIENT_ID and {PREFIX}CLIENT_SECRET; or "
                f"several in {PREFIX}TENANTS_FILE; or try the service with --sandbox"
            )
        for name in ("client_id", "client_secret"):
            if not getattr(self, name):
                raise Misconfigured(f"{_variable(name)} is not set: tenant {self.tenant} needs its key at the platform")
        return {
            TenantId(self.tenant): TenantSettings(
                client_id=self.client_id,
                client_secret=self.client_secret,
                seller=SellerSettings(**{name: getattr(self, f"seller_{name}") for name in SELLER}),
            )
        }

    def at_sandbox(self, *, url: str, smtp: str, folder: Path) -> Settings:
        """These settings, pointed at a sandbox. What is kept goes into the folder unless said where.

        Its tenants are served unless a tenants file says otherwise. Mails stay in it: its customers are nobody's.
        """
        unless_said = {
            "database_url": f"sqlite:///{folder}/invoicing.db",
            "archive_url": f"file:{folder}/archive",
            "tenants_file": SANDBOX_TENANTS,
        }
        changes = {name: value for name, value in unless_said.items() if name not in self.model_fields_set}
        return self.model_copy(update={**changes, "platform_url": url, "mail_url": SecretStr(f"smtp://{smtp}")})

    @property
    def lost_at_sandbox(self) -> tuple[str, ...]:
        """Variables that were set and count for nothing at a sandbox."""
        return tuple(_variable(name) for name in NOT_AT_SANDBOX if name in self.model_fields_set)

    @classmethod
    def of_environment(cls) -> Settings:
        """The settings of this process. Raises `Misconfigured`: one sentence that names the variable."""
        for name in cls.misspelt(env_file.ours()):
            raise Misconfigured(f"{ENV_FILE}: there is no setting {name}")
        try:
            return cls()
        except ValidationError as error:
            raise Misconfigured(sentence_of(error, named=_variable)) from None

    @classmethod
    def misspelt(cls, names: Iterable[str]) -> tuple[str, ...]:
        """Of these variables those that look like settings and are none, each with the one that may have been meant."""
        known = {*map(_variable, cls.model_fields), *OF_OPTIONS}
        unknown = (name for name in names if name.startswith(PREFIX) and name not in known)
        return tuple(f"{name}{perhaps(name, known, likeness=SAME_PREFIX)}" for name in sorted(unknown))


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"
