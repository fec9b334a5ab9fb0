"""What a soak came to, as the page of the docs that tells it."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from chaos.soak.rehearsal import SIZES, Result

HEAD = """# The soak

`make soak` runs the service as it is deployed, with nothing in it replaced, and lets everything go wrong at once, by a
seed. {share:.0%} of all calls to the platform and its mail server are struck, in every way the sandbox knows: errors,
answers lost before and after the effect, late answers, silence, garbage, things done twice; now and then a whole
service is away. Every few seconds a process is ended by kill -9 or SIGTERM, the leader above all. Meanwhile three
tenants have orders invoiced, some paid by two cards, by jobs that overlap. They ask with one request id several times
at once, cancel, retry, and follow by token across every restart. In the last third of the time nobody is killed, so
that a leak would show. Then nothing goes wrong any more, everything is driven to its end, and what the platform saw is
audited against what the service says, what it archived, and what its journal explains (`tests/chaos/audit.py`).

This page is written by the run.
"""


def page(results: Sequence[Result], *, seed: int, share: float) -> str:
    """The whole page."""
    return "\n".join((HEAD.format(share=share), *_run(seed), "", *_table(results), "", *_verdict(results), ""))


def verdict(results: Sequence[Result]) -> str:
    """In one line."""
    return f"{sum(len(result.violations) for result in results)} violations"


def _run(seed: int) -> Iterator[str]:
    yield f"- when: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    yield f"- machine: {os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"
    yield f"- seed: {seed}"


def _table(results: Sequence[Result]) -> Iterator[str]:
    yield f"| | {' | '.join(result.database for result in results)} |"
    yield f"|---|{'---:|' * len(results)}"
    rows = [_rows(result) for result in results]
    for name in dict.fromkeys(name for row in rows for name in row):
        yield f"| {name} | {' | '.join(row.get(name, '0') for row in rows)} |"


def _rows(result: Result) -> dict[str, str]:
    (warm, late), (own, own_late) = result.memory, result.own_memory
    return {
        "processes": str(SIZES[result.database]),
        "seconds, with the way to the end": f"{result.seconds:,.0f}",
        **_counted("", result.counts),
        **_counted("ended by ", result.ended),
        **_counted("calls struck: ", result.struck),
        **_counted("asked: ", result.asked),
        "memory of the service, warm and at the end (MiB)": f"{warm >> 20} and {late >> 20}",
        "memory of the soak itself, at its start and end (MiB)": f"{own >> 20} and {own_late >> 20}",
        "**violations**": f"**{len(result.violations)}**",
    }


def _counted(what: str, counts: Counter[str]) -> dict[str, str]:
    return {f"{what}{name}": f"{counts[name]:,}" for name in sorted(counts) if counts[name]}


def _verdict(results: Sequence[Result]) -> Iterator[str]:
    broken = [f"- {result.database}: {violation}" for result in results for violation in result.violations]
    return iter(["Violations:", "", *broken] if broken else ["No promise was broken."])
