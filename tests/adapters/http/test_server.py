"""Documents and probes as an HTTP client sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256

import aiohttp
import pytest
from structlog.testing import capture_logs
from yarl import URL

from adapters.http import HttpServer
from domain.errors import Misconfigured, StoreUnavailable, Unavailable
from domain.invoice import InvoiceNumber
from domain.numbering import Series
from fakes.service import ACME, FakeService

NUMBER = InvoiceNumber("INV1")
PERMANENT = "/invoice/acme/documents/INV1"


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def problems() -> dict[str, str]:
    """What the service needs, and what is wrong with it."""
    return {"store": "", "engine": ""}


@pytest.fixture
async def server(service: FakeService, problems: dict[str, str]) -> AsyncIterator[HttpServer]:
    with HttpServer.listening("127.0.0.1:0") as running:
        async with running.answering(service.invoicing, lambda: problems):
            yield running


@pytest.fixture
async def client(server: HttpServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield session


@pytest.fixture
async def document(service: FakeService) -> bytes:
    """The bytes of INV1."""
    await service.an_invoice("EON1")
    return service.archive.kept[ACME, NUMBER]


def signed(service: FakeService, number: str = NUMBER) -> str:
    """The path of a signed link."""
    return service.invoicing.download_link(ACME, InvoiceNumber(number)).removeprefix(service.links.base)


class TestProbes:
    async def test_a_running_process_is_alive_whatever_else_is_down(
        self, client: aiohttp.ClientSession, problems: dict[str, str]
    ) -> None:
        problems.update(store="disk full", engine="sees nothing")
        async with client.get("/healthz") as response:
            assert response.status == 200

    async def test_ready_means_that_everything_is_up(self, client: aiohttp.ClientSession) -> None:
        async with client.get("/readyz") as response:
            assert (response.status, await response.json()) == (200, {"ready": True, "not_ready": []})

    async def test_what_is_not_ready_is_named_with_its_reason(
        self, client: aiohttp.ClientSession, problems: dict[str, str]
    ) -> None:
        problems["store"] = "disk full"
        told = {"ready": False, "not_ready": ["store"], "problems": {"store": "disk full"}}
        async with client.get("/readyz") as response:
            assert (response.status, await response.json()) == (503, told)


class TestDocuments:
    async def test_a_signed_link_leads_to_the_document(
        self, service: FakeService, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        async with client.get(signed(service)) as response:
            assert (response.status, await response.read()) == (200, document)

    async def test_the_permanent_address_leads_to_the_document(
        self, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        async with client.get(PERMANENT) as response:
            assert (response.status, await response.read()) == (200, document)

    async def test_a_document_says_what_it_is_and_how_to_treat_it(
        self, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        for ask in (client.get, client.head):
            async with ask(PERMANENT) as response:
                headers = response.headers
            assert headers["Content-Type"] == "application/pdf"
            assert headers["Content-Length"] == str(len(document))
            assert headers["Content-Disposition"] == "inline; filename=\"INV1.pdf\"; filename*=UTF-8''INV1.pdf"
            assert headers["ETag"] == f'"{sha256(document).hexdigest()}"'
            assert headers["Cache-Control"] == "private"
            assert headers["X-Content-Type-Options"] == "nosniff"

    async def test_who_has_the_document_already_is_told_so(
        self, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        tag = f'"{sha256(document).hexdigest()}"'
        for known, status in ((tag, 304), (f'"other", W/{tag}', 304), ("*", 304), ('"other"', 200)):
            async with client.get(PERMANENT, headers={"If-None-Match": known}) as response:
                assert (response.status, response.headers["ETag"]) == (status, tag)

    @pytest.mark.parametrize(
        ("number", "plain", "readable"),
        [
            ("DE/1 ü", "DE%2F1%20%C3%BC.pdf", "DE_1%20%C3%BC.pdf"),
            ('x"; y="\\', "x%22%3B%20y%3D%22%5C.pdf", "x_%3B%20y%3D__.pdf"),
            ("../../etc", "%2E%2E%2F%2E%2E%2Fetc.pdf", ".._.._etc.pdf"),
        ],
    )
    async def test_any_number_makes_a_safe_name(
        self,
        service: FakeService,
        client: aiohttp.ClientSession,
        monkeypatch: pytest.MonkeyPatch,
        number: str,
        plain: str,
        readable: str,
    ) -> None:
        async def draw(series: Series) -> InvoiceNumber:
            return InvoiceNumber(number)

        monkeypatch.setattr(service.sequences, "draw", draw)
        await service.an_invoice("EON1")
        permanent = service.links.permanent(ACME, InvoiceNumber(number)).removeprefix(service.links.base)
        for path in (permanent, signed(service, number)):
            async with client.get(exactly(path)) as response:
                assert response.status == 200
                disposition = response.headers["Content-Disposition"]
            assert disposition == f"inline; filename=\"{plain}\"; filename*=UTF-8''{readable}"


class TestRefusals:
    @pytest.mark.parametrize("token", ["x", "nonsense", "%00", "%ff", "%C3%BC", "A" * 60, "=" * 4, "a%2Fb"])
    async def test_what_is_no_link_of_ours_leads_nowhere(self, client: aiohttp.ClientSession, token: str) -> None:
        async with client.get(exactly(f"/documents/{token}")) as response:
            body = await response.json()
        assert (response.status, body["code"]) == (404, "404")
        assert body["message"] == "the link is not one of ours"

    async def test_a_link_that_was_tampered_with_leads_nowhere(
        self, service: FakeService, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        link = signed(service)
        swapped = link[:-1] + ("A" if link[-1] != "A" else "B")
        async with client.get(swapped) as response:
            assert response.status == 404

    async def test_an_expired_link_says_how_to_get_a_new_one(
        self, service: FakeService, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        link = signed(service)
        service.clock.advance(timedelta(days=7))
        async with client.get(link) as response:
            body = await response.json()
        assert (response.status, body["code"]) == (404, "404")
        assert "expired" in body["message"]

    @pytest.mark.parametrize(
        "path",
        [
            "/invoice/acme/documents/INV2",
            "/invoice/globex/documents/INV1",
            "/invoice/nobody/documents/INV1",
            "/invoice/..%2Facme/documents/INV1",
            "/invoice/acme/documents/%00",
            "/invoice/acme/documents/" + "x" * 500,
            "/nowhere",
            "/",
        ],
    )
    async def test_what_is_not_there_is_not_found(
        self, client: aiohttp.ClientSession, document: bytes, path: str
    ) -> None:
        async with client.get(exactly(path)) as response:
            body = await response.json()
        assert (response.status, body["code"]) == (404, "404")
        assert body["message"]

    async def test_a_method_that_is_not_served_is_refused(self, client: aiohttp.ClientSession) -> None:
        async with client.post(PERMANENT) as response:
            assert (response.status, (await response.json())["code"]) == (405, "405")
            assert response.headers["Allow"] == "GET,HEAD"

    @pytest.mark.parametrize(("told", "seconds"), [(None, "1"), (timedelta(seconds=2.5), "3")])
    async def test_what_time_mends_says_when_to_come_back(
        self,
        service: FakeService,
        client: aiohttp.ClientSession,
        document: bytes,
        told: timedelta | None,
        seconds: str,
    ) -> None:
        service.archive.trouble.strikes_before(Unavailable("the archive is away", retry_after=told))
        async with client.get(PERMANENT) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, seconds)
            assert (await response.json())["message"] == "the archive is away"

    async def test_a_database_that_is_away_is_no_missing_invoice(
        self, service: FakeService, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        service.journal.trouble.strikes_before(StoreUnavailable("the database is away"))
        async with client.get(signed(service)) as response:
            assert response.status == 503

    async def test_changed_bytes_are_never_handed_out(
        self, service: FakeService, client: aiohttp.ClientSession, document: bytes
    ) -> None:
        service.archive.kept[ACME, NUMBER] = document + b"!"
        async with client.get(PERMANENT) as response:
            assert response.status == 500
            assert document not in await response.read()

    async def test_a_defect_is_answered_with_an_incident_and_no_word_of_its_own(
        self, service: FakeService, client: aiohttp.ClientSession
    ) -> None:
        service.journal.trouble.strikes_before(RuntimeError("secret"))  # type: ignore[arg-type]  # a defect is no domain error
        with capture_logs() as logs:
            async with client.get(PERMANENT) as response:
                body = await response.text()
        (logged,) = (line for line in logs if line["event"] == "defect")
        assert response.status == 500
        assert logged["incident"] in body
        assert "secret" not in body
        assert "RuntimeError" not in body


class TestAddress:
    async def test_a_port_in_use_is_told_with_address_and_setting(self, server: HttpServer) -> None:
        address = f"127.0.0.1:{server.port}"
        with pytest.raises(Misconfigured) as caught, HttpServer.listening(address):
            pass
        assert address in caught.value.message
        assert "INVOICING_HTTP_LISTEN" in caught.value.message

    @pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", "127.0.0.1:x", ":0", "192.0.2.1:8080", ""])
    def test_what_is_no_address_of_this_machine_is_told_with_the_setting(self, address: str) -> None:
        with pytest.raises(Misconfigured, match="INVOICING_HTTP_LISTEN"), HttpServer.listening(address):
            pass


def exactly(path: str) -> URL:
    """The path exactly as it is written."""
    return URL(path, encoded=True)
