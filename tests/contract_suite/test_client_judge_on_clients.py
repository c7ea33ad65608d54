"""Our client holds every rule; a library as it comes shows what is left to do on top of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.contract_suite.judging import ROOT, SCRIPTS, environment, run_judge

from eventshub_contract.bundle import load

README = ROOT / "tests" / "contract" / "README.md"


def selection(option: str, *names: str) -> list[str]:
    return [word for name in names for word in (option, name)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("twin", ["async", "sync"])
def test_our_client_holds_every_rule(twin: str) -> None:
    judged = run_judge("client", "--adapter", f"eventshub-{twin}", "--fast", "--json", timeout=170)
    assert judged.exit_code == 0, judged.findings or judged.err
    assert judged.verdicts == dict.fromkeys(load().client_rules, "pass")
    cases = [case for rule in judged.report["rules"] for case in rule["cases"]]
    assert {case["verdict"] for case in cases} == {"pass"}


def test_a_library_as_it_comes() -> None:
    rules = ("AUTH-1", "AUTH-2", "CONN-5", "CONN-6", "CMD-1", "UNSUB-1", "ERR-1", "END-3")
    judged = run_judge(
        *("client", "--adapter", "websockets-plain", "--fast", "--json", "--patience", "4"),
        *selection("--rule", *rules),
        *selection("--case", "json_pings_come_regularly"),
    )
    assert judged.exit_code == 1
    assert judged.verdicts == {
        "AUTH-1": "pass",
        "AUTH-2": "unsupported",
        "CONN-5": "fail",
        "CONN-6": "fail",
        "CMD-1": "unsupported",
        "HB-2": "fail",
        "UNSUB-1": "unsupported",
        "ERR-1": "unsupported",
        "END-3": "fail",
    }, judged.findings
    reasons = [
        case["message"]
        for rule in judged.report["rules"]
        for case in rule["cases"]
        if case["verdict"] == "unsupported"
    ]
    assert "the command used the token: have it read EVENTSHUB_JUDGE_API_KEY" in reasons
    assert "the client sends no commands" in reasons


def test_the_ten_lines_of_the_readme(tmp_path: Path) -> None:
    (source,) = re.findall(r"```python\n(import asyncio, sys\n.*?)```", README.read_text(), flags=re.DOTALL)
    script = tmp_path / "client.py"
    script.write_text(source)
    cases = ("token_goes_into_the_header", "unknown_message", "ping_frames_are_answered")
    command = f"{sys.executable} {script} {{url}} {{token}}"
    judged = run_judge("client", "--exec", command, "--fast", *selection("--case", *cases))
    assert judged.exit_code == 0, judged.out + judged.err
    assert "3 rules: 3 pass (3 cases" in judged.out


def test_what_fails_once_and_holds_once_is_unsteady_and_fails_the_run(tmp_path: Path) -> None:
    (source,) = re.findall(r"```python\n(import asyncio, sys\n.*?)```", README.read_text(), flags=re.DOTALL)
    script, runs = tmp_path / "client.py", tmp_path / "runs"
    runs.mkdir()
    # The judge's first look at the command is the first run of it, the case the second.
    script.write_text(
        "import pathlib, sys\n"
        "runs = pathlib.Path(sys.argv.pop())\n"
        "(runs / str(len(list(runs.iterdir())) + 1)).touch()\n"
        f"if (runs / '2').exists() and not (runs / '3').exists(): sys.exit('not now')\n{source}"
    )
    command = f"{sys.executable} {script} {{url}} {{token}} {runs}"
    judged = run_judge("client", "--exec", command, "--fast", "--case", "unknown_message")
    assert judged.exit_code == 1, judged.out + judged.err
    assert "EVT-5    unsteady     1/1     Tolerance for what is new" in judged.out
    assert "UNSTEADY EVT-5 (MUST, the guide is silent)" in judged.out
    assert "failed, and held when it was run again: at first: the client did not connect" in judged.out
    assert "! not now" in judged.out, "the evidence of the run that failed"


def test_evidence_and_replay(tmp_path: Path) -> None:
    judged = run_judge(
        *("client", "--adapter", "websockets-plain", "--fast", "--seed", "7", "--patience", "4"),
        *("--case", "channels_not_granted_are_told"),
    )
    assert judged.exit_code == 1
    assert "CONN-5   fail         1/1     Unknown channels" in judged.out
    assert "FAIL CONN-5 (MUST, guide section 9, 12): Unknown channels" in judged.out
    assert "found   the hub did not grant `tyop`" in judged.out
    assert "hub#1 < GET /v1/ws/subscribe?event_types=pdfm,tyop" in judged.out, "what came"
    assert 'hub#1 > {"id": "judge-00001", "event_type": "global"' in judged.out, "what was sent"
    assert (
        "replay  eventshub-contract client --adapter websockets-plain --fast --seed 7 --patience 4"
        " --case channels_not_granted_are_told"
    ) in judged.out


def test_an_interrupted_run_ends_its_clients(tmp_path: Path) -> None:
    script = tmp_path / "client.py"
    script.write_text(
        "import os, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[3], str(os.getpid())).touch()\n"
        "time.sleep(600)\n"
    )
    pids = tmp_path / "pids"
    pids.mkdir()
    process = subprocess.Popen(
        [
            *(SCRIPTS / "eventshub-contract", "client", "--exec"),
            f"{sys.executable} {script} {{url}} {{token}} {pids}",
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not list(pids.iterdir()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert err.splitlines() == ["eventshub-contract: interrupted"]
    (pid,) = (int(path.name) for path in pids.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
