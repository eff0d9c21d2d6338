"""The only file that knows both the engine's objects and the wire's: each made from the other.

Ways in: a ``Config`` becomes a ``Setup`` (network, script, settings), lists of numbers become
arrays. Ways out: engine objects become the bytes of an answer, in the shapes of ``schemas``; large
answers are plain dictionaries of arrays, written by orjson, after a look that all is finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from app import problems, shelf
from app.imports import Imported, ImportProblem, read
from app.live.base import Event
from app.presets import PRESETS
from app.problems import Problem, bad_field
from app.schemas import (
    LARGEST_PARAMETER,
    CellValue,
    Config,
    ConfigChange,
    Conv,
    Datasets,
    DatasetSummary,
    Dense,
    LayerConfig,
    NewImage,
    NewRun,
    NewTraining,
    StageChange,
    TrainingAlteration,
)
from app.training import Training
from engine import ops
from engine.datasets import DataSet
from engine.errors import (
    CombinationError,
    ShapeError,
    UnknownIndex,
    UnknownTensor,
)
from engine.gradcheck import check
from engine.losses import LOSSES
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.passes import cost, forward
from engine.statistics import layer_statistics
from engine.trace import Equation, Script, Step, trace
from engine.training import Batch, Examples, Settings

if TYPE_CHECKING:
    from app.kin import Branch, Trial
    from app.run import Run
    from app.settings import Settings as Limits
    from app.store.base import Store

Array = NDArray[np.float64]
POOLS: Mapping[str, Callable[[int, int], ops.Op]] = {
    "max": ops.MaxPool,
    "average": ops.AveragePool,
    "l2": ops.L2Pool,
}
HISTOGRAM_IMAGES = 256  # images whose errors are counted
TRIAL_POINTS = 40  # of the cost curve of each seed
JUDGED = 256  # images that go through the network at a time, so that memory stays small
CELLS = TypeAdapter(list[CellValue])


# Configurations -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Setup:
    """A configuration made ready: everything that it alone decides. ``text`` is its JSON."""

    text: str
    config: Config
    network: Network
    script: Script
    settings: Settings

    @cached_property
    def hash(self) -> str:
        """The name of all that formulas depend on: input, layers, loss, optimizer."""
        config = self.config.model_dump()
        parts = [config["input"], config["layers"], config["loss"], config["training"]["optimizer"]]
        content = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        return blake2b(content, digest_size=8).hexdigest()

    @cached_property
    def steps(self) -> orjson.Fragment:
        """The steps of an iteration, as JSON."""
        return orjson.Fragment(orjson.dumps([step_out(step) for step in self.script.steps]))

    @cached_property
    def dataset(self) -> DataSet | None:
        """The data set, images kept for testing included, or None where there is none."""
        return None if self.config.dataset is None else shelf.load(self.config.dataset)

    @cached_property
    def examples(self) -> Examples | None:
        """The images to learn from, or None where there is no data set."""
        return None if self.dataset is None else training_examples(self.dataset.id)

    @property
    def learns_from_stage(self) -> bool:
        """Whether an update is that of the image on stage alone."""
        return self.config.training.learn_from == "stage"

    def initial(self) -> dict[str, Array]:
        """The first parameters, fixed to the bit by the seed."""
        return self.network.initial(self.config.initial, self.config.training.seed)

    def needs_new_weights(self, old: Setup) -> bool:
        """Whether going on from ``old`` must draw the parameters again."""
        seeds = self.config.training.seed != old.config.training.seed
        schemes = self.config.initial != old.config.initial
        return seeds or schemes or self.network.parameter_shapes != old.network.parameter_shapes

    def is_same_network(self, old: Setup) -> bool:
        """Whether only the way of learning differs."""
        mine, theirs = self.config, old.config
        return (mine.input, mine.layers, mine.loss) == (theirs.input, theirs.layers, theirs.loss)


def operations(layer: LayerConfig) -> list[ops.Op]:
    """A layer of the configuration as the engine's operations."""
    if isinstance(layer, Conv):
        return [
            ops.Conv(layer.filters, layer.size, layer.stride, layer.padding),
            activation(layer.activation),
        ]
    if isinstance(layer, Dense):
        return [ops.Dense(layer.units), activation(layer.activation)]
    pool: ops.Op = POOLS[layer.kind](layer.size, layer.stride)
    return [pool]


