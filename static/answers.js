/** Is an answer to a question of the lesson right? */

import { nameOf } from "./formula.js";

/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Question} Question */

/**
 * How an answer does; a number that cannot be read is neither right nor wrong.
 * @param {Question} question
 * @param {string | Cell} given
 * @returns {"right" | "wrong" | "unread"}
 */
export function judge({ kind, answer }, given) {
  if (kind === "number") {
    const typed = typeof given === "string" ? numberIn(given) : NaN;
    if (!Number.isFinite(typed)) return "unread";
    return hasTwoDigitsOf(typed, Number(answer)) ? "right" : "wrong";
  }
  const known = Array.isArray(answer) ? answer.map(placeOf) : [answer];
  return known.includes(typeof given === "string" ? given : placeOf(given)) ? "right" : "wrong";
}

/** @param {Cell} cell */
const placeOf = ({ tensor, index }) => nameOf({ tensor, index });

/**
 * A typed number: with a point or a comma, a hyphen or a minus, and nothing else.
 * @param {string} typed
 */
function numberIn(typed) {
  const text = typed
    .trim()
    .replace(/\u2212/g, "-")
    .replace(",", ".");
  return text === "" ? NaN : Number(text);
}

/**
 * Does a number have the first two digits of the wanted one, give or take what rounding does?
 * @param {number} typed
 * @param {number} wanted not 0
 */
function hasTwoDigitsOf(typed, wanted) {
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(wanted))) - 1);
  return Math.abs(typed - wanted) <= 0.6 * unit;
}
