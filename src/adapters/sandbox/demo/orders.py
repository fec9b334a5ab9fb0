"""The demo's orders, and how each must end. The dates are relative to now, for automatic jobs look at them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.sandbox.answers import Json, content
from adapters.sandbox.demo.baskets import Basket, Circumstances, Item, delivered_at, delivered_on, order_of
from adapters.sandbox.demo.buyers import (
    ANNA,
    ATELIER,
    BEN,
    CAFE,
    DIMITAR,
    ELENI,
    LUC,
    NOURA,
    TAMAR,
    URS,
    WERK,
    XIAOWEN,
    YUKI,
    ZANETA,
    Buyer,
)
from adapters.sandbox.demo.prices import GERMANY, JAPAN, SWITZERLAND, WHOLESALE
from domain.job import JobType, OrderState

PUBLISHED = Path(__file__).with_name("published")
"""The examples of `order.yaml` (`emporix/api-references`), as they are."""

DUE = "70"
"""An extended status that the settings of the sandbox name."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How an order must end, and of which job."""

    outcome: OrderState
    reason: str = ""
    job: JobType = JobType.MANUAL


INVOICED = Expected(OrderState.SUCCESS)
FOUND = Expected(OrderState.SUCCESS, job=JobType.AUTOMATIC)

EXPECTED = {
    "EON1200": INVOICED,
    "EON2076": Expected(OrderState.FAILURE, "ORDER_NOT_INVOICEABLE"),
    "DEMO-TWO-RATES": INVOICED,
    "DEMO-DISCOUNTS": INVOICED,
    "DEMO-FEES": INVOICED,
    "DEMO-WHOLESALE": INVOICED,
    "DEMO-TOKYO": INVOICED,
    "DEMO-ZURICH": INVOICED,
    "DEMO-ATHENS": INVOICED,
    "DEMO-KRAKOW": INVOICED,
    "DEMO-SOFIA": INVOICED,
    "DEMO-REVERSE-CHARGE": INVOICED,
    "DEMO-VIENNA": INVOICED,
    "DEMO-EXEMPT": INVOICED,
    "DEMO-REISSUED": INVOICED,
    "DEMO-RIYADH": INVOICED,
    "DEMO-HAIFA": INVOICED,
    "DEMO-SHANGHAI": INVOICED,
    "DEMO-DECLINED": Expected(OrderState.FAILURE, "PAYMENT_REFUSED"),
    "DEMO-INVOICED": Expected(OrderState.FAILURE, "ALREADY_INVOICED"),
    "DEMO-NOWHERE": Expected(OrderState.FAILURE, "ORDER_NOT_FOUND"),
    "DEMO-DUE-CARD": FOUND,
    "DEMO-DUE-INVOICE": FOUND,
    "DEMO-DUE-OLD-STYLE": FOUND,
}
"""How each order of the demo must end; `DEMO-NOWHERE` does not exist."""

REISSUED = "DEMO-REISSUED"
"""Whose invoice is taken back once it is there, with its money, so that it may be invoiced again."""

MANUAL_ORDERS = tuple(order_id for order_id, expected in EXPECTED.items() if expected.job is JobType.MANUAL)
"""What the demo's manual job is given."""

AUTOMATIC_ORDERS = tuple(order_id for order_id, expected in EXPECTED.items() if expected.job is JobType.AUTOMATIC)
"""What the demo's automatic job must find, and nothing else."""

LEFT_ALONE = ("DEMO-FRESH", "DEMO-SHIPPED", "DEMO-NOT-READY", "DEMO-UNDATED", "DEMO-DONE")
"""What it must not find: delivered just now, in another status, in another extended status, no date, invoiced."""

