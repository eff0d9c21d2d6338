"""The page's files, under addresses that name their content: ``/static/3f…c2/main.js``.

What such an address gives never changes, so a browser keeps it and does not ask again; after any
change of any file all addresses are others. Relative imports stay inside: they need no rewriting.
"""

import gzip
import os
import re
import time
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.paths import STATIC

FOREVER = "public, max-age=31536000, immutable"
TEXTS = (".js", ".css", ".svg", ".json")
KEPT = ("content-type", "cache-control", "etag", "last-modified")
VERSION = re.compile(r"[0-9a-f]{20}")

Signature = tuple[tuple[str, int, int], ...]


def address() -> str:
    """Where the page's files are now: the folder's address, without a slash at its end."""
    return f"/static/{version()}"


def version() -> str:
    """A name for what all files contain; an edited file is noticed after a second at the latest."""
    return looked_up(int(time.monotonic()))


@lru_cache(maxsize=1)
def looked_up(_second: int) -> str:
    """The name, looked up once a second."""
    return named(signature(STATIC))


def signature(folder: Path) -> Signature:
    """Path, time and size of every file below a folder: what changes when a file is edited."""
    found = []
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    about = entry.stat()
                    found.append((entry.path, about.st_mtime_ns, about.st_size))
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def named(files: Signature) -> str:
    """The name of the content of these files; the same on every machine."""
    whole = blake2b(digest_size=10)
    for path, _, _ in files:
        content = Path(path).read_bytes()
        name = Path(path).relative_to(STATIC).as_posix().encode()
        whole.update(b"%d %s %d " % (len(name), name, len(content)))
        whole.update(content)
    return whole.hexdigest()


class Assets(StaticFiles):
    """The files of a folder, with the name of their content in the address or without.

    Under the present name they may be kept for ever; under an old one, which a page that was opened
    before an update still asks for, and under none, there is what is there now.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, and how long it may be kept."""
        first, _, rest = path.partition(os.sep)
        is_named = VERSION.fullmatch(first) is not None
        response = await super().get_response(rest if is_named else path, scope)
        keep = is_named and first == version()
        response.headers["Cache-Control"] = FOREVER if keep else "no-cache"
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if isinstance(response, FileResponse) and response.status_code == 200:
            path = os.fspath(response.path)
            if "gzip" in accepted and path.endswith(TEXTS):
                return small(response, path)
        return response


def small(whole: FileResponse, path: str) -> Response:
    """The answer with its file compressed as well as can be, which is done once."""
    kept = {name: whole.headers[name] for name in KEPT if name in whole.headers}
    headers = {**kept, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(squeezed(path, Path(path).stat().st_mtime_ns), headers=headers)


@lru_cache(maxsize=512)
def squeezed(path: str, _changed: int) -> bytes:
    """A file compressed."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
