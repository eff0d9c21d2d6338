"""The rules of the house: who may import whom, and what a committed file never holds."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.routes.drawing import SHEETS
from app.schemas import Chapter
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
MODULES = sorted(
    path.relative_to(STATIC).as_posix()
    for path in STATIC.rglob("*.js")
    if "vendor" not in path.relative_to(STATIC).parts
)
IMPORT = re.compile(
    r"""^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?\s*["']([^"']+)["']   # import … from "x"
      | \bimport\(\s*["']([^"']+)["']\s*\)                                # import("x")""",
    re.MULTILINE | re.VERBOSE,
)
JOINTS = {"main.js", "panels.js", "parts.js", "actions.js", "api.js", "store.js"}
# What a module may import: everything not named here is pure, elements are what is shown, and
# what is in actions/ is a part of actions.js.
MAY_IMPORT = {
    "pure": {"pure"},
    "element": {"pure", "element"},
    "api.js": {"pure"},
    "store.js": {"pure"},
    "actions.js": {"pure", "api.js", "store.js", "actions.js"},
    "panels.js": {"pure", "element", "store.js", "actions.js"},
    "parts.js": {"pure", "element", "actions.js", "panels.js"},
    "main.js": {"pure", "element", "api.js", "store.js", "actions.js", "parts.js"},
}


def kind(module: str) -> str:
    """What a module of static/ is, a key of MAY_IMPORT."""
    if module in JOINTS:
        return module
    for folder, name in (("elements/", "element"), ("actions/", "actions.js")):
        if module.startswith(folder):
            return name
    return "pure"


def imported(module: str) -> list[str]:
    """The names that a module of static/ imports, at its start or later, as they are written."""
    source = re.sub(r"/\*.*?\*/", "", (STATIC / module).read_text(), flags=re.DOTALL)
    return [first or second for first, second in IMPORT.findall(source)]


def resolved(module: str, name: str) -> str:
    """A relative name as a path from static/."""
    return ((STATIC / module).parent / name).resolve().relative_to(STATIC).as_posix()


def committed() -> list[Path]:
    """Every text file that git keeps, in a checkout."""
    git = shutil.which("git")
    assert git is not None, "this test reads the list of committed files: install git"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()]


