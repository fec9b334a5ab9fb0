"""What `invoicing job` says where nothing happens: nothing was to be done, nothing was meant to, or it waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from app.cli import jobs
from app.cli.boards import outcome
from app.cli.client import Client
from app.cli.display import when
from app.cli.terminal import Exit
from domain.errors import PlatformDenied, Unavailable
from fakes.command_line import invoicing
from fakes.orders import an_order
from fakes.service import FakeService, a_request
from invoicing.v1 import jobs_pb2 as pb


async def test_who_retries_where_nothing_can_be_is_told_so(service: FakeService, acme: tuple[str, ...]) -> None:
    done = await service.an_invoice("EON1")
    plain, watched, for_machines = await asyncio.gather(
        invoicing("job", "retry", done.id, *acme),
        invoicing("job", "retry", done.id, "--watch", *acme),
        invoicing("job", "retry", done.id, "--json", *acme),
    )
    told = "Nothing was taken up: none of its orders failed."
    assert (plain.code, plain.out.splitlines()[-1]) == (0, told)
    assert (watched.code, watched.out.splitlines()[0]) == (0, told)
    assert (for_machines.code, len(for_machines.messages), for_machines.err) == (0, 1, "")


async def test_what_failed_for_good_is_said_to_need_a_new_job(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = await service.invoicing.create_job(a_request("GONE"))
    await service.work()
    assert await jobs.retry(client, job.id, (), follow_it=False) is Exit.DONE
    assert capsys.readouterr().out.endswith("Nothing was taken up: what failed needs a new job.\n")


async def test_a_retry_that_takes_something_up_does_not_say_that_it_did_nothing(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.orders.trouble.strikes_before(PlatformDenied("no scope"))
    job = await service.an_invoice("EON1")
    await jobs.retry(client, job.id, (), follow_it=False)
    assert "Nothing" not in capsys.readouterr().out


async def test_who_stops_what_has_ended_is_told_so(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = await service.an_invoice("EON1")
    assert await jobs.cancel(client, job.id) is Exit.DONE
    assert capsys.readouterr().out.endswith("Nothing was stopped: the job had ended before.\n")


async def test_who_stops_a_job_whose_money_may_have_moved_is_told_that_it_is_finished(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.mailer.trouble.strikes_before(Unavailable("away", retry_after=timedelta(minutes=1)))
    job = await service.an_invoice("EON1")
    assert await jobs.cancel(client, job.id) is Exit.DONE
    assert "Nothing was stopped: money may have moved" in capsys.readouterr().out


async def test_a_dry_run_says_at_its_end_that_it_was_one(service: FakeService, acme: tuple[str, ...]) -> None:
    service.add(an_order("EON1"))
    ran = await invoicing("job", "create", "--order", "EON1", "--dry-run", "--watch", *acme)
    first, *_, last = ran.out.splitlines()
    assert (ran.code, first.endswith("is accepted as a dry run.")) == (0, True)
    assert last.endswith("is DONE: 1 succeeded. It was a dry run: nothing was charged, numbered or mailed.")


def test_who_watches_an_order_that_waits_is_told_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    due = Timestamp(seconds=1_795_000_000)
    order = pb.JobOrder(state=pb.ORDER_STATE_PENDING, step=pb.STEP_CAPTURE, attempt=1, reason="PAYMENT_OUTCOME_UNKNOWN")
    assert [part.plain for part in outcome(order)][:2] == ["capture", "try 2 follows"]
    order.next_attempt_time.CopyFrom(due)
    assert outcome(order)[1].plain == f"try 2 follows at {when(due, '%H:%M:%S')}"
