"""`invoicing demo`: what it leaves, what it checks, and that its servers end with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from adapters.sandbox.demo import EXPECTED, MANUAL_ORDERS
from app.cli import main
from app.cli.demo_folder import MARKER, DemoFolder
from app.cli.footprint import Footprint, family, proportional_size
from app.cli.reissue import Reissue
from app.cli.verdict import generated_differences, mail_differences, order_differences, reissue_differences
from domain.errors import InvalidArgument
from domain.job import JobType
from fakes.command_line import ended, started
from fakes.official import broken_rules
from invoicing.v1 import jobs_pb2 as pb
from invoicing.v1.invoices_pb2 import DOCUMENT_TYPE_CREDIT_NOTE, DOCUMENT_TYPE_INVOICE, Invoice

PATIENCE = 90
"""Seconds: on a busy machine the servers take long to load."""

Orders = dict[str, pb.JobOrder]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts demos, and stops those that a failed test left."""
    demos: list[asyncio.subprocess.Process] = []

    async def start_one(*arguments: str) -> asyncio.subprocess.Process:
        demos.append(await started("demo", *arguments))
        return demos[-1]

    yield start_one
    for demo in demos:
        with suppress(ProcessLookupError):
            demo.terminate()
        await demo.wait()


async def line_with(process: asyncio.subprocess.Process, words: str) -> str:
    """The first line with these words; it must come."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"it ended without a word of {words!r}")


def files(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in folder.iterdir())


def lives(pid: int) -> bool:
    """Whether there is such a process, other than one that only waits to be counted."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


# The whole


