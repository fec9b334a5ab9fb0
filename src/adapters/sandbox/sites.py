"""The sites of a tenant (`site-settings.yaml`). One nobody told of is German, in EUR, its seller complete."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.sandbox.answers import Json

LOGO = "/sandbox-assets/logo.png"
LOGO_PNG = Path(__file__).with_name("logo.png").read_bytes()


@dataclass(frozen=True, slots=True)
class Shop:
    """What sites differ in. `merchant` is the mixin `merchantInfo`, but for the tenant's name in it."""

    currency: str
    language: str
    zone: str
    country: str
    includes_tax: bool
    legal_form: str
    merchant: Json = field(default_factory=dict)


GERMAN = Shop(
    currency="EUR",
    language="en",
    zone="Europe/Berlin",
    country="DE",
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
    includes_tax=True,
    legal_form="Japan K.K.",
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
SHOPS = {"swiss": SWISS, "tokyo": JAPANESE}
"""The sites that are not German, by code."""


def site(tenant: str, code: str, *, base: str, expanded: bool) -> Json:
    """The site as it is read; its mixins only if they are asked for. `base` is where the sandbox is reached."""
    shop = SHOPS.get(code, GERMAN)
    document: Json = {
        "code": code,
        "name": f"{tenant.capitalize()} {code}",
        "active": True,
        "default": code == "main",
        "includesTax": shop.includes_tax,
        "defaultLanguage": shop.language,
        "languages": [shop.language],
        "currency": shop.currency,
        "cartCalculationScale": 3,
        "taxDeterminationBasedOn": "BILLING_ADDRESS",
        "homeBase": {"address": {"country": shop.country}, "timezone": shop.zone},
    }
    if expanded:
        document["mixins"] = _mixins(tenant, shop, base)
    return document


def _mixins(tenant: str, shop: Shop, base: str) -> Json:
    name = tenant.capitalize()
    return {
        "generalShopSettings": {"brandName": name, "zoneId": shop.zone, "logoUrl": f"{base}{LOGO}"},
        "merchantInfo": {
            "merchantName": f"{name} {shop.legal_form}",
            "email": f"service@{tenant}.example",
            **shop.merchant,
        },
    }
