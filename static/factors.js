/** The factors that make a map of errors, cell by cell. */

import { pooled, poolAbove } from "./explanation.js";
import { lookupIn } from "./formula.js";
import { flatten } from "./moment.js";

/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Trace} Trace */
/** @typedef {import("./explanation.js").Formulas} Formulas */

/**
 * The grids whose product, cell by cell, is δ: what arrives, the pooling mask (where a pool is
 * above), the slope. Null until everything is there, or where δ is no such product.
 * @param {{layers: readonly {letter: string, type: string}[]}} run
 * @param {Trace} trace
 * @param {Formulas} formulas
 * @param {Cell} cell
 * @returns {{name: "arrives" | "mask" | "slope" | "delta", values: number[]}[] | null}
 */
export function deltaFactors(run, trace, formulas, { tensor, index }) {
  const [letter = "", name] = tensor.split(".");
  const delta = trace.tensors[tensor];
  const slope = trace.tensors[`${letter}.slope`];
  const da = trace.tensors[`${letter}.da`];
  if (name !== "delta" || !delta || !slope || !da) return null;
  const places = mapOf(delta.shape, index);
  const look = lookupIn(trace);
  const pool = poolAbove(run.layers, letter);
  const mask = pool && trace.tensors[`${pool.letter}.mask`];
  /** @type {(values: {shape: readonly number[], values: readonly number[]}) => number[]} */
  const grid = (one) => places.map((at) => one.values[flatten(one.shape, at)] ?? NaN);
  const tail = [
    { name: /** @type {const} */ ("slope"), values: grid(slope) },
    { name: /** @type {const} */ ("delta"), values: grid(delta) },
  ];
  if (!mask) return [{ name: "arrives", values: grid(da) }, ...tail];
  if (!formulas[`${letter}.da`]) return null;
  /** @param {readonly number[]} at */
  const arrives = (at) =>
    pooled(formulas, trace, letter, at).reduce((sum, one) => sum + look(one), 0);
  return [
    { name: "arrives", values: places.map(arrives) },
    { name: "mask", values: grid(mask) },
    ...tail,
  ];
}

/**
 * The indices of the map (or vector) that holds a cell, row-major.
 * @param {readonly number[]} shape
 * @param {readonly number[]} index
 * @returns {number[][]}
 */
export function mapOf(shape, [first = 0]) {
  const [units = 1, rows = 1, columns = 1] = shape;
  if (shape.length < 3) return Array.from({ length: units }, (_, u) => [u]);
  return Array.from({ length: rows * columns }, (_, n) => [
    first,
    Math.floor(n / columns),
    n % columns,
  ]);
}
