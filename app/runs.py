"""All runs: the truth is in the store, what is in memory besides is a cache.

The store's version confirms the cache at every request, so that the next request may come to
another process. A change is made on a copy, answered, and stored; only then does the copy take the
run's place: a refused change has touched nothing.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import orjson

from app import bridge, sayings
from app.bridge import Setup
from app.live.base import Broadcast, Event
from app.logs import log
from app.problems import Problem, bad_field, diverged, unavailable
from app.records import note_stored, packed, pending, record, unpacked
from app.run import Run, new_run
from app.settings import Settings
from app.shelf import DamagedSet
from app.store.base import Chunk, Damaged, Record, StaleVersion, Store, Unavailable, UnknownRecord
from app.training import IDLE

T = TypeVar("T")
ID = re.compile(r"[A-Za-z0-9_-]{16,32}")
TRIES = 8  # how often a change is made anew when other workers change the same run
POINTS = 60  # of the cost curve in one event
LOST = frozenset({404, 500})  # how a run is refused that is deleted or damaged, and stays so


@dataclass(eq=False)
class Live:
    """A run in memory, its lock, and what was last answered of it, by version and iteration.

    ``past`` is a copy of its own for looks at other iterations, so that they hold nobody up.
    """

    lock: Lock = field(default_factory=Lock)
    run: Run | None = None
    trace: tuple[tuple[int, int], bytes] | None = None
    results: tuple[tuple[int, int], bytes] | None = None
    users: int = 0
    looking: Lock = field(default_factory=Lock)
    past: Run | None = None


class Runs:
    """All runs: the store, the latest used of them in memory, and who is told of changes."""

    def __init__(self, store: Store, settings: Settings, broadcast: Broadcast) -> None:
        self.store, self.settings, self.broadcast = store, settings, broadcast
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._seen: set[str] = set()
        self._damaged: set[str] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many runs are in memory."""
        return len(self._live)

    @contextmanager
    def held(self, run: str) -> Iterator[Live]:
        """A run's place in memory, for this thread alone; what is held is not dropped."""
        live = self.hold(run)
        try:
            with live.lock:
                yield live
        except UnknownRecord as error:
            live.run = None
            raise unknown_run() from error
        except Damaged as error:
            if run not in self._damaged:  # once, however often it is asked for
                self._damaged.add(run)
                log.exception("a run is damaged in the store", run=run)
            raise damaged() from error
        except Unavailable as error:
            raise unavailable(error) from error
        finally:
            self.release(live)

    def looked_at(self) -> set[str]:
        """The runs that were asked for since this was last called, or are held now."""
        with self._lock:
            seen, self._seen = self._seen, set()
            return seen | {name for name, one in self._live.items() if one.users}

    def hold(self, run: str) -> Live:
        """A run's place in memory, which stays there until it is released."""
        if not ID.fullmatch(run):
            raise unknown_run()
        with self._lock:
            live = self._live.setdefault(run, Live())
            self._live.move_to_end(run)
            live.users += 1
            self._seen.add(run)
            return live

    def release(self, live: Live) -> None:
        """Give a place back, and drop the longest unused ones beyond the bound."""
        with self._lock:
            live.users -= 1
            idle = [name for name, one in self._live.items() if one.users == 0]
            for name in idle[: max(0, len(self._live) - self.settings.live_runs)]:
                del self._live[name]

    def current(self, name: str, live: Live) -> Run:
        """The run as the store has it now; raises ``UnknownRecord``."""
        version = self.store.version(name)
        if version is None:
            raise UnknownRecord(name)
        if live.run is None or live.run.version != version:
            live.run, live.trace = self.fetched(name), None
        return live.run

    def fetched(self, name: str) -> Run:
        """The run read from the store, whole: again if it was changed between two reads."""
        for _ in range(TRIES):
            stored = self.store.load(name)
            chunks = self.store.chunks(name)
            if stored is None:
                raise UnknownRecord(name)
            if self.store.version(name) == stored.version:
                return whole(stored, chunks)
        raise busy()

    def create(self, preset: str, setup: Setup) -> tuple[bytes, str]:
        """Make a run; its ``Run`` and its id."""
        run = new_run(new_id(), preset, setup)
        content = bridge.run_answer(run)
        chunks, _ = pending(run)
        try:
            self.store.create(run.id, packed(run), chunks)
        except Unavailable as error:
            raise unavailable(error) from error
        note_stored(run)
        with self.held(run.id) as live:
            live.run = run
        return content, run.id

    def adopt(self, meta: Mapping[str, Any], chunks: list[Chunk]) -> str:
        """Make a run of what another one was stored as; its id."""
        run = new_id()
        own = {**meta, "training": IDLE.stored(), "edited": 1}
        own |= {"branches": [], "trials": []}
        try:
            self.store.create(run, orjson.dumps(own), chunks)
        except Unavailable as error:
            raise unavailable(error) from error
        return run

    def exists(self, run: str) -> bool:
        """Whether there is a run of this id."""
        return bool(ID.fullmatch(run)) and self.store.version(run) is not None

    def read(self, run: str, look: Callable[[Run], T]) -> T:
        """What ``look`` finds in a run, which it leaves as it is."""
        with self.held(run) as live:
            return look(self.current(run, live))

    def read_or(self, run: str, look: Callable[[Run], T], lost: Callable[[str], T]) -> T:
        """The same; of a run that is gone or damaged, what ``lost`` makes of the reason."""
        try:
            return self.read(run, look)
        except Problem as problem:
            if problem.status not in LOST:  # it may be there all the same
                raise
            return lost(sayings.said(problem.detail))

    def trace(self, run: str) -> tuple[bytes, int]:
        """The run's ``Trace`` and version."""
        with self.held(run) as live:
            found = self.current(run, live)
            return self.traced(live, found), found.version

    def traced(self, live: Live, found: Run) -> bytes:
        """The ``Trace`` of a run that is held, computed once for each iteration and version."""
        key = found.version, found.iteration
        if live.trace is None or live.trace[0] != key:
            live.trace = key, bridge.trace_answer(found)
        return live.trace[1]

    def trace_at(self, run: str, iteration: int) -> tuple[bytes, int]:
        """The ``Trace`` of another iteration reached so far; the run stays where it is."""
        with self.held(run) as live:
            found = self.current(run, live)
            if iteration == found.iteration and found.step == 0:
                return self.traced(live, found), found.version
            past = live.past
            if past is None or past.edited != found.edited or past.iterations < iteration:
                past = live.past = found.fork()
            version, stage, iterations = found.version, found.stage, found.iterations
        with live.looking:
            past.version, past.stage = version, stage
            past.go(iteration)
            return bridge.trace_answer(past, iterations), version

    def ready_trace(self, run: str) -> tuple[bytes, int] | None:
        """The run's ``Trace`` and version if they are at hand; never waits for another thread."""
        with self._lock:
            live = self._live.get(run)
            if live is None or live.trace is None:
                return None
            self._live.move_to_end(run)
            self._seen.add(run)
            (version, iteration), content = live.trace
            if live.run is None or live.run.iteration != iteration:
                return None
        return (content, version) if self.store.version(run) == version else None

    def results(self, run: str) -> bytes:
        """The run's ``Results``, computed once for each version."""
        with self.held(run) as live:
            found = self.current(run, live)
            key = found.version, found.iteration
            if live.results is None or live.results[0] != key:
                live.results = key, bridge.results_answer(found)
            return live.results[1]

    def change(
        self,
        run: str,
        if_match: str | None,
        edit: Callable[[Run], T],
        respond: Callable[[Run], bytes] = bridge.trace_answer,
        *,
        amid_training: bool = False,
    ) -> tuple[bytes, int]:
        """Make a change whole, or not at all: the answer to it, and the version that it made.

        ``amid_training`` is for changes that a running training bears. For these, versions that
        only a training has made since are no other versions.
        """
        with self.held(run) as live:
            for _ in range(TRIES):
                draft = self.current(run, live).fork()
                require(if_match, draft.version, draft.edited if amid_training else None)
                if not amid_training:
                    draft.refuse_while_training()
                edit(draft)
                draft.version += 1
                draft.edited = draft.version
                content = respond(draft)
                try:
                    events = self.save(draft)
                except StaleVersion:
                    continue
                live.run = draft
                if respond is bridge.trace_answer:
                    live.trace = (draft.version, draft.iteration), content
                    self.broadcast.frame(run, Event("trace", content))
                self.broadcast.publish(run, *events)
                return content, draft.version
        raise busy()

    def commit(self, run: Run) -> None:
        """Store what a training has reached; after a failure the run is as it was."""
        run.version += 1
        try:
            events = self.save(run)
        except BaseException:
            run.version -= 1
            raise
        self.broadcast.publish(run.id, *events)

    def save(self, draft: Run) -> list[Event]:
        """Store a run that counts its next version; the events that tell of it."""
        start = draft.unstored
        chunks, cuts = pending(draft)
        self.store.save(
            draft.id,
            draft.version - 1,
            packed(draft),
            chunks,
            cuts,
            active=draft.training.runs,
            born=[record(one) for one in draft.born],
            gone=draft.gone,
        )
        note_stored(draft)
        if not self.broadcast.is_followed(draft.id):
            return []
        costs = [] if start is None else [bridge.cost_event(draft, start, POINTS)]
        return [*costs, bridge.position_event(draft), bridge.training_event(draft)]

    def standing(self, run: str) -> list[Event]:
        """Where a run stands, as events, for someone who begins to listen."""

        def look(it: Run) -> list[Event]:
            costs = bridge.cost_event(it, 0, 5 * POINTS)
            return [costs, bridge.position_event(it), bridge.training_event(it)]

        return self.read(run, look)

    def descend(self, run: str, if_match: str | None, count: int) -> tuple[bytes, int]:
        """So many updates; where learning diverges, the last finite iteration is kept, then 409."""
        if count > self.settings.descent_iterations:
            raise bad_field("iterations", f"1 to {self.settings.descent_iterations}", count)
        ends: list[tuple[str | None, int]] = []

        def edit(it: Run) -> None:
            infinite = it.descend(count, self.settings.history_iterations)
            ends.append((infinite, it.iteration))

        answer = self.change(run, if_match, edit)
        infinite, at = ends[-1]
        if infinite is None:
            return answer
        raise Problem(409, diverged(at, infinite), iteration=at, tensor=infinite)

    def reconfigure(
        self, run: str, if_match: str | None, change: Callable[[Setup], Setup]
    ) -> tuple[bytes, int]:
        """Make a change of the configuration; the ``Run`` and its version."""

        def edit(it: Run) -> None:
            it.reconfigure(change(it.setup))

        return self.change(run, if_match, edit, bridge.run_answer)

    def delete(self, run: str, if_match: str | None) -> None:
        """Remove a run and its history; a damaged one too."""
        with self.held(run) as live:
            try:
                version = self.current(run, live).version
            except Damaged:
                version = self.store.version(run) or 0
            require(if_match, version)
            try:
                self.store.delete(run, version if if_match else None)
            except StaleVersion as error:
                raise stale(version) from error
            live.run = live.trace = None
        self.broadcast.end(run, error_event(unknown_run()))


