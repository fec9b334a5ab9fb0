"""The ledger, read for the proof of a series: short questions, one after the other, that hold nobody up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

from msgspec import MsgspecError
from sqlalchemy import bindparam, exists, func, or_, select

from adapters.store import facts, formats
from adapters.store.codec import AnyRow, micros
from adapters.store.prepared import Prepared
from adapters.store.reader import Reader
from adapters.store.tables import contents, documents, draws, ledger, own_series
from domain.invoice import InvoiceNumber
from domain.ledger import Kept
from domain.numbering import Draw, DrawOutcome, LedgerEntry, Neighbours, SeriesName
from domain.order import TenantId

PAGE = 50
"""Rows with all that is kept of their documents: read and decoded in some milliseconds."""
STRETCH = 2000
"""Rows that are looked through at once for the few that matter."""
NEIGHBOURS = 100
"""Numbers around a draw: more than are asked for at the same time, as a rule."""

T = TypeVar("T")

_OF_SERIES = (ledger.c.tenant == bindparam("tenant"), ledger.c.series == bindparam("series"))
_HEAD = Prepared(select(func.max(ledger.c.position).label("last")).where(*_OF_SERIES), ("tenant", "series"))
_NEXT_NAME = Prepared(
    select(func.min(ledger.c.series).label("name")).where(
        ledger.c.tenant == bindparam("tenant"), ledger.c.series > bindparam("after")
    ),
    ("tenant", "after"),
)
_OWN_NAMES = Prepared(select(own_series.c.name).where(own_series.c.tenant == bindparam("tenant")), ("tenant",))
_FOLLOWING = Prepared(
    select(own_series.c.next).where(
        own_series.c.tenant == bindparam("tenant"), own_series.c.name == bindparam("series")
    ),
    ("tenant", "series"),
)
_ENTRIES = Prepared(
    select(documents, contents.c.format, contents.c.content, *(c.label(f"entry_{c.name}") for c in ledger.c))
    .select_from(
        ledger.outerjoin(
            documents, (documents.c.tenant == ledger.c.tenant) & (documents.c.number == ledger.c.number)
        ).outerjoin(contents, contents.c.document == documents.c.id)
    )
    .where(*_OF_SERIES, ledger.c.position > bindparam("after"), ledger.c.position <= bindparam("upto"))
    .order_by(ledger.c.position)
    .limit(PAGE),
    ("tenant", "series", "after", "upto"),
)
_LAST_DOCUMENT = Prepared(
    select(func.max(documents.c.id).label("last")).where(documents.c.tenant == bindparam("tenant")), ("tenant",)
)
_UNCHAINED = Prepared(
    select(documents.c.series, documents.c.number)
    .where(
        documents.c.tenant == bindparam("tenant"),
        documents.c.id > bindparam("after"),
        documents.c.id <= bindparam("upto"),
        ~exists().where(ledger.c.tenant == documents.c.tenant, ledger.c.number == documents.c.number),
    )
    .order_by(documents.c.id),
    ("tenant", "after", "upto"),
)
_LAST_DRAW = Prepared(select(func.max(draws.c.position).label("last")), ())
_LOOSE = Prepared(
    select(draws)
    .where(
        draws.c.tenant == bindparam("tenant"),
        draws.c.series == bindparam("series"),
        draws.c.position > bindparam("after"),
        draws.c.position <= bindparam("upto"),
        or_(
            draws.c.outcome.is_(None),
            draws.c.outcome == DrawOutcome.POSSIBLY_BURNT,
            draws.c.outcome == DrawOutcome.TAKEN,
            (draws.c.outcome == DrawOutcome.DRAWN)
            & ~exists().where(documents.c.tenant == draws.c.tenant, documents.c.number == draws.c.number),
        ),
    )
    .order_by(draws.c.position),
    ("tenant", "series", "after", "upto"),
)
_IT = draws.alias("it")
_OF_IT = select(_IT.c.position).where(_IT.c.tenant == bindparam("tenant"), _IT.c.id == bindparam("id"))
_PLACE = _OF_IT.scalar_subquery()
_NUMBERED = select(draws.c.number).where(
    draws.c.tenant == bindparam("tenant"), draws.c.series == bindparam("series"), draws.c.number.is_not(None)
)
_BEFORE = Prepared(
    _NUMBERED.where(draws.c.position < _PLACE, draws.c.asked < bindparam("since"))
    .order_by(draws.c.position.desc())
    .limit(NEIGHBOURS),
    ("tenant", "series", "id", "since"),
)
_MEANWHILE = Prepared(
    _NUMBERED.where(
        draws.c.position >= _PLACE - NEIGHBOURS,
        draws.c.position <= _PLACE + NEIGHBOURS,
        draws.c.asked >= bindparam("since"),
        draws.c.asked <= bindparam("until"),
    ).order_by(draws.c.position),
    ("tenant", "series", "id", "since", "until"),
)
_BEHIND = Prepared(
    _NUMBERED.where(draws.c.position > _PLACE, draws.c.asked > bindparam("until"))
    .order_by(draws.c.position)
    .limit(NEIGHBOURS),
    ("tenant", "series", "id", "until"),
)


class SqlLedger:
    """`domain.ports.Ledger` in an SQL database. Every question names the tenant."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def names(self, tenant: TenantId) -> tuple[SeriesName, ...]:
        """The series that have a row in the ledger, or have allocated a number; by name."""
        found = {row.name for row in await self._all(_OWN_NAMES, tenant=tenant)}
        name = await self._one(_NEXT_NAME, tenant=tenant, after="")
        while name is not None:
            found.add(name)
            name = await self._one(_NEXT_NAME, tenant=tenant, after=name)
        return tuple(map(SeriesName, sorted(found)))

    async def following_count(self, tenant: TenantId, series: SeriesName) -> int | None:
        """The count that a local series allocates next; None if it allocated none yet, or is the platform's."""
        following: int | None = await self._one(_FOLLOWING, tenant=tenant, series=series)
        return following

    async def head(self, tenant: TenantId, series: SeriesName) -> int:
        """The last position of the series' chain; 0 if it has none."""
        return await self._one(_HEAD, tenant=tenant, series=series) or 0

    async def entries(self, tenant: TenantId, series: SeriesName, *, after: int, upto: int) -> AsyncIterator[Kept]:
        """The rows of the ledger behind one position and up to another, in their order, as they are kept."""
        while page := await self._kept(tenant=tenant, series=series, after=after, upto=upto):
            for kept in page:
                yield kept
            after = page[-1].entry.position

    async def unchained(self, tenant: TenantId) -> AsyncIterator[tuple[SeriesName, InvoiceNumber]]:
        """The documents that no row of the ledger is about: their series and numbers, the oldest first."""
        last = await self._one(_LAST_DOCUMENT, tenant=tenant) or 0
        for after in range(0, last, STRETCH):
            for row in await self._all(_UNCHAINED, tenant=tenant, after=after, upto=min(after + STRETCH, last)):
                yield SeriesName(row.series), InvoiceNumber(row.number)

    async def loose_draws(self, tenant: TenantId, series: SeriesName) -> AsyncIterator[Draw]:
        """The draws that may have used up a number, and to which no document of its own belongs; the oldest first."""
        last = await self._one(_LAST_DRAW) or 0
        for after in range(0, last, STRETCH):
            stretch = {"after": after, "upto": min(after + STRETCH, last)}
            for row in await self._all(_LOOSE, tenant=tenant, series=series, **stretch):
                yield facts.draw(row)

    async def neighbours(self, draw: Draw, *, apart: timedelta) -> Neighbours:
        """Numbers drawn for its series around the draw; what was asked so much apart is surely before or behind it."""
        it = {"tenant": draw.tenant, "series": draw.series, "id": draw.id}
        since, until = micros(draw.asked - apart), micros(draw.asked + apart)
        return Neighbours(
            before=_numbers(await self._all(_BEFORE, **it, since=since)),
            meanwhile=_numbers(await self._all(_MEANWHILE, **it, since=since, until=until)),
            behind=_numbers(await self._all(_BEHIND, **it, until=until)),
        )

    async def _kept(self, **values: str | int) -> list[Kept]:
        return await self._reader.read(lambda connection: [*map(_kept, _ENTRIES.all(connection, values))])

    async def _all(self, question: Prepared, **values: str | int) -> Sequence[AnyRow]:
        return await self._reader.read(lambda connection: question.all(connection, values))

    async def _one(self, question: Prepared, **values: str | int) -> Any:
        """The only value of the first row."""
        rows = await self._all(question, **values)
        return rows[0][0] if rows else None


def _numbers(rows: Sequence[AnyRow]) -> tuple[InvoiceNumber, ...]:
    return tuple(InvoiceNumber(row.number) for row in rows)


def _kept(row: AnyRow) -> Kept:
    """What is kept, whatever someone made of it."""
    content = row.content.encode() if isinstance(row.content, str) else row.content
    return Kept(
        entry=LedgerEntry(
            tenant=TenantId(row.entry_tenant),
            series=SeriesName(row.entry_series),
            position=row.entry_position,
            number=InvoiceNumber(str(row.entry_number)),
            content_hash=str(row.entry_content_hash),
            previous=str(row.entry_previous),
        ),
        hash=str(row.entry_hash),
        content_hash=None if content is None else sha256(content).hexdigest(),
        document=None if row.id is None else _if_readable(lambda: facts.document(row)),
        content=None if content is None else _if_readable(lambda: formats.invoice(row.format, content)),
    )


def _if_readable(read: Callable[[], T]) -> T | None:
    """What is read; None where the row holds what none of ours could be."""
    try:
        return read()
    except (ValueError, TypeError, KeyError, ArithmeticError, MsgspecError):
        return None
