"""Descent, iteration by iteration, and a history in which any of them can be returned to.

A history is a list of segments. A segment starts at an iteration, with the settings and the images
that were in force from there on, and its starting state is a checkpoint; within a segment there is
a checkpoint every :data:`SPACING` iterations. The state at iteration i is the last checkpoint at or
before i, replayed: the same function does the same operations on the same numbers, so going back
and forth gives the same bits on the same machine. A history notes the installation that began it;
another one can compare its replay with the next checkpoint (:meth:`History.drift`).

An edit (a weight, a setting, the images) at iteration i starts a new segment there and drops what
came after.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError, Diverged, require_index
from engine.functions import Array
from engine.installation import installation
from engine.learning import Examples, Settings, State
from engine.network import Network
from engine.plan import stepper_for
from engine.stepper import Stepper, Stretch, Update

__all__ = ["SPACING", "Batch", "Examples", "History", "Segment", "Settings", "State"]

#: Iterations between two checkpoints of a segment: the most that a jump replays.
SPACING: Final = 200
#: Up to this many images, the cost of the whole set is measured at every iteration.
SMALL: Final = 512


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of history with one way of learning.

    ``examples`` is the training set (None where no set fits the network); ``stage`` the single
    image that is learnt from instead, if any. ``note`` is the caller's own, kept and given back.
    ``begun`` is the iteration at which the optimizer last began afresh.
    """

    start: int
    settings: Settings
    examples: Examples | None
    stage: Examples | None = None
    note: str = ""
    begun: int = 0

    @property
    def learnt(self) -> Examples | None:
        """What the updates learn from."""
        return self.stage if self.stage is not None else self.examples

    @property
    def measured(self) -> Examples | None:
        """What C_T and the accuracy are measured on."""
        return self.examples if self.examples is not None else self.stage


@dataclass(frozen=True, eq=False)
class Batch:
    """What one update is made of, all computed at the same parameters.

    ``C`` and ``accuracy`` are those of the whole training set at iteration ``measured_at``;
    ``samples`` (m,) are the images of the coming update (none where it learns from the stage),
    ``gradients`` theirs by id, each of its parameter's shape (``F.dw`` (k, c, p, q), ``F.db``
    (k,)), ``updated`` what the update writes (``F.w``, and optimizer state), or empty where it
    would not be finite: ``diverged`` then names the tensor.
    """

    C: float
    accuracy: float
    samples: NDArray[np.int64]
    gradients: Mapping[str, Array]
    updated: Mapping[str, Array]
    measured_at: int
    diverged: str | None = None


class Learner:
    """One segment made ready: which images when, and the function that makes an update."""

    def __init__(self, network: Network, segment: Segment) -> None:
        self.segment, settings = segment, segment.settings
        learnt, measured = segment.learnt, segment.measured
        if learnt is None or measured is None or not len(learnt.labels):
            raise DataError("dataset", "a training set that fits the network", "none")
        self.count = len(learnt.labels)
        self.size = min(settings.batch or self.count, self.count)
        self.whole = self.size == self.count and segment.stage is None
        self.epoch = ceil(self.count / self.size)
        self.every = 1 if self.whole or len(measured.labels) <= SMALL else self.epoch
        self.stepper: Stepper = stepper_for(network, settings, learnt)
        self.scale = 1.0 / len(measured.labels) if settings.reduction == "mean" else 1.0
        self.measurer = self.stepper if self.whole else stepper_for(network, settings, measured)
        self._order: tuple[int, NDArray[np.int64]] = (-1, np.arange(self.count))

    def samples(self, iteration: int) -> NDArray[np.int64]:
        """The images of the update at that iteration, each once in an epoch, in a seeded order."""
        if self.size == self.count:
            return np.arange(self.count)
        epoch, place = divmod(iteration, self.epoch)
        if self._order[0] != epoch:
            rng = np.random.default_rng([self.segment.settings.seed, epoch])
            self._order = epoch, rng.permutation(self.count)
        return self._order[1][place * self.size : (place + 1) * self.size]

    def update(self, state: State, iteration: int, samples: NDArray[np.int64]) -> Update:
        """The update of those images at that iteration."""
        return self.stepper.update(state, iteration - self.segment.begun, samples)

    def run(self, state: State, iteration: int, count: int) -> Stretch:
        """Updates in a row from that iteration on: at least one and at most ``count``."""
        begun = self.segment.begun
        order = (lambda updates: self.samples(updates + begun)) if begun else self.samples
        return self.stepper.run(state, iteration - begun, count, order)

    def measure(self, parameters: Mapping[str, Array]) -> tuple[float, int]:
        """C_T and how many images are answered right, with the parameters by their ids."""
        cost, correct = self.measurer.measure(parameters)
        return cost * self.scale, correct


