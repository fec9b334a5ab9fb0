"""Countries, as invoices name them (ISO 3166-1 alpha-2), and what VAT makes of them."""

from __future__ import annotations

CODES = frozenset(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB
    GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB
    SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US
    UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XI XK""".split()
)
"""With the two that trade uses besides: XI (Northern Ireland) and XK (Kosovo)."""

EUROPEAN_UNION = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
"""The member states, whose goods move within one VAT territory (directive 2006/112/EC, art. 5)."""

GREECE = "EL"
"""How VAT ids name Greece (directive 2006/112/EC, art. 215)."""

KOSOVO = "XK"
"""A code of trade only: no VAT id in an electronic invoice begins with it."""


def vat_country(vat_id: str) -> str:
    """The country that gave the VAT id; empty when it does not begin with one (EN 16931 BR-CO-09)."""
    prefix = vat_id[:2].upper()
    if prefix == GREECE:
        return "GR"
    return prefix if prefix in CODES and prefix != KOSOVO and len(vat_id) > len(prefix) else ""
