"""`invoicing tenant`, as an operator uses it who has a new tenant and the sandbox."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from pydantic import SecretStr

from adapters.sandbox.demo import generated_orders
from app.clock import now
from app.mailing import mailer_by
from app.settings import Settings
from app.tenant_settings import TenantSettings
from app.tenants import platform_of, tenant_with
from domain.order import TenantId
from domain.readiness import Inspected, Status, findings
from e2e.services import Home
from fakes.command_line import Ran, invoicing, invoicing_on_terminal
from fakes.sandbox_caller import Caller

SELLER = {
    "name": "Fresh GmbH",
    "street": "Ring 5",
    "zip": "10115",
    "city": "Berlin",
    "country": "DE",
    "vat-id": "DE136695976",
}
CHECKS = "token scopes settings orders numbers site logo seller payments sender mail".split()
PREPARATIONS = "settings numbers sender logo seller".split()


@dataclass(slots=True)
class Newcomer:
    """A tenant that has nothing at the platform, and its operator."""

    name: str
    home: Home
    platform: Caller

    async def runs(self, *arguments: str, **variables: str) -> Ran:
        """The command with the tenant's credentials; what it answers is JSON."""
        return await invoicing("tenant", *arguments, "--json", **self.variables(**variables))

    def variables(self, **variables: str) -> dict[str, str]:
        """What the operator has set."""
        told = self.home.settings(**{"TENANT": self.name, **variables})
        return {f"INVOICING_{name}": value for name, value in told.items() if value}

    async def set_up(self, *arguments: str) -> Ran:
        """All that can be said."""
        seller = [word for name, value in SELLER.items() for word in (f"--seller-{name}", value)]
        logo = f"{self.home.sandbox.tells('sandbox')['url']}/sandbox-assets/logo.png"
        said = ("--logo", logo, "--mail-sender", "invoices@fresh.example", *seller)
        return await self.runs("setup", *said, *arguments)

    async def missing(self) -> list[str]:
        """What is missing, by name: what the command finds, without a process of its own."""
        told = self.home.settings()
        its = TenantSettings(client_id="sandbox", client_secret=SecretStr("sandbox"))
        settings = Settings(_env_file=None, platform_url=told["PLATFORM_URL"], mail_url=told["MAIL_URL"])
        tenant = TenantId(self.name)
        async with (
            platform_of(tenant, its, settings, now, secret=its.secret()) as platform,
            mailer_by(settings) as mailer,
        ):
            inspected = Inspected(tenant_with(platform, tenant, its), platform.preparations, mailer, now())
            return [each.check async for each in findings(inspected) if each.status is not Status.OK]

    async def site(self, **changes: Any) -> None:
        """Changes the site, behind everybody's back."""
        assert (await self.platform.call("PATCH", f"/site/{self.name}/sites/main", changes))[0] in {200, 204}


@pytest.fixture
async def newcomer(home: Home, platform: Caller, request: pytest.FixtureRequest) -> Newcomer:
    name = f"new{crc32(request.node.name.encode())}"
    return Newcomer(name, home, await platform.open_tenant(name, empty=True))


async def test_a_tenant_that_has_nothing_is_set_up_and_then_nothing_is_missing(newcomer: Newcomer) -> None:
    before = await newcomer.runs("check")
    assert before.code == 1
    assert [finding["check"] for finding in before.messages] == CHECKS
    assert await newcomer.missing() == ["settings", "numbers", "logo", "seller", "sender"]
    shown = await newcomer.set_up("--dry-run")
    assert [(each["preparation"], each["outcome"]) for each in shown.messages] == [
        (name, "planned") for name in PREPARATIONS
    ]
    assert await newcomer.missing() == ["settings", "numbers", "logo", "seller", "sender"]
    for outcome in ("done", "there"):
        ran = await newcomer.set_up()
        assert (ran.code, ran.err) == (0, "")
        assert [(each["preparation"], each["outcome"]) for each in ran.messages] == [
            (name, outcome) for name in PREPARATIONS
        ]
    after = await newcomer.runs("check")
    assert (after.code, after.err) == (0, "")
    assert [(finding["check"], finding["status"]) for finding in after.messages] == [(name, "ok") for name in CHECKS]
    assert await newcomer.platform.effects("number", tenant=newcomer.name) == []


async def test_each_single_preparation_that_is_taken_away_is_named(newcomer: Newcomer) -> None:
    await newcomer.set_up()
    caller, name = newcomer.platform, newcomer.name
    settings = f"/configuration/{name}/configurations"
    _, kept = await caller.get(f"{settings}/invoiceSettings")
    assert (await caller.call("DELETE", f"{settings}/invoiceSettings"))[0] == 204
    assert await newcomer.missing() == ["settings"]
    await caller.post(settings, [kept])
    assert (await caller.call("DELETE", f"{settings}/cust.notification.email.from"))[0] == 204
    assert await newcomer.missing() == ["sender"]
    await caller.post(settings, [{"key": "cust.notification.email.from", "value": "invoices@fresh.example"}])
    logo = (await caller.get(f"/site/{name}/sites/main/mixins/generalShopSettings"))[1]["logoUrl"]
    await newcomer.site(mixins={"generalShopSettings": None})
    assert await newcomer.missing() == ["logo"]
    await newcomer.site(mixins={"generalShopSettings": {"logoUrl": "http://127.0.0.1:1/logo.png"}})
    assert await newcomer.missing() == ["logo"]
    await newcomer.site(mixins={"generalShopSettings": {"logoUrl": logo}})
    await newcomer.site(mixins={"merchantInfo": {"vatId": ""}})
    assert await newcomer.missing() == ["seller"]
    await newcomer.site(mixins={"merchantInfo": {"vatId": SELLER["vat-id"]}})
    _, (schema,) = await caller.get(f"/sequential-id/{name}/schemas")
    assert (await caller.call("DELETE", f"/sequential-id/{name}/schemas/{schema['id']}"))[0] == 204
    assert await newcomer.missing() == ["numbers"]


