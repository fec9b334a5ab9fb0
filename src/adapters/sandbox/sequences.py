"""The numbers of a tenant (`sequential-id.yaml`). Calls that fail burn a number, so gaps are normal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped
from adapters.sandbox.counters import Counters
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.schemas import Schema, schema_in

INVOICES = "invoiceNoSequence"
PREFIXES = {"acme": "INV", "globex": "GLX-"}
"""What the invoice numbers of a tenant begin with; of others, with their name."""


class Wanted(msgspec.Struct, rename="camel"):
    """What a call for a number says: another counter of the schema, values of placeholders."""

    sequence_key: str | None = None
    placeholders: dict[str, str] | None = None


_wanted = msgspec.json.Decoder(Wanted)


@dataclass(frozen=True, slots=True)
class Made:
    """A schema, and when it was made."""

    schema: Schema
    at: datetime


class Sequences:
    """The schemas of one tenant; of each type one is active. A bare tenant has none. Counters never go back.

    `site_of` reads a site with its mixins, for what numbers say of it.
    """

    def __init__(
        self,
        tenant: str,
        effects: EffectLog,
        counters: Counters,
        *,
        clock: Callable[[], datetime],
        site_of: Callable[[str], Json],
        bare: bool,
    ) -> None:
        self._tenant = tenant
        self._effects = effects
        self._counters = counters
        self._clock = clock
        self._site_of = site_of
        self._made: dict[str, Made] = {}
        self._active: dict[str, str] = {}
        self._drawn: Counter[str] = Counter()
        if not bare:
            prefix = PREFIXES.get(tenant, f"{tenant.upper()}-")
            self._made["default"] = Made(Schema("Invoices", 0, 999_999_999, 4, INVOICES, prefix), clock())
            self._active[INVOICES] = "default"

    def create(self, body: bytes) -> str:
        """A new schema, not active yet; its id. Raises `Refused`."""
        schema_id = uuid4().hex[:24]
        self._made[schema_id] = Made(schema_in(body), self._clock())
        return schema_id

    def schemas(self, schema_type: str = "") -> list[Json]:
        """The schemas of this type, or all."""
        return [
            self.schema(schema_id)
            for schema_id, made in self._made.items()
            if not schema_type or made.schema.schema_type == schema_type
        ]

    def schema(self, schema_id: str) -> Json:
        """The schema as it is read. Raises `Refused`."""
        made = self._known(schema_id)
        described: Json = msgspec.to_builtins(made.schema)
        return {
            **described,
            "id": schema_id,
            "active": self._active.get(made.schema.schema_type) == schema_id,
            "counter": self._drawn[schema_id],
            "metadata": {"createdAt": made.at.isoformat(), "modifiedAt": made.at.isoformat(), "version": 1},
        }

    def activate(self, schema_id: str) -> None:
        """From now on the numbers of its type come from this schema. Raises `Refused`."""
        self._active[self._known(schema_id).schema.schema_type] = schema_id

    def delete(self, schema_id: str) -> None:
        """Takes a schema away; if it was active, its type has no numbers then."""
        made = self._made.pop(schema_id, None)
        if made is not None and self._active.get(made.schema.schema_type) == schema_id:
            del self._active[made.schema.schema_type]

    def next_id(self, schema_type: str, site_code: str, body: bytes) -> Json:
        """The next number of the active schema. The counter goes on first, whatever happens then. Raises `Refused`."""
        schema_id = self._active.get(schema_type)
        if schema_id is None:
            raise Refused(404, f"Active schema with the type {schema_type} doesn't exist!")
        schema, wanted = self._made[schema_id].schema, shaped(body, _wanted)
        count = self._count(schema_id, schema, wanted.sequence_key or "")
        asks_site = site_code and schema.has_placeholders
        known = schema.known_from(self._site_of(site_code), self._clock()) if asks_site else {}
        number = schema.filled(count, {**known, **(wanted.placeholders or {})})
        self._effects.add(self._tenant, "number", number=number)
        return {"id": number}

    def _count(self, schema_id: str, schema: Schema, key: str) -> int:
        counter = f"{self._tenant}/{schema_id}/{key}"
        count = schema.start_value + self._counters[counter] + 1
        if count > schema.max_value:
            raise Refused(409, "Max value of the sequence is exceeded.")
        self._counters.advance(counter)
        self._drawn[schema_id] += 1
        return count

    def _known(self, schema_id: str) -> Made:
        made = self._made.get(schema_id)
        if made is None:
            raise Refused(404, "Resource does not exist.")
        return made
