"""Sides timed in turns: first this one, then that one, many times; then medians and ratios.

On a machine that does other work too, a slow moment strikes all sides of a round alike, and the
median of the rounds passes over it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median, quantiles
from time import perf_counter

__all__ = ["Spread", "interleave", "ratio", "spread"]


@dataclass(frozen=True)
class Spread:
    """A median with the quartiles about it.

    ``quiet`` is the same in the moments when nothing else was done: the tenth percentile of a time,
    or the ratio of two such. It stands beside the median, which a busy machine disturbs more.
    """

    middle: float
    low: float
    high: float
    quiet: float

    def __str__(self) -> str:
        return f"{self.middle:.3g} ({self.low:.3g}–{self.high:.3g})"


def spread(numbers: list[float]) -> Spread:
    """The quartiles of some measurements."""
    low, _, high = quantiles(numbers, n=4)
    return Spread(median(numbers), low, high, quiet(numbers))


def quiet(numbers: list[float]) -> float:
    """The tenth percentile."""
    return quantiles(numbers, n=10)[0]


def interleave(sides: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, list[float]]:
    """Seconds of one call of each side, round by round, for that long; at least nine rounds."""
    for side in sides.values():
        side()
    times: dict[str, list[float]] = {name: [] for name in sides}
    end, rounds = perf_counter() + seconds, 0
    gc.disable()
    while rounds < 9 or perf_counter() < end:
        for name, side in sides.items():
            start = perf_counter()
            side()
            times[name].append(perf_counter() - start)
        rounds += 1
    gc.enable()
    return times


def ratio(times: Mapping[str, list[float]], one: str, other: str) -> Spread:
    """How many times as long ``one`` takes as ``other``: the quartiles over the rounds."""
    rounds = spread([a / b for a, b in zip(times[one], times[other], strict=True)])
    return replace(rounds, quiet=quiet(times[one]) / quiet(times[other]))