MUG = Item("MUG-01", "Mug, stoneware", Decimal("12.90"))
BOOK = Item("BOOK-07", "The Art of Bookkeeping", Decimal("24.00"), reduced=True)
LAMP = Item("LAMP-3", "Desk lamp", Decimal("79.95"))
TEA = Item("TEA-11", "Green tea, 100 g", Decimal("6.49"), reduced=True)
ADVICE = Item("ADVICE-1", "Advice on shop fitting, a day", Decimal("880.00"))
COURSE = Item("COURSE-3", "Evening class, bookkeeping", Decimal("180.00"))
SCREW = Item("SCREW-M4", "Screw M4x20, stainless", Decimal("0.083"))


def demo_orders(now: datetime) -> list[Json]:
    """Every order the demo starts with: for its manual job, for its automatic one, and for neither."""
    return [*_published(), *_manual(now), *_untaxed(now), *_exported(now), *_automatic(now), *_left_alone(now)]


def _published() -> list[Json]:
    return [content(path.read_bytes()) for path in sorted(PUBLISHED.glob("*.json"))]


def _manual(now: datetime) -> list[Json]:
    so = Circumstances(created=now - timedelta(days=2))
    mark = {"invoice": {"invoiceNo": "OLD-2025-0042", "invoiceDocument": "https://shop.example/invoices/OLD-2025-0042"}}
    free_shipping = Basket(GERMANY, (MUG,))
    return [
        order_of("DEMO-TWO-RATES", ANNA, Basket(GERMANY, (replace(MUG, quantity=2), BOOK), Decimal("4.90")), so),
        order_of("DEMO-DISCOUNTS", LUC, _on_sale(), so),
        order_of("DEMO-FEES", BEN, Basket(GERMANY, _wrapped(), Decimal("4.90"), Decimal("1.95")), so),
        order_of("DEMO-WHOLESALE", WERK, Basket(WHOLESALE, _fine(), Decimal("11.50")), so),
        order_of("DEMO-TOKYO", YUKI, Basket(JAPAN, _in_yen(), Decimal(660)), so),
        order_of("DEMO-ZURICH", URS, Basket(SWITZERLAND, (LAMP, replace(TEA, quantity=3)), Decimal("8.50")), so),
        order_of("DEMO-ATHENS", ELENI, Basket(GERMANY, (LAMP,), Decimal("14.90")), so),
        order_of("DEMO-KRAKOW", ZANETA, Basket(GERMANY, (replace(BOOK, quantity=3), TEA)), so),
        order_of("DEMO-SOFIA", DIMITAR, Basket(GERMANY, (replace(TEA, name="Мурсалски чай"), MUG)), so),
        _simple(REISSUED, BEN, so),
        order_of("DEMO-DECLINED", BEN, free_shipping, replace(so, transaction_id="declined-DEMO-DECLINED")),
        order_of("DEMO-INVOICED", ANNA, free_shipping, replace(so, mixins=mark)),
    ]


def _untaxed(now: datetime) -> list[Json]:
    """Of its three tax codes the second means nothing by itself: where the goods go decides."""
    so = Circumstances(created=now - timedelta(days=2), delivery=delivered_on(now - timedelta(days=1)))
    by_invoice = replace(so, method="invoice")
    advice = Basket(WHOLESALE.without_vat("REVERSE_CHARGE"), (replace(ADVICE, quantity=2),))
    goods = Basket(WHOLESALE.without_vat("NONE"), (replace(MUG, quantity=48, off=Decimal(5)), LAMP), Decimal("24.50"))
    return [
        order_of("DEMO-REVERSE-CHARGE", ATELIER, advice, by_invoice),
        order_of("DEMO-VIENNA", CAFE, goods, so),
        order_of("DEMO-EXEMPT", ANNA, Basket(GERMANY.without_vat("EXEMPT"), (COURSE,)), so),
    ]


def _exported(now: datetime) -> list[Json]:
    """Out of the Union, and out of the scripts that are written there."""
    so, tariff = Circumstances(created=now - timedelta(days=2)), GERMANY.without_vat("EXPORT")
    return [
        order_of("DEMO-RIYADH", NOURA, Basket(tariff, _in_arabic(), Decimal("24.90")), so),
        order_of("DEMO-HAIFA", TAMAR, Basket(tariff, _in_hebrew(), Decimal("19.90")), so),
        order_of("DEMO-SHANGHAI", XIAOWEN, Basket(tariff, _in_chinese(), Decimal("29.90")), so),
    ]


