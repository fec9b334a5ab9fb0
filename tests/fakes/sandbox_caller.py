"""Whoever talks to the sandbox over HTTP, as any client would."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec

KEY = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}

encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(slots=True)
class Caller:
    """Whoever has a token. Answers are the status and the JSON, numbers exact."""

    session: aiohttp.ClientSession
    token: str = ""

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Makes the call."""
        data = body if isinstance(body, bytes) or body is None else encode(body)
        named = {"Authorization": f"Bearer {self.token}", **headers}
        async with self.session.request(method, path, data=data, headers=named) as response:
            read = await response.read()
            return response.status, _decode(read) if response.content_type == "application/json" and read else read

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Reads."""
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: object = None) -> tuple[int, Any]:
        """Posts JSON."""
        return await self.call("POST", path, body)

    async def ask_token(self, **changes: str) -> tuple[int, Any]:
        """Asks for a token, all scopes of acme if nothing else is said."""
        form = {**KEY, "scope": "tenant=acme", **changes}
        async with self.session.post("/oauth/token", data=form) as response:
            return response.status, await response.json()

    async def as_holder_of(self, scope: str) -> Caller:
        """A caller with a token of this scope."""
        _, answer = await self.ask_token(scope=scope)
        return Caller(self.session, answer["access_token"])

    async def add(self, *orders: dict[str, Any], tenant: str = "acme") -> None:
        """Orders that the tenant has from now on."""
        assert await self.post("/_sandbox/orders", {"tenant": tenant, "orders": orders}) == (
            200,
            {"added": len(orders)},
        )

    async def change_key(self, tenant: str = "acme", **changes: object) -> None:
        """What the tenant's next tokens may do, and how long they live."""
        status, answer = await self.post("/_sandbox/keys", {"tenant": tenant, **changes})
        assert status == 200, answer

    async def open_tenant(self, tenant: str, *, empty: bool) -> Caller:
        """A new tenant, and a caller with a token of it."""
        status, answer = await self.post("/_sandbox/tenants", {"tenant": tenant, "empty": empty})
        assert status == 200, answer
        return await self.as_holder_of(f"tenant={tenant}")

    async def fault(self, **fault: object) -> str:
        """Adds a fault; its id."""
        status, answer = await self.post("/_sandbox/faults", fault)
        assert status == 200, answer
        return str(answer["id"])

    async def sees_held(self) -> None:
        """Returns when a call is held."""
        while not await self.effects("held", tenant=""):
            pass  # asks again, over HTTP: the sandbox goes on meanwhile

    async def effects(self, kind: str = "", **params: str) -> list[dict[str, Any]]:
        """The effects of acme, or of whom the parameters say, of one kind or of all."""
        query = "&".join(f"{name}={value}" for name, value in {"tenant": "acme", **params}.items())
        _, answer = await self.get(f"/_sandbox/effects?{query}")
        return [effect for effect in answer["effects"] if kind in {"", effect["kind"]}]
