"""Every kind of invoice there is: what is sold, to whom, from where, how it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.correction import credit_note_of
from domain.drafting import Terms, draft_of
from domain.invoice import Invoice, InvoiceNumber
from domain.order import Address, Customer, Fee, Order, Payment, PaymentStatus, Price, Seller
from domain.vat import Exemption, VatCategory, VatRules
from fakes.invoices import FULL_SELLER
from fakes.orders import a_line, a_line_of, a_price, an_order, an_order_of, summed
from fakes.platform import SITE

TERMS = Terms(
    VatRules(
        categories={"BOOKS": VatCategory.EXEMPT, "GIFTS": VatCategory.OUT_OF_SCOPE},
        reasons={"BOOKS": Exemption("VATEX-EU-132-1I", "Education"), "E": Exemption(text="Small business")},
    )
)
IN_30_DAYS = replace(TERMS, payment_days=30)

WIEN = Address(company="Werk GmbH", street="Ring 1", zip_code="1010", city="Wien", country="AT")
LYON = Address(name="Zoé", street="Rue 1", extra=("Bât. B", "4e étage"), zip_code="69001", city="Lyon", country="FR")
KYIV = Address(name="Олена", street="Хрещатик 1", zip_code="01001", city="Київ", state="Kyiv", country="UA")
PRISTINA = Address(name="Arta", street="Rruga 1", zip_code="10000", city="Prishtina", country="XK")
AUSTRIAN = Customer(id="c-1", name="Eva Huber", company="Werk GmbH", email="w@example.at", vat_id="ATU12345678")
FRENCH = Customer(id="c-2", company="Zoé SARL", email="zoe@example.fr", vat_id="FR40303265045")
AGENCY = Customer(
    id="c-3", company="Amt", email="amt@example.de", vat_id="DE111111125", reference="04011000-1234512345-06"
)
HOSTILE = "<![CDATA[&]]>\x00\x1b\ud800\ufffe\u202e'\"{{7*7}}\r\n=cmd()"

AMERICAN_SELLER = Seller(
    name="Mugs Inc.", street="1 Main St", zip_code="10001", city="New York", country="US", vat_id="12-3456789"
)
SWISS_SELLER = replace(
    FULL_SELLER, name="Tassen AG", country="CH", vat_id="CHE-123.456.789 MWST", iban="CH9300762011623852957"
)
TAXED_LOCALLY = replace(FULL_SELLER, vat_id="", tax_number="27/123/45678")
CARD = Payment("credit_card", PaymentStatus.PAID, None, Decimal(0), Decimal(5))
CASH = Payment("on_delivery", PaymentStatus.DEFERRED, None, Decimal(0), Decimal(0))


def untaxed(code: str = "", net: str = "20.00") -> Price:
    """A price without VAT."""
    return replace(a_price(net, "0.00", 0), tax_code=code)


def an_invoice_of(
    order: Order, seller: Seller = FULL_SELLER, terms: Terms = TERMS, *, paid: bool = False, number: str = "INV-1"
) -> Invoice:
    """The invoice of this order."""
    draft = draft_of(order, SITE, seller, terms)
    prepaid = draft.totals.gross if paid else draft.paid_before
    return Invoice(InvoiceNumber(number), "invoiceNoSequence", date(2026, 11, 25), prepaid, draft)


def a_credit_note(of: Invoice, *, reason: str = "Sent back") -> Invoice:
    """What takes the invoice back on the same day; all that was paid will be given back."""
    return replace(credit_note_of(of, reason, of.issue_date, refund=of.prepaid), number=InvoiceNumber("CN-1"))


def _priced(currency: str, net: str, tax: str) -> Order:
    return an_order_of(a_line_of(a_price(net, tax)), currency=currency)


def _everything() -> Order:
    goods, reduced = a_price("30.00", "5.70"), a_price("9.35", "0.65", 7)
    discounted = a_line(price=goods, discounted=a_price("27.33", "5.19"), final=a_price("27.33", "5.19"))
    gift = Fee({"": "Gift wrap"}, a_price("2.52", "0.48"))
    wrapped = a_line_of(
        reduced,
        unit="kg",
        fees=(gift,),
        total_fee=gift.final,
        final=Price(Decimal("11.87"), Decimal("13.00"), Decimal("1.13")),
    )
    card = Fee({"": "Card"}, a_price("0.84", "0.16"))
    return an_order_of(
        discounted, wrapped, fees=(card,), shipping=Fee({"": "DHL"}, a_price("4.90", "0.93")), tax_lines=()
    )


def _given_away() -> Order:
    """Discounts on everything that can have one: goods, wrapping, the payment fee, and shipping, which is then free."""
    goods = a_line(price=a_price("30.00", "5.70"), discounted=a_price("27.33", "5.19"), final=a_price("27.33", "5.19"))
    gift = Fee({"": "Gift wrap"}, a_price("1.68", "0.32"), a_price("2.52", "0.48"))
    wrapped = replace(goods, fees=(gift,), total_fee=gift.final, final=summed(goods.final, gift.final))
    card = Fee({"": "Card"}, a_price("0.80", "0.15"), a_price("0.84", "0.16"))
    shipping = Fee({"": "DHL"}, a_price("0.00", "0.00"), a_price("4.90", "0.93"))
    return an_order_of(wrapped, fees=(card,), shipping=shipping)


def _odd_units() -> Order:
    """Prices that times the quantity do not come to the amount, and units nobody knows."""
    price = a_price("12.34", "2.34")
    weighed = a_line_of(price, quantity=Decimal("0.333"), unit="kg", unit_price=a_price("37.05", "7.04"))
    rounded = a_line_of(a_price("1234.57", "234.57"), quantity=Decimal(10000), unit_price=a_price("0.12", "0.02"))
    odd = a_line_of(price, quantity=Decimal("1E+1"), unit="Schock", unit_price=a_price("1.234", "0.234"))
    return an_order_of(weighed, rounded, odd)


def _hostile() -> Order:
    line = a_line_of(a_price("20.00", "3.80"), name={"": HOSTILE}, sku=HOSTILE, unit=HOSTILE)
    nobody = Customer(name=HOSTILE, email="h@example.com", reference=HOSTILE, vat_id="\x01")
    return an_order_of(line, customer=nobody, billing=Address(name=HOSTILE, street=HOSTILE, city=HOSTILE, country="DE"))


def _long() -> Order:
    line = a_line_of(a_price("20.00", "3.80"), name={"": "Mug " * 2000}, sku="S" * 2000)
    return an_order_of(line, billing=Address(name="N" * 5000, street="S" * 5000, city="C" * 5000, country="DE"))


KINDS: Mapping[str, Invoice] = {
    "standard": an_invoice_of(an_order(), paid=True),
    "to be transferred": an_invoice_of(an_order()),
    "within 30 days": an_invoice_of(an_order(), terms=IN_30_DAYS),
    "on delivery": an_invoice_of(an_order(payments=(CASH,))),
    "paid in part": an_invoice_of(an_order_of(a_line_of(a_price("20.00", "3.80")), payments=(CARD, CASH))),
    "no account": an_invoice_of(an_order(), replace(FULL_SELLER, iban="", bic="")),
    "discounts, fees, shipping": an_invoice_of(_everything()),
    "discounts on fees and shipping": an_invoice_of(_given_away()),
    "rounded": an_invoice_of(an_order_of(*[a_line_of(a_price("0.83", "0.17", 20))] * 4), paid=True),
    "free of charge": an_invoice_of(an_order_of(a_line_of(a_price("0.00", "0.00")))),
    "odd units": an_invoice_of(_odd_units()),
    "zero rated": an_invoice_of(an_order_of(a_line_of(untaxed("ZERO")))),
    "exempt": an_invoice_of(an_order_of(a_line_of(untaxed("EXEMPT")), shipping=untaxed("EXEMPT", "4.90"))),
    "exempt for two reasons": an_invoice_of(an_order_of(a_line_of(untaxed("BOOKS")), a_line_of(untaxed("EXEMPT")))),
    "reverse charge": an_invoice_of(an_order_of(a_line_of(untaxed("REVERSE_CHARGE")), customer=AUSTRIAN, billing=WIEN)),
    "reverse charge and taxed": an_invoice_of(
        an_order_of(a_line_of(untaxed("REVERSE_CHARGE")), a_line(), customer=AUSTRIAN, billing=WIEN)
    ),
    "intra-community": an_invoice_of(
        an_order_of(a_line_of(untaxed()), customer=AUSTRIAN, billing=WIEN, shipping=untaxed("", "9.90"))
    ),
    "intra-community, sent on": an_invoice_of(
        replace(an_order_of(a_line_of(untaxed()), customer=FRENCH, billing=LYON), shipping=replace(WIEN, country="AT"))
    ),
    "export": an_invoice_of(an_order_of(a_line_of(untaxed()), billing=KYIV)),
    "export to Kosovo": an_invoice_of(an_order_of(a_line_of(untaxed()), billing=PRISTINA)),
    "out of scope": an_invoice_of(
        an_order_of(a_line_of(untaxed("GIFTS")), customer=AUSTRIAN, billing=WIEN, shipping=untaxed("GIFTS", "3.00"))
    ),
    "out of scope, seller without VAT id": an_invoice_of(an_order_of(a_line_of(untaxed("GIFTS"))), TAXED_LOCALLY),
    "Swiss francs": an_invoice_of(_priced("CHF", "18.53", "3.52"), SWISS_SELLER),
    "yen": an_invoice_of(_priced("JPY", "2000", "380"), paid=True),
    "American seller": an_invoice_of(_priced("USD", "20.00", "3.80"), AMERICAN_SELLER),
    "seller without VAT id": an_invoice_of(an_order(), TAXED_LOCALLY),
    "authority": an_invoice_of(an_order(customer=AGENCY), terms=IN_30_DAYS),
    "French business": an_invoice_of(an_order(customer=FRENCH, billing=LYON), terms=IN_30_DAYS),
    "buyer's VAT id of no country": an_invoice_of(an_order(customer=replace(AUSTRIAN, vat_id="12345"))),
    "hostile": an_invoice_of(_hostile(), replace(FULL_SELLER, name=HOSTILE, street=HOSTILE), number="INV\x07-1"),
    "long": an_invoice_of(_long()),
}
