"""The steps of a scenario that act on the hub or wait for clients."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from msgspec import UNSET

from ...core.catalogue import InvalidEventError
from ...core.hub import UnknownClientError
from ...faults.rule import FaultError, parse_fault
from ..fleet import SimulatedFleet
from ..generation import generated_body
from ..source import Cue
from .conditions import Match, TooEarlyError, condition_of
from .document import Place
from .play import Play, StoppedError

Going: TypeAlias = Generator[Cue, None, None]


class Step(Protocol):
    """One thing to do, where it stands, and what is written there."""

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...

    def perform(self, play: Play) -> Going:
        """Do it."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """Write a line into the journal."""

    place: Place
    text: str

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        play.stage.note(f"{play.name}: {play.render(self.text, self.place)}")
        yield from ()


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish an event."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        given = play.render(dict(self.given), self.place)
        channel, message = given["channel"], given["message"]
        try:
            body = (
                generated_body(channel, message, play.random)
                if given.get("generate")
                else given.get("body", UNSET)
            )
            play.stage.publish(
                channel,
                message,
                body,
                client_id=given.get("to"),
                unchecked=given.get("unchecked", False),
            )
        except (InvalidEventError, UnknownClientError) as error:
            raise play.stop(self.place, str(error)) from error
        if play.is_out_of_breath():
            yield 0.0


@dataclass(frozen=True, slots=True)
class Delay:
    """Let time pass."""

    place: Place
    seconds: float | str

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        yield float(play.render(self.seconds, self.place))


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait for what a client does; the scenario cannot go on without."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        met = yield from _met(play, self.place, self.given)
        if not met:
            raise StoppedError


@dataclass(frozen=True, slots=True)
class Expect:
    """Report if a client does not do something in time, and go on."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        yield from _met(play, self.place, self.given)


@dataclass(frozen=True, slots=True)
class ExpectNone:
    """Report if a client does something meanwhile."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        given = play.render(dict(self.given), self.place)
        condition = condition_of(given)
        play.look_anew()
        end = play.stage.clock.monotonic() + given["during"]
        match = yield from play.wait(condition, given["during"])
        if match is not None:
            play.fail(self.place, f"expected not to see {condition} for {given['during']:g} s, but it came")
            yield max(0.0, end - play.stage.clock.monotonic())


@dataclass(frozen=True, slots=True)
class Fault:
    """Commit a fault until it is cleared, or the scenario ends."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        try:
            play.commit(parse_fault(play.render(dict(self.given), self.place)))
        except FaultError as error:
            raise play.stop(self.place, str(error)) from error
        yield from ()


@dataclass(frozen=True, slots=True)
class ClearFaults:
    """Remove the faults of this scenario."""

    place: Place

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        play.clear_faults()
        yield from ()


@dataclass(frozen=True, slots=True)
class Close:
    """Close connections."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        given = play.render(dict(self.given), self.place)
        try:
            play.stage.close(
                given.get("code", 1001),
                given.get("reason", "closed by the scenario"),
                client_id=given.get("to"),
                is_abrupt=given.get("abrupt", False),
            )
        except UnknownClientError as error:
            raise play.stop(self.place, str(error)) from error
        yield from ()


@dataclass(frozen=True, slots=True)
class Credential:
    """Stop accepting a credential, or accept it again."""

    place: Place
    name: str
    is_restored: bool

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        name = str(play.render(self.name, self.place))
        if not self.is_restored:
            if not play.stage.revoke(name):
                raise play.stop(self.place, f"the hub has no credential of the name {name!r}")
        elif not play.stage.restore(name):
            raise play.stop(self.place, f"the hub was configured with no credential of the name {name!r}")
        yield from ()


@dataclass(frozen=True, slots=True)
class Simulate:
    """Let a simulated fleet live for some time."""

    place: Place
    given: Mapping[str, Any]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        given = play.render(dict(self.given), self.place)
        seconds = given.pop("seconds")
        given.setdefault("seed", play.random.getrandbits(32))
        clock = play.stage.clock
        end = clock.monotonic() + seconds
        for wait in SimulatedFleet(**given).run(play.stage.publish_message, clock):
            left = end - clock.monotonic()
            if wait >= left:
                yield max(0.0, left)
                return
            yield wait


def _met(play: Play, place: Place, given: Mapping[str, Any]) -> Generator[Cue, None, bool]:
    rendered = play.render(dict(given), place)
    condition = condition_of(rendered)
    within: float | None = rendered.get("within")
    try:
        match: Match | None = yield from play.wait(condition, within)
    except TooEarlyError as error:
        play.fail(place, f"expected {condition}: {error}")
        return True
    if match is None:
        play.fail(place, f"expected {condition}: it did not come in {within:g} s")
    return match is not None
