"""Requests generated from the description: never a 5xx, and no change after a refusal.

A few hundred here; ``make soak`` asks for ten thousand with ``--examples``.
"""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TENSORS = ("F.w", "F.delta", "O.dw", "I.a", "C", "P.switch")
ASKED = ("/api", "/locales", "/healthz", "/metrics", "/m/")


def endless(operation: Any) -> bool:
    """Whether the answer is a stream of events, which ends when its reader leaves."""
    content = operation.definition.raw["responses"].get("200", {}).get("content", {})
    return "text/event-stream" in content


def operations(http: httpx.Client) -> list[Any]:
    """Every call of the description but pages and endless streams."""
    description = schemathesis.openapi.from_dict(http.get("/openapi.json").json())
    found = []
    for one in description.get_all_operations():
        assert isinstance(one, Ok)
        operation = one.ok()
        if operation.path.startswith(ASKED) and not endless(operation):
            found.append(operation)
    return found


def test_generated_requests_are_answered_or_refused(
    server: Any, http: httpx.Client, request: pytest.FixtureRequest
) -> None:
    """Every answer is as described; after a refusal the run is at the version where it was."""
    asked = operations(http)
    assert len(asked) >= 20
    wanted, made, varying = request.config.getoption("--examples"), 0, asked
    while made < wanted:
        each = -(-(wanted - made) // len(varying))
        counts = [exercise(operation, server.url, http, each) for operation in varying]
        made += sum(counts)
        # Of a call without parameters there is one request only.
        varying = [one for one, count in zip(varying, counts, strict=True) if count >= each]
    print(f"{made:,} requests generated, {len(asked)} calls")  # noqa: T201 - make soak keeps it


def exercise(operation: Any, url: str, http: httpx.Client, examples: int) -> int:
    """So many generated requests of one call, each on a run of its own; how many there were."""
    made = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        nonlocal made
        run = http.post("/api/runs").json()
        if "run" in case.path_parameters:
            case.path_parameters["run"] = run["id"]
        if "tensor" in case.path_parameters:
            chosen = len(str(case.path_parameters["tensor"])) % len(TENSORS)
            case.path_parameters["tensor"] = TENSORS[chosen]
        answer = case.call(base_url=url, timeout=60)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert http.get(f"/api/runs/{run['id']}").json() == run
        made += 1

    attempt()
    return made
