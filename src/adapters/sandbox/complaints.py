"""The shapes in which the platform's services complain: each has its own (`order.yaml`, `media.yaml`, …)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from adapters.sandbox.answers import Fault401, Json, Refused

NOT_AUTHORIZED = ("Forbidden", "User not authorized.")
NO_SCOPES = (
    "insufficient_permissions",
    "Given request does not have required scopes. It is not authorized to perform this operation.",
)
FORBIDDEN = {
    "orders": NO_SCOPES,
    "sequences": NO_SCOPES,
    "configuration": NOT_AUTHORIZED,
    "sites": NOT_AUTHORIZED,
    "customers": NOT_AUTHORIZED,
    "payments": ("Forbidden", "The access to the requested resource has been forbidden by the server."),
    "media": ("Forbidden", "The access to the requested resource has been forbidden by the server."),
}
"""How a service says that a scope is missing."""


def lacking(service: str, scope: str) -> Refused:
    """The token does not allow what this scope would."""
    kind, message = FORBIDDEN[service]
    return Refused(403, message, kind=kind, detail=f"Missing required scopes [{scope}]")


def complaint(service: str, refused: Refused, now: datetime) -> Json:
    """The body of an error of this service."""
    if isinstance(refused, Fault401) or service == "oauth":
        return {"fault": {"faultstring": refused.message, "detail": {"errorcode": refused.kind}}}
    return _SHAPES.get(service, _of_most)(refused, now)


def _of_most(refused: Refused, _: datetime) -> Json:
    said = _status_and_kind(refused)
    if refused.detail:
        where = {"field": refused.field} if refused.field else {}
        said["details"] = [{**where, "type": refused.kind, "message": refused.detail}]
    return said


def _of_payments(refused: Refused, now: datetime) -> Json:
    if not refused.kind:
        return {"code": refused.status, "timestamp": now.isoformat(), "message": refused.message}
    return _status_and_kind(refused) | {"details": [{"message": refused.detail}]}


def _of_sites(refused: Refused, _: datetime) -> Json:
    said = _status_and_kind(refused)
    return said | {"details": [{"message": refused.detail}]} if refused.detail else said


def _of_sequences(refused: Refused, now: datetime) -> Json:
    said = _status_and_kind(refused) | {"timestamp": now.isoformat()}
    if refused.detail:
        said["errorDetails"] = [{"message": refused.detail, "field": refused.field}]
    return said


def _of_media(refused: Refused, _: datetime) -> Json:
    said: Json = {"code": refused.status, "status": refused.kind or HTTPStatus(refused.status).phrase}
    details = {"details": [refused.detail]} if refused.detail else {}
    return said | {"message": refused.message} | details


def _status_and_kind(refused: Refused) -> Json:
    said: Json = {"status": refused.status, "message": refused.message}
    if refused.kind:
        said["type"] = refused.kind
    return said


_SHAPES: dict[str, Callable[[Refused, datetime], Json]] = {
    "payments": _of_payments,
    "sequences": _of_sequences,
    "sites": _of_sites,
    "media": _of_media,
}
