"""The lesson's numbers and sentences, on the traces of many runs.

The server's runs, traces and formulas are written down; node tells every chapter from them with the
page's own modules (``tests/static/lessons.mjs``) and answers with all that is wrong.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import i18n

HOUSE = Path(__file__).parents[2]
POOLS = ("max", "average", "l2")
OPTIMIZERS = ("gradient_descent", "momentum", "adam")
LEARNING = tuple(product(("all", 10, 1), ("sum", "mean"), ("set", "stage")))
DRAWN = [[0, 0, 0.4, 1, 0, 0], *([[0, 0, 0, 1, 0.2, 0]] * 4), [0, 0, 1, 1, 1, 0]]
STAGES: tuple[dict[str, Any], ...] = (
    {"sample": 0},
    {"pixels": [[0] * 6] * 6, "label": 1},
    {"sample": 41},
    {"pixels": [[1] * 6] * 6, "label": 0},
    {"sample": 95},
    {"pixels": DRAWN, "label": 2},
)


def layers(kind: str, activation: str = "sigmoid", output: str = "sigmoid") -> list[Any]:
    """The textbook's layers with other functions."""
    return [
        {"type": "conv", "filters": 3, "size": 3, "activation": activation},
        {"type": "pool", "kind": kind, "size": 2, "stride": 2},
        {"type": "dense", "units": 3, "activation": output},
    ]


def settings(optimizer: str, batch: Any, reduction: str, learn_from: str) -> dict[str, Any]:
    """How a run learns."""
    rate = 0.02 if optimizer == "adam" else 0.05
    return {
        "optimizer": optimizer,
        "batch": batch,
        "reduction": reduction,
        "learn_from": learn_from,
        "learning_rate": rate,
    }


def configurations() -> Iterator[tuple[dict[str, Any], int]]:
    """Each pooling with each optimizer, learning in turn in every way, after updates."""
    ways, updates = cycle(LEARNING), cycle((0, 3, 25))
    for kind, optimizer in product(POOLS, OPTIMIZERS):
        for way in islice(ways, 5):
            config = {"layers": layers(kind), "training": settings(optimizer, *way)}
            yield config, next(updates)
    for function in ("relu", "tanh", "leaky_relu", "identity"):
        small = settings("gradient_descent", "all", "mean", "set")
        yield {"layers": layers("max", function, function), "training": small}, 2
    for initial, rate in (("zeros", 0.2), ("normal", 0.0)):
        yield {"initial": initial, "training": {"learning_rate": rate}}, 0


def told(run: Any, known: dict[str, Any]) -> dict[str, Any]:
    """What the page holds of a run; formulas are asked for once for each configuration."""
    state, trace = run.run(), run.trace()
    name = state["config_hash"]
    if name not in known:
        tensors = {step["writes"] for step in trace["steps"]}
        known[name] = {
            tensor: run("GET", f"formulas/{tensor}").json()["formulas"] for tensor in tensors
        }
    return {"run": state, "trace": trace, "formulas": name}


@pytest.fixture
def cases(http: httpx.Client, run: Any) -> dict[str, Any]:
    """Moments of many runs, with the formulas that they name."""
    known: dict[str, Any] = {}
    moments: list[dict[str, Any]] = []
    stages, made = cycle(STAGES), type(run).made
    for config, updates in configurations():
        run = made(http, config=config)
        run("PUT", "stage", next(stages))
        for stage in islice(stages, 2):
            if updates:
                run.descend(updates)
            run("PUT", "stage", stage)
            moments.append(told(run, known))
    run = made(http)
    run("PATCH", "config", {"dataset": None})
    moments.append(told(run, known))
    return {"moments": moments, "formulas": known}


def test_every_chapter_is_true_at_every_moment(cases: dict[str, Any], tmp_path: Path) -> None:
    """No number is missing, answers follow from what is given, and every sentence is there."""
    node = shutil.which("node")
    assert node, "node is needed: the page's modules run in it"
    catalogues = {language: dict(i18n.catalogue(language)) for language in i18n.languages()}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({**cases, "catalogues": catalogues}))
    script = "tests/static/lessons.mjs"
    command = [node, "--import", "./tests/static/imports.mjs", script, str(file)]
    answer = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr, answer.stdout.splitlines()) == (0, "", [])
