"""What a fake lets go wrong, for tests that need it."""

from __future__ import annotations

from collections import deque

from domain.errors import InvoicingError


class Trouble:
    """Errors that strike the next calls, in order: before their effect, or after it, when only the answer is lost."""

    def __init__(self) -> None:
        self._before: deque[InvoicingError] = deque()
        self._after: deque[InvoicingError] = deque()

    def strikes_before(self, *errors: InvoicingError) -> None:
        """The next calls fail so, and do nothing."""
        self._before.extend(errors)

    def strikes_after(self, *errors: InvoicingError) -> None:
        """The next calls do what they promise, and fail so."""
        self._after.extend(errors)

    def before(self) -> None:
        """Raises what strikes before an effect, if anything does."""
        if self._before:
            raise self._before.popleft()

    def after(self) -> None:
        """Raises what strikes after an effect, if anything does."""
        if self._after:
            raise self._after.popleft()
