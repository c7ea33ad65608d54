"""``eventshub record``: the format that the README describes."""

from __future__ import annotations

import io
import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.sdk import frames
from tests.sdk.cli.conftest import RunCommand, StartCommand, scripted_hub_in_thread
from tests.sdk.scripted_hub import Peer

import eventshub
from eventshub import Dropped, InvalidEvent, MessageDecodeError, Welcome
from eventshub.cli.exit_codes import CliError
from eventshub.cli.recording import Recording
from eventshub_mockserver import HubForTests

# What the command leaves unread in its last moments is its own affair, not what these tests judge.
pytestmark = pytest.mark.events_hub(strict=False)

README = (Path(eventshub.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Recordings")[2].partition("\n## ")[0]
ODD_FRAME = (
    b'{ "message":"VM_TELEPORTED",\r\n\t"event_type" : "pdfm", "id": "e-1", "big": 12345678901234567890123,'
    b' "float": 1.50e+1, "escaped": "\\u00e9\\/\\u202e", "raw": "\xc3\xa9\xe2\x80\xa8" }'
)


def lines_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_bytes()
    assert text.endswith(b"\n")
    return [json.loads(line) for line in text[:-1].split(b"\n")]


def test_frames_are_kept_byte_for_byte_and_gaps_are_lines(
    cli: RunCommand, environment: HubForTests, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"

    def happen() -> None:
        environment.assert_subscribed({"pdfm"}, timeout=20)
        environment.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        environment.close_connections(1012)
        environment.expect_reconnect(within=5)
        environment.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-\u00e9"})

    began = datetime.now(UTC)
    done = cli("record", str(file), "--channels", "pdfm,tyop", "--count", "2", meanwhile=happen)
    assert done.code == 0
    assert done.err.splitlines()[-1] == f"2 events, 1 gap in {file}"
    first, refused, event, lost, again, _, last = lines_of(file)
    assert (first["notice"], first["channels"]) == ("connected", ["pdfm", "global"])
    assert (refused["notice"], refused["channels"]) == ("channels_refused", ["tyop"])
    assert first["welcome"]["body"]["client_id"] == first["client_id"]
    assert lost["notice"] == "disconnected"
    assert (again["notice"], again["attempts"]) == ("reconnected", 1)
    assert again["client_id"] != first["client_id"]
    sent = [entry.text for entry in environment.journal.sent("pdfm")]
    raw = file.read_text(encoding="utf-8").split("\n")
    assert [line.partition('"frame": ')[2][:-1] for line in (raw[2], raw[6])] == sent
    times = [each["elapsed"] for each in (first, event, lost, again, last)]
    assert times == sorted(times)
    received = datetime.fromisoformat(event["received_at"])
    assert began <= received <= began + timedelta(seconds=30)
    assert event["received_at"].endswith("Z")


def test_odd_frames_survive(cli: RunCommand, tmp_path: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(
            frames.welcome("pdfm"), ODD_FRAME, b"not \x1b JSON", b"[ 1]", b'{"event_type": "pdfm"}'
        )
        await peer.until_closed()

    with scripted_hub_in_thread(script) as url:
        file = tmp_path / "odd.jsonl"
        assert cli("record", str(file), "--channels", "pdfm", "--url", url, "--count", "4").code == 0
        output = cli("record", "-", "--channels", "pdfm", "--url", url, "--count", "4").out
    _, odd, text, array, invalid = lines_of(file)
    assert b'"frame": ' + ODD_FRAME.replace(b"\r\n", b"  ") + b"}\n" in file.read_bytes()
    assert odd["frame"] == json.loads(ODD_FRAME)
    assert text["text"] == "not \x1b JSON"
    assert array["text"] == "[ 1]"
    assert "\x1b" not in file.read_text()
    assert invalid["frame"] == {"event_type": "pdfm"}
    assert [json.loads(line).get("frame") for line in output.rstrip("\n").split("\n")][1] == odd["frame"]


def test_what_exists_is_replaced_only_if_asked(cli: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("precious")
    done = cli("record", str(file), "--since-connect", "0.01")
    assert done.code == 2
    assert "--overwrite" in done.err
    assert file.read_text() == "precious"
    assert cli("record", str(file), "--since-connect", "0.01", "--overwrite").code == 0
    (line,) = lines_of(file)
    assert line["notice"] == "connected"


def test_without_a_connection_there_is_no_file(cli: RunCommand, tmp_path: Path) -> None:
    assert cli("record", str(tmp_path / "events.jsonl"), "--token", "wrong").code == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_storm_tears_no_line(
    number: signal.Signals, start: StartCommand, environment: HubForTests, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    process = start("record", str(file), "--channels", "pdfm", "--json")
    environment.assert_subscribed({"pdfm"}, timeout=20)
    for vm in range(300):
        environment.publish("pdfm", "VM_REMOVED", {"vm_id": f"vm-{vm}"})
        if vm == 150:
            process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    events = lines_of(file)[1:]
    assert [event["frame"]["body"]["vm_id"] for event in events] == [f"vm-{vm}" for vm in range(len(events))]
    assert json.loads(errors.splitlines()[-1]) == {"file": str(file), "events": len(events), "gaps": 0}


class FullDisk(io.BytesIO):
    """Takes some bytes, then none; each write takes at most 10."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: Any, /) -> int:
        taken = bytes(data)[: min(10, self.room)]
        if not taken:
            raise OSError(28, "No space left on device")
        self.room -= len(taken)
        return super().write(taken)


def test_a_line_that_does_not_fit_is_taken_back() -> None:
    disk = FullDisk(room=250)
    recording = Recording(
        cast("Any", disk), "disk", clock=lambda: 3.0, wall_clock=lambda: datetime(2026, 5, 4, tzinfo=UTC)
    )
    welcome = cast("Welcome", None)
    event = InvalidEvent(MessageDecodeError(reason="r", path="$", raw=b'{"a":  2.0}'))
    recording.write(event, welcome)
    recording.write(Dropped(count=2), welcome)
    with pytest.raises(CliError, match="cannot write disk: No space left on device"):
        recording.write(event, welcome)
    stamp = b'{"received_at": "2026-05-04T00:00:00.000000Z", "elapsed": 0.000000, '
    assert disk.getvalue().splitlines() == [
        stamp + b'"frame": {"a":  2.0}}',
        stamp + b'"notice": "dropped", "count": 2, "reconnects": 0}',
    ]


def test_the_readme_shows_lines_of_this_format() -> None:
    lines = SECTION.partition("```json\n")[2].partition("```")[0].splitlines()
    told = [json.loads(line) for line in lines]
    assert all({"received_at", "elapsed"} < set(line) for line in told)
    assert [set(line) & {"frame", "text", "notice"} for line in told] == [
        {"notice"}, {"frame"}, {"text"}, {"notice"},
    ]  # fmt: skip
