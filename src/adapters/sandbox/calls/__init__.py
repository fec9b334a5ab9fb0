"""The platform's calls: which there are, what each needs, and what it does."""

from adapters.sandbox.calls.asked import Asked, Call
from adapters.sandbox.calls.configurations import CONFIGURATION_CALLS
from adapters.sandbox.calls.customers import CUSTOMER_CALLS
from adapters.sandbox.calls.media import MEDIA_CALLS
from adapters.sandbox.calls.orders import ORDER_CALLS
from adapters.sandbox.calls.payments import PAYMENT_CALLS
from adapters.sandbox.calls.sequences import SEQUENCE_CALLS
from adapters.sandbox.calls.sites import SITE_CALLS

CALLS = (
    *ORDER_CALLS,
    *CONFIGURATION_CALLS,
    *SEQUENCE_CALLS,
    *SITE_CALLS,
    *PAYMENT_CALLS,
    *MEDIA_CALLS,
    *CUSTOMER_CALLS,
)
"""Every call that needs a token."""

__all__ = ["CALLS", "Asked", "Call"]
