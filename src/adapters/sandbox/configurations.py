"""The configuration of a tenant (`configuration.yaml`)."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.answers import Json, Refused

DEFAULTS: dict[str, Any] = {
    "invoiceSettings": {"threshold": "24", "status": "CREATED,CONFIRMED", "extendedOrderStatus": "70,75,76"},
    "project_lang": '[{"id":"en","label":"English","default":true,"required":true}]',
}
KEPT = ("description", "restricted", "readOnly", "schemaUrl")
"""What a configuration may say besides its key, value and version."""
NOT_UPDATED = "Tenant configuration could not be updated"


class Configurations:
    """Values by key, each with a version. A bare tenant has none."""

    def __init__(self, tenant: str, *, bare: bool) -> None:
        self._tenant = tenant
        values = {} if bare else {**DEFAULTS, "cust.notification.email.from": f"invoices@{tenant}.example"}
        self._kept = {key: _configuration({"key": key, "value": value}, 1) for key, value in values.items()}

    def configuration(self, key: str) -> Json:
        """The configuration under this key. Raises `Refused`."""
        found = self._kept.get(key)
        if found is None:
            raise _refused(404, "Configuration not found", self._about("Could not find the tenant configuration", key))
        return found

    def configurations(self, keys: str) -> list[Json]:
        """Those under these keys, parted by commas; all when there are none."""
        wanted = {key.strip() for key in keys.split(",") if key.strip()}
        return [document for key, document in self._kept.items() if not wanted or key in wanted]

    def create(self, documents: Any) -> list[Json]:
        """New configurations: a list of them, even of one. Raises `Refused`."""
        if not isinstance(documents, list):
            message = "Can not deserialize instance of java.util.ArrayList out of START_OBJECT token"
            raise Refused(400, message, kind="bad_payload_syntax")
        keys = [_key(document) for document in documents]
        for key in keys:
            if key in self._kept or keys.count(key) > 1:
                detail = f"Duplicate key for the tenant configuration during create for the tenant '{self._tenant}'"
                raise _refused(409, "Tenant configuration could not be created", detail)
        created = {key: _configuration(document, 1) for key, document in zip(keys, documents, strict=True)}
        self._kept.update(created)
        return list(created.values())

    def update(self, key: str, document: Any) -> Json:
        """A new value for a key there is. Raises `Refused`, with 409 for a stale version."""
        if _key(document) != key:
            same = "The keys specified in the path param and in the payload are not the same."
            raise _refused(400, "Invalid Parameters", same)
        kept = self._kept.get(key)
        if kept is None or kept.get("readOnly"):
            raise _refused(400, NOT_UPDATED, self._about("Request for updating the tenant configuration", key))
        if document.get("version", kept["version"]) != kept["version"]:
            raise _refused(409, NOT_UPDATED, self._about("The version is outdated of the tenant configuration", key))
        self._kept[key] = _configuration({**kept, **document}, kept["version"] + 1)
        return self._kept[key]

    def delete(self, key: str) -> None:
        """Takes a configuration away. Raises `Refused`."""
        kept = self._kept.get(key)
        message, what = "could not be found", self._about("Couldn't delete the tenant configuration", key)
        if kept is None:
            raise _refused(404, f"Tenant configuration {message}", what)
        if kept.get("restricted"):
            raise _refused(400, "Tenant configuration is restricted", what)
        del self._kept[key]

    def _about(self, what: str, key: str) -> str:
        return f"{what} with the propertyKey '{key}' for the tenant '{self._tenant}'"


def _configuration(document: Json, version: int) -> Json:
    said = {name: document[name] for name in KEPT if name in document}
    secured = bool(document.get("secured", False))
    return {"key": document["key"], "value": document["value"], "version": version, "secured": secured, **said}


def _key(document: Any) -> str:
    """The document's key, if it has one and a value. Raises `Refused`."""
    key = document.get("key") if isinstance(document, dict) else None
    if not isinstance(key, str) or not key or document.get("value") is None:
        raise _refused(400, "Invalid Parameters", "A configuration needs a key and a value.")
    return key


def _refused(status: int, message: str, detail: str) -> Refused:
    return Refused(status, message, kind="application/json", detail=detail)
