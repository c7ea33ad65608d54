"""Grades, of rules and of runs; and nothing secret in what is said."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from eventshub_contract.bundle import Rule
from eventshub_contract.errors import ExitCode
from eventshub_contract.redaction import Secrets
from eventshub_contract.verdicts import CaseResult, RuleResult, Verdict, exit_code

PASS, FAIL, LENIENT, UNSUPPORTED, ERROR = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.LENIENT,
    Verdict.UNSUPPORTED,
    Verdict.ERROR,
)


def result(level: str, *verdicts: Verdict) -> RuleResult:
    rule = Rule(
        id="X-1",
        title="",
        statement="",
        guide=(),
        level="SHOULD" if level == "SHOULD" else "MUST",
        binds="hub",
    )
    return RuleResult(rule, tuple(CaseResult("case", ("X-1",), verdict) for verdict in verdicts))


@pytest.mark.parametrize(
    ("level", "cases", "verdict"),
    [
        ("MUST", (), UNSUPPORTED),
        ("MUST", (UNSUPPORTED, UNSUPPORTED), UNSUPPORTED),
        ("MUST", (UNSUPPORTED, PASS), PASS),
        ("MUST", (PASS, LENIENT), LENIENT),
        ("MUST", (LENIENT, FAIL, PASS), FAIL),
        ("MUST", (FAIL, ERROR), ERROR),
        ("SHOULD", (PASS, FAIL), LENIENT),
        ("SHOULD", (ERROR, FAIL), ERROR),
    ],
)
def test_a_rule_is_as_good_as_its_worst_case(
    level: str, cases: tuple[Verdict, ...], verdict: Verdict
) -> None:
    assert result(level, *cases).verdict is verdict


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([PASS, UNSUPPORTED], ExitCode.OK),
        ([PASS, LENIENT], ExitCode.OK),
        ([LENIENT], ExitCode.OK),
        ([PASS, FAIL], ExitCode.FAILED),
        ([FAIL, ERROR], ExitCode.INTERNAL),
        ([UNSUPPORTED], ExitCode.NOTHING_JUDGED),
        ([], ExitCode.NOTHING_JUDGED),
    ],
)
def test_what_a_run_is_worth(verdicts: list[Verdict], code: ExitCode) -> None:
    assert exit_code([result("MUST", verdict) for verdict in verdicts]) is code


@pytest.mark.parametrize("secret", ["s3cret/+token=", "key:with spaces", "tök-of-alice"])
def test_a_secret_is_hidden_in_every_form(secret: str) -> None:
    secrets = Secrets([secret, None, ""])
    encoded = base64.b64encode(secret.encode()).decode()
    for form in (secret, encoded, quote(secret, safe=""), quote(encoded, safe="")):
        assert secrets.leak_in(f"before {form} after")
        assert secrets.redact(f"before {form} after") == "before [secret] after"
    assert secret not in repr(secrets)


def test_a_short_secret_is_hidden_as_a_word_alone() -> None:
    secrets = Secrets(["ctl"])
    assert secrets.redact("exactly ctl, ctl=1") == "exactly [secret], [secret]=1"
    assert not secrets.leak_in("exactly")


def test_a_short_secret_in_a_text_of_the_hub_proves_nothing() -> None:
    secrets = Secrets(["secret"])
    assert not secrets.leak_in("the header must be the base64 of key:secret")
    assert secrets.redact("key:secret") == "key:[secret]"


def test_nothing_is_hidden_where_there_is_no_secret() -> None:
    assert Secrets([None]).redact("as it is") == "as it is"
    assert not Secrets([]).leak_in("as it is")
