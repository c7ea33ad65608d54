"""The options of ``serve`` about sources, and the commands about scenarios, as their users see them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eventshub_mockserver.cli import app
from eventshub_mockserver.sources.recording import read_recording
from eventshub_mockserver.sources.scenario import library

REMOVED = "publish: {channel: pdfm, message: VM_REMOVED, body: {vm_id: 'vm-${counter}'}}"
Run = Callable[..., Result]


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs the command in this process; it takes over the root logger, which is given back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    runner = CliRunner(env={"COLUMNS": "200", "EVENTS_HUB_TOKEN": "s3cret"})
    yield lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])
    root.handlers[:], root.level = handlers, level


def serve(run: Run, *arguments: object) -> Result:
    return run("serve", "--port", "0", *arguments)


def frames(path: Path) -> list[dict[str, Any]]:
    return [event.frame for event in read_recording(path)]


def test_a_scenario_is_recorded_and_replayed_until_done(run: Run, tmp_path: Path) -> None:
    scenario = tmp_path / "three.yaml"
    scenario.write_text(
        f"variables: {{n: 3}}\nsteps: [{{repeat: {{times: '${{n}}', steps: [{{{REMOVED}}}]}}}}]"
    )
    first, again, second, third = (
        tmp_path / f"{name}.jsonl" for name in ("first", "again", "second", "third")
    )
    for path in (first, again):
        seeded = ("--until-done", "--record", path, "--seed", 5, "--seed-ids")
        result = serve(run, "--scenario", f"{scenario}:n=4", *seeded)
        assert (result.exit_code, "Error" in result.stderr) == (0, False)
    assert [frame["body"].get("vm_id") for frame in frames(first)[:-1]] == ["vm-1", "vm-2", "vm-3", "vm-4"]
    assert frames(first)[-1]["message"] == "SHUTDOWN"
    assert [frame["id"] for frame in frames(first)] == [frame["id"] for frame in frames(again)]
    assert serve(run, "--replay", first, "--speed", "max", "--until-done", "--record", second).exit_code == 0
    assert [frame["message"] for frame in frames(second)] == [frame["message"] for frame in frames(first)]
    options = ("--speed", "1000", "--verbatim", "--until-done", "--record", third)
    assert serve(run, "--replay", first, *options).exit_code == 0
    assert frames(third)[:-1] == frames(first)[:-1]


def test_a_failure_is_exit_code_5(run: Run, tmp_path: Path) -> None:
    scenario = tmp_path / "vain.yaml"
    scenario.write_text("steps: [{expect: {connections: 1, within: 0.01}}]")
    result = serve(run, "--scenario", scenario, "--until-done")
    assert result.exit_code == 5
    assert f"{scenario}:1:10: expected 1 connection or more: it did not come in 0.01 s" in result.stderr
    assert result.stderr.splitlines()[-1] == "Error: scenarios or the replay failed, see the log: 1"


def test_wrong_options_are_explained_with_exit_code_2(run: Run, tmp_path: Path) -> None:
    recording = tmp_path / "a.jsonl"
    recording.write_text("")
    (tmp_path / "bad.yaml").write_text("steps: [{delay: soon}, {wait: 1}]")
    for arguments, says in (
        (
            ("--scenario", "nothing"),
            "there is no scenario 'nothing': name a file ending in .yaml, or one of cred",
        ),
        (("--scenario", "host-dies:minutes"), "'minutes' is not VARIABLE=VALUE"),
        (
            ("--scenario", "host-dies:hours=1"),
            "host-dies.yaml has no variable 'hours': there is host, minutes, vms",
        ),
        (("--scenario", "host-dies:minutes=long"), "times must be a whole number, at least 1"),
        (("--scenario", tmp_path / "bad.yaml"), "bad.yaml:1:10: delay must be"),
        (
            ("--scenario", tmp_path / "bad.yaml"),
            "bad.yaml:1:25: there is no 'wait' in a step (did you mean wait_for",
        ),
        (("--replay", tmp_path / "no.jsonl"), "cannot read"),
        (("--replay", tmp_path / "bad.yaml"), "bad.yaml:1: this is no line of a recording"),
        (("--replay", recording, "--speed", "fast"), "'fast' is neither a number above 0 nor max"),
        (("--replay", recording, "--speed", "0"), "'0' is neither a number above 0 nor max"),
        (("--replay", recording, "--record", recording, "--overwrite"), "is the file that is to be replayed"),
        (("--record", tmp_path, "--overwrite"), "cannot write"),
        (("--record", tmp_path / "none" / "a.jsonl"), "cannot write"),
        (("--record", tmp_path / "bad.yaml"), "exists already: choose another, or add --overwrite"),
        (("--until-done", "--simulate"), "it needs a --scenario or a --replay"),
        (("--simulate", "--hosts", "0"), "at least one host"),
        (("--examples", "--rate", "0"), "must be above 0"),
    ):
        result = serve(run, *arguments)
        assert result.exit_code == 2, arguments
        assert says in result.stderr
        assert "Traceback" not in result.output
        assert "s3cret" not in result.output


def test_the_library_is_listed(run: Run) -> None:
    result = run("scenarios")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == library()
    assert all(line.endswith(".") for line in result.stdout.splitlines())


def test_scenarios_are_checked(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("steps: [{delay: 1}]")
    bad.write_text("steps: [{delay: soon}]")
    result = run("scenario", "check", good)
    assert (result.exit_code, result.stdout) == (0, "1 checked: nothing is wrong\n")
    result = run("scenario", "check", good, bad, tmp_path / "none.yaml")
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{bad}:1:10: delay must be a number")
    assert second.startswith(f"{tmp_path}/none.yaml:1:1: cannot read")
    assert run("scenario", "check").exit_code == 2


def test_help_has_examples_and_exit_codes(run: Run) -> None:
    for command in (["serve"], ["scenario", "check"], ["scenarios"]):
        assert "eventshub-mockserver " in run(*command, "--help").stdout.split("Example", 1)[1]
    assert "5  a scenario or a replay failed" in run("serve", "--help").stdout
    assert "1  something is wrong" in run("scenario", "check", "--help").stdout


def test_examples_and_a_fleet_may_run_beside_a_scenario(run: Run, tmp_path: Path) -> None:
    scenario, path = tmp_path / "short.yaml", tmp_path / "all.jsonl"
    scenario.write_text(f"steps: [{{delay: 0.05}}, {{{REMOVED}}}]")
    result = serve(
        run,
        "--scenario",
        scenario,
        "--examples",
        "--simulate",
        "--rate",
        "200",
        "--record",
        path,
        "--until-done",
    )
    assert result.exit_code == 0
    told = {(frame["event_type"], frame["message"]) for frame in frames(path)}
    assert {
        ("orchestrator", "HOST_ADDED"),
        ("global", "MAINTENANCE_SCHEDULED"),
        ("pdfm", "VM_REMOVED"),
    } <= told
    assert all(json.loads(line)["elapsed"] >= 0 for line in path.read_text().splitlines())
