"""The page in a real Chromium: weight, frames while it trains, stillness: ``python bench/page.py``.

Frames are counted for the same time in an empty page and in ours, in turns, in one tab of the same
browser; the server that trains shares the machine with it. The browser is the one that the tests
drive (``tests/chromium.py``), so ``make setup`` comes first.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "tests")]

from asking import processors  # noqa: E402 - after the paths are settled
from chromium import MISSING, found  # noqa: E402
from process import Process, running  # noqa: E402
from rounds import Spread, spread  # noqa: E402
from sections import write  # noqa: E402

__all__ = ["FirstScreen", "Frames", "Hovering", "first_screen", "frames", "hovering", "shifts"]

SCREEN = {"width": 1366, "height": 768}
BYTES, REQUESTS = 350 * 1024, 40  # the goals, as measures.md of the design has them
FRAMES = {"textbook": 0.95, "glyphs-28x28": 0.5}
FAR = 900_000  # updates that no training comes to the end of meanwhile
ROUNDS = 9
FRAME = 1000 / 60  # milliseconds

COUNT = """(milliseconds) => new Promise((done) => {
  const begun = performance.now();
  const shown = new Set();
  let frames = 0;
  const next = (now) => {
    if (now - begun >= milliseconds) return done([frames, shown.size]);
    frames += 1;
    shown.add(document.querySelector('#iterations')?.value);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""

SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) window.shifted += value;
  }).observe({ type: 'layout-shift', buffered: true });
}"""

# The middle of every cell of the large maps.
CELLS = """() => [...document.querySelectorAll('tensor-heatmap')].flatMap((map) => {
  const { small, rows, cols, cell, gap } = map.sheet;
  const { x, y } = map.querySelector('svg').getBoundingClientRect();
  return small ? [] : Array.from({ length: rows * cols }, (_, at) =>
    [x + (at % cols + 0.5) * cell, y + Math.floor(at / cols) * (cell + gap) + cell / 2]);
})"""

# From the first event of a move, before anybody has heard of it, to the last change that it makes:
# what is left behind hears of it before what is come to.
HOVER = """() => {
  window.hovers = [];
  let one = null;
  new MutationObserver(() => { if (one) one.last = performance.now(); })
    .observe(document.body, { subtree: true, childList: true, attributes: true });
  const hear = ({ timeStamp }) => {
    if (one?.stamp === timeStamp) return;
    one = { begun: performance.now(), last: 0, stamp: timeStamp };
    window.hovers.push(one);
  };
  for (const name of ['pointerout', 'pointerover', 'pointermove']) {
    document.addEventListener(name, hear, { capture: true });
  }
}"""


@dataclass(frozen=True)
class FirstScreen:
    """What a browser without anything of ours fetches: bytes on the wire, requests, other hosts."""

    size: int
    requests: int
    elsewhere: int


@dataclass(frozen=True)
class Frames:
    """Frames of the page by those of an empty one; iterations shown a second; updates a second."""

    share: Spread
    shown: float
    made: float


@dataclass(frozen=True)
class Hovering:
    """Milliseconds from the pointer's event to the last change; the share in a frame; requests."""

    middle: float
    late: float
    in_time: float
    cells: int
    requests: int


@contextmanager
def opened() -> Iterator[tuple[Browser, Process]]:
    """A browser, and a server with a folder of its own."""
    path = found()
    if path is None:
        raise SystemExit(MISSING)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser, server
        browser.close()


def fresh(browser: Browser) -> Page:
    """A tab of a browser that was never here."""
    return browser.new_context(viewport=SCREEN, color_scheme="light", locale="en-GB").new_page()