def test_imports_are_read_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader of import lines sees every way of writing one, and no comment."""
    (tmp_path / "a.js").write_text(
        'import { a,\n  b } from "./b.js";\nimport "./c.js";\nexport * from "./d.js";\n'
        'const e = await import("./e.js");\n/** @type {import("./f.js").F} */\n'
    )
    monkeypatch.setattr(sys.modules[__name__], "STATIC", tmp_path)
    assert imported("a.js") == ["./b.js", "./c.js", "./d.js", "./e.js"]


@pytest.mark.parametrize("module", MODULES)
def test_modules_of_the_page_import_only_downwards(module: str) -> None:
    """pure ← elements; api, store ← actions; main, its panels and its parts alone join them."""
    inner = [resolved(module, name) for name in imported(module) if name.startswith(".")]
    above = [name for name in inner if kind(name) not in MAY_IMPORT[kind(module)]]
    assert above == []


@pytest.mark.parametrize("module", MODULES)
def test_what_the_page_imports_exists(module: str) -> None:
    """A relative import names a file of static/, a bare one a library of the import map."""
    libraries = json.loads((STATIC / "vendor" / "imports.json").read_text())
    missing = [
        name
        for name in imported(module)
        if not (
            (STATIC / resolved(module, name)).is_file()
            if name.startswith(".")
            else name in libraries
        )
    ]
    assert missing == []


def test_libraries_are_all_there_with_their_licences() -> None:
    """Each library of the import map is a file, and its licence came along."""
    vendor = STATIC / "vendor"
    libraries = json.loads((vendor / "imports.json").read_text())
    assert [file for file in set(libraries.values()) if not (vendor / file).is_file()] == []
    packages = {name.split("/")[0] for name in libraries}
    assert packages - {path.stem for path in (vendor / "licences").iterdir()} == set()


def test_style_sheets_load_only_files_that_exist() -> None:
    """Every url(…) and @import of a style sheet names a file beside it."""
    missing = [
        f"{sheet.relative_to(STATIC)}: {name}"
        for sheet in STATIC.rglob("*.css")
        for name in re.findall(r"""(?:url\(|@import )["']?([^"')]+)""", sheet.read_text())
        if not name.startswith(("data:", "#")) and not (sheet.parent / name).is_file()
    ]
    assert missing == []


def test_the_stage_has_every_style_sheet_of_its_folder() -> None:
    """The order of the sheets names each file of static/styles/ once, and nothing else."""
    assert sorted(SHEETS) == sorted(path.stem for path in (STATIC / "styles").glob("*.css"))


def test_the_page_names_no_other_host() -> None:
    """Nothing of static/ or templates/ is loaded from another host, nor links to one in passing."""
    loads = re.compile(
        r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//|url\(["']?(?:https?:)?//"""
        r"""|(?:import|from|fetch\()\s*["'](?:https?:)?//"""
    )
    files = [
        file for file in committed() if file.relative_to(ROOT).parts[0] in {"static", "templates"}
    ]
    assert [str(file) for file in files if loads.search(file.read_text())] == []


def test_the_lock_files_hold_no_addresses() -> None:
    """Each machine uses the registry that it is set up for: the pins name versions alone."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, pin in packages.items() if "resolved" in pin] == []
    assert "//" not in (ROOT / "constraints.txt").read_text()


def test_no_committed_file_names_a_registry() -> None:
    """No option in any committed file points a package client at an address."""
    options = re.compile(
        r"--(?:extra-)?index-url[ =]|^\s*registry\s*=|find-links[ =]", re.MULTILINE
    )
    naming = [
        file.relative_to(ROOT).as_posix()
        for file in committed()
        if file != Path(__file__).resolve() and options.search(file.read_text(errors="replace"))
    ]
    assert naming == []


def test_every_setting_is_in_the_documentation() -> None:
    """docs/operating.md has a place for each setting."""
    rows = (ROOT / "docs" / "operating.md").read_text().split("\n")
    named = {name for row in rows if row.startswith("| `") for name in re.findall("`(.+?)`", row)}
    assert set(Settings.model_fields) - named == set()


def test_the_import_contracts_of_python_are_kept() -> None:
    """import-linter finds the order of pyproject.toml in the packages."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command is not None, "import-linter is not installed: run `make setup`"
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_pins_cover_what_the_project_needs() -> None:
    """Every dependency of pyproject.toml, its bench peers aside, has a pin in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"]]
    for group in ("test", "lint"):
        wanted += project["dependency-groups"][group]
    pins = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().split("\n")}
    assert {re.split(r"[\[><=~!; ]", name)[0] for name in wanted} - pins == set()


def test_every_route_is_in_the_documentation(tmp_path: Path) -> None:
    """docs/wire.md names each call of the OpenAPI description: its method and its path."""
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        paths = client.get("/openapi.json").json()["paths"]
    rows = (ROOT / "docs" / "wire.md").read_text().split("\n")
    missing = [
        f"{method.upper()} {path}"
        for path, calls in paths.items()
        for method in calls
        if not any(
            method.upper() in row and re.search(re.escape(path) + "[`?]", row) for row in rows
        )
    ]
    assert missing == []


def test_every_convention_has_its_source() -> None:
    """Each row of the conventions in ``docs/model.md`` says where it comes from, be it us."""
    page = (STATIC.parent / "docs" / "model.md").read_text(encoding="utf-8")
    table = page.partition("## Conventions")[2].partition("##")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    assert [row[0] for row in rows if len(row) < 3 or len(row[-1].strip("|– ")) < 3] == []


def test_the_wire_names_every_chapter() -> None:
    """The chapters that a link may open or hide are those of ``docs/wire.md``, in that order."""
    page = (STATIC.parent / "docs" / "wire.md").read_text(encoding="utf-8")
    listed = re.search(r"The chapters of\s+the lesson are (.*?);", page, re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"`([a-z-]+)`", listed[1])) == get_args(Chapter)
