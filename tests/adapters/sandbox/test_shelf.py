"""What is large lies on disk, and comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.sandbox.shelf import Shelf


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    shelf.close()


def test_everything_comes_back_byte_by_byte(shelf: Shelf) -> None:
    contents = [b"a", b"", b"\x00\xff" * 70_000, b"last"]
    places = [shelf.put(content) for content in contents]
    assert [shelf.get(place) for place in reversed(places)] == contents[::-1]


def test_a_cleared_shelf_begins_at_its_beginning(shelf: Shelf) -> None:
    first = shelf.put(b"first")
    shelf.clear()
    assert shelf.get(first) == b""
    assert shelf.put(b"other") == first
