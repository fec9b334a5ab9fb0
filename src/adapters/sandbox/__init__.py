"""A commerce platform on this machine, for laptops, demos and tests: real HTTP and SMTP, real state, faults on demand.

It behaves as the platform is known to behave (`emporix/api-references`), the awkward sides included.
"""

from adapters.sandbox.server import Sandbox

__all__ = ["Sandbox"]
