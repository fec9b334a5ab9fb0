"""A start that cannot succeed ends at once, with one sentence that names what to set."""

from __future__ import annotations

import asyncio

import pytest

from e2e.processes import Process
from e2e.services import Home, Service

REFUSED = 3
SECRET = "hunter2-hunter2"


async def complaint(home: Home, command: str, **variables: str) -> str:
    """With which the server ends that is started so."""
    with Process.running(home.folder, command, **variables) as process:
        await asyncio.to_thread(process.writes, lambda _: bool(process.errors) or bool(process.events("serving")))
        assert not process.events("serving")
        assert await process.ends() == REFUSED
    written = "\n".join(process.lines)
    assert "Traceback" not in written
    assert SECRET not in written
    (sentence,) = process.errors
    return sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT", None),
        ("CLIENT_SECRET", None),
        ("PLATFORM_TIMEOUT", "10"),
        ("PLATFORM_URL", "nonsense"),
        ("PUBLIC_URL", "nonsense"),
        ("GRPC_LISTEN", "50051"),
        ("HTTP_LISTEN", "0.0.0.0:0"),
        ("TENANTS_FILE", "nowhere.toml"),
        ("MAIL_URL", f"smtp://me:{SECRET}@mail.example:many"),
        ("LINK_KEY", SECRET),
        ("DATABASE_URL", f"postgresql://me:{SECRET}@db/invoicing"),
        ("DATABASE_URL", "sqlite:////proc/invoicing.db"),
        ("ARCHIVE_URL", "file:/proc/archive"),
        ("MAIL_URL", "outbox:/proc/outbox"),
    ],
)
async def test_a_setting_that_is_missing_or_wrong_is_named(home: Home, name: str, value: str | None) -> None:
    settings = home.settings(**{name: value or ""})
    if value is None:
        del settings[name]
    assert f"INVOICING_{name}" in await complaint(home, "serve", **settings)


async def test_a_port_in_use_is_named_with_its_setting(home: Home, service: Service) -> None:
    http, taken = service.http.removeprefix("http://"), service.grpc
    platform = home.sandbox.tells("sandbox")
    for command, name, address in (
        ("serve", "GRPC_LISTEN", taken),
        ("serve", "HTTP_LISTEN", http),
        ("sandbox", "SANDBOX_LISTEN", platform["url"].removeprefix("http://")),
        ("sandbox", "SANDBOX_SMTP_LISTEN", platform["smtp"]),
    ):
        sentence = await complaint(home, command, **home.settings(**{name: address}))
        assert f"INVOICING_{name}" in sentence
        assert address in sentence


async def test_a_second_service_on_the_same_database_stands_by_and_takes_over_when_the_first_dies(home: Home) -> None:
    async with home.serving() as first, home.serving() as second:
        assert second.process.events("another process runs the engine: standing by")
        job = await second.create(["NOWHERE-1"])
        assert (await second.outcome(job))["NOWHERE-1"].reason == "ORDER_NOT_FOUND"
        first.process.kill()
        job = await second.create(["NOWHERE-2"])
        assert (await second.outcome(job))["NOWHERE-2"].reason == "ORDER_NOT_FOUND"
