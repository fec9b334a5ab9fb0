"""When something was last written: a clock that says less is wrong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ScalarSelect, select

from adapters.store.codec import instant
from adapters.store.tables import captures, documents, leads


def newest(connection: Connection) -> datetime | None:
    """The latest instant of the last lead, capture and document; None: there is none."""
    last = (
        _last(leads.c.began, by=leads.c.epoch),
        _last(captures.c.intended, by=captures.c.position),
        _last(documents.c.created, by=documents.c.id),
    )
    (found,) = connection.execute(select(*last)).all()
    return max((instant(at) for at in found if at is not None), default=None)


def _last(at: Column[int], *, by: Column[int]) -> ScalarSelect[int]:
    return select(at).order_by(by.desc()).limit(1).scalar_subquery()
