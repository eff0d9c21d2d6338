/**
 * What the page says about steps and tensors: which message of the catalogue, from the special to
 * the general, so that every kind of layer has its sentence.
 */

import { short } from "./format.js";
import { tFirst, t } from "./i18n.js";

/** @typedef {{letter: string, type: string, shape: readonly number[]}} Layer */
/** @typedef {{type: string, kind?: string, activation?: string}} LayerConfig */
/**
 * @typedef {object} Run
 * @property {readonly Layer[]} layers
 * @property {{layers: readonly LayerConfig[], loss: string, training: {optimizer: string, reduction: string, learn_from: string}}} config
 */
/** @typedef {{phase: string, writes: string}} Step */
/** @typedef {"input" | "conv" | "pool" | "dense" | "output"} Role */
/**
 * A tensor's place in the network.
 * @typedef {{role: Role, name: string, number: number, kind: string, activation: string, above: Layer | undefined, aboveKind: string}} Part
 */

/**
 * Where a tensor belongs: the role of its layer, its name, and what lies above it.
 * @param {Run} run
 * @param {string} tensor
 * @returns {Part}
 */
export function partOf(run, tensor) {
  const [letter = "", ...rest] = tensor.split(".");
  const number = run.layers.findIndex((layer) => layer.letter === letter);
  const layer = run.layers[number];
  const config = run.config.layers[number];
  const type = layer?.type.split("/")[0] ?? "input";
  const last = number === run.layers.length - 1;
  const role = /** @type {Role} */ (type === "dense" && last ? "output" : type);
  const above = run.layers[number + 1];
  return {
    role,
    name: rest.join("."),
    number,
    kind: kindOf(layer, config),
    activation: config?.activation ?? "identity",
    above,
    aboveKind: kindOf(above, run.config.layers[number + 1]),
  };
}

/**
 * What kind of pooling a layer does; "" for other layers.
 * @param {Layer | undefined} layer
 * @param {LayerConfig | undefined} config
 */
function kindOf(layer, config) {
  return layer?.type.startsWith("pool") ? (config?.kind ?? layer.type.split("/")[1] ?? "max") : "";
}

/**
 * One sentence about what a step does.
 * @param {Run} run
 * @param {Step | undefined} step undefined before the first
 */
export function stepSentence(run, step) {
  if (!step) return t("step.start");
  return tFirst(stepKeys(run, step), stepValues(run, step.writes));
}

/**
 * What is said before the first step: at the very beginning, and after updates.
 * @param {number} iteration
 */
export function startSentence(iteration) {
  return iteration ? t("step.start_again", { iteration }) : t("step.start");
}

/**
 * The keys of a step's sentence, from the special to the general.
 * @param {Run} run
 * @param {Step} step
 * @returns {string[]}
 */
export function stepKeys(run, { phase, writes }) {
  if (writes === "C") return [`step.C.${run.config.loss}`];
  const part = partOf(run, writes);
  const { role, name } = part;
  if (phase === "update") return updateKeys(run, name);
  if (name === "da") return arrivalKeys(run, part);
  if (name === "delta") {
    if (role === "output") return [`step.output.delta.${part.activation}`, "step.output.delta"];
    return [`step.delta.${part.aboveKind}`, "step.delta"];
  }
  const plain = [`step.${role}.${name}`, `step.dense.${name}`];
  if (role === "pool") return [`step.pool.a.${part.kind}`];
  if (name === "a") return [`step.${role}.a.${part.activation}`, ...plain];
  const maps = role === "conv" && part.number > 0;
  return maps ? [`step.${role}.${name}.maps`, ...plain] : plain;
}

/**
 * @param {Run} run
 * @param {string} name
 */
function updateKeys(run, name) {
  const [parameter, state] = name.split(".");
  if (state) return [`step.update.${state}`];
  return [`step.update.${parameter}.${run.config.training.optimizer}`];
}

/**
 * The sentence of an error that arrives depends on what it comes through.
 * @param {Run} run
 * @param {Part} part
 */
function arrivalKeys(run, { role, above, aboveKind }) {
  if (role === "output") return [`step.output.da.${run.config.loss}`];
  if (role === "input") return ["step.input.da"];
  return [`step.da.${aboveKind || above?.type}`];
}

/**
 * The numbers and words that a step's sentence may name.
 * @param {Run} run
 * @param {string} tensor
 * @returns {Record<string, string | number>}
 */
export function stepValues(run, tensor) {
  const part = partOf(run, tensor);
  const places = (run.layers[part.number]?.shape ?? []).slice(1).reduce((m, n) => m * n, 1);
  const count = part.name === "da" ? (part.above?.shape[0] ?? 1) : places;
  return { count, function: t(`function.${part.activation}`) };
}

/**
 * The few words under a tensor's symbol.
 * @param {Run} run
 * @param {string} tensor
 */
export function caption(run, tensor) {
  const part = partOf(run, tensor);
  return tFirst(tensorKeys(run, tensor, "caption"), { count: part.above?.shape[0] ?? 1 });
}

/**
 * What a tensor is, in one sentence.
 * @param {Run} run
 * @param {string} tensor
 */
export function meaning(run, tensor) {
  return tFirst(tensorKeys(run, tensor, "meaning"));
}

/**
 * The keys of a tensor's words, from the special to the general.
 * @param {Run} run
 * @param {string} tensor
 * @param {"caption" | "meaning"} family
 * @returns {string[]}
 */
export function tensorKeys(run, tensor, family) {
  if (!tensor.includes(".")) return [`${family}.${tensor}`];
  const { role, name, kind, above, aboveKind } = partOf(run, tensor);
  const state = name.split(".")[1];
  if (state) return [`${family}.${state}`];
  const variant = name === "da" ? aboveKind || above?.type : kind;
  return [`${family}.${role}.${name}.${variant}`, `${family}.${role}.${name}`];
}

/**
 * Whose gradient the update uses, in one sentence.
 * @param {Run} run
 * @param {{samples: readonly number[]} | null | undefined} batch
 */
export function updateSentence(run, batch) {
  const { learn_from: from, reduction } = run.config.training;
  if (from === "stage") return t("update.stage");
  if (!batch) return t("update.no_data");
  if (batch.samples.length === 1) return t("update.one");
  return t(`update.${reduction}`, { count: batch.samples.length });
}

/**
 * That the run was begun elsewhere, and how far its replay is from what was kept; "" where it was begun here.
 * @param {{difference: number | null} | null | undefined} replay
 */
export function replaySentence(replay) {
  if (!replay) return "";
  const { difference } = replay;
  if (difference === null) return t("step.elsewhere");
  if (difference === 0) return t("step.elsewhere.same");
  return t("step.elsewhere.differs", { difference: short(difference) });
}
