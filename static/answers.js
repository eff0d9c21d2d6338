/** Is an answer to a question of the lesson right? */

import { nameOf } from "./formula.js";

/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Question} Question */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

/**
 * How an answer does; a number that cannot be read is neither right nor wrong.
 * @param {Question} question
 * @param {string | Cell} given
 * @param {number} digits how many decimals the page shows
 * @returns {"right" | "wrong" | "unread"}
 */
export function judge({ kind, answer, also }, given, digits) {
  if (kind === "number") {
    const typed = typeof given === "string" ? numberIn(given) : NaN;
    if (!Number.isFinite(typed)) return "unread";
    const wanted = Number(answer);
    const fits = [wanted, also ?? wanted].some((one) => hasTwoDigitsOf(typed, one));
    return fits || isShownAs(typed, wanted, digits) ? "right" : "wrong";
  }
  const known = Array.isArray(answer) ? answer.map(placeOf) : [answer];
  return known.includes(typeof given === "string" ? given : placeOf(given)) ? "right" : "wrong";
}

/** @param {Cell} cell */
const placeOf = ({ tensor, index }) => nameOf({ tensor, index });

/**
 * A typed number: with a point or a comma, a hyphen, a dash or a minus, in wide or narrow characters,
 * and nothing else; a comma between thousands cannot be told from one before decimals.
 * @param {string} typed
 */
function numberIn(typed) {
  const text = typed
    .normalize("NFKC")
    .trim()
    .replace(/[\u2212\u2010-\u2015]/g, "-")
    .replace(/^([+-])\s+/, "$1")
    .replace("\u3002", ".");
  if (THOUSANDS.test(text)) return NaN;
  const plain = text.replace(",", ".");
  return NUMBER.test(plain) ? Number(plain) : NaN;
}

/**
 * Does a number have the first two digits of the wanted one, give or take what rounding does?
 * @param {number} typed
 * @param {number} wanted
 */
function hasTwoDigitsOf(typed, wanted) {
  if (wanted === 0) return typed === 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(wanted))) - 1);
  return Math.abs(typed - wanted) <= 0.6 * unit;
}

/**
 * Is a number what the page shows of the wanted one, where it shows more than .00?
 * @param {number} typed
 * @param {number} wanted
 * @param {number} digits
 */
function isShownAs(typed, wanted, digits) {
  return digits < 17 && typed !== 0 && typed === Number(wanted.toFixed(digits));
}
