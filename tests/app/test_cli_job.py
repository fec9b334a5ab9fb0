"""`invoicing job`, as its users run it."""

from __future__ import annotations

import asyncio
import json
import signal
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from adapters.rpc import RpcServer
from app.cli import app, jobs
from app.cli.client import Client
from app.cli.following import Interrupted, follow
from app.cli.job import JobState, OrderState
from app.cli.options import Access
from app.cli.refusals import Refused
from app.cli.terminal import Exit
from domain.errors import PlatformDenied, Unavailable
from domain.order import TransactionId
from fakes.command_line import ended, invoicing, invoicing_on_terminal, served, started
from fakes.orders import an_order
from fakes.scripted_service import ScriptedService
from fakes.service import FakeService
from invoicing.v1 import jobs_pb2 as pb

NOBODY = "127.0.0.1:1"
ESCAPE = "\x1b"
EVIL = f"E{ESCAPE}]0;owned\x07\x9b2J\r[red]x\u202e"
HARMLESS = "E\\x1b]0;owned\\x07\\x9b2J\\r[red]x\\u202e"


async def test_a_job_is_watched_to_its_end_and_a_failed_order_makes_exit_code_1(
    service: FakeService, acme: tuple[str, ...]
) -> None:
    service.add(an_order("EON1"))
    ran = await invoicing("job", "create", "--order", "EON1", "--order", "GONE", "--watch", *acme)
    table = [line.split() for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (1, "")
    assert "  EON1  SUCCESS  INV1  23.80 EUR" in ran.out
    assert ["EON1", "SUCCESS", "EMAIL", "INV1", "23.80", "EUR"] in table
    assert ["GONE", "FAILURE", "VALIDATION", "ORDER_NOT_FOUND"] in [row[:4] for row in table]
    assert ran.out.splitlines()[-1].endswith("is DONE: 1 succeeded, 1 failed.")
    assert all(c.isprintable() or c == "\n" for c in ran.out), "there is no terminal to steer"


async def test_on_a_terminal_progress_is_drawn_and_the_end_stays(service: FakeService, acme: tuple[str, ...]) -> None:
    service.add(an_order("EON1"))
    ran = await invoicing_on_terminal("job", "create", "--order", "EON1", "--watch", *acme)
    drawn, cursor_back, end = ran.out.rpartition(f"{ESCAPE}[?25h")
    assert (ran.code, bool(cursor_back)) == (0, True)
    assert "━━━" in drawn
    assert "INV1" in end
    assert "1 succeeded." in end


async def test_json_is_a_message_a_line(service: FakeService, acme: tuple[str, ...]) -> None:
    service.add(an_order("EON1"))
    ran = await invoicing("job", "create", "--order", "EON1", "--watch", "--json", *acme)
    job, *stream = ran.messages
    order = [message["order"] for message in stream if "order" in message][-1]
    assert (ran.code, job["jobType"]) == (0, "JOB_TYPE_MANUAL")
    assert stream[0]["job"]["jobId"] == job["jobId"]
    assert (order["orderId"], order["invoiceNumber"], order["gross"]) == ("EON1", "INV1", "23.80")
    assert stream[-1]["job"]["state"] == "JOB_STATE_DONE"


async def test_jobs_are_listed_newest_first(service: FakeService, acme: tuple[str, ...]) -> None:
    first = await service.a_job("EON1")
    service.clock.advance(timedelta(seconds=1))
    second = await service.a_job("EON2", "EON3")
    await service.work()
    table, done = await asyncio.gather(
        invoicing("job", "list", *acme), invoicing("job", "list", "--state", "done", "--limit", "1", "--json", *acme)
    )
    assert [line.split()[0] for line in table.out.splitlines()[2:]] == [second.id, first.id]
    assert [(job["jobId"], job["counts"]) for job in done.messages] == [(second.id, {"total": 2, "success": 2})]


async def test_a_job_is_shown_as_it_stands(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = await service.a_job("EON1")
    await service.work()
    assert await jobs.get(client, job.id) is Exit.DONE
    shown = capsys.readouterr().out
    assert job.id in shown
    assert "1: 1 succeeded" in shown


async def test_a_job_is_stopped_and_shown_as_it_stands_then(service: FakeService, acme: tuple[str, ...]) -> None:
    service.orders.trouble.strikes_before(Unavailable("away", retry_after=timedelta(minutes=1)))
    job = await service.a_job("EON1")
    shown = await invoicing("job", "cancel", job.id, *acme)
    assert (shown.code, shown.err) == (0, "")
    assert "1: 1 cancelled" in shown.out
    ran = await invoicing("job", "cancel", job.id, "--json", *acme)
    assert [(said["jobId"], said["state"]) for said in ran.messages] == [(job.id, "JOB_STATE_CANCELLED")]


async def test_what_failed_is_taken_up_and_followed_to_its_end(service: FakeService, acme: tuple[str, ...]) -> None:
    service.orders.trouble.strikes_before(PlatformDenied("no scope"))
    job = await service.an_invoice("EON1")
    ran = await invoicing("job", "retry", job.id, "--order", "EON1", "--watch", *acme)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].endswith("is DONE: 1 succeeded.")


async def test_a_retry_that_nobody_follows_says_where_the_job_stands(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.orders.trouble.strikes_before(PlatformDenied("no scope"))
    job = await service.an_invoice("EON1")
    assert await jobs.retry(client, job.id, (), follow_it=False) is Exit.DONE
    assert "IN_PROGRESS" in capsys.readouterr().out


async def test_an_order_that_is_not_retryable_is_named_and_ends_in_exit_code_3(
    service: FakeService, acme: tuple[str, ...]
) -> None:
    job = await service.an_invoice("EON1")
    ran = await invoicing("job", "retry", job.id, "--order", "EON1", "--json", *acme)
    error = json.loads(ran.err)
    assert (ran.code, ran.out, error["reason"]) == (3, "", "NOT_RETRYABLE")
    assert error["message"] == "EON1 has succeeded: there is nothing to retry"
    assert error["metadata"] == {"order_ids": "EON1"}


async def test_what_fails_again_ends_in_exit_code_1(service: FakeService, acme: tuple[str, ...]) -> None:
    service.payments.declined.add(TransactionId("t-EON1"))
    job = await service.an_invoice("EON1")
    ran = await invoicing("job", "retry", job.id, "--watch", "--json", *acme)
    first, *_, last = ran.messages
    assert (ran.code, first["state"]) == (1, "JOB_STATE_IN_PROGRESS")
    assert last["job"]["counts"] == {"total": 1, "failure": 1}


async def test_all_pages_of_a_jobs_orders_are_read(service: FakeService, client: Client) -> None:
    job = await service.a_job(*(f"EON{n:02}" for n in range(7)))
    await service.work()
    every = [order.order_id async for order in client.orders(job.id, page_size=3)]
    failed = [order async for order in client.orders(job.id, ("failure",))]
    assert every == [f"EON{n:02}" for n in range(7)]
    assert failed == []


def test_the_states_one_can_type_are_those_of_the_contract() -> None:
    assert {f"JOB_STATE_{state.upper()}" for state in JobState} == set(pb.JobState.keys()[1:])
    assert {f"ORDER_STATE_{state.upper()}" for state in OrderState} == set(pb.OrderState.keys()[1:])


# What goes wrong


async def test_a_service_that_is_not_there_ends_in_a_sentence_and_exit_code_3() -> None:
    ran = await invoicing("job", "get", "1", INVOICING_TENANT="acme", INVOICING_ADDRESS=NOBODY)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"invoicing: no service answers at {NOBODY}")
    assert len(ran.err.splitlines()) == 1


async def test_a_bad_argument_is_named_by_its_field_in_json_where_answers_are(acme: tuple[str, ...]) -> None:
    ran = await invoicing("job", "create", "--order", "EON1", "--order", "a/b", "--json", *acme)
    error = json.loads(ran.err)
    assert (ran.code, ran.out) == (3, "")
    assert (error["reason"], error["code"]) == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    assert error["fields"][0]["field"] == "order_ids[1]"
    assert error["message"].startswith("order_ids[1] may hold only ")


async def test_what_time_may_mend_is_told_with_the_time(service: FakeService, client: Client) -> None:
    service.jobs.trouble.strikes_before(Unavailable("the database is away", reason="UNAVAILABLE"))
    with pytest.raises(Refused) as refused:
        await client.job("1")
    assert refused.value.sentence == "the database is away; try again in 1 s"
    assert refused.value.document()["retryDelay"] == "1s"


async def test_a_field_that_the_message_does_not_name_is_named_beside_it() -> None:
    refused = Refused("bad", reason="INVALID_ARGUMENT", code="INVALID_ARGUMENT", fields=(("tenant", "is empty"),))
    assert refused.sentence == "bad; tenant is empty"


@pytest.mark.parametrize("which", [[], ["--automatic", "--order", "EON1"]])
def test_a_job_is_of_named_orders_or_automatic(which: list[str]) -> None:
    ran = CliRunner().invoke(app, ["job", "create", "--tenant", "acme", *which])
    assert ran.exit_code == 2
    assert "one of the two" in ran.output


def test_the_tenant_must_be_named() -> None:
    ran = CliRunner(env={"INVOICING_TENANT": ""}).invoke(app, ["job", "list"])
    assert ran.exit_code == 2
    assert "INVOICING_TENANT" in ran.output


# Following


async def test_people_are_told_that_an_absent_service_is_waited_for(service: FakeService) -> None:
    job = await service.a_job("EON1")
    async with RpcServer.running("127.0.0.1:0", service.invoicing) as server:
        address = f"127.0.0.1:{server.port}"
        watching = await started("job", "watch", job.id, "--tenant", "acme", "--address", address)
        await service.jobs.until(lambda: service.jobs.waiting == 1)
    async with served(service, address):
        ran = await ended(watching)
    assert ran.code == 0
    assert "connection lost (the server is stopping" in ran.out
    assert ran.out.splitlines()[-1].endswith("is DONE: 1 succeeded.")


async def test_after_a_restart_no_message_is_missed_and_none_comes_twice(service: FakeService) -> None:
    job = await service.a_job("EON1", "EON2")
    messages: list[pb.JobStatusResponse] = []
    async with RpcServer.running("127.0.0.1:0", service.invoicing) as server:
        address = f"127.0.0.1:{server.port}"
        async with Client.connected(Access(address, "acme")) as client:
            following = asyncio.create_task(_collect(client, job.id, messages))
            await service.jobs.until(lambda: service.jobs.waiting == 1)
            await server.stop()
            async with served(service, address):
                await following
    orders = [message.order for message in messages if message.HasField("order")]
    versions = [message.version for message in messages]
    assert versions == sorted(versions)
    assert [order.order_id for order in orders[:2]] == ["EON1", "EON2"]
    assert len({order.version for order in orders}) == len(orders)
    assert {order.state for order in orders[-2:]} == {pb.ORDER_STATE_SUCCESS}
    assert messages[-1].job.state == pb.JOB_STATE_DONE


async def _collect(client: Client, job_id: str, messages: list[pb.JobStatusResponse]) -> None:
    messages.extend([message async for message in follow(client, job_id) if not isinstance(message, Interrupted)])


async def test_a_service_that_was_never_there_is_not_waited_for() -> None:
    async with Client.connected(Access(NOBODY, "acme")) as client:
        with pytest.raises(Refused, match="no service answers"):
            await anext(follow(client, "1"))


async def test_a_service_that_stays_away_is_given_up(service: FakeService) -> None:
    job = await service.a_job("EON1")
    async with (
        RpcServer.running("127.0.0.1:0", service.invoicing) as server,
        Client.connected(Access(f"127.0.0.1:{server.port}", "acme")) as client,
    ):
        following = follow(client, job.id, patience=0.0)
        await anext(following)
        await server.stop()
        with pytest.raises(Refused) as refused:
            [message async for message in following]
    assert refused.value.passing


async def test_ctrl_c_ends_the_watching_and_says_that_the_job_goes_on(service: FakeService) -> None:
    job = await service.a_job("EON1")
    async with RpcServer.running("127.0.0.1:0", service.invoicing) as server:
        watching = await started("job", "watch", job.id, "--tenant", "acme", "--address", f"127.0.0.1:{server.port}")
        assert watching.stdout is not None
        assert b"IN_PROGRESS" in await watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        ran = await ended(watching)
    assert ran.code == 130
    assert "the job goes on" in ran.err
    assert f"invoicing job watch {job.id} --resume-token " in ran.err
    assert "Traceback" not in ran.err


async def test_after_a_resume_token_the_end_tells_of_every_order(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = await service.a_job("EON1")
    await service.work()
    *_, last = [message async for message in client.status(job.id)]
    assert await jobs.watch(client, job.id, resume_token=last.resume_token) is Exit.DONE
    shown = capsys.readouterr().out
    assert "  EON1" not in shown, "its changes are known already"
    assert "\nEON1 " in shown


async def test_text_from_outside_does_not_steer_a_terminal() -> None:
    order = pb.JobOrder(order_id=EVIL, state=pb.ORDER_STATE_FAILURE, reason=EVIL, message=EVIL, invoice_number=EVIL)
    job = pb.Job(job_id=EVIL, state=pb.JOB_STATE_FAILED, failure=pb.Failure(message=EVIL))
    async with ScriptedService.running() as scripted:
        scripted.jobs.messages = [pb.JobStatusResponse(order=order), pb.JobStatusResponse(job=job)]
        arguments = ("job", "watch", "1", "--tenant", "acme", "--address", scripted.address)
        ran = await invoicing_on_terminal(*arguments, COLUMNS="500")
    assert ran.code == 1
    assert ran.out.count(HARMLESS) >= 4
    assert not {"\x07", "\x9b", "\u202e"} & set(ran.out)
    assert f"{ESCAPE}]" not in ran.out
