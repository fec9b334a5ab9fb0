"""The way into the platform: faults first, then token, tenant and scope, then the call itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.sandbox.answers import Fault401, Refused, encoded, refusal
from adapters.sandbox.calls import CALLS, Asked, Call, logo, token
from adapters.sandbox.faults import FaultKind, Struck
from adapters.sandbox.orders import lacking
from adapters.sandbox.platform import SandboxPlatform
from adapters.sandbox.sites import LOGO

GARBAGE = b"<html><body>It works!</body>"

Act = Callable[[web.Request], Awaitable[web.Response]]


class Door:
    """Lets calls into the platform, and lets them out: with an answer, or with what a fault makes of it."""

    def __init__(self, platform: SandboxPlatform) -> None:
        self._platform = platform

    def open(self, router: web.UrlDispatcher) -> None:
        """Every call of the platform can be made from now on."""
        router.add_post("/oauth/token", self._guarded("oauth", "token", self._token))
        router.add_get(LOGO, self._guarded("sites", "logo", logo))
        for call in CALLS:
            router.add_route(call.method, call.path, self._guarded(call.service, call.operation, self._admitting(call)))
            if call.method == "GET":
                router.add_route("HEAD", call.path, self._guarded(call.service, call.operation, self._admitting(call)))

    async def _token(self, request: web.Request) -> web.Response:
        return await token(request, self._platform.tokens)

    def _guarded(self, service: str, operation: str, act: Act) -> Act:
        """The act, as it ends under the faults there are."""

        async def handle(request: web.Request) -> web.Response:
            async def done() -> web.Response:
                try:
                    return await act(request)
                except Refused as refused:
                    return refusal(service, refused)

            tenant = request.match_info.get("tenant", "")
            try:
                return await self._platform.faults.around(service, operation, tenant, done)
            except Struck as struck:
                return _misbehaved(request, service, struck)

        return handle

    def _admitting(self, call: Call) -> Act:
        """The call, for whoever may make it."""

        async def act(request: web.Request) -> web.Response:
            return await call.act(self._admitted(call, request))

        return act

    def _admitted(self, call: Call, request: web.Request) -> Asked:
        authorization = request.headers.get("Authorization", "")
        if not authorization.startswith("Bearer "):
            raise Fault401("Invalid access token", "oauth.v2.InvalidAccessToken")
        grant = self._platform.tokens.grant(authorization)
        tenant = request.match_info["tenant"]
        if tenant not in grant.tenants:
            message = "Not allowed to access this resource"
            raise Refused(403, message, kind="insufficient_permissions", detail="The token is another tenant's.")
        if call.scopes and grant.scopes.isdisjoint(call.scopes):
            raise lacking(call.scopes[0])
        return Asked(request, self._platform.accounts[tenant], grant.scopes)


def _misbehaved(request: web.Request, service: str, struck: Struck) -> web.Response:
    match struck.fault.kind:
        case FaultKind.ERROR:
            return refusal(service, Refused(struck.fault.status, "injected fault", kind="injected_fault"))
        case FaultKind.GARBAGE:
            return encoded(GARBAGE)
    if request.transport is not None:
        request.transport.abort()
    return encoded(GARBAGE)
