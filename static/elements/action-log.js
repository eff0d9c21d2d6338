/** The last actions in one line, the newest first; `note` two states of the page, one after the other. */

import { html, nothing } from "lit";

import { t } from "../i18n.js";
import { entryOf } from "../log.js";
import { networkOf, pieces } from "../notation.js";
import { caption } from "../sentences.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../log.js").Entry} Entry */
/** @typedef {import("../store.js").State} State */

const KEPT = 3;

export class ActionLog extends PageElement {
  /** @override */
  static properties = { entries: { state: true }, state: { attribute: false } };

  constructor() {
    super();
    /** @type {readonly Entry[]} the newest first */
    this.entries = [];
    /** @type {State | null} */
    this.state = null;
  }

  /**
   * @param {State} state
   * @param {State} before
   */
  note(state, before) {
    const entry = entryOf(state, before);
    this.state = state;
    if (!entry) return;
    const [last] = this.entries;
    const again = last && last.key === entry.key && last.tensor === entry.tensor;
    this.entries = [entry, ...this.entries.slice(again ? 1 : 0)].slice(0, KEPT);
  }

  /** @override */
  render() {
    if (this.entries.length === 0) return nothing;
    return html`<ol aria-label=${t("log.title")}>
      ${this.entries.map((entry) => html`<li>${this.words(entry)}</li>`)}
    </ol>`;
  }

  /** @param {Entry} entry */
  words({ key, values, tensor, covered }) {
    const { run, dataset } = /** @type {State} */ (this.state);
    if (!tensor) {
      const label = dataset?.classes[Number(values.label)] ?? values.label ?? "";
      return t(key, { ...values, label });
    }
    const symbol = pieces(networkOf(run), { tensor }).map(({ text, at }) =>
      at === "sup" ? html`<sup>${text}</sup>` : text,
    );
    return html`<i lang="en">${symbol}</i> ${caption(run, tensor)}${covered ? " ?" : ""}`;
  }
}

customElements.define("action-log", ActionLog);
