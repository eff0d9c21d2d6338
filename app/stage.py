"""What is on stage: an image of the set, or a drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.bridge import Array, Setup


@dataclass(frozen=True, eq=False)
class Stage:
    """The image on stage, (channel, row, column), its label, and its number if of the set."""

    sample: int | None
    label: int
    pixels: Array


def staged(stage: Stage, setup: Setup) -> Stage:
    """What was on stage under one configuration as it is on stage under another."""
    network, data = setup.network, setup.dataset
    if stage.pixels.shape != network.input_shape or stage.label >= network.outputs:
        return first_of(setup)
    if stage.sample is None:
        return stage
    there = data is not None and stage.sample < len(data)
    same = there and data is not None and np.array_equal(data.images[stage.sample], stage.pixels)
    return stage if same else replace(stage, sample=None)


def first_of(setup: Setup) -> Stage:
    """The first image of the set, or a blank drawing where there is no set."""
    data = setup.dataset
    return blank(setup) if data is None else Stage(0, int(data.labels[0]), data.images[0])


def blank(setup: Setup) -> Stage:
    """An empty drawing."""
    return Stage(None, 0, np.zeros(setup.network.input_shape))
