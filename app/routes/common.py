"""What every handler needs: the runs, the caller's version, and how an answer is written."""

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request, Response

from app.branches import Branches
from app.problems import MEDIA_TYPE, bad_field
from app.rates import asker
from app.runs import Runs
from app.schemas import ProblemOut
from app.seeds import Seeds
from app.trainers import Trainers

JSON = "application/json"
PROBLEM_SCHEMA = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}
WORDS = {
    400: "The body is no JSON.",
    404: "There is no such run, tensor or data set.",
    405: "The method is not possible here.",
    408: "The body did not come in time.",
    409: "Not possible as things stand.",
    412: "`If-Match` names a version that is not the run's any more; nothing was changed.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A field is not as wanted; `errors` says which and why. Nothing was changed.",
    429: "Too many requests, trainings or streams; `Retry-After` says how long to wait.",
    503: "The store cannot be read or written just now.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for the description."""
    content = {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}
    told = {*statuses, 429}
    return {status: {"description": WORDS[status], "content": content} for status in sorted(told)}


READ = refusals(404, 409, 422, 503)
CHANGE = refusals(400, 404, 408, 409, 412, 413, 415, 422, 503)


async def the_runs(request: Request) -> Runs:
    """The runs of this server."""
    runs: Runs = request.app.state.runs
    return runs


def the_trainers(request: Request) -> Trainers:
    """Those who see to the trainings of this server."""
    trainers: Trainers = request.app.state.trainers
    return trainers


def the_branches(request: Request) -> Branches:
    """The kept futures of this server's runs."""
    return Branches(request.app.state.runs)


def the_seeds(request: Request) -> Seeds:
    """The trials of this server's runs."""
    return Seeds(request.app.state.runs, request.app.state.trainers)


async def the_asker(request: Request) -> str:
    """The address that asks, which has a share of what there is."""
    return asker(request.scope)


BranchesHere = Annotated[Branches, Depends(the_branches)]
SeedsHere = Annotated[Seeds, Depends(the_seeds)]
RunsHere = Annotated[Runs, Depends(the_runs)]
TrainersHere = Annotated[Trainers, Depends(the_trainers)]
RunId = Annotated[str, Path(description="The run's id.")]
TensorId = Annotated[str, Path(description="A tensor's id.", examples=["F.delta"])]
Asker = Annotated[str, Depends(the_asker)]
IfMatch = Annotated[str | None, Header(description="The run's version that is to be changed.")]
Points = Annotated[int, Query(ge=2, le=100_000, description="How many at most.")]
From = Annotated[int, Query(alias="from", ge=0, le=10**12, description="The first iteration.")]
To = Annotated[
    int | None, Query(alias="to", ge=0, le=10**12, description="The last iteration; left out, all.")
]
IndexText = Annotated[
    str, Query(description="The cell, counted from 0; empty for C.", examples=["0,1,2"])
]


def cell(text: str) -> tuple[int, ...]:
    """The index in ``index=0,1,2``; empty for a tensor without axes."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise bad_field("index", "whole numbers counted from 0, such as 0,1,2", text)
    return tuple(int(part) for part in parts)


def answer(content: bytes, version: int | None = None, cache: str = "no-cache") -> Response:
    """JSON that is already written, with the run's version as its entity tag."""
    tag = {} if version is None else {"ETag": f'"{version}"'}
    return Response(content, media_type=JSON, headers={"Cache-Control": cache, **tag})
