"""Descent and its history: every iteration can be returned to, bit by bit."""

from collections.abc import Mapping

import numpy as np
import pytest

from engine import (
    Activation,
    Adam,
    Conv,
    CrossEntropy,
    Dense,
    GradientDescent,
    History,
    MaxPool,
    Momentum,
    Network,
    Settings,
    Softmax,
    State,
    trace,
)
from engine.errors import DataError, Diverged, UnknownIndex
from engine.functions import Array
from engine.installation import installation
from engine.optimizers import Optimizer
from engine.training import SPACING, Batch, Examples
from tests.engine.agreement import assert_agree
from tests.engine.stacks import STACKS

TEXTBOOK = STACKS["textbook"]
RELU = Network(
    (1, 6, 6), [Conv(3, 3), Activation("relu"), MaxPool(2, 2), Dense(3), Softmax()], CrossEntropy()
)
COUNT = 13
EXAMPLES = Examples(
    np.random.default_rng(1).integers(0, 2, (COUNT, 1, 6, 6)).astype(float),
    np.random.default_rng(2).integers(0, 3, COUNT),
)
WAYS = (
    (TEXTBOOK, Settings(learning_rate=0.05)),
    (TEXTBOOK, Settings(learning_rate=0.05, batch=5, seed=3)),
    (TEXTBOOK, Settings(learning_rate=0.5, reduction="mean")),
    (TEXTBOOK, Settings(learning_rate=0.05, optimizer=Momentum())),
    (TEXTBOOK, Settings(learning_rate=0.01, optimizer=Adam(), batch=1)),
    (RELU, Settings(learning_rate=0.01)),
)


def history(network: Network = TEXTBOOK, settings: Settings | None = None) -> History:
    """A history at its beginning."""
    settings = settings if settings is not None else Settings(learning_rate=0.05)
    return History(network, network.initial("normal", 0), settings, EXAMPLES)


