/** Where cells are in the picture: boxes of cells, and of the window that some of them fill. */

import { placeOf } from "./sheets.js";
import { flatten } from "./moment.js";

/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {Readonly<Record<string, {shape: readonly number[]}>>} Shapes */
/** @typedef {Box & {sheet: Sheet, row: number, column: number}} Spot */

/**
 * The box of a cell, on the large sheet where it is on one; null where the picture has no such cell.
 * @param {readonly Sheet[]} sheets
 * @param {Shapes} shapes tensors by id
 * @param {Cell} cell
 * @returns {Spot | null}
 */
export function boxOf(sheets, shapes, { tensor, index }) {
  const place = flatten(shapes[tensor]?.shape ?? [-1], index);
  if (place < 0) return null;
  const own = sheets.filter((sheet) => sheet.tensor === tensor);
  for (const sheet of own.toSorted((a, b) => Number(a.small) - Number(b.small))) {
    const found = find(sheet, place);
    if (found) return found;
  }
  return null;
}

/**
 * @param {Sheet} sheet
 * @param {number} place
 * @returns {Spot | null}
 */
function find(sheet, place) {
  const { rows, cols, cell, gap } = sheet;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < cols; column += 1) {
      if (placeOf(sheet, row, column) !== place) continue;
      const [x, y] = [sheet.x + column * cell, sheet.y + row * (cell + gap)];
      return { x, y, width: cell, height: cell, sheet, row, column };
    }
  }
  return null;
}

/**
 * The windows that cells fill: a rectangle of one sheet with every cell of it among them, for each
 * tensor that has one of more than one cell.
 * @param {readonly Sheet[]} sheets
 * @param {Shapes} shapes
 * @param {readonly Cell[]} cells
 * @returns {(Box & {tensor: string})[]}
 */
export function windowsOf(sheets, shapes, cells) {
  /** @type {Map<string, Spot[]>} */
  const groups = new Map();
  for (const cell of cells) {
    const spot = boxOf(sheets, shapes, cell);
    if (spot) groups.set(cell.tensor, [...(groups.get(cell.tensor) ?? []), spot]);
  }
  return [...groups].flatMap(([tensor, spots]) => {
    const box = filled(spots);
    return box ? [{ tensor, ...box }] : [];
  });
}

/**
 * @param {readonly Spot[]} spots
 * @returns {Box | null}
 */
function filled(spots) {
  const [first] = spots;
  if (!first || spots.length < 2 || spots.some((one) => one.sheet !== first.sheet)) return null;
  const [rows, columns] = [spots.map((one) => one.row), spots.map((one) => one.column)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  const [down, across] = [Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
  if (down * across !== spots.length) return null;
  const { x, y, cell, gap } = first.sheet;
  return {
    x: x + left * cell,
    y: y + top * (cell + gap),
    width: across * cell,
    height: down * cell + (down - 1) * gap,
  };
}
