"""An iteration of descent, by the plan and by everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from peers import SIDES, Descend, Missing
from rounds import Spread, interleave, ratio, spread
from workloads import Workload

__all__ = ["Comparison", "agree", "compare", "ready"]

#: Updates after which all sides must have the same cost, and how nearly.
UPDATES, NEARLY = 50, 1e-9


@dataclass(frozen=True)
class Comparison:
    """A workload measured: microseconds an update by side, the plan's share of each, who missed."""

    workload: Workload
    microseconds: dict[str, Spread]
    ratios: dict[str, Spread]
    missing: dict[str, str]


def ready(workload: Workload) -> tuple[dict[str, Descend], dict[str, str]]:
    """The sides that can be had, and why the others cannot."""
    found: dict[str, Descend] = {}
    missing: dict[str, str] = {}
    for name, prepare in SIDES.items():
        try:
            found[name] = prepare(workload)
        except Missing as reason:
            missing[name] = str(reason)
    return found, missing


def agree(sides: dict[str, Descend]) -> dict[str, float]:
    """How far each side's cost after 50 updates is from the first side's, as a share of it.

    Raises ValueError for one that computes something else.
    """
    costs = {name: descend(UPDATES) for name, descend in sides.items()}
    expected = next(iter(costs.values()))
    apart = {name: abs(cost - expected) / expected for name, cost in costs.items()}
    for name, share in apart.items():
        if not share <= NEARLY:
            raise ValueError(f"{name} computes something else: {costs[name]} and not {expected}")
    return apart


def compare(workload: Workload, seconds: float) -> Comparison:
    """All sides on one workload: checked against each other, then timed in turns."""
    sides, missing = ready(workload)
    agree(sides)
    calls = {name: partial(descend, workload.updates) for name, descend in sides.items()}
    times = interleave(calls, seconds)
    scale = 1e6 / workload.updates
    return Comparison(
        workload,
        {name: spread([t * scale for t in found]) for name, found in times.items()},
        {name: ratio(times, "plan", name) for name in times if name != "plan"},
        missing,
    )
