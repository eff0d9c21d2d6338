/**
 * The futures that were kept: compare their costs with the present one's, go back to one, drop it.
 *
 * Tells `branch-keep` ({name}), `branch-compare` ({id, on}), `branch-take` ({id}), `branch-drop`
 * ({id}).
 */

import { html, nothing } from "lit";

import { format } from "../format.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

/** @typedef {{id: string, name: string, iterations: number, from: number, C: number | null, accuracy: number | null, unreadable: null}} Readable */
/** @typedef {{id: string, name: string, unreadable: string}} Lost */
/** @typedef {Readable | Lost} Branch */

export class BranchList extends PageElement {
  /** @override */
  static properties = {
    branches: { attribute: false },
    compared: { attribute: false },
    colours: { attribute: false },
    disabled: { type: Boolean },
    language: {},
  };

  constructor() {
    super();
    /** @type {readonly Branch[]} */
    this.branches = [];
    /** @type {Readonly<Record<string, any>>} */
    this.compared = {};
    /** @type {Readonly<Record<string, string>>} the colour of each curve, by id */
    this.colours = {};
    this.disabled = false;
    this.language = "en";
  }

  /** @override */
  render() {
    return html`<h3>${t("branches.title")}</h3>
      <p class="about">${t("branches.about")}</p>
      ${
        this.branches.length
          ? html`<ul class="branches">
              ${this.branches.map((branch) => this.branch(branch))}
            </ul>`
          : nothing
      }
      <form class="line" @submit=${this.keep}>
        <label
          >${t("branches.name")}
          <input name="name" required maxlength="60" .defaultValue=${this.nextName()}
        /></label>
        <button ?disabled=${this.disabled}>${t("branches.keep")}</button>
      </form>`;
  }

  nextName() {
    return t("branches.numbered", { number: this.branches.length + 1 });
  }

  /** @param {Branch} branch */
  branch(branch) {
    const { id, name } = branch;
    return html`<li>
      ${branch.unreadable === null ? this.readable(branch) : this.lost(branch)}
      <span class="acts">
        ${branch.unreadable === null ? this.take(id) : nothing}
        <button
          ?disabled=${this.disabled}
          aria-label=${t("branches.drop", { name })}
          @click=${() => this.tell("branch-drop", { id })}
        >
          ×
        </button>
      </span>
    </li>`;
  }

  /**
   * One that the server cannot read any more: it can be dropped.
   * @param {Lost} branch
   */
  lost({ name }) {
    return html`<span><b>${name}</b> <span class="about">${t("branches.unreadable")}</span></span>`;
  }

  /** @param {Readable} branch */
  readable({ id, name, iterations, C, accuracy }) {
    const words = {
      iterations,
      cost: C === null ? "–" : format(C, 4),
      accuracy: accuracy === null ? "–" : `${Math.round(accuracy * 1000) / 10} %`,
    };
    return html`<label style=${`--curve: ${this.colours[id] ?? "transparent"}`}
      ><input
        type="checkbox"
        .checked=${id in this.compared}
        @change=${(/** @type {any} */ event) =>
          this.tell("branch-compare", { id, on: event.target.checked })}
      /><b>${name}</b> <span class="about">${t("branches.reached", words)}</span></label
    >`;
  }

  /** @param {string} id */
  take(id) {
    return html`<button ?disabled=${this.disabled} @click=${() => this.tell("branch-take", { id })}>
      ${t("branches.take")}
    </button>`;
  }

  /** @param {SubmitEvent} event */
  keep(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    this.tell("branch-keep", { name: String(new FormData(form).get("name")) });
    form.reset();
  }
}

customElements.define("branch-list", BranchList);
