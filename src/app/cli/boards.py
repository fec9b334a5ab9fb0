"""Where the progress of followed jobs is shown: a live picture on a terminal, lines elsewhere, or JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from app.cli.display import amount, job_state, order_state, step, tally, when, why, write_json
from app.cli.following import FollowedJob, Interrupted
from app.cli.refusals import Refused
from app.cli.terminal import safe
from invoicing.v1.jobs_pb2 import ORDER_STATE_PENDING, JobOrder, JobStatusResponse

FRAME = 0.1
RECENT = 8
LINE_EVERY = 5.0
BAR_WIDTH = 32


class Board(Protocol):
    """Shows what is learnt of jobs while they are followed."""

    def show(self, job: FollowedJob, news: JobStatusResponse | Interrupted) -> None:
        """The job has learnt this."""


@asynccontextmanager
async def board_on(console: Console) -> AsyncIterator[Board]:
    """The board that suits the console."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield LineBoard(console)
        return
    board = LiveBoard(console)
    with Live(console=console, get_renderable=board.picture, auto_refresh=False, transient=True) as live:
        frames = asyncio.create_task(_draw(live))
        try:
            yield board
        finally:
            frames.cancel()
            with suppress(asyncio.CancelledError):
                await frames


async def _draw(live: Live) -> None:
    """In the event loop, not in rich's own thread: nothing changes while a frame is drawn."""
    while True:
        live.refresh()
        await asyncio.sleep(FRAME)


class JsonBoard:
    """Every message on a line."""

    def show(self, job: FollowedJob, news: JobStatusResponse | Interrupted) -> None:  # noqa: ARG002 - others use it
        """Writes the message; interruptions are nobody's message."""
        if not isinstance(news, Interrupted):
            write_json(news)


class LineBoard:
    """A line for each order that ended or has to be tried again, and now and then one for its job."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, float] = {}

    def show(self, job: FollowedJob, news: JobStatusResponse | Interrupted) -> None:
        """Writes what is worth a line."""
        if isinstance(news, Interrupted):
            self._console.print(interruption(news.refused))
        elif news.HasField("order"):
            self._show_order(news.order)
        elif news.HasField("job"):
            self._show_job(job)

    def _show_order(self, order: JobOrder) -> None:
        if order.state != ORDER_STATE_PENDING or order.reason:
            self._console.print(Text("  ").join((Text("  " + safe(order.order_id)), *outcome(order))))

    def _show_job(self, job: FollowedJob) -> None:
        """How it ended is told by whoever asked for the board."""
        if job.ended or monotonic() - self._told.get(job.job_id, -LINE_EVERY) < LINE_EVERY:
            return
        self._told[job.job_id] = monotonic()
        self._console.print(Text(f"{job.title}: ") + job_state(job.job) + Text(f", {tally(job.job.counts)}"))


class LiveBoard:
    """A bar for each job, and below them the orders that moved last."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._jobs: dict[str, FollowedJob] = {}
        self._recent: dict[str, JobOrder] = {}
        self._interrupted: Refused | None = None

    def show(self, job: FollowedJob, news: JobStatusResponse | Interrupted) -> None:
        """Takes it into the next picture."""
        self._jobs[job.job_id] = job
        self._interrupted = news.refused if isinstance(news, Interrupted) else None
        if not isinstance(news, Interrupted) and news.HasField("order"):
            self._recent.pop(news.order.order_id, None)
            self._recent[news.order.order_id] = news.order
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]

    def picture(self) -> RenderableType:
        """Everything as it is now."""
        parts: list[RenderableType] = [self._bars(), Text(), self._orders()]
        if self._interrupted is not None:
            parts += [Text(), interruption(self._interrupted)]
        return Group(*parts)

    def _bars(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        for job in self._jobs.values():
            counts = job.job.counts
            ended = counts.total - counts.pending
            total = float(counts.total) if counts.total or job.ended else None
            grid.add_row(Text(job.title, "bold"), _bar(total, ended), f"{ended:,}/{counts.total:,}", tally(counts))
        return grid

    def _orders(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for order in self._recent.values():
            state, *more = outcome(order)
            grid.add_row(safe(order.order_id), state, Text("  ").join(more))
        return grid


def _bar(total: float | None, ended: float) -> ProgressBar:
    return ProgressBar(
        total,
        ended,
        width=BAR_WIDTH,
        style="bright_black",
        complete_style="cyan",
        finished_style="green",
        pulse_style="cyan",
        animation_time=monotonic(),
    )


def outcome(order: JobOrder) -> list[Text]:
    """Where an order stands, the state first: its step while it is in work, then what came of it."""
    state = order_state(order)
    if order.state == ORDER_STATE_PENDING:
        parts = [Text(step(order).lower() or "waiting", "cyan"), Text(_next_try(order)), why(order)]
    else:
        parts = [state, Text(safe(order.invoice_number)), Text(amount(order.gross, order.currency)), why(order)]
    return [part for part in parts if part]


def _next_try(order: JobOrder) -> str:
    """Which try is waited for and until when, or nothing."""
    if not order.reason:
        return ""
    due = when(order.next_attempt_time, "%H:%M:%S")
    return f"try {order.attempt + 1} follows{f' at {due}' if due else ''}"


def interruption(refused: Refused) -> Text:
    """That the service went silent, and that this is waited for."""
    return Text(f"connection lost ({safe(refused.message)}); going on when the service is back", "yellow")
