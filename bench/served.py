"""Descent through the API against the same descent in the engine: ``python bench/served.py``.

It starts a server on a free port with a folder of its own and asks for 10,000 iterations of the
textbook network at a time. The application's own dependencies must be there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from rounds import Spread, interleave, ratio  # noqa: E402 - after the paths are settled

__all__ = ["measure"]

ITERATIONS = 10_000


@contextmanager
def connection() -> Iterator[HTTPConnection]:
    """A connection to a server in a thread of this process, which ends with it."""
    import uvicorn  # noqa: PLC0415 - the application's, not the engine's

    from app.main import create_app  # noqa: PLC0415
    from app.settings import Settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder)))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield HTTPConnection("127.0.0.1", port)
        server.should_exit = True
        thread.join()


def asked(http: HTTPConnection, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a POST, which must be a good one."""
    http.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = http.getresponse()
    content: dict[str, Any] = json.loads(answer.read())
    http.close()  # the server ends it while the engine has its turn; the next call opens it again
    if answer.status not in (200, 201):
        raise ValueError(f"{path}: {answer.status} {content}")
    return content


def sides(http: HTTPConnection) -> dict[str, Callable[[], object]]:
    """Both ways to descend, from the same weights on the same images."""
    from workloads import textbook  # noqa: PLC0415

    from engine.datasets import load  # noqa: PLC0415
    from engine.training import Examples, History, Settings  # noqa: PLC0415

    made = asked(http, "/api/runs", {})
    data, network = load("digits-123-6x6"), textbook().network
    training, examples = made["config"]["training"], Examples(data.images, data.labels)
    settings = Settings(learning_rate=training["learning_rate"], reduction=training["reduction"])
    parameters = network.initial(made["config"]["initial"], made["config"].get("seed", 0))

    def served() -> object:
        run = asked(http, "/api/runs", {})["id"]
        return asked(http, f"/api/runs/{run}/descent", {"iterations": ITERATIONS})

    def alone() -> object:
        history = History(network, parameters, settings, examples)
        history.advance(0, ITERATIONS)
        return history.batch(ITERATIONS)

    return {"API": served, "engine": alone}


def measure(seconds: float) -> Spread:
    """How many times as long the API takes."""
    with connection() as http:
        return ratio(interleave(sides(http), seconds), "API", "engine")


if __name__ == "__main__":
    found = measure(30.0)
    print(f"{ITERATIONS:,} iterations through the API / in the engine alone: {found}")
