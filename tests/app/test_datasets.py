"""Presets, data sets, liveness and the description."""

from typing import Any

import httpx
import numpy as np

from app.presets import PRESETS


def test_the_default_preset_comes_first(http: httpx.Client) -> None:
    """Presets are named configurations, the default ``textbook`` first."""
    answer = http.get("/api/presets").json()
    assert answer["default"] == "textbook"
    assert [preset["id"] for preset in answer["presets"]] == list(PRESETS)
    assert answer["presets"][0]["config"]["training"]["learning_rate"] == 0.2


def test_every_preset_makes_a_run(http: httpx.Client, make_run: Any) -> None:
    """A run of a preset has the preset's configuration."""
    listed = http.get("/api/presets").json()["presets"]
    assert len(listed) == len(PRESETS)
    for preset in listed:
        run = make_run(preset=preset["id"])
        assert run.run()["config"] == preset["config"]
        assert run.descend(1)["iteration"] == 1


def test_data_sets_are_listed_and_read(http: httpx.Client) -> None:
    """The list gives name, size, classes; the set its images, 0 to 1, and labels."""
    listed = {one["id"]: one for one in http.get("/api/datasets").json()["datasets"]}
    found = http.get("/api/datasets/digits-123-6x6").json()
    summary = listed["digits-123-6x6"]
    assert (summary["size"], summary["shape"]) == (96, [1, 6, 6])
    assert summary["classes"] == found["classes"] == ["1", "2", "3"]
    assert np.shape(found["images"]) == (96, 6, 6)
    assert set(np.ravel(found["images"])) == {0.0, 1.0}
    assert sorted(found["labels"]) == [0] * 32 + [1] * 32 + [2] * 32


def test_some_images_of_a_set_come_with_all_its_labels(http: httpx.Client) -> None:
    """``from`` and ``count`` choose images; beyond the end there are none; the rest stays whole."""
    whole = http.get("/api/datasets/digits-123-6x6").json()
    some = http.get("/api/datasets/digits-123-6x6?from=90&count=4").json()
    assert some == {**whole, "images": whole["images"][90:94]}
    assert http.get("/api/datasets/digits-123-6x6?from=94").json()["images"] == whole["images"][94:]
    assert http.get("/api/datasets/digits-123-6x6?count=0").json()["images"] == []
    assert http.get("/api/datasets/digits-123-6x6?from=96").json()["images"] == []
    assert http.get("/api/datasets/digits-123-6x6?from=-1").status_code == 422


def test_healthz_is_json_with_the_version(http: httpx.Client) -> None:
    """Liveness says ok and which version."""
    answer = http.get("/healthz").json()
    assert answer["status"] == "ok"
    assert answer["version"]


def test_large_answers_are_compressed(http: httpx.Client) -> None:
    """A data set comes gzipped to who takes that."""
    answer = http.get("/api/datasets/digits-123-6x6", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_every_route_is_described_with_examples(http: httpx.Client) -> None:
    """Every call has a summary, every body an example, every refusal its media type."""
    description = http.get("/openapi.json").json()
    models = description["components"]["schemas"]
    assert len(description["paths"]) > 40
    for path, calls in description["paths"].items():
        for method, call in calls.items():
            assert call["summary"], (method, path)
            body = call.get("requestBody", {}).get("content", {}).get("application/json")
            if body is not None:
                assert exemplified(body["schema"], models), (method, path)
            refusals = [answer for status, answer in call["responses"].items() if status >= "400"]
            if path.startswith("/api/runs"):
                assert refusals, (method, path)
            if path.startswith("/api"):
                assert all("application/problem+json" in one["content"] for one in refusals), path


def exemplified(schema: Any, models: Any) -> bool:
    """Whether a schema, or the model that it refers to, has examples."""
    named = [one["$ref"] for one in [schema, *schema.get("anyOf", [])] if "$ref" in one]
    found = [models[name.rpartition("/")[2]] for name in named]
    return any("examples" in one for one in [schema, *found])
