"""The spec's messages, one after another: its examples, then some that its schemas allow."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Final

import msgspec

from .._generated.protocol import PROTOCOL
from ..core.catalogue import InvalidEventError
from .generation import generate
from .source import Cue
from .stage import Stage

_EXAMPLES: Final = resources.files("eventshub_mockserver._generated").joinpath("examples.json")
_HUBS_OWN: Final = ("id", "timestamp", "client_id")


@cache
def examples() -> Mapping[str, list[dict[str, Any]]]:
    """The spec's example frames of every message, commands too, by the message's name."""
    content: dict[str, Any] = msgspec.json.decode(_EXAMPLES.read_bytes())
    del content["$comment"]
    return content


def broadcast_messages() -> tuple[str, ...]:
    """The names of the messages that a hub may send to all: no welcome, no answers."""
    answers = {*PROTOCOL.errors.values(), *(command.reply for command in PROTOCOL.commands.values())}
    return tuple(message.__name__ for message in PROTOCOL.events.values() if message not in answers)


class ExamplesSource:
    """Publishes the spec's examples of every event, then events that its schemas allow.

    Examples of what only clients must put up with, such as states that the
    spec does not list, are left out.
    """

    needs_journal: ClassVar[bool] = False

    def __init__(self, *, seed: int = 0, interval: float = 0.5, drawn: int | None = None) -> None:
        """Choose what comes and how fast.

        Args:
            seed: decides which events are drawn, and all that is in them.
            interval: seconds between two events.
            drawn: how many are drawn after the examples; ``None`` for no end.

        Raises:
            ValueError: a number is negative, or nothing would end at no interval.
        """
        if interval < 0 or (drawn is not None and drawn < 0) or (drawn is None and not interval):
            raise ValueError(
                "interval and drawn must not be negative, and without end there must be an interval"
            )
        self._seed = seed
        self._interval = interval
        self._drawn = drawn

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """See ``StageSource``."""
        for name in broadcast_messages():
            for example in examples()[name]:
                try:
                    stage.publish_frame(_to_all(example))
                except InvalidEventError:
                    continue
                yield self._interval
        source = random.Random(self._seed)  # noqa: S311 - examples that repeat, and no secrets
        names, left = broadcast_messages(), self._drawn
        while left is None or left > 0:
            stage.publish_frame(_to_all(generate(source.choice(names), source.getrandbits(64))))
            left = None if left is None else left - 1
            yield self._interval


def _to_all(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in frame.items() if key not in _HUBS_OWN}
