"""Tokens that say where a list or a stream goes on. They mean nothing to callers, and nothing in another list."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from domain.errors import InvalidArgument

_DIGEST_BYTES = 9
_MOST_DIGITS = 18

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one list: `scope` names it (call, tenant, filters), `field` is the request's field they come in.

    A digest of scope and position tells a foreign or mangled token from a good one. It is no secret and needs none: a
    position opens nothing that the caller may not see anyway, and so the token is good on every replica.
    """

    field: str
    scope: tuple[str, ...]

    def token(self, position: str) -> str:
        """The token for going on after this position."""
        return urlsafe_b64encode(self._digest(position) + position.encode()).decode().rstrip("=")

    def position(self, token: str) -> str:
        """Where the token says to go on; empty for no token. Raises `InvalidArgument` when it is none of this list."""
        if not token:
            return ""
        try:
            position = urlsafe_b64decode(token + "=" * (-len(token) % 4))[_DIGEST_BYTES:].decode()
        except ValueError:
            raise self._refusal() from None
        if token != self.token(position) or not position.isprintable():
            raise self._refusal()
        return position

    def number(self, token: str) -> int:
        """The position as a number; 0 for no token. Raises `InvalidArgument`."""
        position = self.position(token) or "0"
        if not position.isdecimal() or len(position) > _MOST_DIGITS:
            raise self._refusal()
        return int(position)

    def following(self, rows: Sequence[Row], size: int, position: Callable[[Row], str]) -> str:
        """The token of the page after the first `size` rows; empty when there are no more."""
        return self.token(position(rows[size - 1])) if len(rows) > size else ""

    def _digest(self, position: str) -> bytes:
        return sha256("\n".join((*self.scope, position)).encode()).digest()[:_DIGEST_BYTES]

    def _refusal(self) -> InvalidArgument:
        return InvalidArgument(self.field, "is not a token of this list: repeat the call that gave it, unchanged")
