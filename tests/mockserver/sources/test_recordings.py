"""Recordings: what is written, and that it comes back out as it went in."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.sources.stage_harness import StagedHub

from eventshub_mockserver import Ids, SimulatedFleet
from eventshub_mockserver.core.limits import Limits
from eventshub_mockserver.sources.recording import EventRecording, RecordingError, read_recording
from eventshub_mockserver.sources.replay import Replay

FULL = Path("/dev/full")
EVERYTHING = "pdfm,system,orchestrator,health"


def recorded(path: Path) -> list[tuple[float, dict[str, Any]]]:
    return [(event.elapsed, event.frame) for event in read_recording(path)]


def record_fleet(path: Path, seconds: float = 60) -> list[tuple[float, dict[str, Any]]]:
    core = StagedHub(ids=Ids(random.Random(1)))
    core.run(EventRecording(path))
    core.run(SimulatedFleet(seed=4), seconds)
    core.sources.stop()
    return recorded(path)


def replayed(
    source: Path, target: Path, seconds: float = 60, **options: Any
) -> list[tuple[float, dict[str, Any]]]:
    core = StagedHub()
    core.run(EventRecording(target))
    core.run(Replay(source, **options), seconds)
    core.sources.stop()
    assert core.reasons == []
    return recorded(target)


def without_stamp(frames: list[tuple[float, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in frame.items() if k not in ("id", "timestamp")} for _, frame in frames]


def test_what_is_written_is_what_everybody_gets(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    core = StagedHub()
    peer, other = core.connect(EVERYTHING), core.connect(EVERYTHING)
    core.run(EventRecording(path), 1.5)
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id=other.id)
    (event,) = peer.reads()
    line = json.loads(path.read_text())
    assert line == {"received_at": event["timestamp"], "elapsed": 1.5, "frame": event}
    core.sources.stop()
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert len(recorded(path)) == 1
    assert core.hub.broadcast_listeners == []


def test_a_replay_has_the_same_events_at_the_same_times_with_new_ids(tmp_path: Path) -> None:
    first = record_fleet(tmp_path / "a.jsonl")
    second = replayed(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert len(first) > 50
    assert without_stamp(second) == without_stamp(first)
    assert [elapsed for elapsed, _ in second] == pytest.approx([elapsed for elapsed, _ in first], abs=2e-6)
    assert {frame["id"] for _, frame in first}.isdisjoint(frame["id"] for _, frame in second)


def test_a_recording_goes_on_when_it_is_started_again_as_after_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    core, recording = StagedHub(), EventRecording(path)
    for _ in range(2):
        core.run(recording, 1.5)
        core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
        core.sources.stop()
    assert [elapsed for elapsed, _ in recorded(path)] == [1.5, 3.0]


def test_a_verbatim_replay_is_the_recording(tmp_path: Path) -> None:
    first = record_fleet(tmp_path / "a.jsonl")
    second = replayed(tmp_path / "a.jsonl", tmp_path / "b.jsonl", verbatim=True)
    assert [frame for _, frame in second] == [frame for _, frame in first]
    texts = [
        [line.split('"frame"')[1] for line in path.read_text().splitlines()] for path in tmp_path.iterdir()
    ]
    assert texts[0] == texts[1]


def test_the_speed_is_a_factor(tmp_path: Path) -> None:
    first = record_fleet(tmp_path / "a.jsonl")
    fast = replayed(tmp_path / "a.jsonl", tmp_path / "b.jsonl", seconds=6.1, speed=10)
    assert [elapsed * 10 for elapsed, _ in fast] == pytest.approx([elapsed for elapsed, _ in first], abs=1e-3)
    at_once = replayed(tmp_path / "a.jsonl", tmp_path / "c.jsonl", seconds=0, speed=math.inf)
    assert without_stamp(at_once) == without_stamp(first)


def test_as_fast_as_possible_waits_for_the_slowest_reader(tmp_path: Path) -> None:
    record_fleet(tmp_path / "a.jsonl", 200)
    core = StagedHub(limits=Limits(queue_size=64))
    peer = core.connect(EVERYTHING)
    running = core.run(Replay(tmp_path / "a.jsonl", speed=math.inf), 0.1)
    got = peer.reads()
    assert 0 < len(got) <= 64
    while not running.is_done:
        core.clock.advance(0.1)
        got += peer.reads()
    wanted = [frame["message"] for _, frame in recorded(tmp_path / "a.jsonl")]
    assert [event["message"] for event in got] == wanted
    assert peer.connection.outbox.evicted == 0


LINES: dict[str, dict[str, Any]] = {
    "notice": {"received_at": "", "elapsed": 0.0, "notice": "connected", "welcome": {}},
    "text": {"received_at": "", "elapsed": 0.1, "text": "no JSON"},
    "answer": {
        "elapsed": 0.2,
        "frame": {"event_type": "health", "message": "pong", "ref_id": "r", "client_id": "c"},
    },
    "targeted": {
        "elapsed": 0.2,
        "frame": {"event_type": "pdfm", "message": "VM_STATE_CHANGED", "client_id": "c", "body": VM},
    },
    "welcome": {
        "elapsed": 0.2,
        "frame": {
            "event_type": "global",
            "message": "hello",
            "body": {"client_id": "c", "subscriptions": []},
        },
    },
    "shutdown": {"elapsed": 0.2, "frame": {"event_type": "global", "message": "SHUTDOWN", "body": {}}},
    "event": {
        "elapsed": 0.3,
        "later": True,
        "frame": {"event_type": "pdfm", "message": "VM_STATE_CHANGED", "body": VM, "further": 1},
    },
}


def test_what_is_not_for_all_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "client.jsonl"
    path.write_text("\n\n".join(json.dumps(line) for line in LINES.values()) + "\n")
    ((_, frame),) = replayed(path, tmp_path / "b.jsonl")
    assert frame["further"] == 1


def test_what_the_spec_does_not_allow_is_reported_by_its_line_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    wrong: dict[str, Any] = {
        "elapsed": 0,
        "frame": {"event_type": "pdfm", "message": "VM_STATE_CHANGED", "body": {}},
    }
    unknown = {"elapsed": 0, "frame": {"event_type": "gossip", "message": "HEARD"}}
    path.write_text("".join(json.dumps(line) + "\n" for line in (wrong, unknown, LINES["event"])))
    core = StagedHub()
    peer = core.connect(EVERYTHING)
    core.run(Replay(path), 1)
    assert len(peer.reads()) == 1
    places = [failure.place for failure in core.stage.failures]
    assert places == [f"{path}:1", f"{path}:2"]
    assert "VmStateChanged is not as the spec wants it: body" in core.reasons[0]
    assert "no channel 'gossip'" in core.reasons[1]


def test_a_file_that_fits_nowhere_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"elapsed": 0, "frame": {"event_type": "gossip", "message": "HEARD"}}\n' * 500)
    core = StagedHub()
    assert core.run(Replay(path), 1).is_done
    assert "too few" in core.reasons[-1]
    assert len(core.reasons) == 101


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"elapsed": 0}\nnonsense\n', ":2: this is no line of a recording"),
        (b'{"frame": {}}\n', ":1: this is no line of a recording: Object missing required field `elapsed`"),
        (b'{"elapsed": 0, "frame": "text"}\n', ":1: this is no line of a recording"),
        (b'{"elapsed": 0, "frame": {"a": "\xff"}}\n', ":1: this is no line of a recording"),
        (b'{"elapsed": 0, "frame": ' + b"[" * 100_000 + b"\n", ":1: this is no line of a recording"),
        (b"x" * 5_000_000, ":1: the line is longer than"),
    ],
)
def test_a_line_that_is_none_ends_the_replay(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"broken\.jsonl:\d+: ") as caught:
        list(read_recording(path))
    assert says in str(caught.value)
    core = StagedHub()
    assert core.run(Replay(path), 1).is_done
    assert says in core.reasons[0]


def test_no_file_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot read .*nothing.jsonl: No such file"):
        list(read_recording(tmp_path / "nothing.jsonl"))


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Replay(Path("a.jsonl"), speed=speed)


@pytest.mark.skipif(not FULL.exists(), reason="there is no device here that is always full")
def test_a_recording_that_cannot_be_written_any_more_ends_and_the_hub_goes_on() -> None:
    core = StagedHub()
    peer = core.connect(EVERYTHING)
    core.run(EventRecording(FULL))
    for _ in range(2):
        core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert len(peer.reads()) == 2
    assert core.reasons == ["the recording cannot be written: No space left on device"]
    core.sources.stop()


def test_a_recording_that_cannot_be_begun_is_reported(tmp_path: Path) -> None:
    core = StagedHub()
    assert core.run(EventRecording(tmp_path)).is_done
    assert core.reasons == ["the recording cannot be written: Is a directory"]
