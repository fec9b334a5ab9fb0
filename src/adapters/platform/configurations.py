"""The tenant's configuration over HTTP (`configuration.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from adapters.platform.complaints import shape_error
from adapters.platform.memory import Memory
from adapters.platform.scopes import READ_CONFIGURATIONS
from adapters.platform.wire import Absent, Call, Wire, path
from domain.errors import Misconfigured
from domain.order import InvoiceSettings

SETTINGS = "invoiceSettings"
SENDER = "cust.notification.email.from"
REMEDY = 'it needs {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"}'
SENDER_LIFETIME = timedelta(minutes=1)
LONGEST_THRESHOLD = 24 * 366 * 10

Listed = str | list[str | int] | None


class _Configuration(Struct):
    value: Raw = Raw(b"null")


class _Settings(Struct, rename="camel"):
    """The value of `invoiceSettings`: hours, and two lists with commas."""

    threshold: str | int | float | None = None
    status: Listed = None
    extended_order_status: Listed = None


_configuration = msgspec.json.Decoder(_Configuration)
_text = msgspec.json.Decoder(str)
_settings = msgspec.json.Decoder(_Settings)
_STATUS = re.compile(r"[\w.-]+")
_HOURS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(?:h|hours?)?\s*", re.IGNORECASE)


class HttpConfigurations:
    """`domain.ports.Configurations` of one tenant."""

    def __init__(self, wire: Wire, *, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._senders: Memory[str, str] = Memory(
            clock, lifetime=lambda sender: SENDER_LIFETIME if sender else timedelta(0)
        )

    async def invoice_settings(self) -> InvoiceSettings:
        """Which orders an automatic job takes. Raises `Misconfigured` when missing or unreadable, naming the key."""
        value = await self._value(SETTINGS)
        if value is None or value == b"null":
            raise _unset(f"is not set: {REMEDY}")
        try:
            settings = _settings.decode(_inner(value))
        except (ValueError, RecursionError) as error:
            raise _unset(f"cannot be read: {_problem(error)}; {REMEDY}") from error
        return InvoiceSettings(
            statuses=_statuses(settings.status, "status"),
            extended_statuses=_statuses(settings.extended_order_status, "extendedOrderStatus"),
            threshold=_threshold(settings.threshold),
        )

    async def mail_sender(self) -> str:
        """The address invoices are sent from, at most a minute old; empty when none is configured."""
        return await self._senders.recall(SENDER, self._sender)

    async def close(self) -> None:
        """Gives up what is still under way."""
        await self._senders.close()

    async def _sender(self) -> str:
        value = await self._value(SENDER)
        if value is None or value == b"null":
            return ""
        try:
            return _text.decode(_inner(value) if _inner(value).startswith(b'"') else value).strip()
        except ValueError as error:
            raise Misconfigured(f"the configuration {SENDER} is no text") from error

    async def _value(self, key: str) -> bytes | None:
        """The value under this key as JSON; None when there is none."""
        call = Call("GET", path("configuration", self._wire.tenant, "configurations", key), scope=READ_CONFIGURATIONS)
        try:
            return bytes((await self._wire.ask(call, _configuration)).value)
        except Absent:
            return None


def _inner(value: bytes) -> bytes:
    """Some values are JSON inside a text (`configuration.yaml`, project_curr)."""
    return _text.decode(value).encode() if value.startswith(b'"') else value


def _statuses(listed: Listed, name: str) -> tuple[str, ...]:
    parts = listed.split(",") if isinstance(listed, str) else listed or []
    statuses = tuple(str(part).strip() for part in parts if str(part).strip())
    for status in statuses:
        if not _STATUS.fullmatch(status):
            raise _unset(f"has a {name} that cannot be one: {status[:40]!r}; it needs codes parted by commas")
    return statuses


def _threshold(told: str | float | None) -> timedelta:
    """How long after delivery: "24", "96h" or a number of hours."""
    match = _HOURS.fullmatch(str(told))
    hours = float(match[1]) if match else -1
    if not 0 <= hours <= LONGEST_THRESHOLD:
        raise _unset(f'needs a threshold: hours after delivery, such as "24"; it is {str(told)[:40]!r}')
    return timedelta(hours=hours)


def _problem(error: Exception) -> str:
    """What is wrong with the value, and where in it."""
    if not isinstance(error, msgspec.ValidationError):
        return "it is no JSON that anyone could read"
    where, problem = shape_error(str(error))
    return f"{where or 'it'} {problem}"


def _unset(problem: str) -> Misconfigured:
    return Misconfigured(f"the configuration {SETTINGS} {problem}")
