"""The web application and the command ``backlit``."""

import asyncio
import errno
import socket
import webbrowser
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import ValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Message, Receive, Scope, Send

from app import i18n, logs, problems, shelf
from app.assets import Assets
from app.bodies import BodyBound
from app.expiry import sweep_for_ever
from app.headers import SafeHeaders
from app.heads import BoundedHeads
from app.live.local import LocalBroadcast
from app.moments import Moments
from app.monitor import Metrics, Monitor
from app.paths import STATIC
from app.rates import RateBound
from app.routes import datasets, events, explaining, futures, moments, pages, papers, runs, training
from app.routes.common import refusals
from app.runs import Runs
from app.schemas import CellValue, FaultOut, Health, ProblemOut
from app.settings import Settings
from app.store.base import Unavailable
from app.store.sqlite import SqliteStore
from app.trainers import Trainers

METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}},
    **refusals(503),
}
FILES = 100  # that the process has open besides its connections
HEAVY = 4  # descents at a time; the others wait, and small requests go on beside them

cli = typer.Typer(add_completion=False)
server = APIRouter(tags=["server"])


class Compressed(GZipMiddleware):
    """Whoever takes no gzip gets the answer as it is, and at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and compress the answer for those who take that."""
        asked = (value for name, value in scope.get("headers", ()) if name == b"accept-encoding")
        if scope["type"] != "http" or any(b"gzip" in value for value in asked):
            await super().__call__(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept-Encoding")]
            await send(message)

        await self.app(scope, receive, sent)


class Server(uvicorn.Server):
    """A server whose event streams end with it."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: they would keep their connections open."""
        self.config.app.state.broadcast.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def release() -> str:
    """The version of this installation."""
    try:
        return version("backlit")
    except PackageNotFoundError:
        return "0"


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, its store open; raises ``Unavailable`` for a folder of no use."""
    settings = settings or Settings()
    app = FastAPI(
        title="Backlit",
        version=release(),
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    furnish(app, settings)
    guard(app, settings)
    problems.install(app)

    @app.exception_handler(Unavailable)
    async def _(_request: Request, error: Unavailable) -> Response:
        return problems.render(problems.unavailable(error))

    working = (runs, datasets, training, futures, events, explaining, moments)
    for module in (*working, pages, papers, i18n):
        app.include_router(module.router)
    app.include_router(server)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.openapi = lambda: description(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Trainings that were under way go on, and what nobody uses goes, until the server ends."""
    here = app.state
    here.trainers.open()
    sweeping = asyncio.create_task(
        sweep_for_ever(here.runs, here.store, here.settings, here.broadcast.listened)
    )
    yield
    sweeping.cancel()
    here.broadcast.close()
    here.trainers.close()
    shelf.detach(here.store)
    here.store.close()


def furnish(app: FastAPI, settings: Settings) -> None:
    """What handlers find in ``app.state``; raises ``Unavailable`` for a folder of no use."""
    here = app.state
    here.settings = settings
    here.addresses = Counter[str]()  # connections that each has open
    here.store = SqliteStore(settings.data, settings.synchronous, settings.store_bytes)
    shelf.attach(here.store)
    here.broadcast = LocalBroadcast(settings.streams, settings.streams_each)
    here.runs = Runs(here.store, settings, here.broadcast)
    here.trainers = Trainers(here.runs)
    here.moments = Moments(here.runs, here.store, settings)
    here.heavy = CapacityLimiter(HEAVY)
    here.metrics = Metrics(gauges(app))


@server.get("/healthz", summary="Liveness and version")
async def healthz() -> Health:
    """That the server lives."""
    return Health(status="ok", version=release())


@server.get("/metrics", summary="Numbers for Prometheus", responses=METRICS)
def metrics(request: Request) -> Response:
    """What the server counts."""
    text: bytes = request.app.state.metrics.text()
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def guard(app: FastAPI, settings: Settings) -> None:
    """What every request passes through, from the inside out."""
    app.add_middleware(BodyBound, limit=settings.body_bytes)
    app.add_middleware(Compressed, minimum_size=1024, compresslevel=5)
    if settings.rate:
        begins = partial(pages.begins, app.state.runs)
        app.add_middleware(RateBound, rate=settings.rate, burst=settings.rate_burst, begins=begins)
    app.add_middleware(Monitor, metrics=app.state.metrics)
    app.add_middleware(SafeHeaders)


def gauges(app: FastAPI) -> dict[str, tuple[str, Callable[[], float]]]:
    """What the metrics look up when they are asked for."""
    return {
        "runs": ("Runs in the store", app.state.store.count),
        "runs_in_memory": ("Runs kept in memory too", lambda: len(app.state.runs)),
        "trainings": ("Trainings under way", lambda: app.state.trainers.under_way),
        "event_streams": ("Event streams open", lambda: app.state.broadcast.listening),
    }


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the models that only refusals and free-form bodies name."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        models = schema["components"]["schemas"]
        for model in (ProblemOut, FaultOut, CellValue):
            own = model.model_json_schema(ref_template="#/components/schemas/{model}")
            own.pop("$defs", None)
            models[model.__name__] = own
        app.openapi_schema = schema
    return app.openapi_schema


def configured(app: FastAPI) -> Server:
    """The server of an application."""
    config = uvicorn.Config(
        app,
        http=BoundedHeads,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return Server(config)


def allow_files(count: int) -> None:
    """Let the process have so many files open, each connection being one, where it may."""
    with suppress(ImportError):  # Windows has no such bound
        import resource  # noqa: PLC0415

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ``OSError`` where the address cannot be had."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def settle(**given: object) -> Settings:
    """The settings: the command line's where given, else the environment's."""
    try:
        return Settings.model_validate(
            {**Settings().model_dump(), **{key: v for key, v in given.items() if v is not None}}
        )
    except ValidationError as error:
        raise refuse(problems.invalid(error.errors()).detail) from error


def refuse(words: str) -> typer.Exit:
    """Say in one sentence why the server does not start."""
    typer.echo(words, err=True)
    return typer.Exit(1)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. [8000]")] = None,
    data: Annotated[Path | None, typer.Option(help="Where runs are kept. [backlit-data]")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,  # noqa: FBT002
) -> None:
    """Serve Backlit: a small convolutional network, stepped forwards and backwards."""
    settings = settle(host=host, port=port, data=data)
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        where, why = f"{settings.host}:{settings.port}", error.strerror or error
        hint = (
            "choose another with --port"
            if error.errno == errno.EADDRINUSE
            else "see --host and --port"
        )
        raise refuse(f"Backlit cannot listen on {where} ({why}): {hint}.") from error
    try:
        app = create_app(settings)
    except Unavailable as error:
        raise refuse(f"{error} Choose another folder with --data.") from error
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{name}:{listener.getsockname()[1]}/"
    typer.echo(f"Backlit is at {address} (stop with Ctrl+C)")
    if open_:
        webbrowser.open(address)
    logs.listen(settings.log_level, settings.log_format)
    allow_files(settings.connections + FILES)
    configured(app).run(sockets=[listener])


def main() -> None:
    """Run the command ``backlit``."""
    cli()


if __name__ == "__main__":
    main()
