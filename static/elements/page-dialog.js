/**
 * A window over the page: a heading, a way out, and whatever stands between its tags.
 *
 * Set `open` to show it; it says `dialog-close` when the reader leaves (✕, Esc, a click beside it).
 */

import { css, html, LitElement } from "lit";
import { t } from "../i18n.js";

export class PageDialog extends LitElement {
  /** @override */
  static properties = {
    open: { type: Boolean },
    heading: { type: String },
    language: { type: String },
  };

  /** @override */
  static styles = css`
    dialog {
      box-sizing: border-box;
      width: min(var(--dialog-width, 720px), 100vw - 24px);
      max-height: min(86vh, 900px);
      padding: 0 24px 24px;
      overflow: auto;
      color: var(--ink);
      background: var(--paper);
      border: 1px solid var(--rule);
      border-radius: 8px;
      box-shadow: 0 12px 48px rgb(0 0 0 / 25%);
    }
    dialog::backdrop {
      background: rgb(0 0 0 / 30%);
    }
    .head {
      position: sticky;
      top: 0;
      z-index: 1;
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 16px;
      padding: 16px 0 8px;
      background: var(--paper);
    }
    h2 {
      margin: 0;
      font-size: 1.25em;
      font-weight: 600;
    }
    button {
      min-width: 32px;
      min-height: 32px;
      color: inherit;
      font: inherit;
      background: none;
      border: 1px solid var(--rule);
      border-radius: 5px;
      cursor: pointer;
    }
    button:focus-visible {
      outline: 2px solid var(--rubric);
      outline-offset: 2px;
    }
  `;

  constructor() {
    super();
    this.open = false;
    this.heading = "";
    this.language = "en";
  }

  /** @override */
  render() {
    return html`<dialog
      aria-labelledby="heading"
      @close=${this.left}
      @click=${this.clicked}
      @keydown=${this.pressed}
    >
      <div class="head">
        <h2 id="heading">${this.heading}</h2>
        <button
          type="button"
          aria-label=${t("ui.close")}
          title=${t("ui.close")}
          @click=${this.leave}
        >
          ✕
        </button>
      </div>
      <slot></slot>
    </dialog>`;
  }

  /** @override */
  updated() {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && !dialog?.open) dialog?.showModal();
    if (!this.open && dialog?.open) dialog.close();
  }

  leave() {
    this.renderRoot.querySelector("dialog")?.close();
  }

  left() {
    if (!this.open) return;
    this.open = false;
    this.dispatchEvent(new CustomEvent("dialog-close", { bubbles: true, composed: true }));
  }

  /** A click on the backdrop is a click on the dialog itself, outside its box.
   * @param {MouseEvent} event */
  clicked(event) {
    const dialog = this.renderRoot.querySelector("dialog");
    if (event.composedPath()[0] !== dialog || !dialog) return;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x < left || x > right || y < top || y > bottom) this.leave();
  }

  /** The page's keys rest while a window is open.
   * @param {KeyboardEvent} event */
  pressed(event) {
    event.stopPropagation();
  }
}

customElements.define("page-dialog", PageDialog);
