/**
 * A formula as a film: what is gathered, one beat after the other, and what has come together so far.
 *
 * One mechanism for all tensors, driven by the engine's formulas alone. `terms` gathers the terms (or
 * factors) of one cell: sixteen products of an error and a pixel, three paths into one pooled cell.
 * `cells` goes over the map, cell by cell, with what each reads: the filter window slides over the
 * image; an error is poured through the winner of its block.
 */

import { cells, children, nameOf, nodeAt, terms, value } from "./formula.js";
import { flatten } from "./moment.js";
import { mapOf } from "./factors.js";

/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Lookup} Lookup */
/** @typedef {import("./explanation.js").Formula} Formula */
/** @typedef {"terms" | "cells"} Kind */
/**
 * @typedef {object} Beat
 * @property {readonly Cell[]} value the cells that are made; the first is the one explained
 * @property {readonly Cell[]} reads all that their formula reads
 * @property {readonly Cell[]} term what this beat takes of it; empty where the rest is worked out
 * @property {Tree} tree the term, or the whole formula
 * @property {number} amount what it comes to
 * @property {"sum" | "product" | "max" | null} op how it joins what was there; null: it replaces it
 * @property {number} total what has come together after this beat
 */

/**
 * @typedef {object} Film
 * @property {Cell} subject the cell that it was begun with
 * @property {Kind} kind
 * @property {readonly Kind[]} kinds what else could be shown of it
 * @property {readonly Beat[]} beats
 * @property {number} at which beat is shown
 * @property {boolean} playing
 * @property {boolean} aside has the pointer taken over?
 * @property {boolean} calm does nothing move by itself?
 */

/** How long a beat stands, in milliseconds. */
const BEAT = 250;
/** A film with more beats than this goes faster, so that it ends while one still looks. */
const MANY = 64;
const QUICKEST = 40;

/**
 * How long each of so many beats stands, in milliseconds.
 * @param {number} count
 */
export function beatLength(count) {
  return count <= MANY ? BEAT : Math.max(QUICKEST, (BEAT * MANY) / count);
}

/**
 * The node whose parts are gathered: the topmost sum, product or maximum of more than one part, below
 * what merely scales it or is applied to it.
 * @param {Tree} tree
 * @returns {import("./formula.js").Path}
 */
export function gathered(tree) {
  const below = children(tree);
  const [first] = below;
  if (!first) return [];
  if (tree.op === "sum" && below.length > 1) return [];
  if (tree.op === "max") return [];
  if (tree.op === "product" && below.length > 1) {
    const sums = below.flatMap((one, i) => (one.op === "sum" && one.args.length > 1 ? [i] : []));
    const [only = 0] = sums;
    const scaled = sums.length === 1 && below.every((one, i) => i === only || one.op === "number");
    return scaled ? [only, ...gathered(below[only] ?? first)] : [];
  }
  const deeper = gathered(first);
  return children(nodeAt(first, deeper)).length > 1 ? [0, ...deeper] : [];
}

/**
 * The parts of a cell's formula, one by one.
 * @param {Formula & {of?: string | null}} formula
 * @param {Lookup} lookup
 * @returns {Beat[]}
 */
export function termBeats(formula, lookup) {
  const path = gathered(formula.tree);
  const node = nodeAt(formula.tree, path);
  /** @type {"sum" | "product" | "max"} */
  const op = node.op === "product" || node.op === "max" ? node.op : "sum";
  const parts = op === "sum" ? terms(node, lookup).map((one) => one.tree) : children(node);
  const common = { value: [cellOf(formula)], reads: formula.cells };
  let total = NaN;
  const beats = parts.map((tree, i) => {
    /** @type {Beat["op"]} */
    const by = i === 0 ? null : op;
    const amount = value(tree, lookup);
    total = by ? joined(by, total, amount) : amount;
    return { ...common, term: cells(tree), tree, amount, op: by, total };
  });
  const whole = value(formula.tree, lookup);
  const last = { ...common, term: [], tree: formula.tree, amount: whole, op: null, total: whole };
  return path.length > 0 && node !== formula.tree && whole !== total ? [...beats, last] : beats;
}

/**
 * The cells of a map, one by one with what each reads; cells that read the very same (a block into
 * which one error is poured) come together, those that get something first.
 * @param {readonly Formula[]} formulas of the whole tensor, row-major
 * @param {readonly number[]} shape
 * @param {readonly number[]} index of a cell of the map
 * @param {Lookup} lookup
 * @returns {Beat[]}
 */
export function cellBeats(formulas, shape, index, lookup) {
  /** @type {Map<string, Formula[]>} */
  const blocks = new Map();
  for (const place of mapOf(shape, index)) {
    const formula = formulas[flatten(shape, place)];
    if (!formula) return [];
    const key = formula.cells.map(nameOf).join();
    blocks.set(key, [...(blocks.get(key) ?? []), formula]);
  }
  return [...blocks.values()].map((block) => {
    const [formula] = block.toSorted((a, b) => size(b, lookup) - size(a, lookup));
    const { tree, cells: reads } = /** @type {Formula} */ (formula);
    const amount = value(tree, lookup);
    const first = /** @type {Formula} */ (formula);
    const made = [first, ...block.filter((one) => one !== first)].map(cellOf);
    return { value: made, reads, term: reads, tree, amount, op: null, total: amount };
  });
}

/**
 * The kinds of film that there are for a cell: terms where there is more than one, cells where the
 * map has more than one. What an indicator lets through or not has no terms: the map shows it.
 * @param {readonly Formula[]} formulas of the tensor
 * @param {readonly number[]} shape
 * @param {readonly number[]} index
 * @returns {Kind[]}
 */
export function kindsOf(formulas, shape, index) {
  const own = formulas[flatten(shape, index)];
  if (!own) return [];
  const { op, args: parts = [] } = /** @type {{op: string, args?: readonly Tree[]}} */ (
    nodeAt(own.tree, gathered(own.tree))
  );
  const chooses = op === "product" && parts.some((one) => one.op === "indicator");
  const map = mapOf(shape, index);
  const whole = map.length > 1 && map.every((place) => formulas[flatten(shape, place)]);
  return [
    ...(parts.length > 1 && !chooses ? [/** @type {const} */ ("terms")] : []),
    ...(whole ? [/** @type {const} */ ("cells")] : []),
  ];
}

/** @param {Formula & {of?: string | null}} formula @returns {Cell} */
function cellOf({ tensor, index, of = null }) {
  return { tensor, index, of };
}

/** @param {Formula} formula @param {Lookup} lookup */
function size({ tree }, lookup) {
  return Math.abs(value(tree, lookup));
}

/**
 * @param {"sum" | "product" | "max"} op
 * @param {number} total
 * @param {number} amount
 */
function joined(op, total, amount) {
  if (op === "sum") return total + amount;
  return op === "product" ? total * amount : Math.max(total, amount);
}
