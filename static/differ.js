/** Whether two values are the same to whoever draws from them. */

/**
 * Are two values different in what they hold? Whoever draws from them need not draw again if not.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function differ(a, b) {
  if (Object.is(a, b)) return false;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return true;
  if (a instanceof Set) return a.size !== b.size || [...a].some((one) => !b.has(one));
  if (a instanceof Map)
    return a.size !== b.size || [...a].some(([key, one]) => differ(one, b.get(key)));
  if (Array.isArray(a)) return a.length !== b.length || a.some((one, at) => differ(one, b[at]));
  const keys = Object.keys(a);
  const other = (/** @type {string} */ key) => !(key in b) || differ(a[key], b[key]);
  return keys.length !== Object.keys(b).length || keys.some(other);
}