def activation(name: str) -> ops.Op:
    """An activation by its word."""
    return ops.Softmax() if name == "softmax" else ops.Activation(name)


@lru_cache(maxsize=256)
def setup(text: str) -> Setup:
    """A configuration made ready, from its JSON; raises the engine's errors where it cannot be."""
    config = Config.model_validate_json(text)
    training = config.training
    shape = (config.input.channels, config.input.height, config.input.width)
    stack = [op for layer in config.layers for op in operations(layer)]
    network = Network(shape, stack, LOSSES[config.loss])
    optimizer = OPTIMIZERS[training.optimizer]
    settings = Settings(
        optimizer=optimizer,
        learning_rate=training.learning_rate,
        batch=None if training.batch == "all" else training.batch,
        reduction=training.reduction,
        seed=training.seed,
    )
    return Setup(text, config, network, Script(network, optimizer), settings)


def prepare(config: Config, limits: Limits, *, asked: bool) -> Setup:
    """A configuration from outside made ready, or the problem with it.

    ``asked`` says that its data set was asked for by name and so must fit; one that was only
    inherited is left out where it does not.
    """
    try:
        found = setup(config_text(config))
    except (ShapeError, CombinationError) as error:
        fault = {"field": "layers", "wanted": error.wanted, "came": error.came}
        raise Problem(422, f"{error}.", errors=[fault]) from error
    bounded(found.network, limits)
    if config.dataset is None or fits(config.dataset, found.network, asked=asked):
        return found
    return setup(config_text(config.model_copy(update={"dataset": None})))


def config_text(config: Config) -> str:
    """A configuration as JSON, the same for the same configuration."""
    return orjson.dumps(config.model_dump(), option=orjson.OPT_SORT_KEYS).decode()


def bounded(network: Network, limits: Limits) -> None:
    """Refuse a network that is larger than this server takes."""
    if network.parameter_count > limits.parameters:
        wanted = f"at most {limits.parameters} parameters"
        raise bad_field("layers", wanted, network.parameter_count)
    for name, shape in network.shapes.items():
        if prod(shape) > limits.tensor_cells:
            wanted = f"at most {limits.tensor_cells} cells in {name}"
            raise bad_field("layers", wanted, prod(shape))


def fits(name: str, network: Network, *, asked: bool) -> bool:
    """Whether a data set fits a network; one that was asked for and does not is a problem."""
    if not shelf.exists(name):
        raise bad_field("dataset", f"one of {shelf.known()}, or one that was brought", name)
    found = shelf.load(name)
    wanted = [*network.input_shape, network.outputs]
    came = [*found.images.shape[1:], len(found.classes)]
    if wanted != came and asked:
        words = "images of {}×{}×{} (channels, rows, columns) and {} classes"
        raise bad_field("dataset", words.format(*wanted), words.format(*came))
    return wanted == came


def laid_over(config: Config, change: ConfigChange) -> Config:
    """``change`` laid over ``config``: objects are merged, lists replaced whole."""
    return Config.model_validate(merge(config.model_dump(), change.model_dump(exclude_unset=True)))


