"""Jobs and journal in an SQL database."""

from adapters.store.store import Store
from adapters.store.visit import Visit

__all__ = ["Store", "Visit"]
