"""What is set of series whose numbers this service allocates."""

from __future__ import annotations

from itertools import combinations
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.numbering import YEAR, LocalNumbers, NumberPattern

LONGEST_PREFIX = 40


class PatternSettings(BaseModel):
    """How the numbers of a series look: a prefix, in which `{year}` may stand, and a count.

    The count restarts each year where the prefix has the year, unless that is said otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str = Field(default=f"{YEAR}-", max_length=LONGEST_PREFIX)
    digits: int = Field(default=6, ge=1, le=12)
    start: int = Field(default=1, ge=1)
    start_year: int | None = Field(default=None, ge=2000, le=9999)
    restarts_yearly: bool | None = None

    @field_validator("prefix")
    @classmethod
    def _is_a_prefix(cls, prefix: str) -> str:
        if not prefix.isprintable() or prefix != prefix.strip():
            raise ValueError("may hold neither control characters nor blanks at its ends")
        if set(prefix.replace(YEAR, "")) & {"{", "}"}:
            raise ValueError(f"braces stand only in {YEAR}, the year of the issue date")
        return prefix

    @model_validator(mode="after")
    def _counts_without_doubt(self) -> Self:
        if self.restarts_yearly and YEAR not in self.prefix:
            raise ValueError(f"restarts_yearly: needs {YEAR} in the prefix, or each year's numbers would be the last's")
        if not self.yearly and YEAR in self.prefix and _of(self.prefix)[-1].isdigit():
            raise ValueError("prefix: must end with something else than digits where the count goes on over the years")
        if len(str(self.start)) > self.digits:
            raise ValueError(f"start: has more than {self.digits} digits")
        if self.yearly and self.start > 1 and self.start_year is None:
            raise ValueError("start: needs start_year, the year it is for; the count of each later year begins with 1")
        if not self.yearly and self.start_year is not None:
            raise ValueError("start_year: is for a count that restarts each year")
        return self

    @property
    def yearly(self) -> bool:
        """Whether the count restarts each year."""
        return YEAR in self.prefix if self.restarts_yearly is None else self.restarts_yearly

    def pattern(self) -> NumberPattern:
        """The pattern, as the domain knows it."""
        return NumberPattern(self.prefix, self.digits, self.start, self.yearly, self.start_year or 0)


class LocalSeriesSettings(PatternSettings):
    """A tenant's own series: one for all its sites, but for those `sites` that have one of their own."""

    sites: dict[str, PatternSettings] = {}

    @model_validator(mode="after")
    def _keeps_series_apart(self) -> Self:
        named = [("the tenant's own", self.prefix), *((code, its.prefix) for code, its in self.sites.items())]
        for (one, its), (other, others) in combinations(named, 2):
            if _may_meet(_of(its), _of(others)):
                raise ValueError(f"sites.{other}.prefix: its numbers could be those of {one} series")
        return self

    def numbers(self) -> LocalNumbers:
        """The series, as the domain knows them."""
        return LocalNumbers(self.pattern(), {code: its.pattern() for code, its in self.sites.items()})


def _of(prefix: str) -> str:
    """The prefix in some year."""
    return prefix.replace(YEAR, "2026")


def _may_meet(one: str, other: str) -> bool:
    """Whether a count can make the one into the other."""
    shorter, longer = sorted((one, other), key=len)
    rest = longer.removeprefix(shorter)
    return longer.startswith(shorter) and (not rest or rest.isdigit())
