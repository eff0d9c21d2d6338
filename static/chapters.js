/**
 * The lesson: its chapters, in the order of the derivation, with the cells and numbers that they
 * speak of. All of these are read from the trace and the formulas of the moment, so that every
 * drawing works with every chapter; nothing is computed here beyond evaluating formulas.
 */

import { ERRORS } from "./error-chapters.js";
import { FILTERS } from "./filter-chapters.js";
import { FORWARD } from "./forward-chapters.js";
import { Scene } from "./scene.js";
import { UPDATES } from "./update-chapters.js";

/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Moment} Moment */
/** @typedef {import("./scene.js").Stop} Stop */
/** @typedef {import("./scene.js").Question} Question */
/** @typedef {{stops: readonly Stop[], question: Question}} Told */
/**
 * `missing` are cells whose formulas must be there before it can be told.
 * @typedef {Told & {id: string, missing: readonly Cell[]}} Chapter
 */

/** @type {Readonly<Record<string, (scene: Scene) => Told>>} */
const TOLD = Object.freeze({ ...FORWARD, ...ERRORS, ...FILTERS, ...UPDATES });

export const CHAPTERS = Object.freeze(Object.keys(TOLD));

const PLAIN = "conv,pool,dense";
const READABLE = 512;

/**
 * What of a network the lesson's sentences are not true of, or null: they speak of a filter layer, a
 * pooling layer, an output layer and squared error, all small enough to be read.
 * @param {any} run
 * @returns {"layers" | "filters" | "pooling" | "cost" | "size" | null}
 */
export function misfit({ layers, config }) {
  const types = layers.map((/** @type {any} */ layer) => layer.type.split("/")[0]);
  if (String(types) !== PLAIN) return "layers";
  const [filters, pooling, output] = config.layers;
  if (filters.stride !== 1 || filters.padding !== 0 || filters.size < 2) return "filters";
  if (pooling.size < 2 || pooling.stride < pooling.size) return "pooling";
  if (output.activation === "softmax" || config.loss !== "squared_error") return "cost";
  const [maps, pooled, outputs] = layers.map((/** @type {any} */ layer) =>
    layer.shape.reduce((/** @type {number} */ m, /** @type {number} */ n) => m * n, 1),
  );
  return maps > READABLE || pooled < 2 || outputs < 2 ? "size" : null;
}

/**
 * What a moment lacks for a chapter to be told at all, or null.
 * @param {string} id
 * @param {Moment} moment
 * @returns {"batch" | "finite" | "measure" | null}
 */
export function lacking(id, { run, trace: { batch, iteration } }) {
  if (!(id in UPDATES)) return null;
  if (!batch) return "batch";
  if (batch.diverged) return "finite";
  const measures = id === "many-updates" && run.config.training.learn_from === "set";
  return measures && batch.measured_at !== iteration ? "measure" : null;
}

/**
 * A chapter as it is told at this moment, which does not lack anything.
 * @param {string} id
 * @param {Moment} moment
 * @returns {Chapter | null} null where there is no such chapter
 */
export function chapterOf(id, moment) {
  const scene = new Scene(moment);
  const told = TOLD[id]?.(scene);
  return told ? { id, ...told, missing: [...scene.missing.values()] } : null;
}

/**
 * Is a chapter hidden from the class: itself, or with what it is about?
 * @param {string} id
 * @param {readonly string[]} hide
 */
export function isHidden(id, hide) {
  const back = id in ERRORS || id in FILTERS || (id in UPDATES && id !== "many-updates");
  const learns = id === "many-updates";
  return (
    hide.includes(id) ||
    (back && hide.includes("backward")) ||
    (learns && hide.includes("training"))
  );
}
