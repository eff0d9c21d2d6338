"""A run: a network, its data and its position in its history; what may be done to it.

``Run`` is one run in memory. ``Runs`` is all of them: the truth is in the store, and what is kept
here besides is a cache that the store's version confirms at every request, so that the next request
may come to another process. A change is made on a copy, answered, and stored; only then does the
copy take the run's place: a refused change has touched nothing.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from app import bridge
from app.bridge import Array, Setup
from app.problems import Problem, bad_field
from app.settings import Settings
from app.store.base import (
    Chunk,
    Cut,
    Record,
    StaleVersion,
    Store,
    Unavailable,
    UnknownRecord,
)
from engine.errors import Diverged
from engine.training import Batch, Examples, History, Segment, State

T = TypeVar("T")
ID = re.compile(r"[A-Za-z0-9_-]{16,32}")
TRIES = 8  # how often a change is made anew when other workers change the same run


@dataclass(frozen=True, eq=False)
class Stage:
    """The image on stage, (channel, row, column), its label, and its number if of the set."""

    sample: int | None
    label: int
    pixels: Array


@dataclass(eq=False)
class Era:
    """A stretch of iterations with one network, from iteration ``start`` of the run on.

    A change of layers, input or loss starts an era; inside it the engine's history counts from 0.
    ``stored`` is the last iteration whose measurements the store has; ``cut`` the first that an
    edit has made anew since.
    """

    start: int
    history: History
    stored: int = -1
    checkpoints: set[int] = field(default_factory=set)
    cut: int | None = 0

    def fork(self) -> Era:
        """A copy of its own."""
        return replace(self, history=self.history.fork(), checkpoints=set(self.checkpoints))

    def branch(self, iteration: int, **changes: Any) -> None:  # noqa: ANN401 - as the engine's
        """An edit at an iteration of this era; what came after is dropped."""
        self.history.branch(iteration, **changes)
        self.cut = iteration if self.cut is None else min(self.cut, iteration)


@dataclass(eq=False)
class Run:
    """One run in memory."""

    id: str
    version: int
    preset: str
    eras: list[Era]
    iteration: int
    step: int
    stage: Stage
    stored_eras: int = 0

    def fork(self) -> Run:
        """A copy that can be changed, or dropped."""
        return replace(self, eras=[era.fork() for era in self.eras])

    @property
    def era(self) -> Era:
        """The era that the position is in."""
        return next(era for era in reversed(self.eras) if era.start <= self.iteration)

    @property
    def local(self) -> int:
        """The position's iteration, counted in its era."""
        return self.iteration - self.era.start

    @property
    def iterations(self) -> int:
        """The iterations reached so far."""
        return self.eras[-1].start + self.eras[-1].history.iterations

    @property
    def segment(self) -> Segment:
        """The stretch of history that the position is in."""
        return self.era.history.segment(self.local)

    @property
    def setup(self) -> Setup:
        """The configuration in force at the position."""
        return bridge.setup(self.segment.note)

    def setup_named(self, name: str | None) -> Setup | None:
        """The configuration of that hash, anywhere in the history; the present one for None."""
        here = self.setup
        if name is None or name == here.hash:
            return here
        notes = {segment.note for era in self.eras for segment in era.history.segments}
        return next((one for one in map(bridge.setup, notes) if one.hash == name), None)

    def state(self) -> State:
        """Parameters and optimizer state at the position."""
        return self.era.history.state(self.local)

    def on_stage(self) -> Examples:
        """The image on stage, to be learnt from."""
        return Examples(self.stage.pixels[None], np.array([self.stage.label]))

    def is_learnt_already(self) -> bool:
        """Whether the coming update learns from what is on stage, or does not look at it."""
        learnt = self.segment.stage
        if not self.setup.learns_from_stage:
            return True
        same_label = learnt is not None and int(learnt.labels[0]) == self.stage.label
        return (
            same_label
            and learnt is not None
            and np.array_equal(learnt.images[0], self.stage.pixels)
        )

    def learning(self) -> History:
        """The history whose coming update is the one promised: the stage's if that is learnt."""
        if self.is_learnt_already():
            return self.era.history
        preview = self.era.history.fork()
        preview.branch(self.local, stage=self.on_stage())
        return preview

    def learnt(self) -> Examples:
        """What the coming update learns from; a problem where there is nothing."""
        found = self.on_stage() if self.setup.learns_from_stage else self.segment.examples
        if found is None:
            raise bridge.nothing_to_learn_from()
        return found

    def batch(self) -> Batch | None:
        """The coming update, or None where there is nothing to learn from."""
        if not self.setup.learns_from_stage and self.segment.examples is None:
            return None
        return self.learning().batch(self.local)

    def costs(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Iterations, C_T and accuracy measured so far."""
        found = []
        ends = [era.start for era in self.eras[1:]] + [self.iterations + 1]
        for era, end in zip(self.eras, ends, strict=True):
            iterations, costs, accuracy = era.history.costs()
            kept = iterations + era.start < end
            found.append((iterations[kept] + era.start, costs[kept], accuracy[kept]))
        its, costs, accuracy = (np.concatenate(column) for column in zip(*found, strict=True))
        finite = np.isfinite(costs)
        return its[finite], costs[finite], accuracy[finite]

    # What may be done to it ---------------------------------------------------------------------

    def go(self, iteration: int | None = None, step: int = 0) -> None:
        """Move to a step of an iteration reached so far."""
        to = self.iteration if iteration is None else iteration
        if to > self.iterations:
            raise bad_field("iteration", f"0 to {self.iterations}, the iterations so far", to)
        self.iteration = to
        last = len(self.setup.script.steps)
        if step > last:
            wanted = f"0 to {last}; beyond the last step the next iteration begins (POST …/descent)"
            raise bad_field("step", wanted, step)
        self.step = step

    def put_on_stage(
        self, sample: int | None = None, pixels: list[Any] | None = None, label: int | None = None
    ) -> None:
        """An image of the set, a drawing, or another label for what is there."""
        if sample is not None:
            self.stage = self.sample(sample)
            return
        network = self.setup.network
        drawn = self.stage.pixels if pixels is None else bridge.image(pixels, network.input_shape)
        given = self.stage.label if label is None else label
        if given >= network.outputs:
            raise bad_field("label", f"0 to {network.outputs - 1}, one an output", given)
        self.stage = Stage(None, given, drawn)

    def sample(self, sample: int) -> Stage:
        """An image of the training set as it goes on stage."""
        data = self.setup.dataset
        if data is None:
            raise bad_field("sample", "a drawing: the run has no data set", sample)
        if sample >= len(data):
            raise bad_field("sample", f"0 to {len(data) - 1}", sample)
        return Stage(sample, int(data.labels[sample]), data.images[sample])

    def edit(self, parameters: Mapping[str, Array]) -> None:
        """Other parameters from here on; what came after is discarded."""
        self.drop_later_eras()
        self.era.branch(self.local, parameters=parameters, stage=self.segment.stage)
        self.step = 0

    def descend(self, count: int, limit: int) -> str | None:
        """So many updates on; where learning diverges, to the last finite iteration.

        Gives the tensor that would not be finite, or None where all is.
        """
        if self.iteration + count > limit:
            wanted = f"at most {limit - self.iteration}: a run reaches {limit} iterations"
            raise bad_field("iterations", wanted, count)
        self.learnt()
        if not self.is_learnt_already():
            self.drop_later_eras()
            self.era.branch(self.local, stage=self.on_stage())
        goal, first, infinite = self.iteration + count, self.iteration, None
        existing = min(goal, self.iterations)
        self.iteration, self.step = existing, 0
        if goal > existing:
            history = self.eras[-1].history
            try:
                history.advance(self.local, goal - existing)
            except Diverged as error:
                infinite = error.tensor
            self.iteration = self.iterations
        while self.iteration > first and (tensor := bridge.infinite(self)) is not None:
            infinite = tensor
            self.retreat()
        return infinite

    def retreat(self) -> None:
        """Back by one update, which is forgotten."""
        self.iteration -= 1
        self.drop_later_eras()
        self.era.branch(self.local, stage=self.segment.stage)

    def reconfigure(self, new: Setup) -> None:
        """Another configuration from here on; what came after is discarded."""
        old = self.setup
        if new.text == old.text:
            return
        parameters = new.initial() if new.needs_new_weights(old) else self.state().parameters
        stage = self.stage_under(new, old)
        learnt = Examples(stage.pixels[None], np.array([stage.label]))
        single = learnt if new.learns_from_stage else None
        self.drop_later_eras()
        same_data = (new.config.dataset is None) == (old.config.dataset is None)
        if new.is_same_network(old) and same_data:
            self.era.branch(
                self.local,
                parameters=parameters,
                settings=new.settings,
                examples=new.examples,
                stage=single,
                note=new.text,
            )
        else:
            self.begin_era(new, parameters, single)
        self.stage, self.step = stage, 0

    def stage_under(self, new: Setup, old: Setup) -> Stage:
        """What is on stage under another configuration: what was, where it fits."""
        if new.examples is not None and new.config.dataset != old.config.dataset:
            return first_of(new)
        fits = self.stage.pixels.shape == new.network.input_shape
        if (new.examples is None and old.examples is not None) or not fits:
            return blank(new)
        if self.stage.label >= new.network.outputs:
            return replace(self.stage, sample=None, label=0)
        return self.stage

    def begin_era(
        self, new: Setup, parameters: Mapping[str, Array], single: Examples | None
    ) -> None:
        """Another network from here on."""
        history = History(new.network, parameters, new.settings, new.examples, note=new.text)
        if single is not None:
            history.branch(0, stage=single)
        self.eras = [era for era in self.eras if era.start < self.iteration]
        self.eras.append(Era(self.iteration, history))

    def drop_later_eras(self) -> None:
        """Forget the networks that came after the position."""
        self.eras = [era for era in self.eras if era.start <= self.iteration]


def first_of(setup: Setup) -> Stage:
    """The first image of the set, or a blank drawing where there is no set."""
    data = setup.dataset
    return blank(setup) if data is None else Stage(0, int(data.labels[0]), data.images[0])


def blank(setup: Setup) -> Stage:
    """An empty drawing."""
    return Stage(None, 0, np.zeros(setup.network.input_shape))


def new_run(run: str, preset: str, setup: Setup) -> Run:
    """A run at its beginning."""
    stage = first_of(setup)
    made = Run(run, 1, preset, [], 0, 0, stage)
    single = made.on_stage() if setup.learns_from_stage else None
    made.begin_era(setup, setup.initial(), single)
    return made


# In the store -------------------------------------------------------------------------------------


def packed(run: Run) -> bytes:
    """What of a run is written at every change."""
    drawing = run.stage.pixels.tobytes() if run.stage.sample is None else None
    return orjson.dumps(
        {
            "preset": run.preset,
            "iteration": run.iteration,
            "step": run.step,
            "sample": run.stage.sample,
            "label": run.stage.label,
            "drawing": b64encode(drawing).decode() if drawing is not None else None,
            "eras": [[era.start, era.history.iterations] for era in run.eras],
        }
    )


def pending(run: Run) -> tuple[list[Chunk], list[Cut]]:
    """What the store lacks of a run's history; and what it has that was discarded."""
    chunks: list[Chunk] = []
    gone = range(len(run.eras), run.stored_eras)
    cuts = [Cut(kind, 0) for number in gone for kind in kinds(number)]
    for number, era in enumerate(run.eras):
        more, less = pending_of(era, number)
        chunks += more
        cuts += less
    run.stored_eras = len(run.eras)
    return chunks, cuts


def kinds(number: int) -> tuple[str, str, str]:
    """The kinds of chunk of the era of that number."""
    return f"segment.{number}", f"checkpoint.{number}", f"measured.{number}"


def pending_of(era: Era, number: int) -> tuple[list[Chunk], list[Cut]]:
    """What the store lacks of one era, and what of it was discarded."""
    segment, checkpoint, measured = kinds(number)
    history, cuts = era.history, []
    chunks = []
    if era.cut is not None:
        cuts = [Cut(kind, era.cut) for kind in kinds(number)]
        era.checkpoints = {i for i in era.checkpoints if i < era.cut}
        era.stored = min(era.stored, era.cut - 1)
        chunks = [
            Chunk(segment, one.start, segment_bytes(one))
            for one in history.segments
            if one.start >= era.cut
        ]
    for place, state in history.checkpoints.items():
        if place not in era.checkpoints:
            chunks.append(Chunk(checkpoint, place, state.to_bytes()))
    if history.iterations > era.stored:
        start = max(era.stored, 0)
        costs, correct = history.measurements(start)
        chunks.append(Chunk(measured, start, costs.tobytes() + correct.tobytes()))
    era.checkpoints, era.stored, era.cut = set(history.checkpoints), history.iterations, None
    return chunks, cuts


def segment_bytes(segment: Segment) -> bytes:
    """A segment: its configuration, and the image that it learns from if it learns from one."""
    single = segment.stage
    learnt = None
    if single is not None:
        pixels = b64encode(single.images.tobytes()).decode()
        learnt = {"pixels": pixels, "label": int(single.labels[0])}
    return orjson.dumps({"config": segment.note, "stage": learnt})


def unpacked(record: Record, chunks: list[Chunk]) -> Run:
    """A run as the store has it."""
    meta = orjson.loads(record.meta)
    eras = [
        unpacked_era(start, iterations, number, chunks)
        for number, (start, iterations) in enumerate(meta["eras"])
    ]
    run = Run(
        record.id,
        record.version,
        meta["preset"],
        eras,
        meta["iteration"],
        meta["step"],
        Stage(None, meta["label"], np.zeros(0)),
        len(eras),
    )
    if meta["drawing"] is None:
        run.stage = run.sample(meta["sample"])
    else:
        pixels = decoded(meta["drawing"], run.setup.network.input_shape)
        run.stage = Stage(None, meta["label"], pixels)
    return run


def unpacked_era(start: int, iterations: int, number: int, chunks: list[Chunk]) -> Era:
    """One era as the store has it."""
    segment, checkpoint, measured = kinds(number)
    segments = [unpacked_segment(one) for one in chunks if one.kind == segment]
    states = {}
    for one in chunks:
        if one.kind == checkpoint:
            place = max((s for s in segments if s.start <= one.key), key=lambda s: s.start)
            setup = bridge.setup(place.note)
            states[one.key] = State.from_bytes(one.blob, setup.network, setup.settings.optimizer)
    costs, correct = np.full(iterations + 1, np.nan), np.zeros(iterations + 1, np.int32)
    for one in chunks:
        if one.kind == measured:
            count = len(one.blob) // 12
            end = min(one.key + count, iterations + 1)
            kept = end - one.key
            costs[one.key : end] = np.frombuffer(one.blob, np.float64, count)[:kept]
            correct[one.key : end] = np.frombuffer(one.blob, np.int32, -1, 8 * count)[:kept]
    network = bridge.setup(segments[0].note).network
    history = History.restore(network, segments, states, iterations, costs, correct)
    return Era(start, history, iterations, set(states), None)


def unpacked_segment(chunk: Chunk) -> Segment:
    """One segment as the store has it."""
    content = orjson.loads(chunk.blob)
    setup = bridge.setup(content["config"])
    learnt = None
    if content["stage"] is not None:
        pixels = decoded(content["stage"]["pixels"], setup.network.input_shape)
        learnt = Examples(pixels[None], np.array([content["stage"]["label"]]))
    return Segment(chunk.key, setup.settings, setup.examples, learnt, setup.text)


def decoded(text: str, shape: tuple[int, ...]) -> Array:
    """Pixels as they are written in the store."""
    return np.frombuffer(b64decode(text), np.float64).reshape(shape)


# All runs -----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Live:
    """A run in memory, its lock, and its trace as it was last answered."""

    lock: Lock = field(default_factory=Lock)
    run: Run | None = None
    trace: tuple[int, bytes] | None = None
    users: int = 0


class Runs:
    """All runs: the store, and the latest used of them in memory."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def held(self, run: str) -> Iterator[Live]:
        """A run's place in memory, for this thread alone; what is held is not dropped."""
        if not ID.fullmatch(run):
            raise unknown_run()
        with self._lock:
            live = self._live.setdefault(run, Live())
            self._live.move_to_end(run)
            live.users += 1
        try:
            with live.lock:
                yield live
        except UnknownRecord as error:
            live.run = None
            raise unknown_run() from error
        except Unavailable as error:
            raise Problem(503, str(error)) from error
        finally:
            self.release(live)

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
            record = self.store.load(name)
            chunks = self.store.chunks(name)
            if record is None:
                raise UnknownRecord(name)
            if self.store.version(name) == record.version:
                return unpacked(record, chunks)
        raise busy()

    def create(self, preset: str, setup: Setup) -> tuple[bytes, str]:
        """Make a run; its ``Run`` and its id."""
        run = new_run(secrets.token_urlsafe(16), preset, setup)
        content = bridge.run_answer(run)
        chunks, _ = pending(run)
        try:
            self.store.create(run.id, packed(run), chunks)
        except Unavailable as error:
            raise Problem(503, str(error)) from error
        with self.held(run.id) as live:
            live.run = run
        return content, run.id

    def exists(self, run: str) -> bool:
        """Whether there is a run of this id."""
        return bool(ID.fullmatch(run)) and self.store.version(run) is not None

    def read(self, run: str, look: Callable[[Run], T]) -> T:
        """What ``look`` finds in a run, which it leaves as it is."""
        with self.held(run) as live:
            return look(self.current(run, live))

    def trace(self, run: str) -> tuple[bytes, int]:
        """The run's ``Trace`` and version."""
        with self.held(run) as live:
            found = self.current(run, live)
            if live.trace is None or live.trace[0] != found.version:
                live.trace = found.version, bridge.trace_answer(found)
            return live.trace[1], found.version

    def change(
        self,
        run: str,
        if_match: str | None,
        edit: Callable[[Run], T],
        respond: Callable[[Run], bytes] = bridge.trace_answer,
    ) -> tuple[bytes, int]:
        """Make a change whole, or not at all: the answer to it, and the version that it made."""
        with self.held(run) as live:
            for _ in range(TRIES):
                draft = self.current(run, live).fork()
                require(if_match, draft.version)
                edit(draft)
                draft.version += 1
                content = respond(draft)
                chunks, cuts = pending(draft)
                try:
                    self.store.save(run, draft.version - 1, packed(draft), chunks, cuts)
                except StaleVersion:
                    continue
                live.run = draft
                live.trace = (draft.version, content) if respond is bridge.trace_answer else None
                return content, draft.version
        raise busy()

    def descend(self, run: str, if_match: str | None, count: int) -> tuple[bytes, int]:
        """So many updates; where learning diverges, the last finite iteration is kept, then 409."""
        if count > self.settings.descent_iterations:
            raise bad_field("iterations", f"1 to {self.settings.descent_iterations}", count)
        ends: list[str | None] = []

        def edit(it: Run) -> None:
            ends.append(it.descend(count, self.settings.history_iterations))

        answer = self.change(run, if_match, edit)
        diverged = ends[-1]
        if diverged is None:
            return answer
        at = orjson.loads(answer[0])["iteration"]
        words = (
            f"Learning stopped at iteration {at}: the next update would make {diverged} "
            "infinite, because the learning rate is too large. The run stays at this iteration."
        )
        raise Problem(409, words, iteration=at, tensor=diverged)

    def reconfigure(
        self, run: str, if_match: str | None, change: Callable[[Setup], Setup]
    ) -> tuple[bytes, int]:
        """Make a change of the configuration; the ``Run`` and its version."""

        def edit(it: Run) -> None:
            it.reconfigure(change(it.setup))

        return self.change(run, if_match, edit, bridge.run_answer)

    def delete(self, run: str, if_match: str | None) -> None:
        """Remove a run and its history."""
        with self.held(run) as live:
            version = self.current(run, live).version
            require(if_match, version)
            try:
                self.store.delete(run, version if if_match else None)
            except StaleVersion as error:
                raise stale(version) from error
            live.run = live.trace = None


def require(if_match: str | None, version: int) -> None:
    """Refuse a change that was meant for another version of the run."""
    if if_match is None or if_match.strip() == "*":
        return
    named = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    if str(version) not in named:
        raise stale(version)


def stale(version: int) -> Problem:
    """The refusal of a change that was meant for another version."""
    return Problem(412, f"The run is at version {version} by now: read it again.", version=version)


def busy() -> Problem:
    """The refusal where others change the run all the time."""
    return Problem(409, "The run is being changed by others at this moment: try again.")


def unknown_run() -> Problem:
    """The refusal of an unknown id."""
    return Problem(404, "There is no run of this id; it may have been deleted.")
