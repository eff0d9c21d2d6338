"""Bad input: a clear problem answer, and nothing changed."""

import json
from typing import Any

import httpx
import pytest

DEEP = "[" * 2000 + "]" * 2000
HUGE = "9" * 400

STAGE: list[Any] = [
    {},
    [],
    None,
    "sample",
    {"sample": 96},
    {"sample": -1},
    {"sample": 1.5},
    {"sample": True},
    {"sample": "1"},
    {"sample": 1, "label": 0},
    {"pixels": []},
    {"pixels": [[0] * 6] * 5},
    {"pixels": [[0] * 6] * 5 + [[0] * 5]},
    {"pixels": [[[0] * 6] * 6] * 2},
    {"pixels": [[0] * 6] * 5 + [[0] * 5 + [1.5]]},
    {"pixels": [[0] * 6] * 5 + [[0] * 5 + [-0.1]]},
    {"pixels": [[0] * 6] * 5 + [[0] * 5 + [None]]},
    {"pixels": [[0] * 6] * 5 + [[0] * 5 + [True]]},
    {"pixels": [[0] * 6] * 5 + [[0] * 5 + ["\ud800"]]},
    {"pixels": "blank"},
    {"label": 3},
    {"label": -1},
    {"pixels": [[0] * 6] * 6, "label": 3},
    {"sample": 1, "colour": "red"},
]
POSITION: list[Any] = [
    {"iteration": 3},
    {"iteration": -1},
    {"iteration": 10**30},
    {"iteration": "0"},
    {"step": 21},
    {"step": -1},
    {"step": 0.5},
    {"steps": 1},
]
DESCENT: list[Any] = [
    {"iterations": 0},
    {"iterations": -1},
    {"iterations": 10_001},
    {"iterations": 10**40},
    {"iterations": 1.5},
    {"iterations": "many"},
    {"count": 1},
]
PARAMETERS: list[Any] = [
    {},
    [],
    {"Q.w": [0]},
    {"F.dw": [0]},
    {"O.b": []},
    {"O.b": [0, 0]},
    {"O.b": [0, 0, 0, 0]},
    {"O.b": [0, 0, 1e7]},
    {"O.b": [0, 0, -1e300]},
    {"O.b": [0, 0, 10**400]},
    {"O.b": [0, 0, "x"]},
    {"O.b": [[0], [0], [0]]},
    {"O.b": 3},
    {"O.b": [{"index": [3], "value": 0}]},
    {"O.b": [{"index": [-1], "value": 0}]},
    {"O.b": [{"index": [0, 0], "value": 0}]},
    {"O.b": [{"index": [0], "value": 1e7}]},
    {"O.b": [{"index": [0], "value": None}]},
    {"O.b": [{"index": [0]}]},
    {"O.b": [{"index": [0], "value": 1, "more": 1}]},
    {"O.b": [{"index": [0], "value": 1}, 2]},
    {"F.b": [0, 0, 0], "O.b": [0, 0, "x"]},
]
CONFIG: list[Any] = [
    {"colour": "red"},
    {"loss": "hinge"},
    {"loss": None},
    {"loss": "cross_entropy", "layers": [{"type": "dense", "units": 3, "activation": "tanh"}]},
    {"layers": []},
    {"layers": [{"type": "conv", "filters": 3, "size": 3}]},
    {"layers": [{"type": "conv", "filters": 3, "size": 7}, {"type": "dense", "units": 3}]},
    {"layers": [{"type": "dense", "units": 3}, {"type": "pool", "size": 2}]},
    {"layers": [{"type": "dense", "units": 0}]},
    {"layers": [{"type": "dense", "units": 10**9}]},
    {"layers": [{"type": "dense", "units": 3, "padding": 1}]},
    {"layers": [{"type": "magic"}]},
    {"layers": [{"units": 3}]},
    {"layers": {"type": "dense"}},
    {"layers": [{"type": "dense", "units": 1000}] * 4 + [{"type": "dense", "units": 3}]},
    {"layers": [{"type": "dense", "units": 3}] * 17},
    {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}] * 2},
    {"input": {"height": 0}},
    {"input": {"height": 100_000}},
    {"input": None},
    {"training": {"learning_rate": -1}},
    {"training": {"learning_rate": 1e9}},
    {"training": {"learning_rate": "fast"}},
    {"training": {"batch": 0}},
    {"training": {"batch": "some"}},
    {"training": {"seed": -1}},
    {"training": {"seed": 2**60}},
    {"training": {"learning_rate": 0.1, "momentum": 2}},
    {"dataset": "nowhere"},
    {"dataset": "\ud800"},
    {"dataset": "digits-8x8"},
    {"training": {"learning_rate": 0.1}, "loss": "hinge"},
]
CASES = [
    *(("PUT", "stage", body) for body in STAGE),
    *(("PUT", "position", body) for body in POSITION),
    *(("POST", "descent", body) for body in DESCENT),
    *(("PATCH", "parameters", body) for body in PARAMETERS),
    *(("PATCH", "config", body) for body in CONFIG),
]
JSON = {"Content-Type": "application/json"}
CHANGES = [
    ("PUT", "stage"),
    ("PUT", "position"),
    ("POST", "descent"),
    ("PATCH", "parameters"),
    ("PATCH", "config"),
]


