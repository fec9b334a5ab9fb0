"""Where the sandbox puts what is large: on disk, so that a long run does not fill the memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from tempfile import TemporaryFile


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies on the shelf."""

    start: int
    size: int


class Shelf:
    """Bytes in a file without a name, which is gone with the process."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the shelf is
        self._end = 0

    def put(self, content: bytes) -> Place:
        """Keeps the bytes; where they lie. Raises `OSError` when the disk is full."""
        place = Place(self._end, len(content))
        self._end += len(content)
        if os.pwrite(self._file.fileno(), content, place.start) < place.size:
            raise OSError("the disk is full")
        return place

    def get(self, place: Place) -> bytes:
        """The bytes that lie there."""
        return os.pread(self._file.fileno(), place.size, place.start)

    def clear(self) -> None:
        """Throws everything away; places mean nothing any more."""
        os.ftruncate(self._file.fileno(), 0)
        self._end = 0

    def close(self) -> None:
        """The end."""
        self._file.close()
