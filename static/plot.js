/** Curves as SVG paths: numbers to places on paper. Nothing is computed here but where ink goes. */

/** @typedef {{x: (value: number) => number, y: (value: number) => number, left: number, right: number, top: number, bottom: number}} Axes */

/**
 * Axes that hold all values, with a little room above and below.
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 * @param {{width: number, height: number, inset: number}} paper
 * @returns {Axes}
 */
export function axes(xs, ys, { width, height, inset }) {
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const room = (high - low || 1) * 0.08;
  const [bottom, top] = [low - room, high + room];
  const across = (width - 2 * inset) / (right - left || 1);
  const down = (height - 2 * inset) / (top - bottom);
  return {
    x: (value) => inset + (value - left) * across,
    y: (value) => height - inset - (value - bottom) * down,
    left,
    right,
    top,
    bottom,
  };
}

/**
 * A curve through points.
 * @param {Axes} on
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 */
export function curvePath({ x, y }, xs, ys) {
  return xs.map((value, i) => `${i ? "L" : "M"}${at(x(value))} ${at(y(ys[i] ?? 0))}`).join("");
}

/**
 * The tangent of a slope at a point: so long on paper, and no further than the axes.
 * @param {Axes} on
 * @param {{x: number, y: number, slope: number}} point
 * @param {number} long in pixels
 * @returns {{x1: number, y1: number, x2: number, y2: number}} on paper
 */
export function tangent(on, { x, y, slope }, long) {
  const [px, py] = [on.x(x), on.y(y)];
  const steep = on.y(y + slope * (on.right - on.left)) - py;
  const wide = on.x(on.right) - on.x(on.left);
  const length = Math.hypot(wide, steep);
  const [dx, dy] = [((long / 2) * wide) / length, ((long / 2) * steep) / length];
  return { x1: at(px - dx), y1: at(py - dy), x2: at(px + dx), y2: at(py + dy) };
}

/** @param {number} value */
export function at(value) {
  return Math.round(value * 10) / 10;
}
