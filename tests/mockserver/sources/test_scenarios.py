"""What the steps of a scenario do, and what becomes of expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.mockserver.core_harness import Peer
from tests.mockserver.sources.stage_harness import StagedHub

from eventshub_mockserver.core.clock import rfc3339
from eventshub_mockserver.core.connection import Connection
from eventshub_mockserver.core.journal import Kind
from eventshub_mockserver.sources.runner import RunningSource
from eventshub_mockserver.sources.scenario import load_scenario, read_scenario

PING = {"event_type": "health", "message": "ping", "id": "p-1"}
EVERYTHING = "pdfm,system,orchestrator,health"


class Theatre(StagedHub):
    """A core on which scenarios are performed, written down right in the test."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self._folder = folder

    def perform(
        self, text: str, seconds: float = 0.0, *, start: bool = True, **options: Any
    ) -> RunningSource:
        (self._folder / "play.yaml").write_text(text, encoding="utf-8")
        scenario = load_scenario("play.yaml", folder=self._folder, **options)
        return self.run(scenario, seconds) if start else self.sources.start(scenario)

    def join(self, channels: str = EVERYTHING, name: str = "alice") -> Peer:
        """A client connects, and the journal knows."""
        peer = self.connect(channels, name=name)
        self._note(Kind.HANDSHAKE, peer.connection, status=101)
        return peer

    def leave(self, peer: Peer) -> None:
        self._note(Kind.CLOSED, peer.connection, status=1006)
        self.hub.disconnect(peer.connection)

    def refuse(self, status: int) -> None:
        self._note(Kind.HANDSHAKE, None, status=status)

    def _note(self, kind: Kind, connection: Connection | None, **facts: Any) -> None:
        assert self.hub.recorder is not None
        self.hub.recorder.note(kind, connection, **facts)

    @property
    def notes(self) -> list[str]:
        assert self.hub.recorder is not None
        return [entry.detail for entry in self.hub.recorder.journal().select(Kind.SCENARIO)]


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    return Theatre(tmp_path)


def is_over(running: RunningSource) -> bool:
    """A call, because type checkers take an attribute for unchanged."""
    return running.is_done


def texts(peer: Peer) -> list[str]:
    return [event["body"]["text"] for event in peer.reads()]


def announce(text: str) -> str:
    return f"publish: {{channel: global, message: ANNOUNCEMENT, body: {{severity: info, text: '{text}'}}}}"


def test_steps_come_in_order_and_delays_are_kept(theatre: Theatre) -> None:
    peer = theatre.connect()
    running = theatre.perform(f"steps: [{{{announce('one')}}}, {{delay: 2.5}}, {{{announce('two')}}}]")
    assert texts(peer) == ["one"]
    theatre.clock.advance(2.4)
    assert texts(peer) == []
    theatre.clock.advance(0.2)
    assert texts(peer) == ["two"]
    assert is_over(running)
    assert theatre.notes == ["play: begins", "play: ends"]


def test_templates(theatre: Theatre) -> None:
    peer = theatre.connect()
    text = """\
variables:
  vm: {id: vm-1, cpus: [1, 2]}
  name: "the ${vm.id}"
  seconds: 1
steps:
  - wait_for: {connections: 1}
  - delay: "${seconds}"
  - publish:
      channel: pdfm
      message: VM_ADDED
      to: "${client_id}"
      body:
        vm_id: "${vm.id}"
        new_vm: {Name: "${name}", cpus: "${vm.cpus}", on: true, text: "$${vm} is ${vm.cpus}"}
  - repeat:
      times: 2
      steps:
        - publish:
            channel: pdfm
            message: VM_UPTIME_CHANGED
            to: "${client_id}"
            body: {vm_id: "${index} ${counter} ${counter}", uptime: "${now+60}", id: "${uuid}"}
"""
    theatre.perform(text, 2)
    added, first, second = peer.reads()
    assert added["body"] == {
        "vm_id": "vm-1",
        "new_vm": {"Name": "the vm-1", "cpus": [1, 2], "on": True, "text": "${vm} is [1, 2]"},
    }
    assert (first["body"]["vm_id"], second["body"]["vm_id"]) == ("1 1 2", "2 3 4")
    assert first["body"]["uptime"] == rfc3339(theatre.clock.time() - 1 + 60)
    assert first["body"]["id"] != second["body"]["id"]


