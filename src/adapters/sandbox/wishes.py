"""What control calls can say: its shapes, and what is wrong with what has another."""

from __future__ import annotations

import re
from decimal import Decimal
from secrets import token_hex
from typing import Any, NoReturn, TypeVar

import msgspec

from adapters.sandbox.answers import Json, Refused
from adapters.sandbox.faults import ANY, OPERATIONS, Fault, FaultKind
from adapters.sandbox.oauth import SCOPES

T = TypeVar("T")

TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")
_WHERE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class NewOrders(msgspec.Struct, forbid_unknown_fields=True):
    """Orders a tenant has from now on, as the platform returns them."""

    tenant: str
    orders: list[Json]

    def require_sound(self) -> None:
        """Raises `Refused` for an order without an id."""
        for index, order in enumerate(self.orders):
            _require_text(order.get("id"), f"orders[{index}].id")


class NewCustomers(msgspec.Struct, forbid_unknown_fields=True):
    """Customers a tenant has from now on, as the platform returns them."""

    tenant: str
    customers: list[Json]

    def require_sound(self) -> None:
        """Raises `Refused` for a customer without a number."""
        for index, customer in enumerate(self.customers):
            _require_text(customer.get("customerNumber"), f"customers[{index}].customerNumber")


class NewTenant(msgspec.Struct, forbid_unknown_fields=True):
    """A tenant to open, or to begin anew; an empty one has nothing set up."""

    tenant: str
    empty: bool = False

    def require_sound(self) -> None:
        """Raises `Refused` for what is no name of a tenant."""
        if not TENANT.fullmatch(self.tenant):
            refuse("must be 3 to 16 small letters and digits, a letter first", field="tenant")


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """What the key of a tenant may do from now on, and how many seconds its new tokens live; all and long, if left."""

    tenant: str
    scopes: list[str] | None = None
    expires_in: int | None = None

    def require_sound(self) -> None:
        """Raises `Refused` for scopes nobody has, and for tokens that live too short or too long."""
        unknown = sorted(set(self.scopes or ()) - set(SCOPES))
        if unknown:
            refuse(f"there is no {unknown[0][:60]}; there are {', '.join(SCOPES)}", field="scopes")
        if self.expires_in is not None and not 1 <= self.expires_in <= 86_400:
            refuse("must be between 1 and 86400", field="expires_in")


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    """A fault to add. The status is an HTTP status; of a mail, the code of the SMTP reply (500 to 504 become 451)."""

    kind: FaultKind
    service: str = ANY
    operation: str = ANY
    status: int = 503
    probability: float = 1
    times: int | None = None
    delay_ms: float = 0
    tenant: str = ""
    retry_after: int | None = None

    def fault(self) -> Fault:
        """The fault itself."""
        return Fault(
            id=token_hex(6),
            service=self.service,
            operation=self.operation,
            kind=self.kind,
            status=self.status,
            probability=self.probability,
            left=self.times,
            delay=self.delay_ms / 1000,
            tenant=self.tenant,
            retry_after=self.retry_after,
        )

    def require_sound(self) -> None:
        """Raises `Refused` for what no fault can be."""
        self._require_target()
        if not 300 <= self.status <= 599:
            refuse("must be between 300 and 599", field="status")
        if not 0 <= self.probability <= 1:
            refuse("must be between 0 and 1", field="probability")
        if self.times is not None and self.times < 1:
            refuse("must be at least 1, or left out for a fault without end", field="times")
        if not 0 <= self.delay_ms <= 10**7:
            refuse("must be between 0 and 10000000", field="delay_ms")
        if self.retry_after is not None and self.retry_after < 0:
            refuse("must not be negative", field="retry_after")

    def _require_target(self) -> None:
        if self.service not in {ANY, *OPERATIONS}:
            refuse(f"there is no {self.service[:40]!r}; there are *, {', '.join(OPERATIONS)}", field="service")
        known = OPERATIONS.get(self.service) or tuple(name for names in OPERATIONS.values() for name in names)
        if self.operation not in {ANY, *known}:
            listed = ", ".join(dict.fromkeys(known))
            problem = f"{self.service} has no operation {self.operation[:40]!r}; there are *, {listed}"
            refuse(problem, field="operation")


def fault_summary(fault: Fault) -> Json:
    """The fault as it is listed. `times` is how often it will still strike, null for ever."""
    return {
        "id": fault.id,
        "service": fault.service,
        "operation": fault.operation,
        "kind": fault.kind,
        "status": fault.status,
        "probability": fault.probability,
        "times": fault.left,
        "delay_ms": fault.delay * 1000,
        "tenant": fault.tenant,
        "retry_after": fault.retry_after,
        "strikes": fault.strikes,
    }


new_orders = msgspec.json.Decoder(NewOrders, float_hook=Decimal)
new_customers = msgspec.json.Decoder(NewCustomers, float_hook=Decimal)
new_tenant = msgspec.json.Decoder(NewTenant)
new_key = msgspec.json.Decoder(NewKey)
new_fault = msgspec.json.Decoder(NewFault)


def wish_in(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """What the body wishes. Raises `Refused` with the field for what has another shape."""
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        where = _WHERE.search(str(error))
        refuse(_WHERE.sub("", str(error)), field=where["field"] if where else "")


def refuse(problem: str, *, field: str = "", status: int = 400) -> NoReturn:
    """Says what is wrong, in a sentence. Raises `Refused`."""
    raise Refused(status, f"{field or 'The body'}: {problem}.", field=field)


def _require_text(value: Any, field: str) -> None:
    if not isinstance(value, str) or not value:
        refuse("must be a text that is not empty", field=field)
