"""What people see: the console, and single values as words, amounts and times."""

from __future__ import annotations

import sys
from datetime import UTC

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console, RenderableType
from rich.text import Text

from app.cli.terminal import safe
from invoicing.v1.jobs_pb2 import ORDER_STATE_FAILURE, Job, JobOrder, JobState, JobType, OrderCounts, OrderState, Step

STYLES = {
    "SUCCESS": "green",
    "DONE": "green",
    "FAILURE": "red",
    "FAILED": "red",
    "CANCELLED": "yellow",
    "PENDING": "dim",
    "IN_PROGRESS": "cyan",
}
NO_TERMINAL_WIDTH = 1000
"""Columns where nobody looks at the edge of a window: no line is broken."""


def screen() -> Console:
    """Standard output."""
    return _console(stderr=False)


def notes() -> Console:
    """Standard error, for what is said beside the answer."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else NO_TERMINAL_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def show(shown: RenderableType) -> None:
    """Prints the answer; without a terminal, without the blanks that pad tables."""
    console = screen()
    if console.is_terminal:
        console.print(shown)
        return
    with console.capture() as captured:
        console.print(shown)
    for line in captured.get().splitlines():
        sys.stdout.write(line.rstrip() + "\n")


def write_json(message: Message) -> None:
    """A message on a line, as proto3 JSON. Pure ASCII, so it is safe on every terminal."""
    sys.stdout.write(MessageToJson(message, indent=None) + "\n")
    sys.stdout.flush()


# Values


def word(kind: EnumDescriptor, value: int, prefix: str) -> str:
    """The name of an enum's value without its prefix; a number where a newer service says what we don't know."""
    known = kind.values_by_number.get(value)
    return known.name.removeprefix(prefix) if known else str(value)


def order_state(order: JobOrder) -> Text:
    """Where the order stands."""
    state = word(OrderState.DESCRIPTOR, order.state, "ORDER_STATE_")
    return Text(state, STYLES.get(state, ""))


def job_state(job: Job) -> Text:
    """Where the job stands."""
    state = word(JobState.DESCRIPTOR, job.state, "JOB_STATE_")
    return Text(state, STYLES.get(state, ""))


def job_type(job: Job) -> str:
    """How the job's orders are found."""
    kind = word(JobType.DESCRIPTOR, job.job_type, "JOB_TYPE_")
    return f"{kind}, dry run" if job.dry_run else kind


def step(order: JobOrder) -> str:
    """The order's step, or nothing before the first."""
    return word(Step.DESCRIPTOR, order.step, "STEP_") if order.step else ""


def amount(value: str, currency: str) -> str:
    """An amount as it is printed on invoices' lists, or nothing."""
    return safe(f"{value} {currency}") if value else ""


def when(stamp: Timestamp, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """An instant in the reader's own zone, or nothing."""
    return stamp.ToDatetime(UTC).astimezone().strftime(form) if stamp.ByteSize() else ""


def why(order: JobOrder) -> Text:
    """The reason and its sentence, or nothing when all is well."""
    if not order.reason:
        return Text(safe(order.message))
    style = "red" if order.state == ORDER_STATE_FAILURE else "yellow"
    return Text.assemble((safe(order.reason), style), f"  {safe(order.message)}" if order.message else "")


def tally(counts: OrderCounts) -> str:
    """How many orders stand where, in words."""
    parts = ((counts.success, "succeeded"), (counts.failure, "failed"), (counts.cancelled, "cancelled"))
    told = [f"{number:,} {what}" for number, what in parts if number]
    return ", ".join((*told, f"{counts.pending:,} pending") if counts.pending or not told else told)
