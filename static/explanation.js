/**
 * What there is to say about one cell, from the trace and the formulas: whether it can be unfolded,
 * whether a block is tied, why it is 0; which cell is explained now;
 * and which cells of a tensor are marked.
 */

import { lookupIn, nameOf } from "./formula.js";
import { currentStep, flatten, reading, tellingCell, tensorOf } from "./moment.js";
import { range } from "./sheets.js";

/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Trace} Trace */
/** @typedef {import("./state.js").State} State */
/** @typedef {{tensor: string, index: readonly number[], law: string, equal?: string | null, tree: Tree, cells: readonly Cell[]}} Formula */
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
  return shape && formulas[cell.tensor]?.[flatten(shape, cell.index)];
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

/* ---- what is explained now ---- */

/**
 * The cell that the panel explains: the pinned one, the one pointed at, or one that tells most of
 * what the step does.
 * @param {Pick<State, "pinned" | "hovered" | "trace" | "position" | "focus" | "film">} state
 * @returns {Cell | null}
 */
export function explained({ pinned, hovered, trace, position, focus, film }) {
  if (!trace) return null;
  if (film && !(film.aside && hovered)) return film.beats[film.at]?.value[0] ?? null;
  if (pinned) return pinned;
  if (hovered && reading(trace, position.step, hovered.tensor)?.written) return hovered;
  const now = currentStep(trace, position.step);
  const read = now && reading(trace, position.step, now.writes);
  if (!now || !read) return null;
  const map = Object.values(focus)[0] ?? 0;
  const gradient = now.phase === "update" ? gradientOf(trace, now.writes) : undefined;
  const index = gradient ? tellingCell(gradient, null) : tellingCell(read.tensor, map);
  return { tensor: now.writes, index, of: now.of ?? null };
}

/**
 * The gradient by which an update changes a parameter, or what its optimizer remembers of it.
 * @param {Trace} trace
 * @param {string} written
 */
function gradientOf(trace, written) {
  const [layer, name] = written.split(".");
  return trace.batch?.gradients[`${layer}.d${name}`];
}

/**
 * What is lit on the map. Only a cell that was chosen lights it; the step itself is shown by its frames.
 * @param {Pick<State, "pinned" | "hovered" | "term" | "trace" | "formulas" | "film">} state
 * @returns {{value: Cell | null, reads: readonly Cell[], terms: readonly Cell[]}}
 */
export function lightsOf({ pinned, hovered, term, trace, formulas, film }) {
  const beat = film && !film.aside ? film.beats[film.at] : undefined;
  if (film && beat) {
    const whole = film.kind === "cells";
    const [value = null] = beat.value;
    return { value, reads: whole ? beat.reads : [], terms: whole ? [] : beat.term };
  }
  const chosen = pinned ?? hovered;
  const formula = chosen && trace && formulaOf(formulas, trace, chosen);
  return { value: chosen, reads: formula?.cells ?? [], terms: term ? [term] : [] };
}

/* ---- marks on a whole tensor ---- */

/** @type {ReadonlySet<number>} */
const NO_PLACES = new Set();

/**
 * The places of saturated neurons, in their outputs and their errors.
 * @param {import("./moment.js").Trace} trace
 * @param {number} step how many steps are done
 * @param {string} tensor
 * @returns {ReadonlySet<number>}
 */
export function saturated(trace, step, tensor) {
  const [letter = "", name = ""] = tensor.split(".");
  const slope = trace.tensors[`${letter}.slope`];
  const shown = slope && ["a", "delta"].includes(name);
  if (!shown || !reading(trace, step, tensor)?.written) return NO_PLACES;
  const flat = trace.flat?.[letter];
  return new Set(slope.values.flatMap((value, place) => (isFlat(value, flat) ? [place] : [])));
}

/**
 * The places of the winners of the pooling above a tensor, once they are known, and of what ties with
 * them.
 * @param {any} run
 * @param {import("./moment.js").Trace} trace
 * @param {number} step how many steps are done
 * @param {string} tensor
 */
export function marksOf(run, trace, step, tensor) {
  const [letter = "", name = ""] = tensor.split(".");
  const pool = letter === "I" ? null : poolAbove(run.layers, letter)?.letter;
  const none = { rings: NO_PLACES, ties: NO_PLACES };
  if (!pool || !["a", "da", "delta"].includes(name)) return none;
  if (!reading(trace, step, `${pool}.a`)?.written) return none;
  const winners = trace.tensors[`${pool}.switch`]?.values;
  if (!winners) return none;
  const blocks = blocksOf(run, trace, letter, pool);
  const rings = new Set(blocks.map((cells, block) => cells[winners[block] ?? 0] ?? -1));
  return { rings, ties: name === "a" ? tiedPlaces(trace, letter, pool, blocks, rings) : NO_PLACES };
}

/**
 * The places of the cells of each block of a pooling, row by row, as `switch` counts them; blocks may
 * overlap. All formulas of a pooling may be too many to have at hand, so they are found from its size
 * and stride.
 * @param {any} run
 * @param {Trace} trace
 * @param {string} letter
 * @param {string} pool
 * @returns {number[][]}
 */
function blocksOf(run, trace, letter, pool) {
  const below = trace.tensors[`${letter}.a`];
  const above = trace.tensors[`${pool}.a`];
  const settings = poolSettings(run, pool);
  if (!below || !above || !settings) return [];
  const { size, stride } = settings;
  const [, rows = 1, cols = 1] = below.shape;
  const [, high = 1, wide = 1] = above.shape;
  return above.values.map((_, place) => {
    const k = Math.floor(place / (high * wide));
    const i = Math.floor(place / wide) % high;
    const from = (k * rows + i * stride) * cols + (place % wide) * stride;
    return range(size * size).map((cell) => from + Math.floor(cell / size) * cols + (cell % size));
  });
}

/**
 * Cells that are as large as the winner of their block and won none all the same.
 * @param {Trace} trace
 * @param {string} letter
 * @param {string} pool
 * @param {readonly number[][]} blocks
 * @param {ReadonlySet<number>} rings
 * @returns {ReadonlySet<number>}
 */
function tiedPlaces(trace, letter, pool, blocks, rings) {
  const below = trace.tensors[`${letter}.a`]?.values ?? [];
  const above = trace.tensors[`${pool}.a`]?.values ?? [];
  const tied = blocks.flatMap((cells, block) =>
    cells.filter((at) => below[at] === above[block] && !rings.has(at)),
  );
  return new Set(tied);
}

/**
 * @param {any} run
 * @param {string} pool its letter
 * @returns {{size: number, stride: number} | null}
 */
function poolSettings(run, pool) {
  const pools = run.layers.filter((/** @type {any} */ one) => one.type.startsWith("pool"));
  const nth = pools.findIndex((/** @type {any} */ one) => one.letter === pool);
  const all = run.config.layers.filter((/** @type {any} */ one) => one.type === "pool");
  return all[nth] ?? null;
}