def merge(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two objects laid over each other, deeply."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def names_dataset(change: ConfigChange) -> bool:
    """Whether a change asks for a data set itself."""
    return "dataset" in change.model_fields_set


def new_setup(body: NewRun, limits: Limits) -> Setup:
    """The configuration of a new run: a preset with what is laid over it."""
    if body.preset not in PRESETS:
        raise bad_field("preset", f"one of {', '.join(PRESETS)}", body.preset)
    config = laid_over(PRESETS[body.preset].config, body.config)
    return prepare(config, limits, asked=names_dataset(body.config))


def changed_setup(old: Setup, change: ConfigChange, limits: Limits) -> Setup:
    """A run's configuration with a change laid over it."""
    return prepare(laid_over(old.config, change), limits, asked=names_dataset(change))


# Numbers that come in -----------------------------------------------------------------------------


def numbers(
    given: object, shape: Sequence[int], low: float, high: float, field: str
) -> list[float]:
    """Lists of lists as one flat list, row-major; raises a problem naming the first bad field."""
    if not shape:
        return [number(given, low, high, field)]
    if not isinstance(given, list) or len(given) != shape[0]:
        raise bad_field(field, f"a list of {shape[0]} (the shape is {list(shape)} here)", given)
    flat: list[float] = []
    for place, part in enumerate(given):
        flat += numbers(part, shape[1:], low, high, f"{field}.{place}")
    return flat


def number(given: object, low: float, high: float, field: str) -> float:
    """A finite number within bounds; raises a problem where it is not."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not low <= given <= high:  # type: ignore[operator]
        raise bad_field(field, f"a number from {low:g} to {high:g}", given)
    return float(given)  # type: ignore[arg-type]


def image(given: list[Any], shape: tuple[int, ...]) -> Array:
    """Pixels (row, column), or (channel, row, column), as an array of the network's input shape."""
    is_flat = bool(given) and isinstance(given[0], list) and not holds_lists(given[0])
    wanted = shape[1:] if is_flat and shape[0] == 1 else shape
    return np.array(numbers(given, wanted, 0, 1, "pixels"), np.float64).reshape(shape)


def holds_lists(given: list[Any]) -> bool:
    """Whether the first thing in a list is a list."""
    return bool(given) and isinstance(given[0], list)


def stage_change(body: StageChange) -> dict[str, Any]:
    """What is put on the stage, as keywords."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def edited(run: Run, body: Mapping[str, list[Any]]) -> dict[str, Array]:
    """The run's parameters with the edits made; the run itself is left as it is."""
    parameters = dict(run.state().parameters)
    if not body:
        raise bad_field("body", f"one of {', '.join(parameters)}", "no tensor")
    for tensor, given in body.items():
        if tensor not in parameters:
            raise bad_field("body", f"one of {', '.join(parameters)}", tensor)
        old = parameters[tensor]
        if given and isinstance(given[0], dict):
            parameters[tensor] = with_cells(old, tensor, given)
        else:
            flat = numbers(given, old.shape, -LARGEST_PARAMETER, LARGEST_PARAMETER, tensor)
            parameters[tensor] = np.array(flat, np.float64).reshape(old.shape)
    return parameters


def with_cells(old: Array, tensor: str, given: list[Any]) -> Array:
    """A copy of a parameter in which some cells have new values."""
    try:
        cells = CELLS.validate_python(given)
    except ValidationError as error:
        faults = [{**one, "loc": (tensor, *one["loc"])} for one in error.errors()]
        raise problems.invalid(faults) from error
    new = old.copy()
    for place, cell in enumerate(cells):
        inside = len(cell.index) == old.ndim
        if not inside or any(i >= n for i, n in zip(cell.index, old.shape, strict=True)):
            wanted = f"{old.ndim} whole numbers below {list(old.shape)}, counted from 0"
            raise bad_field(f"{tensor}.{place}.index", wanted, str(cell.index))
        new[tuple(cell.index)] = cell.value
    return new


# Data sets ----------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def training_examples(name: str) -> Examples:
    """The images of a data set that are learnt from, one copy for all runs."""
    found = shelf.load(name)
    chosen = found.training()
    return Examples(found.images[chosen], found.labels[chosen])


def dataset_summaries(cards: Iterable[shelf.Card]) -> Datasets:
    """Data sets without their images."""
    return Datasets(datasets=[DatasetSummary.model_validate(asdict(card)) for card in cards])


@lru_cache(maxsize=8)
def dataset_answer(name: str, first: int = 0, count: int | None = None) -> bytes:
    """A data set with its images: (n, row, column), or (n, channel, row, column).

    Of the images, ``count`` (None: all) from number ``first`` on; of everything else, all.
    """
    found = shelf.load(name)
    wanted = found.images[first : None if count is None else first + count]
    images = wanted[:, 0] if wanted.shape[1] == 1 else wanted
    kept = np.flatnonzero(np.zeros(0) if found.test is None else found.test)
    return dumps(
        {
            "id": found.id,
            "name": found.name,
            "classes": list(found.classes),
            "images": np.ascontiguousarray(images),
            "labels": np.ascontiguousarray(found.labels),
            "test": kept,
            "notes": list(shelf.notes(name)),
        }
    )


def imported(filename: str, content: bytes) -> Imported:
    """A data set out of a file; a problem that says which sheet, row or field is wrong."""
    try:
        return read(filename, content)
    except ImportProblem as error:
        fault = {"field": error.field, "wanted": error.detail, "came": error.title}
        words = f"{error.field}: {error.title}. {error.detail}"
        raise Problem(422, words, errors=[fault]) from error


def with_image(store: Store, name: str, body: NewImage, limit: int) -> DatasetSummary:
    """A copy of a data set with one more image."""
    found = shelf.load(name)
    if body.label >= len(found.classes):
        raise bad_field("label", f"0 to {len(found.classes) - 1}, one a class", body.label)
    pixels = image(body.pixels, found.shape)
    made = shelf.add_image(store, name, pixels, body.label, limit)
    return DatasetSummary.model_validate(asdict(made))


# Answers ------------------------------------------------------------------------------------------


def dumps(content: object) -> bytes:
    """JSON of dictionaries and arrays."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


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


def training(body: NewTraining) -> Training:
    """A training as it is asked for, without the iteration where it begins."""
    return Training(**body.model_dump(exclude={"iterations"}))


def training_change(body: TrainingAlteration) -> dict[str, Any]:
    """What is to be another way about a training."""
    changes = body.model_dump(exclude_unset=True)
    if "paused" in changes:
        changes["state"] = "paused" if changes.pop("paused") else "running"
    return changes


def training_answer(run: Run) -> bytes:
    """A ``Training``."""
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
    }


def seeded(here: Setup, seed: int) -> Setup:
    """The same configuration with another seed."""
    training = here.config.training.model_copy(update={"seed": seed})
    return setup(config_text(here.config.model_copy(update={"training": training})))


def trial_out(run: Run, trial: Trial) -> dict[str, Any]:
    """A ``Seed``: how far it has come, and the weights of its first layer."""
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
        "running": run.training.runs,
        "goal": run.training.goal or 0,
    }


def histograms_answer(run: Run) -> bytes:
    """``Histograms``: of the coming update's images, the first of them where they are many."""
    learnt, batch = run.learnt(), run.batch()
    samples = np.arange(len(learnt.labels))
    if batch is not None and len(batch.samples):
        samples = batch.samples
    samples = samples[:HISTOGRAM_IMAGES]
    targets = learnt.targets(run.setup.network.outputs)[samples]
    layers = layer_statistics(
        run.setup.network, run.state().parameters, learnt.images[samples], targets
    )
    content = [
        {
            "layer": one.layer,
            "delta": vars(one.delta),
            "gradient": vars(one.gradient),
            "saturated": one.saturated,
            "vanishing": one.vanishing,
        }
        for one in layers
    ]
    return dumps({"iteration": run.iteration, "images": len(samples), "layers": content})


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


def step_out(step: Step) -> dict[str, Any]:
    """A ``Step``; ``of`` and the entries of ``reads_of`` say whose where it is not the image's."""
    written = {"of": step.writes.of} if step.writes.of else {}
    return {
        "number": step.number,
        "phase": step.phase,
        "layer": step.layer,
        "writes": step.writes.id,
        **written,
        "reads": [tensor.id for tensor in step.reads],
        "reads_of": [tensor.of for tensor in step.reads],
        "law": step.law,
    }


def tensors_out(tensors: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Tensors as shapes and flat values; raises a problem where one is not finite."""
    out = {}
    for name, value in tensors.items():
        array = np.asarray(value)
        if not np.isfinite(array).all():
            raise Problem(409, f"{name} is not finite: the parameters are too large.", tensor=name)
        out[name] = {"shape": list(array.shape), "values": np.ascontiguousarray(array).ravel()}
    return out


def image_tensors(run: Run) -> dict[str, Any]:
    """Every tensor of the image on stage, with η, the iteration and the optimizer's state."""
    here, state = run.setup, run.state()
    target = np.zeros(here.network.outputs)
    target[run.stage.label] = 1.0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = trace(here.network, state.parameters, run.stage.pixels, target)
    eta = np.float64(here.settings.learning_rate)
    return {**found, "eta": eta, "iteration": np.float64(run.local), **state.optimizer}


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
        raise Problem(409, "C is not finite: the parameters are too large.", tensor="C")
    gradients = batch.gradients if batch.diverged is None else {}
    return {
        "C": batch.C,
        "accuracy": batch.accuracy,
        "measured_at": run.era.start + batch.measured_at,
        "samples": samples_out(run, batch),
        "gradients": tensors_out(gradients),
        "updated": tensors_out(batch.updated),
        "diverged": batch.diverged,
    }


def samples_out(run: Run, batch: Batch) -> list[int]:
    """The images of the coming update, counted in the whole data set; none for a drawing."""
    if run.setup.learns_from_stage:
        return [] if run.stage.sample is None else [run.stage.sample]
    data = run.setup.dataset
    return [] if data is None else data.training()[batch.samples].tolist()


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
            "saturated": saturated(run.setup.network, tensors),
        }
    )


