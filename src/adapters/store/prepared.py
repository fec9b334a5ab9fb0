"""Statements that run so often, or with so many rows, that they are compiled once and then spoken to the driver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """A statement with the names of its values.

    Values go to the driver as they are: numbers, text, bytes, booleans; and come back as it likes.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, names: Iterable[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, tuple[str, tuple[str, ...]]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """What the statement gives for these values."""
        text, names = self._compiled(connection.dialect)
        return connection.exec_driver_sql(text, tuple(values[name] for name in names))

    def run_all(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """The statement once for each row."""
        text, names = self._compiled(connection.dialect)
        if values := [tuple(row[name] for name in names) for row in rows]:
            connection.exec_driver_sql(text, values)

    def _compiled(self, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
        """The statement in this dialect, and the order in which it names its values."""
        if dialect.name not in self._texts:
            compiled = SQLCompiler(dialect, self._statement, column_keys=self._names)
            self._texts[dialect.name] = str(compiled), tuple(compiled.positiontup or ())
        return self._texts[dialect.name]
