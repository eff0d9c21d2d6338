"""The wire format: every model that goes over HTTP, and nothing else.

What comes in is strict: unknown fields, wrong types and numbers that are not finite are refused.
What goes out in bulk (traces, formulas, data sets) is written by ``bridge`` as plain dictionaries
of these same shapes; here they are for the description (``/openapi.json``) and for readers.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator, model_validator

LARGEST_SEED = 2**53 - 1  # the largest whole number that every reader of JSON keeps exactly
LARGEST_PARAMETER = 1e6

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "identity", "softmax"]
PoolKind = Literal["max", "average", "l2"]
Loss = Literal["squared_error", "cross_entropy"]
Optimizer = Literal["gradient_descent", "momentum", "adam"]
Initial = Literal["normal", "xavier", "he", "zeros"]
Reduction = Literal["sum", "mean"]
LearnFrom = Literal["set", "stage"]
Phase = Literal["forward", "cost", "backward", "update"]
Whose = Literal["batch", "next"]

Theme = Literal["light", "dark", "projector"]
Chapter = Literal[
    "network",
    "cost",
    "descent",
    "neuron-error",
    "output-error",
    "output-gradients",
    "filter-gradients",
    "recursion",
    "all-images",
    "update",
    "many-updates",
]
Hideable = (
    Literal["backward", "formulas", "numbers", "answer", "training", "images", "settings"] | Chapter
)
Letter = Annotated[str, Field(pattern="^[A-Z][0-9]{0,3}$")]

Index = list[Annotated[int, Field(ge=0, le=10**9)]]
Side = Annotated[int, Field(ge=1, le=128)]
LearningRate = Annotated[float, Field(ge=0, le=LARGEST_PARAMETER, allow_inf_nan=False)]
Batch = Literal["all"] | Annotated[int, Field(ge=1, le=1_000_000)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Label = Annotated[int, Field(ge=0, le=100_000)]


def nested(low: float, high: float, depth: int) -> dict[str, Any]:
    """The JSON schema of lists of lists of bounded numbers."""
    schema: dict[str, Any] = {"type": "number", "minimum": low, "maximum": high}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


Pixels = Annotated[
    list[Any],
    WithJsonSchema({"anyOf": [nested(0, 1, 2), nested(0, 1, 3)]}),
]


class In(BaseModel):
    """What comes in: strict types, no unknown fields, every number finite."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


# Configurations ---------------------------------------------------------------------------------


class Input(In):
    """The shape of an image."""

    channels: Annotated[int, Field(ge=1, le=16)] = 1
    height: Side = 6
    width: Side = 6


class Conv(In):
    """A convolution (cross-correlation, as everywhere in the field) and its activation."""

    type: Literal["conv"]
    filters: Annotated[int, Field(ge=1, le=64)]
    size: Annotated[int, Field(ge=1, le=32)]
    stride: Annotated[int, Field(ge=1, le=32)] = 1
    padding: Annotated[int, Field(ge=0, le=31)] = 0
    activation: Activation = "sigmoid"


class Pool(In):
    """Pooling; without a ``stride`` the blocks lie side by side."""

    type: Literal["pool"]
    kind: PoolKind = "max"
    size: Annotated[int, Field(ge=1, le=32)] = 2
    stride: Annotated[int, Field(ge=1, le=32)] = 2

    @model_validator(mode="before")
    @classmethod
    def side_by_side(cls, given: object) -> object:
        """Where no stride is given, it is the size."""
        if isinstance(given, dict) and "size" in given and "stride" not in given:
            return {**given, "stride": given["size"]}
        return given


class Dense(In):
    """A dense layer and its activation."""

    type: Literal["dense"]
    units: Annotated[int, Field(ge=1, le=1024)]
    activation: Activation = "sigmoid"


LayerConfig = Annotated[Conv | Pool | Dense, Field(discriminator="type")]
Layers = Annotated[list[LayerConfig], Field(min_length=1, max_length=16)]


