"""Moments: a link, and a QR code, that lead to a run just as it stands."""

import socket
from contextlib import closing
from io import BytesIO
from ipaddress import ip_address
from typing import Annotated, Any

import orjson
import segno
from fastapi import APIRouter, Body, Depends, Path, Request, Response

from app import bridge
from app.moments import Moments
from app.routes.common import CHANGE, RunId, RunsHere, answer, refusals
from app.schemas import Moment, NewMoment, Run

router = APIRouter(tags=["moments"])
ELSEWHERE = ("192.0.2.1", 9)  # reserved for examples: nothing is sent there


def the_moments(request: Request) -> Moments:
    """The moments of this server."""
    moments: Moments = request.app.state.moments
    return moments


MomentsHere = Annotated[Moments, Depends(the_moments)]
MomentId = Annotated[str, Path(description="The moment's id.")]
GIVEN = refusals(404, 422, 503)


@router.post(
    "/api/runs/{run}/moments",
    status_code=201,
    summary="Keep a moment",
    response_model=Moment,
    responses=CHANGE,
)
def keep(
    request: Request,
    run: RunId,
    moments: MomentsHere,
    body: Annotated[NewMoment | None, Body()] = None,
) -> Response:
    """The run as it stands, its history included, and how it is shown, under a short address."""
    made = moments.keep(run, body or NewMoment())
    kept = written(request, made)
    kept.status_code = 201
    kept.headers["Location"] = f"/api/moments/{made['id']}"
    return kept


@router.get(
    "/api/moments/{moment}", summary="Read a moment", response_model=Moment, responses=GIVEN
)
def read(request: Request, moment: MomentId, moments: MomentsHere) -> Response:
    """Where it stands and how it is shown."""
    return written(request, moments.read(moment))


@router.post(
    "/api/moments/{moment}/runs",
    status_code=201,
    summary="Make a run of a moment",
    response_model=Run,
    responses=GIVEN,
)
def open_(moment: MomentId, moments: MomentsHere, runs: RunsHere) -> Response:
    """A run of one's own: the one that was shared stays as it is."""
    run = moments.open(moment)
    created = answer(runs.read(run, bridge.run_answer), 1)
    created.headers["Location"] = f"/api/runs/{run}"
    created.status_code = 201
    return created


@router.get(
    "/m/{moment}/qr.svg",
    summary="The QR code of a moment's link",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}, **GIVEN},
)
def code(request: Request, moment: MomentId, moments: MomentsHere) -> Response:
    """Black on white with its quiet zone, of whatever size it is given room for."""
    moments.read(moment)
    drawn = BytesIO()
    address, _ = reachable(request, f"m/{moment}")
    made = segno.make_qr(address, error="m")
    made.save(drawn, kind="svg", xmldecl=False, omitsize=True, dark="#000", light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def written(request: Request, moment: dict[str, Any]) -> Response:
    """A ``Moment`` with its address."""
    url, reach = reachable(request, f"m/{moment['id']}")
    path = f"/m/{moment['id']}"
    return answer(orjson.dumps({**moment, "path": path, "url": url, "reach": reach}))


def reachable(request: Request, path: str) -> tuple[str, str]:
    """An address of this server that other devices can open, and who can.

    Where the page was asked for as ``localhost``, which means another computer to everyone else,
    the address in the network takes its place, if the server listens there.
    """
    asked = request.base_url
    if not is_loopback(asked.hostname or ""):
        return f"{asked}{path}", "network"
    listens = request.app.state.settings.host
    host = address_in_network() if listens in {"0.0.0.0", "::"} else None  # noqa: S104 - compared
    if host is None:
        return f"{asked}{path}", "computer"
    return f"{asked.replace(hostname=host)}{path}", "network"


def is_loopback(host: str) -> bool:
    """Whether a host's name means the computer that asks."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_in_network() -> str | None:
    """This computer's address in its network; None where it is in none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(ELSEWHERE)  # a datagram socket sends nothing by this
            host: str = probe.getsockname()[0]
        except OSError:
            return None
    return None if is_loopback(host) else host
