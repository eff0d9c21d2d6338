"""Presets and data sets: those that come built in, and those that people bring."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from app import bridge, sayings, shelf
from app.kinds import kinds
from app.presets import DEFAULT, PRESETS
from app.problems import unlike
from app.routes.common import answer, refusals
from app.schemas import Dataset, Datasets, DatasetSummary, Kinds, NewImage, NewSplit, Presets

router = APIRouter(prefix="/api", tags=["data"])

DatasetId = Annotated[str, Path(examples=["digits-123-6x6"])]
FirstImage = Annotated[int, Query(alias="from", ge=0, le=10**9, examples=[240])]
ImageCount = Annotated[int | None, Query(ge=0, le=10**9, examples=[240])]
FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["images", "labels"],
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": 80},
                        "classes": {"type": "array", "items": {"type": "string"}},
                        "images": {"type": "array", "items": {"type": "array"}},
                        "labels": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                        "test": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                    },
                    "examples": [
                        {
                            "name": "Strokes",
                            "classes": ["across", "down"],
                            "images": [[[1, 1], [0, 0]], [[1, 0], [1, 0]]],
                            "labels": [0, 1],
                        }
                    ],
                }
            },
        },
    }
}


@router.get("/presets", summary="Named configurations")
def presets() -> Presets:
    """Every named configuration, the default one first."""
    return Presets(default=DEFAULT, presets=list(PRESETS.values()))


@router.get("/kinds", summary="Kinds of layer, loss and optimizer, with bounds")
def every_kind() -> Kinds:
    """What a configuration may hold: the words of each choice, the bounds of each number."""
    return kinds()


@router.get("/datasets", summary="Names, sizes, class names", responses=refusals(503))
def datasets(request: Request) -> Datasets:
    """Every data set without its images: the built-in ones, then those that were brought."""
    return bridge.dataset_summaries(shelf.cards(request.app.state.store))


@router.post(
    "/datasets",
    summary="Bring a data set",
    status_code=201,
    response_model=Dataset,
    responses=refusals(400, 409, 413, 415, 422, 503),
    openapi_extra=FILES,
)
async def bring(request: Request) -> Response:
    """JSON, CSV, NPZ or XLSX as the field ``file`` of a form, or a ``Dataset`` as the body."""
    name, content = await given(request)

    def work() -> tuple[bytes, str]:
        state = request.app.state
        imported = bridge.imported(name, content)
        made = shelf.bring(state.store, imported, state.settings.datasets)
        return bridge.dataset_answer(made.id, language=sayings.language()), made.id

    found, made = await to_thread.run_sync(work, limiter=request.app.state.heavy)
    response = answer(found)
    response.status_code = 201
    response.headers["Location"] = f"/api/datasets/{made}"
    return response


async def given(request: Request) -> tuple[str, bytes]:
    """The file that a request carries: its name and its content."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0]
    if kind.strip().lower() != "multipart/form-data":
        return "dataset.json", await request.body()
    async with request.form(max_files=1, max_fields=8) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise unlike("file", "a file in the form's field “file”", "nothing")
        return file.filename or "file", await file.read()


@router.get(
    "/datasets/{dataset}",
    summary="One data set",
    response_model=Dataset,
    responses=refusals(404, 422, 503),
)
def dataset(dataset: DatasetId, first: FirstImage = 0, count: ImageCount = None) -> Response:
    """A data set with its images (0 to 1), or some of them in a row, and all its labels."""
    return answer(bridge.dataset_answer(dataset, first, count))


@router.post(
    "/datasets/{dataset}/images",
    summary="Add a drawing to a data set",
    status_code=201,
    responses=refusals(400, 404, 409, 413, 415, 422, 503),
)
def add_image(dataset: DatasetId, body: NewImage, request: Request) -> DatasetSummary:
    """A new data set: a copy of this one with the drawing at its end, to be learnt from."""
    state = request.app.state
    return bridge.with_image(state.store, dataset, body, state.settings.datasets)


@router.post(
    "/datasets/{dataset}/split",
    summary="Keep a share of a data set for testing",
    status_code=201,
    responses=refusals(400, 404, 409, 413, 415, 422, 503),
)
def split(dataset: DatasetId, body: NewSplit, request: Request) -> DatasetSummary:
    """A new data set: a copy of this one, a share of each class kept aside, drawn by a seed."""
    state = request.app.state
    return bridge.with_test(state.store, dataset, body, state.settings.datasets)
