"""Following a job to its end, over broken connections and restarts of the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from app.cli.client import Client
from app.cli.refusals import Refused
from invoicing.v1.jobs_pb2 import (
    JOB_STATE_FAILED,
    JOB_STATE_IN_PROGRESS,
    JOB_STATE_UNSPECIFIED,
    Job,
    JobOrder,
    JobStatusResponse,
)

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
PATIENCE = 60.0
"""Seconds without a word after which the service is given up."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The connection was lost, for the reason `refused`. The stream goes on where it broke."""

    refused: Refused


@dataclass(slots=True)
class FollowedJob:
    """What is known so far of a job that is being followed."""

    job_id: str
    title: str
    job: Job = field(default_factory=Job)
    orders: dict[str, JobOrder] = field(default_factory=dict)
    resume_token: str = ""

    def learn(self, message: JobStatusResponse) -> None:
        """Takes in a message of the stream."""
        self.resume_token = message.resume_token
        if message.HasField("job"):
            self.job = message.job
        elif message.HasField("order"):
            self.orders[message.order.order_id] = message.order

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.job.state not in (JOB_STATE_UNSPECIFIED, JOB_STATE_IN_PROGRESS)

    @property
    def went_wrong(self) -> bool:
        """Whether an order failed, or the job as a whole."""
        return self.job.counts.failure > 0 or self.job.state == JOB_STATE_FAILED


async def follow(
    client: Client, job_id: str, *, resume_token: str = "", job_only: bool = False, patience: float = PATIENCE
) -> AsyncGenerator[JobStatusResponse | Interrupted, None]:
    """Every message of the job's stream, each once, until the job ends.

    A connection that breaks, or a service that restarts, is waited for, for `patience` seconds. Raises `Refused`: at
    once when the service was not there from the start.
    """
    token, wait, ended = resume_token, _Wait(patience), False
    while not ended:
        try:
            async with aclosing(client.status(job_id, resume_token=token, job_only=job_only)) as messages:
                async for message in messages:
                    token = message.resume_token
                    wait.renew()
                    yield message
            ended = True
        except Refused as refused:
            if not refused.passing or wait.is_over:
                raise
            yield Interrupted(refused)
            await wait.pause(refused)


class _Wait:
    """How long a silent service is waited for, and how often it is asked."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._ends = 0.0
        self._pause = FIRST_PAUSE

    def renew(self) -> None:
        """The service spoke."""
        self._ends = monotonic() + self._patience
        self._pause = FIRST_PAUSE

    @property
    def is_over(self) -> bool:
        return monotonic() >= self._ends

    async def pause(self, refused: Refused) -> None:
        """Waits as long as the service asked for, or ever longer."""
        told = refused.retry_after.total_seconds() if refused.retry_after else 0.0
        await asyncio.sleep(min(max(self._pause, told), LONGEST_PAUSE))
        self._pause *= 2
