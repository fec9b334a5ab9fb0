"""How one order of a job goes on: claimed for its job, and saved after every step."""

from __future__ import annotations

from datetime import datetime

from adapters.store.batch import Batch
from domain.errors import AlreadyInvoiced
from domain.invoice import Draft
from domain.job import JobOrder


def claim(batch: Batch, order: JobOrder, now: datetime) -> None:
    """Takes the order for its job, or only looks. Raises `StaleJobOrder`, `AlreadyInvoiced`, `OrderInProgress`."""
    batch.standing(order)
    holder, number = batch.holder(order), batch.invoiced(order)
    if holder is not None and holder != order.job_id:
        raise batch.in_progress(order.tenant, holder, order.order_id)
    if number is not None:
        raise AlreadyInvoiced(number)
    if not order.dry_run:
        batch.take(order, now)


def save(batch: Batch, order: JobOrder, draft: Draft | None = None, *, failed: bool = False) -> JobOrder:
    """The order under its next revision; what it needs no more is dropped, draft and claim. Raises `StaleJobOrder`."""
    kept = batch.keep(order)
    if failed:
        batch.keep_try(kept)
    if not kept.needs_draft:
        batch.keep_draft(kept, None)
    elif draft is not None:
        batch.keep_draft(kept, draft)
    if not kept.holds_claim and batch.holder(kept) == kept.job_id:
        batch.release(kept)
    return kept
