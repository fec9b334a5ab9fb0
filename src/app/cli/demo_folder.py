"""The folder a demo leaves behind, and that the next one may replace."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import InvalidArgument

MARKER = ".invoicing-demo"
EXPLANATION = "Made by `invoicing demo`. The next demo in this place deletes the folder and makes it anew.\n"


class DemoFolder:
    """Where everything of a demo goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.invoices = path / "invoices"
        self.mails = path / "mail"

    @classmethod
    @contextmanager
    def fresh(cls, out: Path) -> Iterator[DemoFolder]:
        """An empty folder, in place of an earlier demo's, and nobody else's while the context lasts.

        Raises `InvalidArgument` when what is there is no demo's, or a demo is running in it.
        """
        path = out.resolve()
        _require_ours(path, out)
        _remove(path, out)
        try:
            for folder in (path, path / "invoices", path / "mail"):
                folder.mkdir(parents=True)
        except OSError as error:
            raise InvalidArgument("--out", f"{out} cannot be made: {error.strerror}") from error
        with (path / MARKER).open("w", encoding="utf-8") as marker:
            marker.write(EXPLANATION)
            marker.flush()
            fcntl.flock(marker, fcntl.LOCK_EX)
            yield cls(path)


def _require_ours(path: Path, out: Path) -> None:
    if path.exists() and not path.is_dir():
        raise InvalidArgument("--out", f"{out} is a file; name a folder")
    if path.is_dir() and any(path.iterdir()) and not (path / MARKER).is_file():
        raise InvalidArgument("--out", f"{out} has files that no demo made; name another folder")


def _remove(path: Path, out: Path) -> None:
    if not path.exists():
        return
    if (path / MARKER).is_file():
        with (path / MARKER).open(encoding="utf-8") as marker:
            try:
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InvalidArgument("--out", f"{out} is in use by a demo that is running") from None
    shutil.rmtree(path)
