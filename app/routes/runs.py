"""Runs: made, read, changed, explained."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.routing import APIRoute

from app import bridge
from app.bridge import Setup
from app.problems import Problem
from app.routes.common import (
    CHANGE,
    READ,
    IfMatch,
    IndexText,
    RunId,
    RunsHere,
    TensorId,
    TrainersHere,
    answer,
    cell,
    refusals,
)
from app.runs import Runs
from app.schemas import (
    Check,
    ConfigChange,
    Contributions,
    Formula,
    Formulas,
    NewRun,
    ParameterChanges,
    PositionChange,
    Predictions,
    Results,
    Run,
    StageChange,
    Trace,
)

router = APIRouter(prefix="/api/runs", tags=["runs"])
FOREVER = "public, max-age=31536000, immutable"
EDITS = [{"F.w": [{"index": [0, 0, 1, 1], "value": 0.5}]}, {"O.b": [0.0, 0.1, -0.1]}]


class AtHand(APIRoute):
    """A route that the server is asked for most: a trace that is at hand is given at once.

    Nothing of the request is looked at but its run, and that is found among those in memory; all
    others go the usual way.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, and before it a look at what is at hand."""
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            runs: Runs = request.app.state.runs
            asks = request.scope["query_string"]
            ready = None if asks else runs.ready_trace(request.scope["path_params"]["run"])
            return answer(*ready) if ready else await usual(request)

        return handler


def trace(
    run: RunId,
    runs: RunsHere,
    iteration: Annotated[
        int | None,
        Query(ge=0, le=10**12, description="Another one reached so far; the position stays."),
    ] = None,
) -> Response:
    """Every tensor of the image on stage, the steps, and the coming update."""
    return answer(*(runs.trace(run) if iteration is None else runs.trace_at(run, iteration)))


# First, so that no other route is tried before.
router.add_api_route(
    "/{run}/trace",
    trace,
    route_class_override=AtHand,
    summary="Everything at this iteration",
    response_model=Trace,
    responses=READ,
)


@router.post(
    "",
    status_code=201,
    summary="Make a run",
    response_model=Run,
    responses=refusals(400, 413, 415, 422, 503),
)
def create(runs: RunsHere, body: Annotated[NewRun | None, Body()] = None) -> Response:
    """A new run of a preset, with what is laid over it."""
    asked = body or NewRun()
    setup = bridge.new_setup(asked, runs.settings)
    content, run = runs.create(asked.preset, setup)
    created = answer(content, 1)
    created.headers["Location"] = f"/api/runs/{run}"
    created.status_code = 201
    return created


@router.get("/{run}", summary="Read a run", response_model=Run, responses=READ)
def read(run: RunId, runs: RunsHere) -> Response:
    """The run's configuration, layers, position and stage."""
    content, version = runs.read(run, lambda it: (bridge.run_answer(it), it.version))
    return answer(content, version)


@router.delete(
    "/{run}", status_code=204, summary="Delete a run", responses=refusals(404, 412, 422, 503)
)
def delete(
    run: RunId, runs: RunsHere, trainers: TrainersHere, if_match: IfMatch = None
) -> Response:
    """Remove the run and its history."""
    runs.delete(run, if_match)
    trainers.heed(run)
    return Response(status_code=204)


@router.put("/{run}/stage", summary="Put an image on stage", response_model=Trace, responses=CHANGE)
def stage(run: RunId, body: StageChange, runs: RunsHere, if_match: IfMatch = None) -> Response:
    """An image of the set, a drawing, or another label for what is there."""
    change = bridge.stage_change(body)
    put = runs.change(run, if_match, lambda it: it.put_on_stage(**change), amid_training=True)
    return answer(*put)