def saturated(network: Network, tensors: Mapping[str, Array]) -> list[dict[str, Any]]:
    """The output neurons too saturated for the factors of cross-entropy, as cells of ∂C/∂a."""
    name = network.bindings[-1].dy
    units = np.flatnonzero(network.loss.held(tensors[name]))
    return [{"tensor": name, "index": [int(unit)]} for unit in units]


def formula_out(equation: Equation) -> dict[str, Any]:
    """A ``Formula``."""
    cell = equation.cell
    return {
        "tensor": cell.tensor.id,
        "index": list(cell.index),
        "law": equation.law(),
        "tree": equation.tree(),
        "cells": equation.cells(),
    }


def formula_answer(here: Setup, tensor: str, index: tuple[int, ...]) -> bytes:
    """The formula of one cell."""
    known(here, tensor)
    try:
        return dumps(formula_out(here.script.equation(tensor, index)))
    except UnknownIndex as error:
        raise unknown_index(error) from error


def known(here: Setup, tensor: str) -> tuple[int, ...]:
    """The shape of a tensor that has formulas, or the problem that there is none of this name."""
    try:
        return here.script.shape(tensor)
    except UnknownTensor as error:
        raise unknown_tensor(tensor, here.script.explained, "has formulas") from error


def unknown_tensor(tensor: str, there: Iterable[str], what: str) -> Problem:
    """The problem of a tensor's id."""
    words = f"No tensor {problems.shown(tensor)} {what} here; there are {', '.join(there)}."
    return Problem(404, words)