class Training(In):
    """How the network learns."""

    optimizer: Optimizer = "gradient_descent"
    learning_rate: LearningRate = 0.2
    batch: Batch = "all"
    reduction: Reduction = "sum"
    learn_from: LearnFrom = "set"
    seed: Seed = 0


class Config(In):
    """A whole configuration."""

    input: Input
    layers: Layers
    loss: Loss
    initial: Initial
    training: Training
    dataset: Name | None


class InputChange(Input):
    """Some fields of ``Input``."""


class TrainingChange(Training):
    """Some fields of ``Training``."""


class ConfigChange(In):
    """Some fields of a configuration, laid over the one that is there; lists are replaced whole."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"training": {"learning_rate": 0.1}}]},
    )

    input: InputChange = InputChange()
    layers: Layers = []
    loss: Loss = "squared_error"
    initial: Initial = "normal"
    training: TrainingChange = TrainingChange()
    dataset: Name | None = None


# What is asked for --------------------------------------------------------------------------------


class NewRun(In):
    """A run to be made: a preset (``textbook`` if none), and what is laid over it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"preset": "textbook"},
                {"config": {"training": {"learning_rate": 0.1}}},
            ]
        }
    )

    preset: Name = "textbook"
    config: ConfigChange = ConfigChange()


class StageChange(In):
    """What is put on the stage: an image of the set, a drawing, or another label."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"sample": 5},
                {"pixels": [[0, 0, 1, 1, 0, 0]] * 6, "label": 0},
                {"label": 2},
            ]
        }
    )

    sample: Annotated[int, Field(ge=0, le=10**9)] = 0
    pixels: Pixels = []
    label: Label = 0

    @model_validator(mode="after")
    def one_of(self) -> "StageChange":
        """A sample alone, or pixels and a label, or one of these two."""
        given = self.model_fields_set
        if not given:
            raise ValueError('Input should be {"sample": 5} or {"pixels": [[…]…], "label": 1}')
        if "sample" in given and len(given) > 1:
            raise ValueError("Input should be a sample alone: it brings its own pixels and label")
        return self


class NewImage(In):
    """A drawing, and the index of its class."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"pixels": [[0, 0, 1, 1, 0, 0]] * 6, "label": 0}]}
    )

    pixels: Pixels
    label: Label


class NewSplit(In):
    """Which share of a set's images is kept for testing, and the seed that draws them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"share": 0.2, "seed": 0}]})

    share: Annotated[float, Field(gt=0, lt=1)] = 0.2
    seed: Seed = 0


class PositionChange(In):
    """Where to go: an iteration reached so far, and a step of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"iteration": 0, "step": 7}]})

    iteration: Annotated[int, Field(ge=0, le=10**12)] = 0
    step: Annotated[int, Field(ge=0, le=10**6)] = 0


class Descent(In):
    """How many updates to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"iterations": 10}]})

    iterations: Annotated[int, Field(ge=1)] = 1


Speed = Annotated[float, Field(ge=0.01, le=1_000_000)]


class NewTraining(In):
    """Updates until a number of them, a cost or an accuracy, or until it is stopped.

    ``speed`` is in updates a second; null is as fast as the machine can.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"iterations": 5000, "stop_at_cost": 0.1},
                {"stop_at_accuracy": 0.99, "speed": 10},
                {},
            ]
        }
    )

    iterations: Annotated[int, Field(ge=1, le=10**12)] | None = None
    stop_at_cost: Annotated[float, Field(ge=0)] | None = None
    stop_at_accuracy: Annotated[float, Field(ge=0, le=1)] | None = None
    speed: Speed | None = None