@router.put("/{run}/position", summary="Go to a step", response_model=Trace, responses=CHANGE)
def position(
    run: RunId, body: PositionChange, runs: RunsHere, if_match: IfMatch = None
) -> Response:
    """Any iteration reached so far; without a step, its beginning."""
    to = body.model_dump(exclude_unset=True)
    return answer(*runs.change(run, if_match, lambda it: it.go(**to)))


@router.patch(
    "/{run}/parameters", summary="Edit parameters", response_model=Trace, responses=CHANGE
)
def parameters(
    run: RunId,
    body: Annotated[ParameterChanges, Body(examples=EDITS)],
    runs: RunsHere,
    if_match: IfMatch = None,
) -> Response:
    """Cells or whole tensors; what came after this iteration is discarded."""
    return answer(*runs.change(run, if_match, lambda it: it.edit(bridge.edited(it, body))))


@router.patch(
    "/{run}/config", summary="Change the configuration", response_model=Run, responses=CHANGE
)
def config(run: RunId, body: ConfigChange, runs: RunsHere, if_match: IfMatch = None) -> Response:
    """Laid over the configuration that is there; what came after this iteration is discarded."""

    def change(it: Setup) -> Setup:
        return bridge.changed_setup(it, body, runs.settings)

    return answer(*runs.reconfigure(run, if_match, change))


@router.get(
    "/{run}/formulas/{tensor}",
    summary="How cells are computed",
    response_model=Formulas | Formula,
    responses=READ,
)
def formulas(
    run: RunId,
    tensor: TensorId,
    request: Request,
    runs: RunsHere,
    index: Annotated[str | None, Query(description="One cell; all without it.")] = None,
    around: Annotated[
        str | None, Query(description="All, or where they are too many a run that has this cell.")
    ] = None,
    config: Annotated[str | None, Query(description="The run's `config_hash`.")] = None,
) -> Response:
    """They depend on the configuration alone: with ``config`` they may be kept for ever."""
    setup = runs.read(run, lambda it: it.setup_named(config))
    if setup is None:
        raise Problem(409, "The run's configuration is another one by now: read the run again.")
    limits = request.app.state.settings
    if around is not None:
        content = bridge.formulas_around(setup, tensor, cell(around), limits)
    elif index is None:
        content = bridge.formulas_answer(setup, tensor, limits)
    else:
        content = bridge.formula_answer(setup, tensor, cell(index))
    return answer(content, cache=FOREVER if config else "no-cache")


@router.get(
    "/{run}/check/{tensor}",
    summary="Compare with finite differences",
    response_model=Check,
    responses=READ,
)
def check(
    run: RunId,
    tensor: TensorId,
    runs: RunsHere,
    index: IndexText = "",
    of: Annotated[Literal["image", "batch"], Query(description="C or C_T.")] = "image",
) -> Response:
    """The derivative with respect to one cell, by back-propagation and by central differences."""
    at = cell(index)
    return answer(runs.read(run, lambda it: bridge.check_answer(it, tensor, at, of)))


@router.get(
    "/{run}/contributions/{tensor}",
    summary="Each image's share of a batch gradient",
    response_model=Contributions,
    responses=READ,
)
def contributions(run: RunId, tensor: TensorId, runs: RunsHere, index: IndexText = "") -> Response:
    """The shares add up to the batch gradient's cell."""
    at = cell(index)
    return answer(runs.read(run, lambda it: bridge.contributions_answer(it, tensor, at)))


@router.get(
    "/{run}/results",
    summary="Accuracy and confusions",
    response_model=Results,
    responses=READ,
)
def results(run: RunId, runs: RunsHere) -> Response:
    """Cost, accuracy and confusion matrix on the images learnt from, and on those kept aside."""
    return answer(runs.results(run))


@router.get(
    "/{run}/predictions",
    summary="What the network says of each image of the set",
    response_model=Predictions,
    responses=READ,
)
def predictions(run: RunId, runs: RunsHere) -> Response:
    """The class with the largest output for every image of the set, and how many are right."""
    return answer(runs.read(run, bridge.predictions_answer))
