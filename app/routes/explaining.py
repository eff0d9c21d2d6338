"""What explains a number beside its formula: curves, and what would be."""

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Body, Path, Query, Request, Response

from app import bridge
from app.routes.common import READ, IndexText, RunId, RunsHere, TensorId, answer, cell, refusals
from app.schemas import ActivationCurve, CostCurve, ParameterChanges, Trace

router = APIRouter(prefix="/api/runs/{run}", tags=["explaining"])
WHAT_IF = [{"F.w": [{"index": [0, 0, 1, 1], "value": 0.5}]}]
PREVIEW = refusals(400, 404, 409, 413, 415, 422, 503)


@router.post("/preview", summary="What if?", response_model=Trace, responses=PREVIEW)
def preview(
    run: RunId, body: Annotated[ParameterChanges, Body(examples=WHAT_IF)], runs: RunsHere
) -> Response:
    """Everything as it would be with other parameters; nothing is changed."""
    return answer(runs.read(run, lambda it: bridge.preview_answer(it, body)))


@router.get(
    "/curve/{tensor}",
    summary="The cost as a function of one parameter",
    response_model=CostCurve,
    responses=READ,
)
async def curve(
    run: RunId,
    tensor: TensorId,
    request: Request,
    runs: RunsHere,
    index: IndexText = "",
    of: Annotated[Literal["image", "batch"], Query(description="C or C_T.")] = "image",
    points: Annotated[int, Query(ge=3, le=401)] = 61,
    span: Annotated[float, Query(gt=0, le=1000, description="How far to both sides.")] = 2.0,
) -> Response:
    """C along one cell of a parameter, and its slope by back-propagation where the cell is."""
    at = cell(index)

    def work() -> bytes:
        return runs.read(
            run,
            lambda it: bridge.curve_answer(it, tensor, at, of=of, points=points, span=span),
        )

    return answer(await to_thread.run_sync(work, limiter=request.app.state.heavy))


@router.get(
    "/activation/{layer}",
    summary="The curve of an activation",
    response_model=ActivationCurve,
    responses=READ,
)
def activation(
    run: RunId,
    layer: Annotated[str, Path(description="A layer's letter.", examples=["F"])],
    runs: RunsHere,
    points: Annotated[int, Query(ge=3, le=401)] = 121,
    reach: Annotated[
        float, Query(ge=0, le=1e9, description="How far to both sides of 0, at least 6.")
    ] = 0.0,
) -> Response:
    """a(z) and its slope a′(z); it depends on the configuration alone."""
    return answer(runs.read(run, lambda it: bridge.activation_answer(it, layer, points, reach)))
