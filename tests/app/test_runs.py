"""Runs over HTTP: made, read, deleted, and changed by several at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx


def test_a_new_run_is_the_textbook(http: httpx.Client) -> None:
    """Without a body, a run is the textbook preset at its beginning, with its address."""
    answer = http.post("/api/runs")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/runs/{made['id']}"
    assert made["preset"] == "textbook"
    assert made["parameters"] == 69
    assert made["version"] == 1
    assert made["position"] == {"iteration": 0, "step": 0}
    assert made["iterations"] == 0
    assert made["config"]["layers"][0] == {
        "type": "conv",
        "filters": 3,
        "size": 3,
        "stride": 1,
        "padding": 0,
        "activation": "sigmoid",
    }
    assert [layer["letter"] for layer in made["layers"]] == ["F", "P", "O"]


def test_reading_gives_what_making_gave(http: httpx.Client) -> None:
    """``GET`` of a run is the ``Run`` that ``POST`` answered."""
    made = http.post("/api/runs", json={}).json()
    assert http.get(f"/api/runs/{made['id']}").json() == made


def test_a_deleted_run_is_gone(run: Any, refusal: Any) -> None:
    """After ``DELETE`` the run is unknown."""
    assert run("DELETE", "").status_code == 204
    refusal(run("GET", ""), 404)
    refusal(run("DELETE", ""), 404)


def test_a_stale_version_changes_nothing(run: Any, refusal: Any) -> None:
    """``If-Match`` with the run's version lets a change through; a stale one gets 412."""
    version = run.run()["version"]
    body, tag = {"iterations": 1}, {"If-Match": f'"{version}"'}
    assert run("POST", "descent", body, headers=tag).status_code == 200
    before = run.run()
    for method, path, content in [
        ("POST", "descent", body),
        ("PUT", "stage", {"sample": 1}),
        ("PUT", "position", {"iteration": 0}),
        ("PATCH", "parameters", {"O.b": [0, 0, 0]}),
        ("PATCH", "config", {"training": {"seed": 1}}),
        ("DELETE", "", None),
    ]:
        refusal(run(method, path, content, headers=tag), 412)
    assert run.run() == before


def test_changes_at_once_are_all_made(run: Any) -> None:
    """Changes that arrive together are made one after the other, none lost."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: run("POST", "descent", {"iterations": 1}), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert run.run()["iterations"] == 16


def test_a_long_descent_holds_nobody_up(make_run: Any, http: httpx.Client) -> None:
    """While ten thousand iterations run, other requests are answered."""
    run = make_run()
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, "POST", "descent", {"iterations": 10_000})
        answered = 0
        while not long.done():
            assert http.get("/healthz").status_code == 200
            answered += 1
            time.sleep(0.02)
        assert long.result().json()["iteration"] == 10_000
    assert answered > 10