async def test_the_demo_invoices_its_orders_and_when_a_server_dies_it_says_so_and_leaves_none(
    start: Start, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    demo = await start("--out", str(out), "--orders", "3", "--keep")
    assert "30.78 captured, 30.78 given back" in await line_with(demo, "Gateway")
    assert "Every order ended as it must." in await line_with(demo, "ended as it must")
    await line_with(demo, "readyz")
    _, *servers = family(demo.pid)
    invoices, mails = files(out / "invoices"), files(out / "mail")
    issued = sum(expected.outcome == "SUCCESS" for expected in EXPECTED.values()) + 3
    reissued = 2
    assert len(invoices) == issued + reissued
    assert [Path(name).stem for name in mails] == [Path(name).stem for name in invoices]
    for name in invoices:
        (xml,) = PdfReader(out / "invoices" / name).attachments["factur-x.xml"]
        assert broken_rules(xml) == []

    os.kill(_service_of(servers), signal.SIGKILL)
    ran = await ended(demo)
    assert ran.code == 3
    assert "invoicing: the service ended unasked" in ran.err
    assert '"event": "serving"' in ran.err or '"event": "call"' in ran.err, "the last lines of its log"
    assert not any(lives(pid) for pid in servers)


def _service_of(pids: list[int]) -> int:
    """The process that serves."""
    return next(pid for pid in pids if b"\0serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes())


async def test_ctrl_c_ends_the_demo_and_its_servers(start: Start, tmp_path: Path) -> None:
    demo = await start("--out", str(tmp_path / "out"), "--orders", "50")
    await line_with(demo, "50 generated")
    servers = list(family(demo.pid))
    demo.send_signal(signal.SIGINT)
    ran = await ended(demo)
    assert ran.code == 130
    assert ran.err == "invoicing: the demo was stopped, and so were its servers\n"
    assert len(servers) > 2
    assert not any(lives(pid) for pid in servers)


def test_a_folder_of_somebody_else_ends_the_demo_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    monkeypatch.setattr("sys.argv", ["invoicing", "demo", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"invoicing: --out {tmp_path} has files that no demo made; name another folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


# The folder


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    with DemoFolder.fresh(tmp_path / "out") as earlier:
        (earlier.invoices / "INV1.pdf").write_bytes(b"old")
    with DemoFolder.fresh(tmp_path / "out") as folder:
        assert list(folder.invoices.iterdir()) == []
        assert (folder.path / MARKER).is_file()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    with DemoFolder.fresh(tmp_path) as folder:
        assert folder.path == tmp_path.resolve()


def test_a_demo_that_runs_keeps_its_folder(tmp_path: Path) -> None:
    with DemoFolder.fresh(tmp_path) as folder:
        (folder.invoices / "INV1.pdf").write_bytes(b"fresh")
        with pytest.raises(InvalidArgument, match="in use"), DemoFolder.fresh(tmp_path):
            pass
        assert (folder.invoices / "INV1.pdf").is_file()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InvalidArgument, match="is a file"), DemoFolder.fresh(tmp_path / "out"):
        pass
    assert (tmp_path / "out").read_text() == "mine"


# What must come of it


def as_expected() -> dict[JobType, Orders]:
    """Every order where and as it must be."""
    jobs: dict[JobType, Orders] = {JobType.MANUAL: {}, JobType.AUTOMATIC: {}}
    for order_id, expected in EXPECTED.items():
        state = pb.OrderState.Value(f"ORDER_STATE_{expected.outcome}")
        jobs[expected.job][order_id] = pb.JobOrder(order_id=order_id, state=state, reason=expected.reason)
    return jobs


def test_what_ended_as_it_must_makes_no_difference() -> None:
    assert list(order_differences(as_expected())) == []


def test_another_outcome_or_reason_and_a_missing_order_are_named() -> None:
    jobs = as_expected()
    first, second, third, *_ = MANUAL_ORDERS
    jobs[JobType.MANUAL][first].state = pb.ORDER_STATE_FAILURE
    jobs[JobType.MANUAL][second].reason = "INTERNAL"
    del jobs[JobType.MANUAL][third]
    assert list(order_differences(jobs)) == [
        f"{first} is FAILURE and must be SUCCESS",
        f"{second} is FAILURE INTERNAL and must be FAILURE ORDER_NOT_INVOICEABLE",
        f"{third} is missing from the MANUAL job",
    ]


def test_an_order_that_the_automatic_job_must_not_find_is_named() -> None:
    jobs = as_expected()
    jobs[JobType.AUTOMATIC]["DEMO-FRESH"] = pb.JobOrder(order_id="DEMO-FRESH", state=pb.ORDER_STATE_SUCCESS)
    assert list(order_differences(jobs)) == ["DEMO-FRESH is in the AUTOMATIC job and must not be"]


def test_an_invoice_is_mailed_exactly_once() -> None:
    assert list(mail_differences(["INV1", "INV2", "INV3"], {"INV1": 1, "INV3": 2})) == [
        "INV2 was mailed 0 times",
        "INV3 was mailed 2 times",
    ]


def a_reissue(**changes: Any) -> Reissue:
    """One as it must be, but for these changes of the new invoice, or of what the gateway did."""
    first = Invoice(invoice_number="1", type=DOCUMENT_TYPE_INVOICE, gross="30.78", prepaid="30.78", due="0.00")
    note = Invoice(invoice_number="2", type=DOCUMENT_TYPE_CREDIT_NOTE, gross="30.78", cancels="1")
    new = Invoice(invoice_number="3", type=DOCUMENT_TYPE_INVOICE, gross="30.78", prepaid="0.00", due="30.78")
    first.cancelled_by = note.invoice_number
    return replace(Reissue("EON1", (first, note, new), Decimal("30.78"), Decimal("30.78")), **changes)


def test_an_order_that_was_taken_back_and_invoiced_again_as_it_must_makes_no_difference() -> None:
    assert list(reissue_differences(a_reissue())) == []


def test_whatever_is_wrong_with_a_reissue_is_named() -> None:
    first, note, new = a_reissue().documents
    other, paid = Invoice(), Invoice()
    other.CopyFrom(note)
    other.cancels = "9"
    paid.CopyFrom(new)
    paid.prepaid, paid.due = "30.78", "0.00"
    for changes, difference in (
        ({"documents": (first, note)}, "EON1 has 2 documents and must have an invoice, its credit note and a new one"),
        ({"documents": (first, other, new)}, "2 does not cancel 1, the whole of it"),
        ({"documents": (first, note, paid)}, "3 counts 30.78 as paid, and all was given back"),
        ({"returned": Decimal(0)}, "EON1 was charged 30.78 and given back 0, and came to 30.78"),
        ({"captured": Decimal("61.56")}, "EON1 was charged 61.56 and given back 30.78, and came to 30.78"),
    ):
        assert list(reissue_differences(a_reissue(**changes))) == [difference]


def test_every_generated_order_must_be_invoiced() -> None:
    failed = pb.JobOrder(order_id="GEN1", state=pb.ORDER_STATE_FAILURE, reason="INTERNAL", message="a bug")
    assert list(generated_differences([failed], invoiced=9, wanted=10)) == [
        "GEN1 is FAILURE INTERNAL: a bug",
        "9 of 10 generated orders were invoiced",
    ]


# Memory


async def test_the_footprint_of_a_process_counts_its_children() -> None:
    child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE)
    try:
        async with Footprint.watched(os.getpid()) as footprint:
            await asyncio.sleep(0)
        assert child.pid in family(os.getpid())
        assert footprint.processes >= 2
        assert footprint.peak >= proportional_size(os.getpid()) // 2
    finally:
        child.kill()
        await child.wait()
