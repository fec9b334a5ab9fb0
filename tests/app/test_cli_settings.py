"""What the command line makes of `.env`, and what it says of arguments that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from fakes.command_line import invoicing


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def set_in_file(folder: Path, **variables: str) -> None:
    lines = (f"INVOICING_{name}={value}\n" for name, value in variables.items())
    (folder / ".env").write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize("command", ["job list", "invoice list", "series verify"])
async def test_a_client_command_knows_tenant_and_address_from_the_env_file(folder: Path, command: str) -> None:
    set_in_file(folder, TENANT="acme", ADDRESS="127.0.0.1:1")
    ran = await invoicing(*command.split())
    assert (ran.code, "no service answers at 127.0.0.1:1" in ran.err) == (3, True)


async def test_the_environment_and_options_win_over_the_env_file(folder: Path) -> None:
    set_in_file(folder, TENANT="acme", ADDRESS="127.0.0.1:1")
    set_outside = await invoicing("job", "list", INVOICING_ADDRESS="127.0.0.1:2")
    assert "no service answers at 127.0.0.1:2" in set_outside.err
    said = await invoicing("job", "list", "--address", "127.0.0.1:3")
    assert "no service answers at 127.0.0.1:3" in said.err


async def test_order_explain_knows_its_tenant_from_the_env_file(folder: Path) -> None:
    set_in_file(folder, TENANT="acme", DATABASE_URL="sqlite:///nowhere.db")
    ran = await invoicing("order", "explain", "EON1200")
    assert (ran.code, "nowhere.db, which does not exist" in ran.err) == (3, True)


@pytest.mark.parametrize("command", ["serve", "sandbox", "tenant check", "order explain EON1200"])
async def test_a_misspelt_line_of_the_env_file_is_told_by_whoever_reads_settings(folder: Path, command: str) -> None:
    set_in_file(folder, TENANT="acme", CLIENT_SECRT="hush")
    ran = await invoicing(*command.split())
    sentence = "invoicing: .env: there is no setting INVOICING_CLIENT_SECRT; did you mean INVOICING_CLIENT_SECRET?\n"
    assert (ran.code, ran.err) == (3, sentence)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("job list --limit 0", "'--limit': must be at least 1, not '0'"),
        ("job list --limit few", "'--limit': must be a whole number, not 'few'"),
        ("job list --state gone", "'--state': 'gone' is not one of 'in_progress'"),
        ("invoice download INV1 --format xml", "'--format': 'xml' is not one of 'pdf', 'cii', 'ubl'"),
        ("tenant setup --threshold soon", "'--threshold': must be a number, not 'soon'"),
    ],
)
def test_what_an_option_cannot_be_is_said_in_our_words(arguments: str, told: str) -> None:
    ran = CliRunner().invoke(app, arguments.split(), env={"INVOICING_TENANT": "acme"})
    assert (ran.exit_code, f"Invalid value for {told}" in ran.stderr) == (2, True), ran.stderr
