/**
 * What was done last, read off two states of the page: for those who looked away for a moment.
 */

import { currentStep, isCovered } from "./moment.js";

/** @typedef {import("./store.js").State} State */
/**
 * A message key with its values; `tensor` is what a step wrote, if it was one, and `covered` says
 * that it is still to be guessed.
 * @typedef {{key: string, values: Record<string, string | number>, tensor?: string, covered?: boolean}} Entry
 */

/**
 * What happened between two states, or null where nothing did that is worth a line.
 * @param {State} state
 * @param {State} before
 * @returns {Entry | null}
 */
export function entryOf(state, before) {
  const { run, trace, position } = state;
  const { run: old, trace: seen, position: from } = before;
  if (!run || !old || !trace || !seen) return null;
  if (position.iteration !== from.iteration) return moved(state, before);
  if (configured(run, old)) return { key: "log.settings", values: {} };
  if (stage(trace) !== stage(seen)) return shown(trace, seen);
  if (weights(trace) !== weights(seen)) return { key: "log.weights", values: {} };
  if (position.step !== from.step) return stepped(state, from.step);
  if (isCovered(before) && !isCovered(state)) return stepped(state, position.step - 1);
  return null;
}

/**
 * @param {State} state
 * @param {State} before
 * @returns {Entry}
 */
function moved({ run, position }, { run: old, position: from }) {
  const count = run.iterations - old.iterations;
  const learnt = count > 0 && position.iteration > from.iteration;
  return learnt
    ? { key: "log.trained", values: { count, iteration: position.iteration } }
    : { key: "log.travelled", values: { iteration: position.iteration } };
}

/**
 * @param {State} state
 * @param {number} from the step that was shown before
 * @returns {Entry}
 */
function stepped(state, from) {
  const { trace, position } = state;
  const now = trace && currentStep(trace, position.step);
  if (!now || position.step < from) return { key: "log.back", values: { step: position.step } };
  return { key: "log.step", values: {}, tensor: now.writes, covered: isCovered(state) };
}

/**
 * @param {any} run
 * @param {any} old
 */
function configured(run, old) {
  return JSON.stringify(run.config) !== JSON.stringify(old.config);
}

/** @param {import("./moment.js").Trace} trace */
function stage({ stage: { sample, label }, tensors }) {
  return `${sample} ${label} ${tensors["I.a"]?.values.join()}`;
}

/**
 * @param {import("./moment.js").Trace} trace
 * @param {import("./moment.js").Trace} seen
 * @returns {Entry}
 */
function shown(trace, seen) {
  const { sample, label } = trace.stage;
  const same = String(trace.tensors["I.a"]?.values) === String(seen.tensors["I.a"]?.values);
  if (sample !== null) return { key: "log.image", values: { number: sample + 1 } };
  return same ? { key: "log.label", values: { label } } : { key: "log.drawn", values: {} };
}

/** @param {import("./moment.js").Trace} trace */
function weights({ tensors }) {
  const parameters = Object.entries(tensors).filter(([id]) => /\.[wb]$/.test(id));
  return parameters.map(([, { values }]) => values.join()).join(" ");
}
