"""What a training is to do, and how it goes: the intent that is stored with a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

#: ``idle``: none was asked for, or it was stopped. ``failed``: the server is at fault.
STATES = ("idle", "running", "paused", "finished", "diverged", "failed")


@dataclass(frozen=True)
class Training:
    """Updates on and on until a goal.

    ``begun`` is the iteration where it began; ``goal`` the one where it ends, ``stop_at_cost`` and
    ``stop_at_accuracy`` what ends it before (None: nothing). ``speed`` is in updates a second, None
    for as fast as can be. ``per_second`` is measured, and not stored.
    """

    state: str = "idle"
    begun: int = 0
    goal: int | None = None
    stop_at_cost: float | None = None
    stop_at_accuracy: float | None = None
    speed: float | None = None
    reason: str | None = None
    tensor: str | None = None
    per_second: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether updates are being made."""
        return self.state == "running"

    @property
    def has_conditions(self) -> bool:
        """Whether measurements may end it."""
        return self.stop_at_cost is not None or self.stop_at_accuracy is not None

    def ended(self, state: str, reason: str | None = None, tensor: str | None = None) -> Training:
        """The same, at its end."""
        return replace(self, state=state, reason=reason, tensor=tensor, per_second=0.0)

    def stored(self) -> dict[str, Any]:
        """What the store keeps of it."""
        return {**vars(self), "per_second": 0.0}

    def progress(self, iteration: int) -> dict[str, Any]:
        """A ``TrainingProgress``, of a run at that iteration."""
        left = None
        if self.runs and self.goal is not None and self.per_second > 0:
            left = max(0, self.goal - iteration) / self.per_second
        return {**vars(self), "iteration": iteration, "seconds_left": left}


#: Nothing was asked for.
IDLE = Training()
