"""How the service is put together: a line a collaborator. What has to be opened is opened elsewhere and handed in."""

from __future__ import annotations

import structlog
from dependency_injector import containers, providers

from adapters.archive import PLATFORM, archive_of
from adapters.einvoice import XmlInvoices
from adapters.engine import EmbeddedEngine
from adapters.pdf.workers import RenderPool
from adapters.platform.media import media_links
from adapters.store import Store
from app.clock import now
from app.settings import Settings
from app.tenants import ServedTenants
from domain.capture import Overcapture
from domain.invoicing import Invoicing
from domain.job import Job, JobOrder
from domain.links import Links
from domain.ports import Archive, Mailer
from domain.work import CaptureTiming, Collaborators

_log = structlog.get_logger("app")


def report(incident: str, work: Job | JobOrder, defect: Exception) -> None:
    """Tells the log what failed a job or an order as a defect of ours, under the incident that its message names."""
    names: dict[str, str] = {"tenant": work.tenant}
    if isinstance(work, JobOrder):
        names |= {"job": work.job_id, "order": work.order_id, "step": work.step.name}
    else:
        names |= {"job": work.id}
    _log.error("defect", **names, incident=incident, exc_info=defect)


def alarm(taken: Overcapture) -> None:
    """Tells the log that a customer was charged more than once, or too much: someone has to give it back."""
    _log.error(
        "captured more than was planned",
        tenant=taken.tenant,
        job=taken.job_id,
        order=taken.order_id,
        transaction=taken.transaction_id,
        currency=taken.currency,
        planned=str(taken.planned),
        captured=str(taken.captured),
    )


# What providers are given is not type-checked; these functions are, so they say which adapter keeps which port.


def _links(settings: Settings, url: str, key: bytes) -> Links:
    return Links(base=(settings.public_url or url).rstrip("/"), key=key, lifetime=settings.link_ttl)


def _archive(settings: Settings, tenants: ServedTenants) -> Archive:
    return archive_of(settings.archive_url, tenants.archive)


def _collaborators(
    settings: Settings, store: Store, pdf: RenderPool, archive: Archive, mailer: Mailer, links: Links
) -> Collaborators:
    timing = CaptureTiming(timeout=settings.platform_timeout, settle=settings.capture_settle)
    where = media_links(settings.platform_url) if settings.archive_url == PLATFORM else links.permanent
    xml = XmlInvoices()
    return Collaborators(store.jobs, store.journal, store.ledger, xml, pdf, archive, mailer, where, now, alarm, timing)


def _invoicing(tenants: ServedTenants, collaborators: Collaborators, links: Links) -> Invoicing:
    return Invoicing(tenants, collaborators, links, report)


def _engine(settings: Settings, invoicing: Invoicing, store: Store) -> EmbeddedEngine:
    return EmbeddedEngine(invoicing, store.jobs, clock=now, concurrency=settings.concurrency)


class Container(containers.DeclarativeContainer):
    """The service, assembled. `url` is where its HTTP face answers, unless a public URL is set."""

    settings = providers.Dependency(instance_of=Settings)
    store = providers.Dependency(instance_of=Store)
    tenants = providers.Dependency(instance_of=ServedTenants)
    pdf = providers.Dependency(instance_of=RenderPool)
    mailer: providers.Dependency[Mailer] = providers.Dependency()
    url = providers.Dependency(instance_of=str)
    link_key = providers.Dependency(instance_of=bytes)

    archive = providers.Singleton(_archive, settings, tenants)
    links = providers.Singleton(_links, settings, url, link_key)
    collaborators = providers.Singleton(_collaborators, settings, store, pdf, archive, mailer, links)
    invoicing = providers.Singleton(_invoicing, tenants, collaborators, links)
    engine = providers.Factory(_engine, settings, invoicing, store)