@pytest.mark.parametrize(("method", "path", "body"), CASES)
def test_a_bad_field_is_named_and_nothing_changes(
    run: Any, refusal: Any, method: str, path: str, body: Any
) -> None:
    """422 says which field, what was wanted and what came; run and trace are as before."""
    run.descend(2)
    before = run.run(), run.trace()
    answer = run(method, path, content=json.dumps(body), headers=JSON)
    assert refusal(answer, 422)["errors"]
    assert (run.run(), run.trace()) == before


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        (b"", {422}),
        (b"{", {400}),
        (b"no json", {400}),
        (b"\xff\xfe\x00", {400}),
        (DEEP.encode(), {400, 422}),
        (b'{"iterations": NaN, "label": NaN, "step": NaN, "O.b": [NaN, 0, 0], "loss": NaN}', {422}),
        (b'{"O.b": [Infinity, 0, 0]}', {422}),
        (b'{"O.b": [1e999, 0, 0]}', {422}),
        (f'{{"iterations": {HUGE}, "step": {HUGE}, "sample": {HUGE}}}'.encode(), {422}),
        (f'{{"iterations": {HUGE * 20}}}'.encode(), {400, 422}),
    ],
)
def test_bodies_that_are_no_json(
    run: Any, refusal: Any, method: str, path: str, content: bytes, statuses: set[int]
) -> None:
    """A body that cannot be read, or whose numbers are not finite, is a problem."""
    before = run.run()
    answer = run(method, path, content=content, headers=JSON)
    assert answer.status_code in statuses
    refusal(answer, answer.status_code)
    assert run.run() == before


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_bodies_are_bounded(run: Any, refusal: Any, method: str, path: str) -> None:
    """A body beyond the bound gets 413, whether it says its length or not."""
    body = b" " * 5_000_000
    before = run.run()
    refusal(run(method, path, content=body, headers=JSON), 413)
    refusal(run(method, path, content=iter([body]), headers=JSON), 413)
    assert run.run() == before


def test_other_content_types_are_refused(run: Any, refusal: Any) -> None:
    """A body that does not say to be JSON gets 415."""
    body = b"iterations=1"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    refusal(run("POST", "descent", content=body, headers=kind), 415)


@pytest.mark.parametrize(
    "config",
    [body for body in CONFIG if body != {"dataset": "\ud800"}],
)
def test_a_bad_configuration_makes_no_run(http: httpx.Client, refusal: Any, config: Any) -> None:
    """What a change of the configuration refuses, a new run refuses too."""
    assert refusal(http.post("/api/runs", json={"config": config}), 422)["errors"]


def test_unknown_presets_and_fields_make_no_run(http: httpx.Client, refusal: Any) -> None:
    """A preset that does not exist is named, as is a field that does not."""
    assert "textbook" in refusal(http.post("/api/runs", json={"preset": "x"}), 422)["detail"]
    assert (
        refusal(http.post("/api/runs", json={"colour": 1}), 422)["errors"][0]["field"] == "colour"
    )


def test_a_layer_that_does_not_fit_is_named(run: Any, refusal: Any) -> None:
    """Impossible layers are refused naming the layer, what was wanted and what came."""
    layers = [{"type": "conv", "filters": 3, "size": 7}, {"type": "dense", "units": 3}]
    problem = refusal(run("PATCH", "config", {"layers": layers}), 422)
    assert "layer F" in problem["detail"]
    assert set(problem["errors"][0]) == {"field", "wanted", "came"}


