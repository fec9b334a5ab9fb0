"""Documents as files: behind a signed link, and at their permanent place."""

from __future__ import annotations

import re
from urllib.parse import quote

from aiohttp import hdrs, web

from adapters.http.keys import INVOICING
from domain.document import Document
from domain.errors import UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.mail import file_name
from domain.order import TenantId

LONGEST_NUMBER = 128

_UNSAFE = re.compile(r'[/\\:*?"<>|]')


async def signed_document(request: web.Request) -> web.Response:
    """The document that a signed link leads to."""
    document, content = await request.app[INVOICING].open_link(request.match_info["token"])
    return _file(request, document, content)


async def document(request: web.Request) -> web.Response:
    """The document with this number."""
    tenant, number = TenantId(request.match_info["tenant"]), request.match_info["number"]
    if not number.isprintable() or len(number) > LONGEST_NUMBER:
        raise UnknownInvoice(number[:LONGEST_NUMBER])
    found, content = await request.app[INVOICING].download(tenant, InvoiceNumber(number))
    return _file(request, found, content)


def _file(request: web.Request, document: Document, content: bytes) -> web.Response:
    """The bytes, unless the caller has them already. They never change, so their digest is their tag."""
    headers = {
        hdrs.ETAG: f'"{document.sha256}"',
        hdrs.CACHE_CONTROL: "private",
        "X-Content-Type-Options": "nosniff",
    }
    known = {tag.value for tag in request.if_none_match or ()}
    if known & {document.sha256, "*"}:
        return web.Response(status=304, headers=headers)
    headers[hdrs.CONTENT_DISPOSITION] = _disposition(document.number)
    return web.Response(body=content, content_type="application/pdf", headers=headers)


def _disposition(number: str) -> str:
    """Shown in the browser; saved under the invoice's number, by the second name where RFC 5987 is known."""
    readable = quote(_UNSAFE.sub("_", number), safe="")
    return f"inline; filename=\"{file_name(number)}.pdf\"; filename*=UTF-8''{readable}.pdf"
