"""`invoicing order`, as its users run it on a database of their service."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.store import Store
from app.cli import app
from app.cli.order_report import next_step
from domain.invoice import InvoiceNumber
from domain.job import Correction, JobOrder, OrderState, Step
from fakes.clock import FakeClock
from fakes.known_orders import a_history, a_job_order, an_attempt
from fakes.stores import Records, a_draft

KEY = {"INVOICING_TENANT": "acme", "INVOICING_CLIENT_ID": "sandbox", "INVOICING_CLIENT_SECRET": "hunter2"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/invoicing.db"


def kept(url: str, **changes: Any) -> JobOrder:
    """EON1, past RECALCULATION and with a capture in doubt; a service that is down left it so."""

    async def keep() -> JobOrder:
        clock = FakeClock()
        async with Store.opened(url, clock=clock) as store:
            records = Records(store.jobs, store.journal, clock)
            order = await records.jobs.save(await records.an_order(), a_draft())
            order = await records.journal.intend_capture(order, an_attempt("23.80", job_id=order.job_id))
            due = clock() + timedelta(hours=1)
            return await records.jobs.save(replace(order, **{"step": Step.CAPTURE, "due": due, **changes}))

    return asyncio.run(keep())


def runs(url: str, *arguments: str, **variables: str) -> Result:
    """The command, with the settings of the service."""
    settings = {"INVOICING_DATABASE_URL": url, **KEY, **variables}
    return CliRunner().invoke(app, ["order", *arguments], env=settings)


def test_one_json_document_tells_everything(url: str) -> None:
    order = kept(url)
    ran = runs(url, "explain", "EON1", "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert (told["tenant"], told["orderId"], told["jobs"][0]["jobId"]) == ("acme", "EON1", order.job_id)
    assert (told["jobs"][0]["step"], told["jobs"][0]["touched"]) == ("CAPTURE", True)
    (capture,) = told["captures"]
    assert capture == {
        "id": "a1",
        "tenant": "acme",
        "jobId": order.job_id,
        "orderId": "EON1",
        "transactionId": "t1",
        "amount": "23.80",
        "currency": "EUR",
        "intended": "2026-11-24T11:00:00Z",
        "deadline": "2026-11-24T11:00:20Z",
    }
    assert told["planned"] == [{"transactionId": "t-EON1", "amount": "23.80"}]
    assert told["events"][0]["at"] == "2026-11-24T11:00:00Z"
    assert "gateway" not in told
    assert "hunter2" not in ran.output


def test_people_read_the_sentence_first_then_what_happened_then_what_to_do(url: str) -> None:
    kept(url)
    lines = runs(url, "explain", "EON1").stdout.splitlines()
    assert lines[0] == (
        "A capture of 23.80 EUR may have been made: the gateway is asked again at 2026-11-24 13:00:00 UTC."
    )
    assert any("capture of 23.80 EUR of transaction t1 intended" in line for line in lines[1:])
    assert lines[-1].startswith("It goes on by itself at ")


def test_after_a_failure_in_doubt_it_says_which_commands_help(url: str) -> None:
    order = kept(
        url, state=OrderState.FAILURE, reason="PAYMENT_OUTCOME_UNKNOWN", message="\x1b[31mlook", retryable=True
    )
    out = runs(url, "explain", "EON1").stdout
    assert "invoicing order resolve EON1 --tenant acme --not-captured" in out
    assert f"invoicing job retry {order.job_id} --order EON1 --tenant acme" in out
    assert "\x1b" not in out, "what comes from outside steers no terminal"


def test_it_names_every_word_that_may_be_said() -> None:
    failed = a_job_order(state=OrderState.FAILURE, reason="PAYMENT_OUTCOME_UNKNOWN", retryable=True)
    told = next_step(a_history(failed), is_unclear=True)
    assert all(word in told for word in ("--not-captured", "--captured AMOUNT", "--foreign AMOUNT"))


def test_a_correction_that_failed_says_which_command_asks_for_it_again() -> None:
    correction = Correction(InvoiceNumber("INV1"), "the customer's wish", refund=True)
    failed = a_job_order(correction=correction, state=OrderState.FAILURE, reason="PAYMENT_REFUSED", retryable=True)
    told = next_step(a_history(failed), is_unclear=False)
    assert told == ("Next: invoicing invoice cancel INV1 --reason 'the customer'\"'\"'s wish' --refund --tenant acme")


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "EON 1"),
        ("resolve", "EON1"),
        ("resolve", "EON1", "--not-captured", "--captured", "1.00"),
        ("resolve", "EON1", "--captured", "1.00", "--foreign", "1.00"),
        ("resolve", "EON1", "--not-captured", "--by", "an\x1bna"),
        ("resolve", "EON1", "--not-captured", "--by", " "),
    ],
)
def test_what_cannot_be_meant_is_a_matter_of_usage(url: str, arguments: tuple[str, ...]) -> None:
    assert runs(url, *arguments).exit_code == 2


def test_a_tenant_without_a_key_here_has_no_gateway_to_ask(url: str) -> None:
    kept(url)
    ran = runs(url, "resolve", "EON1", "--not-captured", "--tenant", "nobody")
    assert (ran.exit_code, "nobody" in ran.stderr) == (2, True)


def test_what_is_refused_or_cannot_be_reached_is_told_as_json_too(url: str) -> None:
    kept(url)
    for arguments, reason in (
        (("explain", "EON1", "--tenant", "globex"), "UNKNOWN_ORDER"),
        (("explain", "EON2"), "UNKNOWN_ORDER"),
        (("explain", "EON1", "--gateway"), "PLATFORM_UNAVAILABLE"),
        (("resolve", "EON1", "--not-captured"), "NOT_RESOLVABLE"),
        (("resolve", "EON1", "--not-captured", "--transaction", "t1"), "PLATFORM_UNAVAILABLE"),
    ):
        ran = runs(url, *arguments, "--json", INVOICING_PLATFORM_URL="http://127.0.0.1:1")
        assert (ran.exit_code, ran.stdout) == (3, "")
        assert json.loads(ran.stderr)["reason"] == reason


def test_without_a_database_it_says_which_setting_to_look_at(url: str) -> None:
    ran = runs(url, "explain", "EON1")
    assert (ran.exit_code, "INVOICING_DATABASE_URL" in ran.stderr) == (3, True)
