"""Mails, as they are set."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from adapters.mail import mailer_of
from app.clock import now
from app.settings import Settings
from domain.ports import Mailer


def mailer_by(settings: Settings, *, only_greets: bool = False) -> AbstractAsyncContextManager[Mailer]:
    """The mailer that is set, while the context lasts; one that `only_greets` makes nothing.

    Raises `Misconfigured`, naming the setting.
    """
    return mailer_of(
        settings.mail_url.get_secret_value(),
        brevo_key=settings.brevo_key.get_secret_value(),
        clock=now,
        only_greets=only_greets,
    )
