"""What is wrong with a scenario is said when it is loaded: all of it, where it is, and what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventshub_mockserver.sources.scenario import ScenarioError, load_scenario

STEPS = (
    "note, publish, delay, wait_for, expect, expect_none, repeat, choose, fault, clear_faults, close, "
    "revoke, restore, simulate, include"
)
KEYS = "title, survive, seed, variables, steps"
PDFM = (
    "VM_STATE_CHANGED, VM_ADDED, VM_UPDATED, VM_REMOVED, VM_UPTIME_CHANGED, VM_SNAPSHOTS_UPDATED, "
    "MAC_VMS_RUNNING_NOW"
)
CANDIDATES = 'is not one of "stopped", "starting" or 7 other candidates'
CHANGED = "VmStateChanged is not as the spec wants it"


def complaints(folder: Path, text: str, name: str = "bad.yaml", **options: Any) -> list[str]:
    """What is wrong, without the name of the folder."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name, folder=folder, **options)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    text = """\
title: ""
steps:
  - publsh: {channel: pdfm}
  - publish:
      channel: pdfm
      message: VM_STATE_CHANGED
      body: {vm_id: v, previous_state: stoped, current_state: running}
  - delay: soon
  - note: a
    delay: 1
  - repeat:
      times: 3
      steps:
        - publish: {channel: pdfm, message: VM_STATE_CHANGD}
        - expect: {connections: 1}
colour: red
"""
    assert complaints(tmp_path, text) == [
        'bad.yaml:1:1: title must be a text, not empty, not ""',
        f"bad.yaml:3:5: there is no 'publsh' in a step (did you mean publish?): {STEPS} are allowed",
        f'bad.yaml:7:24: {CHANGED}: body.previous_state: "stoped" {CANDIDATES}',
        'bad.yaml:8:5: delay must be a number, at least 0, at most 86400, not "soon"',
        f"bad.yaml:9:5: a step must be one thing to do: one of {STEPS}",
        f"bad.yaml:14:36: no message 'VM_STATE_CHANGD' on pdfm: the spec has {PDFM}",
        "bad.yaml:15:11: expect lacks 'within': within must be there",
        f"bad.yaml:16:1: there is no 'colour' in the scenario: {KEYS} are allowed",
    ]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("delay: -1", "1:10: delay must be a number, at least 0, at most 86400, not -1"),
        ("delay: 1e9", "1:10: delay must be"),
        (
            "close: {code: 1005}",
            "1:18: code must be a whole number from 1000 to 1003 or 1007 to 1014 or",
        ),
        ("clear_faults: false", "1:10: clear_faults must be true, not false"),
        (
            "wait_for: {}",
            "1:10: it must be about one thing, not 0: one of connections, subscription,",
        ),
        ("wait_for: {connections: 1, disconnect: true}", "1:10: it must be about one thing, not 2"),
        ("expect_none: {during: 1}", "1:10: it must be about one thing, not 0: one of command, unsubscribe,"),
        ("wait_for: {subscription: [pfdm]}", "1:21: the spec has no channel 'pfdm': it has global, pdfm,"),
        ("wait_for: {subscription: []}", "1:21: subscription must be a list of 1 or more, not []"),
        (
            "wait_for: {command: {channel: health, message: pong}}",
            "1:21: the spec has no command health/pong: it has health/ping, system/client-id",
        ),
        ("fault: {fault: refuze}", "1:10: unknown fault 'refuze': there are "),
        (
            "fault: {fault: refuse, status: 1}",
            "1:10: fault refuse: status must be a whole number from",
        ),
        (
            "simulate: {seconds: 1, hosts: 0}",
            "1:33: hosts must be a whole number, at least 1, at most",
        ),
        (
            "simulate: {seconds: 1, chances: {explode: 1}}",
            "1:10: nothing is called 'explode': there is",
        ),
        ("repeat: {steps: [{delay: 1}]}", "1:10: repeat needs either times or for_each"),
        ("repeat: {times: 1, steps: []}", "1:29: steps must be a list of 1 or more, not []"),
        (
            "repeat: {for_each: [1], as: 1x, steps: [{delay: 1}]}",
            "1:34: as must be a text of letters,",
        ),
        ("choose: [{steps: [{delay: 1}]}]", "1:10: choose must be a list of 2 or more"),
        ("include: {scenario: nothing.yaml}", "1:20: cannot read nothing.yaml: No such file or directory"),
        (
            "include: {scenario: nothing}",
            "1:20: there is no scenario 'nothing': name a file ending in",
        ),
        ("include: {scenario: bad.yaml}", "1:20: bad.yaml includes itself, by way of bad.yaml"),
        ("publish: {channel: pfdm, message: A}", "1:20: no channel 'pfdm': the spec has global, pdfm"),
        ("publish: {channel: health, message: pong}", "1:10: Pong is not as the spec wants it"),
        (
            "publish: {channel: pdfm, message: VM_REMOVED, body: {}, generate: true}",
            "1:66: give either body",
        ),
        (
            'note: "${nobody}"',
            "1:10: ${nobody} stands for nothing here: there is client_id, counter, index,",
        ),
        ('note: "${a b}"', "1:10: ${a b} is no name: write ${name}, ${name.key} or ${now+60}"),
        ('note: "${item}"', "1:10: ${item} stands for nothing here"),
        ("note: {}", "1:10: note must be a text, not empty, not {}"),
        ("[]", "1:10: a step must be a mapping, not []"),
    ],
)
def test_one_step_that_is_wrong(tmp_path: Path, step: str, says: str) -> None:
    text = f"steps: [{{{step}}}]" if step != "[]" else "steps:  [[]]"
    (complaint,) = complaints(tmp_path, text)
    assert complaint.startswith(f"bad.yaml:{says}")


def test_what_depends_on_a_loop_is_checked_for_each_item(tmp_path: Path) -> None:
    text = """\
