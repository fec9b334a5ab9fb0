"""The platform's media service as the archive of one tenant's documents (`media.yaml`)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex

import msgspec
from msgspec import Struct

from adapters.platform.scopes import MANAGE_ASSETS, READ_ASSETS
from adapters.platform.wire import Absent, Call, Outdated, Wire, json_body, path
from domain.errors import Misconfigured, Unavailable, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId

PDF = "application/pdf"


class _Created(Struct):
    id: str


_created = msgspec.json.Decoder(_Created)


class HttpArchive:
    """`domain.ports.Archive` of one tenant: each document a private asset, which only a token opens.

    An asset's id follows from the document's number, so an upload whose answer was lost is found again. Nobody says
    whether the service refuses an id that is taken or writes over it, so it is asked for the document first.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def put(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        """Keeps the document unless one is kept under this number already; gives the bytes that are kept.

        Durable when it returns, and never half visible. Raises `Unavailable`, `Misconfigured` (the service gives
        assets other ids than it is asked to).
        """
        try:
            return await self.get(tenant, number)
        except UnknownInvoice:
            return await self._create(tenant, number, content)

    async def get(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document's bytes. Raises `UnknownInvoice`, `Unavailable`."""
        try:
            call = Call("GET", self._path(tenant, asset_id(number), "download"), scope=READ_ASSETS)
            return (await self._wire.send(call)).body
        except Absent as error:
            raise UnknownInvoice(number) from error

    async def _create(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        described = {
            "id": asset_id(number),
            "type": "BLOB",
            "access": "PRIVATE",
            "details": {"filename": f"{number}.pdf", "mimeType": PDF},
        }
        kind, form = _form(json_body(described), content)
        call = Call("POST", self._path(tenant), (), form, kind, scope=MANAGE_ASSETS)
        try:
            created = await self._wire.ask(call, _created)
        except Outdated:
            return await self._there(tenant, number)
        if created.id != described["id"]:
            raise Misconfigured("the platform's media service gives assets other ids than it is asked to")
        return content

    async def _there(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document that someone else was faster to keep."""
        try:
            return await self.get(tenant, number)
        except UnknownInvoice as error:
            raise Unavailable(f"the platform neither takes nor has the document {number}") from error

    def _path(self, tenant: TenantId, *asset: str) -> str:
        if tenant != self._wire.tenant:
            raise RuntimeError(f"this is the archive of tenant {self._wire.tenant}, not of {tenant}")
        return path("media", tenant, "assets", *asset)


def asset_id(number: str) -> str:
    """The asset's id, of the shape that the service gives its own: 24 hexadecimal digits."""
    return sha256(f"invoice\n{number}".encode()).hexdigest()[:24]


def media_links(url: str) -> Callable[[TenantId, InvoiceNumber], str]:
    """Where the platform at this URL gives out a document that it keeps."""
    base = url.rstrip("/")
    return lambda tenant, number: base + path("media", tenant, "assets", asset_id(number), "download")


def _form(described: bytes, content: bytes) -> tuple[str, bytes]:
    """The content type and the body of an upload (RFC 7578): the part `body` describes the part `file`."""
    boundary = token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="body"\r\n\r\n'
    file = f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="invoice.pdf"\r\n'
    end = f"\r\n--{boundary}--\r\n"
    form = b"".join((head.encode(), described, f"{file}Content-Type: {PDF}\r\n\r\n".encode(), content, end.encode()))
    return f"multipart/form-data; boundary={boundary}", form
