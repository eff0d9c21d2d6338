"""The page as a reader has it: a real Chromium before a real server, and what is seen in it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}

# Every cell of every large sheet: what is written in it, and what a screen reader says.
CELLS = """() => [...document.querySelectorAll('svg.sheet [role=gridcell]')].map((cell) => ({
  tensor: cell.closest('svg').dataset.tensor,
  of: cell.closest('svg').dataset.of,
  index: cell.dataset.index === '' ? [] : cell.dataset.index.split(',').map(Number),
  text: cell.querySelector('text')?.textContent ?? null,
  said: cell.getAttribute('aria-label'),
  filled: cell.querySelector('rect').getAttribute('fill') !== 'none',
}))"""

# Every lit cell, small sheets too: a light lies over the cell that it lights.
LIT = """() => [...document.querySelectorAll('tensor-heatmap')].flatMap((heatmap) => {
  const { sheet } = heatmap;
  const at = heatmap.querySelector('svg').getBoundingClientRect();
  return [...heatmap.querySelectorAll('rect.light')].map((light) => {
    const { x, y, width, height } = light.getBoundingClientRect();
    const column = Math.floor((x + width / 2 - at.x) / sheet.cell);
    const row = Math.floor((y + height / 2 - at.y) / (sheet.cell + sheet.gap));
    const kind = ['value', 'term', 'read'].find((name) => light.classList.contains(name));
    const place = sheet.offset + row * sheet.rowStep + column * sheet.colStep;
    return { tensor: sheet.tensor, place, kind };
  });
})"""

# Seconds without a request: longer than the page waits before it tells the server where it rests.
REST_FOR = 0.5

# A frame drawn, and one more, so that what was asked of the page is on the screen.
REST = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"""

FORMAT = """async (numbers) => {
  const { format, formatInto } = await import('/static/format.js');
  return numbers.map((number) => [formatInto(number, 2, 4), format(number, 2)]);
}"""


