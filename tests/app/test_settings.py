"""What an operator sets, and what he is told when it is wrong."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.mail.brevo import BrevoMailer
from app.mailing import mailer_by
from app.settings import SANDBOX_TENANTS, Settings
from app.tenant_settings import TenantSettings
from domain.errors import Misconfigured
from domain.order import Seller, TenantId

ACME = TenantId("acme")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine, and no `.env` of the project, reaches a test."""
    for name in [name for name in os.environ if name.startswith("INVOICING_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def with_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"INVOICING_{name}", value)
    return Settings.of_environment()


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        with_environment(monkeypatch, **variables).tenants()
    return caught.value.message


def test_without_anything_set_it_listens_on_this_machine_only() -> None:
    settings = Settings.of_environment()
    assert (settings.grpc_listen, settings.http_listen) == ("127.0.0.1:50051", "127.0.0.1:8080")


def test_variables_and_the_env_file_are_read_and_variables_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("INVOICING_CONCURRENCY=7\nINVOICING_LINK_TTL=12h\nOTHER=1\n", encoding="utf-8")
    settings = with_environment(monkeypatch, CONCURRENCY="9")
    assert (settings.concurrency, settings.link_ttl) == (9, timedelta(hours=12))


@pytest.mark.parametrize(
    ("told", "meant"),
    [("500ms", timedelta(milliseconds=500)), ("10s", timedelta(seconds=10)), ("1.5m", timedelta(seconds=90))],
)
def test_durations_have_a_unit(monkeypatch: pytest.MonkeyPatch, told: str, meant: timedelta) -> None:
    assert with_environment(monkeypatch, PLATFORM_TIMEOUT=told).platform_timeout == meant


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("PLATFORM_TIMEOUT", "10", "500ms, 10s"),
        ("PLATFORM_TIMEOUT", "0s", "longer than nothing"),
        ("PLATFORM_TIMEOUT", "0.0000001ms", "longer than nothing"),
        ("PLATFORM_TIMEOUT", "61m", "must be at most 1h, not '61m'"),
        ("CAPTURE_SETTLE", "999999999.9d", "must be at most 7d, not '999999999.9d'"),
        ("LINK_TTL", "soon", "7d"),
        ("LINK_TTL", "9999999d", "must be at most 3650d, not '9999999d'"),
        ("GRPC_LISTEN", "50051", "HOST:PORT"),
        ("HTTP_LISTEN", "127.0.0.1:99999", "HOST:PORT"),
        ("CONCURRENCY", "0", "must be at least 1, not '0'"),
        ("CONCURRENCY", "1001", "must be at most 1000, not '1001'"),
        ("CONCURRENCY", "many", "must be a whole number, not 'many'"),
        ("TENANT_RATE", "-1", "must be at least 0, not '-1'"),
        ("TENANT_RATE", "nan", "must be a number, not 'nan'"),
        ("TENANT_RATE", "fast", "must be a number, not 'fast'"),
        ("AUTH", "jwt", "must be 'none', not 'jwt'"),
        ("AUTH_NONE_OK", "perhaps", "must be true or false, not 'perhaps'"),
        ("PDF", "word", "must be 'borb' or 'typst', not 'word'"),
        ("ENGINE", "steam", "must be 'embedded' or 'none', not 'steam'"),
        ("LOG", "xml", "must be 'console' or 'json', not 'xml'"),
        ("LOG", "x" * 99, f"not '{'x' * 39}…"),
        ("PUBLIC_URL", "foo", "must be a URL as https://HOST or https://HOST/PATH, not 'foo'"),
        ("PUBLIC_URL", "ftp://shop.example", "must be a URL"),
        ("PUBLIC_URL", "https://", "must be a URL"),
        ("PUBLIC_URL", "https://shop.example:99999", "must be a URL"),
        ("PUBLIC_URL", "https://shop.example/?to=", "must be a URL"),
        ("PUBLIC_URL", "https://shop.example/#", "must be a URL"),
        ("TENANT", "Acme!", "lower-case"),
        ("SELLER_COUNTRY", "Germany", "of ISO 3166-1 alpha-2, such as DE, not 'Germany'"),
        ("SELLER_IBAN", "DE00", "is no IBAN, by its length or its check digits: 'DE00'"),
        ("TENANTS_FILE", "", "is empty: name a file, or leave it out"),
        ("LINK_KEY", "short", "at least 32 characters"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    message = refusal(monkeypatch, **{name: value})
    assert f"INVOICING_{name}" in message
    assert remedy in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["GRPC_LISTEN", "HTTP_LISTEN"])
@pytest.mark.parametrize("address", ["0.0.0.0:9000", "127.evil.example:9000", "[::]:9000"])
def test_an_address_that_others_reach_needs_someone_who_keeps_strangers_out(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    message = refusal(monkeypatch, **{name: address})
    assert f"INVOICING_{name}" in message
    assert "INVOICING_AUTH_NONE_OK=1" in message
    assert with_environment(monkeypatch, **{name: address}, AUTH_NONE_OK="1").auth_none_ok


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_an_address_of_this_machine_alone_needs_nobody(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert with_environment(monkeypatch, HTTP_LISTEN=f"{host}:9000").http_listen == f"{host}:9000"


@pytest.mark.parametrize("missing", ["TENANT", "CLIENT_ID", "CLIENT_SECRET"])
def test_a_missing_part_of_the_tenant_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {"TENANT": "acme", "CLIENT_ID": "id", "CLIENT_SECRET": "hush"}
    del given[missing]
    assert f"INVOICING_{missing} is not set" in refusal(monkeypatch, **given)


def test_one_tenant_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "TENANT": "acme",
        "CLIENT_ID": "id",
        "CLIENT_SECRET": "hush",
        "SELLER_NAME": " Acme ",
        "SELLER_CITY": " ",
        "SELLER_COUNTRY": " DE ",
        "SELLER_IBAN": " DE02 1203 0000 0000 2020 51 ",
        "SELLER_VAT_ID": "DE1",
    }
    tenants = with_environment(monkeypatch, **given).tenants()
    assert list(tenants) == [ACME]
    assert (tenants[ACME].client_id, tenants[ACME].secret()) == ("id", "hush")
    assert tenants[ACME].seller.seller() == Seller(
        name="Acme", country="DE", vat_id="DE1", iban="DE02 1203 0000 0000 2020 51"
    )


TENANTS = """
[acme]
client_id = "one"
client_secret = "hush"
mail_sender = "shop@acme.example"
placeholders = { "__num__" = "" }
series_site = "main"
sequence_key = "shop"
language = "de"
vat_id_path = "mixins.tax.id"
rate = 20
[acme.seller]
name = "Acme GmbH"
zip = "10115"
[globex]
client_id = "two"
client_secret_file = "secret"
"""


def test_several_tenants_come_from_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tenants.toml").write_text(TENANTS, encoding="utf-8")
    (tmp_path / "secret").write_text("whispered\n", encoding="utf-8")
    tenants = with_environment(monkeypatch, TENANTS_FILE="tenants.toml").tenants()
    assert [tenants[TenantId(name)].secret() for name in ("acme", "globex")] == ["hush", "whispered"]
    assert tenants[ACME].seller.seller() == Seller(name="Acme GmbH", zip_code="10115")
    acme, globex = tenants[ACME], tenants[TenantId("globex")]
    assert (acme.mail_sender, acme.placeholders) == ("shop@acme.example", {"__num__": ""})
    assert (acme.series, acme.series_site, acme.sequence_key) == ("platform", "main", "shop")
    assert (acme.language, acme.vat_id_path, acme.rate) == ("de", "mixins.tax.id", 20)
    assert (globex.language, globex.vat_id_path, globex.rate) == ("", "mixins.customerTax.vatId", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "names no tenant"),
        ("[acme", "is not TOML"),
        ("[ACME]\nclient_id='x'", "[ACME] is no tenant's name"),
        ("[acme]\nclient_secret='hush'", "acme: client_id: is missing"),
        ("[acme]\nclient_id='x'", "either a client_secret or a client_secret_file"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nmail_sendr='a@b'", "acme: mail_sendr: there is no such key"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nmail_sendr='a@b'", "did you mean mail_sender?"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nseller.vatid='1'", "acme: seller.vatid: there is no such key"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nseller.vatid='1'", "did you mean vat_id?"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nlanguage='German'", "such as de or de_AT, not 'German'"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nlanguage='xx'", "(de, el, en, es, fr, it, nl, pl)"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nlanguage='gr'", "acme: language: must be a language"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nmail_sender='nobody'", "mail_sender: must be a mail address"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nmail_sender='A <a@b.example>'", "not 'A <a@b.example>'"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nseller.country='Germany'", "acme: seller.country: must be a"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nseller.iban='DE00'", "acme: seller.iban: is no IBAN"),
        ("[acme]\nclient_id='x'\nclient_secret=''", "acme: client_secret: must have 1 or more characters"),
        ("[acme]\nclient_id=3\nclient_secret='hush'", "acme: client_id: must be a text, not a number"),
        ("[acme]\nclient_id='x'\nclient_secret=['hush']", "acme: client_secret: must be a text, not a list"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nseller='hush'", "acme: seller: must be a table, not a text"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nclient_secret_file=2026-01-01", "a text, not a date"),
        (
            "[acme]\nclient_id='x'\nclient_secret='hush'\nseries='mine'",
            "acme: series: must be 'platform' or 'local', not 'mine'",
        ),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nrate=-1", "acme: rate: must be at least 0, not -1"),
        ("[acme]\nclient_id='x'\nclient_secret='hush'\nrate=nan", "acme: rate: must be a number, not nan"),
        ("[acme]\nclient_id='x'\nclient_secret_file=''", "acme: client_secret_file: is empty"),
        ("client_secret='hush'\n[acme]", "client_secret is set for no tenant: put it below the line of one"),
    ],
)
def test_a_wrong_tenants_file_is_told_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "tenants.toml").write_text(content, encoding="utf-8")
    message = refusal(monkeypatch, TENANTS_FILE="tenants.toml")
    assert message.startswith("INVOICING_TENANTS_FILE (tenants.toml)")
    assert told in message
    assert "hush" not in message


@pytest.mark.parametrize(("content", "told"), [(b" \n", "is empty"), (b"\xff", "is no text"), (None, "No such file")])
def test_a_secret_that_cannot_be_read_is_told_by_its_file(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Misconfigured, match=f"client_secret_file {file}: {told}"):
        TenantSettings(client_id="x", client_secret_file=file).secret()


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "INVOICING_TENANTS_FILE (nowhere.toml) cannot be read" in refusal(monkeypatch, TENANTS_FILE="nowhere.toml")


def test_a_secret_is_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_environment(
        monkeypatch,
        TENANT="acme",
        CLIENT_ID="id",
        CLIENT_SECRET="hush",
        MAIL_URL="smtp://u:hush@h",
        LINK_KEY="hush" * 8,
    )
    assert "hush" not in f"{settings!r} {settings} {settings.tenants()!r} {settings.model_dump_json()}"


def test_folders_with_fonts_are_several_and_each_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert with_environment(monkeypatch).font_dirs == ()
    assert with_environment(monkeypatch, FONT_DIRS=f"{tmp_path}{os.pathsep}/usr").font_dirs == (tmp_path, Path("/usr"))
    with pytest.raises(Misconfigured) as caught:
        with_environment(monkeypatch, FONT_DIRS=f"{tmp_path}/none")
    assert f"INVOICING_FONT_DIRS: {tmp_path}/none is no folder" in str(caught.value)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8080", "https://shop.example/invoices/"])
def test_a_public_url_is_one_that_links_can_begin_with(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert with_environment(monkeypatch, PUBLIC_URL=url).public_url == url


def test_a_password_in_a_public_url_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hush" not in refusal(monkeypatch, PUBLIC_URL="//me:hush@shop.example")


def test_a_variable_that_is_no_setting_is_found_with_the_one_that_was_meant() -> None:
    names = ("INVOICING_CONCURENCY", "INVOICING_COLOUR", "INVOICING_PDF", "INVOICING_ADDRESS", "OTHER")
    assert Settings.misspelt(names) == (
        "INVOICING_COLOUR",
        "INVOICING_CONCURENCY; did you mean INVOICING_CONCURRENCY?",
    )


@pytest.mark.parametrize("line", ["INVOICING_CLIENT_SECRT=hush", "invoicing_client_secrt=hush"])
def test_a_line_of_the_env_file_that_is_no_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    (tmp_path / ".env").write_text(f"INVOICING_TENANT=acme\nINVOICING_ADDRESS=127.0.0.1:1\n{line}\n", encoding="utf-8")
    assert refusal(monkeypatch) == (
        ".env: there is no setting INVOICING_CLIENT_SECRT; did you mean INVOICING_CLIENT_SECRET?"
    )


def test_an_env_file_that_is_no_text_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"INVOICING_TENANT=\xff\n")
    assert refusal(monkeypatch) == ".env cannot be read: it is no text"


@pytest.mark.parametrize(
    "line", ["LINK_KEY='hush", "PDF hush", "PDF: hush", "PDF", "CLIENT_SECRET='hush\nINVOICING_LOG='x'"]
)
def test_a_line_of_the_env_file_that_sets_nothing_stops_the_start_and_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    (tmp_path / ".env").write_text(f"# ours\nexport OTHER\n\nINVOICING_{line}\n", encoding="utf-8")
    message = refusal(monkeypatch)
    assert message.startswith(".env, line 4, sets nothing: write it as NAME=VALUE")
    assert "hush" not in message


def at_sandbox(settings: Settings) -> Settings:
    return settings.at_sandbox(url="http://127.0.0.1:1", smtp="127.0.0.1:2", folder=Path("data"))


def test_the_sandbox_takes_the_place_of_the_platform_and_of_what_was_not_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = at_sandbox(with_environment(monkeypatch, ARCHIVE_URL="file:kept"))
    assert settings.platform_url == "http://127.0.0.1:1"
    assert settings.mail_url.get_secret_value() == "smtp://127.0.0.1:2"
    assert (settings.database_url, settings.archive_url) == ("sqlite:///data/invoicing.db", "file:kept")
    assert settings.tenants_file == SANDBOX_TENANTS
    assert set(settings.tenants()) == {ACME, TenantId("globex")}


def test_a_tenants_file_counts_at_the_sandbox_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = "[acme]\nclient_id='sandbox'\nclient_secret='sandbox'\nseries='local'\n"
    (tmp_path / "tenants.toml").write_text(content, encoding="utf-8")
    settings = with_environment(monkeypatch, TENANTS_FILE="tenants.toml")
    assert settings.lost_at_sandbox == ()
    ((name, its),) = at_sandbox(settings).tenants().items()
    assert (name, its.series) == (ACME, "local")


def test_what_counts_for_nothing_at_the_sandbox_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_environment(monkeypatch, MAIL_URL="outbox:mails", SELLER_NAME="Acme", LOG="json")
    assert settings.lost_at_sandbox == ("INVOICING_SELLER_NAME", "INVOICING_MAIL_URL")
    assert at_sandbox(settings).mail_url.get_secret_value() == "smtp://127.0.0.1:2"


async def test_brevo_gets_the_key_that_is_set_and_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    brevo = {"MAIL_URL": "brevo:http://127.0.0.1:1"}
    with pytest.raises(Misconfigured, match="INVOICING_BREVO_KEY"):
        async with mailer_by(with_environment(monkeypatch, **brevo)):
            pass
    settings = with_environment(monkeypatch, **brevo, BREVO_KEY="xkeysib-1")
    assert "xkeysib-1" not in repr(settings)
    async with mailer_by(settings) as mailer:
        assert isinstance(mailer, BrevoMailer)
