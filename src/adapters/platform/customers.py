"""The tenant's customers over HTTP (`customer-service.yaml`)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from adapters.platform.scopes import READ_CUSTOMERS
from adapters.platform.wire import Absent, Call, Wire, path
from domain.order import Profile


class _Customer(Struct, rename="camel"):
    contact_email: str | None = None
    preferred_language: Any = None
    """A wish, of which no invoice depends: what cannot be read is none."""

    def profile(self) -> Profile:
        """What of it the domain knows."""
        language = self.preferred_language if isinstance(self.preferred_language, str) else ""
        return Profile((self.contact_email or "").strip(), language.strip())


_customer = msgspec.json.Decoder(_Customer)


class HttpCustomers:
    """`domain.ports.Customers` of one tenant."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def profile(self, customer_id: str) -> Profile:
        """How the customer wants to be written to; an empty profile when nobody knows him."""
        try:
            call = Call("GET", path("customer", self._wire.tenant, "customers", customer_id), scope=READ_CUSTOMERS)
            return (await self._wire.ask(call, _customer)).profile()
        except Absent:
            return Profile()