class TrainingAlteration(In):
    """A pause or its end, or another speed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"paused": True}, {"paused": False, "speed": None}]}
    )

    paused: bool = False
    speed: Speed | None = None

    @model_validator(mode="after")
    def something(self) -> "TrainingAlteration":
        """At least one of the two."""
        if not self.model_fields_set:
            raise ValueError('Input should be {"paused": true}, {"speed": 10} or both')
        return self


class CellValue(In):
    """One cell of a parameter and the value it gets."""

    index: Index
    value: Annotated[float, Field(ge=-LARGEST_PARAMETER, le=LARGEST_PARAMETER)]


ParameterChange = Annotated[
    list[Any],
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"$ref": "#/components/schemas/CellValue"}},
                *(nested(-LARGEST_PARAMETER, LARGEST_PARAMETER, depth) for depth in (1, 2, 4)),
            ]
        }
    ),
]
ParameterChanges = dict[str, ParameterChange]


class CellPlace(In):
    """A cell of a tensor; ``of`` says whose where it is not the image's."""

    tensor: Name
    index: Annotated[Index, Field(max_length=8)]
    of: Whose | None = None


class View(In):
    """How a run is shown: what is pinned, lit, large, hidden."""

    cell: CellPlace | None = None
    focus: Annotated[dict[Letter, Annotated[int, Field(ge=0, le=10**6)]], Field(max_length=16)] = {}
    chapter: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] | None = None
    theme: Theme | None = None
    digits: Literal[2, 4, 17] | None = None
    hide: Annotated[list[Hideable], Field(max_length=24)] = []
    spotlight: Name | None = None
    predict: bool = False


class NewMoment(View):
    """A moment to be kept: where the run stands if nothing else is said, and how it is shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"step": 7, "cell": {"tensor": "O.da", "index": [2]}, "hide": ["training"]},
            ]
        }
    )

    iteration: Annotated[int, Field(ge=0, le=10**12)] = 0
    step: Annotated[int, Field(ge=0, le=10**6)] = 0


BranchName = Annotated[str, Field(min_length=1, max_length=60)]


class NewBranch(In):
    """The name under which the present future is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "η = 0.2"}]})

    name: BranchName


class BranchSwap(In):
    """The name for the present future, which is kept; left out, that of the one gone back to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "before"}, {}]})

    name: BranchName | None = None


class NewSeeds(In):
    """Which seeds, and how many updates each learns."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"seeds": [0, 1, 2, 3], "iterations": 500}]}
    )

    seeds: Annotated[list[Seed], Field(min_length=1, max_length=16)]
    iterations: Annotated[int, Field(ge=1, le=10_000)]

    @field_validator("seeds")
    @classmethod
    def different(cls, seeds: list[int]) -> list[int]:
        """No seed twice."""
        if len(set(seeds)) < len(seeds):
            raise ValueError("Input should be different seeds")
        return seeds


# What is answered ---------------------------------------------------------------------------------


class Layer(Out):
    """A layer as the page names it."""

    letter: str
    type: Literal["conv", "pool", "dense"]
    shape: list[int]
    parameters: int


class Position(Out):
    """Where a run stands: the first ``step`` steps of ``iteration`` are done."""

    iteration: int
    step: int


class Stage(Out):
    """What is on the stage; ``sample`` is null for a drawing."""

    sample: int | None
    label: int


class TrainingProgress(Out):
    """How a training goes; ``goal`` and the stops are null where there are none."""

    state: Literal["idle", "running", "paused", "finished", "diverged", "failed"]
    begun: int
    iteration: int
    goal: int | None
    stop_at_cost: float | None
    stop_at_accuracy: float | None
    speed: float | None
    per_second: float
    seconds_left: float | None
    reason: str | None
    tensor: str | None


class Run(Out):
    """A network, its data and its position in its history."""

    id: str
    version: int
    preset: str
    config_hash: str
    config: Config
    layers: list[Layer]
    parameters: int
    position: Position
    iterations: int
    stage: Stage
    training: TrainingProgress


class Tensor(Out):
    """Full doubles, flat and row-major beside their shape."""

    shape: list[int]
    values: list[float]


class Step(Out):
    """One step writes one tensor."""

    number: int
    phase: Phase
    layer: str | None
    writes: str
    of: Whose | None = None
    reads: list[str]
    reads_of: list[Whose | None]
    law: str


