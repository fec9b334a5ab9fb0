"""The clock of the service, and the only one: everybody else is given it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog

from domain.errors import Misconfigured, StoreUnavailable

STEP = timedelta(seconds=5)
"""What a clock that is kept right by small corrections never does at once; a leap second is shorter."""
BLINK = timedelta(seconds=1)
"""Two clocks read within it are read at the same time."""
BEHIND = timedelta(minutes=1)
"""How far the clocks of two machines that write into one database may be apart."""

_log = structlog.get_logger("app")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def since_boot() -> timedelta:
    """Time that nobody sets. On Linux it goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
    return timedelta(seconds=time.monotonic())


class WatchedClock:
    """This instant in UTC, for whoever writes it down; it is refused for a while after the machine's clock jumped.

    Instants that are kept say when nobody may act: the deadline of a capture is one. Were the clock set forward by an
    hour, a capture under way would look long past. So for `rest`, which outlasts every such wait, none is given; then
    the new time counts. It may be read from several threads.
    """

    def __init__(
        self, *, rest: timedelta, wall: Callable[[], datetime] = now, elapsed: Callable[[], timedelta] = since_boot
    ) -> None:
        self._rest = rest
        self._wall = wall
        self._elapsed = elapsed
        self._lock = Lock()
        self._refusal: tuple[timedelta, str] | None = None
        self._began = self._read()[1]

    def __call__(self) -> datetime:
        """This instant. Raises `StoreUnavailable` when the clock jumped lately."""
        with self._lock:
            instant, began = self._read()
            jump, self._began = began - self._began, began
            elapsed = instant - began
            if abs(jump) > STEP:
                self._refusal = elapsed + self._rest, _refused(jump, until=instant + self._rest)
            if self._refusal is not None:
                self._require_over(elapsed, *self._refusal)
            return instant

    def _require_over(self, elapsed: timedelta, end: timedelta, message: str) -> None:
        if elapsed < end:
            raise StoreUnavailable(message, retry_after=end - elapsed)
        self._refusal = None
        _log.warning("the machine's clock counts again", after=message)

    def _read(self) -> tuple[datetime, datetime]:
        """This instant, and when by the same clock the machine began: that moves only when the clock jumps."""
        while True:
            before, instant, after = self._elapsed(), self._wall(), self._elapsed()
            if after - before < BLINK:
                return instant, instant - after


def require_not_behind(instant: datetime, newest: datetime | None) -> None:
    """Raises `Misconfigured` when this instant lies before what was written last, and no clock is that inexact."""
    if newest is not None and newest - instant > BEHIND:
        raise Misconfigured(
            f"the machine's clock says {instant:%Y-%m-%d %H:%M:%S} UTC, but the database was written at "
            f"{newest:%Y-%m-%d %H:%M:%S}: invoices would be dated wrongly. Set the clock; or, if it is right and was "
            f"ahead before, set INVOICING_CLOCK_BEHIND_OK=1 for this start"
        )


def _refused(jump: timedelta, *, until: datetime) -> str:
    minutes, seconds = divmod(round(abs(jump).total_seconds()), 60)
    told = f"{'+' if jump > timedelta(0) else '-'}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return (
        f"the machine's clock jumped by {told}: nothing is written before {until:%H:%M:%S} UTC, when what was under "
        "way is over by any clock"
    )
