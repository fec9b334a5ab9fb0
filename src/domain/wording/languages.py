"""The languages that documents are written in."""

from __future__ import annotations

from domain.vat import VatCategory
from domain.wording.words import Words

_COUNTRIES = """
AT Austria/Österreich/Autriche BE Belgium/Belgien/Belgique BG Bulgaria/Bulgarien/Bulgarie
CH Switzerland/Schweiz/Suisse CY Cyprus/Zypern/Chypre CZ Czechia/Tschechien/Tchéquie DE Germany/Deutschland/Allemagne
DK Denmark/Dänemark/Danemark EE Estonia/Estland/Estonie ES Spain/Spanien/Espagne FI Finland/Finnland/Finlande
FR France/Frankreich/France GB United_Kingdom/Vereinigtes_Königreich/Royaume-Uni GR Greece/Griechenland/Grèce
HR Croatia/Kroatien/Croatie HU Hungary/Ungarn/Hongrie IE Ireland/Irland/Irlande IS Iceland/Island/Islande
IT Italy/Italien/Italie LI Liechtenstein/Liechtenstein/Liechtenstein LT Lithuania/Litauen/Lituanie
LU Luxembourg/Luxemburg/Luxembourg LV Latvia/Lettland/Lettonie MT Malta/Malta/Malte
NL Netherlands/Niederlande/Pays-Bas NO Norway/Norwegen/Norvège PL Poland/Polen/Pologne PT Portugal/Portugal/Portugal
RO Romania/Rumänien/Roumanie SE Sweden/Schweden/Suède SI Slovenia/Slowenien/Slovénie SK Slovakia/Slowakei/Slovaquie
UA Ukraine/Ukraine/Ukraine US United_States/Vereinigte_Staaten/États-Unis
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
    untaxed={
        VatCategory.EXEMPT: "Exempt from VAT",
        VatCategory.REVERSE_CHARGE: "Reverse charge",
        VatCategory.INTRA_COMMUNITY: "Intra-Community supply, exempt from VAT",
        VatCategory.EXPORT: "Export outside the EU, exempt from VAT",
        VatCategory.OUT_OF_SCOPE: "Not subject to VAT",
    },
    invoice="Invoice",
    credit_note="Credit note",
    draft="Draft: this is no invoice",
    cancels="This credit note cancels invoice {number} of {date}.",
    reason="Reason: {reason}",
    credited="Date",
    issued="Invoice date",
    order="Order number",
    ordered="Order date",
    delivered="Delivery date",
    deliver_to="Delivered to",
    buyer_vat_id="Your VAT ID",
    buyer_reference="Your reference",
    seller_vat_id="VAT ID",
    seller_tax_number="Tax number",
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
    nothing_to_pay="There is nothing to pay.",
    refund="We will return {amount} {currency} to you.",
    due_date="Due date",
    on_receipt="on receipt",
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
    untaxed={
        VatCategory.EXEMPT: "Umsatzsteuerfrei",
        VatCategory.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers",
        VatCategory.INTRA_COMMUNITY: "Steuerfreie innergemeinschaftliche Lieferung",
        VatCategory.EXPORT: "Steuerfreie Ausfuhrlieferung",
        VatCategory.OUT_OF_SCOPE: "Nicht steuerbar",
    },
    invoice="Rechnung",
    credit_note="Stornorechnung",
    draft="Entwurf: dies ist keine Rechnung",
    cancels="Diese Rechnung storniert die Rechnung {number} vom {date}.",
    reason="Grund: {reason}",
    credited="Datum",
    issued="Rechnungsdatum",
    order="Bestellnummer",
    ordered="Bestelldatum",
    delivered="Lieferdatum",
    deliver_to="Geliefert an",
    buyer_vat_id="Ihre USt-IdNr.",
    buyer_reference="Ihr Zeichen",
    seller_vat_id="USt-IdNr.",
    seller_tax_number="Steuernummer",
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
    please_pay="Bitte zahlen Sie {amount} {currency}.",
    nothing_to_pay="Es ist nichts zu zahlen.",
    refund="Wir erstatten Ihnen {amount} {currency}.",
    due_date="Fällig",
    on_receipt="bei Erhalt",
    payee="Empfänger",
    reference="Verwendungszweck",
    methods="Zahlungsart",
)

FRENCH = Words(
    language="fr",
    group="\u202f",
    point=",",
    percent="\u00a0%",
    day="{day} {name} {year}",
    months=tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    ),
    countries=_country_names(2),
    untaxed={
        VatCategory.EXEMPT: "Exonération de TVA",
        VatCategory.REVERSE_CHARGE: "Autoliquidation",
        VatCategory.INTRA_COMMUNITY: "Livraison intracommunautaire exonérée de TVA",
        VatCategory.EXPORT: "Exportation exonérée de TVA",
        VatCategory.OUT_OF_SCOPE: "Non soumis à la TVA",
    },
    invoice="Facture",
    credit_note="Avoir",
    draft="Brouillon, sans valeur de facture",
    cancels="Cet avoir annule la facture {number} du {date}.",
    reason="Motif : {reason}",
    credited="Date",
    issued="Date de facture",
    order="Numéro de commande",
    ordered="Date de commande",
    delivered="Date de livraison",
    deliver_to="Livré à",
    buyer_vat_id="Votre n° de TVA",
    buyer_reference="Votre référence",
    seller_vat_id="N° de TVA",
    seller_tax_number="Numéro fiscal",
    page="Page {page} sur {pages}",
    item="Article",
    quantity="Quantité",
    unit_price="Prix unitaire",
    discount="Remise",
    vat="TVA",
    amount="HT {currency}",
    carried="Report",
    net="Total HT",
    tax="TVA {rate} sur {net}",
    rounding="Arrondi",
    gross="Total TTC {currency}",
    prepaid="Payé",
    due="Reste à payer {currency}",
    paid="Cette facture est payée. Merci de votre commande.",
    overpaid="Cette facture est payée, et {amount} {currency} de plus que son montant.",
    please_pay="Merci de payer {amount} {currency}.",
    nothing_to_pay="Il n'y a rien à payer.",
    refund="Nous vous rembourserons {amount} {currency}.",
    due_date="Échéance",
    on_receipt="à réception",
    payee="Bénéficiaire",
    reference="Référence",
    methods="Paiement",
)

LANGUAGES = {words.language: words for words in (ENGLISH, GERMAN, FRENCH)}


def words_of(language: str) -> Words:
    """The words of this language (`de`, `de_AT`, `DE-at`); English where there are none."""
    code = language.replace("-", "_").partition("_")[0]
    return LANGUAGES.get(code.lower(), ENGLISH)
