"""The fast path against the ordinary passes."""

from collections.abc import Iterator
from math import inf

import numpy as np
import pytest

from engine import passes
from engine.errors import Diverged
from engine.functions import Array
from engine.losses import CrossEntropy, Loss, SquaredError
from engine.network import Network
from engine.ops import Activation, Conv, Dense, MaxPool, Softmax
from engine.ops.base import Op
from engine.optimizers import Momentum
from engine.plan import Plan, applies, stepper_for
from engine.stepper import Passes, Update
from engine.training import Examples, History, Settings, State
from engine.workspace import Block

TOLERANCE = 1e-12
CONV, POOL, SIGMOID = Conv(3, 3), MaxPool(2, 2), Activation()


def stack(
    conv: Conv = CONV,
    squash: str = "sigmoid",
    pool: MaxPool = POOL,
    out: Op = SIGMOID,
    loss: Loss | None = None,
    shape: tuple[int, int, int] = (1, 6, 6),
) -> Network:
    """The textbook network, or one with some of its parts replaced."""
    return Network(shape, [conv, Activation(squash), pool, Dense(3), out], loss)


def binary(network: Network, count: int = 24, seed: int = 1) -> Examples:
    """Images of zeros and ones, as full of equal patches as drawn digits are."""
    rng = np.random.default_rng(seed)
    images = (rng.random((count, *network.input_shape)) < 0.3).astype(float)
    return Examples(images, rng.integers(0, 3, count))


def grey(network: Network, count: int = 24) -> Examples:
    """Images of any numbers from 0 to 1."""
    rng = np.random.default_rng(2)
    return Examples(rng.random((count, *network.input_shape)), rng.integers(0, 3, count))


def same(expected: Update, actual: Update) -> None:
    """Both updates agree, each tensor by its largest number."""
    assert expected.correct == actual.correct
    assert actual.infinite is None
    pairs: list[tuple[str, Array, Array]] = [
        ("C", np.array(expected.cost), np.array(actual.cost)),
        *((n, g, actual.gradients[n]) for n, g in expected.gradients.items()),
        *((n, p, actual.parameters[n]) for n, p in expected.parameters.items()),
    ]
    for name, wanted, came in pairs:
        assert wanted.shape == came.shape
        scale = float(np.abs(wanted).max())
        assert np.abs(wanted - came).max() <= TOLERANCE * scale + 1e-15, name


def orders(settings: Settings, count: int) -> Iterator[np.ndarray]:
    """Which images each update learns from."""
    size, rng = min(settings.batch or count, count), np.random.default_rng(3)
    while True:
        yield np.arange(count) if size == count else rng.permutation(count)[:size]


def spelled(network: Network, examples: Examples) -> None:
    """See that the plan computes each pattern of these images once."""
    plan = Plan(network, Settings(), examples)
    assert all(one.patterns is not None for one in plan.patches.blocks(plan.width))


def follow(
    network: Network,
    settings: Settings,
    examples: Examples,
    parameters: dict[str, Array],
    iterations: int,
) -> int:
    """Compare update by update, each from the same state; how many blocks were handed over."""
    plan, ordinary = Plan(network, settings, examples), Passes(network, settings, examples)
    handed, whole = [0], plan._ordinary

    def counted(block: Block) -> tuple[passes.Tensors, float]:
        handed[0] += 1
        return whole(block)

    plan._ordinary = counted  # type: ignore[method-assign]
    state = State.fresh(parameters, settings.optimizer)
    order = orders(settings, len(examples.labels))
    for iteration in range(iterations):
        samples = next(order)
        expected = ordinary.update(state, iteration, samples)
        same(expected, plan.update(state, iteration, samples))
        state = State(expected.parameters, {})
    return handed[0]


@pytest.mark.parametrize("batch", [None, 1, 5, 24])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_equals_the_passes_for_hundreds_of_iterations(batch: int | None, reduction: str) -> None:
    """Full batch, mini-batch and online descent agree with the passes, and stay on the plan."""
    network = stack()
    settings = Settings(batch=batch, reduction=reduction)
    handed = follow(network, settings, binary(network), network.initial("normal", 0), 300)
    assert handed == 0


