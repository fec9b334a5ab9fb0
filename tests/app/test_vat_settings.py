"""What an operator says of a tenant's VAT."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.tenant_settings import TenantSettings, tenants_in
from domain.errors import Misconfigured
from domain.vat import Exemption, VatCategory


def with_vat(**vat: object) -> TenantSettings:
    return TenantSettings.model_validate({"client_id": "x", "client_secret": SecretStr("y"), "vat": vat})


def test_without_a_word_the_usual_table_counts() -> None:
    rules = TenantSettings(client_id="x", client_secret=SecretStr("y")).terms().vat
    assert (rules.categories, rules.otherwise, rules.reasons) == ({}, None, {})


def test_codes_and_reasons_become_rules() -> None:
    rules = with_vat(codes={"FREE": "E", "BUILD": "AE"}, otherwise="E", reasons={"E": "§ 19 UStG"}).terms().vat
    assert rules.categories == {"FREE": VatCategory.EXEMPT, "BUILD": VatCategory.REVERSE_CHARGE}
    assert rules.otherwise is VatCategory.EXEMPT
    assert rules.reasons == {"E": Exemption(text="§ 19 UStG")}


def test_a_reason_may_be_a_code_of_the_list() -> None:
    rules = with_vat(otherwise="E", reasons={"E": "VATEX-EU-132-1I: education"}).terms().vat
    assert rules.reasons == {"E": Exemption("VATEX-EU-132-1I", "education")}


@pytest.mark.parametrize(
    ("vat", "said"),
    [
        ('codes = {FREE = "S"}', "vat.codes: FREE = 'S': is no category without VAT: Z, E, AE, K, G or O"),
        ('otherwise = "exempt"', "vat.otherwise: is no category without VAT"),
        ('otherwise = "E"', "vat: reasons: has none for E, which otherwise means"),
        ('codes = {FREE = "E"}', "vat: reasons: has none for E, which FREE means"),
        ('reasons = {E = "VATEX-EU-7: x"}', "vat.reasons: E = 'VATEX-EU-7': is no code of the VATEX list"),
        ('reasons = {E = " "}', "vat.reasons: E: is empty"),
        ("days = 3", "vat.days: there is no such key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, vat: str, said: str) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text(f'[acme]\nclient_id = "x"\nclient_secret = "y"\n[acme.vat]\n{vat}\n', encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        tenants_in(file, called="INVOICING_TENANTS_FILE")
    assert said in caught.value.message
