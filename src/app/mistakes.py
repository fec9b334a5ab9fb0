"""What is wrong with a setting or an argument, in one sentence of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

LONGEST_QUOTE = 40

_TEXT, _TABLE = "must be a text, not {kind}", "must be a table, not {kind}"
_WHOLE, _NUMBER = "must be a whole number, not {value}", "must be a number, not {value}"
_CHARACTERS = "must have {min_length} or more characters"
_ONE_OF, _SWITCH = "must be {expected}, not {value}", "must be true or false, not {value}"
_PROBLEMS: Mapping[str, str] = {
    "missing": "is missing",
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "int_type": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than_equal": "must be at least {ge:g}, not {value}",
    "less_than_equal": "must be at most {le:g}, not {value}",
    "string_too_short": _CHARACTERS,
    "too_short": _CHARACTERS,
    "string_too_long": "must have {max_length} characters or fewer",
    "string_type": _TEXT,
    "path_type": _TEXT,
    "dict_type": _TABLE,
    "model_type": _TABLE,
}
"""What pydantic finds, in our words. A value is told only where it is a choice or a number: a text may be a secret."""

_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def sentence_of(
    error: ValidationError,
    *,
    named: Callable[[str], str] = str,
    known: Callable[[tuple[Any, ...]], Iterable[str]] = lambda _: (),
) -> str:
    """The first thing that is wrong, by name. `known` are the keys that there are where a location has another one."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{named(path)}: there is no such key{perhaps(str(first['loc'][-1]), known(first['loc']))}"
    return f"{named(path)}: {_problem(first)}" if path else _problem(first)


def perhaps(name: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """How a sentence about a name that is none ends: with the one that may have been meant, if one is so much alike."""
    nearest = get_close_matches(name, known, n=1, cutoff=likeness)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def quoted(value: object) -> str:
    """What was found, on one line, and not all of it if that is long."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…"


def _problem(found: ErrorDetails) -> str:
    problem = _PROBLEMS.get(found["type"])
    if problem is None:
        return found["msg"].removeprefix("Value error, ")
    value = found["input"]
    return problem.format(**found.get("ctx", {}), value=quoted(value), kind=_KINDS.get(type(value), "a date"))
