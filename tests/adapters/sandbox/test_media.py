"""Assets: kept, described, and given back."""

from __future__ import annotations

import json
from hashlib import md5
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.media import LARGEST
from fakes.clock import NOON
from fakes.sandbox_caller import Caller

ASSETS = "/media/acme/assets"
BODY: dict[str, Any] = {
    "type": "BLOB",
    "access": "PRIVATE",
    "details": {"filename": "INV1.pdf", "mimeType": "application/pdf"},
}
PDF = b"%PDF-1.7 \x00\xff"


async def upload(caller: Caller, body: object = BODY, content: bytes | None = PDF) -> tuple[int, Any]:
    """Uploads a file."""
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("body", json.dumps(body))
    if content is not None:
        form.add_field("file", BytesIO(content), filename="INV1.pdf")
    async with caller.session.post(ASSETS, data=form, headers={"Authorization": f"Bearer {caller.token}"}) as response:
        return response.status, await response.json()


async def test_a_file_comes_back_byte_by_byte(caller: Caller) -> None:
    status, answer = await upload(caller)
    assert status == 201
    assert await caller.get(f"{ASSETS}/{answer['id']}/download") == (200, PDF)
    (effect,) = await caller.effects("media")
    assert (effect["asset_id"], effect["size"]) == (answer["id"], len(PDF))


async def test_a_file_is_described(caller: Caller) -> None:
    _, answer = await upload(caller)
    _, found = await caller.get(f"{ASSETS}/{answer['id']}")
    details = {**BODY["details"], "bytes": len(PDF), "etag": md5(PDF, usedforsecurity=False).hexdigest()}
    metadata = {"version": 1, "createdAt": NOON.isoformat(), "modifiedAt": NOON.isoformat()}
    assert found == {"id": answer["id"], **BODY, "details": details, "metadata": metadata}


async def test_an_asset_that_does_not_exist_is_told_in_the_services_own_shape(caller: Caller) -> None:
    status, answer = await caller.get(f"{ASSETS}/nothing")
    assert (status, answer["code"], answer["status"]) == (404, 404, "element_resource_non_existing")
    assert answer["details"] == ["There is no asset nothing."]


@pytest.mark.parametrize(
    ("body", "content", "status"),
    [
        ({"type": "LINK", "access": "PRIVATE"}, PDF, 400),
        ({"type": "BLOB", "access": "SECRET"}, PDF, 400),
        ({}, PDF, 400),
        (BODY, None, 400),
        ({**BODY, "refIds": [{"type": "PRODUCT", "id": "p"}]}, PDF, 400),
    ],
)
async def test_what_cannot_be_kept_is_refused(caller: Caller, body: object, content: bytes | None, status: int) -> None:
    assert (await upload(caller, body, content))[0] == status
    assert await caller.effects("media") == []


async def test_a_file_may_bring_its_id_which_is_then_taken(caller: Caller) -> None:
    named = {**BODY, "id": "0123456789abcdef01234567"}
    assert await upload(caller, named) == (201, {"id": named["id"]})
    status, answer = await upload(caller, named, b"other")
    assert (status, answer["code"]) == (409, 409)
    assert await caller.get(f"{ASSETS}/{named['id']}/download") == (200, PDF)
    assert len(await caller.effects("media")) == 1


async def test_what_a_file_belongs_to_and_brings_along_is_kept(caller: Caller) -> None:
    more = {"refIds": [{"type": "INVOICE", "id": "INV1"}], "mixins": {"invoice": {"number": "INV1"}}}
    _, answer = await upload(caller, {**BODY, **more})
    _, found = await caller.get(f"{ASSETS}/{answer['id']}")
    assert {name: found[name] for name in more} == more


async def test_assets_are_listed_and_counted_for_who_asks(caller: Caller) -> None:
    ids = [(await upload(caller))[1]["id"] for _ in range(3)]
    _, found = await caller.get(f"{ASSETS}?pageSize=2&pageNumber=2&q=details.filename:INV1.pdf")
    assert [asset["id"] for asset in found] == ids[2:]
    for asked, told in (({}, None), ({"X-Total-Count": "true"}, "3")):
        headers = {"Authorization": f"Bearer {caller.token}", **asked}
        async with caller.session.get(ASSETS, headers=headers) as response:
            assert response.headers.get("X-Total-Count") == told


async def test_an_asset_that_was_deleted_is_gone_and_can_be_deleted_again(caller: Caller) -> None:
    _, answer = await upload(caller)
    where = f"{ASSETS}/{answer['id']}"
    assert [await caller.call("DELETE", where) for _ in range(2)] == [(204, b"")] * 2
    assert (await caller.get(where))[0] == 404


async def test_a_public_asset_is_shown_to_everybody_and_a_private_one_is_not(caller: Caller) -> None:
    _, public = await upload(caller, {**BODY, "access": "PUBLIC"})
    _, private = await upload(caller)
    headers = {"Authorization": f"Bearer {caller.token}"}
    where = f"{ASSETS}/{public['id']}/download"
    async with caller.session.get(where, headers=headers, allow_redirects=False) as response:
        assert response.status == 301
        shown = response.headers["Location"]
    async with caller.session.get(shown) as response:
        assert (response.status, await response.read()) == (200, PDF)
    async with caller.session.get(shown.replace(public["id"], private["id"])) as response:
        assert response.status == 404


async def test_a_file_may_have_ten_megabytes_and_no_more(caller: Caller) -> None:
    assert (await upload(caller, content=bytes(LARGEST + 1)))[0] == 413
    assert (await upload(caller, content=bytes(LARGEST)))[0] == 201


async def test_a_description_sent_as_a_file_is_read_all_the_same(caller: Caller) -> None:
    await caller.fault(service="media", operation="create", kind="twice", times=1)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("body", BytesIO(json.dumps(BODY).encode()), filename="body.json", content_type="application/json")
    form.add_field("file", BytesIO(PDF), filename="INV1.pdf")
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.session.post(ASSETS, data=form, headers=headers) as response:
        assert response.status == 201
    assert [effect["size"] for effect in await caller.effects("media")] == [len(PDF)] * 2


async def test_an_upload_done_twice_leaves_two_files_of_the_same_bytes(caller: Caller) -> None:
    await caller.fault(service="media", operation="create", kind="twice", times=1)
    await upload(caller)
    effects = await caller.effects("media")
    assert [effect["size"] for effect in effects] == [len(PDF)] * 2
    for effect in effects:
        assert (await caller.get(f"{ASSETS}/{effect['asset_id']}/download"))[1] == PDF