def test_loops_and_choices_follow_the_seed(theatre: Theatre) -> None:
    peer = theatre.connect()
    branches = ", ".join(f"{{weight: {n}, steps: [{{{announce(f'{n}${{item}}')}}}]}}" for n in (1, 2, 3))
    text = (
        f"seed: 5\nsteps: [{{repeat: {{for_each: [a, b, c, d, e, f], steps: [{{choose: [{branches}]}}]}}}}]"
    )
    runs: list[list[str]] = []
    for seed in (None, None, 5, 6):
        theatre.perform(text, seed=seed)
        runs.append(texts(peer))
    assert runs[0] == runs[1] == runs[2] != runs[3]
    assert [told[1:] for told in runs[0]] == ["a", "b", "c", "d", "e", "f"]
    assert {told[0] for run in runs for told in run} == {"1", "2", "3"}


def test_includes_know_their_own_variables_alone(theatre: Theatre, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        f"variables: {{a: own, b: 'from ${{a}}'}}\nsteps: [{{{announce('${a}/${b}')}}}]"
    )
    peer = theatre.connect()
    theatre.perform(
        "variables: {x: outer}\n"
        "steps:\n"
        "  - include: {scenario: part.yaml}\n"
        "  - include: {scenario: part.yaml, variables: {a: '${x}'}}\n"
        f"  - {announce('${x}')}\n"
    )
    assert texts(peer) == ["own/from own", "outer/from outer", "outer"]


def test_generated_bodies_and_unchecked_events(theatre: Theatre) -> None:
    peer = theatre.connect()
    theatre.perform("steps: [{publish: {channel: global, message: ANNOUNCEMENT, generate: true}}]")
    (event,) = peer.reads()
    assert event["body"]["severity"] in ("info", "warning", "critical")
    theatre.perform("steps: [{publish: {channel: gossip, message: HEARD, unchecked: true}}]")
    assert b"gossip" in peer.connection.outbox.take(1000)


def test_a_storm_lets_the_hub_write_meanwhile(theatre: Theatre) -> None:
    peer = theatre.connect()
    text = f"steps: [{{repeat: {{times: 1000, steps: [{{{announce('x')}}}]}}}}]"
    depths: list[int] = []
    theatre.hub.broadcast_listeners.append(lambda _: depths.append(peer.connection.outbox.depth))

    running = theatre.perform(text, start=False)

    def write() -> None:
        peer.reads()
        if not running.is_done:
            theatre.clock.call_later(0.0, write)

    write()
    theatre.clock.advance(0)
    assert is_over(running)
    assert len(depths) == 1000
    assert max(depths) < 200


def test_waiting_for_a_subscription_and_for_a_command(theatre: Theatre) -> None:
    text = f"""\
steps:
  - wait_for: {{subscription: [health, pdfm]}}
  - {announce("subscribed")}
  - wait_for: {{command: {{channel: health, message: ping}}, within: 30}}
  - {announce("pinged by ${principal}")}
  - expect: {{command: {{channel: health, message: ping}}, within: 10}}
"""
    running = theatre.perform(text, 1000)
    other = theatre.join("health")
    theatre.clock.advance(1000)
    assert texts(other) == []
    peer = theatre.join("health,pdfm", name="bob")
    theatre.clock.advance(1)
    assert texts(peer) == ["subscribed"]
    peer.says(PING)
    theatre.clock.advance(9)
    assert texts(peer) == ["pinged by bob"]
    assert not is_over(running)
    theatre.clock.advance(2)
    assert is_over(running)
    # One ping meets one expectation: for the second there was none.
    assert theatre.reasons == ["expected the command health/ping from a client: it did not come in 10 s"]
    assert theatre.stage.failures[0].place.endswith("play.yaml:6:5")


