"""Access tokens by client credentials (`oauth.yaml`), and what each of them opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from secrets import token_urlsafe
from urllib.parse import parse_qsl

from adapters.sandbox.answers import Fault401, Json, Refused

CLIENT = "sandbox"
"""Client id and secret of every tenant."""
LIFETIME = timedelta(seconds=14399)
MOST_TOKENS = 10_000
"""What is kept: the oldest are forgotten, as if they had been withdrawn."""
SCOPES = (
    "order.order_read",
    "order.order_update",
    "order.order_update_completed",
    "configuration.configuration_view",
    "configuration.configuration_manage",
    "sequentialid.schema_view",
    "sequentialid.schema_manage",
    "site.site_read",
    "site.site_manage",
    "payment-gateway.capture_manage",
    "payment-gateway.refund_manage",
    "payment-gateway.cancel_manage",
    "payment-gateway.paymenttransactions_read",
    "media.asset_manage",
    "media.asset_read",
    "customer.customer_read",
)
"""What a key may do if it is not restricted. Others are dropped without a word, as the platform does."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the key of a tenant may do, and how long the tokens live that it opens."""

    scopes: tuple[str, ...] = SCOPES
    lifetime: timedelta = LIFETIME

    def granted(self, asked: list[str]) -> list[str]:
        """Of the scopes asked for, those it has; all it has when none is."""
        return [scope for scope in self.scopes if not asked or scope in asked]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token opens at each tenant, and until when."""

    scopes: Mapping[str, frozenset[str]]
    expires: datetime


class Tokens:
    """Every token that was given, and the tenants' keys."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self.keys: dict[str, Key] = {}

    def give(self, body: bytes) -> Json:
        """A new token for what this form asks, as its answer says it. Raises `Refused`."""
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        _require_credentials(form)
        tenants, scopes = self._asked(form.get("scope", ""))
        granted = {tenant: self.keys[tenant].granted(scopes) for tenant in tenants}
        life = min(self.keys[tenant].lifetime for tenant in tenants)
        token = self._kept(Grant({tenant: frozenset(some) for tenant, some in granted.items()}, self._clock() + life))
        named = dict.fromkeys(scope for some in granted.values() for scope in some)
        of_tenant = [f"tenant={tenant}" for tenant in tenants if len(tenants) == 1]
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(life.total_seconds()),
            "scope": " ".join([*named, *of_tenant]),
            "refresh_token": "",
            "refresh_token_expires_in": 0,
            "session_idle_time": 120,
        }

    def grant(self, authorization: str) -> Grant:
        """What the token in this header opens. Raises `Fault401`."""
        grant = self._grants.get(authorization.removeprefix("Bearer "))
        if grant is None:
            raise Fault401("Invalid access token", "oauth.v2.InvalidAccessToken")
        if self._clock() >= grant.expires:
            raise Fault401("Access Token expired", "keymanagement.service.access_token_expired")
        return grant

    def withdraw(self, tenant: str = "") -> int:
        """Takes all tokens back that open this tenant, or any; how many there were."""
        withdrawn = [token for token, grant in self._grants.items() if not tenant or tenant in grant.scopes]
        for token in withdrawn:
            del self._grants[token]
        return len(withdrawn)

    def _asked(self, scope: str) -> tuple[list[str], list[str]]:
        """The tenants asked for, of which the last one counts, and the scopes."""
        words = scope.split()
        named = tenants_in(scope)
        if set(named) - set(self.keys):
            raise Fault401("Invalid ApiKey for given resource", "oauth.v2.InvalidApiKeyForGivenResource")
        return named[-1:] or list(self.keys), [word for word in words if not word.startswith("tenant=")]

    def _kept(self, grant: Grant) -> str:
        token = token_urlsafe(24)
        self._grants[token] = grant
        for oldest in list(islice(self._grants, max(len(self._grants) - MOST_TOKENS, 0))):
            del self._grants[oldest]
        return token


def tenants_in(scope: str) -> list[str]:
    """The tenants that are named in a scope."""
    return [word.removeprefix("tenant=") for word in scope.split() if word.startswith("tenant=")]


def tenant_asked_for(body: bytes) -> str:
    """The tenant whose token this form asks for, or none."""
    scope = dict(parse_qsl(body.decode("utf-8", "replace"))).get("scope", "")
    return (tenants_in(scope) or [""])[-1]


def _require_credentials(form: Mapping[str, str]) -> None:
    if form.get("grant_type") != "client_credentials":
        raise Refused(400, "Unsupported grant type", kind="oauth.v2.UnsupportedGrantType")
    if form.get("client_id") != CLIENT:
        raise Fault401("Invalid ApiKey", "oauth.v2.InvalidApiKey")
    if form.get("client_secret") != CLIENT:
        raise Fault401("Invalid client credentials", "oauth.v2.InvalidClientIdentifier")
