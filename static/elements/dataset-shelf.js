/**
 * Which images the network learns from: choose a set, bring one as a file, put the drawing on stage
 * into a set.
 *
 * Tells `configure` ({dataset}), `bring-dataset` ({file}), `add-drawing` (the run learns
 * from it from now on), `save-drawing` (into a set of one's own).
 */

import { html, nothing } from "lit";

import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

/** @typedef {{id: string, name: string, size: number, shape: number[], classes: string[], test: number}} Summary */

export class DatasetShelf extends PageElement {
  /** @override */
  static properties = {
    datasets: { attribute: false },
    current: {},
    shape: { attribute: false },
    outputs: { type: Number },
    label: {},
    notes: { attribute: false },
    message: {},
    busy: { type: Boolean },
    language: {},
  };

  constructor() {
    super();
    /** @type {readonly Summary[]} */ this.datasets = [];
    /** @type {string | null} the set that is learnt from */ this.current = null;
    /** @type {readonly number[]} what the network takes: channels, rows, columns */ this.shape =
      [];
    this.outputs = 0;
    /** the name of the class that the drawing should have */ this.label = "";
    /** @type {readonly string[]} */ this.notes = [];
    this.message = "";
    this.busy = false;
    this.language = "en";
  }

  /** @param {Summary} set */
  fits({ shape, classes }) {
    return String(shape) === String(this.shape) && classes.length === this.outputs;
  }

  /** @override */
  render() {
    return html`<label class="line"
        ><span>${t("field.dataset")}</span>
        <select name="dataset" ?disabled=${this.busy} @change=${this.chosen}>
          ${this.current === null ? html`<option selected>${t("shelf.none")}</option>` : nothing}
          ${newest(this.datasets, this.current).map((one) => this.option(one))}
        </select></label
      >
      <div class="line">
        <label class="file"
          ><span>${t("shelf.bring")}</span>
          <input
            type="file"
            name="file"
            accept=".json,.csv,.npz,.xlsx"
            ?disabled=${this.busy}
            @change=${this.brought}
        /></label>
      </div>
      ${
        this.current === null
          ? nothing
          : html`<div class="line">
              <button
                type="button"
                name="add"
                ?disabled=${this.busy}
                @click=${() => this.add(true)}
              >
                ${t("shelf.add", { label: this.label })}
              </button>
              <button
                type="button"
                name="save"
                ?disabled=${this.busy}
                @click=${() => this.add(false)}
              >
                ${t("shelf.save", { label: this.label })}
              </button>
            </div>`
      }
      ${this.notes.length > 0 ? html`<p role="status">${this.notes.join(" ")}</p>` : nothing}
      ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}`;
  }

  /** A set that does not fit says so, and cannot be chosen.
   * @param {Summary} one */
  option(one) {
    const [, rows = 1, columns = 1] = one.shape;
    const words = { name: one.name, count: one.size, size: `${rows}×${columns}` };
    const text = t("shelf.set", words);
    return html`<option
      value=${one.id}
      ?selected=${one.id === this.current}
      ?disabled=${!this.fits(one)}
    >
      ${this.fits(one) ? text : `${text} — ${t("shelf.unfit", { count: one.classes.length })}`}
    </option>`;
  }

  /** @param {Event} event */
  chosen(event) {
    this.tell("configure", { dataset: /** @type {HTMLSelectElement} */ (event.target).value });
  }

  /** @param {Event} event */
  brought(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (file) this.tell("bring-dataset", { file });
    input.value = "";
  }

  /** @param {boolean} learn whether the run learns from the new set from now on */
  add(learn) {
    this.tell(learn ? "add-drawing" : "save-drawing");
  }
}

/**
 * Of sets that grew drawing by drawing (“Mine +1”, “Mine +2”) the largest, and the one in use.
 * @param {readonly Summary[]} sets
 * @param {string | null} current
 */
function newest(sets, current) {
  const stem = (/** @type {Summary} */ one) => one.name.replace(/ \+\d+$/, "");
  /** @type {Map<string, Summary>} */
  const largest = new Map();
  for (const one of sets) {
    const key = `${stem(one)} ${one.id.startsWith("set-")}`;
    if (one.size >= (largest.get(key)?.size ?? 0)) largest.set(key, one);
  }
  return sets.filter((one) => one.id === current || [...largest.values()].includes(one));
}

customElements.define("dataset-shelf", DatasetShelf);
