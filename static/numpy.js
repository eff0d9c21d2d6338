/** A formula tree as a program for NumPy. */

import { cells, children } from "./formula.js";
import { flatten, tensorOf } from "./moment.js";

/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Trace} Trace */

/**
 * A formula as NumPy, over arrays named by their ids: `T["F.w"][0, 0, 1, 2]`.
 * @param {Tree} tree
 * @param {(cell: Cell) => boolean} exists false for a cell outside its tensor, which is written 0.0
 * @returns {string}
 */
function numpy(tree, exists) {
  if (tree.op === "number") return String(tree.value);
  if (tree.op === "cell") {
    const name = tree.of ? `${tree.of}:${tree.tensor}` : tree.tensor;
    return exists(tree) ? `T["${name}"][${tree.index.join(", ") || "()"}]` : "0.0";
  }
  const args = tree.args.map((arg) => numpy(arg, exists));
  const [first, second] = args;
  switch (tree.op) {
    case "sum":
      return `(${args.join(" + ") || "0.0"})`;
    case "product":
      return args.join(" * ") || "1.0";
    case "max":
      return `max(${args.join(", ")})`;
    case "quotient":
      return `quotient(${first}, ${second})`;
    case "power":
      return `(${first}) ** (${second})`;
    case "indicator":
      return `float(${first} == ${second})`;
    case "apply":
      return `${tree.function}(${args.join(", ")})`;
  }
}

/** What {@link numpy} needs besides `np`, by function. @type {Readonly<Record<string, string>>} */
const DEFINITIONS = {
  sigmoid: "lambda z: 1 / (1 + np.exp(-z))",
  sigmoid_prime: "lambda z: 1 / ((1 + np.exp(-z)) * (1 + np.exp(z)))",
  tanh: "np.tanh",
  tanh_prime: "lambda z: 1 / np.cosh(z) ** 2",
  relu: "lambda z: max(z, 0.0)",
  relu_prime: "lambda z: float(z > 0)",
  leaky_relu: "lambda z: z if z > 0 else 0.01 * z",
  leaky_relu_prime: "lambda z: 1.0 if z > 0 else 0.01",
  identity: "lambda z: z",
  identity_prime: "lambda z: 1.0",
  exp: "np.exp",
  log: "np.log",
  sqrt: "np.sqrt",
  softplus: "lambda z: np.logaddexp(0, z)",
  logsumexp: "lambda *z: np.logaddexp.reduce(z)",
  quotient: "lambda a, b: a / b if b != 0 else 0.0",
};

/**
 * A formula as lines of NumPy that stand alone but for the arrays, with the values that it reads.
 * @param {string} name what the result is called
 * @param {Tree} tree
 * @param {Trace} trace
 */
export function numpyProgram(name, tree, trace) {
  const read = [
    ...new Set(cells(tree).map((cell) => JSON.stringify([cell.tensor, cell.of ?? null]))),
  ];
  const arrays = read.map((key) => {
    const [tensor, of] = JSON.parse(key);
    const { shape, values } = tensorOf(trace, { tensor, of }) ?? { shape: [], values: [] };
    const id = of ? `${of}:${tensor}` : tensor;
    return `T["${id}"] = np.array([${values.join(", ")}]).reshape(${shape.join(", ") || "()"})`;
  });
  const functions = [...new Set(functionsOf(tree))].map((f) => `${f} = ${DEFINITIONS[f]}`);
  /** @param {Cell} cell */
  const exists = (cell) => flatten(tensorOf(trace, cell)?.shape ?? [], cell.index) >= 0;
  const lines = ["import numpy as np", ...functions, "T = {}", ...arrays];
  return [...lines, `${name} = ${numpy(tree, exists)}`, ""].join("\n");
}

/**
 * @param {Tree} tree
 * @returns {string[]}
 */
function functionsOf(tree) {
  const below = children(tree).flatMap(functionsOf);
  if (tree.op === "quotient") return [tree.op, ...below];
  return tree.op === "apply" ? [tree.function, ...below] : below;
}
