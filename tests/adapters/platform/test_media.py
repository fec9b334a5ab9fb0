"""How documents are kept by the platform's media service."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP

import pytest

from adapters.platform import Platform
from adapters.platform.media import asset_id, media_links
from domain.errors import InvoicingError, Misconfigured, PlatformDenied, Unavailable, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId
from fakes.lying_server import Asked, LyingServer, Reply

ACME = TenantId("acme")
NUMBER = InvoiceNumber("INV-1/26")
ASSET = asset_id(NUMBER)
PDF = b"%PDF-1.7\r\n--\x00\xff"
NOT_THERE = Reply.json({"code": 404, "status": "Not Found", "message": "none"}, 404)


def parts(asked: Asked) -> dict[str, bytes]:
    form = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode() + asked.body
    )
    return {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True))
        for part in form.iter_parts()
    }


async def test_a_document_is_uploaded_as_a_private_asset_under_an_id_of_its_own(
    platform: Platform, server: LyingServer
) -> None:
    server.says(NOT_THERE, Reply.json({"id": ASSET}, 201))
    assert await platform.archive.put(ACME, NUMBER, PDF) == PDF
    look, upload = server.asked
    assert (look.method, look.path) == ("GET", f"/media/acme/assets/{ASSET}/download")
    assert (upload.method, upload.path) == ("POST", "/media/acme/assets")
    form = parts(upload)
    assert form["file"] == PDF
    assert json.loads(form["body"]) == {
        "id": ASSET,
        "type": "BLOB",
        "access": "PRIVATE",
        "details": {"filename": "INV-1/26.pdf", "mimeType": "application/pdf"},
    }


async def test_a_document_that_is_there_already_is_what_everyone_gets(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(200, b"first"))
    assert await platform.archive.put(ACME, NUMBER, b"second") == b"first"
    assert [asked.method for asked in server.asked] == ["GET"]


async def test_of_two_at_once_the_faster_one_wins(platform: Platform, server: LyingServer) -> None:
    server.says(NOT_THERE, Reply(409), Reply(200, b"first"))
    assert await platform.archive.put(ACME, NUMBER, b"second") == b"first"


async def test_an_upload_whose_answer_was_lost_is_found_again(platform: Platform, server: LyingServer) -> None:
    server.says(NOT_THERE, Reply(drop=True))
    with pytest.raises(Unavailable):
        await platform.archive.put(ACME, NUMBER, PDF)
    server.says(Reply(200, PDF))
    assert await platform.archive.put(ACME, NUMBER, PDF) == PDF
    assert [asked.method for asked in server.asked] == ["GET", "POST", "GET"]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ((Reply(500),), Unavailable),
        ((Reply(301, b"", {"Location": "https://elsewhere.example"}),), Unavailable),
        ((NOT_THERE, Reply(500)), Unavailable),
        ((NOT_THERE, Reply.json({}, 201)), Unavailable),
        ((NOT_THERE, Reply(409), NOT_THERE), Unavailable),
        ((NOT_THERE, Reply.json({"id": "another"}, 201)), Misconfigured),
        ((NOT_THERE, Reply(413)), Misconfigured),
        ((Reply(403),), PlatformDenied),
        ((NOT_THERE, Reply(403)), PlatformDenied),
    ],
)
async def test_a_document_that_cannot_be_kept_is_not_taken_for_kept(
    platform: Platform, server: LyingServer, replies: tuple[Reply, ...], error: type[InvoicingError]
) -> None:
    server.says(*replies)
    with pytest.raises(error):
        await platform.archive.put(ACME, NUMBER, PDF)


async def test_a_key_that_may_not_keep_documents_is_told_which_scope_it_lacks(
    platform: Platform, server: LyingServer
) -> None:
    server.says(NOT_THERE, Reply(403))
    with pytest.raises(PlatformDenied, match=r"needs the scope media\.asset_manage"):
        await platform.archive.put(ACME, NUMBER, PDF)
    server.says(Reply(403))
    with pytest.raises(PlatformDenied, match=r"needs the scope media\.asset_read"):
        await platform.archive.get(ACME, NUMBER)


async def test_a_document_that_is_not_there_is_unknown(platform: Platform, server: LyingServer) -> None:
    server.says(NOT_THERE)
    with pytest.raises(UnknownInvoice):
        await platform.archive.get(ACME, NUMBER)


async def test_the_documents_of_another_tenant_are_out_of_reach(platform: Platform, server: LyingServer) -> None:
    with pytest.raises(RuntimeError, match="not of globex"):
        await platform.archive.get(TenantId("globex"), NUMBER)
    assert server.asked == []


def test_ids_are_like_those_the_service_gives_itself() -> None:
    ids = {asset_id(number) for number in ("INV1", "inv1", "INV 1", "ü")}
    assert len(ids) == 4
    assert all(len(name) == 24 and int(name, 16) >= 0 for name in ids)


def test_the_link_in_an_order_is_where_the_platform_gives_the_document_out() -> None:
    link = media_links("https://api.emporix.io/")(ACME, NUMBER)
    assert link == f"https://api.emporix.io/media/acme/assets/{ASSET}/download"
