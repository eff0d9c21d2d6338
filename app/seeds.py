"""Is that luck? The same network from several first weights, learning side by side.

Each is a run of its own with a training of its own, so that they share the machine, survive the
end of the process and diverge each by itself. They are made, training already, and forgotten in the
transaction that changes the run that they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app import bridge
from app.kin import Trial
from app.problems import Problem
from app.run import Run, new_run
from app.runs import Runs, new_id
from app.trainers import Trainers
from app.training import Training


class Seeds:
    """The trials of all runs."""

    def __init__(self, runs: Runs, trainers: Trainers) -> None:
        self.runs, self.trainers = runs, trainers

    def begin(
        self, run: str, if_match: str | None, seeds: Sequence[int], iterations: int, who: str
    ) -> bytes:
        """Let the run's network learn from the weights of each seed; the ``Seeds``."""
        limit = self.runs.settings.history_iterations
        trials = [Trial(new_id(), seed) for seed in seeds]

        def edit(it: Run) -> None:
            if it.setup.learns_from_stage:
                words = "Several seeds learn from the data set: this run learns from the stage."
                raise Problem(409, words)
            made = [new_run(one.id, it.preset, bridge.seeded(it.setup, one.seed)) for one in trials]
            for one in made:
                one.train(Training("running", goal=iterations), limit)
            replace(it, trials, made)

        with self.trainers.places(who, *(one.id for one in trials)):
            self.changed(run, if_match, edit)
        return self.shown(run)

    def shown(self, run: str) -> bytes:
        """The ``Seeds`` of a run: how far each has come."""
        trials = self.runs.read(run, lambda it: it.trials)
        found = [self.seen(one) for one in trials]
        trainings = [training for training, _ in found if training]
        running = any(training.runs for training in trainings)
        goal = max((training.goal or 0 for training in trainings), default=0)
        state = "running" if running else "finished" if found else "idle"
        return bridge.dumps({"state": state, "goal": goal, "seeds": [seen for _, seen in found]})

    def seen(self, trial: Trial) -> tuple[Training | None, dict[str, Any]]:
        """A trial's training and its ``SeedProgress``; one that cannot be read says why."""
        look = partial(looked_at, trial=trial)
        return self.runs.read_or(
            trial.id, look, lambda why: (None, bridge.lost_trial_out(trial, why))
        )

    def drop(self, run: str, if_match: str | None) -> None:
        """Stop them and forget them."""
        self.changed(run, if_match, replace)

    def changed(self, run: str, if_match: str | None, edit: Callable[[Run], None]) -> None:
        """Change the trials of a run, which a training of its own bears."""
        self.runs.change(run, if_match, edit, bridge.run_answer, amid_training=True)


def looked_at(run: Run, trial: Trial) -> tuple[Training | None, dict[str, Any]]:
    """A trial's training, and the ``SeedProgress``, both of one moment."""
    return run.training, bridge.trial_out(run, trial)


def replace(run: Run, trials: Sequence[Trial] = (), made: Sequence[Run] = ()) -> None:
    """Put trials, and the runs that they are, in the place of those that were there."""
    run.gone, run.born = tuple(one.id for one in run.trials), tuple(made)
    run.trials = tuple(trials)
