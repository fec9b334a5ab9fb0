"""The platform's calls: which there are, what each needs, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.web_request import FileField

from adapters.sandbox.answers import Refused, answer, content, encoded
from adapters.sandbox.listing import Listing
from adapters.sandbox.oauth import Tokens
from adapters.sandbox.platform import Account
from adapters.sandbox.sites import LOGO_PNG, site


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that has been let in: by whom, with which scopes."""

    request: web.Request
    account: Account
    scopes: frozenset[str]

    def named(self, name: str) -> str:
        """A name in the path."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the platform. Any one of the scopes opens it; without scopes, any token of the tenant does."""

    method: str
    path: str
    service: str
    operation: str
    act: Callable[[Asked], Awaitable[web.Response]]
    scopes: tuple[str, ...] = ()


# Calls without a token


async def token(request: web.Request, tokens: Tokens) -> web.Response:
    """POST /oauth/token."""
    form = dict(parse_qsl((await request.read()).decode("utf-8", "replace")))
    return answer(tokens.give(form))


async def logo(_: web.Request) -> web.Response:
    """The picture that the sites show."""
    return web.Response(body=LOGO_PNG, content_type="image/png")


# Orders


async def get_order(asked: Asked) -> web.Response:
    """The order."""
    return encoded(asked.account.orders.order(asked.named("id")))


async def list_orders(asked: Asked) -> web.Response:
    """A page of orders; the query is a parameter."""
    params = asked.request.query
    return _page(asked, Listing.of(params, params.get("q", "")))


async def search_orders(asked: Asked) -> web.Response:
    """A page of orders; the query is in the body."""
    body = content(await asked.request.read())
    q = body.get("q", "") if isinstance(body, dict) else None
    if not isinstance(q, str):
        raise Refused(400, "The search needs a query q.", kind="validation_violation")
    return _page(asked, Listing.of(asked.request.query, q))


def _page(asked: Asked, listing: Listing) -> web.Response:
    page, total = asked.account.orders.search(listing)
    return answer(page, headers={"X-Total-Count": str(total)})


async def patch_order(asked: Asked) -> web.Response:
    """Changes an order. The sandbox calculates nothing, so it refuses to recalculate."""
    if asked.request.query.get("recalculate", "false") != "false":
        raise Refused(400, "The sandbox does not recalculate orders.", kind="validation_violation")
    changes = content(await asked.request.read())
    asked.account.orders.patch(asked.named("id"), changes, asked.scopes)
    return web.Response(status=204)


# Configuration, numbers, sites


async def get_configuration(asked: Asked) -> web.Response:
    """The configuration under a key."""
    return answer(asked.account.configurations.configuration(asked.named("key")))


async def create_configurations(asked: Asked) -> web.Response:
    """New configurations."""
    return answer(asked.account.configurations.create(content(await asked.request.read())), 201)


async def update_configuration(asked: Asked) -> web.Response:
    """A new value."""
    document = content(await asked.request.read())
    return answer(asked.account.configurations.update(asked.named("key"), document))


async def next_id(asked: Asked) -> web.Response:
    """The next number."""
    site_code = asked.request.query.get("siteCode", "")
    drawn = asked.account.sequences.next_id(asked.named("type"), site_code, await asked.request.read())
    return answer(drawn, 201)


async def create_schema(asked: Asked) -> web.Response:
    """A new schema of numbers."""
    return answer(asked.account.sequences.create(await asked.request.read()), 201)


async def activate_schema(asked: Asked) -> web.Response:
    """Makes a schema the active one of its type."""
    asked.account.sequences.activate(asked.named("id"))
    return web.Response(status=200)


async def get_site(asked: Asked) -> web.Response:
    """The site."""
    base = f"{asked.request.scheme}://{asked.request.host}"
    expanded = asked.request.query.get("expand") == "mixin:*"
    return answer(site(asked.account.tenant, asked.named("code"), base=base, expanded=expanded))


# Payments


async def get_transaction(asked: Asked) -> web.Response:
    """The transaction."""
    return answer(asked.account.gateway.transaction(asked.named("id")))


