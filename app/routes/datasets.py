"""Presets and data sets, to be read."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from app import bridge
from app.presets import DEFAULT, PRESETS
from app.routes.common import answer, refusals
from app.schemas import Dataset, Datasets, Presets

router = APIRouter(prefix="/api", tags=["data"])


@router.get("/presets", summary="Named configurations")
def presets() -> Presets:
    """Every named configuration, the default one first."""
    return Presets(default=DEFAULT, presets=list(PRESETS.values()))


@router.get("/datasets", summary="Names, sizes, class names")
def datasets() -> Datasets:
    """Every data set without its images."""
    return bridge.dataset_summaries()


@router.get(
    "/datasets/{dataset}",
    summary="One data set",
    response_model=Dataset,
    responses=refusals(404, 422),
)
def dataset(dataset: Annotated[str, Path(examples=["digits-123-6x6"])]) -> Response:
    """A data set with its images (0 to 1) and labels."""
    return answer(bridge.dataset_answer(dataset))