async def test_scopes_that_the_key_lacks_are_named_with_what_they_are_for(newcomer: Newcomer) -> None:
    await newcomer.set_up()
    await newcomer.platform.change_key(newcomer.name, scopes=["order.order_read", "sequentialid.schema_view"])
    ran = await newcomer.runs("check")
    assert ran.code == 1
    lacking = {each["found"]: each["remedy"] for each in ran.messages if each["check"] == "scopes"}
    assert "captures payments" in lacking["the key lacks payment-gateway.capture_manage"]
    assert {each["check"] for each in ran.messages if each["status"] == "missing"} == {
        *("scopes", "settings", "payments", "sender")
    }
    refused = await newcomer.runs("setup", "--threshold", "48", "--replace")
    assert refused.code == 1
    assert refused.messages[0]["outcome"] == "failed"
    assert "configuration.configuration_view" in refused.messages[0]["found"]


async def test_an_invoice_can_be_made_of_what_was_set_up(newcomer: Newcomer) -> None:
    await newcomer.set_up("--number-prefix", "FRESH-")
    (order,) = generated_orders(1, prefix="FIRST")
    await newcomer.platform.add(order, tenant=newcomer.name)
    async with newcomer.home.serving(TENANT=newcomer.name) as service:
        service.tenant = newcomer.name
        ended = (await service.outcome(await service.create([order["id"]])))[order["id"]]
        assert (ended.reason, ended.invoice_number) == ("", "FRESH-000001")


async def test_what_cannot_be_asked_ends_with_its_own_exit_code(newcomer: Newcomer, tmp_path: Path) -> None:
    away = await newcomer.runs("check", PLATFORM_URL="http://127.0.0.1:1")
    assert (away.code, away.out) == (3, "")
    assert json.loads(away.err)["reason"] == "PLATFORM_UNAVAILABLE"
    denied = await newcomer.runs("check", CLIENT_SECRET="hunter2")
    assert (denied.code, [each["check"] for each in denied.messages]) == (1, ["token", "mail"])
    assert "hunter2" not in denied.out + denied.err
    no_mail = await newcomer.runs("check", MAIL_URL="smtp://127.0.0.1:1")
    assert "mail" in [each["check"] for each in no_mail.messages if each["status"] == "missing"]
    usage = await newcomer.runs("check", "--tenant", "nobody")
    assert usage.code == 2
    assert "nobody" in usage.err
    file = tmp_path / "tenants.toml"
    key = 'client_id = "sandbox"\nclient_secret = "sandbox"\n'
    file.write_text(f"[acme]\n{key}[{newcomer.name}]\n{key}", encoding="utf-8")
    unsaid = await newcomer.runs("check", TENANT="", TENANTS_FILE=str(file))
    assert unsaid.code == 2
    assert f"acme, {newcomer.name}" in unsaid.err


async def test_mails_that_only_go_into_a_folder_are_warned_of_and_the_folder_is_not_made(
    newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await newcomer.set_up()
    monkeypatch.chdir(newcomer.home.folder)
    ran = await newcomer.runs("check", MAIL_URL="")
    assert ran.code == 0
    assert [(each["check"], each["status"]) for each in ran.messages if each["status"] != "ok"] == [("mail", "warning")]
    assert "INVOICING_MAIL_URL" in ran.messages[-1]["remedy"]
    seen = await invoicing("tenant", "check", **newcomer.variables(MAIL_URL=""))
    assert f"Tenant {newcomer.name} is ready for its first invoice, with 1 warning." in seen.out
    assert not (newcomer.home.folder / "outbox").exists()


async def test_a_series_of_its_own_for_credit_notes_is_checked_set_up_and_then_numbers_one(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    await newcomer.set_up()
    file = tmp_path / "tenants.toml"
    key = 'client_id = "sandbox"\nclient_secret = "sandbox"\n'
    file.write_text(f'[{newcomer.name}]\n{key}credit_note_series = "creditNoteSequence"\n', encoding="utf-8")
    before = await newcomer.runs("check", TENANTS_FILE=str(file))
    assert before.code == 1
    (missing,) = (each["found"] for each in before.messages if each["status"] == "missing")
    assert missing == "credit notes: no schema of the type creditNoteSequence is active"
    assert (await newcomer.runs("setup", TENANTS_FILE=str(file))).code == 0
    assert (await newcomer.runs("check", TENANTS_FILE=str(file))).code == 0
    (order,) = generated_orders(1, prefix="TAKEN-BACK")
    await newcomer.platform.add(order, tenant=newcomer.name)
    async with newcomer.home.serving(TENANT=newcomer.name, TENANTS_FILE=str(file)) as service:
        service.tenant = newcomer.name
        ended = (await service.outcome(await service.create([order["id"]])))[order["id"]]
        ran = await service.invoicing("invoice", "cancel", ended.invoice_number, "--reason", "returned", "--json")
    assert (ran.code, ran.messages[0]["invoiceNumber"]) == (0, "CN-000001")


async def test_people_read_it_line_by_line_in_eighty_columns(newcomer: Newcomer) -> None:
    seen = await invoicing_on_terminal("tenant", "check", **{**newcomer.variables(), "COLUMNS": "80", "NO_COLOR": "1"})
    assert seen.code == 1
    lines = re.sub(r"\x1b\[\d*m", "", seen.out).splitlines()
    assert max(map(len, lines)) <= 80
    assert any("missing" in line and "seller" in line for line in lines)
    assert f"Tenant {newcomer.name} is not ready: 5 missing." in seen.out
