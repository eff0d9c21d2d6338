"""A run: a network, its data and its position in its history; what may be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app import bridge
from app.bridge import Array, Setup
from app.era import Era
from app.kin import Branch, Trial
from app.problems import Problem, bad_field
from app.stage import Stage, blank, first_of, staged
from app.training import IDLE, Training
from engine.errors import Diverged
from engine.training import Batch, Examples, History, Segment, State


@dataclass(eq=False)
class Run:
    """One run in memory.

    ``edited`` is the version of the last change that was not a training's progress. ``born`` are
    the runs that are to be stored with it, since they belong to it, and ``gone`` the ids of those
    that are to be removed.
    """

    id: str
    version: int
    preset: str
    eras: list[Era]
    iteration: int
    step: int
    stage: Stage
    stored_eras: int = 0
    training: Training = IDLE
    branches: tuple[Branch, ...] = ()
    trials: tuple[Trial, ...] = ()
    edited: int = 1
    born: tuple[Run, ...] = ()
    gone: tuple[str, ...] = ()

    def fork(self) -> Run:
        """A copy that can be changed, or dropped."""
        return replace(self, eras=[era.fork() for era in self.eras])

    @property
    def era(self) -> Era:
        """The era that the position is in."""
        return next(era for era in reversed(self.eras) if era.start <= self.iteration)

    @property
    def local(self) -> int:
        """The position's iteration, counted in its era."""
        return self.iteration - self.era.start

    @property
    def iterations(self) -> int:
        """The iterations reached so far."""
        return self.eras[-1].start + self.eras[-1].history.iterations

    @property
    def unstored(self) -> int | None:
        """The first iteration of which the store has not what is here; None where it has all."""
        changed = [
            era.start + era.unstored
            for era in self.eras
            if era.cut is not None or era.history.iterations > era.stored
        ]
        return min(changed, default=None)

    @property
    def segment(self) -> Segment:
        """The stretch of history that the position is in."""
        return self.era.history.segment(self.local)

    @property
    def setup(self) -> Setup:
        """The configuration in force at the position."""
        return bridge.setup(self.segment.note)

    def setup_named(self, name: str | None) -> Setup | None:
        """The configuration of that hash, anywhere in the history; the present one for None."""
        here = self.setup
        if name is None or name == here.hash:
            return here
        notes = {segment.note for era in self.eras for segment in era.history.segments}
        return next((one for one in map(bridge.setup, notes) if one.hash == name), None)

    def state(self) -> State:
        """Parameters and optimizer state at the position."""
        return self.era.history.state(self.local)

    def on_stage(self) -> Examples:
        """The image on stage, to be learnt from."""
        return Examples(self.stage.pixels[None], np.array([self.stage.label]))

    def is_learnt_already(self) -> bool:
        """Whether the coming update learns from what is on stage, or does not look at it."""
        learnt = self.segment.stage
        if not self.setup.learns_from_stage:
            return True
        same_label = learnt is not None and int(learnt.labels[0]) == self.stage.label
        return (
            same_label
            and learnt is not None
            and np.array_equal(learnt.images[0], self.stage.pixels)
        )

    def learning(self) -> History:
        """The history whose coming update is the one promised: the stage's if that is learnt."""
        if self.is_learnt_already():
            return self.era.history
        preview = self.era.history.fork()
        preview.branch(self.local, stage=self.on_stage())
        return preview

    def learnt(self) -> Examples:
        """What the coming update learns from; a problem where there is nothing."""
        found = self.on_stage() if self.setup.learns_from_stage else self.segment.examples
        if found is None:
            raise bridge.nothing_to_learn_from()
        return found

    def batch(self) -> Batch | None:
        """The coming update, or None where there is nothing to learn from."""
        if not self.setup.learns_from_stage and self.segment.examples is None:
            return None
        return self.learning().batch(self.local)

    def costs(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Iterations, C_T and accuracy measured so far, each (m,)."""
        for era in self.eras:
            era.history.costs()
        return self.measured(0)

    def measured(self, start: int) -> tuple[NDArray[np.int64], Array, Array]:
        """As ``costs``, each (m,), from ``start`` on and only what is measured already."""
        found = []
        ends = [era.start for era in self.eras[1:]] + [self.iterations + 1]
        for era, end in zip(self.eras, ends, strict=True):
            iterations, costs, accuracy = era.history.measured(max(0, start - era.start))
            kept = iterations + era.start < end
            found.append((iterations[kept] + era.start, costs[kept], accuracy[kept]))
        its, costs, accuracy = (np.concatenate(column) for column in zip(*found, strict=True))
        finite = np.isfinite(costs)
        return its[finite], costs[finite], accuracy[finite]

    # What may be done to it ---------------------------------------------------------------------

    def go(self, iteration: int | None = None, step: int = 0) -> None:
        """Move to a step of an iteration reached so far."""
        to = self.iteration if iteration is None else iteration
        if to > self.iterations:
            raise bad_field("iteration", f"0 to {self.iterations}, the iterations so far", to)
        self.iteration = to
        last = len(self.setup.script.steps)
        if step > last:
            wanted = f"0 to {last}; beyond the last step the next iteration begins (POST …/descent)"
            raise bad_field("step", wanted, step)
        self.step, self.stage = step, staged(self.stage, self.setup)

    def put_on_stage(
        self, sample: int | None = None, pixels: list[Any] | None = None, label: int | None = None
    ) -> None:
        """An image of the set, a drawing, or another label for what is there."""
        if sample is not None:
            self.stage = self.sample(sample)
            return
        network = self.setup.network
        drawn = self.stage.pixels if pixels is None else bridge.image(pixels, network.input_shape)
        given = self.stage.label if label is None else label
        if given >= network.outputs:
            raise bad_field("label", f"0 to {network.outputs - 1}, one an output", given)
        self.stage = Stage(None, given, drawn)

    def sample(self, sample: int) -> Stage:
        """An image of the training set as it goes on stage."""
        data = self.setup.dataset
        if data is None:
            raise bad_field("sample", "a drawing: the run has no data set", sample)
        if sample >= len(data):
            raise bad_field("sample", f"0 to {len(data) - 1}", sample)
        return Stage(sample, int(data.labels[sample]), data.images[sample])

    def edit(self, parameters: Mapping[str, Array]) -> None:
        """Other parameters from here on; what came after is discarded."""
        self.drop_later_eras()
        self.era.branch(self.local, parameters=parameters, stage=self.segment.stage)
        self.step = 0

    def descend(self, count: int, limit: int) -> str | None:
        """So many updates on; where learning diverges, to the last finite iteration.

        Gives the tensor that would not be finite, or None where all is.
        """
        if self.iteration + count > limit:
            wanted = f"at most {limit - self.iteration}: a run reaches {limit} iterations"
            raise bad_field("iterations", wanted, count)
        self.learnt()
        first = self.iteration
        infinite = self.walk(count)
        return self.settle(first) or infinite

    def walk(self, count: int) -> str | None:
        """So many updates on, along the future that is there, then past its end.

        Gives the tensor that the next update would make infinite, or None where all were made.
        """
        if not self.is_learnt_already():
            self.drop_later_eras()
            self.era.branch(self.local, stage=self.on_stage())
        goal, infinite = self.iteration + count, None
        existing = min(goal, self.iterations)
        self.iteration, self.step = existing, 0
        self.stage = staged(self.stage, self.setup)
        if goal > existing:
            history = self.eras[-1].history
            try:
                history.advance(self.local, goal - existing)
            except Diverged as error:
                infinite = error.tensor
            self.iteration = self.iterations
        return infinite

    def settle(self, first: int) -> str | None:
        """Back to where everything is finite, to ``first`` at most; the last tensor that was not.

        An update may be finite and yet lead to where the next gradients are not.
        """
        infinite = None
        while self.iteration > first and self.local:
            tensor = bridge.infinite(self)
            if tensor is None:
                break
            infinite = tensor
            self.retreat()
        return infinite

    def retreat(self) -> None:
        """Back by one update, which is forgotten."""
        self.iteration -= 1
        self.drop_later_eras()
        self.era.branch(self.local, stage=self.segment.stage)

    def train(self, wanted: Training, limit: int) -> None:
        """Ask for a training from here on; a trainer makes its updates."""
        self.refuse_while_training()
        self.learnt()
        if wanted.goal is not None and wanted.goal > limit:
            most = f"at most {limit - self.iteration}: a run reaches {limit} iterations"
            raise bad_field("iterations", most, wanted.goal - self.iteration)
        self.step, self.training = 0, wanted

    def reaches(self, start: int) -> int | None:
        """The first measured iteration from ``start`` on whose C or accuracy ends the training."""
        wanted = self.training
        if not wanted.has_conditions:
            return None
        iterations, costs, accuracy = self.measured(start)
        good = np.zeros(len(iterations), bool)
        if wanted.stop_at_cost is not None:
            good |= costs <= wanted.stop_at_cost
        if wanted.stop_at_accuracy is not None:
            good |= accuracy >= wanted.stop_at_accuracy
        good &= iterations <= self.iteration
        return int(iterations[good][0]) if good.any() else None

    def halt(self, iteration: int, reached: int) -> None:
        """Back to where a training ends; what it made beyond that and beyond ``reached`` goes."""
        self.iteration = iteration
        if self.iterations > max(iteration, reached):
            last = self.eras[-1]
            last.truncate(max(iteration, reached) - last.start)

    def retrain(self, **changes: Any) -> None:  # noqa: ANN401 - as the dataclass's
        """Pause, resume, or another speed of the training that is there."""
        if self.training.state not in {"running", "paused"}:
            raise Problem(409, "No training is under way: it may have reached its goal.")
        if changes.get("state") == "running":
            self.learnt()
            self.step = 0
            changes["begun"] = min(self.training.begun, self.iteration)
        self.training = replace(self.training, **changes)
        if not self.training.runs:
            self.rest()

    def stop(self) -> None:
        """End the training that is there, and keep what it reached."""
        if self.training.state in {"running", "paused"}:
            self.training = self.training.ended("idle")
            self.rest()

    def rest(self) -> None:
        """Where a training halts, everything that may be looked at is finite."""
        self.training = replace(self.training, per_second=0.0)
        self.settle(min(self.training.begun, self.iteration))

    def refuse_while_training(self) -> None:
        """Refuse what would pull the ground from under a training."""
        if self.training.runs:
            raise Problem(
                409,
                f"A training runs here, at iteration {self.iteration}: pause or stop it first.",
                training=self.training.progress(self.iteration),
            )

    def reconfigure(self, new: Setup) -> None:
        """Another configuration from here on; what came after is discarded."""
        old = self.setup
        if new.text == old.text:
            return
        parameters = new.initial() if new.needs_new_weights(old) else self.state().parameters
        stage = self.stage_under(new, old)
        learnt = Examples(stage.pixels[None], np.array([stage.label]))
        single = learnt if new.learns_from_stage else None
        self.drop_later_eras()
        same_data = (new.config.dataset is None) == (old.config.dataset is None)
        if new.is_same_network(old) and same_data:
            self.era.branch(
                self.local,
                parameters=parameters,
                settings=new.settings,
                examples=new.examples,
                stage=single,
                note=new.text,
                afresh=new.needs_new_weights(old),
            )
        else:
            self.begin_era(new, parameters, single)
        self.stage, self.step = stage, 0

    def stage_under(self, new: Setup, old: Setup) -> Stage:
        """What is on stage under another configuration: what was, where it fits."""
        if new.examples is not None and new.config.dataset != old.config.dataset:
            return first_of(new)
        fits = self.stage.pixels.shape == new.network.input_shape
        if (new.examples is None and old.examples is not None) or not fits:
            return blank(new)
        if self.stage.label >= new.network.outputs:
            return replace(self.stage, sample=None, label=0)
        return self.stage

    def begin_era(
        self, new: Setup, parameters: Mapping[str, Array], single: Examples | None
    ) -> None:
        """Another network from here on."""
        history = History(new.network, parameters, new.settings, new.examples, note=new.text)
        if single is not None:
            history.branch(0, stage=single)
        self.eras = [era for era in self.eras if era.start < self.iteration]
        self.eras.append(Era(self.iteration, history))

    def anew(self) -> None:
        """Take the store to have nothing of the histories."""
        for era in self.eras:
            era.stored, era.checkpoints, era.cut = -1, set(), 0

    def become(self, other: Run) -> None:
        """Take over another run's history, position and stage."""
        self.eras = [era.fork() for era in other.eras]
        self.anew()
        self.preset, self.stage = other.preset, other.stage
        self.iteration, self.step = other.iteration, other.step

    def twin(self, run: str) -> Run:
        """Another run, of that id, with the same history, position and stage."""
        made = Run(run, 1, self.preset, [], self.iteration, self.step, self.stage)
        made.become(self)
        return made

    def drop_later_eras(self) -> None:
        """Forget the networks that came after the position."""
        self.eras = [era for era in self.eras if era.start <= self.iteration]


def new_run(run: str, preset: str, setup: Setup) -> Run:
    """A run at its beginning."""
    stage = first_of(setup)
    made = Run(run, 1, preset, [], 0, 0, stage)
    single = made.on_stage() if setup.learns_from_stage else None
    made.begin_era(setup, setup.initial(), single)
    return made
