"""What the `invoicing job` commands do."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext

from rich.text import Text

from app.cli.boards import Board, JsonBoard, board_on
from app.cli.client import Client
from app.cli.display import (
    job_state,
    notes,
    screen,
    show,
    tally,
    write_json,
)
from app.cli.following import FollowedJob, Interrupted, follow
from app.cli.tables import job_details, jobs_table, orders_table
from app.cli.terminal import Exit, safe
from invoicing.v1.jobs_pb2 import JOB_STATE_FAILED, ORDER_STATE_SUCCESS, Job, JobOrder

MOST_ROWS = 50
"""Orders told of after watching: more than that nobody reads."""


async def create(
    client: Client, order_ids: Sequence[str], *, automatic: bool, request_id: str, dry_run: bool, follow_it: bool
) -> Exit:
    """Creates a job, tells its id, and follows it if wanted."""
    job = await client.create_job(order_ids, automatic=automatic, request_id=request_id, dry_run=dry_run)
    if not follow_it:
        return _tell(client, job)
    if client.access.json:
        write_json(job)
    else:
        screen().print(f"Job {safe(job.job_id)} is accepted{' as a dry run' if job.dry_run else ''}.")
    return await watch(client, job.job_id)


async def retry(client: Client, job_id: str, order_ids: Sequence[str], *, follow_it: bool) -> Exit:
    """Takes up what failed, or says that nothing can be, and follows the job if wanted."""
    before = await client.job(job_id)
    job = await client.retry_job(job_id, order_ids)
    idle = _why_not_taken_up(job) if job.version == before.version else ""
    if not follow_it:
        return _tell(client, job, idle)
    if client.access.json:
        write_json(job)
    elif idle:
        screen().print(idle)
    return await watch(client, job.job_id)


async def cancel(client: Client, job_id: str) -> Exit:
    """Stops a job and tells where it stands, and if nothing of it was stopped."""
    before = await client.job(job_id)
    job = await client.cancel_job(job_id)
    return _tell(client, job, _why_not_stopped(job) if job.version == before.version else "")


async def watch(client: Client, job_id: str, *, resume_token: str = "") -> Exit:
    """Follows a job to its end and tells how every order ended."""
    job = FollowedJob(job_id, f"Job {safe(job_id)}", resume_token=resume_token)
    try:
        async with _board(client) as board:
            await attend(client, job, board)
    except asyncio.CancelledError:
        notes().print(f"Stopped watching; the job goes on. To watch it again: {_again(job)}")
        raise
    if not client.access.json:
        if resume_token:  # what ended before it was not sent again
            job.orders = {order.order_id: order async for order in client.orders(job_id)}
        _print_end(job)
    return Exit.ORDER_FAILED if job.went_wrong else Exit.DONE


async def attend(client: Client, job: FollowedJob, board: Board, *, job_only: bool = False) -> None:
    """Follows the job to its end, showing on the board what it learns. Raises `Refused`."""
    news = follow(client, job.job_id, resume_token=job.resume_token, job_only=job_only)
    async with aclosing(news) as messages:
        async for message in messages:
            if not isinstance(message, Interrupted):
                job.learn(message)
            board.show(job, message)


async def get(client: Client, job_id: str) -> Exit:
    """Tells where a job stands."""
    return _tell(client, await client.job(job_id))


async def list_jobs(client: Client, states: Sequence[str], *, limit: int) -> Exit:
    """Lists the newest jobs."""
    if client.access.json:
        async for job in client.jobs(states, limit=limit):
            write_json(job)
    else:
        show(jobs_table([job async for job in client.jobs(states, limit=limit)]))
    return Exit.DONE


async def list_orders(client: Client, job_id: str, states: Sequence[str]) -> Exit:
    """Lists all orders of a job, page by page."""
    if client.access.json:
        async for order in client.orders(job_id, states):
            write_json(order)
    else:
        show(orders_table([order async for order in client.orders(job_id, states)]))
    return Exit.DONE


def _tell(client: Client, job: Job, idle: str = "") -> Exit:
    """The job, and to people why what they asked for changed nothing."""
    if client.access.json:
        write_json(job)
        return Exit.DONE
    show(job_details(job))
    if idle:
        screen().print(idle)
    return Exit.DONE


def _why_not_taken_up(job: Job) -> str:
    failed = "what failed needs a new job" if job.counts.failure else "none of its orders failed"
    return f"Nothing was taken up: {failed}."


def _why_not_stopped(job: Job) -> str:
    if job.HasField("end_time"):
        return "Nothing was stopped: the job had ended before."
    return "Nothing was stopped: money may have moved for every order that is pending, and these are finished."


def _board(client: Client) -> AbstractAsyncContextManager[Board]:
    return nullcontext(JsonBoard()) if client.access.json else board_on(screen())


def _again(job: FollowedJob) -> str:
    token = f" --resume-token {shlex.quote(safe(job.resume_token))}" if job.resume_token else ""
    return f"invoicing job watch {shlex.quote(safe(job.job_id))}{token}"


def _print_end(job: FollowedJob) -> None:
    """The orders in a table; of a large job those that did not just succeed, and no more than one can read."""
    screen().print()
    told = list(job.orders.values())
    rows = told if len(told) <= MOST_ROWS else [order for order in told if _is_remarkable(order)][:MOST_ROWS]
    if rows:
        show(orders_table(rows))
        screen().print()
    if len(rows) < len(told):
        rest = f"{len(told) - len(rows):,} more orders"
        screen().print(f"{rest}: invoicing job orders {shlex.quote(safe(job.job_id))}")
    if job.job.state == JOB_STATE_FAILED:
        screen().print(f"The orders could not be determined: {safe(job.job.failure.message)}", style="red")
    dry = " It was a dry run: nothing was charged, numbered or mailed." if job.job.dry_run else ""
    screen().print(Text(f"{job.title} is ") + job_state(job.job) + Text(f": {tally(job.job.counts)}.{dry}"))


def _is_remarkable(order: JobOrder) -> bool:
    return order.state != ORDER_STATE_SUCCESS or bool(order.reason)
