"""Kept futures: a run's whole history under a name, to be compared and come back to.

Each is a run of its own in the store, so that it lives, replays and migrates like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app import bridge
from app.kin import Branch
from app.problems import Problem, bad_field
from app.run import Run
from app.runs import Runs


class Branches:
    """The kept futures of all runs."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def listed(self, run: str) -> bytes:
        """The ``Branches`` of a run, in the order in which they were kept."""
        branches = self.runs.read(run, lambda it: it.branches)
        found = [self.runs.read(one.id, partial(bridge.branch_out, branch=one)) for one in branches]
        return bridge.dumps({"branches": found})

    def keep(self, run: str, if_match: str | None, name: str) -> bytes:
        """Keep the present history under a name; the ``Branch``."""
        here = self.runs.read(run, Run.fork)
        here.refuse_while_training()
        most = self.runs.settings.branches
        if len(here.branches) >= most:
            words = f"This run keeps {most} futures, as many as may be: drop one first."
            raise Problem(409, words)
        refuse_twin(here, name)
        branch = self.copied(here, name)

        def edit(it: Run) -> None:
            refuse_twin(it, name)
            it.branches = (*it.branches, branch)

        self.changed(run, if_match, edit, branch)
        return bridge.dumps(bridge.branch_out(here, branch))

    def take(self, run: str, if_match: str | None, branch: str, name: str | None) -> bytes:
        """Go back to a kept future; the present one is kept in its place. The ``Run``."""
        here = self.runs.read(run, Run.fork)
        here.refuse_while_training()
        wanted = self.named(here, branch)
        if name is not None and name != wanted.name:
            refuse_twin(here, name)
        other = self.runs.read(wanted.id, Run.fork)
        kept = self.copied(here, name or wanted.name)

        def edit(it: Run) -> None:
            self.named(it, branch)
            it.become(other)
            it.branches = tuple(kept if one == wanted else one for one in it.branches)

        content = self.changed(run, if_match, edit, kept)
        self.runs.discard([wanted.id])
        return content

    def drop(self, run: str, if_match: str | None, branch: str) -> None:
        """Forget a kept future."""

        def edit(it: Run) -> None:
            gone = self.named(it, branch)
            it.branches = tuple(one for one in it.branches if one != gone)

        self.runs.change(run, if_match, edit, bridge.run_answer, amid_training=True)
        self.runs.discard([branch])

    def costs(self, run: str, branch: str, points: int) -> bytes:
        """The ``Costs`` of a kept future."""
        wanted = self.named(self.runs.read(run, lambda it: it), branch)
        return self.runs.read(wanted.id, lambda it: bridge.costs_answer(*it.costs(), points))

    def copied(self, here: Run, name: str) -> Branch:
        """The history of a run in a run of its own."""
        return Branch(self.runs.copy(here), name, here.iteration)

    def changed(
        self, run: str, if_match: str | None, edit: Callable[[Run], None], copy: Branch
    ) -> bytes:
        """Change a run that gets a copy; where that fails, the copy goes."""
        try:
            content, _ = self.runs.change(run, if_match, edit, bridge.run_answer)
        except BaseException:
            self.runs.discard([copy.id])
            raise
        return content

    @staticmethod
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
