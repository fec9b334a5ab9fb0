"""How a PDF writes numbers, names and texts (ISO 32000-1, 7.3 and 7.9)."""

from __future__ import annotations

_REGULAR = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.,:*!?&@$^~|;'\"`=\\")


def number(value: float) -> str:
    """A number: two decimals suffice for a hundredth of a point, and no exponent is allowed."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def name_object(text: str) -> str:
    """A name, with what could end it by its number."""
    return "/" + "".join(chr(c) if c in _REGULAR else f"#{c:02X}" for c in text.encode())


def text_string(text: str) -> str:
    """A text: as it is where it is plain ASCII, else UTF-16 with its byte order mark (7.9.2.2)."""
    if text.isascii() and text.isprintable():
        return "({})".format(text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)"))
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"
