"""Messages with open objects are what they would be if every key were decoded at once."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType, field
from tests.sdk import frames

from eventshub import HostVmAdded, MessageDecodeError, VmAdded
from eventshub._core.codec import Codec, decoder
from eventshub._core.message import Message, OpenObject
from eventshub._core.one_pass import one_pass_decoder
from eventshub._core.protocol import StreamProtocol
from eventshub._generated.protocol import PROTOCOL

CODEC = Codec(PROTOCOL)
VALID = Path(__file__).parents[3] / "spec" / "examples" / "valid"
OPEN = {
    name: kind
    for (channel, name), kind in PROTOCOL.messages.items()
    if one_pass_decoder(kind, {"channel": channel, "message": name}) is not None
}
VM = {"ID": "vm-1", "Name": "box", "State": "running", "Home path": "/vms/box", "Hardware": {"cpus": [4]}}


class LampKnown(msgspec.Struct, frozen=True, kw_only=True):
    watts: int
    since: datetime | UnsetType = UNSET


class Lamp(OpenObject[LampKnown]):
    __slots__ = ()
    Known = LampKnown


class Room(msgspec.Struct, frozen=True, kw_only=True):
    lamp: Lamp | UnsetType | None = field(default=UNSET, name="the lamp")
    spare: tuple[Lamp, ...] | UnsetType = UNSET
    tags: list[str] = field(default_factory=list[str])
    inner: Room | UnsetType = UNSET


class Furnished(Message, frozen=True, kw_only=True):
    kind: str = "furnished"
    room: Room | None
    lamp: Lamp


class Header(Message, frozen=True, kw_only=True):
    kind: str


ROOMS = StreamProtocol(
    address="/",
    channels=(),
    always_subscribed=(),
    header=Header,
    discriminators=("kind",),
    messages={("furnished",): Furnished},
    welcome=None,
    errors=(),
)


def vm_added(vm: bytes) -> bytes:
    return frames.event("pdfm", "VM_ADDED", {"vm_id": "vm-1", "new_vm": "HERE"}).replace(b'"HERE"', vm)


def added(vm: bytes) -> VmAdded:
    message = CODEC.decode(vm_added(vm))
    assert isinstance(message, VmAdded)
    return message


def test_it_is_done_for_all_messages_with_open_objects() -> None:
    assert {kind.__name__ for kind in OPEN.values()} == {
        *("VmAdded", "VmUpdated", "HostVmAdded", "HostVmUpdated"),
        *("HostCatalogCacheEvent", "HostReverseProxyUpdated"),
    }


@pytest.mark.parametrize("kind", OPEN.values(), ids=lambda kind: kind.__name__)
def test_the_message_is_that_of_the_usual_decoder(kind: type[Message]) -> None:
    examples = sorted((VALID / kind.__name__).glob("*.json"))
    assert examples
    for example in examples:
        frame = example.read_bytes()
        quick, usual = CODEC.decode(frame), decoder(kind).decode(frame)
        assert type(quick) is type(usual) is kind
        assert hash(CODEC.decode(frame)) == hash(usual)
        assert repr(quick) == repr(usual)
        assert quick == usual
        assert CODEC.encode(quick) == CODEC.encode(usual)


@pytest.mark.parametrize(
    "room",
    [
        {"the lamp": {"watts": 40, "colour": "warm"}, "tags": ["a"]},
        {"the lamp": None},
        {},
        None,
        {"spare": [{"watts": 7, "worn": True}]},
        {"inner": {"inner": {"the lamp": {"watts": 5, "far": 1}}}},
    ],
)
def test_open_objects_may_stand_anywhere(room: dict[str, Any] | None) -> None:
    payload = {"kind": "furnished", "room": room, "lamp": {"watts": 60, "watts ": [1]}}
    frame = json.dumps(payload).encode()
    quick = Codec(ROOMS).decode(frame)
    assert isinstance(quick, Furnished)
    assert quick == decoder(Furnished).decode(frame)
    assert (quick.lamp.known.watts, quick.lamp["watts "]) == (60, [1])
    assert (quick.room and quick.room.tags) == (None if room is None else room.get("tags", []))
    assert CODEC.encode(quick) == CODEC.encode(decoder(Furnished).decode(frame))


@pytest.mark.parametrize(
    ("lamp", "path"),
    [({"watts": "many"}, "$.room['the lamp'].watts"), ([], "$.room['the lamp']"), ({}, "$.room['the lamp']")],
)
def test_what_is_wrong_with_listed_keys_is_said_at_once(lamp: object, path: str) -> None:
    frame = json.dumps({"kind": "furnished", "room": {"the lamp": lamp}, "lamp": {"watts": 1}}).encode()
    with pytest.raises(MessageDecodeError) as caught:
        Codec(ROOMS).decode(frame)
    assert re.sub(r"\.the lamp", "['the lamp']", caught.value.path) == path


@pytest.mark.parametrize(
    "extra",
    [
        rb'"\q"',
        rb'"\ud800"',
        b"NaN",
        b"Infinity",
        b"01",
        b"1.",
        b'"\x01"',
        b"[" * 9999 + b"]" * 9999,
        b"{",
        b'"\xff"',
    ],
    ids=lambda extra: repr(extra[:9]),
)
def test_what_is_no_json_in_other_keys_is_said_at_once(extra: bytes) -> None:
    with pytest.raises(MessageDecodeError):
        added(b'{"ID": "vm-1", "Other": ' + extra + b"}")


def test_of_a_key_given_twice_the_last_counts() -> None:
    vm = added(b'{"ID": "vm-1", "x": 1, "ID": "vm-2", "x": 2}').body.new_vm
    assert (vm.known.id, vm["ID"], vm["x"]) == ("vm-2", "vm-2", 2)


@pytest.mark.parametrize(
    ("written", "read"),
    [(b"1e400", math.inf), (b"-1e400", -math.inf), (b"9" * 5000, math.inf), (b"9" * 40, int("9" * 40))],
    ids=["exponent", "negative", "digits", "large"],
)
def test_numbers_of_any_size_are_read(written: bytes, read: float) -> None:
    message = added(b'{"ID": "vm-1", "Bytes": ' + written + b"}")
    assert message.body.new_vm["Bytes"] == read
    assert message.payload["body"]["new_vm"]["Bytes"] == read


@pytest.mark.parametrize("looked_at_before", [False, True])
def test_it_can_be_pickled_and_copied(looked_at_before: bool) -> None:
    frame = json.dumps({"vm_id": "vm-1", "new_vm": VM}).encode()
    vm = added(json.dumps(VM).encode()).body.new_vm
    if looked_at_before:
        assert dict(vm) == VM
    for again in (pickle.loads(pickle.dumps(vm)), copy.copy(vm), copy.deepcopy(vm)):
        assert type(again) is type(vm)
        assert again == vm == VM
        assert again.known == vm.known
    assert len(pickle.dumps(vm)) < len(frame) + 300


def test_a_path_through_several_objects() -> None:
    message = CODEC.decode(
        frames.event("orchestrator", "HOST_VM_ADDED", {"host_id": "h", "event": {"vm_id": "v", "new_vm": VM}})
    )
    assert isinstance(message, HostVmAdded)
    assert dict(message.body.event.new_vm) == VM
    assert message.body.event.new_vm.known.name == "box"
