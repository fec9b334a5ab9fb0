"""What the writer still knows from its last transactions, so that it need not ask again about the orders in hand.

It holds only while nobody else has written, which SQLite tells; elsewhere every transaction asks anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection

from adapters.store.standings import JobKey, JobOrderKey, OrderKey, Standing, Tally
from domain.job import OrderState

_MOST = 10_000
"""Orders, or jobs, to remember; behind it lies a mistake or a very long morning, and asking anew costs little."""


@dataclass(slots=True)
class Memory:
    """Where orders stand, and their jobs' tallies, as the last transaction left them."""

    standings: dict[JobOrderKey, Standing] = field(default_factory=dict)
    tallies: dict[JobKey, Tally] = field(default_factory=dict)
    _as_of: int | None = None

    def recall(self, connection: Connection) -> None:
        """Forgets everything, unless this transaction finds the database as the last one left it."""
        as_of = _written_by_others(connection)
        if as_of is None or as_of != self._as_of or max(len(self.standings), len(self.tallies)) > _MOST:
            self.forget()
        self._as_of = as_of

    def settle(self, moved: Collection[OrderKey]) -> None:
        """The transaction is on the disk. `moved` are orders that changed hands or were invoiced in it.

        Of these, other jobs may know something that holds no longer. An order that ended is out of hand.
        """
        gone = [key for key, at in self.standings.items() if at.state is not OrderState.PENDING or key[::2] in moved]
        for key in gone:
            del self.standings[key]
        for tally in self.tallies.values():
            tally.changed = False

    def forget(self) -> None:
        """Knows nothing any more: the transaction failed, or wrote what is remembered past it."""
        self.standings.clear()
        self.tallies.clear()


def _written_by_others(connection: Connection) -> int | None:
    """A number that another connection's commit changes, for as long as this one is open; None: it cannot be told."""
    if connection.dialect.name != "sqlite":
        return None
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
