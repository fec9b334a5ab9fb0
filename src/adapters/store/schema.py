"""Bringing a database to the shape this code needs, and telling when it has another."""

from __future__ import annotations

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from sqlalchemy import Connection, column, inspect, select, table

from adapters.store.database import VARIABLE
from domain.errors import Misconfigured

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every shape the database had, oldest first; each has its file in `migrations/versions`."""

MIGRATIONS: Traversable = files("adapters.store") / "migrations"


def migrate(connection: Connection) -> None:
    """Gives the database the newest shape, in the connection's transaction. Raises `Misconfigured`."""
    found = revision(connection)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise Misconfigured(
            f"{VARIABLE} names a database of a newer version (its schema is {found[:20]!r}, this version knows up to "
            f"{REVISIONS[-1]}): run the version that made it, or restore a back-up from before"
        )
    _upgrade(connection)


def revision(connection: Connection) -> str | None:
    """The shape the database has; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - takes a while, and is needed only once a version
    from alembic.config import Config  # noqa: PLC0415 - likewise

    with as_file(MIGRATIONS) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        command.upgrade(config, "head")


def require_newest(connection: Connection, name: str) -> None:
    """For those who only visit a database: it must have the newest shape already. Raises `Misconfigured`."""
    found = revision(connection)
    if found is None:
        raise Misconfigured(f"{VARIABLE} names {name}, where no invoices are kept")
    if found != REVISIONS[-1]:
        raise Misconfigured(
            f"{VARIABLE} names {name}, which has the schema {found[:20]!r}, and this version works with "
            f"{REVISIONS[-1]}: use the version that runs the service"
        )