steps:
  - repeat:
      for_each: [running, flying, stopped]
      as: state
      steps:
        - publish:
            channel: pdfm
            message: VM_STATE_CHANGED
            body: {vm_id: "vm-${index}", previous_state: starting, current_state: "${state}"}
  - note: "${state}"
"""
    first, second = complaints(tmp_path, text)
    assert first.startswith("bad.yaml:9:68: VmStateChanged is not as the spec wants it: body.current_state: ")
    assert '"flying"' in first
    assert second.startswith("bad.yaml:10:5: ${state} stands for nothing here")


def test_each_thing_that_is_wrong_in_an_event_is_said_where_it_stands(tmp_path: Path) -> None:
    text = """\
steps:
  - publish:
      channel: pdfm
      message: VM_SNAPSHOTS_UPDATED
      body:
        vm_id: 3
        snapshots:
          - {name: one, date: "2026-01-01", state: poweron, current: true, parent: ""}
          - name: two
            date: "2026-01-01"
            state: poweron
            current: perhaps
            parent: ""
"""
    wrong = "VmSnapshotsUpdated is not as the spec wants it"
    assert complaints(tmp_path, text) == [
        f'bad.yaml:6:9: {wrong}: body.vm_id: 3 is not of type "string"',
        f'bad.yaml:12:13: {wrong}: body.snapshots[1].current: "perhaps" is not of type "boolean"',
    ]


def test_what_is_wrong_in_an_included_file_is_said_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.yaml").write_text(
        "variables: {vm: vm-1}\n"
        "steps:\n"
        "  - publish: {channel: pdfm, message: VM_REMOVED, body: {vm_id: '${vm}'}}\n"
    )
    (tmp_path / "parts" / "two.yaml").write_text("steps: [{include: {scenario: ../bad.yaml}}]")
    text = """\
steps:
  - include: {scenario: parts/one.yaml, variables: {vm: 5}}
  - include: {scenario: parts/one.yaml, variables: {wm: vm-2}}
  - include: {scenario: parts/two.yaml}
"""
    assert complaints(tmp_path, text) == [
        "bad.yaml:3:15: parts/one.yaml has no variable 'wm': there is vm",
        'parts/one.yaml:3:58: VmRemoved is not as the spec wants it: body.vm_id: 5 is not of type "string"',
        "parts/two.yaml:1:20: parts/../bad.yaml includes itself, by way of bad.yaml and two.yaml",
    ]


def test_variables_from_outside_are_checked_as_well(tmp_path: Path) -> None:
    text = "variables: {pace: 1}\nsteps: [{delay: '${pace}'}]"
    (tmp_path / "good.yaml").write_text(text)
    assert load_scenario("good.yaml", folder=tmp_path, variables={"pace": 2}).variables == {"pace": 2}
    (complaint,) = complaints(tmp_path, text, variables={"pase": 2})
    assert complaint == "bad.yaml:1:1: bad.yaml has no variable 'pase': there is pace"
    (complaint,) = complaints(tmp_path, text, variables={"pace": "soon"})
    assert complaint == 'bad.yaml:2:10: delay must be a number, at least 0, at most 86400, not "soon"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1:1: the file is empty: it must be a scenario"),
        ("steps", '1:1: the scenario must be a mapping, not "steps"'),
        ("{}", "1:1: the scenario lacks 'steps': steps must be there"),
        ("steps: {", "2:1: this is no YAML: "),
        ("steps: \x00", "1:1: this is no YAML: "),
        ("a: 1\na: 2\nsteps: []", "2:1: the key 'a' stands here twice"),
        ("1: 2", "1:1: a key must be a text: put it in quotes"),
        ("? [a]\n: 2", "1:3: a key must be a text: put it in quotes"),
        ("steps: &a [*a]", "1:8: this is no YAML: an alias stands inside its own anchor"),
        ("steps: !!python/name:os.system", "1:8: this is no value of the type python/name:os.system: "),
        ("seed: !!int x\nsteps: []", "1:7: this is no value of the type int"),
        ("seed: 1e999\nsteps: []", "1:7: this is no value of the type float"),
        ("a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{b}: &{b} [{','.join(9 * [f'*{a}'])}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
        ), "1:"),
        ("steps: " + "[" * 5000 + "]" * 5000, "1:1: it is nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_scenario_at_all(tmp_path: Path, text: str, says: str) -> None:
    complaint, *_ = complaints(tmp_path, text)
    assert complaint.startswith(f"bad.yaml:{says}")


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nowhere.yaml:1:1: cannot read .*nowhere.yaml: No such file"):
        load_scenario(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ScenarioError, match="it is not UTF-8"):
        load_scenario(tmp_path / "bytes.yaml")


def test_dates_and_words_of_yaml_1_1_are_texts(tmp_path: Path) -> None:
    text = "variables: {a: 2026-01-01, b: on, c: no, d: 12:30, e: 0x1F, f: ~}\nsteps: [{delay: 1}]"
    (tmp_path / "good.yaml").write_text(text)
    wanted = {"a": "2026-01-01", "b": "on", "c": "no", "d": "12:30", "e": "0x1F", "f": None}
    assert load_scenario("good.yaml", folder=tmp_path).variables == wanted
