/**
 * Which key means what, on the page as a whole. Inside a grid, the pad or a slider the arrows belong
 * to it; single letters and digits can be switched off (WCAG 2.1.4).
 */

/** @typedef {{name: string, detail?: any}} Intent */
/** @typedef {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} Press */

/** @type {Record<string, Intent>} */
const ALWAYS = {
  ArrowRight: { name: "step", detail: { by: 1 } },
  ArrowLeft: { name: "step", detail: { by: -1 } },
  ArrowDown: { name: "phase", detail: { by: 1 } },
  ArrowUp: { name: "phase", detail: { by: -1 } },
  Home: { name: "step", detail: { to: 0 } },
  " ": { name: "play" },
  Escape: { name: "leave" },
};

/** @type {Record<string, Intent>} */
const LETTERS = {
  c: { name: "open", detail: { panel: "lesson" } },
  d: { name: "draw-here" },
  e: { name: "explain" },
  t: { name: "open", detail: { panel: "train" } },
  p: { name: "projector" },
  f: { name: "full-screen" },
  l: { name: "language" },
  m: { name: "open", detail: { panel: "teach" } },
  r: { name: "reveal" },
  s: { name: "spotlight-here" },
  z: { name: "zoom" },
  "?": { name: "help" },
};

/**
 * What a key asks of the page, or null.
 * @param {Press} press
 * @param {{singleKeys: boolean}} settings
 * @returns {Intent | null}
 */
export function intentOf({ key, shiftKey, ctrlKey, metaKey, altKey }, { singleKeys }) {
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    if (key.toLowerCase() === "y") return { name: "redo" };
    return key.toLowerCase() === "z" ? { name: shiftKey ? "redo" : "undo" } : null;
  }
  if (shiftKey && key === "ArrowRight") return { name: "iteration", detail: { by: 1 } };
  if (shiftKey && key === "ArrowLeft") return { name: "iteration", detail: { by: -1 } };
  if (shiftKey && key !== "?") return null;
  if (ALWAYS[key]) return ALWAYS[key];
  if (!singleKeys) return null;
  if (/^\d$/.test(key)) return { name: "label-named", detail: { name: key } };
  return LETTERS[key.toLowerCase()] ?? null;
}

/**
 * Does the element under the focus use this key itself?
 * @param {Element | null} element
 * @param {string} key
 */
export function usesKey(element, key) {
  if (!element) return false;
  if (element.closest("dialog")) return true;
  if (element.matches("input:not([type=range],[type=radio],[type=checkbox]), textarea, select")) {
    return true;
  }
  if (element.matches("input[type=range], input[type=radio]"))
    return /^(Arrow|Home|End| )/.test(key);
  if (element.matches("input[type=checkbox]")) return key === " ";
  if (element.matches("button, a, summary, [role=button], [role=radio]")) {
    return key === " " || key === "Enter";
  }
  return false;
}
