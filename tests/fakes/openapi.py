"""The platform's published interface, asked whether a request or an answer is as it says.

Stricter than OpenAPI in one thing: a member of an object that the published schema does not name is a complaint too,
unless the schema leaves the object open. A misspelt member would pass otherwise, for hardly any of them is required.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

DATA = Path(__file__).parents[1] / "data" / "openapi"
EVERYDAY = frozenset(
    "accept accept-encoding authorization connection content-length content-type host user-agent".split()
)
"""Headers that HTTP itself explains."""

Json = Any


@dataclass(frozen=True, slots=True)
class Operation:
    """A published call. `document` is the whole document it stands in."""

    document: Json
    method: str
    template: str
    parameters: tuple[Json, ...]
    published: Json

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def scopes(self) -> frozenset[str]:
        """Any one of them opens the call; none: it asks for no token."""
        security = self.published.get("security", self.document.get("security", []))
        return frozenset(scope for choice in security for scopes in choice.values() for scope in scopes)


class PublishedApi:
    """All documents in `tests/data/openapi`, as one interface."""

    def __init__(self, folder: Path = DATA) -> None:
        documents = {file.stem: _read(file) for file in sorted(folder.glob("*.json"))}
        resources = [(name, Resource(document, DRAFT4)) for name, document in documents.items()]
        self._registry: Registry[Json] = Registry().with_resources(resources)
        self._operations = [operation for document in documents.values() for operation in self._published_in(document)]

    def operation(self, method: str, path: str) -> Operation:
        """The published call that a request makes. Raises `LookupError`."""
        segments = urlsplit(path).path.split("/")
        fitting = [o for o in self._operations if o.method == method and _fits(o.template.split("/"), segments)]
        if not fitting:
            raise LookupError(f"nothing is published as {method} {path}")
        return min(fitting, key=lambda operation: operation.template.count("{"))

    def complaints_of_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What of the request is not as published, each as `METHOD /path/{template}: place: problem`."""
        try:
            operation = self.operation(method, path)
        except LookupError as error:
            return [str(error)]
        named = {name.lower(): value for name, value in headers.items()}
        problems = [*self._in_parameters(operation, path, named), *self._in_body(operation, named, body)]
        if operation.scopes and not named.get("authorization", "").startswith("Bearer "):
            problems.append("header Authorization: no token is sent")
        return [f"{operation}: {problem}" for problem in problems]

    def complaints_of_answer(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """What of the answer is not as published; a JSON body is looked into, any other is not."""
        try:
            operation = self.operation(method, path)
        except LookupError as error:
            return [str(error)]
        published = self._resolved(operation.published["responses"].get(str(status)))
        if published is None:
            return [f"{operation}: {status}: no such answer"]
        schema = published.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or not body:
            return []
        problems = self._in_json(schema, json.loads(body), "body")
        return [f"{operation}: {status}: {problem}" for problem in problems]

    def _published_in(self, document: Json) -> Iterator[Operation]:
        for template, item in document["paths"].items():
            shared = item.get("parameters", [])
            for method, published in item.items():
                if method != "parameters":
                    named = [self._resolved(one) for one in [*shared, *published.get("parameters", [])]]
                    yield Operation(document, method.upper(), template, tuple(named), published)

    def _resolved(self, part: Json) -> Json:
        while isinstance(part, dict) and "$ref" in part:
            part = self._registry.resolver().lookup(part["$ref"]).contents
        return part

    # Requests

    def _in_parameters(self, operation: Operation, path: str, headers: Mapping[str, str]) -> Iterator[str]:
        parts = urlsplit(path)
        given = {
            "path": _in_path(operation.template, parts.path),
            "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "header": {name: value for name, value in headers.items() if name not in EVERYDAY},
        }
        for known in operation.parameters:
            place, name = known["in"], known["name"].lower() if known["in"] == "header" else known["name"]
            value = headers.get(name) if place == "header" else given[place].get(name)
            given[place].pop(name, None)
            if value is not None:
                schema = known["schema"]
                yield from self._in_json(schema, _typed(value, self._resolved(schema)), f"{place} {name}")
            elif known.get("required"):
                yield f"{place} {name}: is missing"
        for place, unknown in given.items():
            yield from (f"{place} {name}: is not published" for name in unknown)

    def _in_body(self, operation: Operation, headers: Mapping[str, str], body: bytes) -> list[str]:
        published = self._resolved(operation.published.get("requestBody"))
        if published is None:
            return ["body: none is published"] if body else []
        if not body:
            return ["body: is missing"] if published.get("required") else []
        kind = headers.get("content-type", "").partition(";")[0]
        if kind not in published["content"]:
            return [f"body: {kind or 'no content type'} is not published"]
        content = _content(headers["content-type"], body)
        return self._in_json(published["content"][kind]["schema"], content, "body")

    # Schemas

    def _in_json(self, schema: Json, value: Json, where: str) -> list[str]:
        errors = Draft4Validator(schema, registry=self._registry).iter_errors(value)
        wrong = [f"{_place(where, error.absolute_path)}: {error.message[:200]}" for error in errors]
        return [*wrong, *self._unknown(schema, value, where)]

    def _unknown(self, schema: Json, value: Json, where: str) -> Iterator[str]:
        """Members that no schema names."""
        branches = list(self._branches(schema))
        if isinstance(value, list):
            items = [branch["items"] for branch in branches if "items" in branch]
            for index, item in enumerate(value if items else []):
                yield from self._unknown({"allOf": items}, item, f"{where}[{index}]")
        if not isinstance(value, dict) or not any("properties" in branch for branch in branches):
            return
        if any(branch.get("additionalProperties") for branch in branches):
            return
        for name, member in value.items():
            known = [branch["properties"][name] for branch in branches if name in branch.get("properties", {})]
            if known:
                yield from self._unknown({"allOf": known}, member, f"{where}.{name}")
            else:
                yield f"{where}.{name}: is not published"

    def _branches(self, schema: Json) -> Iterator[Json]:
        schema = self._resolved(schema)
        yield schema
        for kind in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(kind, []):
                yield from self._branches(branch)


def _read(file: Path) -> Json:
    return _prepared(json.loads(file.read_text(encoding="utf-8")), file.stem)


def _prepared(part: Json, document: str) -> Json:
    """OpenAPI 3.0 as JSON Schema draft 4: what may be null says so in its type, and references name their document."""
    if isinstance(part, list):
        return [_prepared(item, document) for item in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        return {"$ref": document + part["$ref"]}
    prepared = {name: _prepared(value, document) for name, value in part.items()}
    if prepared.get("nullable") is True and isinstance(prepared.get("type"), str):
        prepared["type"] = [prepared["type"], "null"]
    return prepared


def _fits(template: list[str], segments: list[str]) -> bool:
    pairs = zip(template, segments, strict=False)
    return len(template) == len(segments) and all(t == s or (t.startswith("{") and s) for t, s in pairs)


def _in_path(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}


def _typed(value: str, schema: Json) -> Json:
    """The text of a parameter as what it is to be."""
    if schema.get("type") in {"boolean", "integer", "number"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value.split(",") if schema.get("type") == "array" else value


def _content(content_type: str, body: bytes) -> Json:
    kind = content_type.partition(";")[0]
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if kind == "multipart/form-data":
        return _parts(content_type, body)
    return json.loads(body)


def _parts(content_type: str, body: bytes) -> dict[str, Json]:
    """The parts of a form by name: files as text of their size, all others as JSON."""
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return {str(part.get_param("name", header="content-disposition")): _part(part) for part in form.iter_parts()}


def _part(part: Message) -> Json:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise TypeError("a part of a form has no parts")
    return f"{len(content)} bytes" if part.get_filename() else json.loads(content)


def _place(where: str, steps: Iterable[int | str]) -> str:
    return where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
