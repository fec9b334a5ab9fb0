"""How the service is put together: a line a collaborator. What has to be opened is opened elsewhere and handed in."""

from __future__ import annotations

import structlog
from dependency_injector import containers, providers

from adapters.archive import archive_of
from adapters.engine import EmbeddedEngine
from adapters.pdf.workers import RenderPool
from adapters.store import Store
from app.clock import now
from app.settings import Settings
from app.tenants import ServedTenants
from domain.invoicing import Invoicing
from domain.job import JobOrder
from domain.links import Links
from domain.ports import Mailer
from domain.steps import CaptureTiming, Collaborators

_log = structlog.get_logger("app")


def report(incident: str, order: JobOrder, defect: Exception) -> None:
    """Tells the log what failed an order as a defect of ours, under the incident that its message names."""
    names = {"tenant": order.tenant, "job": order.job_id, "order": order.order_id, "step": order.step.name}
    _log.error("defect", incident=incident, **names, exc_info=defect)


class Container(containers.DeclarativeContainer):
    """The service, assembled."""

    settings = providers.Dependency(instance_of=Settings)
    store = providers.Dependency(instance_of=Store)
    tenants = providers.Dependency(instance_of=ServedTenants)
    pdf = providers.Dependency(instance_of=RenderPool)
    mailer: providers.Dependency[Mailer] = providers.Dependency()
    public_url = providers.Dependency(instance_of=str)
    link_key = providers.Dependency(instance_of=bytes)
    clock = providers.Object(now)

    links = providers.Singleton(Links, base=public_url, key=link_key, lifetime=settings.provided.link_ttl)
    timing = providers.Singleton(
        CaptureTiming, timeout=settings.provided.platform_timeout, settle=settings.provided.capture_settle
    )
    archive = providers.Singleton(archive_of, settings.provided.archive_url)
    collaborators = providers.Singleton(
        Collaborators,
        jobs=store.provided.jobs,
        journal=store.provided.journal,
        pdf=pdf,
        archive=archive,
        mailer=mailer,
        document_url=links.provided.permanent,
        clock=clock,
        timing=timing,
    )
    invoicing = providers.Singleton(
        Invoicing, tenants=tenants, has=collaborators, links=links, report=providers.Object(report)
    )
    engine = providers.Singleton(
        EmbeddedEngine, invoicing, store.provided.jobs, clock=clock, concurrency=settings.provided.concurrency
    )
