"""Readers of other people's data sets: JSON, CSV, NPZ and XLSX.

`read(filename, content)` looks at what is in a file, not only at its name, and answers either with
an `Imported` set of images or with an `ImportProblem` that says which sheet, row or field is wrong.
"""

from __future__ import annotations

from app.imports.base import Imported, ImportProblem
from app.imports.reading import read

__all__ = ["ImportProblem", "Imported", "read"]
