/**
 * Where the grids of one tensor stand when it is opened large: every cell with its number, as large
 * as the room allows, and no smaller than can be read; what does not fit is scrolled to.
 */

import { NUMBERS_FROM } from "./geometry.js";
import { gridsOf, mapsOf, sizeOf } from "./sheets.js";

/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./sheets.js").Layer} Layer */

const SMALLEST = NUMBERS_FROM + 1;
const LARGEST = 72;
const BETWEEN = 22;
const MARGIN = 26;

/**
 * How a tensor's cells are laid out, by what it belongs to.
 * @param {string} tensor
 * @param {readonly number[]} shape
 * @param {readonly Layer[]} layers
 */
export function kindOf(tensor, shape, layers) {
  const [letter, name = ""] = tensor.split(".");
  const layer = layers.find((one) => one.letter === letter);
  if (shape.length === 0) return "scalar";
  if (name === "w" || name === "dw" || name.startsWith("w.")) {
    return layer?.type.startsWith("conv") ? "kernel" : "weights";
  }
  return shape.length === 3 ? "maps" : "vector";
}

/**
 * The sheets of one map of a tensor, side by side in rows.
 * @param {{tensor: string, shape: readonly number[], layers: readonly Layer[], map: number, width: number, height: number}} given
 *   `width` and `height` are the room, in pixels
 * @returns {{sheets: Sheet[], width: number, height: number}}
 */
export function spread({ tensor, shape, layers, map, width, height }) {
  const kind = kindOf(tensor, shape, layers);
  const grids = gridsOf(tensor, shape, kind, map);
  const { rows, cols } = grids[0] ?? { rows: 1, cols: 1 };
  const fit = (/** @type {number} */ across) => {
    const down = Math.ceil(grids.length / across);
    const wide = (width - MARGIN - (across - 1) * BETWEEN) / (across * cols);
    const high = (height - MARGIN - (down - 1) * BETWEEN) / (down * rows);
    return Math.min(wide, high);
  };
  let across = 1;
  for (let n = 2; n <= grids.length; n += 1) if (fit(n) > fit(across)) across = n;
  const cell = Math.floor(Math.max(SMALLEST, Math.min(LARGEST, fit(across))));
  const sheets = grids.map((grid, n) => ({
    ...grid,
    key: `${tensor}:${grid.offset}`,
    lane: /** @type {0} */ (0),
    slot: 0,
    x: MARGIN + (n % across) * (cols * cell + BETWEEN),
    y: MARGIN + Math.floor(n / across) * (rows * cell + BETWEEN),
    cell,
    gap: 0,
    small: false,
    map: mapsOf(kind, shape) > 1 ? map : null,
    caption: grids.length > 1 ? n : null,
  }));
  const ends = sheets.map((sheet) => {
    const size = sizeOf(sheet);
    return { right: sheet.x + size.width, bottom: sheet.y + size.height };
  });
  return {
    sheets,
    width: Math.max(...ends.map(({ right }) => right)) + 4,
    height: Math.max(...ends.map(({ bottom }) => bottom)) + 4,
  };
}
