"""What tests and rehearsals tell the sandbox, and ask of it: orders, faults, effects, mails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from secrets import token_hex
from typing import Any, NoReturn

import msgspec
from aiohttp import web

from adapters.sandbox.answers import Json, Refused, answer
from adapters.sandbox.faults import ANY, OPERATIONS, Fault, FaultKind
from adapters.sandbox.platform import Account, SandboxPlatform
from adapters.sandbox.received import Received


class NewOrders(msgspec.Struct, forbid_unknown_fields=True):
    """Orders a tenant has from now on, as the platform returns them."""

    tenant: str
    orders: list[Json]


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    """A fault to add. The status is an HTTP status; of a mail, the code of the SMTP reply (500 to 504 become 451)."""

    kind: FaultKind
    service: str = ANY
    operation: str = ANY
    status: int = 503
    probability: float = 1
    times: int | None = None
    delay_ms: float = 0


_new_orders = msgspec.json.Decoder(NewOrders, float_hook=Decimal)
_new_fault = msgspec.json.Decoder(NewFault)


class Control:
    """The calls under `/_sandbox`, JSON in and out. What they cannot use is answered 400, with a sentence."""

    def __init__(self, platform: SandboxPlatform) -> None:
        self._platform = platform

    def open(self, router: web.UrlDispatcher) -> None:
        """Every control call can be made from now on."""
        router.add_post("/_sandbox/orders", _answered(self._add_orders))
        router.add_post("/_sandbox/faults", _answered(self._add_fault))
        router.add_delete("/_sandbox/faults", _answered(self._lift_faults))
        router.add_delete("/_sandbox/faults/{id}", _answered(self._lift_fault))
        router.add_post("/_sandbox/reset", _answered(self._reset))
        router.add_get("/_sandbox/effects", _answered(self._effects))
        router.add_get("/_sandbox/mails", _answered(self._mails))
        router.add_get("/_sandbox/mails/{id}", _answered(self._mail))

    async def _add_orders(self, request: web.Request) -> web.Response:
        new = _read(await request.read(), _new_orders)
        for index, order in enumerate(new.orders):
            if not isinstance(order.get("id"), str) or not order["id"]:
                _refuse(f"orders[{index}] needs an id that is a text.")
        account = self._account(new.tenant)
        for order in new.orders:
            account.orders.put(order)
        return answer({"added": len(new.orders)})

    async def _add_fault(self, request: web.Request) -> web.Response:
        new = _read(await request.read(), _new_fault)
        _require_sensible(new)
        fault = Fault(
            id=token_hex(6),
            service=new.service,
            operation=new.operation,
            kind=new.kind,
            status=new.status,
            probability=new.probability,
            left=new.times,
            delay=new.delay_ms / 1000,
        )
        self._platform.faults.add(fault)
        return answer({"id": fault.id})

    async def _lift_faults(self, _: web.Request) -> web.Response:
        return answer({"deleted": self._platform.faults.lift_all()})

    async def _lift_fault(self, request: web.Request) -> web.Response:
        deleted = self._platform.faults.lift(request.match_info["id"])
        if not deleted:
            _refuse("There is no fault with this id.", status=404)
        return answer({"deleted": deleted})

    async def _reset(self, _: web.Request) -> web.Response:
        self._platform.reset()
        return answer({"reset": True})

    async def _effects(self, request: web.Request) -> web.Response:
        told = request.query.get("after", "0")
        if not (told.isascii() and told.isdigit()):
            _refuse("after must be the seq of an effect, or 0.")
        return answer({"effects": self._platform.effects.after(int(told), self._tenant(request))})

    async def _mails(self, request: web.Request) -> web.Response:
        tenant = self._tenant(request)
        mails = [mail for mail in self._platform.mails.values() if tenant in {"", mail.tenant}]
        return answer({"mails": [_summary(mail) for mail in mails]})

    async def _mail(self, request: web.Request) -> web.Response:
        mail = self._platform.mails.get(request.match_info["id"])
        if mail is None:
            _refuse("There is no mail with this id.", status=404)
        return web.Response(body=mail.content, content_type="message/rfc822")

    def _tenant(self, request: web.Request) -> str:
        tenant = request.query.get("tenant", "")
        return self._account(tenant).tenant if tenant else ""

    def _account(self, tenant: str) -> Account:
        if tenant not in self._platform.accounts:
            _refuse(f"There is no tenant {tenant[:40]!r}; there are {' and '.join(self._platform.accounts)}.")
        return self._platform.accounts[tenant]


def _answered(
    act: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await act(request)
        except Refused as refused:
            return answer({"message": refused.message}, refused.status)

    return handle


def _read(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        _refuse(f"The body cannot be used: {error}.")


def _require_sensible(new: NewFault) -> None:
    if new.service not in {ANY, *OPERATIONS}:
        _refuse(f"There is no service {new.service[:40]!r}; there are *, {', '.join(OPERATIONS)}.")
    known = OPERATIONS.get(new.service) or [name for names in OPERATIONS.values() for name in names]
    if new.operation not in {ANY, *known}:
        listed = ", ".join(dict.fromkeys(known))
        _refuse(f"{new.service} has no operation {new.operation[:40]!r}; there are *, {listed}.")
    if not 300 <= new.status <= 599:
        _refuse("status must be between 300 and 599.")
    if not 0 <= new.probability <= 1:
        _refuse("probability must be between 0 and 1.")
    if new.times is not None and new.times < 1:
        _refuse("times must be at least 1, or left out for a fault without end.")
    if not 0 <= new.delay_ms <= 10**7:
        _refuse("delay_ms must be between 0 and 10000000.")


def _summary(mail: Received) -> Json:
    return {"id": mail.id, "tenant": mail.tenant, "size": len(mail.content), **mail.facts}


def _refuse(sentence: str, status: int = 400) -> NoReturn:
    raise Refused(status, sentence)
