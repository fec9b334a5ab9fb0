"""What the demo tells when it is done, and what one can try then."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.table import Table
from rich.text import Text

from app.cli.display import amount, order_state, screen, show, why
from app.cli.rehearsal import SAMPLE, TENANT, Load, Result
from app.cli.reissue import Reissue
from app.cli.servers import Server
from app.cli.tables import details, table
from app.cli.terminal import safe
from invoicing.v1.jobs_pb2 import JobOrder

MOST_DIFFERENCES = 20
MIB = 1024 * 1024


@contextmanager
def starting() -> Iterator[None]:
    """Says that the servers start, which takes seconds."""
    console, sentence = screen(), "Starting a sandbox platform and the invoice service …"
    if console.is_terminal:
        with console.status(sentence):
            yield
    else:
        console.print(sentence)
        yield


def print_addresses(sandbox: Server, service: Server) -> None:
    """Where the servers are."""
    show(
        details(
            (
                ("Sandbox platform", f"{sandbox.told['url']}, mail {sandbox.told['smtp']}"),
                ("Invoice service", f"gRPC {service.told['grpc']}, {service.told['http']}"),
            )
        )
    )
    screen().print()


def print_result(result: Result, out: Path) -> None:
    """How every order ended, whether that is right, and where things lie."""
    screen().print()
    show(_orders_table(result.orders))
    screen().print()
    if result.reissue is not None:
        order_id = safe(result.reissue.order_id)
        screen().print(f"What became of {order_id}, to be taken back with its money and invoiced again:")
        show(details(_documents(result.reissue)))
        screen().print()
    show(details(_places(result, out)))
    screen().print()
    if result.load is not None:
        screen().print(_pace(result.load))
    screen().print(_verdict(result.differences))


def print_what_to_try(service: Server, result: Result) -> None:
    """Commands that work while the servers run."""
    ourselves = _ourselves()
    number = next((order.invoice_number for order in result.orders if order.download_link), "NUMBER")
    grpc, http = service.told["grpc"], service.told["http"]
    lines = (
        "",
        "Both servers run until Ctrl-C. In another terminal:",
        "",
        f"  export INVOICING_ADDRESS={grpc} INVOICING_TENANT={TENANT}",
        f"  {ourselves} job list",
        f"  {ourselves} job create --automatic --watch",
        f"  {ourselves} invoice get {safe(number)}",
        f"""  grpcurl -plaintext -d '{{"tenant": "{TENANT}"}}' {grpc} invoicing.v1.InvoiceJobService/ListJobs""",
        f"  curl {http}/readyz",
    )
    screen().print("\n".join(lines), soft_wrap=True)


def _orders_table(orders: Sequence[JobOrder]) -> Table:
    made = table("Order", "Outcome", "Number", "Gross", "Reason", right=("Gross",), wrapped=("Reason",))
    for order in orders:
        gross = amount(order.gross, order.currency)
        made.add_row(safe(order.order_id), order_state(order), safe(order.invoice_number), gross, why(order))
    return made


def _documents(reissue: Reissue) -> Iterator[tuple[str, str]]:
    """What each document says, and what the gateway did."""
    for each in reissue.documents:
        gross, number = amount(each.gross, each.currency), safe(each.invoice_number)
        if each.cancels:
            yield number, f"credit note over {gross}: cancels {safe(each.cancels)}"
        else:
            yield number, f"invoice over {gross}: {each.prepaid} paid, {each.due} to be paid"
    yield "Gateway", f"{reissue.captured} captured, {reissue.returned} given back"


def _places(result: Result, out: Path) -> tuple[tuple[str, str], ...]:
    of_many = (
        f", of the generated orders the first {SAMPLE} only" if result.load and result.load.orders > SAMPLE else ""
    )
    return (
        ("Invoices", f"{safe(str(out / 'invoices'))}  ({result.invoices:,} files{of_many})"),
        ("Mails", f"{safe(str(out / 'mail'))}  ({result.mails:,} files)"),
        ("Logs", f"{safe(str(out / 'service.log'))}, {safe(str(out / 'sandbox.log'))}"),
    )


def _pace(load: Load) -> str:
    pace = (
        f"{load.orders:,} generated orders invoiced in {load.seconds:.1f} s: {load.orders / load.seconds:.1f} orders/s"
    )
    if not load.footprint.peak:
        return f"{pace}."
    number = load.footprint.processes
    processes = "process" if number == 1 else "processes"
    return f"{pace}, with at most {load.footprint.peak / MIB:,.0f} MiB (PSS) in the service's {number} {processes}."


def _verdict(differences: Sequence[str]) -> Text:
    if not differences:
        return Text("Every order ended as it must.", "green")
    more = len(differences) - MOST_DIFFERENCES
    told = [*differences[:MOST_DIFFERENCES], *([f"and {more:,} more"] if more > 0 else [])]
    return Text("\n  ".join(("Not everything ended as it must:", *told)), "red")


def _ourselves() -> str:
    """How this program can be called from where the reader is."""
    called = Path(sys.argv[0])
    return os.path.relpath(called) if called.name == "invoicing" else "invoicing"