async def capture(asked: Asked) -> web.Response:
    """Takes money."""
    return answer(asked.account.gateway.capture(asked.named("id"), await asked.request.read()))


async def refund(asked: Asked) -> web.Response:
    """Gives money back."""
    return answer(asked.account.gateway.refund(asked.named("id"), await asked.request.read()))


# Media


async def create_asset(asked: Asked) -> web.Response:
    """Keeps a file: the part `file`, described by the part `body`."""
    parts = await asked.request.post()
    file, body = parts.get("file"), parts.get("body")
    if not isinstance(file, FileField) or body is None:
        raise Refused(400, "The request is invalid", detail="A file and a body are needed, as multipart/form-data.")
    file.file.seek(0)
    described = body.file.read() if isinstance(body, FileField) else str(body).encode()
    return answer(asked.account.media.create(described, file.file.read()), 201)


async def get_asset(asked: Asked) -> web.Response:
    """The asset's description."""
    return answer(asked.account.media.document(asked.named("id")))


async def download_asset(asked: Asked) -> web.Response:
    """The asset's bytes."""
    asset = asked.account.media.asset(asked.named("id"))
    return web.Response(body=asset.content, content_type=asset.described.details.get("mimeType", "application/pdf"))


ORDERS = "/order-v2/{tenant}/salesorders"
CONFIGURATIONS = "/configuration/{tenant}/configurations"
SCHEMAS = "/sequential-id/{tenant}/schemas"
PAYMENT = "/payment-gateway/{tenant}/payment/{id}"
ASSETS = "/media/{tenant}/assets"
UPDATE = ("order.order_update", "order.order_update_completed")
MANAGE_CONFIGURATION = ("configuration.configuration_manage",)
MANAGE_SCHEMAS = ("sequentialid.schema_manage",)
READ_TRANSACTION = ("payment-gateway.paymenttransactions_read",)

CALLS = (
    Call("GET", ORDERS, "orders", "search", list_orders, ("order.order_read",)),
    Call("POST", f"{ORDERS}/search", "orders", "search", search_orders, ("order.order_read",)),
    Call("GET", f"{ORDERS}/{{id}}", "orders", "get", get_order, ("order.order_read",)),
    Call("PATCH", f"{ORDERS}/{{id}}", "orders", "patch", patch_order, UPDATE),
    Call("POST", CONFIGURATIONS, "configuration", "create", create_configurations, MANAGE_CONFIGURATION),
    Call(
        "GET",
        f"{CONFIGURATIONS}/{{key}}",
        "configuration",
        "get",
        get_configuration,
        ("configuration.configuration_view",),
    ),
    Call("PUT", f"{CONFIGURATIONS}/{{key}}", "configuration", "update", update_configuration, MANAGE_CONFIGURATION),
    Call("POST", f"{SCHEMAS}/types/{{type}}/nextId", "sequences", "next_id", next_id, ("sequentialid.schema_view",)),
    Call("POST", SCHEMAS, "sequences", "create", create_schema, MANAGE_SCHEMAS),
    Call("POST", f"{SCHEMAS}/{{id}}/setActive", "sequences", "activate", activate_schema, MANAGE_SCHEMAS),
    Call("GET", "/site/{tenant}/sites/{code}", "sites", "get", get_site),
    Call("GET", "/payment-gateway/{tenant}/transactions/{id}", "payments", "get", get_transaction, READ_TRANSACTION),
    Call("POST", f"{PAYMENT}/capture", "payments", "capture", capture, ("payment-gateway.capture_manage",)),
    Call("POST", f"{PAYMENT}/refund", "payments", "refund", refund, ("payment-gateway.refund_manage",)),
    Call("POST", ASSETS, "media", "create", create_asset, ("media.asset_manage",)),
    Call("GET", f"{ASSETS}/{{id}}", "media", "get", get_asset, ("media.asset_read",)),
    Call("GET", f"{ASSETS}/{{id}}/download", "media", "download", download_asset, ("media.asset_read",)),
)
