"""Electronic addresses (BT-34, BT-49): where a document is delivered to by machines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.countries import vat_country


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """An address and its scheme, a code of the EAS list of the European Commission."""

    scheme: str
    value: str


_SCHEMES = dict(
    entry.split(":")
    for entry in """
AD:9922 AL:9923 AT:9914 BA:9924 BG:9926 CH:9927 CY:9928 CZ:9929 DE:9930 DK:0184 EE:9931 ES:9920 FI:0213 FR:9957 GB:9932
GR:9933 HR:9934 HU:9910 IE:9935 IT:0211 LI:9936 LT:9937 LU:9938 LV:9939 MC:9940 ME:9941 MK:9942 MT:9943 NL:9944 PL:9945
PT:9946 RO:9947 RS:9948 SI:9949 SK:9950 SM:9951 TR:9952 VA:9953
""".split()
)
"""The schemes whose addresses are VAT ids, by the country that gave them."""

_BELGIAN = re.compile(r"BE([01]\d{7})(\d{2})")
_DANISH = re.compile(r"DK\d{8}")


def by_mail(email: str) -> ElectronicAddress | None:
    """The address as e-mail; None for none."""
    return ElectronicAddress("EM", email) if email else None


def in_peppol(vat_id: str) -> ElectronicAddress | None:
    """Where Peppol finds whoever has this VAT id.

    None without one, and in countries where the address is another number. A Belgian is found under the number of his
    enterprise, of which the last two digits check the others (PEPPOL-COMMON-R043), a Dane under his (R042).
    """
    country = vat_country(vat_id)
    if country == "BE":
        parts = _BELGIAN.fullmatch(vat_id)
        is_right = parts is not None and 97 - int(parts[1]) % 97 == int(parts[2])
        return ElectronicAddress("0208", vat_id[2:]) if is_right else None
    if country not in _SCHEMES or (country == "DK" and not _DANISH.fullmatch(vat_id)):
        return None
    return ElectronicAddress(_SCHEMES[country], vat_id)
