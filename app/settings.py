"""What the operator may set: addresses and limits, from the environment (``BACKLIT_PORT=9000``)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Bound = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """Every setting with its default; each is read from ``BACKLIT_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BACKLIT_", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data: Path = Path("backlit-data")

    synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    """``NORMAL`` outlives the end of the process, ``FULL`` the loss of power too (slower)."""

    store_bytes: Bound = 20_000_000_000
    """The most bytes that the store's file may have; beyond them nothing new is kept."""

    run_days: float = Field(365.0, gt=0)
    """Days after which a run that nobody has used is removed, or a data set that nothing names."""

    runs: Bound = 100_000
    """How many runs are kept; beyond them the longest unused go, but none used in the last hour."""

    rate: float = Field(500.0, ge=0)
    """Requests a second that one address may make, a whole class behind one router; 0: any."""

    rate_burst: Bound = 5_000
    """Requests that an address may make at once, before ``rate`` is what it gets."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """``info`` writes a line for each request."""

    log_format: Literal["words", "json"] = "words"
    """How the lines are written: for people, or for programs."""

    framed_by: str = Field("*", pattern=r"^[^;,\x00-\x20]+( [^;,\x00-\x20]+)*$")
    """The sites that may show the page as ``?embed=1`` in a frame, as Content-Security-Policy
    writes them; without ``embed`` only the server's own pages may."""

    body_bytes: Bound = 4_000_000
    """The largest body of a request."""

    descent_iterations: Bound = 10_000
    """The most iterations that one descent may ask for."""

    history_iterations: Bound = 1_000_000
    """The most iterations that one run may reach."""

    formula_cells: Bound = 1_024
    """The most cells whose formulas go out in one answer."""

    formula_terms: Bound = 50_000
    """The most cells that the formulas of one answer may read, all together."""

    datasets: Bound = 1_000
    """The most data sets that people may bring; for one more, the longest unused goes that nothing
    names, but none of the last hour."""

    moments: Bound = 10_000
    """The most moments that are kept; beyond them the longest unused ones go."""

    moment_bytes: Bound = 16_000_000
    """The largest moment, packed."""

    moments_bytes: Bound = 500_000_000
    """The most bytes that all moments take; beyond them the longest unused ones go."""

    tensor_cells: Bound = 200_000
    """The most cells that one tensor of a network may have."""

    parameters: Bound = 200_000
    """The most parameters that a network may have."""

    trainings: Bound = 100
    """How many trainings may run at once."""

    trainings_each: Bound = 50
    """How many of them one address may have started, a whole class behind one router."""

    branches: Bound = 20
    """How many futures of one run may be kept."""

    streams: Bound = 1_000
    """How many event streams may be open at once."""

    streams_each: Bound = 500
    """How many of them one address may open."""

    connections: Bound = 3_000
    """How many connections may be open at once, event streams among them."""

    connections_each: Bound = 1_500
    """How many of them one address may open, a whole class or a proxy behind it."""

    live_runs: Bound = 256
    """How many runs are kept in memory besides the store."""
