"""Units of measure as EN 16931 names them (BT-130): codes of UN/ECE Recommendation 20, packages of 21 with an X."""

from __future__ import annotations

ONE = "C62"
"""One, of whatever is counted."""

_UNITS = """
H87 piece pieces pc pcs ea each unit units stk st stück stueck szt pz pza ud
MGM mg  GRM g gr gram grams  KGM kg kilo kilogram kilograms  TNE t tonne tonnes  LBR lb lbs  ONZ oz
MLT ml  CLT cl  DLT dl  LTR l lt liter litre liters litres  HLT hl  GLL gal
MMT mm  CMT cm  DMT dm  MTR m meter metre meters metres  KMT km  INH in inch  FOT ft  YRD yd
MMK mm2 mm²  CMK cm2 cm²  MTK m2 m² qm sqm  CMQ cm3 cm³  MTQ m3 m³ cbm
SEC s sec  MIN min minute minutes  HUR h hr hour hours std  DAY d day days  WEE week weeks  MON month months
ANN year years  KWH kwh
PR pair pairs  SET set sets  DZN dozen  XBX box boxes  XPK pack packs package  XBO bottle bottles  XCT carton cartons
XBG bag bags  XRO roll rolls  XCA can cans  XPX pallet pallets
""".split()


def _table() -> dict[str, str]:
    codes: dict[str, str] = {}
    code = ""
    for word in _UNITS:
        if word.isupper():
            code = word
        codes[word.lower()] = code
    return codes


_CODES = _table()


def unit_code(unit: str) -> str:
    """The code of a unit as shops write it, or as the code itself; `ONE` for what is counted in a unit unknown here."""
    return _CODES.get(unit.strip().lower(), ONE)


def is_known(unit: str) -> bool:
    """Whether the code says all that the shop did."""
    return not unit.strip() or unit.strip().lower() in _CODES or unit.strip().upper() == ONE
