/** Words on the map that stand beside cells: the classes of the outputs, the symbols of biases. */

import { html } from "lit";

/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {{x: number, y: number, text: unknown, kind: "to" | "name" | "of"}} Mark */
/** @typedef {{last: string, classes: readonly string[], symbol: (tensor: string) => unknown}} Said `last` is the letter of the output layer */

/**
 * Class names beside the outputs, below their weights, and the symbol of each bias.
 * @param {readonly Sheet[]} sheets
 * @param {Said} said
 */
export function wordsBeside(sheets, said) {
  const marks = sheets
    .filter((sheet) => !sheet.small)
    .flatMap((sheet) => [
      ...(isInLine(sheet, sheets) ? classBelow(sheet, said) : []),
      ...nameBeside(sheet, said),
      ...classesBeside(sheet, said),
    ]);
  return marks.map(
    ({ x, y, text, kind }) =>
      html`<span class=${`mark ${kind}`} style=${`left:${x}px;top:${y}px`} aria-hidden="true"
        >${text}</span
      >`,
  );
}

/**
 * Is there room for words below a sheet: do all of its tensor stand in one line?
 * @param {Sheet} sheet
 * @param {readonly Sheet[]} sheets
 */
function isInLine({ tensor, y }, sheets) {
  return sheets.every((one) => one.small || one.tensor !== tensor || one.y === y);
}

/**
 * @param {Sheet} sheet
 * @param {Said} said
 * @returns {Mark[]}
 */
function classBelow({ tensor, x, y, rows, cols, cell, caption }, { last, classes }) {
  if (caption === null || !tensor.startsWith(`${last}.`) || cell <= 14) return [];
  const text = `→ ${classes[caption] ?? caption}`;
  return [{ x: x + (cols * cell) / 2, y: y + rows * cell + 2, text, kind: "to" }];
}

/**
 * @param {Sheet} sheet
 * @param {Said} said
 * @returns {Mark[]}
 */
function nameBeside({ tensor, map, x, y, cell }, { symbol }) {
  if (!/\.d?b$/.test(tensor) || map === null || cell <= 14) return [];
  return [{ x: x + cell + 7, y: y + cell / 2, text: symbol(tensor), kind: "name" }];
}

/**
 * @param {Sheet} sheet
 * @param {Said} said
 * @returns {Mark[]}
 */
function classesBeside({ tensor, x, y, rows, cols, cell, gap }, { last, classes }) {
  const first = tensor === `${last}.b` || tensor === `${last}.db`;
  if (!first || cols > 1 || cell <= 12) return [];
  return Array.from({ length: rows }, (_, i) => ({
    x: x - 9,
    y: y + i * (cell + gap) + cell / 2 - 9,
    text: classes[i] ?? String(i),
    kind: "of",
  }));
}
