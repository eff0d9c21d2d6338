"""The only package that knows both the engine's objects and the wire's: each made from the other.

Ways in: a ``Config`` becomes a ``Setup`` (network, script, settings), lists of numbers become
arrays. Ways out: engine objects become the bytes of an answer, in the shapes of ``schemas``; large
answers are plain dictionaries of arrays, written by orjson, after a look that all is finite.
"""

from app.bridge.answers import (
    branch_out,
    cost_event,
    costs_answer,
    lost_branch_out,
    lost_trial_out,
    nothing_to_learn_from,
    position_event,
    run_answer,
    stage_out,
    training_answer,
    training_event,
    trial_out,
)
from app.bridge.checks import activation_answer, check_answer, contributions_answer, curve_answer
from app.bridge.formulas import formula_answer, formulas_answer, formulas_around
from app.bridge.incoming import edited, image, require_cell, stage_change, training, training_change
from app.bridge.judging import histograms_answer, predictions_answer, results_answer
from app.bridge.sets import dataset_answer, dataset_summaries, imported, with_image, with_test
from app.bridge.setups import Setup, changed_setup, new_setup, seeded, setup
from app.bridge.traces import image_tensors, infinite, preview_answer, trace_answer
from app.bridge.writing import dumps
from engine.functions import Array

__all__ = [
    "Array",
    "Setup",
    "activation_answer",
    "branch_out",
    "changed_setup",
    "check_answer",
    "contributions_answer",
    "cost_event",
    "costs_answer",
    "curve_answer",
    "dataset_answer",
    "dataset_summaries",
    "dumps",
    "edited",
    "formula_answer",
    "formulas_answer",
    "formulas_around",
    "histograms_answer",
    "image",
    "image_tensors",
    "imported",
    "infinite",
    "lost_branch_out",
    "lost_trial_out",
    "new_setup",
    "nothing_to_learn_from",
    "position_event",
    "predictions_answer",
    "preview_answer",
    "require_cell",
    "results_answer",
    "run_answer",
    "seeded",
    "setup",
    "stage_change",
    "stage_out",
    "trace_answer",
    "training",
    "training_answer",
    "training_change",
    "training_event",
    "trial_out",
    "with_image",
    "with_test",
]
