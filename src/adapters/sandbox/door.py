"""The way into the platform: faults first, then token, tenant and scope, then the call itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.sandbox.answers import Fault401, Refused, answer, encoded
from adapters.sandbox.calls import CALLS, Asked, Call
from adapters.sandbox.calls.media import SHOWN, shown
from adapters.sandbox.complaints import complaint, lacking
from adapters.sandbox.faults import Fault, FaultKind, Struck
from adapters.sandbox.oauth import tenant_asked_for
from adapters.sandbox.platform import SandboxPlatform
from adapters.sandbox.shops import LOGO, LOGO_PNG

GARBAGE = b"<html><body>It works!</body>"
NO_SUCH_PATH = {
    "fault": {
        "faultstring": "Unable to identify proxy for this path",
        "detail": {"errorcode": "messaging.adaptors.http.flow.ApplicationNotFound"},
    }
}

Act = Callable[[web.Request], Awaitable[web.Response]]


class Door:
    """Lets calls into the platform, and lets them out: with an answer, or with what a fault makes of it."""

    def __init__(self, platform: SandboxPlatform) -> None:
        self._platform = platform

    def open(self, router: web.UrlDispatcher) -> None:
        """Every call of the platform can be made from now on."""
        router.add_post("/oauth/token", self._guarded("oauth", "token", self._token))
        router.add_get(LOGO, self._guarded("sites", "logo", _logo))
        router.add_get(SHOWN, self._guarded("media", "download", self._shown))
        for call in CALLS:
            act = self._guarded(call.service, call.operation, self._admitting(call))
            router.add_route(call.method, call.path, act)
            if call.method == "GET":
                router.add_route("HEAD", call.path, act)
        router.add_route("*", "/{elsewhere:.*}", _nothing_there)

    async def _token(self, request: web.Request) -> web.Response:
        return answer(self._platform.tokens.give(await request.read()))

    async def _shown(self, request: web.Request) -> web.Response:
        """A public asset, for everybody."""
        account = self._platform.accounts.get(request.match_info["tenant"])
        asset = account.media.asset(request.match_info["id"]) if account else None
        if account is None or asset is None or not asset.is_public:
            raise Refused(404, "Nothing is shown here.")
        return shown(account, asset)

    def _guarded(self, service: str, operation: str, act: Act) -> Act:
        """The act, as it ends under the faults there are."""

        async def handle(request: web.Request) -> web.Response:
            async def done() -> web.Response:
                try:
                    return await act(request)
                except Refused as refused:
                    return self._refusal(service, refused)

            tenant = request.match_info.get("tenant", "")
            if service == "oauth":
                tenant = tenant_asked_for(await request.read())
            try:
                return await self._platform.faults.around(service, operation, tenant, done)
            except Struck as struck:
                return self._misbehaved(request, service, struck.fault)

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
        tenant = request.match_info["tenant"]
        scopes = self._platform.tokens.grant(authorization).scopes.get(tenant)
        account = self._platform.accounts.get(tenant)
        if scopes is None or account is None:
            message = "Not allowed to access this resource"
            raise Refused(403, message, kind="insufficient_permissions", detail="The token is another tenant's.")
        if request.headers.get("Emporix-Tenant", tenant) != tenant:
            raise Refused(400, "Tenant in the header is not matching with the one provided in the URI.")
        if call.scopes and scopes.isdisjoint(call.scopes):
            raise lacking(call.service, call.scopes[0])
        return Asked(request, account, scopes)

    def _refusal(self, service: str, refused: Refused) -> web.Response:
        """The refusal in the shape of the service."""
        return answer(complaint(service, refused, self._platform.clock()), refused.status)

    def _misbehaved(self, request: web.Request, service: str, fault: Fault) -> web.Response:
        match fault.kind:
            case FaultKind.ERROR:
                response = self._refusal(service, Refused(fault.status, "injected fault", kind="injected_fault"))
                if fault.retry_after is not None:
                    response.headers["Retry-After"] = str(fault.retry_after)
                return response
            case FaultKind.GARBAGE:
                return encoded(GARBAGE)
        if request.transport is not None:
            request.transport.abort()
        return encoded(GARBAGE)


async def _logo(_: web.Request) -> web.Response:
    """The picture that the sites show."""
    return web.Response(body=LOGO_PNG, content_type="image/png")


async def _nothing_there(_: web.Request) -> web.Response:
    return answer(NO_SUCH_PATH, 404)