class BatchOut(Out):
    """The coming update: whose it is, its gradients, and the parameters after it.

    ``branches`` says that it begins another future: it learns from what is on stage, and something
    else was learnt here, or nothing yet.
    """

    C: float
    accuracy: float
    measured_at: int
    samples: list[int]
    gradients: dict[str, Tensor]
    updated: dict[str, Tensor]
    diverged: str | None
    branches: bool


class Replay(Out):
    """How well a history that another installation made is replayed by this one.

    ``difference`` is the largest of a parameter, by the largest of its tensor, at the next
    checkpoint; null where there is none to compare with.
    """

    made_on: str
    here: str
    difference: float | None


class Trace(Out):
    """Everything of the image on stage at one iteration, and the coming update."""

    run: str
    version: int
    config_hash: str
    iteration: int
    step: int
    iterations: int
    stage: Stage
    steps: list[Step]
    tensors: dict[str, Tensor]
    batch: BatchOut | None
    prediction: int
    saturated: list["CellReference"]
    flat: dict[str, float]
    replay: Replay | None = None


class Number(Out):
    """A number."""

    op: Literal["number"]
    value: float


class Cell(Out):
    """A cell; ``of`` says whose where it is not the image's."""

    op: Literal["cell"]
    tensor: str
    index: list[int]
    of: Whose | None = None


class Operation(Out):
    """Nodes in ``args`` put together (``quotient``: 0 where the denominator is 0)."""

    op: Literal["sum", "product", "max", "quotient", "power", "indicator"]
    args: list["Node"]


class Apply(Out):
    """A function of its arguments."""

    op: Literal["apply"]
    function: str
    args: list["Node"]


Node = Annotated[Number | Cell | Operation | Apply, Field(discriminator="op")]


class CellReference(Out):
    """A cell that a formula reads."""

    tensor: str
    index: list[int]
    of: Whose | None = None


class Formula(Out):
    """How one cell is computed: the law in TeX, the tree, and the cells that it reads.

    ``equal`` is another law of the same cell, equal in exact arithmetic, where books write that.
    """

    tensor: str
    index: list[int]
    law: str
    equal: str | None
    tree: Node
    cells: list[CellReference]


class Formulas(Out):
    """The formulas of the cells of a tensor, row-major: all, or a run ``from`` a place on."""

    formulas: list[Formula]
    first: Annotated[int, Field(alias="from", ge=0)] = 0


class Kink(Out):
    """The cell, and the reason, why a finite difference means little there."""

    tensor: str
    index: list[int]
    reason: str


class Check(Out):
    """A derivative computed twice: by back-propagation and by central differences."""

    analytic: float
    numeric: float
    difference: float
    step: float
    kink: Kink | None


class CostCurve(Out):
    """C or C_T along one parameter: ``costs`` at ``values``, and its slope at ``value``."""

    tensor: str
    index: list[int]
    of: str
    value: float
    C: float
    slope: float
    values: list[float]
    costs: list[float]


class ActivationCurve(Out):
    """An activation: ``a`` and its ``slope`` at ``z``, all of one length.

    Below the slope ``flat`` a neuron is saturated; null where none can be.
    """

    layer: str
    function: str
    flat: float | None
    z: list[float]
    a: list[float]
    slope: list[float]


class Contributions(Out):
    """Each image's share of one cell of a batch gradient; ``shares`` add up to ``total``."""

    tensor: str
    index: list[int]
    samples: list[int | None]
    shares: list[float]
    total: float


class Predictions(Out):
    """What the network says of each training image: the class whose output is the largest."""

    iteration: int
    predictions: list[int]
    correct: int


class Result(Out):
    """How a network does on some images; ``confusion`` has a row a class, a column an answer."""

    count: int
    C: float
    accuracy: float
    confusion: list[list[int]]


class Results(Out):
    """How the network does on what it learns from, and on what is kept for testing."""

    iteration: int
    classes: list[str]
    training: Result
    test: Result | None


class Costs(Out):
    """C_T and accuracy at the iterations named."""

    iterations: list[int]
    C: list[float]
    accuracy: list[float]