DENSE = {"type": "dense", "units": 3}
SAID: list[tuple[Any, str, str, str]] = [
    (
        {"training": {"batch": 0}},
        "training.batch",
        "'all' or a whole number from 1",
        "0",
    ),
    ({"training": {"batch": "some"}}, "training.batch", "'all' or a whole number", "'some'"),
    (
        {"layers": [{"type": "pool", "kind": "median"}, DENSE]},
        "layers.0.kind",
        "'max', 'average' or 'l2'",
        "'median'",
    ),
    (
        {"layers": [{"type": "magic"}]},
        "layers.0.type",
        "one of 'conv', 'pool', 'dense'",
        "'magic'",
    ),
    ({"layers": [{"units": 3}]}, "layers.0", "a field 'type'", "an object of 1 fields"),
    ({"layers": []}, "layers", "a list of 1 or more", "a list of 0"),
    ({"layers": [3]}, "layers.0", "an object", "3"),
    ({"training": 3}, "training", "an object", "3"),
    ({"training": {"seed": 1.5}}, "training.seed", "a whole number", "1.5"),
    (
        {"layers": [{**DENSE, "activation": "softmax"}, DENSE]},
        "layers.0.activation",
        "softmax on the output layer alone",
        "softmax below it",
    ),
    (
        {"layers": [{**DENSE, "activation": "tanh"}], "loss": "cross_entropy"},
        "layers.0.activation",
        "sigmoid or softmax outputs with cross_entropy",
        "tanh",
    ),
    (
        {"layers": [DENSE, {"type": "pool", "size": 2}, DENSE]},
        "layers.1",
        "maps below it (map, row, column)",
        "shape [3]",
    ),
]


@pytest.mark.parametrize(("config", "field", "wanted", "came"), SAID)
def test_a_refusal_speaks_to_people(
    run: Any, refusal: Any, config: Any, field: str, wanted: str, came: str
) -> None:
    """One fault for one field, named as in the configuration, in words and not in Python."""
    problem = refusal(run("PATCH", "config", config), 422)
    assert problem["errors"] == [{"field": field, "wanted": wanted, "came": came}]


def test_an_impossible_combination_names_its_layer(run: Any, refusal: Any) -> None:
    """The sentence says which layer, by its letter."""
    layers = [DENSE, {**DENSE, "activation": "softmax"}, DENSE]
    said = refusal(run("PATCH", "config", {"layers": layers}), 422)["detail"]
    assert said.startswith("layer H2 (dense): wanted softmax on the output layer alone")


@pytest.mark.parametrize("name", ["nobody", "x" * 22, "..%2f", "%00", "x" * 5000, "%ed%a0%80"])
def test_unknown_runs(http: httpx.Client, refusal: Any, name: str) -> None:
    """Every call on a run that is not there gets 404."""
    for method, path, body in [
        ("GET", "", None),
        ("DELETE", "", None),
        ("GET", "/trace", None),
        ("PUT", "/stage", {"sample": 1}),
        ("PUT", "/position", {}),
        ("POST", "/descent", {"iterations": 1}),
        ("PATCH", "/parameters", {"O.b": [0, 0, 0]}),
        ("PATCH", "/config", {}),
        ("GET", "/formulas/F.z", None),
        ("GET", "/check/F.w?index=0,0,0,0", None),
        ("GET", "/contributions/F.dw?index=0,0,0,0", None),
        ("GET", "/costs", None),
    ]:
        refusal(http.request(method, f"/api/runs/{name}{path}", json=body), 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("formulas/Q.z", 404),
        ("formulas/%ed%a0%80", 404),
        ("formulas/P.switch", 404),
        ("formulas/F.z?index=3,0,0", 422),
        ("formulas/F.z?index=0,0", 422),
        ("formulas/F.z?index=-1,0,0", 422),
        ("formulas/F.z?index=a,b,c", 422),
        ("formulas/F.z?index=", 422),
        ("formulas/F.z?index=99999999999999999999,0,0", 422),
        ("check/Q.z?index=0", 404),
        ("check/C?index=", 404),
        ("check/F.w?index=0,0,0,9", 422),
        ("check/F.w", 422),
        ("contributions/F.w?index=0,0,0,0", 404),
        ("contributions/F.dw?index=0,0,0,9", 422),
        ("contributions/F.dw", 422),
        ("costs?points=1", 422),
        ("costs?points=x", 422),
        ("costs?points=10000000000", 422),
        ("nothing", 404),
    ],
)
def test_unknown_tensors_and_cells(run: Any, refusal: Any, path: str, status: int) -> None:
    """An unknown tensor gets 404, an index or a number out of bounds 422."""
    refusal(run("GET", path), status)


def test_methods_that_are_not_possible(run: Any, http: httpx.Client, refusal: Any) -> None:
    """405 is a problem too, and says which methods there are."""
    answer = run("PUT", "trace", {})
    assert "GET" in refusal(answer, 405)["detail"]
    assert "GET" in answer.headers["allow"]
    refusal(http.delete("/healthz"), 405)
    refusal(http.get("/nowhere"), 404)
    refusal(http.get("/runs/nobody"), 404)
    refusal(http.get("/static/nothing.js"), 404)
    refusal(http.get("/api/datasets/nothing"), 404)
    refusal(http.get("/locales/xx.json"), 404)
