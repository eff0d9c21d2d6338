"""Descent, and the costs on the way."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from app import bridge
from app.routes.common import CHANGE, READ, IfMatch, RunId, RunsHere, answer
from app.schemas import Costs, Descent, Trace

router = APIRouter(prefix="/api/runs/{run}", tags=["training"])


@router.post("/descent", summary="Make so many updates", response_model=Trace, responses=CHANGE)
async def descend(
    run: RunId, body: Descent, request: Request, runs: RunsHere, if_match: IfMatch = None
) -> Response:
    """The trace after that many updates; 409 where learning diverges or has nothing to go by."""

    def work() -> Response:
        content, version = runs.descend(run, if_match, body.iterations)
        return answer(content, version)

    return await to_thread.run_sync(work, limiter=request.app.state.heavy)


@router.get("/costs", summary="Costs so far", response_model=Costs, responses=READ)
def costs(
    run: RunId, runs: RunsHere, points: Annotated[int, Query(ge=2, le=100_000)] = 500
) -> Response:
    """C_T and accuracy of the iterations so far, thinned; the first and the last are among them."""
    return answer(runs.read(run, lambda it: bridge.costs_answer(*it.costs(), points)))