def same_bits(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    """Whether two sets of tensors are equal to the bit."""
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one
    )


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_replay_gives_the_same_bits(network: Network, settings: Settings) -> None:
    """Going back to any iteration gives the state that was there, forwards and backwards."""
    walked, states = history(network, settings), {}
    for iteration in range(30):
        states[iteration] = walked.state(iteration).to_bytes()
        walked.advance(iteration, 1)
    for iteration in (29, 3, 17, 0, 18, 1):
        assert walked.state(iteration).to_bytes() == states[iteration]


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_chunks_give_the_same_bits(network: Network, settings: Settings) -> None:
    """However many iterations are asked for at a time, the numbers are the same."""
    at_once, bit_by_bit = history(network, settings), history(network, settings)
    assert at_once.advance(0, 60) == 60
    for start, count in ((0, 1), (1, 7), (8, 31), (39, 21)):
        assert bit_by_bit.advance(start, count) == start + count
    assert at_once.state(60).to_bytes() == bit_by_bit.state(60).to_bytes()
    for one, other in zip(at_once.costs(), bit_by_bit.costs(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_the_batch_shows_the_update_that_happens(network: Network, settings: Settings) -> None:
    """What the update is said to write is what it writes, bit by bit."""
    walked = history(network, settings)
    for iteration in (0, 1, 6):
        walked.advance(0, iteration)
        shown = walked.batch(iteration).updated
        walked.advance(iteration, 1)
        after = walked.state(iteration + 1)
        assert same_bits(shown, {**after.parameters, **after.optimizer})


def test_a_jump_starts_at_a_checkpoint() -> None:
    """Beyond the first checkpoints, an iteration between two of them is replayed to the bit."""
    walked = history()
    walked.advance(0, SPACING + 7)
    state = walked.state(SPACING + 7).to_bytes()
    walked.advance(SPACING + 7, SPACING)
    assert set(walked.checkpoints) == {0, SPACING, 2 * SPACING}
    walked.state(5)
    assert walked.state(SPACING + 7).to_bytes() == state


def test_walking_along_the_known_future_computes_nothing_new() -> None:
    """Descent from an earlier iteration walks along what is there, then past its end."""
    walked = history()
    walked.advance(0, 20)
    end = walked.state(20).to_bytes()
    assert walked.advance(5, 10) == 15
    assert walked.iterations == 20
    assert walked.advance(15, 10) == 25
    assert walked.state(20).to_bytes() == end


def test_an_edit_drops_the_future() -> None:
    """A weight changed at iteration 4 starts a new future there and keeps the past."""
    walked = history()
    walked.advance(0, 10)
    past = walked.state(3).to_bytes()
    changed = {**walked.state(4).parameters, "F.b": np.array([9.0, 9.0, 9.0])}
    walked.branch(4, parameters=changed)
    assert walked.iterations == 4
    assert walked.state(3).to_bytes() == past
    assert walked.state(4).parameters["F.b"].tolist() == [9.0, 9.0, 9.0]
    with pytest.raises(DataError, match="wanted 0 to 4"):
        walked.state(5)


def test_an_edit_is_replayed() -> None:
    """Going back before an edit and past it again gives what it gave."""
    walked = history()
    walked.advance(0, 10)
    walked.branch(6, settings=Settings(learning_rate=0.5))
    walked.advance(6, 10)
    state = walked.state(16).to_bytes()
    walked.state(2)
    assert walked.state(16).to_bytes() == state
    assert walked.segment(5).settings.learning_rate == 0.05
    assert walked.segment(6).settings.learning_rate == 0.5


def test_another_optimizer_starts_afresh() -> None:
    """A change of optimizer keeps the weights; the new one has seen nothing."""
    walked = history()
    walked.advance(0, 3)
    weights = walked.state(3).parameters
    walked.branch(3, settings=Settings(optimizer=Momentum()))
    assert same_bits(walked.state(3).parameters, weights)
    assert not any(array.any() for array in walked.state(3).optimizer.values())
    walked.advance(3, 2)
    velocity = walked.state(5).optimizer["F.w.velocity"]
    walked.branch(5, settings=Settings(optimizer=Momentum(), learning_rate=0.01))
    np.testing.assert_array_equal(walked.state(5).optimizer["F.w.velocity"], velocity)


@pytest.mark.parametrize("batch", [None, 5])
def test_adam_counts_its_own_updates(batch: int | None) -> None:
    """Switched on late, or with new weights, Adam steps as it does at a beginning: by η."""
    walked = history(TEXTBOOK, Settings(learning_rate=0.05, batch=batch))
    walked.advance(0, 400)
    adam = Settings(optimizer=Adam(), learning_rate=0.01, batch=batch, seed=3)
    walked.branch(400, settings=adam)
    walked.advance(400, 3)
    walked.branch(403, parameters=walked.state(0).parameters, afresh=True)
    walked.advance(403, 1)
    for at in (400, 403):
        before, after = (walked.state(i).parameters["O.b"] for i in (at, at + 1))
        np.testing.assert_allclose(np.abs(after - before), 0.01, rtol=1e-6)
    walked.branch(404, parameters=walked.state(404).parameters)
    assert [one.begun for one in walked.segments] == [0, 400, 403, 403]
    replayed = History.restore(
        TEXTBOOK,
        walked.segments,
        {one.start: walked.checkpoints[one.start] for one in walked.segments},
        404,
        *walked.measurements(0),
    )
    assert same_bits(replayed.state(402).parameters, walked.state(402).parameters)


def test_a_fork_is_another_s() -> None:
    """What is done to a fork leaves the first history alone."""
    walked = history()
    walked.advance(0, 5)
    other = walked.fork()
    other.branch(2)
    other.advance(2, 8)
    assert (walked.iterations, other.iterations) == (5, 10)
    assert other.state(5).to_bytes() == walked.state(5).to_bytes()
    assert len(walked.costs()[0]) == 6


def test_a_stored_history_comes_back() -> None:
    """Restored from its parts, a history has the same costs, past and future."""
    walked = history(TEXTBOOK, WAYS[1][1])
    walked.advance(0, 9)
    walked.branch(9, settings=Settings(optimizer=Adam(), learning_rate=0.01))
    walked.advance(9, 4)
    measured = walked.measurements(0)
    back = History.restore(
        TEXTBOOK, walked.segments, walked.checkpoints, walked.iterations, *measured
    )
    for one, other in zip(back.costs(), walked.costs(), strict=True):
        np.testing.assert_array_equal(one, other)
    for iteration in (13, 2, 9):
        assert back.state(iteration).to_bytes() == walked.state(iteration).to_bytes()
    back.advance(13, 2)
    walked.advance(13, 2)
    assert back.state(15).to_bytes() == walked.state(15).to_bytes()


def summed(network: Network, parameters: Mapping[str, Array], samples: list[int]) -> float:
    """C added up over images, one trace after the other."""
    targets = EXAMPLES.targets(network.outputs)
    traces = [trace(network, parameters, EXAMPLES.images[n], targets[n]) for n in samples]
    return sum(float(one["C"]) for one in traces)


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_costs_are_those_of_the_whole_set(network: Network, settings: Settings) -> None:
    """C_T is the sum (or the mean) of the images' costs, at every iteration of a small set."""
    walked = history(network, settings)
    walked.advance(0, 7)
    iterations, costs, accuracy = walked.costs()
    assert iterations.tolist() == list(range(8))
    scale = 1 / COUNT if settings.reduction == "mean" else 1.0
    expected = [
        summed(network, walked.state(i).parameters, list(range(COUNT))) * scale for i in range(8)
    ]
    assert_agree("C", costs, expected)
    assert ((accuracy >= 0) & (accuracy <= 1)).all()
    assert costs[7] == walked.batch(7).C
    assert walked.batch(7).accuracy == accuracy[7]


def test_a_history_knows_who_made_it_and_how_far_a_replay_is_from_it() -> None:
    """A replay is compared with the next checkpoint; where that was edited there is none."""
    made = history()
    made.advance(0, 2 * SPACING + 5)
    assert made.made_on == installation()
    assert made.drift(3) == made.drift(SPACING) == 0.0
    assert made.drift(2 * SPACING) is None
    moved = {
        name: array * (1 + 1e-9) for name, array in made.checkpoints[SPACING].parameters.items()
    }
    checkpoints = {**made.checkpoints, SPACING: State(moved, {})}
    parts = made.segments, checkpoints, made.iterations, *made.measurements(0)
    there = History.restore(TEXTBOOK, *parts, "elsewhere")
    assert there.made_on == there.fork().made_on == "elsewhere"
    assert there.drift(3) == pytest.approx(1e-9, rel=1e-3)
    assert (there.drift(SPACING) or 0.0) > 0
    there.branch(SPACING - 1)
    assert there.drift(3) is None


def test_a_replay_leaves_what_was_measured() -> None:
    """Costs that another machine measured, an ulp apart, stay as they were told."""
    made = history()
    made.advance(0, 7)
    _, costs, correct = made.measured(0)
    elsewhere = np.nextafter(costs, np.inf)
    checkpoints = {0: made.checkpoints[0]}
    counts = np.rint(correct * COUNT).astype(np.int32)
    there = History.restore(TEXTBOOK, made.segments, checkpoints, 7, elsewhere, counts)
    there.state(7)
    there.batch(5)
    assert there.measured(0)[1][:7].tobytes() == elsewhere[:7].tobytes()


def test_costs_fall() -> None:
    """Learning with a small learning rate lowers C_T."""
    walked = history()
    walked.advance(0, 200)
    _, costs, _ = walked.costs()
    assert costs[-1] < costs[0] / 2


def test_a_large_set_is_measured_once_an_epoch() -> None:
    """Beyond a small set, mini-batch descent measures C_T where an epoch begins."""
    many = Examples(np.tile(EXAMPLES.images, (50, 1, 1, 1)), np.tile(EXAMPLES.labels, 50))
    walked = History(TEXTBOOK, TEXTBOOK.initial("normal", 0), Settings(batch=130), many)
    walked.advance(0, 11)
    assert walked.costs()[0].tolist() == [0, 5, 10]
    assert walked.batch(8).measured_at == 5


@pytest.mark.parametrize("batch", [1, 5, 13])
def test_each_image_once_an_epoch(batch: int) -> None:
    """Within an epoch every image comes once; the last mini-batch takes what is left."""
    walked = history(TEXTBOOK, Settings(batch=batch, seed=4, learning_rate=0.01))
    epoch = -(-COUNT // batch)
    walked.advance(0, 2 * epoch)
    for start in (0, epoch):
        samples = [walked.batch(start + i).samples for i in range(epoch)]
        assert sorted(np.concatenate(samples).tolist()) == list(range(COUNT))


def test_the_seed_gives_the_order() -> None:
    """The same seed gives the same order, another seed another, and epochs differ."""

    def order(seed: int, start: int) -> list[int]:
        walked = history(TEXTBOOK, Settings(batch=1, seed=seed, learning_rate=0.01))
        walked.advance(0, start + COUNT)
        return [int(walked.batch(start + i).samples[0]) for i in range(COUNT)]

    assert order(5, 0) == order(5, 0)
    assert order(5, 0) != order(6, 0)
    assert order(5, 0) != order(5, COUNT)


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_gradients_are_the_images_added_up(network: Network, settings: Settings) -> None:
    """The gradient of an update is the sum (or the mean) of its images' own."""
    batch = history(network, settings).batch(0)
    targets, parameters = EXAMPLES.targets(network.outputs), network.initial("normal", 0)
    traces = [trace(network, parameters, EXAMPLES.images[n], targets[n]) for n in batch.samples]
    scale = 1 / len(batch.samples) if settings.reduction == "mean" else 1.0
    for name, gradient in batch.gradients.items():
        assert_agree(name, gradient, sum(one[name] for one in traces) * scale)


@pytest.mark.parametrize(("network", "settings"), WAYS, ids=str)
def test_contributions_add_up(network: Network, settings: Settings) -> None:
    """Each image's share of a gradient's cell, all together, is that cell."""
    walked = history(network, settings)
    walked.advance(0, 2)
    for tensor, index in (("F.dw", (1, 0, 2, 0)), ("O.db", (2,))):
        shares = walked.contributions(2, tensor, index)
        batch = walked.batch(2)
        assert shares.shape == batch.samples.shape
        spread = float(np.abs(shares).max()) * len(shares)
        gradient = batch.gradients[tensor][index]
        assert shares.sum() == pytest.approx(gradient, rel=0, abs=1e-12 * spread + 1e-15)


@pytest.mark.parametrize("index", [(3,), (-1,), (0, 0), ()])
def test_contributions_are_those_of_a_cell(index: tuple[int, ...]) -> None:
    """A place that the gradient does not have is refused; none counts from its end."""
    walked = history(STACKS["textbook"], Settings())
    with pytest.raises(UnknownIndex, match=r"O\.db has no cell"):
        walked.contributions(0, "O.db", index)


@pytest.mark.parametrize("optimizer", [GradientDescent(), Momentum()], ids=str)
@pytest.mark.parametrize("network", [RELU, STACKS["textbook"]], ids=["relu", "textbook"])
def test_divergence_stops_at_the_last_finite_iteration(
    network: Network, optimizer: Optimizer
) -> None:
    """A learning rate beyond all bounds stops where numbers are still finite, and says so."""
    linear = Network(
        (1, 6, 6), [*network.ops[:3], Dense(3), Activation("identity")]
    )  # squared error without a squash has no bound
    walked = History(
        linear,
        linear.initial("normal", 0),
        Settings(learning_rate=100.0, optimizer=optimizer),
        EXAMPLES,
    )
    with pytest.raises(Diverged) as caught:
        walked.advance(0, 5000)
    last = walked.iterations
    assert caught.value.iteration == last > 2
    state, batch = walked.state(last), walked.batch(last)
    assert all(np.isfinite(array).all() for array in state.parameters.values())
    assert batch.diverged == caught.value.tensor
    assert not batch.updated
    with pytest.raises(Diverged):
        walked.advance(last, 1)
    walked.branch(last - 2, settings=Settings(learning_rate=0.0))
    assert walked.advance(last - 2, 3) == last + 1


def test_learning_from_the_stage() -> None:
    """Learning from one drawn image follows its gradient, and still measures the whole set."""
    stage = Examples(EXAMPLES.images[:1] * 0.5, np.array([2]))
    walked = history()
    walked.branch(0, stage=stage)
    batch = walked.batch(0)
    one = trace(TEXTBOOK, walked.state(0).parameters, stage.images[0], stage.targets(3)[0])
    assert_agree("F.dw", batch.gradients["F.dw"], one["F.dw"])
    assert batch.samples.size == 0
    assert batch.C == history().batch(0).C
    walked.advance(0, 30)
    after = trace(TEXTBOOK, walked.state(30).parameters, stage.images[0], stage.targets(3)[0])
    assert after["C"] < one["C"]


@pytest.mark.parametrize("optimizer", [GradientDescent(), Momentum(), Adam()], ids=str)
def test_a_state_goes_through_bytes(optimizer: Optimizer) -> None:
    """Parameters and optimizer state come back from bytes to the bit."""
    walked = history(TEXTBOOK, Settings(optimizer=optimizer, learning_rate=0.01))
    walked.advance(0, 3)
    state = walked.state(3)
    back = State.from_bytes(state.to_bytes(), TEXTBOOK, optimizer)
    assert same_bits(back.parameters, state.parameters)
    assert same_bits(back.optimizer, state.optimizer)


@pytest.mark.parametrize("content", [b"", b"\0" * 551, b"\0" * 560])
def test_bytes_that_are_no_state(content: bytes) -> None:
    """Another number of bytes is refused."""
    with pytest.raises(DataError, match="state: wanted 552 bytes"):
        State.from_bytes(content, TEXTBOOK, GradientDescent())


def test_learning_changes_no_array_in_place() -> None:
    """The first parameters are still what they were after learning."""
    parameters = TEXTBOOK.initial("normal", 0)
    walked = History(TEXTBOOK, parameters, Settings(), EXAMPLES)
    walked.advance(0, 5)
    assert same_bits(parameters, TEXTBOOK.initial("normal", 0))
    assert same_bits(walked.state(0).parameters, parameters)


def test_nothing_to_learn_from() -> None:
    """Without a training set a history can be looked at, and learning is refused."""
    walked = History(TEXTBOOK, TEXTBOOK.initial("normal", 0), Settings(), None)
    assert walked.state(0).parameters.keys() == TEXTBOOK.parameter_shapes.keys()
    assert [array.size for array in walked.costs()] == [0, 0, 0]
    with pytest.raises(DataError, match="a training set that fits the network"):
        walked.advance(0, 1)


@pytest.mark.parametrize("label", [3, -1])
def test_labels_that_are_no_class(label: int) -> None:
    """A label below 0 or beyond the outputs is refused."""
    with pytest.raises(DataError, match="labels: wanted whole numbers from 0 to 2"):
        Examples(np.zeros((1, 1, 6, 6)), np.array([label])).targets(3)


def test_a_batch_says_what_it_is_made_of() -> None:
    """Full batch descent learns from all images, measured at the same iteration."""
    batch: Batch = history().batch(0)
    assert batch.samples.tolist() == list(range(COUNT))
    assert batch.measured_at == 0
    assert batch.diverged is None
    assert batch.gradients.keys() == {"F.dw", "F.db", "O.dw", "O.db"}
