"""How pages are drawn: the templates, and what every page of ours is drawn with."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from app import assets, i18n
from app.paths import STATIC, TEMPLATES, VENDOR_IMPORTS

templates = Jinja2Templates(directory=TEMPLATES)
templates.env.trim_blocks = templates.env.lstrip_blocks = True

# The style sheets of the stage, in the order in which one gives way to the next.
SHEETS = (
    "explaining",
    "tokens",
    "ground",
    "stage",
    "heatmaps",
    "ways",
    "pad",
    "corner",
    "band",
    "player",
    "panel",
    "walls",
    "phones",
    "teaching",
    "words",
)
# The typefaces of the first picture, which waits for them (main.js) and should not wait long.
FACES = (
    *(f"source-serif-4-latin-{face}" for face in ("400-normal", "400-italic", "600-normal")),
    *(f"source-serif-4-greek-{face}" for face in ("400-normal", "400-italic")),
    "source-sans-3-latin-400-normal",
    *(f"KaTeX_{face}-Regular" for face in ("Main", "Size1")),
    "KaTeX_Math-Italic",
)
STATIC_IMPORT = re.compile(r'^(?:import|\} from|export .* from)\b[^;]*?"([^"]+)";', re.MULTILINE)


def context(language: str, nonce: str, *sheets: Markup) -> dict[str, Any]:
    """What every page is drawn with: ``sheets`` besides those that all have."""
    base = assets.address()
    imports = {name: f"{base}/vendor/{file}" for name, file in vendor().items()}
    return {
        "language": language,
        "t": i18n.translator(language),
        "base": base,
        "nonce": nonce,
        "style": Markup("").join([style(base), *sheets]),
        "imports": Markup(orjson.dumps({"imports": imports}).decode()),  # noqa: S704 - our own file names
    }


@lru_cache(maxsize=1)
def style(base: str) -> Markup:
    """The style of formulas, the typefaces and our own sheets: they come with the page.

    ``base`` is where the page's files are.
    """
    theirs = [(STATIC / "vendor" / name).read_text() for name in ("katex.css", "fonts.css")]
    here = "\n".join(theirs).replace("url(fonts/", f"url({base}/vendor/fonts/")
    sheets = [(STATIC / "styles" / f"{name}.css").read_text() for name in SHEETS]
    whole = "\n".join([here, *sheets])
    return Markup(plain(whole))  # noqa: S704 - our own files


@cache
def sheet() -> Markup:
    """The style sheet of pages to read and to print, which the stage does without."""
    return Markup(plain((STATIC / "styles" / "papers" / "papers.css").read_text()))  # noqa: S704 - our own file


def plain(sheets: str) -> str:
    """Style sheets without comments and indentation."""
    return re.sub(r"\n\s+", "\n", re.sub(r"/\*.*?\*/\n*", "", sheets, flags=re.DOTALL))


@cache
def vendor() -> dict[str, str]:
    """Bare module names and the vendor files that hold them."""
    found: dict[str, str] = orjson.loads(VENDOR_IMPORTS.read_bytes())
    return found


@lru_cache(maxsize=1)
def modules(base: str) -> tuple[str, ...]:
    """Addresses of all modules that main.js imports, directly or not, so that they load at once."""
    found: dict[str, None] = {}
    waiting = [STATIC / "main.js"]
    while waiting:
        file = waiting.pop()
        for name in STATIC_IMPORT.findall(file.read_text()):
            target = address(base, name, file)
            if target not in found:
                found[target] = None
                if name.startswith("."):
                    waiting.append((file.parent / name).resolve())
    return tuple(sorted(found))


def address(base: str, name: str, importer: Path) -> str:
    """Where the browser finds an imported module."""
    if not name.startswith("."):
        return f"{base}/vendor/{vendor()[name]}"
    return f"{base}/{(importer.parent / name).resolve().relative_to(STATIC).as_posix()}"
