/**
 * Cells without elements of their own: a pixel each on a canvas that is stretched over the sheet, and over
 * it a few lines. Thousands of cells change as fast as one.
 */

import { html, nothing, svg } from "lit";

import { NUMBERS_FROM } from "./geometry.js";
import { channels, colour, inkOn } from "./scale.js";
import { placeOf, sizeOf } from "./sheets.js";

/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./moment.js").Reading} Reading */
/** @typedef {import("./scale.js").Kind} Kind */
/** @typedef {import("./scale.js").Theme} Theme */
/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {{sheet: Sheet | null, reading: Reading | null, scale: Scale, theme: Theme}} Painting */

/** Smaller cells cannot be told apart: they have no keys, and nothing parts them. */
export const TEXTURE_BELOW = 7;
/** Smaller cells have no minus. */
const MINUS_FROM = 8;
/** So many cells of a large map are elements, with or without numbers. */
const FEW = 100;
/** Steps from no colour to the deepest. */
const SHADES = 64;

/**
 * Are the cells painted? Those with numbers are not, nor few that can be told apart, nor those that
 * stand apart.
 * @param {Sheet} sheet
 */
export function isPainted({ small, cell, gap, rows, cols }) {
  const few = cell >= TEXTURE_BELOW && rows * cols <= FEW;
  return gap === 0 && (small || (cell < NUMBERS_FROM && !few));
}

/**
 * What the cells of a sheet are painted on.
 * @param {Sheet} sheet
 * @param {() => void} again paints them where the browser has thrown the paint away
 */
export function canvasOf(sheet, again) {
  const { width, height } = sizeOf(sheet);
  return html`<canvas
    class="sheet paint"
    aria-hidden="true"
    @contextrestored=${again}
    data-tensor=${sheet.tensor}
    width=${sheet.cols}
    height=${sheet.rows}
    style=${`width:${width}px;height:${height}px`}
  ></canvas>`;
}

/**
 * @param {HTMLCanvasElement | null} canvas
 * @param {Painting} painting
 */
export function paint(canvas, { sheet, reading, scale, theme }) {
  const context = canvas?.getContext("2d");
  if (!context || !sheet || !reading) return;
  const { limit } = scale;
  const palette = paletteOf(scale.kind, theme);
  const pixels = new Uint32Array(sheet.rows * sheet.cols);
  for (let i = 0; i < sheet.rows; i += 1) {
    for (let j = 0; j < sheet.cols; j += 1) {
      const value = reading.tensor.values[placeOf(sheet, i, j)];
      if (value === undefined) continue;
      const part = limit > 0 ? Math.max(-1, Math.min(1, value / limit)) : 0;
      pixels[i * sheet.cols + j] = palette[Math.round(part * SHADES) + SHADES] ?? 0;
    }
  }
  const bytes = new Uint8ClampedArray(pixels.buffer);
  context.putImageData(new ImageData(bytes, sheet.cols, sheet.rows), 0, 0);
}

/** @type {Map<string, Uint32Array>} */
const palettes = new Map();

/**
 * The colours of a scale from −limit to limit in equal steps, as `ImageData` holds them.
 * @param {Kind} kind
 * @param {Theme} theme
 */
function paletteOf(kind, theme) {
  const known = palettes.get(`${kind} ${theme}`);
  if (known) return known;
  const bytes = Array.from({ length: 2 * SHADES + 1 }, (_, at) => {
    const text = colour(at - SHADES, { kind, limit: SHADES }, theme);
    return [...channels(text), 255];
  });
  const palette = new Uint32Array(new Uint8Array(bytes.flat()).buffer);
  palettes.set(`${kind} ${theme}`, palette);
  return palette;
}

/**
 * Over the paint: what parts the cells, and a minus on each negative one that is large enough. Where
 * nothing is written yet: their outlines.
 * @param {Sheet} sheet
 * @param {Reading} reading
 * @param {Scale} scale
 * @param {Theme} theme
 */
export function linesOver(sheet, reading, scale, theme) {
  const { width, height } = sizeOf(sheet);
  const { rows, cols, cell } = sheet;
  if (cell < TEXTURE_BELOW) {
    const kind = reading.written ? "frame" : "empty";
    return svg`<rect x="0.5" y="0.5" width=${width - 1} height=${height - 1} class=${kind} fill="none"></rect>`;
  }
  let parting = `M0 0v${height}M0 0h${width}`;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < cols; j += 1) {
      if (placeOf(sheet, i, j) < 0) continue;
      parting += `M${(j + 1) * cell} ${i * cell}v${cell}h${-cell}`;
    }
  }
  const kind = reading.written ? "parting" : "empty";
  return svg`<path class=${kind} d=${parting}></path>${
    reading.written ? minuses(sheet, reading, scale, theme) : nothing
  }`;
}

/**
 * One path for each ink.
 * @param {Sheet} sheet
 * @param {Reading} reading
 * @param {Scale} scale
 * @param {Theme} theme
 */
function minuses(sheet, { tensor: { values } }, scale, theme) {
  const { rows, cols, cell } = sheet;
  /** @type {Record<string, string>} */
  const signs = {};
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < cols; j += 1) {
      const value = values[placeOf(sheet, i, j)] ?? 0;
      if (!hasMinus(value, scale, cell)) continue;
      const ink = inkOn(colour(value, scale, theme));
      signs[ink] = (signs[ink] ?? "") + minus(j * cell, i * cell, cell);
    }
  }
  return Object.entries(signs).map(
    ([ink, d]) => svg`<path class="minus" stroke=${ink} d=${d}></path>`,
  );
}

/**
 * Does a cell without a number have a minus?
 * @param {number} value
 * @param {Scale} scale
 * @param {number} cell
 */
export function hasMinus(value, { limit }, cell) {
  return cell >= MINUS_FROM && value < -limit * 0.015;
}

/**
 * The path of a minus in the middle of a cell.
 * @param {number} x
 * @param {number} y
 * @param {number} cell
 */
export function minus(x, y, cell) {
  return `M${x + cell * 0.3} ${y + cell / 2}h${cell * 0.4}`;
}
