"""Descent, training, and the costs on the way."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Body, Request, Response

from app import bridge
from app.routes.common import (
    CHANGE,
    READ,
    Asker,
    From,
    IfMatch,
    Points,
    RunId,
    RunsHere,
    To,
    TrainersHere,
    answer,
)
from app.schemas import (
    Costs,
    Descent,
    Histograms,
    NewTraining,
    Trace,
    TrainingAlteration,
    TrainingProgress,
)

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


@router.post(
    "/training",
    status_code=202,
    summary="Train on and on",
    response_model=TrainingProgress,
    responses=CHANGE,
)
def train(
    run: RunId,
    trainers: TrainersHere,
    asker: Asker,
    body: Annotated[NewTraining | None, Body()] = None,
    if_match: IfMatch = None,
) -> Response:
    """Updates in the server until a number, a cost, an accuracy, or a stop."""
    wanted = body or NewTraining()
    training, count = bridge.training(wanted), wanted.iterations
    begun = answer(trainers.begin(run, if_match, training, count, asker))
    begun.status_code = 202
    return begun


@router.get(
    "/training", summary="How a training goes", response_model=TrainingProgress, responses=READ
)
def progress(run: RunId, runs: RunsHere) -> Response:
    """The latest training of the run."""
    return answer(runs.read(run, bridge.training_answer))


@router.patch(
    "/training", summary="Pause, resume, pace", response_model=TrainingProgress, responses=CHANGE
)
def alter(
    run: RunId,
    body: TrainingAlteration,
    trainers: TrainersHere,
    asker: Asker,
    if_match: IfMatch = None,
) -> Response:
    """Another speed, or a pause, in which everything may be changed; the goal stays."""
    return answer(trainers.alter(run, if_match, asker, **bridge.training_change(body)))


@router.delete("/training", status_code=204, summary="Stop a training", responses=CHANGE)
def stop(run: RunId, trainers: TrainersHere, if_match: IfMatch = None) -> Response:
    """End the training; what it reached is kept."""
    trainers.stop(run, if_match)
    return Response(status_code=204)


@router.get(
    "/histograms",
    summary="How errors and gradients are spread",
    response_model=Histograms,
    responses=READ,
)
async def histograms(run: RunId, request: Request, runs: RunsHere) -> Response:
    """δ and gradients of the coming update, layer by layer, with what is saturated or vanishes."""

    def work() -> bytes:
        return runs.read(run, bridge.histograms_answer)

    return answer(await to_thread.run_sync(work, limiter=request.app.state.heavy))


@router.get("/costs", summary="Costs so far", response_model=Costs, responses=READ)
def costs(
    run: RunId, runs: RunsHere, points: Points = 500, start: From = 0, end: To = None
) -> Response:
    """C_T and accuracy of the iterations so far, thinned; the first and the last are among them.

    Of a stretch of them, where it is asked for: all its iterations where ``points`` are enough.
    """
    return answer(runs.read(run, lambda it: bridge.costs_answer(it, points, start, end)))
