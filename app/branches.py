"""Kept futures: a run's whole history under a name, to be compared and come back to.

Each is a run of its own in the store, so that it lives, replays and migrates like any other. It is
made, swapped and dropped in the transaction that changes the run that it belongs to.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from app import bridge
from app.kin import Branch
from app.problems import Problem, bad_field
from app.run import Run
from app.runs import Runs, new_id


class Branches:
    """The kept futures of all runs."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def listed(self, run: str) -> bytes:
        """The ``Branches`` of a run, in the order in which they were kept."""
        branches = self.runs.read(run, lambda it: it.branches)
        return bridge.dumps({"branches": [self.shown(one) for one in branches]})

    def shown(self, branch: Branch) -> dict[str, Any]:
        """A ``Branch``; one that cannot be read says why, so that it can be dropped."""
        look = partial(bridge.branch_out, branch=branch)
        return self.runs.read_or(branch.id, look, partial(bridge.lost_branch_out, branch))

    def keep(self, run: str, if_match: str | None, name: str) -> bytes:
        """Keep the present history under a name; the ``Branch``."""

        def edit(it: Run) -> None:
            most = self.runs.settings.branches
            if len(it.branches) >= most:
                words = f"This run keeps {most} futures, as many as may be: drop one first."
                raise Problem(409, words)
            refuse_twin(it, name)
            it.branches = (*it.branches, kept(it, name))

        def respond(it: Run) -> bytes:
            return bridge.dumps(bridge.branch_out(it, it.branches[-1]))

        return self.runs.change(run, if_match, edit, respond)[0]

    def take(self, run: str, if_match: str | None, branch: str, name: str | None) -> bytes:
        """Go back to a kept future; the present one is kept in its place. The ``Run``."""

        def edit(it: Run) -> None:
            wanted = named(it, branch)
            if name is not None and name != wanted.name:
                refuse_twin(it, name)
            other = self.runs.read(wanted.id, Run.fork)
            present = kept(it, name or wanted.name)
            it.become(other)
            it.branches = tuple(present if one == wanted else one for one in it.branches)
            it.gone = (wanted.id,)

        return self.runs.change(run, if_match, edit, bridge.run_answer)[0]

    def drop(self, run: str, if_match: str | None, branch: str) -> None:
        """Forget a kept future."""

        def edit(it: Run) -> None:
            wanted = named(it, branch)
            it.branches = tuple(one for one in it.branches if one != wanted)
            it.gone = (wanted.id,)

        self.runs.change(run, if_match, edit, bridge.run_answer, amid_training=True)

    def costs(
        self, run: str, branch: str, points: int, start: int = 0, end: int | None = None
    ) -> bytes:
        """The ``Costs`` of a kept future."""
        wanted = self.runs.read(run, partial(named, branch=branch))
        return self.runs.read(
            wanted.id, partial(bridge.costs_answer, points=points, start=start, end=end)
        )


def kept(run: Run, name: str) -> Branch:
    """The history of a run under a name, in a run that is stored with it."""
    twin = run.twin(new_id())
    run.born = (*run.born, twin)
    return Branch(twin.id, name, run.iteration)


def named(run: Run, branch: str) -> Branch:
    """The branch of that id; a problem where there is none."""
    found = next((one for one in run.branches if one.id == branch), None)
    if found is None:
        raise Problem(404, "This run has no branch of this id; it may have been dropped.")
    return found


def refuse_twin(run: Run, name: str) -> None:
    """Refuse a name that another branch has."""
    if any(one.name == name for one in run.branches):
        raise bad_field("name", "a name that no other branch of the run has", name)