@pytest.mark.parametrize(
    "network",
    [
        stack(squash="tanh"),
        stack(squash="leaky_relu"),
        stack(squash="identity"),
        stack(out=Softmax(), loss=CrossEntropy()),
        stack(loss=CrossEntropy()),
        stack(out=Activation("tanh"), loss=SquaredError()),
        stack(Conv(1, 2), shape=(1, 5, 7)),
        stack(Conv(5, 3, 2, 1), shape=(2, 9, 11)),
        stack(pool=MaxPool(2, 3), shape=(1, 8, 9)),
        stack(pool=MaxPool(1, 1)),
        stack(Conv(4, 1), pool=MaxPool(3, 3)),
    ],
)
def test_equals_the_passes_for_every_network_it_serves(network: Network) -> None:
    """Strides, padding, channels, gaps, leftover rows, activations and costs make no difference."""
    settings = Settings(learning_rate=0.02)
    for examples in (binary(network), grey(network)):
        assert applies(network, settings)
        follow(network, settings, examples, network.initial("xavier", 0), 60)


def margined(network: Network, count: int = 24) -> Examples:
    """Grey images that are blank but for four rows and columns, and two that are all blank."""
    images = np.zeros((count, *network.input_shape))
    rng = np.random.default_rng(4)
    for image in images[2:]:
        top, left = rng.integers(0, 5, 2)
        image[:, top : top + 4, left : left + 4] = rng.random((len(image), 4, 4))
    return Examples(images, rng.integers(0, 3, count))


@pytest.mark.parametrize(
    "network",
    [
        stack(shape=(1, 9, 10)),
        stack(squash="tanh", shape=(2, 8, 9)),
        stack(Conv(4, 3, 2, 1), squash="leaky_relu", shape=(1, 13, 9)),
        stack(out=Softmax(), loss=CrossEntropy(), pool=MaxPool(2, 3), shape=(1, 10, 10)),
    ],
)
def test_equal_blocks_are_computed_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where images have margins, one blank block stands for all, in slices of any length."""
    settings, examples = Settings(learning_rate=0.05), margined(network)
    for width in (24, 7):
        plan = Plan(network, settings, examples)
        monkeypatch.setattr("engine.plan.CACHED", plan.patches.size * width)
        plan = Plan(network, settings, examples)
        everything = 4 * plan.patches.windows * plan.width
        laid = plan.patches.blocks(plan.width)
        assert all(one.blocks is not None for one in laid)
        assert max(one.matrix.shape[1] for one in laid) < everything
        handed = follow(network, settings, examples, network.initial("xavier", 0), 60)
        assert handed == 0


@pytest.mark.parametrize("dark", [0.5, 0.2, 0.0])
def test_padding_is_a_level_of_its_own(dark: float) -> None:
    """Images without a pixel that is 0 have other patches at the padded border than inside."""
    network = stack(Conv(1, 2, 1, 1), shape=(2, 5, 5))
    rng = np.random.default_rng(5)
    images = np.where(rng.random((60, *network.input_shape)) < 0.7, 1.0, dark)
    examples = Examples(images, rng.integers(0, 3, 60))
    spelled(network, examples)
    parameters = network.initial("normal", 0)
    parameters["F.w"] = 0.4 * np.abs(parameters["F.w"])
    follow(network, Settings(learning_rate=0.02), examples, parameters, 20)


@pytest.mark.parametrize("bias", [-15.0, -10.0, 10.0, 12.0, 14.0, 15.0])
def test_saturated_winners_keep_the_digits_of_their_slopes(bias: float) -> None:
    """Where every winner's output is near 0 or 1, gradients agree as closely as elsewhere."""
    network = stack()
    parameters = network.initial("xavier", 0)
    parameters["F.b"][:] = bias
    parameters["O.w"] *= 30
    if bias > 0:
        parameters["O.b"][:] = -parameters["O.w"].sum((1, 2, 3))
    examples = binary(network, 200)
    spelled(network, examples)
    follow(network, Settings(learning_rate=0.002), examples, parameters, 5)


