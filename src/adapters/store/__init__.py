"""Jobs and journal in an SQL database."""

from adapters.store.lock import EngineLock
from adapters.store.store import Store

__all__ = ["EngineLock", "Store"]
