"""A client of a real server, and runs to try things on."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app import sayings

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def http(server: Any) -> Iterator[httpx.Client]:
    """A client of the shared server."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
def run(http: httpx.Client) -> "RunClient":
    """A new run of the textbook's network."""
    return RunClient.made(http)


class RunClient:
    """One run over HTTP; ``run.put("stage", …)`` and its like give the raw answer."""

    def __init__(self, http: httpx.Client, run: str) -> None:
        self.http, self.id, self.path = http, run, f"/api/runs/{run}"

    @classmethod
    def made(cls, http: httpx.Client, **body: Any) -> "RunClient":
        """A new run."""
        answer = http.post("/api/runs", json=body)
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json()["id"])

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Any call under the run's address."""
        if body is not None:
            more["json"] = body
        return self.http.request(method, f"{self.path}/{path}".rstrip("/"), **more)

    def run(self) -> Any:
        """The ``Run``."""
        return self("GET", "").json()

    def trace(self) -> Any:
        """The ``Trace``."""
        return self("GET", "trace").json()

    def parameters(self) -> Any:
        """The parameters' values by id."""
        tensors = self.trace()["tensors"]
        return {name: tensors[name]["values"] for name in ("F.w", "F.b", "O.w", "O.b")}

    def descend(self, iterations: int) -> Any:
        """The trace after so many updates."""
        answer = self("POST", "descent", {"iterations": iterations})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def move(self, **position: int) -> Any:
        """The trace at another position."""
        answer = self("PUT", "position", position)
        assert answer.status_code == 200, answer.text
        return answer.json()


def refused(answer: httpx.Response, status: int) -> Any:
    """The problem of an answer, looked at from outside: its type, title, detail and fields.

    Whatever any test is refused can be said in Chinese too.
    """
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert isinstance(problem["title"], str)
    assert isinstance(problem["detail"], str)
    assert problem["detail"]
    for fault in problem.get("errors", []):
        assert set(fault) == {"field", "wanted", "came"}
    sentences = [one["wanted"] for one in problem.get("errors", [])] or [problem["detail"]]
    assert all(CHINESE.search(sayings.said(one, "zh_Hans")) for one in sentences), sentences
    return problem


@pytest.fixture
def refusal() -> Any:
    """Check that an answer is a problem: ``refusal(answer, 422)`` gives it."""
    return refused


@pytest.fixture
def make_run(http: httpx.Client) -> Any:
    """Make a run: ``make_run(config={…})``; ``make_run.of(client, id)`` is one that is there."""

    def make(**body: Any) -> RunClient:
        return RunClient.made(http, **body)

    return make


@pytest.fixture
def client_of() -> Any:
    """A run that is there, over another client: ``client_of(http, id)``."""
    return RunClient
