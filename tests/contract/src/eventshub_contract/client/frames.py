"""Frames that a hub sends, right ones and wrong ones."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from websockets.frames import Opcode

from ..bundle import Bundle, Json, MessageSpec, as_object, is_list

NOT_THE_TEXT: Final = "Guten Tag"
DEFAULT_TEXT: Final = "WebSocket connection established subscribed to global by default"

RawFrame = tuple[Opcode, bytes]


class Frames:
    """Makes frames by the documents; every event has an ID of its own."""

    def __init__(self, bundle: Bundle, seed: int) -> None:
        self._bundle = bundle
        self._numbers = itertools.count(1)
        self._random = random.Random(seed)

    def envelope(self, channel: str, message: str, **more: Json) -> dict[str, Json]:
        """Any event."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        number = next(self._numbers)
        return {
            "id": f"judge-{number:05d}",
            "event_type": channel,
            "timestamp": now,
            "message": message,
            **more,
        }

    def event(self, channel: str | None = None) -> dict[str, Json]:
        """A valid event of the documents, on a channel or on whichever the first message belongs to."""
        spec = next(
            spec
            for spec in self._bundle.events
            if spec.examples and (channel is None or channel in spec.channels)
        )
        return self.renamed(spec.examples[0])

    def renamed(self, example: Mapping[str, Json]) -> dict[str, Json]:
        """An example with an ID and a time of now."""
        fresh = self.envelope("", "")
        return {**copy.deepcopy(dict(example)), "id": fresh["id"], "timestamp": fresh["timestamp"]}

    def welcome(self, client_id: str, subscriptions: list[str], **changes: Json) -> dict[str, Json]:
        """The first frame (protocol CONN-6)."""
        body = {"client_id": client_id, "subscriptions": subscriptions}
        return {**self.envelope("global", DEFAULT_TEXT, client_id=client_id, body=body), **changes}

    def valid(self) -> list[dict[str, Json]]:
        """Every example of what a hub publishes, each with an ID of its own."""
        return [self.renamed(example) for spec in self._bundle.events for example in spec.examples]

    def invalid(self) -> list[RawFrame]:
        """Every counterexample of what a hub sends after its welcome."""
        return [
            (Opcode.TEXT, json.dumps(frame).encode())
            for spec in self._sent_later()
            for frame in spec.counterexamples
        ]

    def generated(self, count: int) -> Iterator[RawFrame]:
        """Frames that are nearly right, or nothing at all; the same ones for the same seed."""
        examples = [example for spec in self._sent_later() for example in spec.examples]
        for _ in range(count):
            damage = self._random.choice(_DAMAGES)
            yield damage(self._random, copy.deepcopy(self._random.choice(examples)))

    def _sent_later(self) -> list[MessageSpec]:
        """What may come after the welcome; a client may rightly act on the announcement of the end."""
        return [
            spec
            for spec in self._bundle.messages
            if spec.direction == "hub-to-client" and spec.role not in {"welcome", "shutdown"}
        ]


def _text(value: str) -> RawFrame:
    return Opcode.TEXT, value.encode()


def _json(value: Json) -> RawFrame:
    return _text(json.dumps(value))


def _slots(value: Json) -> list[tuple[Any, Any]]:
    """Every place in a value that can be changed: its container and its key."""
    members = as_object(value)
    if members is not None:
        return [
            *((members, key) for key in members),
            *(slot for member in members.values() for slot in _slots(member)),
        ]
    if is_list(value):
        return [
            *((value, index) for index in range(len(value))),
            *(slot for member in value for slot in _slots(member)),
        ]
    return []


_JUNK: Final[tuple[Callable[[random.Random], Json], ...]] = (
    lambda _: None,
    lambda rng: rng.choice([True, False]),
    lambda rng: rng.randint(-(2**70), 2**70),
    lambda rng: rng.uniform(-1e300, 1e300),
    lambda rng: "".join(chr(rng.choice([0, 10, 34, 92, 127, 233, 0x2028, 0x1F600])) for _ in range(9)),
    lambda _: "",
    lambda _: [],
    lambda _: {},
    lambda _: [{"": [None]}],
    lambda rng: "x" * rng.randint(1, 40_000),
)


def _replaced(rng: random.Random, frame: Json) -> RawFrame:
    container, key = rng.choice(_slots(frame))
    container[key] = rng.choice(_JUNK)(rng)
    return _json(frame)


def _removed(rng: random.Random, frame: Json) -> RawFrame:
    container, key = rng.choice(_slots(frame))
    del container[key]
    return _json(frame)


def _header_replaced(rng: random.Random, frame: Json) -> RawFrame:
    frame[rng.choice(["event_type", "message", "id", "timestamp", "body"])] = rng.choice(_JUNK)(rng)
    return _json(frame)


def _bad_time(rng: random.Random, frame: Json) -> RawFrame:
    times = [
        "yesterday",
        "2026-13-45T99:99:99Z",
        "2026-01-01",
        "0000-00-00T00:00:00Z",
        "2026-02-30T00:00:00Z",
    ]
    frame["timestamp"] = rng.choice(times)
    return _json(frame)


def _truncated(rng: random.Random, frame: Json) -> RawFrame:
    text = json.dumps(frame)
    return _text(text[: rng.randrange(len(text))])


def _disturbed(rng: random.Random, frame: Json) -> RawFrame:
    text = json.dumps(frame)
    place = rng.randrange(len(text))
    return _text(text[:place] + rng.choice('{}[]",:\\\x00\x1f\u2028 0eé') + text[place + 1 :])


def _no_object(rng: random.Random, frame: Json) -> RawFrame:
    return _text(
        rng.choice(["", " ", "null", "0", '"text"', "[]", json.dumps([frame]), "{", "{}", "NaN", "-"])
    )


def _odd_json(rng: random.Random, frame: Json) -> RawFrame:
    text = json.dumps(frame)
    return _text(
        rng.choice(
            [
                f"\ufeff{text}",
                f"{text}{text}",
                f"{text[:-1]},{text[1:]}",
                f'{text[:-1]}, "body": NaN}}',
                f'{text[:-1]}, "body": 1e999}}',
                f'{text[:-1]}, "message": "\\ud800"}}',
                f'{text[:-1]}, "body": {"[" * 5000}{"]" * 5000}}}',
                "[" * 20_000,
                f'{text[:-1]}, "body": {"9" * 5000}}}',
            ]
        )
    )


def _binary(rng: random.Random, frame: Json) -> RawFrame:
    return Opcode.BINARY, rng.choice(
        [b"", rng.randbytes(64), b"\xff\xfe\xfd", json.dumps(frame).encode()[:-1]]
    )


_DAMAGES: Final = (
    _replaced,
    _removed,
    _header_replaced,
    _bad_time,
    _truncated,
    _disturbed,
    _no_object,
    _odd_json,
    _binary,
)
