"""Commands and requests made by chance find planted faults, small and again; events come by a command."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import httpx
import pytest
from tests.contract_suite.identities import API_KEY, CONTROL_TOKEN, NO_READ_TOKEN, OTHER_TOKEN, TOKEN
from tests.contract_suite.judging import Judgement, RunningHub, faulty_hub, judge, run_judge

from eventshub_contract.bundle import load
from eventshub_contract.generated import must_be_refused, openapi_of, search, valid_commands

CASES = [
    word
    for kind in ("test_generated_frames", "test_generated_commands_with_a_wrong_key[message]")
    for word in ("--case", kind)
]


def test_a_faultless_hub_answers_all_of_them(hub: RunningHub) -> None:
    judged = judge(hub, "--generated", "10", "--rule", "CMD-2", "--rule", "CMD-5", "--rule", "UNSUB-5")
    assert judged.exit_code == 0, judged.findings
    cases = [case for rule in judged.report["rules"] for case in rule["cases"]]
    generated = {case["case"]: case["verdict"] for case in cases if "generated" in case["case"]}
    assert len(generated) == 9
    assert set(generated.values()) == {"pass"}


def test_a_finding_is_small_and_comes_again(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "SilentAboutNonsense") as faulty:
        first, again = (
            judge(faulty, "--generated", "15", "--seed", "7", "--patience", "2", *CASES) for _ in range(2)
        )
    found = [
        (case["message"], case["example"])
        for rule in first.report["rules"]
        for case in rule["cases"]
        if case["verdict"] == "fail"
    ]
    ((message, example),) = found
    assert message == "what is no command was not answered with an error"
    assert example.endswith("(--seed 7, made smaller)")
    assert len(example) < 60
    assert first.findings == again.findings
    assert examples(first) == examples(again)


def examples(judged: Judgement) -> list[str]:
    return [case["example"] for rule in judged.report["rules"] for case in rule["cases"] if "example" in case]


def test_without_the_option_nothing_is_made(hub: RunningHub) -> None:
    judged = judge(hub, "--case", "test_generated_frames")
    reasons = {c["message"] for rule in judged.report["rules"] for c in rule["cases"]}
    assert reasons == {"makes commands and requests by chance: say how many of each kind with --generated"}


@pytest.mark.parametrize(
    ("frame", "refused"),
    [
        ('{"event_type": "health", "message": "ping"}', False),
        ('{"type": "health", "message": "ping", "id": "x", "more": 1}', False),
        ('{"type": "health", "event_type": "system", "message": "ping"}', True),
        ('{"type": "health", "message": "ping", "id": 3}', True),
        ('{"type": "health", "message": "pin"}', True),
        ('{"message": "ping"}', True),
        ("[]", True),
        ("[" * 5000, True),
        (b"{}", True),
    ],
)
def test_what_certainly_is_no_command(frame: str | bytes, refused: bool) -> None:
    assert must_be_refused(load(), frame) is refused


def test_a_search_shrinks_and_is_the_same_for_the_same_seed() -> None:
    strategy = valid_commands(load(), list(load().commands))

    def judged(number: int) -> str | None:
        return search(strategy, 200, number, lambda frame: repr(frame) if '"id": "' in str(frame) else None)

    assert judged(3) == judged(3)
    assert re.search(r'"id": "0"', judged(3) or ""), "as small as can be"
    assert search(strategy, 20, 1, lambda _: None) is None


def test_the_openapi_document_for_requests_refers_to_itself_alone() -> None:
    document = openapi_of(load())
    assert "#/$defs/" not in str(document)
    assert document["paths"]["/v1/ws/unsubscribe"]["post"]["requestBody"]["required"] is True


def trigger(tmp_path: Path, hub: RunningHub) -> str:
    announcement = next(message for message in load().messages if message.name == "Announcement")
    body = announcement.examples[0]["body"]
    script = tmp_path / "trigger.py"
    script.write_text(
        "import sys, httpx\n"
        f"orders = {{'pdfm': ('VM_REMOVED', {{'vm_id': 'vm-1'}}), 'global': ('ANNOUNCEMENT', {body!r})}}\n"
        "if sys.argv[1] not in orders: sys.exit(3)\n"
        "message, body = orders[sys.argv[1]]\n"
        f"httpx.post('{hub.url}/control/publish', headers={{'Authorization': 'Bearer {CONTROL_TOKEN}'}},\n"
        "  json={'channel': sys.argv[1], 'message': message, 'body': body}).raise_for_status()\n"
    )
    return f"{sys.executable} {script} {{channel}}"


def test_events_by_a_command(tmp_path: Path, hub: RunningHub) -> None:
    assert httpx.get(f"{hub.url}/healthz").status_code == 200
    identities = {
        "EVENTS_HUB_TOKEN": TOKEN,
        "EVENTS_HUB_API_KEY": API_KEY,
        "EVENTS_HUB_OTHER_TOKEN": OTHER_TOKEN,
        "EVENTS_HUB_NO_READ_TOKEN": NO_READ_TOKEN,
    }
    rules = ("--rule", "EVT-2", "--rule", "UNSUB-6", "--rule", "EVT-3")
    judged = run_judge(
        *("hub", "--url", hub.url, "--fast", "--json", "--trigger", trigger(tmp_path, hub), *rules),
        env=identities,
    )
    assert judged.exit_code == 0, judged.findings or judged.err
    cases = [case for rule in judged.report["rules"] for case in rule["cases"]]
    verdicts = {case["case"]: (case["verdict"], case["message"]) for case in cases}
    assert verdicts["test_broadcast_reaches_its_subscribers_alone[pdfm]"][0] == "pass"
    assert verdicts["test_broadcast_reaches_its_subscribers_alone[health]"] == (
        "unsupported",
        "the trigger has no event for health: it ended with 3",
    )


def test_a_trigger_without_a_channel() -> None:
    judged = run_judge("--hub-url", "http://127.0.0.1:1", "--token", TOKEN, "--trigger", "publish")
    assert judged.exit_code == 4
    assert "--trigger must hold {channel}" in judged.err
