"""What a key must be allowed at the platform, and what invoicing needs it for.

The platform drops a scope that a key lacks without a word; the first call that needs it is then forbidden.
"""

from __future__ import annotations

from collections.abc import Mapping

READ_ORDERS = "order.order_read"
UPDATE_ORDERS = "order.order_update"
UPDATE_COMPLETED_ORDERS = "order.order_update_completed"
READ_CONFIGURATIONS = "configuration.configuration_view"
DRAW_NUMBERS = "sequentialid.schema_view"
READ_TRANSACTIONS = "payment-gateway.paymenttransactions_read"
CAPTURE = "payment-gateway.capture_manage"
REFUND = "payment-gateway.refund_manage"
READ_CUSTOMERS = "customer.customer_read"
READ_ASSETS = "media.asset_read"
MANAGE_ASSETS = "media.asset_manage"
MANAGE_CONFIGURATIONS = "configuration.configuration_manage"
MANAGE_SCHEMAS = "sequentialid.schema_manage"
MANAGE_SITES = "site.site_manage"

NEEDED: Mapping[str, str] = {
    READ_ORDERS: "finds and reads orders",
    UPDATE_ORDERS: "writes the invoice into the order",
    UPDATE_COMPLETED_ORDERS: "writes the invoice into an order that is completed",
    READ_CONFIGURATIONS: "reads which orders are due, and who sends the mails",
    DRAW_NUMBERS: "draws invoice numbers",
    READ_TRANSACTIONS: "reads what was authorised and captured",
    CAPTURE: "captures payments",
    REFUND: "gives back what was captured for an invoice that is cancelled",
    READ_CUSTOMERS: "finds the language a customer prefers, and his e-mail address if the order has none",
}
"""What invoicing does at the platform, and no more."""

ARCHIVE: Mapping[str, str] = {
    READ_ASSETS: "reads documents that the platform keeps",
    MANAGE_ASSETS: "lets the platform keep the documents",
}
"""What it needs besides where the platform is the archive."""

PREPARATION: Mapping[str, str] = {
    MANAGE_CONFIGURATIONS: "says which orders are due, and who sends the mails",
    MANAGE_SCHEMAS: "makes and activates the schema of invoice numbers",
    MANAGE_SITES: "gives sites a logo and a seller",
}
"""What it needs besides once, to prepare a tenant."""
