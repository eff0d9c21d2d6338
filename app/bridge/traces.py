"""Traces: everything of one iteration, of the image on stage and of the coming update."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from app.bridge.answers import stage_out
from app.bridge.incoming import edited
from app.bridge.writing import dumps
from app.problems import not_finite
from engine.functions import Array
from engine.installation import installation
from engine.network import Network
from engine.statistics import flat_slopes
from engine.trace import trace
from engine.training import Batch

if TYPE_CHECKING:
    from app.run import Run


def trace_answer(run: Run, iterations: int | None = None) -> bytes:
    """A ``Trace``: everything of this iteration in one reply.

    ``iterations`` is for a copy that knows fewer of them than have been reached by now.
    """
    tensors = image_tensors(run)
    output = tensors[run.setup.network.bindings[-1].y]
    return dumps(
        {
            "run": run.id,
            "version": run.version,
            "config_hash": run.setup.hash,
            "iteration": run.iteration,
            "step": run.step,
            "iterations": run.iterations if iterations is None else iterations,
            "stage": stage_out(run),
            "steps": run.setup.steps,
            "tensors": tensors_out(tensors),
            "batch": batch_out(run, run.batch()),
            "prediction": int(np.argmax(output)),
            "saturated": held_outputs(run.setup.network, tensors),
            "flat": flat_slopes(run.setup.network),
            "replay": replay_out(run),
        }
    )


def replay_out(run: Run) -> dict[str, Any] | None:
    """What is said where another installation made the history; None where this one did."""
    history, here = run.era.history, installation()
    if history.made_on == here:
        return None
    difference = history.drift(run.local)
    return {"made_on": history.made_on or "unknown", "here": here, "difference": difference}


def preview_answer(run: Run, body: Mapping[str, list[Any]]) -> bytes:
    """The ``Trace`` that there would be with other parameters; the run stays as it is."""
    draft = run.fork()
    draft.edit(edited(draft, body))
    draft.step = run.step
    tensor = infinite(draft)
    if tensor is not None:
        raise not_finite(tensor, "would not be finite")
    return trace_answer(draft)


def tensors_out(tensors: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Tensors as shapes and flat values; raises a problem where one is not finite."""
    out = {}
    for name, value in tensors.items():
        array = np.asarray(value)
        if not np.isfinite(array).all():
            raise not_finite(name, tensor=name)
        out[name] = {"shape": list(array.shape), "values": np.ascontiguousarray(array).ravel()}
    return out


def image_tensors(run: Run) -> dict[str, Any]:
    """Every tensor of the image on stage, with η, the counts and the optimizer's state."""
    here, state = run.setup, run.state()
    target = np.zeros(here.network.outputs)
    target[run.stage.label] = 1.0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = trace(here.network, state.parameters, run.stage.pixels, target)
    eta = np.float64(here.settings.learning_rate)
    free = {"eta": eta, "iteration": run.iteration, "updates": run.local - run.segment.begun}
    return {**found, **{name: np.float64(value) for name, value in free.items()}, **state.optimizer}


def infinite(run: Run) -> str | None:
    """The first tensor of the iteration that is not finite, of the image or the batch; or None."""
    batch = run.batch()
    learnt = {} if batch is None else {"C": batch.C, **batch.gradients}
    for name, value in (image_tensors(run) | learnt).items():
        if not np.isfinite(value).all():
            return name
    return None


def batch_out(run: Run, batch: Batch | None) -> dict[str, Any] | None:
    """The coming update, or None where there is nothing to learn from."""
    if batch is None:
        return None
    if not isfinite(batch.C):
        raise not_finite("C", tensor="C")
    gradients = batch.gradients if batch.diverged is None else {}
    return {
        "C": batch.C,
        "accuracy": batch.accuracy,
        "measured_at": run.era.start + batch.measured_at,
        "samples": samples_out(run, batch),
        "gradients": tensors_out(gradients),
        "updated": tensors_out(batch.updated),
        "diverged": batch.diverged,
        "branches": not run.is_learnt_already(),
    }


def samples_out(run: Run, batch: Batch) -> list[int]:
    """The images of the coming update, counted in the whole data set; none for a drawing."""
    if run.setup.learns_from_stage:
        return [] if run.stage.sample is None else [run.stage.sample]
    data = run.setup.dataset
    return [] if data is None else data.training()[batch.samples].tolist()


def held_outputs(network: Network, tensors: Mapping[str, Array]) -> list[dict[str, Any]]:
    """The output neurons too saturated for the factors of cross-entropy, as cells of ∂C/∂a."""
    name = network.bindings[-1].dy
    units = np.flatnonzero(network.loss.held(tensors[name]))
    return [{"tensor": name, "index": [int(unit)]} for unit in units]
