"""Access tokens by client credentials (`oauth.yaml`), and what each of them opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from adapters.sandbox.answers import Fault401, Json, Refused

CLIENT = "sandbox"
"""Client id and secret of every tenant."""
LIFETIME = timedelta(seconds=14399)
SCOPES = (
    "order.order_read",
    "order.order_update",
    "order.order_update_completed",
    "configuration.configuration_view",
    "configuration.configuration_manage",
    "sequentialid.schema_view",
    "sequentialid.schema_manage",
    "payment-gateway.capture_manage",
    "payment-gateway.refund_manage",
    "payment-gateway.paymenttransactions_read",
    "media.asset_manage",
    "media.asset_read",
)
"""What the key may do. Others that are asked for are dropped without a word, as the platform does."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token opens, and until when."""

    tenants: frozenset[str]
    scopes: frozenset[str]
    expires: datetime


class Tokens:
    """The tokens given out. One that is asked for without a tenant opens every tenant of the key."""

    def __init__(self, tenants: frozenset[str], clock: Callable[[], datetime]) -> None:
        self._tenants = tenants
        self._clock = clock
        self._grants: dict[str, Grant] = {}

    def give(self, form: Mapping[str, object]) -> Json:
        """A new token as its answer says it. Raises `Refused`."""
        if form.get("grant_type") != "client_credentials":
            raise Refused(400, "Unsupported grant type", kind="oauth.v2.UnsupportedGrantType")
        if form.get("client_id") != CLIENT:
            raise Fault401("Invalid ApiKey", "oauth.v2.InvalidApiKey")
        if form.get("client_secret") != CLIENT:
            raise Fault401("Invalid client credentials", "oauth.v2.InvalidClientIdentifier")
        scopes, tenants = self._asked(str(form.get("scope") or ""))
        token = token_urlsafe(24)
        self._grants[token] = Grant(tenants, frozenset(scopes), self._clock() + LIFETIME)
        of_tenant = [f"tenant={tenant}" for tenant in tenants if len(tenants) == 1]
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join([*scopes, *of_tenant]),
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

    def _asked(self, scope: str) -> tuple[list[str], frozenset[str]]:
        words = scope.split()
        named = [word.removeprefix("tenant=") for word in words if word.startswith("tenant=")]
        if set(named) - self._tenants:
            raise Fault401("Invalid ApiKey for given resource", "oauth.v2.InvalidApiKeyForGivenResource")
        asked = [word for word in words if not word.startswith("tenant=")]
        known = [known for known in SCOPES if known in asked]
        return known if asked else list(SCOPES), frozenset(named[-1:]) or self._tenants
