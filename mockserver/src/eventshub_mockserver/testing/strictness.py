"""What a test has not asked for: messages and requests that the hub had to refuse."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from .._generated.protocol import PROTOCOL
from ..core.entry import Entry, Kind
from ..core.interference import Step

_ANSWERED: Final = (Kind.HANDSHAKE, Kind.REST)
_BROKEN_FRAME: Final = "by the hub: the frame was broken"
_REVOKED: Final = "by the hub: the credential was revoked"
_ERRORS: Final = {
    values[-1] for values, message in PROTOCOL.events.items() if message in PROTOCOL.errors.values()
}
_AT_REQUESTS: Final = tuple(f"at the step {step}" for step in (Step.HANDSHAKE, Step.REST))


class Strictness:
    """Watches what a test reads of a journal, and says what it should have read."""

    def __init__(self) -> None:
        self._read: set[int] = set()
        self._statuses: set[int] = set()
        self._errors_are_expected = False

    def reading(self, kinds: Collection[Kind], facts: Mapping[str, object], found: Sequence[Entry]) -> None:
        """Note what the test asked a journal for; see ``Reading``.

        Whoever asks for a status expects it, whenever it comes; whoever asks
        for errors expects errors; and what is found has been read.
        """
        if not kinds and not facts:
            return
        status = facts.get("status")
        if isinstance(status, int):
            self._statuses.add(status)
        if Kind.REJECTED in kinds or (Kind.SENT in kinds and facts.get("message") in _ERRORS):
            self._errors_are_expected = True
        self.note_read(entry.number for entry in found)

    def note_read(self, numbers: Iterable[int]) -> None:
        """Let entries count as read."""
        self._read.update(numbers)

    def expect_status(self, status: int) -> None:
        """Let requests be refused with a status."""
        self._statuses.add(status)

    def unread(self, entries: Iterable[Entry]) -> list[Entry]:
        """What the hub refused and nobody asked for."""
        left: list[Entry] = []
        faults = 0
        for entry in entries:
            if entry.kind is Kind.CLOSED and entry.detail == _REVOKED:
                self._statuses.add(HTTPStatus.UNAUTHORIZED)
            if entry.kind is Kind.FAULT:
                faults += entry.detail in _AT_REQUESTS
            elif entry.number not in self._read and self._is_refusal(entry):
                # A fault at a request may be what refused it, so one refusal goes with each.
                if entry.kind in _ANSWERED and faults:
                    faults -= 1
                else:
                    left.append(entry)
        return left

    def forget(self) -> None:
        """Begin anew."""
        self._read.clear()
        self._statuses.clear()
        self._errors_are_expected = False

    def _is_refusal(self, entry: Entry) -> bool:
        status = entry.status or 0
        if entry.kind is Kind.REJECTED:
            return not self._errors_are_expected
        if status in self._statuses:
            return False
        if entry.kind in _ANSWERED:
            return status >= HTTPStatus.BAD_REQUEST
        return entry.kind is Kind.CLOSED and entry.detail.endswith(_BROKEN_FRAME)
