"""How descent grows with the images, what a history adds to it, and what going back costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import log

import numpy as np
from peers import plan
from rounds import Spread, interleave, ratio, spread
from workloads import Workload, textbook

from engine.stepper import Order, Stepper, Stretch
from engine.training import History, State

__all__ = ["growth", "overhead", "travel"]

COPIES = (1, 3, 10, 30, 100)


def growth(seconds: float) -> tuple[float, dict[int, Spread]]:
    """The exponent of time against images, fitted to medians; microseconds an image."""
    sides: dict[int, Callable[[], object]] = {}
    for copies in COPIES:
        descend = plan(textbook(copies=copies))
        sides[96 * copies] = partial(descend, max(1, 30 // copies))
    times = interleave({str(n): side for n, side in sides.items()}, seconds)
    micro = {n: spread([t * 1e6 / max(1, 30 * 96 // n) / n for t in times[str(n)]]) for n in sides}
    logs = [(log(n), log(n * each.middle)) for n, each in micro.items()]
    slope, _ = np.polyfit(*zip(*logs, strict=True), 1)
    return float(slope), micro


def overhead(workload: Workload, updates: int, seconds: float) -> Spread:
    """What a history (costs, checkpoints, replay) takes, as a multiple of the plan alone."""
    descend = plan(workload)

    def recorded() -> int:
        history = History(
            workload.network, workload.parameters, workload.settings, workload.examples
        )
        return history.advance(0, updates)

    times = interleave({"history": recorded, "plan": partial(descend, updates)}, seconds)
    return ratio(times, "history", "plan")


class Counted:
    """A stepper that counts the updates that it makes."""

    def __init__(self, stepper: Stepper) -> None:
        self.stepper, self.updates = stepper, 0

    def run(self, state: State, updates: int, count: int, order: Order) -> Stretch:
        """The same updates, counted."""
        found = self.stepper.run(state, updates, count, order)
        self.updates += len(found.costs)
        return found


def travel(iterations: int, jumps: int) -> tuple[int, int, bool]:
    """The most updates that a jump replayed, bytes of the checkpoints, whether the bits return."""
    workload = textbook()
    history = History(workload.network, workload.parameters, workload.settings, workload.examples)
    rng = np.random.default_rng(0)
    seen: dict[int, bytes] = {}
    for place in sorted(rng.integers(0, iterations, 20).tolist()):
        history.advance(history.iterations, place - history.iterations)
        seen[place] = history.state(place).to_bytes()
    history.advance(history.iterations, iterations - history.iterations)
    learner = history.learner(0)
    counted = Counted(learner.stepper)
    learner.stepper = counted  # type: ignore[assignment]
    worst = 0
    for place in [*rng.integers(0, iterations, jumps).tolist(), *range(199, iterations, 9999)]:
        counted.updates = 0
        history.state(place)
        worst = max(worst, counted.updates)
    same = all(history.state(place).to_bytes() == bits for place, bits in seen.items())
    return worst, sum(len(state.to_bytes()) for state in history.checkpoints.values()), same