def test_what_is_waited_for_in_vain_ends_the_scenario_and_what_is_expected_does_not(theatre: Theatre) -> None:
    peer = theatre.connect()
    theatre.perform(f"steps: [{{expect: {{disconnect: true, within: 1}}}}, {{{announce('on')}}}]", 1)
    assert texts(peer) == ["on"]
    theatre.perform(f"steps: [{{wait_for: {{disconnect: true, within: 1}}}}, {{{announce('on')}}}]", 1)
    assert texts(peer) == []
    assert theatre.reasons == ["expected a connection to end: it did not come in 1 s"] * 2
    assert theatre.notes[-1] == "play: stopped"


def test_a_command_during_a_delay_counts(theatre: Theatre) -> None:
    peer = theatre.join("health")
    text = "steps: [{delay: 5}, {expect: {command: {channel: health, message: ping}, within: 0}}]"
    theatre.perform(text, 1)
    peer.says(PING)
    theatre.clock.advance(10)
    assert theatre.reasons == []


def test_reconnecting_in_time(theatre: Theatre) -> None:
    text = "steps: [{wait_for: {connections: 1}}, {expect: {reconnect: {min_delay: 1}, within: 20}}]"
    peer = theatre.join()
    running = theatre.perform(text, 1)
    theatre.leave(peer)
    theatre.clock.advance(5)
    theatre.refuse(503)
    theatre.clock.advance(1)
    theatre.join(name="mallory")
    theatre.clock.advance(1)
    assert not is_over(running)
    theatre.join()
    theatre.clock.advance(1)
    assert is_over(running)
    assert theatre.reasons == []


def test_reconnecting_too_early_or_never(theatre: Theatre) -> None:
    text = "steps: [{wait_for: {connections: 1}}, {expect: {reconnect: {min_delay: 1}, within: 20}}]"
    peer = theatre.join()
    theatre.perform(text, 1)
    theatre.leave(peer)
    theatre.clock.advance(0.5)
    peer = theatre.join()
    theatre.clock.advance(1)
    theatre.perform(text, 1)
    theatre.leave(peer)
    theatre.clock.advance(30)
    expected = "expected a connection to end and to be made again, not before 1 s"
    assert theatre.reasons == [
        f"{expected}: an attempt came after 0.500 s, before 1 s had passed",
        f"{expected}: it did not come in 20 s",
    ]


def test_what_must_not_come(theatre: Theatre) -> None:
    text = "steps: [{expect_none: {handshake: {status: 401}, during: 5}}]"
    theatre.refuse(401)
    theatre.perform(text, 6)
    assert theatre.reasons == []
    running = theatre.perform(text, 1)
    theatre.refuse(401)
    theatre.clock.advance(3)
    assert not is_over(running)
    theatre.clock.advance(2)
    assert is_over(running)
    assert theatre.reasons == ["expected not to see a handshake answered with 401 for 5 s, but it came"]


def test_unsubscribing(theatre: Theatre) -> None:
    running = theatre.perform("steps: [{wait_for: {unsubscribe: [health, pdfm]}}]")
    peer = theatre.join("pdfm,health,system")
    theatre.hub.unsubscribe(peer.connection, ["system"])
    theatre.clock.advance(1)
    assert not is_over(running)
    theatre.hub.unsubscribe(peer.connection, ["pdfm", "health"])
    theatre.clock.advance(1)
    assert is_over(running)


def test_closing_one_or_all(theatre: Theatre) -> None:
    first, second = theatre.join(), theatre.join()
    theatre.perform(
        "steps: [{wait_for: {subscription: [pdfm]}}, {close: {code: 4000, reason: go, to: '${client_id}'}}]"
    )
    assert first.ending() is None
    ending = second.ending()
    assert ending is not None
    assert (ending.code, ending.reason, ending.is_abrupt) == (4000, "go", False)
    theatre.perform("steps: [{close: {abrupt: true}}]")
    ending = first.ending()
    assert ending is not None
    assert (ending.code, ending.is_abrupt) == (1001, True)


