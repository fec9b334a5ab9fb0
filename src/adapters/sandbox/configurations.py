"""The configuration of a tenant (`configuration.yaml`)."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.answers import Json, Refused

DEFAULTS: dict[str, Any] = {
    "invoiceSettings": {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"},
    "project_lang": '[{"id":"en","label":"English","default":true,"required":true}]',
}


class Configurations:
    """Values by key, each with a version."""

    def __init__(self, tenant: str) -> None:
        values = {**DEFAULTS, "cust.notification.email.from": f"invoices@{tenant}.example"}
        self._kept = {key: _configuration(key, value, 1) for key, value in values.items()}

    def configuration(self, key: str) -> Json:
        """The configuration under this key. Raises `Refused`."""
        found = self._kept.get(key)
        if found is None:
            raise _refused(404, "Configuration not found", f"There is no configuration with the key '{key}'.")
        return found

    def create(self, documents: Any) -> list[Json]:
        """New configurations: a list of them, even of one. Raises `Refused`."""
        if not isinstance(documents, list):
            message = "Can not deserialize instance of java.util.ArrayList out of START_OBJECT token"
            raise Refused(400, message, kind="bad_payload_syntax")
        for document in documents:
            if _key(document) in self._kept:
                raise _refused(409, "Tenant configuration could not be created", f"Duplicate key '{_key(document)}'")
        created = [_configuration(_key(document), document.get("value"), 1) for document in documents]
        self._kept.update((document["key"], document) for document in created)
        return created

    def update(self, key: str, document: Any) -> Json:
        """A new value for a key there is. Raises `Refused`."""
        if _key(document) != key:
            raise _refused(400, "Invalid Parameters", "The keys in the path and in the payload are not the same.")
        if key not in self._kept:
            raise _refused(400, "Tenant configuration could not be updated", f"There is no key '{key}'.")
        version = self._kept[key]["version"]
        if document.get("version", version) != version:
            raise _refused(409, "Tenant configuration could not be updated", "The version is not valid.")
        self._kept[key] = _configuration(key, document.get("value"), version + 1)
        return self._kept[key]


def _configuration(key: str, value: Any, version: int) -> Json:
    return {"key": key, "value": value, "version": version, "secured": False}


def _key(document: Any) -> str:
    key = document.get("key") if isinstance(document, dict) else None
    if not isinstance(key, str) or not key:
        raise _refused(400, "Invalid Parameters", "A configuration needs a key.")
    return key


def _refused(status: int, message: str, detail: str) -> Refused:
    return Refused(status, message, kind="application/json", detail=detail)
