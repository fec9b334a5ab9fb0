"""Signed links: whoever has one may read one document, until it expires."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from urllib.parse import quote

from domain.errors import UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId

_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links. `base` is the service's public URL without a slash at its end."""

    base: str
    key: bytes
    lifetime: timedelta

    def permanent(self, tenant: TenantId, number: InvoiceNumber) -> str:
        """Where the document always lies; reading it there needs the caller's own right to."""
        return f"{self.base}/invoice/{tenant}/documents/{quote(number, safe='')}"

    def signed(self, tenant: TenantId, number: InvoiceNumber, now: datetime) -> str:
        """A link that needs nothing else and expires after `lifetime`."""
        expires = int((now + self.lifetime).timestamp())
        payload = f"{expires}/{tenant}/{number}".encode()
        return f"{self.base}/documents/{_encode(self._signature(payload) + payload)}"

    def opened(self, token: str, now: datetime) -> tuple[TenantId, InvoiceNumber]:
        """Whose document the token of a link names. Raises `UnknownInvoice` for a token that is not ours or is old."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            expires, tenant, number = payload.decode().split("/", 2)
        except ValueError:
            raise UnknownInvoice(token[:40], "the link is not one of ours") from None
        if not compare_digest(signature, self._signature(payload)):
            raise UnknownInvoice(token[:40], "the link is not one of ours")
        if datetime.fromtimestamp(int(expires), UTC) <= now:
            raise UnknownInvoice(number, "the link has expired; ask for the invoice again to get a new one")
        return TenantId(tenant), InvoiceNumber(number)

    def _signature(self, payload: bytes) -> bytes:
        return hmac(self.key, payload, sha256).digest()[:_SIGNATURE_BYTES]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
