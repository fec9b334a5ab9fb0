"""The orders that the sandbox starts with and the demo invoices, and how each must end."""

from adapters.sandbox.demo.buyers import EVERYONE
from adapters.sandbox.demo.generated import generated_orders
from adapters.sandbox.demo.orders import (
    AUTOMATIC_ORDERS,
    EXPECTED,
    LEFT_ALONE,
    MANUAL_ORDERS,
    REISSUED,
    Expected,
    demo_orders,
)

__all__ = [
    "AUTOMATIC_ORDERS",
    "EVERYONE",
    "EXPECTED",
    "LEFT_ALONE",
    "MANUAL_ORDERS",
    "REISSUED",
    "Expected",
    "demo_orders",
    "generated_orders",
]
