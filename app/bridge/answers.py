"""How a run stands, as answers and as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.bridge.writing import dumps
from app.live.base import Event
from app.problems import Problem
from engine.functions import Array

if TYPE_CHECKING:
    from app.kin import Branch, Trial
    from app.run import Run

TRIAL_POINTS = 40  # of the cost curve of each seed


def stage_out(run: Run) -> dict[str, Any]:
    """What is on the stage."""
    return {"sample": run.stage.sample, "label": run.stage.label}


def run_answer(run: Run) -> bytes:
    """A ``Run``."""
    here = run.setup
    layers = [
        {
            "letter": layer.letter,
            "type": layer.type.partition("/")[0],
            "shape": list(layer.shape),
            "parameters": layer.parameters,
        }
        for layer in here.network.layers
    ]
    return dumps(
        {
            "id": run.id,
            "version": run.version,
            "preset": run.preset,
            "config_hash": here.hash,
            "config": here.config.model_dump(),
            "layers": layers,
            "parameters": here.network.parameter_count,
            "position": {"iteration": run.iteration, "step": run.step},
            "iterations": run.iterations,
            "stage": stage_out(run),
            "training": run.training.progress(run.iteration),
        }
    )


def training_answer(run: Run) -> bytes:
    """A ``TrainingProgress``."""
    return dumps(run.training.progress(run.iteration))


def branch_out(run: Run, branch: Branch) -> dict[str, Any]:
    """A ``Branch``, of the run that it is."""
    _, costs, accuracy = run.costs()
    return {
        "id": branch.id,
        "name": branch.name,
        "from": branch.begun,
        "iterations": run.iterations,
        "C": costs[-1] if len(costs) else None,
        "accuracy": accuracy[-1] if len(accuracy) else None,
        "config_hash": run.setup.hash,
        "unreadable": None,
    }


def lost_branch_out(branch: Branch, why: str) -> dict[str, Any]:
    """A ``Branch`` of which only the name is left, and why."""
    told = {"id": branch.id, "name": branch.name, "from": branch.begun, "unreadable": why}
    return {**told, **dict.fromkeys(("iterations", "C", "accuracy", "config_hash"))}


def trial_out(run: Run, trial: Trial) -> dict[str, Any]:
    """A ``SeedProgress``: how far it has come, and the weights of its first layer."""
    iterations, costs, accuracy = run.measured(0)
    name, values = next(iter(run.state().parameters.items()))
    thinned = costs_out(iterations, costs, accuracy, TRIAL_POINTS)
    return {
        "seed": trial.seed,
        "iteration": run.iteration,
        "C": costs[-1] if len(costs) else None,
        "accuracy": accuracy[-1] if len(accuracy) else None,
        "costs": {"iterations": thinned["iterations"], "C": thinned["C"]},
        "weights": {"tensor": name, "shape": values.shape, "values": values.reshape(-1)},
        "diverged": run.training.state == "diverged",
        "unreadable": None,
    }


def lost_trial_out(trial: Trial, why: str) -> dict[str, Any]:
    """A ``SeedProgress`` of which only the seed is left, and why."""
    nothing = dict.fromkeys(("iteration", "C", "accuracy", "costs", "weights"))
    return {"seed": trial.seed, **nothing, "diverged": False, "unreadable": why}


def position_event(run: Run) -> Event:
    """Where the run stands, and which version and configuration it has."""
    place = {
        "version": run.version,
        "iteration": run.iteration,
        "step": run.step,
        "iterations": run.iterations,
        "config_hash": run.setup.hash,
        "stage": stage_out(run),
    }
    return Event("position", dumps(place))


def training_event(run: Run) -> Event:
    """How the run's training goes."""
    return Event("training", training_answer(run))


def cost_event(run: Run, start: int, points: int) -> Event:
    """The costs from an iteration on, thinned; they take the place of what was known of those."""
    content = costs_out(*run.measured(start), points)
    return Event("cost", dumps({"from": start, **content}))


def costs_answer(run: Run, points: int, start: int = 0, end: int | None = None) -> bytes:
    """``Costs`` from ``start`` to ``end``, thinned to ``points``, first and last among them."""
    iterations, costs, accuracy = run.costs()
    last = run.iterations if end is None else end
    part = slice(*np.searchsorted(iterations, [start, last + 1]))
    return dumps(costs_out(iterations[part], costs[part], accuracy[part], points))


def costs_out(
    iterations: NDArray[np.int64], costs: Array, accuracy: Array, points: int
) -> dict[str, Any]:
    """``Costs``: of each (m,) as many as ``points`` at most, the first and the last among them."""
    chosen = np.arange(len(iterations))
    if len(iterations) > points:
        chosen = np.unique(np.linspace(0, len(iterations) - 1, points).round().astype(int))
    return {"iterations": iterations[chosen], "C": costs[chosen], "accuracy": accuracy[chosen]}


def nothing_to_learn_from() -> Problem:
    """The refusal where no data set fits the network."""
    return Problem(
        409,
        "There is nothing to learn from: no data set fits the network's input and outputs. Choose "
        'one that does, or learn from the stage ({"training": {"learn_from": "stage"}}).',
    )
