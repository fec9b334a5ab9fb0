"""Answers gone wrong: a mutator that knows JSON and HTTP, and does to a good answer what no platform should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from functools import reduce
from operator import getitem
from random import Random
from typing import Any

import msgspec

from fakes.lying_server import Reply

_DEEP = "[" * 5000 + "]" * 5000
_LITERALS = {
    "@nan@": "NaN",
    "@infinity@": "-Infinity",
    "@vast@": "1e400",
    "@vaster@": "-1E+999999999",
    "@long@": "9" * 5000,
    "@fine@": "0." + "1" * 60,
    "@fifteen@": "294.117647058823529",
    "@tiny@": "1e-30",
    "@deep@": _DEEP,
    "@bare@": "undefined",
    "@escape@": '"\\ud800"',
    "@zero@": "-0.0",
    "@leading@": "007",
}
"""What `json` would not write, by the text that stands for it."""
_TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "NaN",
    "sNaN",
    "Infinity",
    "1e15",
    "12,50",
    "x" * 5000,
    "\x00\x07\x1b[31mred\r\nInjected: yes",
    "\u202eevil\u2028line\ufeff",
    "<script>alert(1)</script>&amp;",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE orders; --",
    "../../etc/passwd",
    "Ωμέγα 漢字 שלום 🧾",
    "null",
    "[[]]",
    '{"a":1}',
    '"quoted"',
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-02-30",
    "2026-W53-7",
    "24:00",
    "00:00",
    "9:00",
    "25:61",
    "14:30+14:00",
    "CAPTURE_SUCCESS",
    "AUTHORIZATION_SUCCESS",
    "PERHAPS",
    "MASTER_ORDER",
    "XXX",
    "eur",
    "KWD",
    "JPY",
    "Mars/Olympus",
    "Pacific/Kiritimati",
    "America/Adak",
    "../zone",
    "http://[::1",
    "javascript:alert(1)",
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    -5.25,
    0.005,
    10**18,
    2**63,
    10**15,
    1.5,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": None},
    {"en": None, "de": ["x"]},
    {"id": "EON1", "amount": -3},
    *_LITERALS,
)
_STATUSES = (
    200,
    201,
    202,
    204,
    206,
    300,
    301,
    307,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    410,
    413,
    418,
    422,
    425,
    429,
)
_STATUSES += (431, 451, 499, 500, 501, 502, 503, 504, 507, 520, 599, 999)
_BODIES = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b"0",
    b"<html><body>Bad gateway</body></html>",
    b"OK",
    b"\x00" * 64,
    b"\xff\xfe{\x00}\x00",
    b"\x1f\x8b\x08\x00",
    _DEEP.encode(),
    b'{"a":' * 5000,
    b"data: {}\n\n",
)
_HEADERS = (
    ("Content-Type", ("text/html", "", "application/json; charset=utf-7", "nonsense", "multipart/form-data")),
    (
        "Retry-After",
        ("0", "7", "-5", "soon", "9" * 400, "Tue, 24 Nov 2026 12:00:30 GMT", "Mon, 99 Foo 9 9:9:9 +99"),
    ),
    ("X-Total-Count", ("0", "1", "-1", "many", "9" * 9, "9" * 400, "²", "1.5")),
    ("Location", ("http://127.0.0.1:1/elsewhere", "//", "javascript:0")),
)


class Mutator:
    """Mutations of answers, always the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._paths: dict[bytes, list[tuple[Any, ...]]] = {}
        self._chance = Random(seed)  # noqa: S311 - chance that repeats, not a secret

    def replies(self, *examples: object, number: int, status: int = 200) -> Iterator[Reply]:
        """So many answers, each one of the examples with something done to it."""
        bodies = [msgspec.json.Encoder(decimal_format="number").encode(example) for example in examples]
        for _ in range(number):
            yield self._reply(self._chance.choice(bodies), status)

    def _reply(self, body: bytes, status: int) -> Reply:
        kind = self._chance.random()
        headers = dict(self._header() for _ in range(self._chance.choice((0, 0, 1))))
        if kind < 0.72:
            return Reply(status, self._restructured(body), headers)
        if kind < 0.86:
            return Reply(status, self._damaged(body), headers)
        if kind < 0.92:
            return Reply(self._chance.choice(_STATUSES), self._chance.choice((body, *_BODIES)), headers)
        if kind < 0.94:
            return Reply(drop=True)
        return Reply(status, self._chance.choice(_BODIES), headers)

    def _header(self) -> tuple[str, str]:
        name, values = self._chance.choice(_HEADERS)
        return name, self._chance.choice(values)

    def _restructured(self, body: bytes) -> bytes:
        """The document with one to three of its parts dropped, renamed, retyped or repeated."""
        document = [msgspec.json.decode(body)]
        if body not in self._paths:
            self._paths[body] = list(_paths(document))
        for _ in range(self._chance.choice((1, 1, 1, 2, 3))):
            *names, key = self._chance.choice(self._paths[body])
            with suppress(LookupError, TypeError, AttributeError):  # what an earlier change took away stays away
                self._change(reduce(getitem, names, document), key)
        text = json.dumps(document[0], ensure_ascii=self._chance.random() < 0.5)
        for mark, literal in _LITERALS.items():
            text = text.replace(f'"{mark}"', literal) if mark in text else text
        return text.encode("utf-8", "surrogatepass")

    def _change(self, place: Any, key: Any) -> None:
        kind = self._chance.random()
        if kind < 0.5:
            place[key] = deepcopy(self._chance.choice(_VALUES))
        elif kind < 0.7:
            place[key] = self._chance.choice(_TEXTS)
        elif kind < 0.85:
            del place[key]
            if not place and isinstance(place, list):
                place.append(None)
        elif kind < 0.9:
            place[key] = [place[key]] * self._chance.choice((1, 2, 50))
        elif kind < 0.95:
            place[key] = str(place[key])
        elif isinstance(place, dict):
            place[key + self._chance.choice(("X", "\x00", " "))] = place.pop(key)

    def _damaged(self, body: bytes) -> bytes:
        """The document's bytes cut off, overwritten, or with something in them that is no JSON."""
        at = self._chance.randrange(len(body) + 1)
        kind = self._chance.randrange(7)
        if kind == 0:
            return body[:at]
        if kind == 1:
            return body[:at] + bytes([self._chance.randrange(256)]) + body[at + 1 :]
        if kind == 2:
            return body[:at] + self._chance.choice((b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\x00")) + body[at:]
        if kind == 3:
            return b"\xef\xbb\xbf" + body
        if kind == 4:
            return body + self._chance.choice((b"}", b"\n\n", body, b"//"))
        if kind == 5:
            return body.decode().encode(self._chance.choice(("utf-16", "utf-32", "utf-7")))
        return self._doubled(body)

    def _doubled(self, body: bytes) -> bytes:
        """A name that an object has twice."""
        value = json.dumps(self._chance.choice(_TEXTS)).encode()
        name = self._chance.choice((b"id", b"successful", b"status", b"value", b"code", b"access_token"))
        return body.replace(b"{", b'{"' + name + b'":' + value + b",", 1)[:-1] + b',"' + name + b'":' + value + b"}"


def _paths(document: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value in the document is: the keys that lead to it."""
    for key in list(document) if isinstance(document, dict) else range(len(document)):
        yield (*before, key)
        if isinstance(document[key], dict | list):
            yield from _paths(document[key], (*before, key))
