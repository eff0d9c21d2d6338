/**
 * A formula tree of the wire, read in several ways: its value, its cells, its terms, as TeX with
 * every number an element of its own, and one level deeper (the chain rule).
 *
 * A path is the way from the root to a node: child numbers, `[0, 2]` is the third child of the
 * first. Paths name nodes on the screen, so that a number can be pointed at and unfolded.
 */

import { flatten, tensorOf } from "./moment.js";

/** @typedef {{tensor: string, index: readonly number[], of?: string | null}} Cell */
/** @typedef {{op: "cell"} & Cell} CellNode */
/** @typedef {{op: "number", value: number}} NumberNode */
/** @typedef {{op: "sum" | "product" | "max" | "quotient" | "power" | "indicator", args: readonly Tree[]}} GatheringNode */
/** @typedef {{op: "apply", function: string, args: readonly Tree[]}} ApplyNode */
/** @typedef {CellNode | NumberNode | GatheringNode | ApplyNode} Tree */
/** @typedef {readonly number[]} Path */
/** @typedef {(cell: Cell) => number} Lookup */
/** @typedef {{shape: readonly number[], values: readonly number[]}} Values */
/** @typedef {{tensors: Record<string, Values>, batch?: {C: number, gradients: Record<string, Values>, updated: Record<string, Values>} | null, flat?: Record<string, number>}} Trace */

/**
 * Read cells of a trace: 0 outside a tensor's shape, NaN where there is no such tensor.
 * @param {Trace} trace
 * @returns {Lookup}
 */
export function lookupIn(trace) {
  return (cell) => {
    const found = tensorOf(trace, cell);
    if (!found) return NaN;
    const place = flatten(found.shape, cell.index);
    return place < 0 ? 0 : (found.values[place] ?? NaN);
  };
}

/** @param {number} z */
const sigmoid = (z) => {
  const e = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
};
/** @param {number} z */
const sigmoidPrime = (z) => {
  const e = Math.exp(-Math.abs(z));
  return e / ((1 + e) * (1 + e));
};

/** The functions that a formula may apply, numerically as the engine has them.
 * @type {Readonly<Record<string, (...z: number[]) => number>>} */
export const FUNCTIONS = {
  sigmoid: (z = NaN) => sigmoid(z),
  sigmoid_prime: (z = NaN) => sigmoidPrime(z),
  tanh: (z = NaN) => Math.tanh(z),
  tanh_prime: (z = NaN) => 4 * sigmoidPrime(2 * z),
  relu: (z = NaN) => Math.max(z, 0),
  relu_prime: (z = NaN) => (z > 0 ? 1 : 0),
  leaky_relu: (z = NaN) => (z > 0 ? z : 0.01 * z),
  leaky_relu_prime: (z = NaN) => (z > 0 ? 1 : 0.01),
  identity: (z = NaN) => z,
  identity_prime: () => 1,
  exp: (z = NaN) => Math.exp(z),
  log: (z = NaN) => Math.log(z),
  sqrt: (z = NaN) => Math.sqrt(z),
  softplus: (z = NaN) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  logsumexp: (...z) => {
    const top = Math.max(...z);
    return top + Math.log(z.reduce((sum, one) => sum + Math.exp(one - top), 0));
  },
};

/**
 * The number that a formula gives.
 * @param {Tree} tree
 * @param {Lookup} lookup
 * @returns {number}
 */
export function value(tree, lookup) {
  if (tree.op === "number") return tree.value;
  if (tree.op === "cell") return lookup(tree);
  const args = tree.args.map((arg) => value(arg, lookup));
  const [first = NaN, second = NaN] = args;
  switch (tree.op) {
    case "sum":
      return args.reduce((sum, one) => sum + one, 0);
    case "product":
      return args.reduce((product, one) => product * one, 1);
    case "max":
      return Math.max(...args);
    case "quotient":
      return second === 0 ? 0 : first / second;
    case "power":
      return first ** second;
    case "indicator":
      return first === second ? 1 : 0;
    case "apply":
      return (FUNCTIONS[tree.function] ?? unknown(tree.function))(...args);
  }
}

