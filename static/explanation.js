/**
 * What there is to say about one cell, from the trace and the formulas: whether it can be unfolded,
 * whether a block is tied, why it is 0.
 */

import { lookupIn, nameOf, offset, tensorOf } from "./formula.js";

/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Trace} Trace */
/** @typedef {{tensor: string, index: readonly number[], law: string, tree: Tree, cells: readonly Cell[]}} Formula */
/** @typedef {Readonly<Record<string, readonly Formula[]>>} Formulas by tensor, all cells row-major */

/**
 * Is a neuron saturated: is its activation almost flat where it stands?
 * @param {number} slope a′(z)
 * @param {number | null | undefined} flat the slope below which it is, if ever
 */
export function isFlat(slope, flat) {
  return flat !== null && flat !== undefined && slope < flat;
}

/**
 * Is this a parameter, or what an optimizer remembers of one? Its formula is that of its next value.
 * @param {string} tensor
 */
export function isParameter(tensor) {
  return /\.(w|b)(\.|$)/.test(tensor);
}

/**
 * Can one change this cell and see what follows: is it a pixel, or a parameter as it is now?
 * @param {{tensor: string, of?: string | null}} cell
 */
export function isGiven({ tensor, of }) {
  return !of && (tensor === "I.a" || /\.(w|b)$/.test(tensor));
}

/**
 * The tensor whose formula explains a cell, or null where it is given and not computed.
 * @param {Cell} cell
 */
export function explainedBy({ tensor, of }) {
  if (of === "batch" || tensor === "I.a" || !tensor.match(/^C$|\./)) return null;
  if (tensor.endsWith(".switch")) return null;
  if (isParameter(tensor)) return of === "next" ? tensor : null;
  return tensor;
}

/**
 * Is there a formula that has to do with this cell: its own, its next value's, or, for a gradient of
 * the batch, that of the image's share?
 * @param {Cell} cell
 */
export function isComputed({ tensor, index }) {
  return isParameter(tensor) || explainedBy({ tensor, index }) !== null;
}

/**
 * The formula of a cell, if it has been fetched.
 * @param {Formulas} formulas
 * @param {Trace} trace
 * @param {Cell} cell
 * @returns {Formula | undefined}
 */
export function formulaOf(formulas, trace, cell) {
  const shape = tensorOf(trace, cell)?.shape ?? trace.tensors[cell.tensor]?.shape;
  return shape && formulas[cell.tensor]?.[offset(shape, cell.index)];
}

/**
 * Why a cell has no formula: the end of the message's key.
 * @param {Cell} cell
 */
export function givenReason({ tensor }) {
  if (tensor === "I.a") return "formula.none.input";
  if (tensor === "t") return "formula.none.t";
  if (tensor.endsWith(".switch")) return "formula.none.switch";
  return isParameter(tensor) ? "formula.none.start" : "formula.none";
}

/**
 * The tensors above a layer's output: the pool that reads it, if there is one.
 * @param {readonly {letter: string, type: string}[]} layers
 * @param {string} letter
 */
export function poolAbove(layers, letter) {
  const above = layers[layers.findIndex((layer) => layer.letter === letter) + 1];
  return above?.type.startsWith("pool") ? above : null;
}

/**
 * The pooled cell whose block holds a cell, found through the formula of the error that arrives there.
 * @param {Formulas} formulas
 * @param {Trace} trace
 * @param {string} letter of the layer below the pool
 * @param {readonly number[]} index
 */
export function pooled(formulas, trace, letter, index) {
  const arrives = formulaOf(formulas, trace, { tensor: `${letter}.da`, index });
  return arrives?.cells.filter((cell) => cell.tensor.endsWith(".da")) ?? [];
}

/**
 * Whether a cell of the output's errors is too saturated for the factors of its formula.
 * @param {Trace & {saturated?: readonly Cell[]}} trace
 * @param {Cell} cell
 */
export function isSaturated(trace, { tensor, index }) {
  const [layer, name = ""] = tensor.split(".");
  if (!["da", "delta"].includes(name)) return false;
  return (trace.saturated ?? []).some(
    (one) => one.tensor === `${layer}.da` && one.index.join() === index.join(),
  );
}

/**
 * How many cells of a cell's block are equal to its maximum, where that is more than one.
 * @param {{layers: readonly {letter: string, type: string, kind?: string}[], config: {layers: readonly {kind?: string}[]}}} run
 * @param {Trace} trace
 * @param {Formulas} formulas
 * @param {Cell} cell
 * @returns {number} 0 without a tie
 */
export function tiedCells(run, trace, formulas, { tensor, index }) {
  const [letter = "", name = ""] = tensor.split(".");
  const at = run.layers.findIndex((layer) => layer.letter === letter);
  const isPool = run.layers[at]?.type.startsWith("pool");
  const pool = isPool ? run.layers[at] : poolAbove(run.layers, letter);
  const kind = run.config.layers[isPool ? at : at + 1]?.kind ?? "max";
  if (!pool || kind !== "max" || !["a", "da", "delta", "switch", "mask"].includes(name)) return 0;
  const below = run.layers[(isPool ? at : at + 1) - 1]?.letter ?? "";
  const own = { tensor: `${below}.a`, index };
  const whole = isPool && name !== "mask";
  const block = whole ? index : pooled(formulas, trace, below, index)[0]?.index;
  const made = block && formulaOf(formulas, trace, { tensor: `${pool.letter}.a`, index: block });
  if (!made) return 0;
  const look = lookupIn(trace);
  const cells = made.cells.filter((one) => one.tensor === `${below}.a`);
  const top = Math.max(...cells.map(look));
  const equal = cells.filter((one) => look(one) === top);
  if (equal.length < 2) return 0;
  const concerned = whole || equal.some((one) => nameOf(one) === nameOf(own));
  return concerned ? equal.length : 0;
}

/**
 * Why hardly anything arrives at a cell: the key of a message, or null.
 * @param {{layers: readonly {letter: string, type: string}[]}} run
 * @param {Trace} trace
 * @param {Cell} cell
 */
export function smallReason(run, trace, { tensor, index }) {
  const [letter = "", name = ""] = tensor.split(".");
  if (name !== "da" && name !== "delta") return null;
  const look = lookupIn(trace);
  const own = look({ tensor, index });
  const pool = poolAbove(run.layers, letter);
  const masked = pool && look({ tensor: `${pool.letter}.mask`, index }) === 0;
  if (own === 0 && masked) return "formula.zero.mask";
  const slope = name === "delta" ? look({ tensor: `${letter}.slope`, index }) : NaN;
  if (slope === 0) return "formula.zero.slope";
  return isFlat(slope, trace.flat?.[letter]) ? "formula.flat" : null;
}
