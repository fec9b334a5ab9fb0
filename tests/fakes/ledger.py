"""The ledger in memory: what the journal's fake has kept, read for the proof of a series."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from domain.document import Document
from domain.invoice import Invoice, InvoiceNumber
from domain.ledger import Kept
from domain.numbering import Draw, DrawOutcome, Neighbours, SeriesName
from domain.order import TenantId
from fakes.records import FakeJournal, hash_of
from fakes.trouble import Trouble

Key = tuple[TenantId, InvoiceNumber]


class FakeLedger:
    """`domain.ports.Ledger`. `damaged` are rows that are read otherwise than they were kept."""

    def __init__(self, journal: FakeJournal) -> None:
        self.damaged: dict[InvoiceNumber, Kept] = {}
        self.trouble = Trouble()
        self._journal = journal

    async def names(self, tenant: TenantId) -> tuple[SeriesName, ...]:
        """The series that have a row in the ledger, or have allocated a number; by name."""
        self.trouble.before()
        known = (*self._journal.chains, *self._journal.following)
        return tuple(sorted({series for of, series in known if of == tenant}))

    async def following_count(self, tenant: TenantId, series: SeriesName) -> int | None:
        """The count that a local series allocates next."""
        self.trouble.before()
        return self._journal.following.get((tenant, series))

    async def head(self, tenant: TenantId, series: SeriesName) -> int:
        """The last position of the series' chain; 0 if it has none."""
        return len(self._journal.chains.get((tenant, series), ()))

    async def entries(self, tenant: TenantId, series: SeriesName, *, after: int, upto: int) -> AsyncIterator[Kept]:
        """The rows of the ledger behind one position and up to another."""
        for entry in self._journal.chains.get((tenant, series), [])[after:upto]:
            document, content = (kept.get((tenant, entry.number)) for kept in self._kept)
            hashed = content and hash_of(content)
            yield self.damaged.get(entry.number, Kept(entry, entry.hash, hashed, document, content))

    async def unchained(self, tenant: TenantId) -> AsyncIterator[tuple[SeriesName, InvoiceNumber]]:
        """The documents that no row of the ledger is about."""
        chained = {entry.number for (of, _), chain in self._journal.chains.items() if of == tenant for entry in chain}
        for (of, number), document in self._journal.documented.items():
            if of == tenant and number not in chained:
                yield document.series, number

    async def loose_draws(self, tenant: TenantId, series: SeriesName) -> AsyncIterator[Draw]:
        """The draws that may have used up a number, and to which no document of its own belongs."""
        for draw in [*self._journal.draws.values()]:
            used = draw.outcome is DrawOutcome.DRAWN and (tenant, draw.number) in self._journal.documented
            nothing = draw.outcome is DrawOutcome.NOTHING
            if (draw.tenant, draw.series) == (tenant, series) and not used and not nothing:
                yield draw

    async def neighbours(self, draw: Draw, *, apart: timedelta) -> Neighbours:
        """Numbers drawn for its series around the draw."""
        every = [d for d in self._journal.draws.values() if (d.tenant, d.series) == (draw.tenant, draw.series)]
        at = [d.id for d in every].index(draw.id)
        before = [d for d in every[:at][::-1] if d.asked < draw.asked - apart]
        behind = [d for d in every[at + 1 :] if d.asked > draw.asked + apart]
        meanwhile = [d for d in every if abs(d.asked - draw.asked) <= apart]
        return Neighbours(*(tuple(d.number for d in drawn if d.number) for drawn in (before, meanwhile, behind)))

    @property
    def _kept(self) -> tuple[dict[Key, Document], dict[Key, Invoice]]:
        return self._journal.documented, self._journal.contents