class Branch(Out):
    """A future that was kept; ``from`` is the iteration where the run stood then.

    ``unreadable`` is null, or says why it cannot be read; it can be dropped.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: str
    name: str
    begun: Annotated[int, Field(alias="from")]
    iterations: int | None
    C: float | None
    accuracy: float | None
    config_hash: str | None
    unreadable: str | None


class Branches(Out):
    """The kept futures of a run."""

    branches: list[Branch]


class SeedCosts(Out):
    """The costs of one seed, thinned."""

    iterations: list[int]
    C: list[float]


class SeedWeights(Out):
    """The first layer's weights of one seed."""

    tensor: str
    shape: list[int]
    values: list[float]


class SeedProgress(Out):
    """How far the network has come from the weights of one seed.

    ``unreadable`` is null, or says why its run cannot be read; then there is nothing else of it.
    """

    seed: int
    iteration: int | None
    C: float | None
    accuracy: float | None
    costs: SeedCosts | None
    weights: SeedWeights | None
    diverged: bool
    unreadable: str | None


class Seeds(Out):
    """The same network from several first weights."""

    state: Literal["idle", "running", "finished"]
    goal: int
    seeds: list[SeedProgress]


class Histogram(Out):
    """How many values lie between edges."""

    edges: list[float]
    counts: list[int]


class MarkedUnits(Out):
    """A layer's shape, and the indices of its neurons that are saturated or whose errors vanish."""

    shape: list[int]
    saturated: list[list[int]]
    vanishing: list[list[int]]


class LayerHistograms(Out):
    """A layer's δ over the images, its gradients, and how flat its activations are."""

    layer: str
    delta: Histogram
    gradient: Histogram
    saturated: float | None
    vanishing: bool
    units: MarkedUnits


class Histograms(Out):
    """How errors and gradients are spread, layer by layer."""

    iteration: int
    images: int
    layers: list[LayerHistograms]


class Preset(Out):
    """A named configuration and a sentence on what it teaches."""

    id: str
    about: str
    config: Config


class Presets(Out):
    """All named configurations, the default one first."""

    default: str
    presets: list[Preset]


class FieldKind(Out):
    """What a field of a configuration may be: a number within bounds, or one of some words."""

    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True
    values: list[str] = []
    default: str | float | None = None


class Kinds(Out):
    """Every kind of layer, loss, optimizer and so on, with the bounds of its fields."""

    layers: dict[str, dict[str, FieldKind]]
    layer_count: FieldKind
    input: dict[str, FieldKind]
    training: dict[str, FieldKind]
    loss: FieldKind
    initial: FieldKind


class DatasetSummary(Out):
    """A data set without its images.

    ``grown_from`` is the id of the set that this one is a copy of, with one more image; null for
    every other set.
    """

    id: str
    name: str
    size: int
    shape: Sequence[int]
    classes: Sequence[str]
    test: int
    notes: Sequence[str]
    grown_from: str | None


class Datasets(Out):
    """All data sets."""

    datasets: list[DatasetSummary]


class Dataset(Out):
    """Images (n, row, column) or (n, channel, row, column), 0 to 1, and their labels."""

    id: str
    name: str
    classes: list[str]
    images: list[list[list[float]]] | list[list[list[list[float]]]]
    labels: list[int]
    test: list[int]
    notes: list[str]


class Moment(Out):
    """A moment that is kept: its address, where it stands, how it is shown.

    ``reach`` says who can open ``url``: the ``network``, or this ``computer`` alone.
    """

    id: str
    path: str
    url: str
    reach: Literal["network", "computer"]
    iteration: int
    step: int
    stage: Stage
    config_hash: str
    view: View


class Health(Out):
    """That the server lives, and which version it is."""

    status: Literal["ok"]
    version: str


class FaultOut(Out):
    """One bad field: what was wanted there and what came."""

    field: str
    wanted: str
    came: str


class ProblemOut(Out):
    """A refusal (RFC 9457); nothing was changed."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultOut] = []
