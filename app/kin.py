"""Runs that belong to a run: futures that were kept, and the same network from other weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """A future that was kept under a name: a run of its own.

    ``begun`` is the iteration where the run stood when it was kept.
    """

    id: str
    name: str
    begun: int


@dataclass(frozen=True)
class Trial:
    """The run's network from the weights of another seed: a run of its own."""

    id: str
    seed: int
