"""What the fields of an order are on its invoice, for whoever has to correct one of them (terms of EN 16931)."""

from __future__ import annotations

import re

from domain.errors import InvoiceIncomplete

_TERMS = (
    (r"entries\b.*\.taxCode", "VAT category, BT-151"),
    (r"entries\b.*\.taxRate", "VAT rate, BT-152"),
    (r"entries\[\d+\]\.(amount|effectiveQuantity)", "quantity, BT-129"),
    (r"entries\[\d+\]\.measurementUnit\b.*", "unit, BT-130"),
    (r"entries\[\d+\]\.calculatedUnitPrice\b.*", "price of the item, BT-146"),
    (r"entries\[\d+\]\.calculatedPrice\b.*", "amount of the line, BT-131"),
    (r"entries\[\d+\]\.product\b.*", "item, BG-31"),
    (r"entries\b.*", "line, BG-25"),
    (r"calculatedPrice\.finalPrice\.taxAggregate\b.*\.taxCode", "VAT category, BT-118"),
    (r"calculatedPrice\.finalPrice\.taxAggregate\b.*\.taxRate", "VAT rate, BT-119"),
    (r"calculatedPrice\.(shipping|totalShipping|paymentFees)\b.*\.taxCode", "VAT category, BT-102"),
    (r"calculatedPrice\.(shipping|totalShipping|paymentFees)\b.*\.taxRate", "VAT rate, BT-103"),
    (r"calculatedPrice\.(shipping|totalShipping|paymentFees)\b.*", "charge, BT-99"),
    (r"shipping\b.*", "reason for the charge, BT-104"),
    (r"calculatedPrice\.finalPrice\.taxAggregate\b.*", "VAT breakdown, BG-23"),
    (r"calculatedPrice\b.*", "total with VAT, BT-112"),
    (r"payments\[\d+\]\.(paidAmount|refundAmount)", "amount paid, BT-113"),
    (r"payments\[\d+\]\.authorizedAmount", "amount due, BT-115"),
    (r"payments\[\d+\]\.currency", "currency, BT-5"),
    (r"payments\b.*", "payment, BG-16"),
    (r"(deliveryWindow|mixins\.deliveryTime)\b.*", "delivery date, BT-72"),
    (r"currency", "currency, BT-5"),
    (r"billingAddress\b.*", "buyer's address, BG-8"),
    (r"shippingAddress\b.*", "delivery address, BG-15"),
    (r"customer\b.*", "buyer, BG-7"),
    (r"created", "date of the order"),
)
"""The first that fits a field's path tells its term."""


def unreadable(field: str, problem: str) -> InvoiceIncomplete:
    """The complaint about what an order says at this path: what that is on the invoice, and what to do about it."""
    term = next((term for pattern, term in _TERMS if re.fullmatch(pattern, field)), "")
    return InvoiceIncomplete(field, f"{problem}{f' ({term})' if term else ''}: correct the order")
