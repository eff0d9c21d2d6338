"""The program that measures followers and fairness, with few of both."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The program."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    yield import_module("followers")
    for name in set(sys.modules) - before:
        if str(BENCH) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_followers_hear_the_same_in_order(followers: Any) -> None:
    """A few followers hear every kept event, in one order, and frames of the training."""
    found = followers.following(8, 3.0)
    assert found.ordered
    assert found.events >= 6
    assert 0.5 < found.least <= found.middle <= 1
    assert found.processor > 0
    assert 0 < found.busy.middle <= found.busy.late


def test_what_is_missing_or_out_of_order_is_seen(followers: Any) -> None:
    """A gap, a turn, an end that never came: none of them counts as in order."""

    def heard(kept: list[int], frames: list[int], *, ended: bool = True) -> Any:
        return followers.Heard(kept, frames, ended, costs)

    costs = {1: 2.0, 2: 1.5}
    whole = heard([1, 2, 4], [1, 2])
    assert followers.ordered([whole, heard([1, 2, 4], [2])], costs)
    for other in (
        heard([1, 4], [1, 2]),
        heard([2, 1, 4], [1, 2]),
        heard([1, 2, 4], [2, 1]),
        heard([1, 2, 4], [1, 2], ended=False),
    ):
        assert not followers.ordered([whole, other], costs)
    assert not followers.ordered([whole, whole], costs | {3: 1.2})


def test_trainings_share_the_machine(followers: Any) -> None:
    """All of a few trainings get on, and steps elsewhere are answered."""
    found = followers.fairness(4, 2.0)
    assert 0.3 < found.share <= 1
    assert found.rate > 0
    assert 0 < found.busy.middle <= found.busy.late
