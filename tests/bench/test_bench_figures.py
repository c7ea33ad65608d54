"""Figures, and the bounds that they keep or miss."""

from __future__ import annotations

import pytest
from bench.figures import Figure, NotMeasured, ratio, repeats_of


@pytest.mark.parametrize(
    ("value", "at_most", "at_least", "is_kept"),
    [
        (1.0, None, None, True),
        (1.4, 1.4, None, True),
        (1.41, 1.4, None, False),
        (25.0, None, 25.0, True),
        (24.9, None, 25.0, False),
        (float("nan"), None, None, True),
    ],
)
def test_a_bound_is_kept_or_missed(
    value: float, at_most: float | None, at_least: float | None, is_kept: bool
) -> None:
    figure = Figure("what", value, "ms", at_most=at_most, at_least=at_least)
    assert figure.is_kept is is_kept
    has_bound = at_most is not None or at_least is not None
    assert ("MISSED" in str(figure)) is (has_bound and not is_kept)
    assert str(figure).endswith("ok") is (has_bound and is_kept)


def test_what_could_not_be_measured_is_told_and_is_no_failure() -> None:
    line = NotMeasured("TLS", "there is no C compiler")
    assert line.is_kept
    assert " ".join(str(line).split()) == "TLS not measured: there is no C compiler"


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio([2.0, 30.0, 4.0], [1.0, 1.0, 1.0]) == 4.0
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


def test_a_call_is_repeated_once_at_least() -> None:
    calls: list[int] = []
    assert repeats_of(lambda: calls.append(1), seconds=0.0) == 1
    assert len(calls) == 2
