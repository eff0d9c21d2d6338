"""Each request has an id, a line in the log and a place in the metrics; none ends in silence."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import sayings
from app.logs import log
from app.problems import Problem, render

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROUTE = ("method", "route")
Address = tuple[str, int] | None
KNOWN = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Metrics:
    """The numbers of one application, as Prometheus reads them."""

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        """``gauges``: what is looked up when it is asked for; by name, its words and the look."""
        own = self.registry = CollectorRegistry()
        self.requests = Counter(
            "backlit_requests", "Requests answered", (*ROUTE, "status"), registry=own
        )
        self.seconds = Histogram(
            "backlit_request_seconds", "Seconds of a request", ROUTE, buckets=SECONDS, registry=own
        )
        self.under_way = 0
        gauges = {
            "requests_under_way": ("Requests not yet answered", lambda: self.under_way),
            **gauges,
        }
        for name, (words, look) in gauges.items():
            Gauge(f"backlit_{name}", words, registry=own).set_function(look)

        self.known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def note(self, method: str, where: str, status: int, seconds: float) -> None:
        """One more request."""
        key = method, where, status
        if key not in self.known:
            labelled = self.requests.labels(*key), self.seconds.labels(method, where)
            self.known[key] = labelled
        counter, histogram = self.known[key]
        counter.inc()
        histogram.observe(seconds)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)


class Monitor:
    """ASGI middleware around all that may fail: what nobody expected becomes a problem too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = named(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        sayings.hear(scope["headers"])
        begun, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        self.metrics.under_way += 1
        try:
            await self.app(scope, receive, sent)
        except Exception:  # noqa: BLE001 - whatever it is, the asker is told and others go on
            log.exception("failed", method=scope["method"], route=route(scope))
            if status == 0:
                problem = Problem(500, "Something went wrong in the server; nothing was changed.")
                await render(problem)(scope, receive, sent)
        finally:
            self.metrics.under_way -= 1
            method = scope["method"] if scope["method"] in KNOWN else "other"
            seconds = time.perf_counter() - begun
            note(self.metrics, method, route(scope), status, seconds, scope.get("client"))


def note(
    metrics: Metrics, method: str, where: str, status: int, seconds: float, client: Address
) -> None:
    """One more request. The log says its route, not its address: ids of runs are secrets."""
    metrics.note(method, where, status, seconds)
    if log.isEnabledFor(logging.INFO):
        log.info(
            "request",
            method=method,
            route=where,
            status=status,
            milliseconds=round(1000 * seconds, 2),
            client=client[0] if client else None,
        )


def named(scope: Scope) -> str:
    """The request's id: the one that a proxy gave it, or a new one."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def route(scope: Scope) -> str:
    """The route as it is described, without what it names; few, whatever strangers ask for."""
    if scope["path"].startswith("/static/"):
        return "/static"
    return getattr(scope.get("route"), "path", None) or "none"
