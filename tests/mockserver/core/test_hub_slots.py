"""Protocol IP-1, IP-3, IP-5."""

from __future__ import annotations

import pytest

from eventshub_mockserver.core.slots import AddressSlots


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_than_the_limit_until_one_is_given_back(limit: int) -> None:
    slots = AddressSlots(limit)
    assert [slots.take("a") for _ in range(limit + 1)] == [True] * limit + [False]
    assert slots.take("b")
    slots.release("a")
    assert slots.take("a")
    assert not slots.take("a")


def test_without_a_limit_any_number_wins() -> None:
    slots = AddressSlots(None)
    assert all(slots.take("a") for _ in range(1000))


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=str(limit)):
        AddressSlots(limit)