def _in_arabic() -> tuple[Item, ...]:
    lamp = replace(LAMP, name="مصباح مكتب LED قابل للطي (أبيض)")
    return lamp, replace(MUG, name="كوب خزفي مع غطاء، 350 مل", quantity=4), replace(TEA, name="شاي أخضر فاخر، 100 غرام")


def _in_hebrew() -> tuple[Item, ...]:
    lamp = replace(LAMP, name="מנורת שולחן LED מתקפלת (לבן)")
    return lamp, replace(MUG, name="ספל קרמיקה עם מכסה, 350 מ״ל", quantity=4), replace(TEA, name="תה ירוק, 100 גרם")


def _in_chinese() -> tuple[Item, ...]:
    lamp = replace(LAMP, name="LED 护眼折叠台灯\uff08白色\uff09")
    return lamp, replace(MUG, name="带盖陶瓷马克杯 350 毫升", quantity=4), replace(TEA, name="高山绿茶 100 克")


def _on_sale() -> Basket:
    items = replace(LAMP, off=Decimal("12.5")), replace(TEA, quantity=7, off=Decimal(15)), MUG
    return Basket(GERMANY, items, Decimal("9.90"), shipping_off=Decimal(50))


def _wrapped() -> tuple[Item, ...]:
    return replace(MUG, quantity=3, packing=Decimal("2.50")), replace(BOOK, packing=Decimal("2.50"))


def _fine() -> tuple[Item, ...]:
    """Prices of a fraction of a cent."""
    return replace(SCREW, quantity=1249), replace(
        SCREW, sku="SCREW-M5", name="Screw M5x30", quantity=333, off=Decimal(3)
    )


def _in_yen() -> tuple[Item, ...]:
    return replace(MUG, amount=Decimal(1980), quantity=2), replace(TEA, amount=Decimal(648))


def _automatic(now: datetime) -> list[Json]:
    ready = Circumstances(created=now - timedelta(days=6), extended_status=DUE)
    by_day = replace(ready, delivery=delivered_on(now - timedelta(days=3)))
    confirmed = replace(by_day, status="CONFIRMED", extended_status="76", method="invoice")
    old_style = replace(ready, extended_status="75", mixins=delivered_at(now - timedelta(hours=30)))
    return [
        _simple("DEMO-DUE-CARD", LUC, by_day),
        _simple("DEMO-DUE-INVOICE", WERK, confirmed),
        _simple("DEMO-DUE-OLD-STYLE", ELENI, old_style),
    ]


def _left_alone(now: datetime) -> list[Json]:
    due = Circumstances(
        created=now - timedelta(days=6), extended_status=DUE, delivery=delivered_on(now - timedelta(days=3))
    )
    just_now = Circumstances(
        created=now - timedelta(days=1), extended_status=DUE, mixins=delivered_at(now - timedelta(hours=2))
    )
    mark = {"invoice": {"invoiceNo": "OLD-2025-0043", "invoiceDocument": "https://shop.example/invoices/OLD-2025-0043"}}
    return [
        _simple("DEMO-FRESH", ANNA, just_now),
        _simple("DEMO-SHIPPED", BEN, replace(due, status="SHIPPED")),
        _simple("DEMO-NOT-READY", LUC, replace(due, extended_status="60")),
        _simple("DEMO-UNDATED", URS, replace(due, delivery={})),
        _simple("DEMO-DONE", ZANETA, replace(due, mixins=mark)),
    ]


def _simple(order_id: str, buyer: Buyer, so: Circumstances) -> Json:
    return order_of(order_id, buyer, Basket(GERMANY, (MUG, replace(TEA, quantity=2)), Decimal("4.90")), so)
