/**
 * Numbers as people read them. Rounding happens here and nowhere else.
 *
 * `0` is an exact zero, `.00` a rounded one; the minus is U+2212.
 */

/** @typedef {2 | 4 | 17} Digits how many decimals a cell shows; 17 means all that a double has */

const MINUS = "\u2212";

/**
 * A value as the page shows it: `−.37`, `2.67`, `0` (exact), `.00` (rounded), `1.2e−9` where
 * all digits are asked for.
 * @param {number} value
 * @param {Digits | number} [digits]
 * @returns {string}
 */
export function format(value, digits = 2) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = digits >= 17 ? String(size) : decimals(size, digits);
  return (value < 0 ? MINUS : "") + text.replace(/^0\./, ".").replace("e-", `e${MINUS}`);
}

/**
 * The same with no more than `room` characters, for a cell of the picture: decimals give way first.
 * @param {number} value
 * @param {number} digits
 * @param {number} room
 */
export function formatInto(value, digits, room) {
  for (let kept = Math.min(digits, 4); kept >= 0; kept -= 1) {
    const text = format(value, kept);
    if (text.replace(".", "").length <= room) return kept === 0 ? text.replace(/\.$/, "") : text;
  }
  return short(value);
}

/**
 * A count in a line of its own width, however small it is, so that nothing moves when it grows: figure
 * spaces are as wide as tabular figures.
 * @param {number} count
 * @param {number} digits of the largest
 */
export function padded(count, digits) {
  return String(count).padStart(digits, "\u2007");
}

/**
 * A value for a caption: three significant digits at most.
 * @param {number} value
 */
export function short(value) {
  if (value === 0) return "0";
  const text = String(Number(value.toPrecision(2)));
  return text
    .replace("-", MINUS)
    .replace("e-", `e${MINUS}`)
    .replace(/^(\u2212?)0\./, "$1.");
}

/**
 * @param {number} size not negative
 * @param {number} digits
 */
function decimals(size, digits) {
  return size >= 1e6 ? size.toExponential(Math.min(digits, 2)) : size.toFixed(digits);
}
