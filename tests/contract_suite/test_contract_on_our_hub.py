"""Our hub holds all that can be judged of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.contract_suite.identities import EXPIRING_TOKEN, SECRETS, TOKEN, WRONG_TOKEN
from tests.contract_suite.judging import (
    CREDENTIALS,
    ROOT,
    Judgement,
    RunningHub,
    environment,
    faulty_hub,
    judge,
    run_judge,
    running_hub,
)

from eventshub_contract.bundle import load
from eventshub_mockserver.config import HubConfig
from eventshub_mockserver.core.credentials import Token
from eventshub_mockserver.net.thread import serve_in_thread


def test_every_rule_is_judged_and_holds(whole_run: Judgement) -> None:
    assert whole_run.exit_code == 0, whole_run.findings
    assert set(whole_run.verdicts) == set(load().hub_rules)
    assert set(whole_run.verdicts.values()) == {"pass"}
    assert whole_run.report["seconds"] < 50, "under 15 on a machine that is not busy"


def test_a_hub_with_events_of_its_own(tmp_path: Path) -> None:
    with running_hub(tmp_path, "--simulate", "--rate", "50") as hub:
        judged = judge(hub)
    assert judged.exit_code == 0, judged.findings


def test_the_table_shows_every_rule_and_says_what_was_not_judged(hub: RunningHub) -> None:
    judged = run_judge("--hub-url", hub.url, "--fast", env=CREDENTIALS)
    assert judged.exit_code == 0, judged.out
    lines = judged.out.splitlines()
    for rule in load().hub_rules.values():
        assert any(line.startswith(f"{rule.id:9}") and line.endswith(rule.title) for line in lines), rule.id
    assert "not judged: needs events: give the hub's control surface with --control-url" in judged.out
    assert "note: --control-url was not given" in judged.out
    assert not any(secret in judged.out + judged.err for secret in SECRETS)


def test_the_proxy_for_faults_has_none_of_its_own(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub) as faultless:
        judged = judge(faultless)
    assert judged.exit_code == 0, judged.findings


def run_pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=environment(CREDENTIALS),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_pytest_runs_it_too(hub: RunningHub) -> None:
    done = run_pytest("--pyargs", "eventshub_contract", "--hub-url", hub.url, "--rule", "CONN-4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONN-4   pass         3/3     No list of channels" in done.stdout


def test_pytest_says_what_it_misses() -> None:
    done = run_pytest("--pyargs", "eventshub_contract")
    assert done.returncode == 4
    assert "no target: say which hub to judge with --url URL (--hub-url" in done.stdout + done.stderr


def test_a_pytest_run_that_merely_finds_the_cases_leaves_them_alone() -> None:
    done = run_pytest("--collect-only", "-q", str(Path("tests") / "contract"))
    assert "no tests collected" in done.stdout
    assert "error" not in done.stdout.lower() + done.stderr.lower()


def test_a_hub_that_trusts_the_judge_as_a_proxy(tmp_path: Path) -> None:
    with running_hub(tmp_path, "--trusted-proxy", "127.0.0.0/8") as hub:
        judged = judge(hub, "--trusted-proxy", "--rule", "IP-4")
        assert judged.verdicts == {"IP-4": "pass"}, judged.findings
        forged = judge(hub, "--rule", "IP-4")
        assert forged.broken == {"IP-4"}, "to a judge that is not told, anybody can choose an address"


def test_a_hub_with_another_limit(tmp_path: Path) -> None:
    with running_hub(tmp_path, "--connections-per-ip", "3") as hub:
        judged = judge(hub, "--connections-per-ip", "3", "--rule", "IP-1", "--rule", "IP-2", "--rule", "IP-5")
        assert judged.verdicts == {"IP-1": "pass", "IP-2": "pass", "IP-5": "pass"}, judged.findings
        other = judge(hub, "--connections-per-ip", "4", "--rule", "IP-5")
        assert other.broken == {"IP-5"}


def test_a_hub_without_limit(tmp_path: Path) -> None:
    with running_hub(tmp_path, "--connections-per-ip", "off") as hub:
        rules = ("--rule", "IP-1", "--rule", "IP-5", "--rule", "EVT-2")
        judged = judge(hub, "--connections-per-ip", "off", *rules)
        verdicts = {"IP-1": "unsupported", "IP-5": "pass", "EVT-2": "pass"}
        assert judged.verdicts == verdicts, judged.findings
        reasons = {case["message"] for case in judged.report["rules"][0]["cases"]}
        assert reasons == {"--connections-per-ip off says that the hub has no limit"}


@contextmanager
def hub_with_a_token_that_expires() -> Generator[RunningHub]:
    expiring = Token("dave", EXPIRING_TOKEN, expires_at=time.time() + 10)
    with serve_in_thread(HubConfig(credentials=(Token("alice", TOKEN), expiring))) as hub:
        yield RunningHub(hub.url, 0)


def judge_expiry(hub: RunningHub, expiring_token: str = EXPIRING_TOKEN) -> Judgement:
    tokens = {"EVENTS_HUB_TOKEN": TOKEN, "EVENTS_HUB_EXPIRING_TOKEN": expiring_token}
    judged = run_judge("--hub-url", hub.url, "--rule", "AUTH-7", "--json", env=tokens)
    assert expiring_token not in judged.out
    return judged


def test_a_token_that_expires() -> None:
    with hub_with_a_token_that_expires() as hub:
        judged = judge_expiry(hub)
    assert judged.verdicts == {"AUTH-7": "pass"}, judged.findings


def test_a_token_that_expires_with_another_close_code(tmp_path: Path) -> None:
    with hub_with_a_token_that_expires() as hub, faulty_hub(tmp_path, hub, "FloodIsNormal") as faulty:
        judged = judge_expiry(faulty)
    assert judged.broken == {"AUTH-7"}
    assert judged.findings == ["AUTH-7 test_socket_of_an_expired_token_is_closed: closed with 1000, not 1008"]


def test_a_token_that_has_expired_already(hub: RunningHub) -> None:
    judged = judge_expiry(hub, WRONG_TOKEN)
    assert judged.verdicts == {"AUTH-7": "unsupported"}
    (case,) = judged.report["rules"][0]["cases"]
    assert case["message"] == "the token that expires was refused at once: 401"
