"""Digits that the project draws itself: `glyphs-28x28`, no download and nobody's handwriting.

Each style of strokes.py becomes a map of distances to its strokes, once. An image looks that map up
through a bent window (turned, slanted, stretched and moved at random, then shaken by a smooth field
of displacements) and inks what is nearer than the pen is thick. All images are made together.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.datasets.strokes import STYLES, Points, Stroke

__all__ = ["drawn"]

Floats = NDArray[np.float64]

SIDE = 28  # pixels
TALL = 20  # pixels from the top of a digit to its bottom
MARGIN = 0.3  # of a digit's height, around the digit in a map of distances
GRID = 64  # points along each side of a map of distances
KNOTS = 4  # random displacements along each side of an image


def drawn(each: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return images (10·each, 28, 28) of ink, 0 to 1 in hundredths, and labels 0, 1, …, 9, 0, ….

    The same numbers give the same images; the styles of a digit are equally likely.
    """
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(10, dtype=np.int64), each)
    x, y = _window(len(labels), rng)
    maps, styles = _maps(labels, rng)
    distance = _looked_up(maps, styles, x, y) * TALL
    pen = rng.uniform(0.8, 1.7, (len(labels), 1, 1))
    ink: Floats = np.minimum(np.maximum(pen - distance + 0.5, 0), 1)
    return ink.round(2), labels


def _window(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return where in the digit each pixel of each image looks: x and y, (n, 28, 28)."""
    axis = (np.arange(SIDE) + 0.5 - SIDE / 2) / TALL
    down, across = axis[:, np.newaxis], axis
    turn, slant = rng.uniform(-0.2, 0.2, (n, 1, 1)), rng.uniform(-0.25, 0.25, (n, 1, 1))
    wide, tall = rng.uniform(0.75, 1.15, (n, 1, 1)), rng.uniform(0.85, 1.15, (n, 1, 1))
    right, low = rng.uniform(-0.08, 0.08, (2, n, 1, 1))
    x = np.cos(turn) * (across - right) + np.sin(turn) * (down - low)
    y = np.cos(turn) * (down - low) - np.sin(turn) * (across - right)
    x, y = (x + slant * y) / wide, y / tall
    shake = rng.normal(0, 0.035, (2, n, KNOTS, KNOTS))
    smooth = _smooth()
    dx, dy = smooth @ shake @ smooth.T
    return x + dx + 0.5, y + dy + 0.5


def _smooth() -> Floats:
    """Return (28, knots): how much each knot moves each pixel; each row adds up to 1."""
    knots = np.linspace(0, SIDE, KNOTS)
    pixels = np.arange(SIDE)[:, np.newaxis] + 0.5
    weights = np.exp(-(((pixels - knots) / (SIDE / KNOTS)) ** 2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _maps(labels: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Return the maps (style, y, x) of all styles and the style of each image (n,)."""
    maps = [_distances(style) for digit in range(10) for style in STYLES[digit]]
    counts = np.array([len(STYLES[digit]) for digit in range(10)])
    first = np.cumsum(counts) - counts
    chosen = (rng.random(len(labels)) * counts[labels]).astype(np.int64)
    return np.array(maps), first[labels] + chosen


@cache
def _distances(style: tuple[Stroke, ...]) -> Floats:
    """Return the distance from each point of the grid to the nearest stroke: (y, x)."""
    axis = np.linspace(-MARGIN, 1 + MARGIN, GRID)
    x, y = axis[:, np.newaxis], axis[:, np.newaxis, np.newaxis]
    squares = np.full((GRID, GRID), np.inf)
    for stroke in style:
        way = _way(stroke)
        left, top = way[:-1].T
        dx, dy = np.diff(way, axis=0).T
        along = ((x - left) * dx + (y - top) * dy) / (dx**2 + dy**2)  # (y, x, segment)
        along = np.minimum(np.maximum(along, 0), 1)
        apart = (x - left - along * dx) ** 2 + (y - top - along * dy) ** 2
        squares = np.minimum(squares, apart.min(axis=-1))
    return np.asarray(np.sqrt(squares))


def _way(stroke: Stroke) -> Floats:
    """Return the points (m, 2) of a stroke, close enough to be joined by straight lines."""
    kind, points = stroke
    return np.array(points) if kind == "line" else _spline(points)


def _spline(points: Points) -> Floats:
    """Return a Catmull-Rom spline through the points, eight steps from one to the next."""
    p = np.array(points)
    closed = points[0] == points[-1]
    before = p[-2] if closed else p[0]
    after = p[1] if closed else p[-1]
    padded = np.vstack([before, p, after])
    tangents = (padded[2:] - padded[:-2])[:, np.newaxis] / 2  # (m, 1, 2)
    t = np.arange(8)[:, np.newaxis] / 8
    a, b = p[:-1, np.newaxis], p[1:, np.newaxis]
    way = (
        (2 * t**3 - 3 * t**2 + 1) * a
        + (t**3 - 2 * t**2 + t) * tangents[:-1]
        + (3 * t**2 - 2 * t**3) * b
        + (t**3 - t**2) * tangents[1:]
    )
    return np.vstack([way.reshape(-1, 2), p[-1]])


def _looked_up(maps: Floats, styles: NDArray[np.int64], x: Floats, y: Floats) -> Floats:
    """Return the distance at (x, y) of each image's map, between grid points bilinearly."""
    u, v = (
        np.clip((place + MARGIN) * (GRID - 1) / (1 + 2 * MARGIN), 0, GRID - 1.001)
        for place in (x, y)
    )
    j, i = u.astype(np.int64), v.astype(np.int64)
    u, v = u - j, v - i
    flat = (styles[:, np.newaxis, np.newaxis] * GRID + i) * GRID + j
    cells = maps.ravel()
    upper = cells[flat] * (1 - u) + cells[flat + 1] * u
    lower = cells[flat + GRID] * (1 - u) + cells[flat + GRID + 1] * u
    return np.asarray(upper * (1 - v) + lower * v)
