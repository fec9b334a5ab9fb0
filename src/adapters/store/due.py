"""Which orders are due, over all tenants.

One tenant's backlog must cost the others nothing, so nothing here reads or sorts a backlog: the index of pending orders
is asked for the next tenant behind each tenant, and for the first few orders of each.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Integer, Select, bindparam, func, not_, select, tuple_

from adapters.store.tables import PENDING, job_orders


def _waiting_tenants() -> CTE:
    """Every tenant with a pending order, and a last row with none."""
    o = job_orders.c
    tenants = select(func.min(o.tenant).label("tenant")).where(PENDING).cte("tenants", recursive=True)
    following = select(func.min(o.tenant)).where(PENDING, o.tenant > tenants.c.tenant).scalar_subquery()
    return tenants.union_all(select(following).where(tenants.c.tenant.is_not(None)))


def _due(*, without_busy: bool) -> Select[Any]:
    tenants, first = _waiting_tenants(), job_orders.alias("first")
    theirs = select(first.c.id).where(PENDING, first.c.tenant == tenants.c.tenant, first.c.due <= bindparam("now"))
    if without_busy:
        key = tuple_(first.c.tenant, first.c.job_id, first.c.order_id)
        theirs = theirs.where(not_(key.in_(bindparam("busy", expanding=True))))
    theirs = theirs.order_by(first.c.due, first.c.id).limit(bindparam("each", type_=Integer))
    return (
        select(job_orders)
        .join_from(tenants, job_orders, job_orders.c.id.in_(theirs.correlate(tenants)))
        .order_by(job_orders.c.due, job_orders.c.id)
    )


def _next_due() -> Select[Any]:
    tenants, later = _waiting_tenants(), job_orders.c
    theirs = select(func.min(later.due)).where(PENDING, later.tenant == tenants.c.tenant, later.due > bindparam("now"))
    return select(func.min(theirs.correlate(tenants).scalar_subquery())).select_from(tenants)


DUE = _due(without_busy=False)
"""At most `each` orders of every tenant that are due `now`."""

OTHER_THAN = _due(without_busy=True)
"""Likewise, without those that are `busy`."""

NEXT_DUE = _next_due()
"""The first instant after `now` at which an order is due."""
