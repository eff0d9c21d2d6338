/**
 * Before an edit in the past: what it does to the iterations that come after, and whether to keep them.
 *
 * Tells `future` ({choice}): "keep" them as a branch, "replace" them, or "cancel" the edit.
 */

import { html } from "lit";

import { t } from "../i18n.js";
import "./page-dialog.js";
import { PageElement } from "./page-element.js";

export class FutureDialog extends PageElement {
  /** @override */
  static properties = {
    open: { type: Boolean },
    from: { type: Number },
    to: { type: Number },
    language: {},
  };

  constructor() {
    super();
    this.open = false;
    this.from = 0;
    this.to = 0;
    this.language = "en";
  }

  /** @override */
  render() {
    const { from, to } = this;
    const words = { at: from, from: from + 1, to };
    return html`<page-dialog
      .open=${this.open}
      .language=${this.language}
      heading=${t("future.title")}
      @dialog-close=${() => this.choose("cancel")}
    >
      <p>${from + 1 === to ? t("future.about_one", words) : t("future.about", words)}</p>
      <p class="choices">
        <button class="main" @click=${() => this.choose("keep")}>${t("future.keep")}</button>
        <button @click=${() => this.choose("replace")}>${t("future.replace")}</button>
        <button @click=${() => this.choose("cancel")}>${t("future.cancel")}</button>
      </p>
    </page-dialog>`;
  }

  /** @param {"keep" | "replace" | "cancel"} choice */
  choose(choice) {
    if (!this.open) return;
    this.open = false;
    this.tell("future", { choice });
  }
}

customElements.define("future-dialog", FutureDialog);
