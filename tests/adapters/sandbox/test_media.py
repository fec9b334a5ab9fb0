"""Assets: kept, described, and given back."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.media import LARGEST
from fakes.sandbox_caller import Caller

ASSETS = "/media/acme/assets"
BODY = {"type": "BLOB", "access": "PRIVATE", "details": {"filename": "INV1.pdf", "mimeType": "application/pdf"}}
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
    assert found == {"id": answer["id"], **BODY, "metadata": {"version": 1}}


async def test_an_asset_that_does_not_exist_is_told_in_the_services_own_shape(caller: Caller) -> None:
    status, answer = await caller.get(f"{ASSETS}/nothing")
    assert (status, answer["code"], answer["status"]) == (404, 404, "404")
    assert answer["details"] == ["There is no asset nothing."]


@pytest.mark.parametrize(
    ("body", "content", "status"),
    [
        ({"type": "LINK", "access": "PRIVATE"}, PDF, 400),
        ({"type": "BLOB", "access": "SECRET"}, PDF, 400),
        ({}, PDF, 400),
        (BODY, None, 400),
    ],
)
async def test_what_cannot_be_kept_is_refused(caller: Caller, body: object, content: bytes | None, status: int) -> None:
    assert (await upload(caller, body, content))[0] == status
    assert await caller.effects("media") == []


async def test_a_file_may_have_ten_megabytes_and_no_more(caller: Caller) -> None:
    assert (await upload(caller, content=bytes(LARGEST + 1)))[0] == 413
    assert (await upload(caller, content=bytes(LARGEST)))[0] == 201


async def test_an_upload_done_twice_leaves_two_files_of_the_same_bytes(caller: Caller) -> None:
    await caller.fault(service="media", operation="create", kind="twice", times=1)
    await upload(caller)
    effects = await caller.effects("media")
    assert [effect["size"] for effect in effects] == [len(PDF)] * 2
    for effect in effects:
        assert (await caller.get(f"{ASSETS}/{effect['asset_id']}/download"))[1] == PDF
