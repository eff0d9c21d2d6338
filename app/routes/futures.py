"""What else might have come: kept futures, and other first weights."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from app.routes.common import (
    CHANGE,
    READ,
    Asker,
    BranchesHere,
    From,
    IfMatch,
    Points,
    RunId,
    SeedsHere,
    To,
    answer,
)
from app.schemas import Branch, Branches, BranchSwap, Costs, NewBranch, NewSeeds, Run, Seeds

router = APIRouter(prefix="/api/runs/{run}", tags=["futures"])
BranchId = Annotated[str, Path(description="The branch's id.")]


@router.get("/branches", summary="Kept futures", response_model=Branches, responses=READ)
def listed(run: RunId, branches: BranchesHere) -> Response:
    """Each with how far it came."""
    return answer(branches.listed(run))


@router.post(
    "/branches",
    status_code=201,
    summary="Keep the present future",
    response_model=Branch,
    responses=CHANGE,
)
def keep(run: RunId, body: NewBranch, branches: BranchesHere, if_match: IfMatch = None) -> Response:
    """The whole history under a name; the run itself goes on as it is."""
    made = answer(branches.keep(run, if_match, body.name))
    made.status_code = 201
    return made


@router.put(
    "/branches/{branch}", summary="Go back to a future", response_model=Run, responses=CHANGE
)
def take(
    run: RunId,
    branch: BranchId,
    branches: BranchesHere,
    body: Annotated[BranchSwap | None, Body()] = None,
    if_match: IfMatch = None,
) -> Response:
    """It becomes the run's history; the present one is kept in its place."""
    wanted = body or BranchSwap()
    return answer(branches.take(run, if_match, branch, wanted.name))


@router.delete(
    "/branches/{branch}", status_code=204, summary="Drop a kept future", responses=CHANGE
)
def drop(
    run: RunId, branch: BranchId, branches: BranchesHere, if_match: IfMatch = None
) -> Response:
    """It is gone for good."""
    branches.drop(run, if_match, branch)
    return Response(status_code=204)


@router.get(
    "/branches/{branch}/costs",
    summary="Costs of a kept future",
    response_model=Costs,
    responses=READ,
)
def costs(
    run: RunId,
    branch: BranchId,
    branches: BranchesHere,
    points: Points = 500,
    start: From = 0,
    end: To = None,
) -> Response:
    """C_T and accuracy, thinned, to lie beside the present ones."""
    return answer(branches.costs(run, branch, points, start, end))


@router.post(
    "/seeds",
    status_code=202,
    summary="Learn from several first weights",
    response_model=Seeds,
    responses=CHANGE,
)
def begin(
    run: RunId, body: NewSeeds, seeds: SeedsHere, asker: Asker, if_match: IfMatch = None
) -> Response:
    """The run's network and settings, from the weights of each seed, all at once."""
    begun = answer(seeds.begin(run, if_match, body.seeds, body.iterations, asker))
    begun.status_code = 202
    return begun


@router.get("/seeds", summary="How far the seeds have come", response_model=Seeds, responses=READ)
def shown(run: RunId, seeds: SeedsHere) -> Response:
    """Cost, right answers, and the first layer's weights of each."""
    return answer(seeds.shown(run))


@router.delete("/seeds", status_code=204, summary="Forget the seeds", responses=CHANGE)
def forget(run: RunId, seeds: SeedsHere, if_match: IfMatch = None) -> Response:
    """Their trainings end."""
    seeds.drop(run, if_match)
    return Response(status_code=204)
