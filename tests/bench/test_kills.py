"""Kills in the middle of edits: five here, a hundred in ``make soak``."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The program that kills servers."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    yield import_module("kills")
    for name in set(sys.modules) - before:
        if str(BENCH) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_nothing_answered_is_lost_by_a_kill(kills: Any, tmp_path: Path) -> None:
    """After each of five kills every answered change is there; made again it gives the same bits.

    And who examines would see a loss: a change that was never made is missed.
    """
    outcome = kills.survive(5, tmp_path / "data", seed=4)
    assert outcome.kills == 5
    assert outcome.trained > 0
    assert outcome.answered > 20
    process = import_module("process")
    with process.running(tmp_path / "data") as server:
        story = outcome.stories[0]
        with pytest.raises(kills.Lost):
            kills.Learner(story.run).resumed(server.url)
        assert kills.examine(story, server.url) is False
        story.version += 1
        with pytest.raises(kills.Lost):
            kills.examine(story, server.url)
        story.version -= 1
        story.told = {"version": story.version}
        with pytest.raises(kills.Lost):
            kills.examine(story, server.url)
