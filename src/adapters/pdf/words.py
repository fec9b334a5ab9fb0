"""What the document says in each language, and how that language writes numbers and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from domain.money import Currency
from domain.order import Seller

MINUS = "\u2212"
FINEST_PRICE = Decimal("0.000001")
"""Unit prices are exact; what is finer than this is noise of the platform's arithmetic."""


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its code, its separators and patterns, its country names, and the labels of the invoice."""

    language: str
    group: str
    point: str
    percent: str
    day: str
    months: tuple[str, ...]
    countries: dict[str, str]

    invoice: str
    issued: str
    order: str
    ordered: str
    delivered: str
    buyer_vat_id: str
    seller_vat_id: str
    page: str

    item: str
    quantity: str
    unit_price: str
    discount: str
    vat: str
    amount: str
    carried: str

    net: str
    tax: str
    rounding: str
    gross: str
    prepaid: str
    due: str

    paid: str
    overpaid: str
    please_pay: str
    payee: str
    reference: str
    methods: str

    def coins(self, amount: Decimal, currency: Currency) -> str:
        """An amount in the currency's own digits, with separators: 1,234.50."""
        return self._written(amount, currency.digits)

    def price(self, amount: Decimal, currency: Currency) -> str:
        """A unit price: the currency's digits, or as many more as it has."""
        exact = amount.quantize(FINEST_PRICE, ROUND_HALF_UP).normalize()
        return self._written(exact, max(currency.digits, -int(exact.as_tuple().exponent)))

    def number(self, value: Decimal) -> str:
        """A number with as many digits as it has: 2, 1.5."""
        return self._written(value, max(0, -int(value.normalize().as_tuple().exponent)))

    def rate(self, percent: Decimal) -> str:
        """A rate: 19%, 5.5%."""
        return f"{self.number(percent)}{self.percent}"

    def date(self, day: date) -> str:
        """A day as the language writes it."""
        return self.day.format(day=day.day, month=day.month, name=self.months[day.month - 1], year=day.year)

    def country(self, code: str) -> str:
        """The country's name, or its code where the name is not known."""
        return self.countries.get(code, code)

    def _written(self, value: Decimal, digits: int) -> str:
        whole, _, fraction = f"{abs(value):,.{digits}f}".partition(".")
        sign = MINUS if value < 0 else ""
        return f"{sign}{whole.replace(',', self.group)}{self.point if fraction else ''}{fraction}"


def words_of(language: str) -> Words:
    """The words of this language (`de`, `de_AT`, `DE-at`); English where there are none."""
    code = language.replace("-", "_").partition("_")[0]
    return LANGUAGES.get(code.lower(), ENGLISH)


def town_of(seller: Seller) -> str:
    """The seller's zip code and city."""
    return f"{seller.zip_code} {seller.city}".strip()


_COUNTRIES = """
AT Austria/Österreich BE Belgium/Belgien BG Bulgaria/Bulgarien CH Switzerland/Schweiz CY Cyprus/Zypern
CZ Czechia/Tschechien DE Germany/Deutschland DK Denmark/Dänemark EE Estonia/Estland ES Spain/Spanien FI Finland/Finnland
FR France/Frankreich GB United_Kingdom/Vereinigtes_Königreich GR Greece/Griechenland HR Croatia/Kroatien
HU Hungary/Ungarn IE Ireland/Irland IS Iceland/Island IT Italy/Italien LI Liechtenstein/Liechtenstein
LT Lithuania/Litauen LU Luxembourg/Luxemburg LV Latvia/Lettland MT Malta/Malta NL Netherlands/Niederlande
NO Norway/Norwegen PL Poland/Polen PT Portugal/Portugal RO Romania/Rumänien SE Sweden/Schweden SI Slovenia/Slowenien
SK Slovakia/Slowakei UA Ukraine/Ukraine US United_States/Vereinigte_Staaten
""".split()


def _country_names(position: int) -> dict[str, str]:
    pairs = zip(_COUNTRIES[::2], _COUNTRIES[1::2], strict=True)
    return {code: names.split("/")[position].replace("_", " ") for code, names in pairs}


ENGLISH = Words(
    language="en",
    group=",",
    point=".",
    percent="%",
    day="{day} {name} {year}",
    months=tuple(
        "January February March April May June July August September October November December".split(),
    ),
    countries=_country_names(0),
    invoice="Invoice",
    issued="Invoice date",
    order="Order number",
    ordered="Order date",
    delivered="Delivery date",
    buyer_vat_id="Your VAT ID",
    seller_vat_id="VAT ID",
    page="Page {page} of {pages}",
    item="Item",
    quantity="Quantity",
    unit_price="Unit price",
    discount="Discount",
    vat="VAT",
    amount="Net {currency}",
    carried="Carried forward",
    net="Total without VAT",
    tax="VAT {rate} on {net}",
    rounding="Rounding",
    gross="Total {currency}",
    prepaid="Paid",
    due="Amount due {currency}",
    paid="This invoice is paid. Thank you for your order.",
    overpaid="This invoice is paid, and {amount} {currency} more than it comes to.",
    please_pay="Please pay {amount} {currency}.",
    payee="Payee",
    reference="Reference",
    methods="Payment",
)

GERMAN = Words(
    language="de",
    group=".",
    point=",",
    percent="\u00a0%",
    day="{day:02}.{month:02}.{year}",
    months=tuple(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    ),
    countries=_country_names(1),
    invoice="Rechnung",
    issued="Rechnungsdatum",
    order="Bestellnummer",
    ordered="Bestelldatum",
    delivered="Lieferdatum",
    buyer_vat_id="Ihre USt-IdNr.",
    seller_vat_id="USt-IdNr.",
    page="Seite {page} von {pages}",
    item="Artikel",
    quantity="Menge",
    unit_price="Einzelpreis",
    discount="Rabatt",
    vat="USt.",
    amount="Netto {currency}",
    carried="Übertrag",
    net="Summe ohne USt.",
    tax="USt. {rate} auf {net}",
    rounding="Rundung",
    gross="Gesamt {currency}",
    prepaid="Bezahlt",
    due="Offener Betrag {currency}",
    paid="Diese Rechnung ist bezahlt. Vielen Dank für Ihre Bestellung.",
    overpaid="Diese Rechnung ist bezahlt, und {amount} {currency} darüber hinaus.",
    please_pay="Bitte überweisen Sie {amount} {currency}.",
    payee="Empfänger",
    reference="Verwendungszweck",
    methods="Zahlungsart",
)

LANGUAGES = {words.language: words for words in (ENGLISH, GERMAN)}
