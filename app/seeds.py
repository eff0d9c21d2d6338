"""Is that luck? The same network from several first weights, learning side by side.

Each is a run of its own with a training of its own, so that they share the machine, survive the
end of the process and diverge each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from app import bridge
from app.kin import Trial
from app.problems import Problem
from app.run import Run
from app.runs import Runs
from app.trainers import Trainers
from app.training import IDLE, Training


class Seeds:
    """The trials of all runs."""

    def __init__(self, runs: Runs, trainers: Trainers) -> None:
        self.runs, self.trainers = runs, trainers

    def begin(self, run: str, seeds: Sequence[int], iterations: int) -> bytes:
        """Let the run's network learn from the weights of each seed; the ``Seeds``."""
        here = self.runs.read(run, Run.fork)
        here.learnt()
        if here.setup.learns_from_stage:
            words = "Several seeds learn from the data set: this run learns from the stage alone."
            raise Problem(409, words)
        self.trainers.require_room(len(seeds))
        setups = [bridge.seeded(here.setup, seed) for seed in seeds]
        trials = [
            Trial(self.runs.create(here.preset, setup)[1], seed)
            for setup, seed in zip(setups, seeds, strict=True)
        ]
        self.replace(run, trials)
        for trial in trials:
            self.trainers.begin(trial.id, None, IDLE, iterations)
        return self.shown(run)

    def shown(self, run: str) -> bytes:
        """The ``Seeds`` of a run: how far each has come."""
        trials = self.runs.read(run, lambda it: it.trials)
        found = [self.runs.read(one.id, partial(looked_at, trial=one)) for one in trials]
        running = any(training.runs for training, _ in found)
        goal = max((training.goal or 0 for training, _ in found), default=0)
        state = "running" if running else "finished" if found else "idle"
        return bridge.dumps({"state": state, "goal": goal, "seeds": [seen for _, seen in found]})

    def drop(self, run: str) -> None:
        """Stop them and forget them."""
        self.replace(run, [])

    def replace(self, run: str, trials: Sequence[Trial]) -> None:
        """Put trials in the place of those that were there."""
        gone: list[str] = []

        def edit(it: Run) -> None:
            gone[:] = [one.id for one in it.trials]
            it.trials = tuple(trials)

        self.runs.change(run, None, edit, bridge.run_answer, amid_training=True)
        self.runs.discard(gone)


def looked_at(run: Run, trial: Trial) -> tuple[Training, dict[str, Any]]:
    """A trial's training, and the ``SeedProgress``, both of one moment."""
    return run.training, bridge.trial_out(run, trial)
