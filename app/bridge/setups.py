"""Configurations made ready: everything that a configuration alone decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from math import prod
from typing import TYPE_CHECKING, Any, cast

import orjson

from app import shelf
from app.presets import PRESETS
from app.problems import Problem, bad_field, unlike
from app.schemas import Config, ConfigChange, Conv, Dense, LayerConfig, NewRun
from engine import ops
from engine.datasets import DataSet
from engine.errors import CombinationError, ShapeError
from engine.functions import Array
from engine.losses import LOSSES
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.trace import Script, Step
from engine.training import Examples, Settings

if TYPE_CHECKING:
    from app.settings import Settings as Limits


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


@lru_cache(maxsize=16)
def training_examples(name: str) -> Examples:
    """The images of a data set that are learnt from, one copy for all runs."""
    found = shelf.load(name)
    chosen = found.training()
    return Examples(found.images[chosen], found.labels[chosen])


def operations(layer: LayerConfig) -> list[ops.Op]:
    """A layer of the configuration as the engine's operations."""
    if isinstance(layer, Conv):
        return [
            ops.Conv(layer.filters, layer.size, layer.stride, layer.padding),
            activation(layer.activation),
        ]
    if isinstance(layer, Dense):
        return [ops.Dense(layer.units), activation(layer.activation)]
    pool = cast("type[ops.Pool]", ops.REGISTRY[f"pool/{layer.kind}"])
    return [pool(layer.size, layer.stride)]


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


def config_text(config: Config) -> str:
    """A configuration as JSON, the same for the same configuration."""
    return orjson.dumps(config.model_dump(), option=orjson.OPT_SORT_KEYS).decode()


def seeded(here: Setup, seed: int) -> Setup:
    """The same configuration with another seed."""
    training = here.config.training.model_copy(update={"seed": seed})
    return setup(config_text(here.config.model_copy(update={"training": training})))


def new_setup(body: NewRun, limits: Limits) -> Setup:
    """The configuration of a new run: a preset with what is laid over it."""
    if body.preset not in PRESETS:
        raise bad_field("preset", f"one of {', '.join(PRESETS)}", body.preset)
    return prepare(PRESETS[body.preset].config, body.config, limits)


def changed_setup(old: Setup, change: ConfigChange, limits: Limits) -> Setup:
    """A run's configuration with a change laid over it."""
    return prepare(old.config, change, limits)


def prepare(below: Config, change: ConfigChange, limits: Limits) -> Setup:
    """``change`` laid over a configuration and made ready, or the problem with it.

    A data set that the change names must fit; one that is only inherited is left out where it does
    not.
    """
    config = laid_over(below, change)
    found = buildable(config, limits)
    if config.dataset is None:
        return found
    data = known(config.dataset)
    if fits(data, found.network):
        return found
    if names_dataset(change):
        raise misfit(data, found.network)
    return setup(config_text(config.model_copy(update={"dataset": None})))


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


def buildable(config: Config, limits: Limits) -> Setup:
    """A configuration whose network can be built here, made ready; or the problem with it."""
    try:
        found = setup(config_text(config))
    except (ShapeError, CombinationError) as error:
        field = faulty_field(config, error)
        fault = {"field": field, "wanted": error.wanted, "came": error.came}
        words = f"{error.layer}: wanted {error.wanted}, came {error.came}."
        raise Problem(422, words, errors=[fault]) from error
    bounded(found.network, limits)
    return found


def faulty_field(config: Config, error: ShapeError | CombinationError) -> str:
    """The field of a configuration that an operation stands for: a layer, or its activation."""
    parts = [
        f"layers.{number}{part}"
        for number, layer in enumerate(config.layers)
        for part in ("", ".activation")[: len(operations(layer))]
    ]
    return "layers" if error.place is None else parts[error.place]


def bounded(network: Network, limits: Limits) -> None:
    """Refuse a network that is larger than this server takes."""
    if network.parameter_count > limits.parameters:
        wanted = f"at most {limits.parameters} parameters"
        raise bad_field("layers", wanted, network.parameter_count)
    for name, shape in network.shapes.items():
        if prod(shape) > limits.tensor_cells:
            wanted = f"at most {limits.tensor_cells} cells in {name}"
            raise bad_field("layers", wanted, prod(shape))


def known(name: str) -> DataSet:
    """The data set of that id, which a run is about to name, or the problem that there is none."""
    if not shelf.claim(name):
        raise bad_field("dataset", f"one of {shelf.known()}, or one that was brought", name)
    return shelf.load(name)


def fits(data: DataSet, network: Network) -> bool:
    """Whether a data set has images for a network's input and a class for each of its outputs."""
    return (data.shape, len(data.classes)) == (network.input_shape, network.outputs)


def misfit(data: DataSet, network: Network) -> Problem:
    """The refusal of a data set that does not fit."""
    words = "images of {}×{}×{} (channels, rows, columns) and {} classes"
    wanted = words.format(*network.input_shape, network.outputs)
    return unlike("dataset", wanted, words.format(*data.shape, len(data.classes)))
