"""The numbers of a tenant (`sequential-id.yaml`). Calls that fail burn a number, so gaps are normal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped
from adapters.sandbox.counters import Counters
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.sites import GERMAN, SHOPS

INVOICES = "invoiceNoSequence"
PREFIXES = {"acme": "INV", "globex": "GLX-"}
"""What the invoice numbers of a tenant begin with."""

_NAME = re.compile(r"__[A-Za-z0-9]+__")


class Placeholder(msgspec.Struct, forbid_unknown_fields=True):
    """How a placeholder of a schema gets its value. A default counts only where none is required."""

    required: bool
    default: str = ""


class Schema(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """How the numbers of a type look."""

    name: str
    start_value: int
    max_value: int
    number_of_digits: int
    schema_type: str = ""
    pre_text: str = ""
    post_text: str = ""
    placeholders: dict[str, Placeholder] = {}


class Wanted(msgspec.Struct, rename="camel"):
    """What a call for a number says: another counter of the schema, values of placeholders."""

    sequence_key: str | None = None
    placeholders: dict[str, str] | None = None


_schema = msgspec.json.Decoder(Schema)
_wanted = msgspec.json.Decoder(Wanted)


class Sequences:
    """The schemas of one tenant; of each type one is active. Counters never go back, not even by a reset."""

    def __init__(self, tenant: str, effects: EffectLog, clock: Callable[[], datetime], counters: Counters) -> None:
        self._tenant = tenant
        self._effects = effects
        self._clock = clock
        default = Schema("Invoices", 0, 999_999_999, 4, INVOICES, PREFIXES.get(tenant, ""))
        self._schemas = {"default": default}
        self._active = {INVOICES: "default"}
        self._counters = counters

    def reset(self) -> None:
        """As at the start, but for the counters."""
        self._schemas = {"default": self._schemas["default"]}
        self._active = {INVOICES: "default"}

    def create(self, body: bytes) -> Json:
        """A new schema, not active yet. Raises `Refused`."""
        schema_id = uuid4().hex[:24]
        self._schemas[schema_id] = shaped(body, _schema)
        return {"id": schema_id}

    def activate(self, schema_id: str) -> None:
        """From now on the numbers of its type come from this schema. Raises `Refused`."""
        if schema_id not in self._schemas:
            raise Refused(404, "Resource does not exist.")
        self._active[self._schemas[schema_id].schema_type] = schema_id

    def next_id(self, schema_type: str, site_code: str, body: bytes) -> Json:
        """The next number of the active schema. The counter goes on first, whatever happens then. Raises `Refused`."""
        schema_id = self._active.get(schema_type)
        if schema_id is None:
            raise Refused(404, f"Active schema with the type {schema_type} doesn't exist!")
        schema, wanted = self._schemas[schema_id], shaped(body, _wanted)
        count = self._count(schema, f"{self._tenant}/{schema_id}/{wanted.sequence_key or ''}")
        has_placeholders = _NAME.search(schema.pre_text + schema.post_text)
        values = {**(self._known(site_code) if has_placeholders else {}), **(wanted.placeholders or {})}
        number = "".join((_filled(schema.pre_text, schema, values), count, _filled(schema.post_text, schema, values)))
        self._effects.add(self._tenant, "number", number=number)
        return {"id": number}

    def _count(self, schema: Schema, counter: str) -> str:
        value = schema.start_value + self._counters[counter] + 1
        if value > schema.max_value:
            raise Refused(409, "Max value of the sequence is exceeded.")
        self._counters.advance(counter)
        return str(value).zfill(schema.number_of_digits)

    def _known(self, site_code: str) -> dict[str, str]:
        """What the site tells: its country, and its time."""
        if not site_code:
            return {}
        shop = SHOPS.get(site_code, GERMAN)
        now = self._clock().astimezone(ZoneInfo(shop.zone))
        names = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}
        return {"__country__": shop.country, **{f"__{name}__": f"{now:{form}}" for name, form in names.items()}}


def _filled(text: str, schema: Schema, values: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        rule = schema.placeholders.get(match[0], Placeholder(required=True))
        if match[0] not in values and rule.required:
            raise Refused(400, "Required Placeholder is missing", detail=match[0])
        return values.get(match[0], rule.default)

    return _NAME.sub(value, text)
