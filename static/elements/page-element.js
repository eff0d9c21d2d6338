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
}

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * A style sheet that the first picture can do without, in place when the promise is kept.
 * @param {string} name
 */
export function sheet(name) {
  const link = document.createElement("link");
  const loaded = () =>
    new Promise((/** @type {(value: void) => void} */ done) => {
      link.rel = "stylesheet";
      link.href = new URL(`../styles/later/${name}.css`, import.meta.url).href;
      link.onload = link.onerror = () => done();
      document.head.append(link);
    });
  if (!sheets.has(name)) sheets.set(name, loaded());
  return sheets.get(name);
}
