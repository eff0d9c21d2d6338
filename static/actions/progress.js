/** How far the reader of the lesson is, and how the browser remembers it. */

/**
 * Where the reader is: `at` counts keys, two for each stop (before and after its action), then the
 * question.
 * @typedef {object} Progress
 * @property {number} at
 * @property {import("../scene.js").Cost | null} from where many updates began
 * @property {boolean} hint
 * @property {string | null} asks the tensor of the stage whose cell is the answer that is waited for
 * @property {"right" | "wrong" | "unread" | "worked" | "none" | null} reply
 * @property {readonly string[]} done chapters whose question was answered
 * @property {number} turn counts what the lesson's own keys have done
 */

const KEPT = "backlit.lesson";

/** @type {Progress} */
export const FRESH = {
  at: 0,
  from: null,
  hint: false,
  asks: null,
  reply: null,
  done: [],
  turn: 0,
};

/**
 * What learns, and from what: only costs of the same can be compared.
 * @param {any} run
 */
export function learnerOf({ id, config_hash: hash, config: { dataset, training } }) {
  return [id, hash, dataset, training.reduction, training.learn_from].join(" ");
}

/**
 * @param {string | null} chapter
 * @param {Progress} progress
 */
export function remember(chapter, { at, from, done }) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ chapter, at, from, done }));
  } catch {
    // A browser that keeps nothing still teaches.
  }
}

/** @returns {{chapter: string | null, at: number, from: Progress["from"], done: readonly string[]}} */
export function remembered() {
  const none = { chapter: null, at: 0, from: null, done: [] };
  try {
    return { ...none, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return none;
  }
}
