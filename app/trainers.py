"""Trainings: many runs learn at once, in turns of a few milliseconds.

A few threads take turns over all trainings: the one that is due the longest gets the next slice, so
all have the same share of the machine, and one that is to be slow is due more seldom. A slice is
measured in processor time and holds its run alone: whoever asks for another run does not wait, and
who asks for this one waits for a slice at most. What is reached is stored every quarter of a second
and at every halt; what is not stored yet is made again after a loss of power, to the same bits.

Whether a run trains is written in the run, and stored. A trainer only obeys: a pause, a stop or a
deletion is seen at the next slice, and :meth:`Trainers.open` takes up what was under way when the
process ended.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import orjson

from app import bridge
from app.live.base import Event
from app.logs import log
from app.problems import Problem, diverged
from app.run import Run
from app.runs import LOST, Live, Runs, error_event
from app.store.base import StaleVersion, Unavailable
from app.training import Training

THREADS = 2
SLICE = 0.004  # seconds of processor time
SWITCH = 0.0005  # seconds after which Python lets another thread go on; its own default is 0.005
COMMIT = 0.25  # seconds between two pieces that are stored
FRAME = 1 / 25  # seconds between two frames at least
SHARE = 4  # a frame is followed by so many times the time that it took
GIVE_WAY = 0.001  # seconds for those who wait for a run that trains
RETRY = 1.0  # seconds until the store is tried again
LAG = 0.25  # seconds that a paced training may be behind and still catch up
LOOK = 60.0  # seconds that a thread sleeps at most, however slow the trainings are to be


@dataclass(eq=False)
class Job:
    """A training under way, and its place in the turns.

    ``walked`` is the version that the run had when a slice led it beyond what is stored; ``who``
    the address that asked for it, None after the end of the process.
    """

    run: str
    live: Live
    due: float
    who: str | None = None
    walked: int | None = None
    count: int = 1
    frame_due: float = 0.0
    committed: float = 0.0
    stored: int | None = None
    busy: bool = False


class Trainers:
    """The threads that make the updates of all trainings."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self._jobs: dict[str, Job] = {}
        self._turn = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def open(self) -> None:
        """Take up the trainings that were under way."""
        try:
            active = self.runs.store.active()
        except Unavailable as error:
            log.warning("the trainings that were under way cannot be read", why=str(error))
            return
        for run in active:
            self.enlist(run)

    def enlist(self, run: str) -> None:
        """See to a run that is to train, as soon as a thread is free."""
        with self._turn:
            job = self._job(run)
            job.due = min(job.due, time.monotonic())
            while len(self._threads) < THREADS:
                self._start()
            self._turn.notify()

    def heed(self, run: str) -> None:
        """Obey a change of a run's training, or its deletion: its place is taken, or free."""
        with self.runs.held(run) as live:
            job, here = self._jobs.get(run), live.run
            if here is not None and here.training.runs:
                self.enlist(run)
            elif job is not None and here is None:
                self.enlist(run)  # a thread reads it, and sees
            elif job is not None:
                self._dismiss(job)

    @property
    def under_way(self) -> int:
        """How many runs train."""
        return len(self._jobs)

    def begin(
        self, run: str, if_match: str | None, wanted: Training, count: int | None, who: str
    ) -> bytes:
        """Start a training of ``count`` updates, None for as many as may be.

        The ``TrainingProgress``.
        """
        limit = self.runs.settings.history_iterations

        def edit(it: Run) -> None:
            goal = None if count is None else it.iteration + count
            it.train(replace(wanted, state="running", begun=it.iteration, goal=goal), limit)

        with self.places(who, run):
            return self.runs.change(run, if_match, edit, bridge.training_answer)[0]

    def alter(self, run: str, if_match: str | None, who: str, **changes: object) -> bytes:
        """Pause, resume or pace a training; the ``TrainingProgress``."""
        resumed = [run] if changes.get("state") == "running" else []
        with self.places(who, *resumed):
            return self._change(run, if_match, lambda it: it.retrain(**changes))

    def stop(self, run: str, if_match: str | None) -> None:
        """End a training; what it reached is kept."""
        self._change(run, if_match, Run.stop)

    def _change(self, run: str, if_match: str | None, edit: Callable[[Run], None]) -> bytes:
        """Make a change of a training that may be under way; the ``Training``."""
        answer = bridge.training_answer
        content, _ = self.runs.change(run, if_match, edit, answer, amid_training=True)
        self.heed(run)
        return content

    @contextmanager
    def places(self, who: str, *runs: str) -> Iterator[None]:
        """Places for trainings that an address is about to start: refused where there are too few.

        They are taken before, so that of many who start at once no more do than may.
        """
        with self._turn:
            new = [run for run in runs if run not in self._jobs]
            if new:
                self._require_room(who, len(new))
            for run in new:
                self._job(run).who = who
        try:
            yield
        finally:
            for run in runs:
                self.heed(run)

    def _require_room(self, who: str, count: int) -> None:
        """Refuse so many more trainings where they are too many."""
        most, each = self.runs.settings.trainings, self.runs.settings.trainings_each
        own = sum(job.who == who for job in self._jobs.values())
        words = None
        if self.under_way + count > most:
            words = f"{self.under_way} trainings run here, of {most}: try again when some ended."
        elif own + count > each:
            words = f"{own} trainings of this address run here, of {each}: stop some first."
        if words:
            raise Problem(429, words, headers={"Retry-After": "10"})

    def _job(self, run: str) -> Job:
        """The job of a run; a new one is never due until it is enlisted."""
        if run not in self._jobs:
            self._jobs[run] = Job(run, self.runs.hold(run), math.inf)
        return self._jobs[run]

    def close(self) -> None:
        """Let every slice end, and store what was reached."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        for thread in self._threads:
            thread.join()
        for job in list(self._jobs.values()):
            self._commit_last(job)

    # What a thread does ---------------------------------------------------------------------------

    def _start(self) -> None:
        sys.setswitchinterval(min(SWITCH, sys.getswitchinterval()))
        name = f"trainer-{len(self._threads)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._turn_of(job)
            finally:
                with self._turn:
                    job.busy = False
                    self._turn.notify()

    def _next(self) -> Job | None:
        """The job that is due the longest, when it is due; None at the end."""
        with self._turn:
            while not self._closed:
                free = [job for job in self._jobs.values() if not job.busy]
                job = min(free, key=lambda one: one.due, default=None)
                wait = None if job is None else job.due - time.monotonic()
                if job is not None and wait is not None and wait <= 0:
                    job.busy = True
                    return job
                self._turn.wait(None if wait is None else min(wait, LOOK))
        return None

    def _turn_of(self, job: Job) -> None:
        """One slice of a job, and when the next is due."""
        job.due = max(job.due, time.monotonic() - LAG)
        try:
            with self.runs.held(job.run) as live:
                run = self.runs.current(job.run, live)
                if run.training.runs:
                    self._slice(job, live, run)
                if not run.training.runs:
                    self._end(job, run)
        except StaleVersion:
            job.live.run = None  # another process changed the run: read it again
        except Problem as problem:
            if problem.status != 404:
                self.runs.broadcast.publish(job.run, error_event(problem))
            if problem.status in LOST:
                self._dismiss(job)
            job.due = time.monotonic() + RETRY
        except Exception as error:  # noqa: BLE001 - a thread must not die of one run
            log.exception("a training failed")
            self._fail(job, error)
        if job.live.users > 1:
            job.due = max(job.due, time.monotonic() + GIVE_WAY)

    def _slice(self, job: Job, live: Live, run: Run) -> None:
        """Some updates; a frame and a piece for the store where it is time for them."""
        if job.stored is None:
            job.stored, job.committed = run.iteration, time.monotonic()
        before, used = run.iteration, time.thread_time()
        self._descend(job, run)
        job.walked = run.version
        used = time.thread_time() - used
        fitting = int((run.iteration - before) * SLICE / max(used, 1e-6))
        job.count = max(1, min(fitting, 2 * job.count))
        now, speed = time.monotonic(), run.training.speed
        job.due = job.due + (run.iteration - before) / speed if speed else now
        if now >= job.frame_due or not run.training.runs:
            self._show(job, live, run)
        if run.training.runs and now - job.committed >= COMMIT:
            self._commit(job, run, now)

    def _end(self, job: Job, run: Run) -> None:
        """A training that ended by itself is stored and told; one that was ended has been."""
        if job.walked == run.version:
            self._commit(job, run, time.monotonic())
            about = run.training
            if about.state == "diverged":
                told = {"iteration": run.iteration, "tensor": about.tensor, "detail": about.reason}
                self.runs.broadcast.publish(run.id, Event("diverged", orjson.dumps(told)))
        self._dismiss(job)

    def _descend(self, job: Job, run: Run) -> None:
        """As many updates as fit in a slice and are due; the training's end where it comes."""
        training, limit = run.training, self.runs.settings.history_iterations
        goal = limit if training.goal is None else training.goal
        count = min(job.count, goal - run.iteration)
        if training.speed:
            late = time.monotonic() - job.due
            count = min(count, 1 + int(late * training.speed))
        start, reached = run.iteration, run.iterations
        infinite = run.walk(count) if count > 0 else None
        if run.iteration >= goal and training.has_conditions:
            run.costs()  # measures the last iteration too
        found = run.reaches(start)
        if found is not None:
            run.halt(found, reached)
        if infinite is None and (found is not None or run.iteration >= goal):
            infinite = run.settle(min(training.begun, run.iteration))
        elif infinite is not None:
            infinite = run.settle(min(training.begun, run.iteration)) or infinite
        if infinite is not None:
            run.training = training.ended("diverged", diverged(run.iteration, infinite), infinite)
        elif found is not None or run.iteration >= goal:
            run.training = training.ended("finished")

    def _show(self, job: Job, live: Live, run: Run) -> None:
        """A frame for those who watch; the dearer it is, the longer until the next."""
        if not self.runs.broadcast.audience(run.id):
            return
        began = time.monotonic()
        try:
            self.runs.broadcast.frame(run.id, Event("trace", self.runs.traced(live, run)))
        except Problem:
            log.debug("an iteration on the way cannot be shown: it is not finite")
        took = time.monotonic() - began
        job.frame_due = began + max(FRAME, SHARE * took)

    def _commit(self, job: Job, run: Run, now: float) -> None:
        """A piece for the store, and how fast it went."""
        if run.training.runs and job.stored is not None:
            latest = (run.iteration - job.stored) / max(now - job.committed, 1e-3)
            before = run.training.per_second or latest
            run.training = replace(run.training, per_second=(before + latest) / 2)
        self.runs.commit(run)
        job.committed, job.stored = now, run.iteration

    def _commit_last(self, job: Job) -> None:
        """What was reached when the server ends."""
        try:
            with self.runs.held(job.run) as live:
                run = self.runs.current(job.run, live)
                if job.walked == run.version:
                    self.runs.commit(run)
        except (Problem, StaleVersion) as error:
            log.warning("the last piece of a training was not stored", why=str(error))

    def _fail(self, job: Job, error: Exception) -> None:
        """The end of a training that cannot go on: the run is as the store has it."""
        words = f"The training failed: {error}."
        try:
            with self.runs.held(job.run) as live:
                live.run = None
                run = self.runs.current(job.run, live)
                run.training = run.training.ended("failed", words)
                self.runs.commit(run)
                self._dismiss(job)
        except Exception:  # noqa: BLE001 - nor of one that cannot be stored
            log.exception("the end of a training cannot be stored")
            job.due = time.monotonic() + RETRY
        self.runs.broadcast.publish(job.run, error_event(Problem(500, words)))

    def _dismiss(self, job: Job) -> None:
        with self._turn:
            if self._jobs.get(job.run) is job:
                del self._jobs[job.run]
                self.runs.release(job.live)
