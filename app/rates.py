"""How many requests an address may make: a bucket of tokens each, filled at a steady rate."""

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import Problem, render

ADDRESSES = 10_000  # that are remembered; the longest unseen one is forgotten first
FREE = {"/healthz", "/metrics"}
MAKING = 5  # tokens for what makes something that is stored for good
POSTED = re.compile(r"/api/(runs|datasets|moments/[^/]+/runs|runs/[^/]+/(moments|branches|seeds))")
OPENED = re.compile(r"/m/[^/]+")  # a moment's link makes a run of one's own
PAGE = "/"


@dataclass
class Bucket:
    """What an address has left, and when that was so."""

    tokens: float
    at: float


class Buckets:
    """A bucket for each address, of ``burst`` tokens, refilled with ``rate`` a second."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.clock = rate, burst, clock
        self.buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, name: str, cost: float) -> float:
        """Take ``cost`` tokens: 0; or, where there are too few, the seconds until there are."""
        now = self.clock()
        bucket = self.buckets.setdefault(name, Bucket(self.burst, now))
        self.buckets.move_to_end(name)
        if len(self.buckets) > ADDRESSES:
            self.buckets.popitem(last=False)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
        bucket.at = now
        if bucket.tokens < cost:
            return (cost - bucket.tokens) / self.rate
        bucket.tokens -= cost
        return 0.0


class RateBound:
    """ASGI middleware: 429 for an address that asks more than its bucket gives.

    ``begins`` tells whether a request for the page makes a run; it may wait for the store.
    """

    def __init__(
        self, app: ASGIApp, rate: float, burst: float, begins: Callable[[HTTPConnection], bool]
    ) -> None:
        self.app, self.buckets, self.begins = app, Buckets(rate, max(burst, MAKING)), begins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on if its address may ask."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self.app(scope, receive, send)
            return
        seconds = await self.wait(scope)
        if seconds > 0:
            await render(too_many(seconds))(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def wait(self, scope: Scope) -> float:
        """Take what a request costs: 0; or the seconds until there is enough."""
        who, method, path = asker(scope), scope["method"], scope["path"]
        if method == "GET" and path == PAGE:
            seconds = self.buckets.wait(who, 1)  # first: for who is refused nothing is looked up
            if seconds == 0 and await to_thread.run_sync(self.begins, HTTPConnection(scope)):
                seconds = self.buckets.wait(who, MAKING - 1)
            return seconds
        making = {"POST": POSTED, "GET": OPENED}.get(method)
        return self.buckets.wait(who, MAKING if making and making.fullmatch(path) else 1)


def asker(scope: Scope) -> str:
    """Whose bucket a request is paid from."""
    return household(scope["client"][0]) if scope.get("client") else ""


@lru_cache(maxsize=ADDRESSES)
def household(host: str) -> str:
    """An address; in IPv6 the network that a host has for itself."""
    try:
        known = ip_address(host)
    except ValueError:
        return host
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return known.exploded[:19]
    return str(known)


def too_many(seconds: float) -> Problem:
    """The refusal of a request that comes too soon."""
    wait = max(1, math.ceil(seconds))
    detail = (
        f"Too many requests come from this address: wait {wait} s. Nothing was changed. "
        "The operator may set BACKLIT_RATE and BACKLIT_RATE_BURST."
    )
    return Problem(429, detail, headers={"Retry-After": str(wait)})
