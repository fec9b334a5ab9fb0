"""The tenant's customers over HTTP (`customer-service.yaml`)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from adapters.platform.scopes import READ_CUSTOMERS
from adapters.platform.wire import Absent, Call, Wire, path


class _Customer(Struct, rename="camel"):
    contact_email: str | None = None


_customer = msgspec.json.Decoder(_Customer)


class HttpCustomers:
    """`domain.ports.Customers` of one tenant."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def email(self, customer_id: str) -> str:
        """The address under which the customer wants to be written to; empty when nobody knows one."""
        try:
            call = Call("GET", path("customer", self._wire.tenant, "customers", customer_id), scope=READ_CUSTOMERS)
            return ((await self._wire.ask(call, _customer)).contact_email or "").strip()
        except Absent:
            return ""
