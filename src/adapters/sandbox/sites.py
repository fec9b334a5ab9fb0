"""The sites of a tenant (`site-settings.yaml`). One that nobody told of is German, in EUR, its seller complete."""

from __future__ import annotations

from adapters.sandbox.answers import Json, Refused, document_in
from adapters.sandbox.complaints import lacking
from adapters.sandbox.orders import merged
from adapters.sandbox.shops import mixins_of, site_of

MANAGE = "site.site_manage"
SCHEMA = "schema"


class Sites:
    """The sites of one tenant: as they come until they are changed. A bare tenant's come without mixins.

    `base` is where the caller reaches the sandbox, for links to the logo.
    """

    def __init__(self, tenant: str, *, bare: bool) -> None:
        self._tenant = tenant
        self._bare = bare
        self._changed: dict[str, Json] = {}

    def site(self, code: str, base: str) -> Json:
        """The site with all its mixins, active or not."""
        changed = self._changed.get(code)
        if changed is not None:
            return changed
        mixins = {} if self._bare else mixins_of(self._tenant, code, base)
        return {**site_of(self._tenant, code), "mixins": mixins}

    def decimals(self, code: str) -> int:
        """How finely the site calculates."""
        scale = self.site(code, "").get("cartCalculationScale")
        return scale if isinstance(scale, int) else 2

    def read(self, code: str, base: str, *, expand: str, scopes: frozenset[str]) -> Json:
        """The site as who has the scopes reads it, with the mixins that `expand` names. Raises `Refused`."""
        site = self.site(code, base)
        if not site.get("active") and MANAGE not in scopes:
            raise lacking("sites", MANAGE)
        wanted = {part.removeprefix("mixin:") for part in expand.split(",") if part.startswith("mixin:")}
        if not wanted:
            return {name: value for name, value in site.items() if name != "mixins"}
        mixins = {name: value for name, value in site["mixins"].items() if wanted & {"*", name}}
        return {**site, "mixins": mixins}

    def known(self, base: str, *, inactive: bool, scopes: frozenset[str]) -> list[Json]:
        """The site `main` and those that were changed, without mixins. Raises `Refused`."""
        if inactive and MANAGE not in scopes:
            raise lacking("sites", MANAGE)
        sites = [self.site(code, base) for code in dict.fromkeys(["main", *self._changed])]
        return [
            {name: value for name, value in site.items() if name != "mixins"}
            for site in sites
            if inactive or site.get("active")
        ]

    def patch(self, code: str, base: str, body: bytes) -> None:
        """Merges the changes into the site. Raises `Refused`, with 409 for a stale version."""
        site, changes = self.site(code, base), document_in(body)
        if changes.get("code", code) != code:
            raise Refused(400, "The code of a site cannot be changed.", kind="bad_request")
        if not all(isinstance(changes.get(name, {}), dict) for name in ("mixins", "metadata", "homeBase")):
            raise Refused(400, "Mixins, metadata and home base of a site are objects.", kind="validation_violation")
        if changes.get("metadata", {}).get("version") not in (None, site["metadata"]["version"]):
            raise Refused(409, "The site has been changed by someone else.", kind="conflict_resource")
        self._keep(code, site, merged(site, changes))

    def mixins(self, code: str, base: str) -> Json:
        """Every mixin, each with the schema it follows."""
        site = self.site(code, base)
        return {name: _with_schema(site, name) for name in site["mixins"]}

    def mixin(self, code: str, name: str, base: str) -> Json:
        """The mixin's fields, and the schema they follow. Raises `Refused`."""
        return _with_schema(self._having(code, name, base), name)

    def create_mixin(self, code: str, base: str, body: bytes) -> Json:
        """A mixin the site does not have yet: its name and, in it, its fields. Raises `Refused`."""
        site, named = self.site(code, base), document_in(body)
        name, fields = next(iter(named.items()), ("", None))
        if len(named) != 1 or not isinstance(fields, dict):
            raise Refused(400, "A mixin is one name with an object.", kind="validation_violation")
        if name in site["mixins"]:
            raise Refused(409, f"Mixin {name} already exists for site {code}", kind="conflict_resource")
        self._put_mixin(code, site, name, fields)
        return {"id": name}

    def change_mixin(self, code: str, name: str, base: str, body: bytes, *, whole: bool) -> None:
        """Other fields for a mixin there is, with its name around them or without. Raises `Refused`."""
        site, given = self._having(code, name, base), document_in(body)
        fields = given[name] if list(given) == [name] and isinstance(given[name], dict) else given
        self._put_mixin(code, site, name, fields if whole else merged(_with_schema(site, name), fields))

    def delete_mixin(self, code: str, name: str, base: str) -> None:
        """Takes a mixin away. Raises `Refused`."""
        site = self._having(code, name, base)
        self._keep(code, site, merged(site, {"mixins": {name: None}, "metadata": {"mixins": {name: None}}}))

    def _having(self, code: str, name: str, base: str) -> Json:
        site = self.site(code, base)
        if name not in site["mixins"]:
            raise Refused(404, f"Mixin with name '{name}' could not be found", kind="resource_not_found")
        return site

    def _put_mixin(self, code: str, site: Json, name: str, fields: Json) -> None:
        """What follows which schema stands in the site's metadata, not in the mixin."""
        metadata = fields.get("metadata")
        schema = metadata.get(SCHEMA) if isinstance(metadata, dict) else None
        mixin = {key: value for key, value in fields.items() if key != "metadata"}
        changed = {**site, "mixins": {**site["mixins"], name: mixin}}
        self._keep(code, site, merged(changed, {"metadata": {"mixins": {name: schema}}}))

    def _keep(self, code: str, before: Json, after: Json) -> None:
        version = before["metadata"]["version"] + 1
        self._changed[code] = {"mixins": {}, **after, "metadata": {**after["metadata"], "version": version}}


def _with_schema(site: Json, name: str) -> Json:
    fields: Json = site["mixins"][name]
    schema = site["metadata"].get("mixins", {}).get(name)
    return {**fields, "metadata": {SCHEMA: schema}} if schema else fields
