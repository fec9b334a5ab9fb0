"""Jobs and journal in an SQL database."""

from adapters.store.store import Store

__all__ = ["Store"]
