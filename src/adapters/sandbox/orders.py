"""The orders of a tenant (`order.yaml`, salesorders): documents with a version, read, searched and patched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.sandbox.answers import Json, Refused, encode
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.listing import Listing
from adapters.sandbox.payments import Gateway

STALE = "Order update cannot be done. Update version is not valid."


@dataclass(slots=True)
class Kept:
    """An order, and its JSON as long as it does not change."""

    document: Json
    json: bytes = b""

    def encoded(self) -> bytes:
        """The order as JSON."""
        if not self.json:
            self.json = encode(self.document)
        return self.json

    @property
    def version(self) -> int:
        """Grows with every change."""
        metadata = self.document.get("metadata")
        version = metadata.get("version") if isinstance(metadata, dict) else None
        return version if isinstance(version, int) else 1


class OrderBook:
    """The orders of one tenant, whatever else is in their documents than an id."""

    def __init__(self, tenant: str, effects: EffectLog, gateway: Gateway) -> None:
        self._tenant = tenant
        self._effects = effects
        self._gateway = gateway
        self._kept: dict[str, Kept] = {}

    def put(self, document: Json) -> None:
        """Adds an order, or replaces the one with its id; the transactions of its payments are authorised."""
        kept = Kept(document)
        metadata = document.get("metadata", {})
        if isinstance(metadata, dict):
            document["metadata"] = {**metadata, "version": kept.version}
        self._kept[document["id"]] = kept
        payments = document.get("payments")
        for payment in payments if isinstance(payments, list) else []:
            if isinstance(payment, dict):
                currency = payment.get("currency") or document.get("currency") or ""
                self._gateway.authorize(document["id"], str(currency), payment)

    def order(self, order_id: str) -> bytes:
        """The order as JSON. Raises `Refused`."""
        return self._found(order_id).encoded()

    def search(self, listing: Listing) -> tuple[list[Json], int]:
        """A page of orders, and how many there are on all pages."""
        return listing.page(kept.document for kept in self._kept.values())

    def patch(self, order_id: str, changes: Any, scopes: frozenset[str]) -> None:
        """Merges the changes into the order, as RFC 7396 does. Raises `Refused`, with 409 for a stale version."""
        kept = self._found(order_id)
        needed = "order.order_update_completed" if kept.document.get("status") == "COMPLETED" else "order.order_update"
        if not scopes & {needed, "order.order_update_completed"}:
            raise lacking(needed)
        if not isinstance(changes, dict) or changes.get("id", order_id) != order_id:
            raise Refused(400, "The order cannot be changed so.", kind="validation_violation")
        _require_version(changes, kept.version)
        document = merged(kept.document, changes)
        metadata = document.get("metadata")
        document["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), "version": kept.version + 1}
        self._kept[order_id] = Kept(document)
        self._effects.add(self._tenant, "order_patched", order_id=order_id, version=kept.version + 1)

    def _found(self, order_id: str) -> Kept:
        kept = self._kept.get(order_id)
        if kept is None:
            message = f"Order with id {order_id} does not exist."
            raise Refused(404, message, kind="element_resource_non_existing")
        return kept


def merged(document: Any, changes: Any) -> Any:
    """The document with the changes in it (RFC 7396): objects are merged, null deletes, all else replaces."""
    if not isinstance(changes, dict):
        return changes
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def lacking(scope: str) -> Refused:
    """The token does not allow it."""
    message = "Given request does not have required scopes. It is not authorized to perform this operation."
    return Refused(403, message, kind="insufficient_permissions", detail=f"Missing required scopes [{scope}]")


def _require_version(changes: Json, version: int) -> None:
    """Who does not say a version has not asked to be protected."""
    metadata = changes.get("metadata")
    told = metadata.get("version") if isinstance(metadata, dict) else None
    if told is not None and told != version:
        raise Refused(409, STALE, kind="conflict_resource")
