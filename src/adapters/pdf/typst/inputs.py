"""What the template is told: the document's content as JSON, so that text from outside is never markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import accumulate, chain
from typing import Any

import msgspec
import segno

from adapters.pdf.accent import INK
from adapters.pdf.bidi import is_one_way
from adapters.pdf.content import Content
from adapters.pdf.typst.pictures import Picture
from adapters.pdf.typst.pieces import ordered

_TOLD = """
is_draft title lead about author brand sender address facts columns items carried sums settlement payment foot page
""".split()

_SHORT = "brand sender address foot".split()
"""What has its place on the page, and cannot go on elsewhere."""

_LONGEST = 160
"""Characters of an entry there: enough for anything that is a name."""

_MASK = 3
"""Of the code's eight patterns any is allowed; to try them all takes three times as long."""


def told(content: Content, picture: Picture | None, drawable: Callable[[str], str]) -> str:
    """The content as `invoice.typ` reads it, each text made drawable."""
    inputs = {name: msgspec.to_builtins(getattr(content, name)) for name in _TOLD}
    drawn = {name: _each(value, drawable) for name, value in inputs.items()}
    short = {name: _each(drawn[name], _shortened) for name in _SHORT}
    pieces = {text: msgspec.to_builtins(ordered(text)) for text in _texts(drawn | short) if not is_one_way(text)}
    return json.dumps(drawn | short | _besides(content, picture) | {"pieces": pieces})


def _besides(content: Content, picture: Picture | None) -> dict[str, Any]:
    """What serves drawing, and is no text."""
    return {
        "language": content.words.language,
        "point": content.words.point,
        "subtotals": [content.coins(net) for net in accumulate(item.net for item in content.items)],
        "giro": _giro_code(content.giro) if content.giro else None,
        "logo": picture and {"content": [*picture.content], "proportion": picture.proportion},
        "accent": (picture.accent if picture else INK).code,
    }


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed."""
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _each(part, change) for key, part in value.items()}
        case list() | tuple():
            return [_each(part, change) for part in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in the value."""
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(map(_texts, value.values()))
        case list() | tuple():
            yield from chain.from_iterable(map(_texts, value))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _giro_code(text: str) -> str:
    """The code that a banking app reads (EPC069-12), as SVG."""
    code = segno.make_qr(text, error="m", mask=_MASK, boost_error=False, encoding="utf-8")
    return code.svg_inline(border=0, omitsize=True)
