"""The page reads formulas and symbols as the engine does: two readers, one mathematics.

Python writes down symbols, formulas and one trace of a network; node reads them with the page's own
modules (``tests/static/agree.mjs``) and answers with every difference.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.losses import CrossEntropy, Loss, SquaredError
from engine.network import Network
from engine.ops import Activation, AveragePool, Conv, Dense, L2Pool, MaxPool, Op, Softmax
from engine.optimizers import Adam, GradientDescent, Momentum, Optimizer
from engine.trace import Script, trace
from engine.training import Examples, History, Settings

HOUSE = Path(__file__).parents[1]
STEPS = 3


def textbook() -> Network:
    """The textbook's network."""
    ops: list[Op] = [
        Conv(3, 3),
        Activation("sigmoid"),
        MaxPool(2, 2),
        Dense(3),
        Activation("sigmoid"),
    ]
    return Network((1, 6, 6), ops, SquaredError())


def deep() -> Network:
    """Every kind of layer and activation, with padding, strides and more than ten maps."""
    ops: list[Op] = [
        Conv(2, 3, stride=1, padding=1),
        Activation("tanh"),
        AveragePool(2, 1),
        Conv(11, 2, stride=2),
        Activation("leaky_relu"),
        L2Pool(2, 2),
        Dense(4),
        Activation("relu"),
        Dense(5),
        Activation("identity"),
        Dense(3),
        Softmax(),
    ]
    return Network((2, 7, 8), ops, CrossEntropy())


def overlapping(loss: Loss) -> Network:
    """Blocks that overlap."""
    ops: list[Op] = [Conv(2, 2), Activation("relu"), MaxPool(2, 1), Dense(2), Activation("sigmoid")]
    return Network((1, 4, 4), ops, loss)


NETWORKS: Mapping[str, tuple[Network, Optimizer]] = {
    "textbook": (textbook(), GradientDescent()),
    "deep": (deep(), Adam()),
    "overlapping blocks": (overlapping(SquaredError()), Momentum()),
    "sigmoid cross-entropy": (overlapping(CrossEntropy()), GradientDescent()),
}


def values(array: Any) -> dict[str, Any]:
    """An array as the wire writes it: shape, and values row by row."""
    flat = np.asarray(array, dtype=np.float64)
    return {"shape": list(flat.shape), "values": flat.ravel().tolist()}


def history(network: Network, optimizer: Optimizer, first: str) -> History:
    """A few updates of that network on black-and-white noise, which has ties."""
    rng = np.random.default_rng(7)
    images = rng.integers(0, 2, (6, *network.shapes["I.a"])).astype(np.float64)
    examples = Examples(images, np.arange(6) % network.outputs)
    start = network.initial(first, 3)
    settings = Settings(optimizer=optimizer, learning_rate=0.05)
    begun = History(network, start, settings, examples)
    begun.advance(0, STEPS)
    return begun


def symbols(network: Network, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[dict[str, Any]]:
    """Every tensor and cell with its symbol, the batch's and the next ones included."""
    notation = network.notation
    for tensor, shape in shapes.items():
        for of in (None, "batch", "next"):
            yield {"cell": {"tensor": tensor, "of": of}, "tex": notation.symbol(tensor, of)}
            for index in product(*map(range, shape)):
                cell = {"tensor": tensor, "index": index, "of": of}
                yield {"cell": cell, "tex": notation.cell(tensor, index, of)}


def written(network: Network, optimizer: Optimizer, first: str = "normal") -> dict[str, Any]:
    """What the page would hold of that network after a few updates."""
    learnt, script = history(network, optimizer, first), Script(network, optimizer)
    state, batch = learnt.state(STEPS), learnt.batch(STEPS)
    assert learnt.segments[-1].examples is not None
    target = np.eye(network.outputs)[1]
    kept = trace(network, state.parameters, learnt.segments[-1].examples.images[1], target)
    held: dict[str, Any] = {
        **kept,
        **state.parameters,
        **state.optimizer,
        "eta": 0.05,
        "iteration": STEPS,
        "updates": STEPS,
    }
    kinds = {name: np.shape(array) for name, array in held.items()}
    formulas = [
        {
            "tensor": tensor,
            "index": eq.cell.index,
            "of": eq.cell.tensor.of,
            "tree": eq.tree(),
            "law": eq.law(),
        }
        for tensor in script.explained
        for eq in script.equations(tensor)
    ]
    layers = [{"letter": x.letter, "type": x.type, "shape": x.shape} for x in network.layers]
    gradients = {name: values(array) for name, array in batch.gradients.items()}
    updated = {name: values(array) for name, array in batch.updated.items()}
    return {
        "run": {"config": {"input": {"channels": network.shapes["I.a"][0]}}, "layers": layers},
        "trace": {
            "tensors": {name: values(array) for name, array in held.items()},
            "batch": {"C": batch.C, "gradients": gradients, "updated": updated},
        },
        "formulas": formulas,
        "symbols": list(symbols(network, kinds)),
    }


def answered(script: str, content: dict[str, Any], folder: Path) -> str:
    """What node says of a network, with the page's own modules."""
    node = shutil.which("node")
    assert node, "node is needed: the page's modules run in it"
    file = folder / "network.json"
    file.write_text(json.dumps(content))
    command = [node, "--import", "./tests/static/imports.mjs", f"tests/static/{script}", str(file)]
    answer = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


@pytest.mark.parametrize("name", NETWORKS)
def test_page_and_engine_agree(name: str, tmp_path: Path) -> None:
    """Every symbol is the same, every formula's value is the engine's, every law is sound TeX."""
    content = written(*NETWORKS[name])
    assert len(content["formulas"]) > 100
    assert answered("agree.mjs", content, tmp_path) == ""


@pytest.mark.parametrize("first", ["normal", "zeros"])
@pytest.mark.parametrize("name", NETWORKS)
def test_copied_programs_give_the_number(name: str, first: str, tmp_path: Path) -> None:
    """A formula copied as NumPy runs without a warning and gives its cell, where L2 is 0 too."""
    programs = json.loads(answered("programs.mjs", written(*NETWORKS[name], first=first), tmp_path))
    assert len(programs) > 20
    for one in programs:
        found: dict[str, Any] = {}
        exec(one["program"], found)  # noqa: S102
        value, expected = float(found["value"]), one["expected"]
        assert abs(value - expected) <= 1e-12 * max(1.0, abs(expected)), one["cell"]
