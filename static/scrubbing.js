/** A number changed by dragging: the pointer's way becomes its value, within bounds. */

/** @typedef {{low: number, high: number, rate: number}} Range `rate` is how much a pixel is worth */

/** How far the pointer goes before it is a drag and no click. */
const SLACK = 4;

/**
 * The range of a pixel or a parameter.
 * @param {string} tensor
 * @returns {Range}
 */
export function rangeOf(tensor) {
  return tensor === "I.a"
    ? { low: 0, high: 1, rate: 1 / 120 }
    : { low: -1e6, high: 1e6, rate: 1 / 50 };
}

/**
 * A value moved by so much, in hundredths, within its bounds.
 * @param {number} from
 * @param {number} by
 * @param {Range} range
 */
export function moved(from, by, { low, high }) {
  const to = by === 0 ? from : Math.round((from + by) * 100) / 100;
  return Math.max(low, Math.min(high, to));
}

/**
 * Follow the pointer from here on, until it is let go: right and up is more.
 * @param {PointerEvent} event the press
 * @param {number} from the value before
 * @param {Range} range
 * @param {(value: number, done: boolean) => void} tell
 */
export function follow(event, from, range, tell) {
  const { clientX, clientY, pointerId } = event;
  let drags = false;
  let value = from;
  const turned = (/** @type {PointerEvent} */ to) => {
    if (to.pointerId !== pointerId) return;
    const far = to.clientX - clientX - (to.clientY - clientY);
    drags ||= Math.abs(far) > SLACK;
    if (!drags) return;
    const next = moved(from, far * range.rate, range);
    if (next !== value) tell(next, false);
    value = next;
  };
  const ended = (/** @type {PointerEvent} */ to) => {
    if (to.pointerId !== pointerId) return;
    removeEventListener("pointermove", turned);
    removeEventListener("pointerup", ended);
    removeEventListener("pointercancel", ended);
    if (!drags) return;
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    tell(value, true);
  };
  addEventListener("pointermove", turned);
  addEventListener("pointerup", ended);
  addEventListener("pointercancel", ended);
}

/** The click that ends a drag is none. @param {Event} event */
function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}
