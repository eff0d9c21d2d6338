/**
 * The lines that explain one number: the formula unfolded in symbols, with numbers, worked out, its
 * value. A line says ≈ as soon as a number in it, or in a line above, was rounded; 0 is exact.
 */

import { format } from "./format.js";
import { lookupIn, value, workedOut } from "./formula.js";
import { symbol } from "./notation.js";
import { texNumber, typeset, typesetParts } from "./typeset.js";

/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./typeset.js").Spot} Spot */
/** @typedef {{name: "unfolded" | "numbers" | "sum" | "product" | "value", tex: string, spots: Spot[], exact: boolean}} Line */
/**
 * @typedef {object} Setting
 * @property {import("./formula.js").Trace} trace
 * @property {import("./notation.js").Network} network
 * @property {number} digits
 * @property {ReadonlySet<string>} open paths of the long sums that are shown whole
 * @property {boolean} unfolded was anything unfolded, so that the symbols are worth a line?
 */

/**
 * @param {Tree} tree
 * @param {Setting} setting
 * @returns {Line[]}
 */
export function explainingLines(tree, { trace, network, digits, open, unfolded }) {
  const look = lookupIn(trace);
  let exact = true;
  /** @param {number} number */
  const number = (number) => {
    const text = numberText(number, digits);
    exact &&= isExact(text, number);
    return texNumber(text);
  };
  /** @type {import("./typeset.js").Writing} */
  const values = { cell: (cell) => number(look(cell)), number, lookup: look, open };
  const symbols = { ...values, lookup: null, cell: (/** @type {Cell} */ c) => symbol(network, c) };
  /** @type {Line[]} */
  const lines = [];
  /** @type {(name: Line["name"], made: {tex: string, spots: Spot[]}) => void} */
  const add = (name, made) => {
    if (made.tex !== lines.at(-1)?.tex) lines.push({ name, ...made, exact });
  };
  if (unfolded) add("unfolded", typeset(tree, symbols));
  add("numbers", typeset(tree, values));
  const worked = workedOut(tree, look);
  if (worked) add(worked.op, typesetParts(worked.op, worked.parts, values));
  const result = value(tree, look);
  const bare = tree.op === "cell" || tree.op === "number";
  const tex = number(result);
  // A zero that comes of a zero factor is exact, however the other factors were rounded.
  if (!bare) lines.push({ name: "value", tex, spots: [], exact: exact || result === 0 });
  return lines;
}

/**
 * A number in a formula: whole ones without decimals.
 * @param {number} number
 * @param {number} digits
 */
export function numberText(number, digits) {
  return Number.isInteger(number) ? format(number, 0) : format(number, digits);
}

/**
 * Does the text say the number exactly?
 * @param {string} text
 * @param {number} number
 */
function isExact(text, number) {
  return Number(text.replaceAll("\u2212", "-")) === number;
}
