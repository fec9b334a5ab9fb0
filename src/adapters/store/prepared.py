"""Statements that run so often, or with so many rows, that they are compiled once and then spoken to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.store.codec import AnyRow

Picked = Callable[[Mapping[str, Any]], tuple[Any, ...]]


class Prepared:
    """A statement with the names of its values.

    Values go to the driver as they are: numbers, text, bytes, booleans; and come back as it likes.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, names: Iterable[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, tuple[str, Picked]] = {}

    def run(self, connection: Connection, values: Sequence[Any]) -> Sequence[AnyRow]:
        """What the statement finds for these values, given in the order in which it names them."""
        text, _ = self._compiled(connection.dialect)
        return connection.exec_driver_sql(text, tuple(values)).all()

    def run_all(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """The statement once for each row."""
        text, picked = self._compiled(connection.dialect)
        if values := list(map(picked, rows)):
            connection.exec_driver_sql(text, values)

    def _compiled(self, dialect: Dialect) -> tuple[str, Picked]:
        """The statement in this dialect, and what picks its values in the order in which it names them."""
        if dialect.name not in self._texts:
            compiled = SQLCompiler(dialect, self._statement, column_keys=self._names)
            self._texts[dialect.name] = str(compiled), _picking(compiled.positiontup or [])
        return self._texts[dialect.name]


def _picking(names: Sequence[str]) -> Picked:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)
