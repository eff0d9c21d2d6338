/**
 * Before an edit in the past: what it does to the iterations that come after, and whether to keep them.
 * `act` says what the edit is: "edit", "weights" (new ones, from the beginning), "undo", "redo", or
 * "learn" (from another image than was learnt).
 *
 * Tells `future` ({choice}): "keep" them as a branch, "replace" them, or "cancel" the edit.
 */

import { html } from "lit";

import { t } from "../i18n.js";
import "./page-dialog.js";
import { PageElement } from "./page-element.js";

/** @typedef {"keep" | "replace" | "cancel"} Choice */

export class FutureDialog extends PageElement {
  /** @override */
  static properties = {
    open: { type: Boolean },
    act: {},
    at: { type: Number },
    to: { type: Number },
    language: {},
  };

  constructor() {
    super();
    this.open = false;
    this.act = "edit";
    this.at = 0;
    this.to = 0;
    this.language = "en";
  }

  /** @override */
  render() {
    const { act, at, to } = this;
    const words = { at, from: at + 1, to };
    const later = at + 1 === to ? t("future.later_one", words) : t("future.later", words);
    return html`<page-dialog
      .open=${this.open}
      .language=${this.language}
      heading=${t("future.title")}
      @dialog-close=${() => this.choose("cancel")}
    >
      <p>${t(`future.${act}`, { ...words, later })}</p>
      <p class="choices">
        <button class="main" @click=${() => this.choose("keep")}>${t("future.keep")}</button>
        <button @click=${() => this.choose("replace")}>${t("future.replace")}</button>
        <button @click=${() => this.choose("cancel")}>
          ${t(act === "edit" ? "future.cancel" : "future.leave")}
        </button>
      </p>
    </page-dialog>`;
  }

  /** @param {Choice} choice */
  choose(choice) {
    if (!this.open) return;
    this.open = false;
    this.tell("future", { choice });
  }
}

customElements.define("future-dialog", FutureDialog);