def test_takes_large_sets_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few images, the last one smaller, kept or laid out anew, give the same."""
    network = stack()
    monkeypatch.setattr("engine.plan.CACHED", 7 * 12 * 16 * 8)
    for kept in (2**26, 0):
        monkeypatch.setattr("engine.plan.KEPT", kept)
        for batch in (None, 10):
            examples, settings = binary(network), Settings(batch=batch)
            assert Plan(network, settings, examples).width == 7
            follow(network, settings, examples, network.initial("normal", 0), 30)


def test_the_first_of_equal_patches_wins() -> None:
    """Blank images, where every block is one tie, are served by the plan."""
    network = stack()
    examples = Examples(np.zeros((4, 1, 6, 6)), np.array([0, 1, 2, 0]))
    assert follow(network, Settings(), examples, network.initial("normal", 0), 50) == 0


def test_different_patches_that_tie_are_handed_over() -> None:
    """0.1 + 0.2 and 0.3, one unit in the last place apart, are left to the ordinary pass."""
    network = stack()
    parameters = network.initial("normal", 0)
    parameters["F.w"][0] = np.array([[0.1, 0.2, 0.3], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    images = np.zeros((2, 1, 6, 6))
    images[0, 0, 0, :2] = images[1, 0, 1, :2] = 1.0  # 0.1 + 0.2, and in the other row
    images[0, 0, 1, 2] = images[1, 0, 0, 2] = 1.0  # 0.3
    examples = Examples(images, np.array([0, 1]))
    assert follow(network, Settings(), examples, parameters, 3) > 0


@pytest.mark.parametrize("factor", [1.0, 4.0, 100.0, 1e6])
def test_images_of_few_patterns_agree_too(factor: float) -> None:
    """Where patches repeat all over, each is computed once; flat outputs are handed over."""
    network = stack()
    examples = binary(network, 150)
    plan = Plan(network, Settings(), examples)
    assert all(block.spelled is not None for block in plan._all())
    parameters = {n: p * factor for n, p in network.initial("normal", 0).items()}
    handed = follow(network, Settings(learning_rate=0.02 / factor), examples, parameters, 40)
    assert (handed > 0) == (factor >= 100.0)


def test_grey_images_have_no_patterns() -> None:
    """Images of many levels of grey are laid out as they are."""
    network = stack()
    blocks = Plan(network, Settings(), grey(network))._all()
    assert all(block.spelled is None for block in blocks)


def test_weights_of_zero_are_handed_over() -> None:
    """Where all weights are zero every block ties, and its first cell still wins."""
    network = stack()
    settings = Settings()
    assert follow(network, settings, binary(network), network.initial("zeros", 0), 3) > 0


@pytest.mark.parametrize("factor", [10.0, 100.0, 1e6, 1e12])
@pytest.mark.parametrize("squash", ["sigmoid", "tanh", "leaky_relu"])
def test_saturated_neurons_are_handed_over(factor: float, squash: str) -> None:
    """Where rounding merges different inputs into equal outputs, the first of these still wins."""
    network = stack(squash=squash)
    parameters = {n: p * factor for n, p in network.initial("normal", 0).items()}
    settings = Settings(learning_rate=0.01 / factor)
    handed = follow(network, settings, binary(network), parameters, 10)
    assert handed > 0 or squash == "leaky_relu"


def test_stretches_and_single_updates_give_the_same_bits() -> None:
    """A run of updates ends where the same updates one by one end, bit by bit."""
    network = stack()
    for batch in (None, 1, 5):
        settings, examples = Settings(batch=batch), binary(network)
        fixed = [s for s, _ in zip(orders(settings, 24), range(40), strict=False)]
        state = start = State.fresh(network.initial("normal", 0), settings.optimizer)
        costs = []
        for iteration, samples in enumerate(fixed):
            found = Plan(network, settings, examples).update(state, iteration, samples)
            costs.append(found.cost)
            state = State(found.parameters, {})
        stretch = Plan(network, settings, examples).run(start, 0, 40, fixed.__getitem__)
        assert costs == stretch.costs.tolist()
        assert state.to_bytes() == State(stretch.parameters, {}).to_bytes()


def test_the_measured_cost_is_that_of_the_update() -> None:
    """The cost measured by itself has the same bits as the by-product of the update."""
    network = stack()
    examples, parameters = binary(network), network.initial("normal", 0)
    plan = Plan(network, Settings(), examples)
    found = plan.update(State.fresh(parameters, Settings().optimizer), 0, np.arange(24))
    assert (found.cost, found.correct) == plan.measure(parameters)


@pytest.mark.parametrize("rate", [1e200, 1e308, inf])
def test_divergence_names_the_same_tensor(rate: float) -> None:
    """Learning that runs away stops at the same iteration and tensor as by the passes."""
    network = stack(squash="identity", out=Activation("identity"))
    examples, parameters = grey(network), network.initial("normal", 0)
    settings = Settings(learning_rate=rate)
    history = History(network, parameters, settings, examples)
    with pytest.raises(Diverged) as diverged:
        history.advance(0, 100)
    ordinary, state = (
        Passes(network, settings, examples),
        State.fresh(parameters, settings.optimizer),
    )
    for iteration in range(100):
        found = ordinary.update(state, iteration, np.arange(24))
        if found.infinite is not None:
            break
        state = State(found.parameters, {})
    assert (iteration, found.infinite) == (diverged.value.iteration, diverged.value.tensor)
    assert history.iterations == iteration


def test_serves_what_it_can_and_nothing_else() -> None:
    """ReLU has flat stretches, blocks may overlap, momentum has a state: these get the passes."""
    for network, settings in (
        (stack(squash="relu"), Settings()),
        (stack(pool=MaxPool(2, 1)), Settings()),
        (stack(), Settings(optimizer=Momentum())),
    ):
        assert isinstance(stepper_for(network, settings, binary(network)), Passes)
    assert isinstance(stepper_for(stack(), Settings(), binary(stack())), Plan)


def test_shares_of_single_images_add_up() -> None:
    """An update of some of the images of a full batch is the passes' one."""
    network, settings = stack(), Settings()
    examples = binary(network)
    state = State.fresh(network.initial("normal", 0), settings.optimizer)
    some = np.array([3, 5])
    expected = Passes(network, settings, examples).update(state, 0, some)
    same(expected, Plan(network, settings, examples).update(state, 0, some))


def test_leaves_parameters_alone() -> None:
    """An update gives new arrays and changes none that it was given."""
    network = stack()
    parameters = network.initial("normal", 0)
    before = {name: array.copy() for name, array in parameters.items()}
    plan = Plan(network, Settings(), binary(network))
    first = plan.update(State(parameters, {}), 0, np.arange(24)).parameters["F.w"].copy()
    found = plan.update(State(parameters, {}), 0, np.arange(24))
    plan.update(State(found.parameters, {}), 1, np.arange(24))
    assert all((before[name] == array).all() for name, array in parameters.items())
    assert (first == found.parameters["F.w"]).all()


def test_ties_of_equal_patches_stay_on_the_plan() -> None:
    """Binary images with random weights have ties, and none is handed over."""
    network = stack()
    examples, settings = binary(network, 96), Settings()
    tensors = passes.forward(network, network.initial("normal", 0), examples.images)
    blocks = network.ops[2].blocks(tensors["F.a"])  # type: ignore[attr-defined]
    ties = ((blocks == blocks.max(axis=-1, keepdims=True)).sum(axis=-1) > 1).mean()
    assert ties > 0.005
    assert follow(network, settings, examples, network.initial("normal", 0), 20) == 0