@dataclass
class Stage:
    """The page on a run of its own.

    `console` holds what the page said there, `refused` the statuses that a test expects to be told.
    """

    page: Page
    http: httpx.Client
    console: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)
    last: float = 0.0

    def open(self, path: str = "/") -> "Stage":
        """Open the page, and wait until it shows its run."""
        self.page.goto(path)
        return self.ready()

    def ready(self) -> "Stage":
        """Wait until the page shows its run, in its own letters."""
        self.page.locator("html.ready").wait_for()
        self.page.evaluate("() => document.fonts.ready.then(() => null)")
        self.rest()
        return self

    def rest(self) -> None:
        """Wait until what was asked of the page is drawn."""
        self.page.evaluate(REST)

    def idle(self) -> None:
        """Wait until no request is under way, nor has begun for half a second.

        What the browser has asked is heard of only while it is waited for, so that comes first.
        """
        begun = monotonic()
        for _ in range(1000):
            self.page.wait_for_timeout(20)
            if not self.under_way and monotonic() - max(begun, self.last) > REST_FOR:
                return
        pytest.fail(f"still asked after 20 s: {[one.url for one in self.under_way]}")

    def listen(self) -> None:
        """Mark the requests and what is said in the console, from now on."""

        def asks(request: Request) -> None:
            self.requests.append(request)
            self.last = monotonic()
            if not request.url.endswith("/events"):
                self.under_way.add(request)

        def ends(request: Request) -> None:
            self.under_way.discard(request)
            self.last = monotonic()

        def said(message: ConsoleMessage) -> None:
            self.console.append(f"{message.type}: {message.text}")

        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        self.page.on("request", asks)
        self.page.on("requestfinished", ends)
        self.page.on("requestfailed", ends)

    def kept(self, step: int) -> None:
        """Wait until the server has been told that so many steps are done, and has answered."""
        for _ in range(200):
            found = self.state()["position"]["step"]
            if found == step:
                return self.idle()
            self.page.wait_for_timeout(50)
        pytest.fail(f"after 10 s the server was told {found} steps, not {step}")

    def prepared(self) -> None:
        """Wait until the page has fetched the formulas, as it does when it has time."""
        wanted = {f"{self.run}/formulas/{step['writes']}" for step in self.trace()["steps"]}
        for _ in range(200):
            if wanted <= {path for _, path in self.asked(0)}:
                break
            self.page.wait_for_timeout(50)
        self.idle()

    @property
    def run(self) -> str:
        """The address of the run that is shown, which a cookie brings this browser back to."""
        runs = [one["value"] for one in self.page.context.cookies() if one["name"] == "run"]
        assert len(runs) == 1
        return f"/api/runs/{runs[0]}"

    def state(self) -> Any:
        """The `Run`, as the server has it."""
        return self.http.get(self.run).raise_for_status().json()

    def trace(self) -> Any:
        """The `Trace`, as the server has it."""
        return self.http.get(f"{self.run}/trace").raise_for_status().json()

    def formula(self, tensor: str, index: list[int]) -> Any:
        """The `Formula` of one cell."""
        at = ",".join(map(str, index))
        answer = self.http.get(f"{self.run}/formulas/{tensor}", params={"index": at})
        return answer.raise_for_status().json()

    def press(self, keys: str, times: int = 1) -> None:
        """Press a key of the page, and see what it does."""
        for _ in range(times):
            self.page.keyboard.press(keys)
        self.rest()

    def told(self, what: str, act: Callable[[], object]) -> None:
        """Do something that the server is told of, and see what comes of its answer."""
        with self.page.expect_response(lambda answer: answer.url.endswith(what)) as answer:
            act()
        answer.value.finished()
        self.rest()

    @property
    def timeline(self) -> Locator:
        """The line of the steps."""
        return self.page.get_by_role("slider", name=re.compile("Timeline|时间"))

    def at_step(self, step: int) -> None:
        """See that so many steps are done."""
        expect(self.timeline).to_have_attribute("aria-valuenow", str(step))
        self.rest()

    def at_iteration(self, iteration: int) -> None:
        """See that the page is in this iteration."""
        expect(self.page.locator("#iterations")).to_have_js_property("value", str(iteration))
        label = self.page.locator("label[for=iterations]")
        expect(label).to_have_text(re.compile(rf"(?<!\d){iteration}(?!\d)"))
        self.rest()

    def cells(self) -> list[Any]:
        """What every cell with a number of its own shows and says."""
        shown: list[Any] = self.page.evaluate(CELLS)
        return shown

    def cell(self, tensor: str, *index: int) -> Locator:
        """One cell of a large sheet."""
        at = ",".join(map(str, index))
        return self.page.locator(f'svg[data-tensor="{tensor}"] [data-index="{at}"]')

    def lit(self) -> list[Any]:
        """The lit cells: tensor, place in its values, and how it is lit."""
        lights: list[Any] = self.page.evaluate(LIT)
        return lights

    def texts_beyond(self, tensor: str, texts: list[Any]) -> list[Any]:
        """What the cells of a tensor show, once that is something else than `texts`."""
        for _ in range(100):
            shown = [cell["text"] for cell in self.cells() if cell["tensor"] == tensor]
            if shown != texts:
                break
            self.page.wait_for_timeout(50)
        return shown

    def lit_as(self, count: int) -> list[Any]:
        """The lit cells, once so many are lit or it has been waited long enough."""
        for _ in range(100):
            lights = self.lit()
            if len(lights) == count:
                break
            self.page.wait_for_timeout(50)
        return lights

    def formatted(self, numbers: list[float]) -> dict[float, list[str]]:
        """Numbers as the page writes them: in a cell, and in words."""
        unique = sorted(set(numbers))
        return dict(zip(unique, self.page.evaluate(FORMAT, unique), strict=True))

    def weights(self) -> list[Any]:
        """The numbers of the parameters that the page shows."""
        return [cell for cell in self.cells() if cell["tensor"] in {"F.w", "F.b", "O.w", "O.b"}]

    def complaints(self) -> list[str]:
        """What the page said in the console, but for refusals that the test asked for."""
        asked = [f"status of {status}" for status in self.refused]
        asked += ["net::ERR"] if 0 in self.refused else []
        return [text for text in self.console if not any(part in text for part in asked)]

    def elsewhere(self, host: str) -> list[str]:
        """The addresses of other hosts that the page asked."""
        asked = [urlsplit(request.url) for request in self.requests]
        return [it.geturl() for it in asked if it.scheme != "data" and it.netloc != host]

    def asked(self, since: int) -> list[tuple[str, str]]:
        """Method and path of what was asked after the first `since` requests."""
        return [(one.method, urlsplit(one.url).path) for one in self.requests[since:]]


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A window of the size that all must fit into, of a reader of English who sees things move."""
    return {**browser_context_args, "viewport": DESK, "locale": "en-GB", "color_scheme": "light"}


@pytest.fixture
def http(base_url: str) -> Iterator[httpx.Client]:
    """A client of the server that the page speaks with."""
    with httpx.Client(base_url=base_url, timeout=60) as client:
        yield client


@pytest.fixture
def before(page: Page, http: httpx.Client, base_url: str) -> Iterator[Stage]:
    """A browser that has not opened the page; no page may complain or ask another host."""
    page.set_default_timeout(10_000)
    stage = Stage(page, http)
    stage.listen()
    yield stage
    assert stage.complaints() == []
    assert stage.elsewhere(urlsplit(base_url).netloc) == []


@pytest.fixture
def stage(before: Stage) -> Stage:
    """The page on a new textbook run."""
    return before.open()


@pytest.fixture
def in_filter(stage: Stage) -> Callable[[int], None]:
    """Bring a filter into focus with the keys of a grid."""

    def bring(number: int) -> None:
        shown = stage.page.locator('svg.large[data-tensor="F.z"] [role=gridcell]').first
        for _ in range(3):
            if str(shown.get_attribute("data-index")).startswith(f"{number},"):
                break
            shown.focus()
            stage.press("PageDown")
        assert str(shown.get_attribute("data-index")).startswith(f"{number},")
        stage.press("Escape")

    return bring
