"""Requests generated from the description: never a 5xx, and no change after a refusal."""

from typing import Any

import httpx
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


def test_generated_requests_are_answered_or_refused(server: Any, http: httpx.Client) -> None:
    """Every answer is as described; after a refusal the run is at the version where it was."""
    description = schemathesis.openapi.from_dict(http.get("/openapi.json").json())
    tried = 0
    for found in description.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path.startswith("/api"):
            exercise(operation, server.url, http)
            tried += 1
    assert tried >= 14


def exercise(operation: Any, url: str, http: httpx.Client) -> None:
    """A few generated requests of one call, each on a run of its own."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
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

    attempt()