class History:
    """A network's learning, every iteration of it reachable.

    >>> from engine.ops import Activation, Conv, Dense, MaxPool
    >>> net = Network(
    ...     (1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()]
    ... )
    >>> one = Examples(np.ones((1, 1, 6, 6)), np.array([2]))
    >>> history = History(net, net.initial("normal", 0), Settings(), one)
    >>> history.advance(0, 5)
    5
    """

    def __init__(
        self,
        network: Network,
        parameters: Mapping[str, Array],
        settings: Settings,
        examples: Examples | None,
        *,
        note: str = "",
    ) -> None:
        self.network = network
        self.made_on = installation()
        self.segments = [Segment(0, settings, examples, note=note)]
        self.checkpoints = {0: State.fresh(parameters, settings.optimizer)}
        self.iterations = 0
        self._costs = np.full(256, np.nan)
        self._correct = np.zeros(256, np.int32)
        self._learners: dict[int, Learner] = {}
        self._latest: tuple[int, State] = (0, self.checkpoints[0])
        self._batch: tuple[int, Batch] | None = None
        self._drifts: dict[int, float] = {}

    @classmethod
    def restore(
        cls,
        network: Network,
        segments: Sequence[Segment],
        checkpoints: Mapping[int, State],
        iterations: int,
        costs: Array,
        correct: NDArray[np.int32],
        made_on: str = "",
    ) -> History:
        """A history as it was stored: its parts, as its attributes give them."""
        first = segments[0]
        history = cls(network, checkpoints[0].parameters, first.settings, first.examples)
        history.segments, history.checkpoints = list(segments), dict(checkpoints)
        history.iterations, history.made_on = iterations, made_on
        history._reserve(max(len(costs), 1))
        history._costs[: len(costs)], history._correct[: len(costs)] = costs, correct
        last = max(checkpoints)
        history._latest = last, history.checkpoints[last]
        return history

    def fork(self) -> History:
        """A history of its own with the same past: what is done to one leaves the other alone."""
        other = copy(self)
        other.segments, other.checkpoints = list(self.segments), dict(self.checkpoints)
        other._drifts = dict(self._drifts)
        other._learners = {}  # their buffers are for one at a time
        other._costs, other._correct = self._costs.copy(), self._correct.copy()
        return other

    def segment(self, iteration: int) -> Segment:
        """The segment whose settings make the update at that iteration."""
        starts = [segment.start for segment in self.segments]
        return self.segments[bisect_right(starts, iteration) - 1]

    def learner(self, iteration: int) -> Learner:
        """The segment there, made ready; raises DataError where there is nothing to learn from."""
        segment = self.segment(iteration)
        found = self._learners.get(segment.start)
        if found is None or found.segment is not segment:
            found = self._learners[segment.start] = Learner(self.network, segment)
        return found

    def state(self, iteration: int) -> State:
        """The state at an iteration reached so far, replayed from the checkpoint before it."""
        if not 0 <= iteration <= self.iterations:
            came = str(iteration)
            raise DataError("iteration", f"0 to {self.iterations}, the iterations so far", came)
        place, state = self._latest
        start = max(i for i in self.checkpoints if i <= iteration)
        if not start <= place <= iteration:
            place, state = start, self.checkpoints[start]
        while place < iteration:
            place, state = self._walk(place, state, iteration)
        self._latest = place, state
        return state

    def drift(self, iteration: int) -> float | None:
        """How far a replay through this iteration ends from the next checkpoint.

        The largest difference of a parameter by the largest number of its tensor: 0 where the bits
        are the same. None where no later checkpoint was reached by updates alone.
        """
        edits = {one.start for one in self.segments}
        later = min((i for i in self.checkpoints if i > iteration), default=None)
        if later is None or later in edits:
            return None
        if later not in self._drifts:
            place, state = iteration, self.state(iteration)
            while place < later:
                place, state = self._walk(place, state, later)
            self._drifts[later] = farthest(self.checkpoints[later].parameters, state.parameters)
        return self._drifts[later]

    def advance(self, iteration: int, count: int) -> int:
        """Walk ``count`` updates on from ``iteration``, along the future that exists, then past it.

        Returns the iteration reached. Raises Diverged, keeping everything up to the last finite
        iteration, and DataError where there is nothing to learn from.
        """
        goal = iteration + count
        state = self.state(min(goal, self.iterations))
        while self.iterations < goal:
            start = self.segment(self.iterations).start
            next_checkpoint = self.iterations + SPACING - (self.iterations - start) % SPACING
            self._latest = self._walk(self.iterations, state, min(goal, next_checkpoint))
            self.iterations, state = self._latest
            if self.iterations == next_checkpoint:
                self.checkpoints[self.iterations] = state
        return goal

    def batch(self, iteration: int) -> Batch:
        """The update that comes after that iteration, and what it is made of."""
        if self._batch is not None and self._batch[0] == iteration:
            return self._batch[1]
        learner, state = self.learner(iteration), self.state(iteration)
        found = learner.update(state, iteration, learner.samples(iteration))
        cost, correct, at = self._measured(iteration)
        updated = {**found.parameters, **found.optimizer}
        images = learner.segment.measured
        batch = Batch(
            C=cost,
            accuracy=correct / len(images.labels) if images is not None else 0.0,
            samples=learner.samples(iteration) if learner.segment.stage is None else np.arange(0),
            gradients=found.gradients,
            updated=updated if found.infinite is None else {},
            measured_at=at,
            diverged=found.infinite,
        )
        self._batch = iteration, batch
        return batch

    def branch(
        self,
        iteration: int,
        *,
        parameters: Mapping[str, Array] | None = None,
        settings: Settings | None = None,
        examples: Examples | None = None,
        stage: Examples | None = None,
        note: str | None = None,
        afresh: bool = False,
    ) -> None:
        """An edit: from ``iteration`` on, these instead; what came after is dropped.

        What is left out stays as it was, except ``stage``: None learns from the set. A change of
        the optimizer starts it afresh, and ``afresh`` does so where the parameters are new ones.
        """
        old, state = self.segment(iteration), self.state(iteration)
        settings = settings if settings is not None else old.settings
        kept = state.parameters if parameters is None else parameters
        optimizer, begun = state.optimizer, old.begun
        if afresh or settings.optimizer != old.settings.optimizer:
            optimizer, begun = State.fresh(kept, settings.optimizer).optimizer, iteration
        self._forget(iteration)
        self.segments.append(
            Segment(
                iteration,
                settings,
                old.examples if examples is None else examples,
                stage,
                old.note if note is None else note,
                begun,
            )
        )
        self.checkpoints[iteration] = State(dict(kept), dict(optimizer))
        self._latest = iteration, self.checkpoints[iteration]

    def truncate(self, iteration: int) -> None:
        """Forget the updates after ``iteration``, as if they had not been made yet."""
        state = self.state(iteration)
        self._forget(iteration + 1)
        self.iterations, self._latest = iteration, (iteration, state)

    def costs(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Iterations at which the training set was measured, C_T and accuracy there; each (m,)."""
        if self.segment(self.iterations).measured is not None:
            self._measured(self.iterations)
        return self.measured(0)

    def measured(self, start: int) -> tuple[NDArray[np.int64], Array, Array]:
        """As ``costs``, each (m,), from ``start`` on and only what is measured already."""
        recent = self._costs[start : self.iterations + 1]
        iterations = start + np.flatnonzero(~np.isnan(recent))
        sizes = np.ones(len(iterations))
        for segment in self.segments:
            images = segment.measured
            sizes[iterations >= segment.start] = len(images.labels) if images is not None else 1
        return iterations, self._costs[iterations], self._correct[iterations] / sizes

    def measurements(self, start: int) -> tuple[Array, NDArray[np.int32]]:
        """Costs and right answers from iteration ``start`` on, each (m,), one entry an iteration.

        The cost is C_T, NaN where nothing was measured.
        """
        end = self.iterations + 1
        return self._costs[start:end].copy(), self._correct[start:end].copy()

    def contributions(self, iteration: int, tensor: str, index: tuple[int, ...]) -> Array:
        """Each image's share of one cell of a batch gradient, (n,); the shares add up to it.

        Raises UnknownIndex.
        """
        require_index(tensor, index, self.network.shapes[tensor])
        learner, state = self.learner(iteration), self.state(iteration)
        samples = learner.samples(iteration)
        shares = [
            learner.update(state, iteration, samples[place : place + 1]).gradients[tensor][index]
            for place in range(len(samples))
        ]
        scale = 1.0 / len(samples) if learner.segment.settings.reduction == "mean" else 1.0
        return np.array(shares) * scale

    def _walk(self, iteration: int, state: State, goal: int) -> tuple[int, State]:
        """Some updates in a row, at most up to ``goal``: where they end, and the state there.

        Raises Diverged where not even one of them is finite.
        """
        learner = self.learner(iteration)
        if not learner.whole:
            if iteration % learner.every == 0:
                self._measure(iteration, state, learner)
            goal = min(goal, iteration + learner.every - iteration % learner.every)
        ends = [one.start for one in self.segments if one.start > iteration]
        goal = min([goal, *ends])
        found = learner.run(state, iteration, goal - iteration)
        reached = iteration + len(found.costs)
        if learner.whole:
            self._reserve(reached + 1)
            costs, correct = self._costs[iteration:reached], self._correct[iteration:reached]
            new = np.isnan(costs)  # a replay, on another machine perhaps, leaves what was told
            costs[new], correct[new] = found.costs[new] * learner.scale, found.correct[new]
        if found.infinite is not None and reached == iteration:
            raise Diverged(iteration, found.infinite)
        return reached, State(found.parameters, found.optimizer)

    def _measure(self, iteration: int, state: State, learner: Learner) -> None:
        if iteration >= len(self._costs) or np.isnan(self._costs[iteration]):
            self._record(iteration, *learner.measure(state.parameters))

    def _measured(self, iteration: int) -> tuple[float, int, int]:
        """C_T, the right answers, and the iteration at which they were measured."""
        learner = self.learner(iteration)
        start = learner.segment.start
        at = max(start, iteration - iteration % learner.every)
        self._reserve(at + 1)
        if np.isnan(self._costs[at]):
            self._record(at, *learner.measure(self.state(at).parameters))
        return float(self._costs[at]), int(self._correct[at]), at

    def _record(self, iteration: int, cost: float, correct: int) -> None:
        self._reserve(iteration + 1)
        self._costs[iteration], self._correct[iteration] = cost, correct

    def _reserve(self, length: int) -> None:
        if length > len(self._costs):
            more = max(length, 2 * len(self._costs)) - len(self._costs)
            self._costs = np.append(self._costs, np.full(more, np.nan))
            self._correct = np.append(self._correct, np.zeros(more, np.int32))

    def _forget(self, iteration: int) -> None:
        """Drop everything from ``iteration`` on, so that a new segment can start there."""
        self.segments = [one for one in self.segments if one.start < iteration]
        self.checkpoints = {i: state for i, state in self.checkpoints.items() if i < iteration}
        self._learners = {i: one for i, one in self._learners.items() if i < iteration}
        self._drifts = {i: drift for i, drift in self._drifts.items() if i < iteration}
        self._costs[iteration:] = np.nan
        self.iterations = iteration
        self._batch = None


def farthest(wanted: Mapping[str, Array], came: Mapping[str, Array]) -> float:
    """The largest difference of two sets of tensors, each by the tensor's largest number."""
    differences = [
        (float(np.abs(came[name] - array).max()), float(np.abs(array).max()))
        for name, array in wanted.items()
    ]
    return max((apart / size if size else apart for apart, size in differences), default=0.0)