def test_a_long_repeat_lets_the_hub_live_meanwhile(theatre: Theatre) -> None:
    scenario = read_scenario("steps: [{repeat: {times: 1000, steps: [{note: again}]}}]")
    assert list(scenario.perform(theatre.stage)).count(0.0) >= 10


def test_revoking_and_restoring(theatre: Theatre) -> None:
    peer = theatre.join()
    theatre.perform(
        "steps: [{wait_for: {connections: 1}}, {revoke: '${principal}'}, {restore: alice}, {restore: bob}]"
    )
    ending = peer.ending()
    assert ending is not None
    assert ending.code == 1008
    assert theatre.reasons == ["the hub was configured with no credential of the name 'bob'"]
    theatre.perform("steps: [{revoke: bob}]")
    assert theatre.reasons[1:] == ["the hub has no credential of the name 'bob'"]


def test_faults_hold_until_they_are_cleared_or_the_scenario_ends(theatre: Theatre) -> None:
    fault = "fault: {fault: refuse, step: handshake, status: 429}"
    theatre.stage.faults.add("drop-pong")
    theatre.perform(
        f"steps: [{{{fault}}}, {{delay: 1}}, {{clear_faults: true}}, {{delay: 1}}, {{{fault}}}, {{delay: 1}}]"
    )
    seen: list[list[str]] = []
    for _ in range(4):
        seen.append([active.rule.fault for active in theatre.stage.faults.active()])
        theatre.clock.advance(1)
    mine, ours = ["drop-pong"], ["drop-pong", "refuse"]
    assert seen == [ours, mine, ours, mine]
    running = theatre.perform(f"steps: [{{{fault}}}, {{delay: 10}}]", 1)
    running.stop()
    assert [active.rule.fault for active in theatre.stage.faults.active()] == mine


def test_a_fleet_for_a_while(theatre: Theatre) -> None:
    peer = theatre.join()
    running = theatre.perform("steps: [{simulate: {seconds: 30, hosts: 1, vms_per_host: 1, rate: 2}}]", 29)
    assert peer.reads()[0]["message"] == "HOST_ADDED"
    assert not is_over(running)
    theatre.clock.advance(1)
    assert is_over(running)
    peer.reads()
    theatre.clock.advance(100)
    assert peer.reads() == []


def test_what_cannot_be_done_any_more_is_a_failure_with_its_place(theatre: Theatre) -> None:
    theatre.perform("steps: [{publish: {channel: global, message: SHUTDOWN, body: {}, to: '${client_id}'}}]")
    (failure,) = theatre.stage.failures
    assert failure.reason.startswith("${client_id} stands for nothing here")
    assert failure.place.endswith("play.yaml:1:10")
    gone = theatre.join()
    publish = "publish: {channel: global, message: SHUTDOWN, to: '${client_id}', body: {}}"
    text = f"steps: [{{wait_for: {{connections: 1}}}}, {{delay: 1}}, {{{publish}}}]"
    theatre.perform(text)
    theatre.leave(gone)
    theatre.clock.advance(2)
    assert theatre.reasons[-1].startswith("no connection has the client ID")
    assert theatre.notes[-1] == "play: stopped"
    gone = theatre.join()
    theatre.perform("steps: [{wait_for: {connections: 1}}, {delay: 1}, {close: {to: '${client_id}'}}]")
    theatre.leave(gone)
    theatre.clock.advance(2)
    assert theatre.reasons[-1].startswith("no connection has the client ID")


def test_a_scenario_of_the_library_can_be_included(theatre: Theatre) -> None:
    peer = theatre.join()
    theatre.perform("steps: [{include: {scenario: vm-flapping, variables: {times: 1, vm: vm-9}}}]", 10)
    assert peer.reads()[0]["body"]["vm_id"] == "vm-9"
    assert theatre.reasons == []
