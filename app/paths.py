"""Where the page's files lie: in a checkout beside the packages, in a wheel under app/_web/."""

from pathlib import Path

HERE = Path(__file__).resolve().parent


def web(folder: str) -> Path:
    """The folder `static` or `templates`, of this installation.

    Raises:
        FileNotFoundError: the folder is in neither place; the installation is incomplete.
    """
    places = (HERE / "_web" / folder, HERE.parent / folder)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(
        f"Backlit's folder {folder}/ is missing; it was looked for in {places}."
    )


STATIC = web("static")
TEMPLATES = web("templates")
VENDOR_IMPORTS = STATIC / "vendor" / "imports.json"
