"""A run as the store has it: a small record at every change, and chunks of what only grows.

Kinds of chunk, each with the number of its era: ``segment.0`` (a configuration, by the iteration
from which it is in force), ``checkpoint.0`` (parameters and optimizer state, by iteration),
``measured.0`` (costs and right answers, by the iteration of the first; a later chunk overrules an
earlier one where both say something).
"""

from __future__ import annotations

from base64 import b64decode, b64encode

import numpy as np
import orjson

from app import bridge
from app.bridge import Array
from app.era import Era
from app.kin import Branch, Trial
from app.run import Run
from app.stage import Stage
from app.store.base import Chunk, Cut, NewRecord, Record
from app.training import Training
from engine.training import Examples, History, Segment, State


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
            "made_on": [era.history.made_on for era in run.eras],
            "training": run.training.stored(),
            "edited": run.edited,
            "branches": [[one.id, one.name, one.begun] for one in run.branches],
            "trials": [[one.id, one.seed] for one in run.trials],
        }
    )


def record(run: Run) -> NewRecord:
    """A run that the store has nothing of, as it is to be stored."""
    return NewRecord(run.id, packed(run), pending(run)[0], run.training.runs)


def pending(run: Run) -> tuple[list[Chunk], list[Cut]]:
    """What the store lacks of a run's history; and what it has that was discarded."""
    chunks: list[Chunk] = []
    gone = range(len(run.eras), run.stored_eras)
    cuts = [Cut(kind, 0) for number in gone for kind in kinds(number)]
    for number, era in enumerate(run.eras):
        more, less = pending_of(era, number)
        chunks += more
        cuts += less
    return chunks, cuts


def note_stored(run: Run) -> None:
    """Remember that the store has everything that was pending."""
    run.stored_eras, run.born, run.gone = len(run.eras), (), ()
    for era in run.eras:
        era.checkpoints, era.stored = set(era.history.checkpoints), era.history.iterations
        era.cut = None


def kinds(number: int) -> tuple[str, str, str]:
    """The kinds of chunk of the era of that number."""
    return f"segment.{number}", f"checkpoint.{number}", f"measured.{number}"


def pending_of(era: Era, number: int) -> tuple[list[Chunk], list[Cut]]:
    """What the store lacks of one era, and what of it was discarded."""
    segment, checkpoint, measured = kinds(number)
    history, cuts = era.history, []
    chunks = []
    there, last = era.checkpoints, era.stored
    if era.cut is not None:
        cuts = [Cut(kind, era.cut) for kind in kinds(number)]
        there = {i for i in there if i < era.cut}
        last = min(last, era.cut - 1)
        chunks = [
            Chunk(segment, one.start, segment_bytes(one))
            for one in history.segments
            if one.start >= era.cut
        ]
    for place, state in history.checkpoints.items():
        if place not in there:
            chunks.append(Chunk(checkpoint, place, state.to_bytes()))
    if history.iterations > last:
        start = max(last, 0)
        costs, correct = history.measurements(start)
        chunks.append(Chunk(measured, start, costs.tobytes() + correct.tobytes()))
    return chunks, cuts


def segment_bytes(segment: Segment) -> bytes:
    """A segment: its configuration, when its optimizer began, the image that it learns from."""
    single = segment.stage
    learnt = None
    if single is not None:
        pixels = b64encode(single.images.tobytes()).decode()
        learnt = {"pixels": pixels, "label": int(single.labels[0])}
    return orjson.dumps({"config": segment.note, "stage": learnt, "begun": segment.begun})


def unpacked(record: Record, chunks: list[Chunk]) -> Run:
    """A run as the store has it."""
    meta = orjson.loads(record.meta)
    unknown = [""] * len(meta["eras"])
    eras = [
        unpacked_era(start, iterations, number, chunks, made_on)
        for number, ((start, iterations), made_on) in enumerate(
            zip(meta["eras"], meta.get("made_on", unknown), strict=True)
        )
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
        Training(**meta.get("training", {})),
        tuple(Branch(*one) for one in meta.get("branches", ())),
        tuple(Trial(*one) for one in meta.get("trials", ())),
        meta.get("edited", record.version),
    )
    if meta["drawing"] is None:
        run.stage = run.sample(meta["sample"])
    else:
        pixels = decoded(meta["drawing"], run.setup.network.input_shape)
        run.stage = Stage(None, meta["label"], pixels)
    return run


def unpacked_era(
    start: int, iterations: int, number: int, chunks: list[Chunk], made_on: str
) -> Era:
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
    history = History.restore(network, segments, states, iterations, costs, correct, made_on)
    return Era(start, history, iterations, set(states), None)


def unpacked_segment(chunk: Chunk) -> Segment:
    """One segment as the store has it."""
    content = orjson.loads(chunk.blob)
    setup = bridge.setup(content["config"])
    learnt = None
    if content["stage"] is not None:
        pixels = decoded(content["stage"]["pixels"], setup.network.input_shape)
        learnt = Examples(pixels[None], np.array([content["stage"]["label"]]))
    begun = content.get("begun", 0)
    return Segment(chunk.key, setup.settings, setup.examples, learnt, setup.text, begun)


def decoded(text: str, shape: tuple[int, ...]) -> Array:
    """Pixels as they are written in the store."""
    return np.frombuffer(b64decode(text), np.float64).reshape(shape)