def unknown_index(error: UnknownIndex) -> Problem:
    """The problem of a cell's index."""
    wanted = f"{len(error.shape)} whole numbers below {list(error.shape)}, counted from 0"
    return bad_field("index", wanted, str(list(error.index)))


@lru_cache(maxsize=64)
def formulas_written(here: Setup, tensor: str) -> bytes:
    """The formulas of all cells of a tensor, row-major."""
    return dumps({"formulas": [formula_out(one) for one in here.script.equations(tensor)]})


NEIGHBOURS = 5  # a run of neighbours has this part of what an answer may have


def formulas_answer(here: Setup, tensor: str, limits: Limits) -> bytes:
    """The formulas of all cells of a tensor, up to a bound."""
    cells, terms = effort(here, tensor)
    if cells > limits.formula_cells or terms > limits.formula_terms:
        raise Problem(
            422,
            f"{tensor} has {cells} cells, and their formulas read about {terms} others; an answer "
            f"has at most {limits.formula_cells} cells and {limits.formula_terms} that they read. "
            "Ask for one cell with ?index=.",
        )
    return formulas_written(here, tensor)


def effort(here: Setup, tensor: str) -> tuple[int, int]:
    """How many cells a tensor has, and about how many cells are named in all their formulas."""
    shape = known(here, tensor)
    middle = tuple(n // 2 for n in shape)
    return prod(shape), prod(shape) * (1 + len(here.script.equation(tensor, middle).cells()))


def formulas_around(here: Setup, tensor: str, index: tuple[int, ...], limits: Limits) -> bytes:
    """The formulas of all cells of a tensor, or where they are too many of a run that has a cell.

    Runs are as long for each cell of a tensor, and far below the bound: pointing at a cell of a
    large tensor asks for its neighbours too, and is to be answered at once.
    """
    cells, terms = effort(here, tensor)
    shape = known(here, tensor)
    if cells <= limits.formula_cells and terms <= limits.formula_terms:
        return formulas_written(here, tensor)
    if len(index) != len(shape) or any(not 0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise unknown_index(UnknownIndex(tensor, index, shape))
    most = min(limits.formula_cells, limits.formula_terms * cells // terms) // NEIGHBOURS
    count = max(1, most)
    place = int(np.ravel_multi_index(index, shape)) if shape else 0
    first = place - place % count
    places = range(first, min(first + count, cells))
    found = [tuple(int(i) for i in np.unravel_index(n, shape)) for n in places]
    formulas = [formula_out(here.script.equation(tensor, one)) for one in found]
    return dumps({"formulas": formulas, "from": first})


def check_answer(run: Run, tensor: str, index: tuple[int, ...], of: str) -> bytes:
    """A derivative of C or C_T by back-propagation and by central differences."""
    here, state = run.setup, run.state()
    examples, scale = run.on_stage(), 1.0
    if of == "batch":
        examples = run.learnt()
        if tensor not in state.parameters:
            raise bad_field("of", "image, unless a parameter is varied", of)
        if here.settings.reduction == "mean":
            scale = 1.0 / len(examples.labels)
    targets = examples.targets(here.network.outputs)
    try:
        found = check(here.network, state.parameters, examples.images, targets, tensor, index)
    except UnknownTensor as error:
        shapes = here.network.shapes
        varied = [one for one in shapes if one.endswith((".z", ".a", ".w", ".b"))]
        raise unknown_tensor(tensor, varied, "can be varied") from error
    except UnknownIndex as error:
        raise unknown_index(error) from error
    if not isfinite(found.numeric) or not isfinite(found.analytic):
        raise Problem(409, "The derivative is not finite: the parameters are too large.")
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
    shape = batch.gradients[tensor].shape
    if len(index) != len(shape) or any(i >= n for i, n in zip(index, shape, strict=True)):
        raise unknown_index(UnknownIndex(tensor, index, shape))
    shares = run.learning().contributions(run.local, tensor, index)
    return dumps(
        {
            "tensor": tensor,
            "index": list(index),
            "samples": samples_out(run, batch) or [None],
            "shares": np.ascontiguousarray(shares),
            "total": float(batch.gradients[tensor][index]),
        }
    )


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
        raise Problem(409, "C is not finite: the parameters are too large.", tensor="C")
    mean = run.setup.settings.reduction == "mean"
    return {
        "count": count,
        "C": total / count if mean else total,
        "accuracy": float(np.trace(confusion)) / count,
        "confusion": confusion,
    }


def costs_answer(
    iterations: NDArray[np.int64], costs: Array, accuracy: Array, points: int
) -> bytes:
    """``Costs`` thinned to ``points``, the first and the last among them."""
    return dumps(costs_out(iterations, costs, accuracy, points))


def costs_out(
    iterations: NDArray[np.int64], costs: Array, accuracy: Array, points: int
) -> dict[str, Any]:
    """``Costs``, thinned."""
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
