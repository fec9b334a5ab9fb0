"""What the sandbox's shops are like, where nobody has changed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.sandbox.answers import Json

LOGO = "/sandbox-assets/logo.png"
LOGO_PNG = Path(__file__).with_name("logo.png").read_bytes()


@dataclass(frozen=True, slots=True)
class Shop:
    """What sites differ in.

    `decimals` is how finely carts are calculated, `merchant` the mixin `merchantInfo` but for the tenant's name in it.
    """

    currency: str
    language: str
    zone: str
    country: str
    zip_code: str
    includes_tax: bool
    legal_form: str
    decimals: int = 3
    merchant: Json = field(default_factory=dict)


GERMAN = Shop(
    currency="EUR",
    language="en",
    zone="Europe/Berlin",
    country="DE",
    zip_code="10115",
    includes_tax=True,
    legal_form="Handels GmbH",
    merchant={
        "merchantAddress": {
            "merchantStreet": "Lange Straße",
            "merchantStreetNo": "12",
            "merchantZipCode": "10115",
            "merchantCity": "Berlin",
        },
        "vatId": "DE136695976",
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
        "phone": "+49 30 5550123",
    },
)
SWISS = Shop(
    currency="CHF",
    language="de",
    zone="Europe/Zurich",
    country="CH",
    zip_code="8001",
    includes_tax=False,
    legal_form="Schweiz AG",
    merchant={
        "merchantAddress": {
            "merchantStreet": "Seegasse",
            "merchantStreetNo": "3",
            "merchantZipCode": "8001",
            "merchantCity": "Zürich",
        },
        "vatId": "CHE-123.456.788 MWST",
        "iban": "CH9300762011623852957",
        "bic": "POFICHBEXXX",
    },
)
JAPANESE = Shop(
    currency="JPY",
    language="en",
    zone="Asia/Tokyo",
    country="JP",
    zip_code="104-0061",
    includes_tax=True,
    legal_form="Japan K.K.",
    decimals=0,
    merchant={
        "merchantAddress": {
            "merchantStreet": "Ginza",
            "merchantStreetNo": "4-5-6",
            "merchantZipCode": "104-0061",
            "merchantCity": "Tokyo",
        },
        "vatId": "T7000012050002",
    },
)
ABROAD = {"swiss": SWISS, "tokyo": JAPANESE}
"""The sites that are not German, by code."""


def shop(code: str) -> Shop:
    """The shop behind this site."""
    return ABROAD.get(code, GERMAN)


def site_of(tenant: str, code: str) -> Json:
    """The site as it is read, without mixins."""
    has = shop(code)
    return {
        "code": code,
        "name": f"{tenant.capitalize()} {code}",
        "active": True,
        "default": code == "main",
        "includesTax": has.includes_tax,
        "defaultLanguage": has.language,
        "languages": [has.language],
        "currency": has.currency,
        "availableCurrencies": [has.currency],
        "cartCalculationScale": has.decimals,
        "taxDeterminationBasedOn": "BILLING_ADDRESS",
        "homeBase": {"address": {"country": has.country, "zipCode": has.zip_code}, "timezone": has.zone},
        "shipToCountries": [has.country],
        "metadata": {"version": 1, "mixins": {}},
    }


def mixins_of(tenant: str, code: str, base: str) -> Json:
    """What makes its invoices complete: a logo and a seller. `base` is where the sandbox is reached."""
    has, name = shop(code), tenant.capitalize()
    return {
        "generalShopSettings": {"brandName": name, "zoneId": has.zone, "logoUrl": f"{base}{LOGO}"},
        "merchantInfo": {
            "merchantName": f"{name} {has.legal_form}",
            "email": f"service@{tenant}.example",
            **has.merchant,
        },
    }
