"""Series of our own as operators set them, and the nonsense that is refused by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.tenant_settings import TenantSettings, tenants_in
from domain.errors import Misconfigured
from domain.numbering import LocalNumbers, NumberPattern
from domain.order import TenantId

DAY = date(2026, 11, 25)
KEY = 'client_id = "x"\nclient_secret = "hush"\n'
FULL = """
series = "local"
[acme.local_series]
prefix = "RE-{year}-"
digits = 5
start = 4711
start_year = 2026
[acme.local_series.sites.uk]
prefix = "UK-{year}-"
restarts_yearly = false
[acme.local_series.sites."pl 2"]
prefix = "FV/"
digits = 4
start = 100
"""


def acme(folder: Path, lines: str) -> TenantSettings:
    """The tenant, as it is read from a file."""
    path = folder / "tenants.toml"
    path.write_text(f"[acme]\n{KEY}{lines}", encoding="utf-8")
    return tenants_in(path, called="tenants.toml")[TenantId("acme")]


def test_who_says_nothing_has_the_platforms_numbers(tmp_path: Path) -> None:
    assert acme(tmp_path, "").numbers() is None


def test_who_says_only_local_has_a_number_with_the_year(tmp_path: Path) -> None:
    numbers = acme(tmp_path, 'series = "local"').numbers()
    assert numbers == LocalNumbers(NumberPattern("{year}-", digits=6, yearly=True))
    assert numbers.series("any", DAY).allocated(None)[1] == "2026-000001"


def test_a_tenant_and_its_sites_have_patterns_of_their_own(tmp_path: Path) -> None:
    assert acme(tmp_path, FULL).numbers() == LocalNumbers(
        NumberPattern("RE-{year}-", digits=5, start=4711, yearly=True, start_year=2026),
        {"uk": NumberPattern("UK-{year}-"), "pl 2": NumberPattern("FV/", digits=4, start=100)},
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('[acme.local_series]\nprefix = "A"', "local_series: is set, but the numbers are the platform's"),
        ('[acme.local_credit_notes]\nprefix = "A"', "local_credit_notes: is set, but the numbers are the platform's"),
        ('series = "local"\ncredit_note_series = "cn"', "credit_note_series: is for numbers of the platform"),
        (
            'series = "local"\nlocal_credit_notes.digits = 3',
            "local_credit_notes: its numbers could be those of local_series",
        ),
        ('series = "local"\nlocal_credit_notes.prefx = "A"', "prefx: there is no such key; did you mean prefix?"),
        (
            'credit_note_series = "a b"',
            "credit_note_series: must be a schemaType of the platform, such as creditNoteSequence, not 'a b'",
        ),
        ('series = "local"\nseries_site = "main"', "series_site: is for numbers of the platform"),
        ('series = "local"\nsequence_key = "shop"', "sequence_key: is for numbers of the platform"),
        ('series = "local"\nplaceholders = { a = "b" }', "placeholders: is for numbers of the platform"),
        (
            'series = "local"\nlocal_series.prefx = "A"',
            "local_series.prefx: there is no such key; did you mean prefix?",
        ),
        ('series = "local"\nlocal_series.sites.uk.prefx = "A"', "local_series.sites.uk.prefx: there is no such key"),
        ('series = "local"\nlocal_series.prefix = "A\\u0007"', "local_series.prefix: may hold neither control"),
        ('series = "local"\nlocal_series.prefix = " A"', "local_series.prefix: may hold neither control"),
        ('series = "local"\nlocal_series.prefix = "{jahr}-"', "local_series.prefix: braces stand only in {year}"),
        (
            f'series = "local"\nlocal_series.prefix = "{"A" * 41}"',
            "local_series.prefix: must have 40 characters or fewer",
        ),
        ('series = "local"\nlocal_series.digits = 0', "local_series.digits: must be at least 1, not 0"),
        ('series = "local"\nlocal_series.start = 0', "local_series.start: must be at least 1, not 0"),
        ('series = "local"\nlocal_series.digits = 3\nlocal_series.start = 1000', "start: has more than 3 digits"),
        ('series = "local"\nlocal_series.start = 7', "local_series: start: needs start_year"),
        (
            'series = "local"\nlocal_series.prefix = "A-"\nlocal_series.start_year = 2026',
            "local_series: start_year: is for a count that restarts each year",
        ),
        (
            'series = "local"\nlocal_series.prefix = "A-"\nlocal_series.restarts_yearly = true',
            "local_series: restarts_yearly: needs {year} in the prefix",
        ),
        (
            'series = "local"\nlocal_series.prefix = "{year}"\nlocal_series.restarts_yearly = false',
            "local_series: prefix: must end with something else than digits",
        ),
        (
            'series = "local"\nlocal_series.sites.uk.digits = 3',
            "local_series: sites.uk.prefix: its numbers could be those of the tenant's own series",
        ),
        (
            'series = "local"\nlocal_series.sites.uk.prefix = "A"\nlocal_series.sites.fr.prefix = "A0"',
            "local_series: sites.fr.prefix: its numbers could be those of uk series",
        ),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_key(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        acme(tmp_path, lines)
    assert told in refused.value.message
    assert "hush" not in refused.value.message


@pytest.mark.parametrize(("one", "other"), [("A-", "B-"), ("A", "A-"), ("RE-", "RE-{year}-"), ("", "X")])
def test_series_whose_numbers_cannot_meet_live_side_by_side(tmp_path: Path, one: str, other: str) -> None:
    lines = f'series = "local"\nlocal_series.sites.uk.prefix = "{one}"\nlocal_series.sites.fr.prefix = "{other}"'
    assert set(acme(tmp_path, lines).numbers().sites) == {"uk", "fr"}


def test_credit_notes_may_have_a_series_of_their_own(tmp_path: Path) -> None:
    lines = 'series = "local"\nlocal_series.prefix = "RE-"\nlocal_credit_notes.prefix = "GS-"'
    own = acme(tmp_path, lines).local_credit_notes
    assert own is not None
    assert own.numbers() == LocalNumbers(NumberPattern("GS-"))
    assert acme(tmp_path, 'credit_note_series = "creditNoteSequence"').credit_note_series == "creditNoteSequence"
    assert acme(tmp_path, "").credit_note_series == "invoiceNoSequence"
