/** Which image sets there are to choose from, under whose name, and which are the reader's own. */

import { knows, t } from "./i18n.js";

/** @typedef {{id: string, name: string, size: number, shape: number[], classes: string[], test: number, grown_from?: string | null}} Summary */
/** @typedef {{own: {id: string, classes: string} | null, mine: readonly string[]}} Own `own` is the set
 * that drawings are collected in */

const KEPT = "backlit.sets";
const REMEMBERED = 100;
const GROWN = / \+\d+$/;

/**
 * Sets to choose from: of one that grew drawing by drawing what it has become, besides what it began
 * as, and the one in use. What others made of one's own set is another, and so is what one made of theirs.
 * @param {readonly Summary[]} sets
 * @param {string | null} current
 * @param {readonly string[]} mine
 */
export function shown(sets, current, mine) {
  const owned = (/** @type {string} */ id) => mine.includes(id);
  const outgrown = new Set(
    sets.flatMap(({ id, grown_from: from }) => (from && owned(id) === owned(from) ? [from] : [])),
  );
  return sets.filter((one) => one.id === current || !one.grown_from || !outgrown.has(one.id));
}

/**
 * The same by whose they are: those that are built in, the reader's own, others'; the newest first of
 * what was brought.
 * @param {readonly Summary[]} sets
 * @param {string | null} current
 * @param {readonly string[]} mine
 * @returns {[string, Summary[]][]} the key of each group's name; no empty group
 */
export function groups(sets, current, mine) {
  const all = shown(sets, current, mine);
  const brought = all.filter(({ id }) => id.startsWith("set-")).reverse();
  /** @type {[string, Summary[]][]} */
  const found = [
    ["shelf.built_in", all.filter(({ id }) => !id.startsWith("set-"))],
    ["shelf.own", brought.filter(({ id }) => mine.includes(id))],
    ["shelf.others", brought.filter(({ id }) => !mine.includes(id))],
  ];
  return found.filter(([, some]) => some.length > 0);
}

/**
 * The name of a set: ours for one that is built in or grew from such a one, else its own.
 * @param {Summary} set
 * @param {readonly Summary[]} sets
 */
export function nameOf({ id, name }, sets) {
  if (knows(`dataset.${id}`)) return t(`dataset.${id}`);
  const [grown = ""] = GROWN.exec(name) ?? [];
  const stem = grown ? name.slice(0, -grown.length) : name;
  const from = sets.find((one) => one.name === stem && knows(`dataset.${one.id}`));
  return from ? t(`dataset.${from.id}`) + grown : name;
}

/**
 * What this browser remembers of the reader's own sets.
 * @returns {Own}
 */
export function remembered() {
  try {
    const { own = null, mine } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return { own, mine: Array.isArray(mine) ? mine : [] };
  } catch {
    return { own: null, mine: [] };
  }
}

/**
 * Remember one set more.
 * @param {Own} known
 * @param {string} id
 * @param {Own["own"]} [own]
 * @returns {Own}
 */
export function remember(known, id, own = known.own) {
  const now = { own, mine: [...known.mine.filter((one) => one !== id), id].slice(-REMEMBERED) };
  try {
    localStorage.setItem(KEPT, JSON.stringify(now));
  } catch {
    // Then it is remembered until the page is left.
  }
  return now;
}
