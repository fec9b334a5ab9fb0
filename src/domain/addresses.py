"""Mail addresses as they may travel: in an envelope, in a header, in a JSON document."""

from __future__ import annotations

import re
from unicodedata import normalize

LONGEST = 254
"""Characters of an address: a path of 256 less its angle brackets (RFC 5321, 4.5.3.1.3)."""
LONGEST_LABEL = 63

_ADDRESS = re.compile(r"""[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,64}@[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,253}""")


def address_in(text: str) -> str | None:
    """The address, its domain in ASCII so that any server can take it; None when it is no address."""
    if not _ADDRESS.fullmatch(text) or not text.isprintable():
        return None
    local, _, domain = text.partition("@")
    labels = [label if label.isascii() else _ascii(label) for label in domain.split(".")]
    if not all(0 < len(label) <= LONGEST_LABEL for label in labels):
        return None
    address = f"{_dotted(local)}@{'.'.join(labels)}"
    return address if len(address.encode()) <= LONGEST else None


def _dotted(local: str) -> str:
    """Dots in unusual places are allowed in quotes only (RFC 5321, 4.1.2)."""
    return local if all(local.split(".")) else f'"{local}"'


def _ascii(label: str) -> str:
    """A name beyond ASCII as it is looked up (RFC 5891, 4.4); the codec `idna` would turn `ß` into another domain."""
    return f"xn--{normalize('NFKC', label.lower()).encode('punycode').decode()}"