/**
 * @param {string} name
 * @returns {never}
 */
function unknown(name) {
  throw new RangeError(
    `A formula applies “${name}”; known are ${Object.keys(FUNCTIONS).join(" ")}.`,
  );
}

/**
 * The nodes right below a node.
 * @param {Tree} tree
 * @returns {readonly Tree[]}
 */
export function children(tree) {
  return tree.op === "number" || tree.op === "cell" ? [] : tree.args;
}

/**
 * The cells that a formula reads, in order, each once.
 * @param {Tree} tree
 * @returns {Cell[]}
 */
export function cells(tree) {
  /** @type {Map<string, Cell>} */
  const found = new Map();
  /** @param {Tree} node */
  const walk = (node) => {
    if (node.op === "cell") found.set(nameOf(node), node);
    children(node).forEach(walk);
  };
  walk(tree);
  return [...found.values()];
}

/**
 * A cell's own name: equal for equal cells.
 * @param {Cell} cell
 */
export function nameOf({ tensor, index, of }) {
  return `${of ?? ""}:${tensor}[${index.join(",")}]`;
}

/**
 * The additive terms of a formula: those of its topmost sum, or the whole of it.
 * @param {Tree} tree
 * @param {Lookup} lookup
 * @returns {{tree: Tree, path: Path, value: number, cells: Cell[]}[]}
 */
export function terms(tree, lookup) {
  /** @type {{tree: Tree, path: Path, value: number, cells: Cell[]}[]} */
  const found = [];
  /** @type {(node: Tree, path: Path) => void} */
  const gather = (node, path) => {
    if (node.op === "sum") node.args.forEach((arg, i) => gather(arg, [...path, i]));
    else found.push({ tree: node, path, value: value(node, lookup), cells: cells(node) });
  };
  gather(tree, []);
  return found;
}

/**
 * The node at the end of a path.
 * @param {Tree} tree
 * @param {Path} path
 * @returns {Tree}
 */
export function nodeAt(tree, path) {
  return path.reduce((node, i) => children(node)[i] ?? node, tree);
}

/**
 * The formula with one node replaced: a cell by its own formula is the chain rule, one level.
 * @param {Tree} tree
 * @param {Path} path
 * @param {Tree} by
 * @returns {Tree}
 */
export function replaceAt(tree, [step, ...rest], by) {
  if (step === undefined) return by;
  if (tree.op === "number" || tree.op === "cell") return tree;
  const args = tree.args.map((arg, i) => (i === step ? replaceAt(arg, rest, by) : arg));
  return { ...tree, args };
}

/**
 * One level of a formula worked out: a sum of its terms' values, a product of its factors' values;
 * null where that would say the same again.
 * @param {Tree} tree
 * @param {Lookup} lookup
 * @returns {{op: "sum" | "product", parts: {path: Path, value: number, cells: Cell[]}[]} | null}
 */
export function workedOut(tree, lookup) {
  if (tree.op !== "sum" && tree.op !== "product") return null;
  const [only] = tree.args;
  if (tree.args.length === 1 && only) return below(workedOut(only, lookup), 0);
  if (tree.args.every((arg) => arg.op === "cell" || arg.op === "number")) return null;
  const parts = tree.args.map((arg, i) => ({
    path: [i],
    value: value(arg, lookup),
    cells: cells(arg),
  }));
  return { op: tree.op, parts };
}

/**
 * Parts of a child, as seen from its parent.
 * @param {ReturnType<typeof workedOut>} worked
 * @param {number} step
 * @returns {ReturnType<typeof workedOut>}
 */
function below(worked, step) {
  const parts = worked?.parts.map((part) => ({ ...part, path: [step, ...part.path] })) ?? [];
  return worked && { op: worked.op, parts };
}
