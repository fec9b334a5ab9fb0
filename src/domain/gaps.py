"""Numbers that stand on no document: found among those that do, and explained by the draws that left them behind."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from domain.invoice import InvoiceNumber
from domain.numbering import Draw, DrawOutcome, Neighbours

_DIGITS = re.compile(r"([0-9]{1,100})")


@dataclass(frozen=True, slots=True)
class Gap:
    """A number without a document, or a range of them as first..last; why; and whether the records explain it."""

    number: str
    explanation: str
    explained: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A number as a count between two texts. `width` is how many digits it is written with."""

    lead: str
    count: int
    width: int
    tail: str

    def written(self, count: int) -> InvoiceNumber:
        """The number that differs from this one by its count."""
        return InvoiceNumber(f"{self.lead}{count:0{self.width}}{self.tail}")


@dataclass(slots=True)
class Runs:
    """The counts that are known, as runs without a hole: memory grows with the holes, not with the counts."""

    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)

    def add(self, count: int) -> None:
        """From now on this count is known."""
        at = bisect_right(self.firsts, count)
        if at and count <= self.lasts[at - 1]:
            return
        behind = at > 0 and self.lasts[at - 1] == count - 1
        before = at < len(self.firsts) and self.firsts[at] == count + 1
        if behind and before:
            self.lasts[at - 1] = self.lasts.pop(at)
            self.firsts.pop(at)
        elif behind:
            self.lasts[at - 1] = count
        elif before:
            self.firsts[at] = count
        else:
            self.firsts.insert(at, count)
            self.lasts.insert(at, count)

    def take(self, above: int, below: int) -> int | None:
        """The first hole's count between the two, known from now on; None if there is none."""
        count = max(above, self.firsts[0]) + 1
        at = bisect_right(self.firsts, count) - 1
        if count <= self.lasts[at]:
            count = self.lasts[at] + 1
        if count >= min(below, self.lasts[-1]):
            return None
        self.add(count)
        return count

    def holes(self) -> Iterator[tuple[int, int]]:
        """First and last count of each hole."""
        for last, first in zip(self.lasts, self.firsts[1:], strict=False):
            yield last + 1, first - 1


@dataclass(slots=True)
class Family:
    """Numbers that differ by their count alone."""

    form: Counted
    runs: Runs = field(default_factory=Runs)

    def number(self, count: int) -> InvoiceNumber:
        """The number with this count."""
        return self.form.written(count)


class Numbers:
    """The numbers of a series that are accounted for.

    The numbers of a platform may change their prefix at any time; each prefix is then counted by itself. `is_one_count`
    says that one count runs through all prefixes.
    """

    def __init__(self, sample: Sequence[str], *, is_one_count: bool) -> None:
        self._place = counting_place(sample)
        self._is_one_count = is_one_count
        self._families: dict[tuple[str, str], Family] = {}

    def add(self, number: str) -> None:
        """The number stands on a document."""
        counted = self._counted(number)
        if counted is None:
            return
        family = self._families.setdefault(self._key(counted), Family(counted))
        family.form = replace(counted, width=min(counted.width, family.form.width))
        family.runs.add(counted.count)

    def fill(self, number: str) -> None:
        """The number is accounted for, and leaves no others behind that are not."""
        counted = self._counted(number)
        family = None if counted is None else self._families.get(self._key(counted))
        if counted is not None and family is not None and counted.count < family.runs.lasts[-1]:
            family.runs.add(counted.count)

    def bounds(self, like: str) -> tuple[str, str]:
        """The lowest and the highest number of the kind of this one, which was added."""
        counted = self._counted(like)
        if counted is None:
            return like, like
        family = self._families[self._key(counted)]
        form = replace(counted, width=family.form.width)
        return form.written(family.runs.firsts[0]), form.written(family.runs.lasts[-1])

    def lack_behind(self, last: str, allocated: int) -> str:
        """The range that is missing behind the last number of a count that was allocated as far as this."""
        counted = self._counted(last)
        if counted is None:
            return ""
        lacking = allocated - counted.count % 10 ** len(str(allocated))
        family = self._families[self._key(counted)]
        return _range(family, counted.count + 1, counted.count + lacking) if lacking > 0 else ""

    def take_between(self, its: Neighbours) -> InvoiceNumber | None:
        """A missing number higher than those before and lower than those behind, accounted for from now on.

        Only among numbers of the neighbours' kind: what was drawn between them has their prefix.
        """
        before, behind = self._by_family(its.before), self._by_family(its.behind)
        for key in sorted({*before, *behind, *self._by_family(its.meanwhile)} & self._families.keys()):
            family = self._families[key]
            above = max(before.get(key, family.runs.firsts[:1]))
            below = min(behind.get(key, family.runs.lasts[-1:]))
            if (count := family.runs.take(above, below)) is not None:
                return family.number(count)
        return None

    def missing(self) -> Iterator[str]:
        """What is not accounted for between the lowest and the highest number: each number, or first..last."""
        for family in self._families.values():
            for first, last in family.runs.holes():
                yield _range(family, first, last)

    def _by_family(self, numbers: Iterable[str]) -> dict[tuple[str, str], list[int]]:
        counts: dict[tuple[str, str], list[int]] = {}
        for counted in filter(None, map(self._counted, numbers)):
            counts.setdefault(self._key(counted), []).append(counted.count)
        return counts

    def _key(self, counted: Counted) -> tuple[str, str]:
        return ("", "") if self._is_one_count else (counted.lead, counted.tail)

    def _counted(self, number: str) -> Counted | None:
        parts = _DIGITS.split(number)
        if len(parts) == 1:
            return None
        at = max(len(parts) - 2 * self._place, 1)
        return Counted("".join(parts[:at]), int(parts[at]), len(parts[at]), "".join(parts[at + 1 :]))


def counting_place(sample: Sequence[str]) -> int:
    """Which run of digits counts, from the end of a number: the last one that is not the same in all of these."""
    runs = [_DIGITS.findall(number)[::-1] for number in sample]
    for place in range(min(map(len, runs), default=0)):
        if len({found[place] for found in runs}) > 1:
            return place + 1
    return 1


def _range(family: Family, first: int, last: int) -> str:
    return family.number(first) if first == last else f"{family.number(first)}..{family.number(last)}"


def explanation(draw: Draw) -> str:
    """What became of the number that this draw may have used up."""
    told = f"for order {draw.order_id} in job {draw.job_id} at {draw.asked:%Y-%m-%d %H:%M:%S} UTC"
    match draw.outcome:
        case DrawOutcome.DRAWN:
            return f"drawn {told}, and not used yet"
        case DrawOutcome.TAKEN:
            return f"handed out once more {told}: it stands on another document"
        case DrawOutcome.POSSIBLY_BURNT:
            return f"possibly burnt by a draw {told}, whose answer was lost"
    return f"possibly burnt by a draw {told}, which is under way or broke off"


def is_lost(draw: Draw) -> bool:
    """Whether nobody knows which number the draw used up, if any."""
    return draw.outcome in {None, DrawOutcome.POSSIBLY_BURNT}


def in_order(gaps: Iterable[Gap]) -> list[Gap]:
    """By number, the shorter first."""
    return sorted(gaps, key=lambda gap: (len(gap.number.partition("..")[0]), gap.number))
