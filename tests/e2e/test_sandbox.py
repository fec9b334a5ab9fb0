"""`invoicing serve --sandbox`: what counts of the settings there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from e2e.processes import Process
from e2e.services import Service

TENANTS = """
[acme]
client_id = "sandbox"
client_secret = "sandbox"
series = "local"
local_series.prefix = "RE-"
"""


async def test_a_tenants_file_is_tried_out_at_the_sandbox_and_what_is_not_taken_is_told(tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    await asyncio.to_thread(file.write_text, TENANTS, encoding="utf-8")
    told = {"TENANTS_FILE": str(file), "MAIL_URL": "outbox:mails", "PDFF": "typst"}
    with Process.running(tmp_path, "serve", "--sandbox", **told) as process:
        async with Service.called(process) as service:
            (order,) = (await service.outcome(await service.create(["EON1200"]))).values()
        assert (order.reason, order.invoice_number) == ("", "RE-000001")
        assert process.events("not taken with --sandbox")[0]["settings"] == ["INVOICING_MAIL_URL"]
        assert process.events("no such setting")[0]["name"] == "INVOICING_PDFF; did you mean INVOICING_PDF?"
    assert not (tmp_path / "mails").exists()
