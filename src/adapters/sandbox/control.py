"""What tests and rehearsals tell the sandbox, and ask of it, in JSON under `/_sandbox`.

POST   /orders     {tenant, orders}: adds or replaces orders; their payments are authorised
POST   /customers  {tenant, customers}: adds or replaces customers
POST   /tenants    {tenant, empty}: opens a tenant or begins one anew, its credentials as ever; an empty one has no
                   configuration, no number schema and no orders, and its sites neither logo nor seller
POST   /keys       {tenant, scopes, expires_in}: what the tenant's next tokens open, and for how many seconds; what
                   is left out is as at the start. Scopes that a key lacks are dropped from tokens without a word
DELETE /tokens     ?tenant=: withdraws the tokens given so far; their next call is answered 401
POST   /faults     {service, operation, kind, status, probability, times, delay_ms}, and besides {tenant} for the
                   calls of one tenant only, {retry_after} for the seconds an error asks to wait
GET    /faults     lists them; DELETE /faults[/ID] deletes them
GET    /effects    ?tenant=&after=SEQ
GET    /mails      ?tenant=: lists the mails; GET /mails/ID is one as it arrived
POST   /reset      as at the start, but for numbers, tokens and the effects' `seq`
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from adapters.sandbox.answers import Refused, answer, encoded
from adapters.sandbox.oauth import LIFETIME, SCOPES, Key
from adapters.sandbox.platform import Account, SandboxPlatform
from adapters.sandbox.wishes import (
    fault_summary,
    new_customers,
    new_fault,
    new_key,
    new_orders,
    new_tenant,
    refuse,
    wish_in,
)

Act = Callable[[web.Request], Awaitable[web.Response]]


class Control:
    """The calls under `/_sandbox`. What they cannot use is answered 400: `message`, a sentence, and the `field`."""

    def __init__(self, platform: SandboxPlatform) -> None:
        self._platform = platform

    def open(self, router: web.UrlDispatcher) -> None:
        """Every control call can be made from now on."""
        for method, path, act in (
            ("POST", "/orders", self._add_orders),
            ("POST", "/customers", self._add_customers),
            ("POST", "/tenants", self._open_tenant),
            ("POST", "/keys", self._change_key),
            ("DELETE", "/tokens", self._withdraw_tokens),
            ("POST", "/faults", self._add_fault),
            ("GET", "/faults", self._faults),
            ("DELETE", "/faults", self._lift_faults),
            ("DELETE", "/faults/{id}", self._lift_fault),
            ("POST", "/reset", self._reset),
            ("GET", "/effects", self._effects),
            ("GET", "/mails", self._mails),
            ("GET", "/mails/{id}", self._mail),
        ):
            router.add_route(method, f"/_sandbox{path}", _answered(act))

    async def _add_orders(self, request: web.Request) -> web.Response:
        new = wish_in(await request.read(), new_orders)
        new.require_sound()
        account = self._account(new.tenant)
        for order in new.orders:
            account.add_order(order)
        return answer({"added": len(new.orders)})

    async def _add_customers(self, request: web.Request) -> web.Response:
        new = wish_in(await request.read(), new_customers)
        new.require_sound()
        account = self._account(new.tenant)
        for customer in new.customers:
            account.customers.put(customer)
        return answer({"added": len(new.customers)})

    async def _open_tenant(self, request: web.Request) -> web.Response:
        new = wish_in(await request.read(), new_tenant)
        new.require_sound()
        self._platform.open_account(new.tenant, bare=new.empty)
        return answer({"tenant": new.tenant, "empty": new.empty})

    async def _change_key(self, request: web.Request) -> web.Response:
        new = wish_in(await request.read(), new_key)
        new.require_sound()
        scopes = SCOPES if new.scopes is None else tuple(new.scopes)
        life = LIFETIME if new.expires_in is None else timedelta(seconds=new.expires_in)
        self._platform.tokens.keys[self._account(new.tenant).tenant] = Key(scopes, life)
        return answer({"tenant": new.tenant, "scopes": scopes, "expires_in": int(life.total_seconds())})

    async def _withdraw_tokens(self, request: web.Request) -> web.Response:
        return answer({"withdrawn": self._platform.tokens.withdraw(self._tenant(request))})

    async def _add_fault(self, request: web.Request) -> web.Response:
        new = wish_in(await request.read(), new_fault)
        new.require_sound()
        fault = new.fault()
        self._platform.faults.add(fault)
        return answer({"id": fault.id})

    async def _faults(self, _: web.Request) -> web.Response:
        return answer({"faults": [fault_summary(fault) for fault in self._platform.faults]})

    async def _lift_faults(self, _: web.Request) -> web.Response:
        return answer({"deleted": self._platform.faults.lift_all()})

    async def _lift_fault(self, request: web.Request) -> web.Response:
        deleted = self._platform.faults.lift(request.match_info["id"])
        if not deleted:
            refuse("there is no fault with this id", field="id", status=404)
        return answer({"deleted": deleted})

    async def _reset(self, _: web.Request) -> web.Response:
        self._platform.reset()
        return answer({"reset": True})

    async def _effects(self, request: web.Request) -> web.Response:
        told = request.query.get("after", "0")
        if not (told.isascii() and told.isdigit() and len(told) < 19):
            refuse("must be the seq of an effect, or 0", field="after")
        lines = self._platform.effects.after(int(told), self._tenant(request))
        return encoded(b'{"effects":[' + b",".join(lines) + b"]}")

    async def _mails(self, request: web.Request) -> web.Response:
        tenant = self._tenant(request)
        kept = [kept for kept in self._platform.mails.values() if tenant in {"", kept.mail.tenant}]
        return answer({"mails": [each.summary for each in kept]})

    async def _mail(self, request: web.Request) -> web.Response:
        mail = self._platform.mail(request.match_info["id"])
        if mail is None:
            refuse("there is no mail with this id", field="id", status=404)
        return web.Response(body=mail, content_type="message/rfc822")

    def _tenant(self, request: web.Request) -> str:
        tenant = request.query.get("tenant", "")
        return self._account(tenant).tenant if tenant else ""

    def _account(self, tenant: str) -> Account:
        if tenant not in self._platform.accounts:
            problem = f"there is no {tenant[:40]!r}; there are {' and '.join(self._platform.accounts)}"
            refuse(problem, field="tenant")
        return self._platform.accounts[tenant]


def _answered(act: Act) -> Act:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await act(request)
        except Refused as refused:
            return answer({"message": refused.message, "field": refused.field}, refused.status)

    return handle
