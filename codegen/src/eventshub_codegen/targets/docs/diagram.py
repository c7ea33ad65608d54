"""Sequence diagrams: where everything in them goes."""

from __future__ import annotations

from dataclasses import dataclass

from ..reference.account import Sequence

_CHARACTER = 7.9
"""Width of a character of the diagrams' monospaced type, a little rounded up."""
_LONGEST_LABEL = 44
_NARROWEST = 320
_STEP = 46
_TOP = 58
_MARGIN = 68
"""From the edge of the picture to a line of life."""
_ARROW = 8


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message, as a line with a label above."""

    label: str
    x1: int
    x2: int
    y: int
    head: str
    """Corners of the arrow's head."""
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A box around steps of which one takes place, and the lines between them."""

    y: int
    height: int
    dividers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture, ready to be written down."""

    title: str
    description: str
    width: int
    height: int
    left: int
    right: int
    middle: int
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...]


def lay_out(sequence: Sequence) -> Diagram:
    """Place the steps one below the other, wide enough for the longest label."""
    labels = [_short(step.label) for step in sequence.steps]
    longest = max((len(label) for label in labels), default=0)
    width = max(_NARROWEST, int(longest * _CHARACTER) + 2 * _MARGIN + 40)
    left, right = _MARGIN, width - _MARGIN
    arrows: list[Arrow] = []
    groups: list[list[int]] = []
    for number, (step, label) in enumerate(zip(sequence.steps, labels, strict=True)):
        y = _TOP + _STEP * (number + 1) - 12
        start, end = (left, right) if step.is_from_client else (right, left)
        back = -_ARROW if step.is_from_client else _ARROW
        head = f"{end},{y} {end + back},{y - 5} {end + back},{y + 5}"
        arrows.append(Arrow(label, start, end, y, head, is_answer=not step.is_from_client))
        if step.is_alternative:
            groups[-1].append(number)
        else:
            groups.append([number])
    frames = tuple(
        Frame(
            y=_TOP + _STEP * group[0] - 4,
            height=_STEP * len(group) + 4,
            dividers=tuple(_TOP + _STEP * number - 2 for number in group[1:]),
        )
        for group in groups
        if len(group) > 1
    )
    height = _TOP + _STEP * len(labels) + 20
    return Diagram(
        sequence.title, _in_words(sequence), width, height, left, right, width // 2, tuple(arrows), frames
    )


def _short(label: str) -> str:
    if len(label) <= _LONGEST_LABEL:
        return label
    half = (_LONGEST_LABEL - 1) // 2
    return f"{label[:half]}…{label[-half:]}"


def _in_words(sequence: Sequence) -> str:
    told: list[str] = []
    for step in sequence.steps:
        who = "the client sends" if step.is_from_client else "the server sends"
        told.append(f"{'or ' if step.is_alternative else ''}{who} {step.label}")
    return "; ".join(told) + "."