def asked(server: Process, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """The answer to a request, which must be a good one."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.url}/api/runs{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        told = answer.read()
    return json.loads(told) if told else None


def settled(page: Page) -> None:
    """Wait until the page shows its run and has fetched ahead what hovering will want."""
    page.locator("html.ready").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(3000)


def first_screen(browser: Browser, server: Process) -> FirstScreen:
    """The weight of the page until it is there; formulas come later, when it has nothing to do."""
    page = fresh(browser)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def asks(event: Any) -> None:  # noqa: ANN401 - JSON
        urls[event["requestId"]] = event["request"]["url"]

    def ends(event: Any) -> None:  # noqa: ANN401 - JSON
        sizes[event["requestId"]] = event["encodedDataLength"]

    wire.on("Network.requestWillBeSent", asks)
    wire.on("Network.loadingFinished", ends)
    page.goto(server.url)
    page.locator("html.ready").wait_for()
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.wait_for_timeout(500)
    page.context.close()
    first = [one for one, url in urls.items() if not url.startswith("data:")]
    here = urlsplit(server.url).netloc
    elsewhere = sum(urlsplit(urls[one]).netloc != here for one in first)
    return FirstScreen(round(sum(sizes.get(one, 0) for one in first)), len(first), elsewhere)


def frames(browser: Browser, server: Process, preset: str, seconds: float) -> Frames:
    """Frames while a run of this preset trains as fast as it can and the page shows it."""
    page = fresh(browser)
    shares, shown, made = [], [], []
    for _ in range(ROUNDS):
        run = asked(server, "POST", "", {"preset": preset})["id"]
        page.goto("about:blank")
        empty, _ = page.evaluate(COUNT, 1000 * seconds)
        page.goto(f"{server.url}/runs/{run}")
        settled(page)
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_timeout(1000)
        asked(server, "POST", f"/{run}/training", {"iterations": FAR})
        page.wait_for_timeout(1000)
        before = asked(server, "GET", f"/{run}/training")["iteration"]
        ours, pictures = page.evaluate(COUNT, 1000 * seconds)
        made.append((asked(server, "GET", f"/{run}/training")["iteration"] - before) / seconds)
        asked(server, "DELETE", f"/{run}/training")
        shares.append(ours / empty)
        shown.append(pictures / seconds)
    page.context.close()
    return Frames(spread(shares), median(shown), median(made))


def shifts(browser: Browser, server: Process) -> float:
    """The layout shift after the first paint: a whole iteration there and back, and a training."""
    page = fresh(browser)
    page.goto(server.url)
    page.locator("html.ready").wait_for()
    page.evaluate(SHIFTS)
    settled(page)
    for key in ["ArrowRight"] * 21 + ["ArrowLeft"] * 20:
        page.keyboard.press(key)
        page.wait_for_timeout(50)
    run = next(one["value"] for one in page.context.cookies() if one["name"] == "run")
    asked(server, "POST", f"/{run}/training", {"iterations": 2000})
    page.wait_for_timeout(3000)
    total: float = page.evaluate("() => window.shifted")
    page.context.close()
    return total


def hovering(browser: Browser, server: Process) -> Hovering:
    """Move the pointer over every cell of the large maps, once the formulas are there."""
    page = fresh(browser)
    page.goto(server.url)
    settled(page)
    for _ in range(16):
        page.keyboard.press("ArrowRight")
    settled(page)
    cells = page.evaluate(CELLS)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate(HOVER)
    for x, y in cells:
        page.mouse.move(x, y)
        page.wait_for_timeout(60)
    hovers = page.evaluate("() => window.hovers")
    page.context.close()
    times = [max(0.0, one["last"] - one["begun"]) for one in hovers]
    in_time = sum(time <= FRAME for time in times) / len(times)
    return Hovering(median(times), quantiles(times, n=100)[98], in_time, len(hovers), len(requests))


def lines(seconds: float) -> list[str]:
    """All of it as Markdown."""
    with opened() as (browser, server):
        light = first_screen(browser, server)
        shown = {preset: frames(browser, server, preset, seconds) for preset in FRAMES}
        moved = shifts(browser, server)
        hovers = hovering(browser, server)
        version = browser.version
    rows = [
        (
            "weight of the first screen",
            f"≤ {BYTES // 1024} KB",
            f"{light.size / 1024:.0f} KB",
            light.size <= BYTES,
        ),
        ("its requests", f"≤ {REQUESTS}", str(light.requests), light.requests <= REQUESTS),
        ("its requests to another host", "0", str(light.elsewhere), light.elsewhere == 0),
        *(
            (
                f"frames while `{preset}` trains / of an empty page",
                f"≥ {FRAMES[preset]}",
                str(it.share),
                it.share.middle >= FRAMES[preset],
            )
            for preset, it in shown.items()
        ),
        ("layout shift after the first paint", "0", f"{moved:g}", moved == 0),
        (
            f"{hovers.cells} hovers, each done within a frame",
            "all",
            f"{hovers.in_time:.1%}; {hovers.middle:.1f} ms, 99th percentile {hovers.late:.1f} ms",
            hovers.in_time == 1,
        ),
        ("requests of these hovers", "0", str(hovers.requests), hovers.requests == 0),
    ]
    today, load = datetime.now(UTC), os.getloadavg()[0]
    pace = "; ".join(
        f"`{preset}` shows {it.shown:.0f} iterations a second of the {it.made:,.0f} that are made"
        for preset, it in shown.items()
    )
    size = "×".join(map(str, SCREEN.values()))
    return [
        f"Written by `python bench/page.py` on {today:%d %B %Y}, {size}, headless Chromium",
        f"{version} without a graphics card, the server on the same machine:",
        f"{', '.join(processors())}; {os.cpu_count()} processors; load {load:.1f} at the end.",
        "",
        "| work | goal | measured | |",
        "|---|---|---|---|",
        *(
            f"| {what} | {goal} | {measured} | {'goal' if good else 'missed'} |"
            for what, goal, measured, good in rows
        ),
        "",
        f"{pace}.",
        f"A hover that was missed is one whose last change came more than {FRAME:.1f} ms after the",
        "pointer's event.",
    ]


if __name__ == "__main__":
    written = lines(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
    write("Page", written)
    print("\n".join(written))
