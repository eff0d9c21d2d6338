/**
 * What the elements of the stage share: they draw into the page itself, so that one style sheet, one
 * set of fonts and one tab order hold, and they tell what the reader wants by events that bubble.
 */

import { LitElement } from "lit";

export class PageElement extends LitElement {
  /** @override */
  createRenderRoot() {
    return this;
  }

  /**
   * @param {string} name
   * @param {unknown} [detail]
   */
  tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /**
   * Wait for what is drawn with, and tell `missing` ({cause}) where it does not come.
   * @param {Promise<unknown>} coming
   * @returns {Promise<boolean>} has it come?
   */
  async needs(coming) {
    try {
      await coming;
      return true;
    } catch (cause) {
      this.tell("missing", { cause });
      return false;
    }
  }
}

/**
 * Ask once, and keep the answer; a failure is forgotten, so that one can ask again.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function once(load) {
  /** @type {Promise<T> | null} */
  let kept = null;
  return () => {
    kept ??= load().catch((error) => {
      kept = null;
      throw error;
    });
    return kept;
  };
}

/** @type {Map<string, () => Promise<void>>} */
const sheets = new Map();

/**
 * A style sheet that the first picture can do without, in place when the promise is kept.
 * @param {string} name
 * @returns {Promise<void>}
 */
export function sheet(name) {
  const known = sheets.get(name) ?? once(() => linked(name));
  sheets.set(name, known);
  return known();
}

/** @param {string} name */
const linked = (name) => styled(new URL(`../styles/later/${name}.css`, import.meta.url).href);

/**
 * Add a style sheet; the promise is kept when it is in place.
 * @param {string} href
 * @returns {Promise<void>}
 */
export function styled(href) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  return new Promise((done, failed) => {
    link.onload = () => done();
    link.onerror = () => {
      link.remove();
      failed(new Error(`The style sheet ${href} did not come.`));
    };
    document.head.append(link);
  });
}
