"""How numbers look (`sequential-id.yaml`): a schema, its placeholders, and how these are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped

NAME = re.compile(r"__[A-Za-z0-9]+__")
TYPE = re.compile(r"[a-zA-Z0-9]*")
LONGEST = 100
"""Characters that what a site says may have."""
CLOCK = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}


class Placeholder(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """How a placeholder gets its value. A default counts only where none is required."""

    required: bool
    default: str = ""
    site_path: str = ""
    array_limit: int = 3
    delimiter: str = "-"


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

    def filled(self, count: int, values: Mapping[str, str]) -> str:
        """The number for this count. Raises `Refused` where a placeholder has no value."""
        digits = str(count).zfill(self.number_of_digits)
        return f"{self._text(self.pre_text, values)}{digits}{self._text(self.post_text, values)}"

    def known_from(self, site: Json, now: datetime) -> dict[str, str]:
        """What the site says of the placeholders: its country, its time, and whatever lies where they point to."""
        home = site.get("homeBase", {})
        local = now.astimezone(ZoneInfo(home.get("timezone") or "UTC"))
        built_in = {f"__{name}__": f"{local:{form}}" for name, form in CLOCK.items()}
        pointed = {name: _pointed(rule, site) for name, rule in self.placeholders.items() if rule.site_path}
        country = home.get("address", {}).get("country") or "DE"
        return {"__country__": country, **built_in, **{name: value for name, value in pointed.items() if value}}

    @property
    def has_placeholders(self) -> bool:
        """Whether anything must be filled in."""
        return NAME.search(self.pre_text + self.post_text) is not None

    def _text(self, text: str, values: Mapping[str, str]) -> str:
        return NAME.sub(lambda match: self._value(match[0], values), text)

    def _value(self, name: str, values: Mapping[str, str]) -> str:
        rule = self.placeholders.get(name, Placeholder(required=True))
        if name not in values and rule.required:
            raise Refused(400, "Required Placeholder is missing", detail="must have a value", field=name)
        return values.get(name, rule.default)


_schema = msgspec.json.Decoder(Schema)


def schema_in(body: bytes) -> Schema:
    """The schema that is to be made. Raises `Refused` for one that could never give a number."""
    schema = shaped(body, _schema)
    if not TYPE.fullmatch(schema.schema_type):
        raise _invalid("schemaType", "must match ^[a-zA-Z0-9]*$")
    if schema.max_value <= schema.start_value or schema.number_of_digits < 0:
        raise _invalid("maxValue", "must be greater than the start value, and the number of digits positive")
    for name, rule in schema.placeholders.items():
        if not NAME.fullmatch(name) or rule.array_limit < 1:
            raise _invalid(f"placeholders.{name}", "must start and end with __, and its limit be at least 1")
        if rule.site_path == "mixins" or rule.site_path.startswith("metadata"):
            raise _invalid(f"placeholders.{name}.sitePath", "must not point to metadata or to all mixins")
    return schema


def _pointed(rule: Placeholder, site: Json) -> str:
    """What lies where the placeholder points to, as one text; nothing where that is no value."""
    found = _at(site, rule.site_path.split("."))
    scalars = found[: rule.array_limit] if isinstance(found, list) else [found]
    if not all(isinstance(each, str | int) for each in scalars):
        return ""
    return rule.delimiter.join(map(str, scalars))[:LONGEST]


def _at(value: Any, path: list[str]) -> Any:
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _invalid(field: str, problem: str) -> Refused:
    message = "There are validation problems, see details section for more information"
    return Refused(400, message, detail=problem, field=field)
