"""How a network does: its answers, its results, and how its errors and gradients are spread."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from app.bridge.answers import nothing_to_learn_from
from app.bridge.writing import dumps
from app.problems import not_finite
from engine.datasets import DataSet
from engine.functions import Array
from engine.passes import cost, forward
from engine.statistics import LayerStatistics, layer_statistics
from engine.training import Examples

if TYPE_CHECKING:
    from app.run import Run

HISTOGRAM_IMAGES = 256  # images whose errors are counted
NAMED = 1_000  # units of a layer that an answer names at most
JUDGED = 256  # images that go through the network at a time, so that memory stays small


def histograms_answer(run: Run) -> bytes:
    """``Histograms``: gradients of the coming update, δ of its images, or the first of them."""
    learnt, batch = run.learnt(), run.batch()
    if batch is None:
        raise nothing_to_learn_from()
    for name, gradient in batch.gradients.items():
        if not np.isfinite(gradient).all():
            raise not_finite(name, tensor=name)
    samples = batch.samples if len(batch.samples) else np.arange(len(learnt.labels))
    mean = run.setup.settings.reduction == "mean"
    scale = 1.0 / len(samples) if mean else 1.0
    counted = samples[:HISTOGRAM_IMAGES]
    layers = layer_statistics(
        run.setup.network,
        run.state().parameters,
        learnt.images[counted],
        learnt.targets(run.setup.network.outputs)[counted],
        batch.gradients,
        scale,
    )
    content = [layer_out(one) for one in layers]
    return dumps({"iteration": run.iteration, "images": len(counted), "layers": content})


def layer_out(found: LayerStatistics) -> dict[str, Any]:
    """``LayerHistograms``."""
    return {
        "layer": found.layer,
        "delta": vars(found.delta),
        "gradient": vars(found.gradient),
        "saturated": found.saturated,
        "vanishing": found.vanishing,
        "units": {
            "shape": found.shape,
            "saturated": found.saturated_units[:NAMED].tolist(),
            "vanishing": found.vanishing_units[:NAMED].tolist(),
        },
    }


def predictions_answer(run: Run) -> bytes:
    """What the network says of each image of the data set at the run's position."""
    data = run.setup.dataset
    if data is None:
        raise nothing_to_learn_from()
    said = np.concatenate([outputs.argmax(axis=1) for _, outputs, _ in judged(run, data)])
    correct = int((said == data.labels).sum())
    return dumps({"iteration": run.iteration, "predictions": said, "correct": correct})


def judged(run: Run, images: Examples | DataSet) -> Iterator[tuple[slice, Array, Array]]:
    """Some images at a time: which they are, the outputs (n, u), and the costs (n,)."""
    network, parameters = run.setup.network, run.state().parameters
    targets = np.eye(network.outputs)[images.labels]
    for start in range(0, len(images.labels), JUDGED):
        part = slice(start, start + JUDGED)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = forward(network, parameters, images.images[part])
            costs = cost(network, found, targets[part])
        yield part, found[f"{network.layers[-1].letter}.a"], costs


def results_answer(run: Run) -> bytes:
    """``Results``: cost, accuracy and confusions on training and test images."""
    here, data = run.setup, run.setup.dataset
    if data is None or here.examples is None:
        raise nothing_to_learn_from()
    tested = None
    if data.test is not None and data.test.any():
        tested = Examples(data.images[data.test], data.labels[data.test])
    return dumps(
        {
            "iteration": run.iteration,
            "classes": list(data.classes),
            "training": result_out(run, here.examples),
            "test": None if tested is None else result_out(run, tested),
        }
    )


def result_out(run: Run, examples: Examples) -> dict[str, Any]:
    """``Result``: C as the configuration reduces it, and how often each class got each answer."""
    count, outputs = len(examples.labels), run.setup.network.outputs
    confusion = np.zeros((outputs, outputs), np.int64)
    total = 0.0
    for part, found, costs in judged(run, examples):
        total += float(costs.sum())
        np.add.at(confusion, (examples.labels[part], found.argmax(axis=1)), 1)
    if not isfinite(total):
        raise not_finite("C", tensor="C")
    mean = run.setup.settings.reduction == "mean"
    return {
        "count": count,
        "C": total / count if mean else total,
        "accuracy": float(np.trace(confusion)) / count,
        "confusion": confusion,
    }
