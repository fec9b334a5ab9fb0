"""What the handlers find in the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from domain.invoicing import Invoicing

Ready = Callable[[], Mapping[str, str]]
"""What the service needs, by name, and what is wrong with it; empty while it is up."""

INVOICING = web.AppKey("invoicing", Invoicing)
READY: web.AppKey[Ready] = web.AppKey("ready")
