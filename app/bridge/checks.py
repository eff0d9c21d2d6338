"""What proves a gradient, or shows it: differences, shares, and curves that a slope is drawn on."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from app.bridge.answers import nothing_to_learn_from
from app.bridge.incoming import unknown_index, unknown_tensor
from app.bridge.traces import samples_out
from app.bridge.writing import dumps
from app.problems import Problem, bad_field, not_finite
from engine.curves import activation_curve, cost_curve
from engine.errors import UnknownIndex, UnknownTensor
from engine.gradcheck import check
from engine.training import Examples

if TYPE_CHECKING:
    from app.run import Run

WORK = 60_000  # points of a cost curve times images: more would let the asker wait


def varied(run: Run, of: str) -> tuple[Examples, float]:
    """The images whose summed cost is varied, and the factor that makes C or C_T of it.

    ``of`` is ``image``, what is on stage, or ``batch``, all that is learnt from.
    """
    if of == "image":
        return run.on_stage(), 1.0
    examples = run.learnt()
    mean = run.setup.settings.reduction == "mean"
    return examples, 1.0 / len(examples.labels) if mean else 1.0


def check_answer(run: Run, tensor: str, index: tuple[int, ...], of: str) -> bytes:
    """A derivative of C or C_T by back-propagation and by central differences."""
    here, state = run.setup, run.state()
    examples, scale = varied(run, of)
    if of == "batch" and tensor not in state.parameters:
        raise bad_field("of", "image, unless a parameter is varied", of)
    targets = examples.targets(here.network.outputs)
    try:
        found = check(here.network, state.parameters, examples.images, targets, tensor, index)
    except UnknownTensor as error:
        shapes = here.network.shapes
        there = [one for one in shapes if one.endswith((".z", ".a", ".w", ".b"))]
        raise unknown_tensor(tensor, there, "can be varied") from error
    except UnknownIndex as error:
        raise unknown_index(error) from error
    if not isfinite(found.numeric) or not isfinite(found.analytic):
        raise not_finite("The derivative")
    return dumps(
        {
            "analytic": scale * found.analytic,
            "numeric": scale * found.numeric,
            "difference": scale * found.difference,
            "step": found.step,
            "kink": found.kink,
        }
    )


def contributions_answer(run: Run, tensor: str, index: tuple[int, ...]) -> bytes:
    """Each training image's share of one cell of a batch gradient."""
    batch = run.batch()
    if batch is None:
        raise nothing_to_learn_from()
    if tensor not in batch.gradients:
        raise unknown_tensor(tensor, batch.gradients, "is a gradient of the batch")
    try:
        shares = run.learning().contributions(run.local, tensor, index)
    except UnknownIndex as error:
        raise unknown_index(error) from error
    return dumps(
        {
            "tensor": tensor,
            "index": list(index),
            "samples": samples_out(run, batch) or [None],
            "shares": np.ascontiguousarray(shares),
            "total": float(batch.gradients[tensor][index]),
        }
    )


def curve_answer(
    run: Run, tensor: str, index: tuple[int, ...], *, of: str, points: int, span: float
) -> bytes:
    """C or C_T along one parameter, with its slope where the parameter is."""
    here, state = run.setup, run.state()
    examples, scale = varied(run, of)
    if points * len(examples.labels) > WORK:
        wanted = f"at most {WORK // len(examples.labels)} for so many images, or of=image"
        raise bad_field("points", wanted, points)
    targets = examples.targets(here.network.outputs)
    try:
        found = cost_curve(
            here.network,
            state.parameters,
            examples.images,
            targets,
            tensor,
            index,
            span=span,
            points=points,
        )
    except UnknownTensor as error:
        raise unknown_tensor(tensor, state.parameters, "is a parameter") from error
    except UnknownIndex as error:
        raise unknown_index(error) from error
    if not np.isfinite([found.C, found.slope, *found.costs]).all():
        raise not_finite("The cost", "is not finite there")
    return dumps(
        {
            "tensor": tensor,
            "index": list(index),
            "of": of,
            "value": found.value,
            "C": scale * found.C,
            "slope": scale * found.slope,
            "values": found.values,
            "costs": scale * found.costs,
        }
    )


def activation_answer(run: Run, layer: str, points: int, reach: float) -> bytes:
    """The curve of a layer's activation, from −reach to reach or wider."""
    network = run.setup.network
    letters = list(dict.fromkeys(binding.layer for binding in network.bindings))
    if layer not in letters:
        raise Problem(404, f"No layer {layer} here; there are {', '.join(letters)}.")
    found = activation_curve(network, layer, reach, points)
    if found is None:
        raise Problem(404, f"The outputs of layer {layer} are not each a function of one z.")
    return dumps(
        {
            "layer": layer,
            "function": found.function,
            "flat": found.flat,
            "z": found.z,
            "a": found.a,
            "slope": found.slope,
        }
    )
