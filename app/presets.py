"""The named configurations, the default one first.

The learning rates and seeds were chosen by trying: each network learns its images, and what it
does on the way can be followed. The figures (C_T and the accuracy on the images that it learns
from) stand in ``docs/presets.md``; a test repeats them.
"""

from typing import Any

from app.schemas import Config, Preset

DEFAULT = "textbook"

TEXTBOOK = {
    "input": {"channels": 1, "height": 6, "width": 6},
    "loss": "squared_error",
    "initial": "normal",
    "training": {},
    "dataset": "digits-123-6x6",
}
FILTERS = {"type": "conv", "filters": 3, "size": 3}
HALVES = {"type": "pool", "kind": "max", "size": 2, "stride": 2}
THREE = {"type": "dense", "units": 3}
TEN = {"type": "dense", "units": 10, "activation": "softmax"}
MINI_BATCHES = {
    "optimizer": "momentum",
    "learning_rate": 0.05,
    "batch": 32,
    "reduction": "mean",
}


def preset(name: str, about: str, **changes: Any) -> Preset:  # noqa: ANN401 - parts of a Config
    """A preset: the textbook's configuration with what is different."""
    return Preset(id=name, about=about, config=Config.model_validate({**TEXTBOOK, **changes}))


PRESETS: dict[str, Preset] = {
    one.id: one
    for one in (
        preset(
            DEFAULT,
            "The textbook's network: three filters look for patterns, max pooling keeps the best "
            "match of each block, three outputs decide. Begin here.",
            layers=[FILTERS, HALVES, THREE],
        ),
        preset(
            "average-pooling",
            "Pooling by the mean: no cell wins, and the error that comes back is shared equally "
            "among all cells of a block.",
            layers=[FILTERS, {**HALVES, "kind": "average"}, THREE],
            training={"learning_rate": 0.3, "seed": 2},
        ),
        preset(
            "l2-pooling",
            "Pooling by the root of the sum of squares: each cell gets its part of the error, in "
            "proportion to its own value.",
            layers=[FILTERS, {**HALVES, "kind": "l2"}, THREE],
            training={"seed": 2},
        ),
        preset(
            "relu-softmax",
            "ReLU, softmax and cross-entropy, as networks of today have them: the outputs add up "
            "to 1, and the output error is simply a − t.",
            layers=[
                {**FILTERS, "activation": "relu"},
                HALVES,
                {**THREE, "activation": "softmax"},
            ],
            loss="cross_entropy",
            initial="he",
            training={"learning_rate": 0.005, "seed": 5},
        ),
        preset(
            "two-convolutions",
            "A convolution on a convolution: the second one looks for patterns of patterns, and "
            "its error goes back through all its filters to the first.",
            layers=[
                {**FILTERS, "activation": "tanh"},
                {**FILTERS, "activation": "tanh"},
                HALVES,
                THREE,
            ],
            initial="xavier",
            training={"learning_rate": 0.1, "seed": 2},
        ),
        preset(
            "hidden-layer",
            "A hidden layer of six neurons between pooling and output: the recursion from layer "
            "to layer, δ from the δ above.",
            layers=[FILTERS, HALVES, {"type": "dense", "units": 6}, THREE],
            training={"seed": 2},
        ),
        preset(
            "digits-8x8",
            "All 1,797 handwritten digits of the UCI set in grey, ten classes: mini-batches and "
            "momentum, and images kept aside to test what was learnt.",
            input={"channels": 1, "height": 8, "width": 8},
            layers=[{**FILTERS, "filters": 6, "activation": "relu"}, HALVES, TEN],
            loss="cross_entropy",
            initial="he",
            training=MINI_BATCHES,
            dataset="digits-8x8",
        ),
        preset(
            "glyphs-28x28",
            "Drawn digits of 28×28 pixels and eight filters of 5×5: the same mathematics at the "
            "size of real recognizers, where no eye can follow every cell.",
            input={"channels": 1, "height": 28, "width": 28},
            layers=[
                {"type": "conv", "filters": 8, "size": 5, "activation": "relu"},
                HALVES,
                TEN,
            ],
            loss="cross_entropy",
            initial="he",
            training=MINI_BATCHES,
            dataset="glyphs-28x28",
        ),
    )
}
