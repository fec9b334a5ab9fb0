"""The proof that every number of a series is explained and every document unchanged.

Everything is read again: the chain row by row, what is kept of each document, its bytes, and the draws. What is issued
meanwhile is left to the next proof, and harms nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from domain.document import Document
from domain.errors import InvalidArgument, Unavailable, UnknownInvoice, UnknownSeries
from domain.gaps import Gap, Numbers, explanation, in_order, is_lost
from domain.ledger import Kept, broken_chain, changed_bytes, changed_records, hole_before
from domain.numbering import Draw, SeriesName, is_gap_free
from domain.order import TenantId
from domain.ports import Archive, Ledger

SAMPLE = 50
"""Numbers that show which of their digits count."""

MOST_TOLD = 1000
"""Gaps and mismatches that are told one by one; those behind are counted."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A document or a row of the ledger that is not what it was. What has no number any more has none here."""

    number: str
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. `issued` are the rows of the ledger, `checked` the documents whose bytes were read and hashed.

    `head_hash` is that of the last row, to be kept elsewhere: no chain shows that its end was cut off.
    """

    series: SeriesName
    first: str = ""
    last: str = ""
    issued: int = 0
    checked: int = 0
    gaps: tuple[Gap, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    head_hash: str = ""

    @property
    def ok(self) -> bool:
        """Nothing was changed, and a series that promises to have no gap has none."""
        return not self.mismatches and not (self.gaps and is_gap_free(self.series))


def chosen(series: str, known: Collection[SeriesName]) -> SeriesName:
    """The series that is meant: the one named, or the only one. Raises `UnknownSeries`, `InvalidArgument`."""
    names = ", ".join(sorted(known)) or "none yet"
    if not series and len(known) > 1:
        raise InvalidArgument("series", f"is empty, and there are several: {names}")
    found = next((name for name in known if name == series or not series), None)
    if found is None:
        raise UnknownSeries(series, f"there is no series {series!r}; there are: {names}")
    return found


async def verified(
    ledger: Ledger, archive: Archive, tenant: TenantId, series: SeriesName, *, patience: timedelta
) -> Proof:
    """The proof for one series. `patience` is how long a call for a number may take.

    Raises `StoreUnavailable`, and `Misconfigured` when the archive cannot be asked at all.
    """
    following = await ledger.following_count(tenant, series)
    head = await ledger.head(tenant, series)
    sample = [kept.entry.number async for kept in ledger.entries(tenant, series, after=0, upto=min(head, SAMPLE))]
    reading = _Reading(ledger, archive, tenant, series, Numbers(sample, is_one_count=is_gap_free(series)))
    await reading.walk_the_chain(head)
    await reading.look_for_unchained()
    await reading.explain_draws(head, patience)
    reading.look_behind_the_end(following)
    return reading.proof()


@dataclass(slots=True)
class _Reading:
    """A series that is being read, and what was found so far."""

    ledger: Ledger
    archive: Archive
    tenant: TenantId
    series: SeriesName
    numbers: Numbers
    first: Kept | None = None
    last: Kept | None = None
    issued: int = 0
    checked: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    untold: int = 0
    gaps: list[Gap] = field(default_factory=list)

    async def walk_the_chain(self, head: int) -> None:
        """Looks at every row of the ledger up to the head."""
        async for kept in self.ledger.entries(self.tenant, self.series, after=0, upto=head):
            await self._look_at(kept)

    async def look_for_unchained(self) -> None:
        """Finds documents of the series that no row of the ledger is about."""
        async for series, number in self.ledger.unchained(self.tenant):
            if series == self.series:
                self.numbers.fill(number)
                self._tell(number, "it has no row in the ledger")

    async def explain_draws(self, head: int, patience: timedelta) -> None:
        """Finds the numbers that were drawn and stand on no document.

        The draws are read before the documents that were issued since the head was read: a draw that was used meanwhile
        is found in one or the other.
        """
        loose = [draw async for draw in self.ledger.loose_draws(self.tenant, self.series)]
        unused = {draw.number: draw for draw in loose if draw.number is not None}
        newest = await self.ledger.head(self.tenant, self.series)
        async for kept in self.ledger.entries(self.tenant, self.series, after=head, upto=newest):
            self.numbers.fill(kept.entry.number)
            unused.pop(kept.entry.number, None)
        for number, draw in unused.items():
            self.numbers.fill(number)
            self.gaps.append(Gap(number, explanation(draw), explained=True))
        for draw in filter(is_lost, loose):
            await self._explain_lost(draw, patience)

    def look_behind_the_end(self, following: int | None) -> None:
        """Finds numbers that a local series has allocated, and that its ledger does not reach."""
        if following is None:
            return
        if self.last is None:
            self._tell("", f"the ledger is empty, though numbers below the count {following} were allocated")
        elif lacking := self.numbers.lack_behind(self.last.entry.number, following - 1):
            self.gaps.append(Gap(lacking, "allocated, but the ledger ends before it", explained=False))

    def proof(self) -> Proof:
        """All that was found."""
        why = "missing" if is_gap_free(self.series) else "drawn by others, or unexplained"
        gaps = in_order(self.gaps + [Gap(number, why, explained=False) for number in self.numbers.missing()])
        told = [*self.mismatches, *([Mismatch("", f"and {self.untold:,} more")] if self.untold else [])]
        found = Proof(self.series, gaps=tuple(_abridged(gaps)), mismatches=tuple(told))
        if self.first is None or self.last is None:
            return found
        return replace(
            found,
            first=self.numbers.bounds(self.first.entry.number)[0],
            last=self.numbers.bounds(self.last.entry.number)[1],
            issued=self.issued,
            checked=self.checked,
            head_hash=self.last.hash,
        )

    async def _look_at(self, kept: Kept) -> None:
        if hole := hole_before(kept, self.last):
            self._tell("", hole)
        for what in (*broken_chain(kept, self.last), *changed_records(kept)):
            self._tell(kept.entry.number, what)
        if kept.document is not None and kept.document.sha256 is not None:
            await self._read(kept.document)
        self.numbers.add(kept.entry.number)
        self.first, self.last = self.first or kept, kept
        self.issued += 1

    async def _read(self, document: Document) -> None:
        try:
            content = await self.archive.get(document.tenant, document.number)
        except UnknownInvoice:
            self._tell(document.number, "its bytes are not in the archive")
        except Unavailable as error:
            self._tell(document.number, f"its bytes could not be read: {error.message}")
        else:
            self.checked += 1
            if what := changed_bytes(document, content):
                self._tell(document.number, what)

    async def _explain_lost(self, draw: Draw, patience: timedelta) -> None:
        """A lost draw explains one missing number at most, between those that were surely drawn before and after."""
        if next(self.numbers.missing(), None) is None:
            return
        neighbours = await self.ledger.neighbours(draw, apart=patience)
        if number := self.numbers.take_between(neighbours):
            self.gaps.append(Gap(number, explanation(draw), explained=True))

    def _tell(self, number: str, what: str) -> None:
        if len(self.mismatches) < MOST_TOLD:
            self.mismatches.append(Mismatch(number, what))
        else:
            self.untold += 1


def _abridged(gaps: list[Gap]) -> Iterable[Gap]:
    """At most so many gaps that an answer has room for them; what is not explained is not left out silently."""
    if len(gaps) <= MOST_TOLD:
        return gaps
    rest = gaps[MOST_TOLD:]
    explained = all(gap.explained for gap in rest)
    return [*gaps[:MOST_TOLD], Gap(f"{rest[0].number} and on", f"and {len(rest):,} gaps more", explained=explained)]
