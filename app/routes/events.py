"""The event stream of a run."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from app import i18n, sayings
from app.live.base import Event, Full
from app.problems import Problem
from app.routes.common import Asker, RunId, RunsHere, refusals

router = APIRouter(prefix="/api/runs/{run}", tags=["events"])
TYPE = "text/event-stream"
REFUSED = b"event: error\n"
DATA = re.compile(rb"(?<=event: error\ndata: ).*")
EXAMPLE = """id: 5f0c21aa-17
event: position
data: {"version": 9, "iteration": 120, "step": 0, "iterations": 120, …}

event: trace
data: {"run": "…", "iteration": 131, …}
"""


@router.get(
    "/events",
    summary="What happens to a run, as it happens",
    response_class=StreamingResponse,
    responses={
        200: {"content": {TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}}},
        **refusals(404, 422, 503),
    },
)
async def events(
    run: RunId,
    runs: RunsHere,
    asker: Asker,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event that was received.")
    ] = None,
) -> StreamingResponse:
    """Server-sent events: ``position``, ``training``, ``cost``, ``trace`` and more."""
    if not await to_thread.run_sync(runs.exists, run):
        raise Problem(404, "There is no run of this id; it may have been deleted.")

    async def standing() -> Sequence[Event]:
        return await to_thread.run_sync(runs.standing, run)

    try:
        stream = runs.broadcast.listen(run, last_event_id, standing, asker)
    except Full as full:
        raise Problem(429, str(full), headers={"Retry-After": "10"}) from full
    language = sayings.language()
    told = stream if language == i18n.DEFAULT else worded(stream, language)
    return StreamingResponse(told, media_type=TYPE, headers={"Cache-Control": "no-store"})


async def worded(stream: AsyncIterator[bytes], language: str) -> AsyncIterator[bytes]:
    """A stream with its refusals, which are written once for all who listen, in a language."""

    def said(match: re.Match[bytes]) -> bytes:
        problem = orjson.loads(match[0])
        return orjson.dumps({**problem, "detail": sayings.said(problem["detail"], language)})

    async for part in stream:
        yield DATA.sub(said, part) if REFUSED in part else part
