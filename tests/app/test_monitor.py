"""What the operator sees: metrics and log lines."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.main import create_app
from app.settings import Settings


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What Prometheus reads: values by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_the_metrics(tmp_path: Path) -> None:
    """Requests by route, method and status, their durations, the runs kept."""
    with TestClient(create_app(Settings(data=tmp_path, live_runs=1))) as client:
        runs = [client.post("/api/runs").json()["id"] for _ in range(3)]
        for name in [*runs, "none"]:
            client.get(f"/api/runs/{name}/trace")
        found = samples(client.get("/metrics").text)
    read = (("method", "GET"), ("route", "/api/runs/{run}/trace"))
    assert found["backlit_requests_total", (*read, ("status", "200"))] == 3
    assert found["backlit_requests_total", (*read, ("status", "404"))] == 1
    assert found["backlit_request_seconds_count", read] == 4
    assert found["backlit_request_seconds_sum", read] > 0
    assert found["backlit_runs", ()] == 3
    assert found["backlit_runs_in_memory", ()] == 1
    assert found["backlit_requests_under_way", ()] == 1


def test_trainings_and_streams_are_counted(start_server: Callable[..., Any]) -> None:
    """What goes on without a request of its own can be seen: it begins, and it ends."""

    def counted(http: httpx.Client) -> tuple[float, float]:
        found = samples(http.get("/metrics").text)
        return found["backlit_trainings", ()], found["backlit_event_streams", ()]

    def until(http: httpx.Client, wanted: tuple[float, float]) -> None:
        for _ in range(200):
            if counted(http) == wanted:
                break
            time.sleep(0.02)
        assert counted(http) == wanted

    with httpx.Client(base_url=start_server().url) as http:
        run = f"/api/runs/{http.post('/api/runs').json()['id']}"
        assert counted(http) == (0, 0)
        begun = http.post(f"{run}/training", json={"iterations": 10_000, "speed": 1})
        begun.raise_for_status()
        with http.stream("GET", f"{run}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            with httpx.Client(base_url=str(http.base_url)) as other:
                until(other, (1, 1))
        http.delete(f"{run}/training").raise_for_status()
        until(http, (0, 0))


def test_strangers_make_no_new_series(tmp_path: Path) -> None:
    """Whatever addresses and methods are tried, there is one series for all of them."""
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        for number in range(5):
            client.get(f"/none/{number}")
            client.request(f"M{number}", f"/none/{number}")
        found = [name for name in samples(client.get("/metrics").text) if "none" in str(name)]
    totals = [labels for name, labels in found if name == "backlit_requests_total"]
    assert {dict(labels)["method"] for labels in totals} == {"GET", "other"}
    assert len(totals) == 2


def test_what_nobody_expected_is_a_problem(
    tmp_path: Path, refusal: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect is a 500 without its inside; the log has it, under the id that the answer names."""
    app = create_app(Settings(data=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret of the inside")

    with TestClient(app) as client:
        answer = client.get("/broken")
    refusal(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (record,) = (one for one in caplog.records if one.levelname == "ERROR")
    assert isinstance(record.msg, dict)
    assert record.msg["request_id"] == answer.headers["x-request-id"]
    assert record.msg["route"] == "/broken"


def test_log_lines_are_json_where_wished(
    start_server: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request is a line with its id, route, status and time, and names no run."""
    monkeypatch.setenv("BACKLIT_LOG_LEVEL", "info")
    monkeypatch.setenv("BACKLIT_LOG_FORMAT", "json")
    server = start_server()
    run = httpx.post(f"{server.url}/api/runs").json()["id"]
    answer = httpx.get(f"{server.url}/api/runs/{run}", headers={"X-Request-ID": "mine"})
    assert answer.status_code == 200
    server.stop()
    text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (line,) = (one for one in lines if one.get("request_id") == "mine")
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/runs/{run}", 200)
    assert 0 < line["milliseconds"] < 10_000
    assert {"timestamp", "level", "client"} <= set(line)
    assert run not in text


def test_a_wrong_setting_is_named() -> None:
    """A setting out of bounds ends the start with a sentence that names it."""
    done = subprocess.run(
        [sys.executable, "-m", "app.main"],
        env={**os.environ, "BACKLIT_RATE": "-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "rate" in done.stderr
    assert "Traceback" not in done.stderr
