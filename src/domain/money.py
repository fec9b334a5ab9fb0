"""Money: exact decimals in a currency, and the only place where they are rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from domain.errors import UnknownCurrency

_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_TWO_DECIMALS = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD
    KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
    NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG""".split()
)


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217 and how many decimals its smallest coin has (JPY 0, EUR 2, KWD 3)."""

    code: str
    digits: int

    @classmethod
    def of(cls, code: str) -> Currency:
        """The currency with this ISO 4217 code. Raises `UnknownCurrency`."""
        if code in _TWO_DECIMALS:
            return cls(code, 2)
        if code in _NO_DECIMALS:
            return cls(code, 0)
        if code in _THREE_DECIMALS:
            return cls(code, 3)
        raise UnknownCurrency(code[:20])

    @property
    def coin(self) -> Decimal:
        """The smallest amount that can be paid: 0.01 for EUR, 1 for JPY."""
        return Decimal(1).scaleb(-self.digits)

    def round(self, amount: Decimal) -> Decimal:
        """The only line where a coin is gained or lost: halves go away from zero."""
        return amount.quantize(self.coin, ROUND_HALF_UP) + 0

    def whole(self, amount: Decimal) -> Decimal:
        """The whole coins in this amount: what may be taken when not a fraction of a coin more is allowed."""
        return amount.quantize(self.coin, ROUND_DOWN) + 0

    def __str__(self) -> str:
        return self.code


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum, zero when there is nothing to add."""
    return sum(amounts, Decimal(0))


def apportion(amounts: Sequence[Decimal], currency: Currency) -> tuple[Decimal, ...]:
    """The amounts in whole coins such that they add up to their rounded exact sum.

    Each is rounded half up; the coins by which the sum then misses go, one each, to the amounts that rounding moved
    furthest the other way (the first of equals). So lines add up to their VAT group's net (EN 16931 BR-CO-10).
    """
    rounded = [currency.round(amount) for amount in amounts]
    missing = currency.round(total(amounts)) - total(rounded)
    coins = int(missing / currency.coin)
    sign = 1 if coins > 0 else -1
    by_loss = sorted(range(len(amounts)), key=lambda i: (sign * (rounded[i] - amounts[i]), i))
    for i in by_loss[: abs(coins)]:
        rounded[i] += sign * currency.coin
    return tuple(rounded)
