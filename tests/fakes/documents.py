"""Mails, pictures of invoices and the archive, in memory."""

from __future__ import annotations

from hashlib import sha256

from domain.document import Drawing
from domain.errors import MailRefused, Misconfigured, UnknownInvoice
from domain.invoice import Invoice, InvoiceNumber
from domain.mail import Greeting, Mail, MailId
from domain.order import TenantId
from fakes.trouble import Trouble


class FakeMailer:
    """`domain.ports.Mailer`. `sent` lists every mail that was taken, `refused` who never gets one."""

    def __init__(self) -> None:
        self.reaches_customers = True
        self.sent: list[Mail] = []
        self.refused: set[str] = set()
        self.trouble = Trouble()

    @property
    def ids(self) -> list[MailId]:
        """The Message-IDs of the mails that were taken."""
        return [mail.id for mail in self.sent]

    async def greet(self) -> Greeting:
        """Is here."""
        self.trouble.before()
        return Greeting("mails are kept in memory", reaches_customers=self.reaches_customers)

    async def send(self, mail: Mail) -> None:
        """Takes the mail."""
        self.trouble.before()
        if "@" not in mail.sender:
            raise Misconfigured(f"the mail sender {mail.sender!r} is no address")
        if "@" not in mail.recipient or mail.recipient in self.refused:
            raise MailRefused(f"the recipient {mail.recipient!r} gets no mail")
        self.sent.append(mail)
        self.trouble.after()


class FakeXmlInvoices:
    """`domain.ports.StructuredInvoices`: elements that are no invoice, but another for another invoice."""

    async def cii(self, invoice: Invoice) -> bytes:
        """As CII."""
        return f"<cii>{_digest(invoice)}</cii>".encode()

    async def ubl(self, invoice: Invoice) -> bytes:
        """As UBL."""
        return f"<ubl>{_digest(invoice)}</ubl>".encode()

    def is_of(self, content: bytes, invoice: Invoice) -> bool:
        """Whether it is what `cii` gives."""
        return content == f"<cii>{_digest(invoice)}</cii>".encode()


class FakeRenderer:
    """`domain.ports.PdfRenderer`: a line that is no PDF, but the same for the same invoice and logo; then the XML.

    Unless it `attaches` nothing, as renderers did that knew no XML. Its font has all characters but those beyond the
    Basic Multilingual Plane, in names at least.
    """

    def __init__(self) -> None:
        self.attaches = True
        self.rendered: list[Invoice] = []
        self.trouble = Trouble()

    async def render(self, invoice: Invoice, logo: bytes | None, xml: bytes) -> Drawing:
        """The document."""
        self.trouble.before()
        self.rendered.append(invoice)
        picture = logo if logo and logo.startswith((b"\x89PNG", b"\xff\xd8")) else b""
        content = f"%PDF-fake {_digest(invoice, picture)}\n".encode() + (xml if self.attaches else b"")
        shown = {c for line in invoice.draft.lines for c in line.name if ord(c) > 0xFFFF}
        return Drawing(content, "".join(sorted(shown)))

    def xml_in(self, document: bytes) -> bytes | None:
        """The structured invoice in the document."""
        drawn, _, xml = document.partition(b"\n")
        return (xml or None) if drawn.startswith(b"%PDF-fake ") else None


class FakeArchive:
    """`domain.ports.Archive`. What is in `kept` is never written again."""

    def __init__(self) -> None:
        self.kept: dict[tuple[TenantId, InvoiceNumber], bytes] = {}
        self.trouble = Trouble()

    async def put(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        """Keeps the document unless one is kept already; gives the bytes that are kept."""
        self.trouble.before()
        kept = self.kept.setdefault((tenant, number), content)
        self.trouble.after()
        return kept

    async def get(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document's bytes."""
        self.trouble.before()
        if (tenant, number) not in self.kept:
            raise UnknownInvoice(number)
        return self.kept[tenant, number]


def _digest(invoice: Invoice, picture: bytes = b"") -> str:
    return sha256(repr(invoice).encode() + picture).hexdigest()