def new_id() -> str:
    """The id of a new run: nobody guesses it, and who has it may change the run."""
    return secrets.token_urlsafe(16)


def whole(stored: Record, chunks: list[Chunk]) -> Run:
    """The run that a record and its chunks are; raises ``Damaged``, for its data set too."""
    try:
        return unpacked(stored, chunks)
    except Problem as problem:
        if isinstance(problem, DamagedSet):
            raise Damaged(stored.id) from problem
        raise
    except Unavailable:
        raise  # it may be whole all the same
    except Exception as error:
        raise Damaged(stored.id) from error


def require(if_match: str | None, version: int, since: int | None = None) -> None:
    """Refuse a change that was meant for another version: none from ``since`` to this one."""
    if if_match is None or if_match.strip() == "*":
        return
    named = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    good = range(version if since is None else since, version + 1)
    if not any(tag.isdecimal() and len(tag) < 20 and int(tag) in good for tag in named):
        raise stale(version)


def stale(version: int) -> Problem:
    """The refusal of a change that was meant for another version."""
    return Problem(412, f"The run is at version {version} by now: read it again.", version=version)


def error_event(problem: Problem) -> Event:
    """A refusal that nobody asked for, as those hear of it who listen."""
    return Event("error", orjson.dumps({"status": problem.status, "detail": problem.detail}))


def busy() -> Problem:
    """The refusal where others change the run all the time."""
    return Problem(409, "The run is being changed by others at this moment: try again.")


def damaged() -> Problem:
    """The refusal of a run that is not as it was stored."""
    return Problem(
        500, "This run is damaged in the store and cannot be read; other runs are not affected."
    )


def unknown_run() -> Problem:
    """The refusal of an unknown id."""
    return Problem(404, "There is no run of this id; it may have been deleted.")
