"""The platform's invoice numbers over HTTP (`sequential-id.yaml`)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from adapters.platform.scopes import DRAW_NUMBERS
from adapters.platform.wire import Absent, Call, Outdated, Refusal, Wire, json_body, path
from domain.errors import InDoubt, Misconfigured, SeriesExhausted
from domain.invoice import InvoiceNumber
from domain.numbering import Series

LONGEST_NUMBER = 100
DOUBT = "PLATFORM_UNAVAILABLE"


class _NextId(Struct):
    id: str | int


_next_id = msgspec.json.Decoder(_NextId)


class HttpSequences:
    """`domain.ports.Sequences` of one tenant. A call that fails may have used up a number all the same."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def draw(self, series: Series) -> InvoiceNumber:
        """The series' next number, never handed out again.

        Raises `SeriesExhausted`, `Misconfigured` (no active schema, a placeholder that is wanted), `Unavailable`
        (nothing was drawn), `InDoubt` (a number may be burnt).
        """
        try:
            drawn = await self._wire.ask(self._call(series), _next_id)
        except Absent as error:
            raise Misconfigured(f"the platform has no active schema of the type {series.name}: activate one") from error
        except Outdated as error:
            raise SeriesExhausted(f"the active schema of the type {series.name} has no number left") from error
        except Refusal as error:
            raise Misconfigured(_wanted(series, error.said)) from error
        return _number(drawn.id)

    def _call(self, series: Series) -> Call:
        where = path("sequential-id", self._wire.tenant, "schemas", "types", series.name, "nextId")
        params = (("siteCode", series.site_code),) if series.site_code else ()
        body: dict[str, object] = {"placeholders": dict(series.placeholders)} if series.placeholders else {}
        if series.key:
            body["sequenceKey"] = series.key
        return Call("POST", where, params, json_body(body), doubt=DOUBT, scope=DRAW_NUMBERS)


def _wanted(series: Series, said: str) -> str:
    given = ", ".join(name for name, _ in series.placeholders) or "none"
    remedy = f"set those that the schema {series.name} requires in the tenant's setting `placeholders` (now {given})"
    return f"the platform draws no number: {said or 'it does not say why'}; {remedy}"


def _number(told: str | int) -> InvoiceNumber:
    number = str(told)
    if not number.strip() or not number.isprintable() or len(number) > LONGEST_NUMBER:
        raise InDoubt(f"the platform drew what is no number: {number[:40]!r}", reason=DOUBT)
    return InvoiceNumber(number)
