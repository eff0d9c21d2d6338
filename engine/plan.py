"""The fast path: a textbook-like network and its images, made ready for descent.

It serves one convolution on the image, a strictly increasing activation, max pooling without
overlap and a dense output, learnt by plain gradient descent; everything else is served by the
ordinary passes. It computes what they compute, to rounding, and these are the reasons why each of
its steps may be done as it is done:

* **Patches once.** Images do not change while the network learns, so the patches under the filters
  are laid out as one matrix X before the first update (:mod:`engine.patches`). The weighted inputs
  of all images are then one product, z = F X, and the filter's gradient is another, dF = δ Xᵀ. The
  bias is a column of F against a row of ones in X.
* **Buffers once.** Small arrays cost more to ask for than to compute. Every call writes into memory
  that is already there (``out=``; :mod:`engine.workspace`). All parameters are one vector θ, of
  which F and O are views: the update is one subtraction.
* **Pooling first.** A strictly increasing function keeps the order: max a(z) = a(max z). So pooling
  is done on z, and only winners pass the activation and its derivative: a quarter of the work for
  2×2 blocks. Losers get no error, so nobody asks for theirs.
* **No ties.** The first of several equal cells wins. Cells are equal where their patches are, as
  often in binary images, and that is known beforehand: a repeated patch is marked in X with a
  penalty of 10⁹, against a weight that is 1, so it can never win. (It never gets an error either,
  so the gradient of that weight is exactly 0 and it stays 1.)
* **Winners by counting.** What remains should have one clear winner a block: exactly one cell
  above the maximum less ε. Then that comparison *is* the mask of winners, and counting it proves
  it. Where the count differs, two different patches came within ε, rounding decides, and the
  ordinary pass takes over for those images. It also does where rounding could merge what ε keeps
  apart: where the activation is so flat that two values round to one (:data:`FLAT`), and where
  weights are so large that z itself is uncertain (``limit``). The choice depends on the state
  alone, so that a replay makes it again.
* **Patterns once.** Black and white images of a few pixels hold the same patches again and again:
  155 different ones among the 1,536 of the textbook's set. Where they are few, e^−z is
  computed of each pattern once and spread over its places; where it is least, a is greatest. The
  winner is clear where no other output comes within :data:`NEAR` of it.
* **Blocks once.** Where all that lies under a pooling block is the same, as in the empty margins of
  drawn images, the block's answer is too. It is computed once and spread over the places where
  the block occurs, and the errors of these places are added up in it.
* **Masks, not places.** The error is multiplied by the mask into an array of zeros and winners and
  goes through one dense product. Most of the multiplications are by 0, and yet gathering the
  winners was slower: a BLAS product streams, gathering jumps.
* **Products of even size.** A matrix product has code of its own for sides of four; three filters
  cost it more than four. So F and X are filled up with zeros.
* **Blocks of images.** Large sets are taken some images at a time, so that what a step writes is
  still in the processor's cache when the next one reads it.

Arrays here have the images last: z is (k, m, B·n), for k filters, m places in a pooling block, B
blocks on a map and n images; a is (k·B + 1, n), the last row being the ones of the bias.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import passes
from engine.functions import Array
from engine.learning import Examples, Settings, State
from engine.losses import SquaredError
from engine.network import Network
from engine.ops.activation import Activation
from engine.ops.conv import Conv
from engine.ops.pool import MaxPool
from engine.optimizers import GradientDescent
from engine.patches import Laid
from engine.stepper import Order, Passes, Stepper, Stretch, Update
from engine.workspace import (
    EPSILON,
    NEAR,
    Block,
    Buffers,
    Parameters,
    Spelled,
    Spread,
    highest,
    sigmoid,
    slope,
    spell,
)

__all__ = ["Plan", "applies", "stepper_for"]

#: Between these weighted inputs, two that are ε apart stay apart after the activation is rounded:
#: there its slope is at least 1e-7, so they differ by 1e-15, several units in the last place of 1.
#: Towards 0 the sigmoid needs no bound, since small numbers are finer.
FLAT: Final = {"sigmoid": (-inf, 16.0), "tanh": (-8.0, 8.0)}
#: Bytes of patches that are worked on at a time.
CACHED: Final = 2**21
#: Bytes of patches that are kept; of larger sets they are laid out again for each update.
KEPT: Final = 2**26
#: Numbers that are kept of the answers of a stretch, which are counted together at its end.
ANSWERS: Final = 2**14


def applies(network: Network, settings: Settings) -> bool:
    """Whether the plan serves that network, learnt in that way."""
    kinds = [op.type for op in network.ops]
    if kinds[:4] != ["conv", "activation", "pool/max", "dense"] or len(kinds) != 5:
        return False
    squash, pool = network.ops[1], network.ops[2]
    increasing = isinstance(squash, Activation) and squash.function.increasing
    apart = isinstance(pool, MaxPool) and pool.windows.apart
    return increasing and apart and isinstance(settings.optimizer, GradientDescent)


def stepper_for(network: Network, settings: Settings, examples: Examples) -> Stepper:
    """The fastest way to make the updates of that configuration."""
    if applies(network, settings):
        return Plan(network, settings, examples)
    return Passes(network, settings, examples)


class Plan:
    """The updates of one configuration; see the module for how and why.

    Its buffers are its own: two threads must not share a plan.
    """

    def __init__(self, network: Network, settings: Settings, examples: Examples) -> None:
        conv, squash, pool, _, out = network.ops
        assert isinstance(conv, Conv)  # noqa: S101 - `applies` has made sure
        assert isinstance(squash, Activation)  # noqa: S101
        assert isinstance(pool, MaxPool)  # noqa: S101
        self.network, self.settings, self.examples = network, settings, examples
        self.patches = examples.patches(conv, pool)
        self.passes = Passes(network, settings, examples)
        self.count = len(examples.labels)
        self.whole = settings.batch is None or settings.batch >= self.count
        self.width = min(self.count, max(1, CACHED // self.patches.size))
        self.filters, self.squash = conv.filters, squash.function
        self.smooth = squash.name == "sigmoid"
        self.low, self.high = FLAT.get(squash.name, (-inf, inf))
        self.plain = out == Activation("sigmoid") and network.loss == SquaredError()
        self.limit = (float(NEAR) / (8 * self.patches.rows * 2.0**-53) / self.patches.norm) ** 2
        self.targets = self.passes.targets.T.copy()
        self.each = self.passes.targets[:, :, None]  # (n, u, 1)
        self.theta, self.gradient, self.part = (Parameters(network, self.patches) for _ in range(3))
        self.theta.fixed[:] = 1.0
        self._buffers: dict[tuple[int, int], Buffers] = {}
        self._laid: list[Block] | None = None
        self._singles: dict[int, Block] = {}
        self._rates: dict[int, Array] = {}

    def update(self, state: State, updates: int, samples: NDArray[np.int64]) -> Update:
        if self.whole and len(samples) != self.count:
            return self.passes.update(state, updates, samples)
        answers = np.empty((1, len(self.targets), len(samples)))
        self.theta.load(state.parameters)
        with np.errstate(all="ignore"):
            norm = float(self.theta.vector.dot(self.theta.vector))
            cost, norm = self._step(samples, answers[0], norm)
        if not isfinite(cost + norm):
            return self.passes.update(state, updates, samples)
        gradients = {
            f"{name[:2]}d{name[2:]}": array * self._share(len(samples))
            for name, array in self.gradient.views.items()
        }
        correct = int(self._correct(answers, [samples])[0])
        return Update(cost, correct, gradients, self.theta.copies(), {}, None)

    def run(self, state: State, updates: int, count: int, order: Order) -> Stretch:
        first = order(updates)
        count = min(count, max(1, ANSWERS // (len(self.targets) * len(first))))
        later = range(updates + 1, updates + count)
        chosen = [first, *(first if self.whole else order(i) for i in later)]
        width = max(map(len, chosen))
        answers = np.empty((count, len(self.targets), width))
        costs = np.empty(count)
        self.theta.load(state.parameters)
        with np.errstate(all="ignore"):
            norm = float(self.theta.vector.dot(self.theta.vector))
            for i, samples in enumerate(chosen):
                cost, norm = self._step(samples, answers[i], norm)
                costs[i] = cost
                if not isfinite(cost + norm):
                    return self._carefully(state, updates, i, order)
        correct = self._correct(answers, chosen)
        return Stretch(self.theta.copies(), {}, costs, correct)

    def _carefully(self, state: State, updates: int, count: int, order: Order) -> Stretch:
        """The updates before one that may not be finite, or that one by the ordinary pass."""
        if count:
            return self.run(state, updates, count, order)
        return self.passes.run(state, updates, 1, order)

    def measure(self, parameters: Mapping[str, Array]) -> tuple[float, int]:
        everything = np.arange(self.count)
        answers = np.empty((1, len(self.targets), self.count))
        self.theta.load(parameters)
        with np.errstate(all="ignore"):
            theta = self.theta.vector
            bounded, cost, done = theta.dot(theta) < self.limit, 0.0, 0
            for block in self._all():
                if bounded and self._forward(block):
                    found = self._cost(block)
                else:
                    _, found = self._ordinary(block)
                width = block.targets.shape[1]
                answers[0, :, done : done + width] = block.buffers.y
                cost, done = cost + found, done + width
        return cost, int(self._correct(answers, [everything])[0])

    def _rate(self, count: int) -> Array:
        """What multiplies the gradient of so many images: η, or their part of it, a 0-d array."""
        if count not in self._rates:
            self._rates[count] = np.array(self.settings.learning_rate * self._share(count))
        return self._rates[count]

    def _share(self, count: int) -> float:
        return 1.0 / count if self.settings.reduction == "mean" else 1.0

    def _correct(self, answers: Array, chosen: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        """How many answers (updates, u, n) are right in each update; the first largest counts."""
        said = answers.argmax(axis=1)
        if self.whole:
            right: NDArray[np.int64] = (said == self.examples.labels).sum(axis=1)
            return right
        labels = self.examples.labels
        if sum(map(len, chosen)) == said.size:
            together = labels[np.concatenate(chosen)].reshape(said.shape)
            rights: NDArray[np.int64] = (said == together).sum(axis=1)
            return rights
        return np.array(
            [int((labels[s] == one[: len(s)]).sum()) for s, one in zip(chosen, said, strict=True)]
        )

    def _step(self, samples: NDArray[np.int64], answers: Array, norm: float) -> tuple[float, float]:
        """One update of θ in place, ``norm`` being |θ|²: the cost before it and |θ|² after it.

        ``answers`` (u, m) takes the outputs.
        """
        theta, g, part = self.theta.vector, self.gradient, self.part
        bounded, cost, done, target = norm < self.limit, 0.0, 0, g
        for block in self._all() if self.whole else self._some(samples):
            if bounded and self._forward(block):
                cost += self._cost(block)
                self._backward(block, target)
            else:
                tensors, found = self._ordinary(block)
                self._ordinary_backward(block, tensors, target)
                cost += found
            width = block.targets.shape[1]
            answers[:, done : done + width] = block.buffers.y
            done += width
            if target is part:
                g.vector += part.vector
            target = part
        np.multiply(g.vector, self._rate(done), part.vector)
        np.subtract(theta, part.vector, theta)
        return cost, float(theta.dot(theta))

    def _forward(self, block: Block) -> bool:
        """The outputs of a block; whether every winner is clear."""
        buffers, spelled = block.buffers, block.spelled
        if spelled is None:
            clear = self._pool(buffers, block.patches)
        else:
            clear = spell(self.theta, buffers, spelled)
        if not clear:
            return False
        if block.spread is not None:
            buffers.won.take(block.spread.places, 1, buffers.pooled, "clip")
        self.theta.O.dot(buffers.a, buffers.z_out)
        if self.plain:
            sigmoid(buffers.z_out, buffers.e_out, buffers.y)
        else:
            buffers.y[...] = self.network.ops[-1].forward(buffers.z_out.T, {})["y"].T
        return True

    def _pool(self, buffers: Buffers, patches: Array) -> bool:
        """The pooled outputs, with e^−z or nothing; whether every winner is clear."""
        self.theta.F.dot(patches, buffers.z)
        highest(buffers.apart, 1, None, buffers.top)
        np.subtract(buffers.maximum, EPSILON, buffers.floor)
        np.greater(buffers.apart, buffers.floor, buffers.wins)
        if np.count_nonzero(buffers.wins) != buffers.every.size or not self._steep(buffers.every):
            return False
        if self.smooth:
            sigmoid(buffers.top, buffers.e, buffers.won)
        else:
            buffers.won[...] = self.squash.value(buffers.top)
        return True

    def _steep(self, top: Array) -> bool:
        """Whether the activation keeps apart what is ε apart, at all of these, (k·B·n,)."""
        if self.high < inf and not top[top.argmax()] <= self.high:
            return False
        return self.low == -inf or bool(top[top.argmin()] >= self.low)

    def _cost(self, block: Block) -> float:
        """The cost of a block, summed; leaves y − t in ``delta_out`` where that is the error."""
        buffers = block.buffers
        if self.plain:
            np.subtract(buffers.y, block.targets, buffers.delta_out)
            return 0.5 * float(buffers.flat_out.dot(buffers.flat_out))
        z, y, t = buffers.z_out.T, buffers.y.T, block.targets.T
        return float(self.network.loss.cost(self.network.ops[-1], z, y, t).sum())

    def _backward(self, block: Block, into: Parameters) -> None:
        """The gradients of a block, after its cost."""
        buffers = block.buffers
        if self.plain:
            slope(buffers.e_out, buffers.y, buffers.delta_out)
        else:
            buffers.delta_out[...] = self._output_error(block).T
        buffers.delta_out.dot(buffers.a_turned, into.O)
        self.theta.down.dot(buffers.delta_out, buffers.da)
        if block.spread is not None:
            buffers.sums[:] = np.bincount(block.spread.sums, buffers.each, len(buffers.sums))
        if self.smooth:
            slope(buffers.e, buffers.won, buffers.error)
        else:
            np.multiply(buffers.error, self.squash.derivative(buffers.top), buffers.error)
        np.multiply(buffers.wins, buffers.passed, buffers.placed)
        buffers.delta.dot(block.patches.T, into.F)

    def _output_error(self, block: Block) -> Array:
        """∂C/∂z of the output, (n, u), by the loss and the activation themselves."""
        op, loss = self.network.ops[-1], self.network.loss
        z, y, t = block.buffers.z_out.T, block.buffers.y.T, block.targets.T
        closed = loss.delta(op, z, y, t)
        return (
            closed if closed is not None else op.backward(z, {}, {"y": y}, loss.error(op, z, y, t))
        )

    def _ordinary(self, block: Block) -> tuple[passes.Tensors, float]:
        """Every tensor of a block by the ordinary pass, and its cost."""
        images = self.examples.images[block.samples]
        tensors = passes.forward(self.network, self.theta.views, images)
        block.buffers.y[...] = tensors[self.passes.last.y].T
        cost = passes.cost(self.network, tensors, block.targets.T)
        return tensors, float(cost.sum())

    def _ordinary_backward(self, block: Block, tensors: passes.Tensors, into: Parameters) -> None:
        found = passes.gradients(self.network, self.theta.views, tensors, block.targets.T)
        into.load({f"{name[:2]}{name[3:]}": array for name, array in found.items()})
        into.fixed[:] = 0.0

    def _all(self) -> Iterable[Block]:
        """The whole set, in blocks; made once where it may be kept."""
        if self._laid is not None:
            return self._laid
        starts = range(0, self.count, self.width)
        slices = [slice(i, min(i + self.width, self.count)) for i in starts]
        if self.patches.size * self.count > KEPT:
            return (self._block(samples) for samples in slices)
        laid = zip(slices, self.patches.blocks(self.width), strict=True)
        self._laid = [self._block(samples, found) for samples, found in laid]
        return self._laid

    def _some(self, samples: NDArray[np.int64]) -> Iterable[Block]:
        """Those images, in blocks."""
        kept = self.patches.size * self.count <= KEPT
        if kept and len(samples) == 1:
            return (self._single(samples.item()),)
        starts, make = range(0, len(samples), self.width), self._gathered if kept else self._block
        return (make(samples[start : start + self.width]) for start in starts)

    def _block(
        self,
        samples: slice | NDArray[np.int64],
        laid: Laid | None = None,
    ) -> Block:
        targets = np.ascontiguousarray(self.targets[:, samples])
        found = Laid(self.patches.lay(samples)) if laid is None else laid
        spelled = None
        if found.patterns is not None and self.smooth:
            spelled = Spelled(found.patterns, self.theta, self.filters)
        columns = found.matrix.shape[1] // self.patches.places
        buffers = self._workspace(targets.shape[1], columns)
        spread = None
        if found.blocks is not None:
            spread = Spread(found.blocks, self.filters, columns)
        return Block(samples, found.matrix, targets, buffers, spelled, spread)

    def _single(self, sample: int) -> Block:
        """One image, for online descent; kept, since making the block costs as much as its use."""
        found = self._singles.get(sample)
        if found is None:
            patches, targets = self.patches.each[sample], self.each[sample]
            found = Block(np.array([sample]), patches, targets, self._workspace(1))
            self._singles[sample] = found
        return found

    def _gathered(self, samples: NDArray[np.int64]) -> Block:
        """Images of any order, from the matrices that are kept of each."""
        patches = self.patches.each[samples].transpose(1, 2, 0).reshape(self.patches.rows, -1)
        return Block(samples, patches, self.targets[:, samples], self._workspace(len(samples)))

    def _workspace(self, width: int, columns: int | None = None) -> Buffers:
        """The buffers for so many images and so many pooling blocks, all of them unless said."""
        key = width, columns or self.patches.windows * width
        if key not in self._buffers:
            self._buffers[key] = Buffers(self.theta, self.filters, self.patches, *key)
        return self._buffers[key]
