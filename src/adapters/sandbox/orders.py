"""The orders of a tenant (`order.yaml`, salesorders): documents with a version, read, searched and changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.sandbox.answers import Json, Refused, document_in, encode, invalid, shaped
from adapters.sandbox.complaints import lacking
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.listing import Listing, Pages
from adapters.sandbox.recalculation import calculated_order, delivered_order, entries_of

MOST_SEARCHES = 16
"""Whose findings are remembered."""
STALE = "Order update cannot be done. Update version is not valid."
PAGES = Pages(16)
NEEDED = ("entries", "customer", "calculatedPrice")
"""What an order that replaces another must have (`orderUpdateDto`)."""
OWN = ("id", "created", "status")
"""What is not replaced."""
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "IN_CHECKOUT": ("CREATED", "DECLINED"),
    "CREATED": ("CONFIRMED", "DECLINED"),
    "CONFIRMED": ("SHIPPED", "COMPLETED", "DECLINED"),
    "SHIPPED": ("COMPLETED",),
}


class Transition(msgspec.Struct):
    """The status an order is to have."""

    status: str


_transition = msgspec.json.Decoder(Transition)


@dataclass(slots=True)
class Kept:
    """An order, its JSON as long as it does not change, and the entries as they were before any delivery."""

    document: Json
    ordered: dict[str, Json] = field(default_factory=dict)
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
    """The orders of one tenant, whatever else is in their documents than an id.

    `decimals_of` tells how finely a site calculates. What a search found is remembered until an order changes, so that
    all its pages cost little more than one.
    """

    def __init__(self, tenant: str, effects: EffectLog, decimals_of: Callable[[str], int]) -> None:
        self._tenant = tenant
        self._effects = effects
        self._decimals_of = decimals_of
        self._kept: dict[str, Kept] = {}
        self._found: dict[tuple[str, str], list[Kept]] = {}

    def put(self, document: Json) -> None:
        """Adds an order, or replaces the one with its id."""
        kept = Kept(document)
        metadata = document.get("metadata", {})
        if isinstance(metadata, dict):
            document["metadata"] = {**metadata, "version": kept.version}
        self._keep(kept)

    def order(self, order_id: str) -> bytes:
        """The order as JSON. Raises `Refused`."""
        return self._known(order_id).encoded()

    def search(self, listing: Listing) -> tuple[bytes, int]:
        """A page of orders as JSON, and how many there are on all pages."""
        found = self._found.get(listing.key)
        if found is None:
            found = listing.found(self._kept.values(), lambda kept: kept.document)
            if len(self._found) == MOST_SEARCHES:
                self._found.clear()
            self._found[listing.key] = found
        page = listing.on_page(found)
        if listing.fields:
            return encode([listing.cut(kept.document) for kept in page]), len(found)
        return b"[" + b",".join(kept.encoded() for kept in page) + b"]", len(found)

    def patch(self, order_id: str, body: bytes, scopes: frozenset[str], *, recalculate: bool) -> None:
        """Merges the changes into the order, as RFC 7396 does. Raises `Refused`, with 409 for a stale version."""
        kept, changes = self._changeable(order_id, scopes), document_in(body)
        _require_sound(changes, kept)
        self._change(kept, merged(kept.document, changes), recalculate=recalculate)

    def replace(self, order_id: str, body: bytes, scopes: frozenset[str], *, recalculate: bool) -> None:
        """The document in place of the order's own. Raises `Refused`, with 409 for a stale version."""
        kept, new = self._changeable(order_id, scopes), document_in(body)
        _require_sound(new, kept)
        missing = [name for name in NEEDED if new.get(name) is None]
        if missing:
            raise invalid(missing[0], "must not be null")
        own = {name: kept.document[name] for name in OWN if name in kept.document}
        self._change(kept, own | new, recalculate=recalculate)

    def advance(self, order_id: str, body: bytes, scopes: frozenset[str]) -> None:
        """Gives the order another status. Raises `Refused` for one that cannot follow."""
        kept, status = self._changeable(order_id, scopes), shaped(body, _transition).status
        if status not in TRANSITIONS.get(str(kept.document.get("status")), ()):
            raise invalid("status", f"{status} cannot follow {kept.document.get('status')}")
        self._change(kept, kept.document | {"status": status}, recalculate=False)

    def deliver(self, order_id: str, body: bytes, scopes: frozenset[str]) -> None:
        """Calculates the order anew from what was delivered. Raises `Refused`.

        It begins with what was ordered, so the same delivery twice is like once.
        """
        kept = self._changeable(order_id, scopes)
        ordered = {str(entry.get("id")): entry for entry in entries_of(kept.document)} | kept.ordered
        decimals = self._decimals_of(str(kept.document.get("siteCode", "")))
        document = delivered_order(kept.document, ordered, body, decimals)
        self._replace(kept, Kept(document, ordered), "order_recalculated")

    def _change(self, kept: Kept, document: Json, *, recalculate: bool) -> None:
        ordered = kept.ordered if document.get("entries") is kept.document.get("entries") else {}
        self._replace(kept, Kept(calculated_order(document) if recalculate else document, ordered), "order_patched")

    def _replace(self, old: Kept, new: Kept, effect: str) -> None:
        """Keeps the order's next version."""
        metadata = new.document.get("metadata")
        version = old.version + 1
        new.document["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), "version": version}
        self._keep(new)
        self._effects.add(self._tenant, effect, order_id=new.document["id"], version=version)

    def _keep(self, kept: Kept) -> None:
        self._kept[kept.document["id"]] = kept
        self._found.clear()

    def _changeable(self, order_id: str, scopes: frozenset[str]) -> Kept:
        kept = self._known(order_id)
        needed = "order.order_update_completed" if kept.document.get("status") == "COMPLETED" else "order.order_update"
        if not scopes & {needed, "order.order_update_completed"}:
            raise lacking("orders", needed)
        return kept

    def _known(self, order_id: str) -> Kept:
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


def _require_sound(changes: Json, kept: Kept) -> None:
    """Who does not say a version has not asked to be protected."""
    if changes.get("id", kept.document["id"]) != kept.document["id"]:
        raise invalid("id", "must not be changed")
    metadata = changes.get("metadata")
    told = metadata.get("version") if isinstance(metadata, dict) else None
    if told is not None and told != kept.version:
        raise Refused(409, STALE, kind="conflict_resource")
