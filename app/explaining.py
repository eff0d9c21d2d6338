"""What explains a number beside its formula: curves that a slope is drawn on, and what would be.

Nothing here changes a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from app import bridge
from app.problems import Problem, bad_field
from app.run import Run
from engine.curves import activation_curve, cost_curve
from engine.errors import UnknownIndex, UnknownTensor

#: Points of a cost curve times images: more would let the asker wait.
WORK = 60_000


def preview_answer(run: Run, body: Mapping[str, list[Any]]) -> bytes:
    """The ``Trace`` that there would be with other parameters; the run stays as it is."""
    draft = run.fork()
    draft.edit(bridge.edited(draft, body))
    draft.step = run.step
    tensor = bridge.infinite(draft)
    if tensor is not None:
        raise Problem(409, f"{tensor} would not be finite: the parameters are too large.")
    return bridge.trace_answer(draft)


def curve_answer(
    run: Run, tensor: str, index: tuple[int, ...], *, of: str, points: int, span: float
) -> bytes:
    """C or C_T along one parameter, with its slope where the parameter is."""
    here, state = run.setup, run.state()
    examples, scale = run.on_stage(), 1.0
    if of == "batch":
        examples = run.learnt()
        if here.settings.reduction == "mean":
            scale = 1.0 / len(examples.labels)
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
        raise bridge.unknown_tensor(tensor, state.parameters, "is a parameter") from error
    except UnknownIndex as error:
        raise bridge.unknown_index(error) from error
    if not np.isfinite([found.C, found.slope, *found.costs]).all():
        raise Problem(409, "The cost is not finite there: the parameters are too large.")
    return bridge.dumps(
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
    return bridge.dumps(
        {
            "layer": layer,
            "function": found.function,
            "z": found.z,
            "a": found.a,
            "slope": found.slope,
        }
    )
