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
