"""A stretch of a run's history with one network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from engine.training import History


@dataclass(eq=False)
class Era:
    """A stretch of iterations with one network, from iteration ``start`` of the run on.

    A change of layers, input or loss starts an era; inside it the engine's history counts from 0.
    ``stored`` is the last iteration whose measurements the store has; ``cut`` the first that an
    edit has made anew since.
    """

    start: int
    history: History
    stored: int = -1
    checkpoints: set[int] = field(default_factory=set)
    cut: int | None = 0

    def fork(self) -> Era:
        """A copy of its own."""
        return replace(self, history=self.history.fork(), checkpoints=set(self.checkpoints))

    def branch(self, iteration: int, **changes: Any) -> None:  # noqa: ANN401 - as the engine's
        """An edit at an iteration of this era; what came after is dropped."""
        self.history.branch(iteration, **changes)
        self.discard(iteration)

    def truncate(self, iteration: int) -> None:
        """What came after an iteration of this era is dropped."""
        self.history.truncate(iteration)
        self.discard(iteration + 1)

    def discard(self, iteration: int) -> None:
        """Note that from this iteration on the store has what is no longer so."""
        self.cut = iteration if self.cut is None else min(self.cut, iteration)

    @property
    def unstored(self) -> int:
        """The first iteration whose cost the store does not have, or has no longer right."""
        first = max(self.stored, 0)
        return first if self.cut is None else min(first, self.cut)
