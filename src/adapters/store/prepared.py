"""Statements that run so often that they are compiled once and then spoken to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update

from adapters.store.codec import AnyRow

Picked = Callable[[Mapping[str, Any]], Any]


class Prepared:
    """A statement with the names of its values.

    Values go to the driver as they are: numbers, text, bytes, booleans; and come back as it likes (SQLite's booleans as
    numbers).
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, names: Iterable[str]) -> None:
        self.table = "" if isinstance(statement, Select) else statement.entity_description["name"]
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, tuple[str, Picked]] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[AnyRow]:
        """What the statement finds for these values."""
        text, picked = self._compiled(connection.dialect)
        return connection.exec_driver_sql(text, picked(values)).all()

    def first(self, connection: Connection, values: Mapping[str, Any]) -> AnyRow | None:
        """The first row that the statement finds for these values."""
        return next(iter(self.all(connection, values)), None)

    def change(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Runs the statement once for each row."""
        text, picked = self._compiled(connection.dialect)
        if values := list(map(picked, rows)):
            connection.exec_driver_sql(text, values)

    def _compiled(self, dialect: Dialect) -> tuple[str, Picked]:
        """The statement in this dialect, and what picks its values in the order in which it names them."""
        if dialect.name not in self._texts:
            compiled = dialect.statement_compiler(
                dialect, self._statement, column_keys=self._names, for_executemany=True
            )
            constants = {name: value for name, value in compiled.params.items() if name not in self._names}
            self._texts[dialect.name] = str(compiled), _picking(compiled.positiontup, constants)
        return self._texts[dialect.name]


def _picking(names: Sequence[str] | None, constants: Mapping[str, Any]) -> Picked:
    """Values in this order, or by name for a driver that takes them so; with the constants of the statement."""
    pick = _ordering(names)
    return (lambda row: pick({**constants, **row})) if constants else pick


def _ordering(names: Sequence[str] | None) -> Picked:
    if names is None:
        return lambda row: row
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)
