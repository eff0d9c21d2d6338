/**
 * Which images the network learns from: choose a set, bring one as a file, put the drawing on stage
 * into a set, keep a part for testing. A set that does not fit can be chosen too: then the shelf says why
 * and offers a network that takes it.
 *
 * Tells `configure` ({dataset}, with {input, layers} where the network is to fit), `bring-dataset`
 * ({file}), `add-drawing` (the run learns from it from now on), `save-drawing` (into a set of one's own),
 * `split-dataset` (the run learns from now on from all but a fifth).
 */

import { html, nothing } from "lit";

import { t } from "../i18n.js";
import { groups, nameOf } from "../shelf.js";
import { PageElement } from "./page-element.js";

const SPLIT_FROM = 100; // images: of fewer a fifth would tell little

/** @typedef {import("../shelf.js").Summary} Summary */

export class DatasetShelf extends PageElement {
  /** @override */
  static properties = {
    datasets: { attribute: false },
    current: {},
    arrived: {},
    mine: { attribute: false },
    layers: { attribute: false },
    shape: { attribute: false },
    outputs: { type: Number },
    label: {},
    notes: { attribute: false },
    message: {},
    busy: { type: Boolean },
    language: {},
    wanted: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly Summary[]} */ this.datasets = [];
    /** @type {string | null} the set that is learnt from */ this.current = null;
    /** @type {readonly number[]} what the network takes: channels, rows, columns */ this.shape =
      [];
    /** @type {string | null} the set that was brought last */ this.arrived = null;
    /** @type {readonly string[]} the sets that this browser brought or made */ this.mine = [];
    /** @type {readonly any[]} the layers of the configuration */ this.layers = [];
    this.outputs = 0;
    /** the name of the class that the drawing should have */ this.label = "";
    /** @type {readonly string[]} */ this.notes = [];
    this.message = "";
    this.busy = false;
    this.language = "en";
    /** @type {string | null} a set that does not fit, and was chosen or brought */
    this.wanted = null;
  }

  /** @override @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (changed.has("arrived")) this.wanted = this.arrived;
    const wanted = this.datasets.find(({ id }) => id === this.wanted);
    if (wanted && this.fits(wanted)) this.wanted = null;
  }

  /** What the list shows is what is in force, or on offer. @override */
  updated() {
    const list = this.querySelector("select");
    const value = this.wanted ?? this.current;
    if (list && value !== null) list.value = value;
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
          ${this.options()}
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
      ${this.testing()} ${this.offer()}
      ${this.notes.length > 0 ? html`<p role="status">${this.notes.join(" ")}</p>` : nothing}
      ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}`;
  }

  /** What is kept for testing, or the offer to keep some. */
  testing() {
    const set = this.datasets.find(({ id }) => id === this.current);
    if (!set || (set.test === 0 && set.size < SPLIT_FROM)) return nothing;
    if (set.test > 0) return html`<p>${t("shelf.tested", { count: set.test })}</p>`;
    return html`<div class="line">
      <button
        type="button"
        name="split"
        ?disabled=${this.busy}
        @click=${() => this.tell("split-dataset")}
      >
        ${t("shelf.split")}
      </button>
    </div>`;
  }

  /** A set that does not fit: why, and a network that would. */
  offer() {
    const set = this.datasets.find(({ id }) => id === this.wanted);
    if (!set) return nothing;
    const words = {
      name: nameOf(set, this.datasets),
      size: sizeOf(set.shape),
      count: set.classes.length,
      mine: sizeOf(this.shape),
      outputs: this.outputs,
    };
    return html`<div class="offer" role="status">
      <p>${t("shelf.offer", words)}</p>
      <button type="button" name="fit" ?disabled=${this.busy} @click=${() => this.fit(set)}>
        ${t("shelf.fit")}
      </button>
      <button type="button" name="leave" @click=${() => (this.wanted = null)}>
        ${t("form.cancel")}
      </button>
    </div>`;
  }

  /** The network with as many inputs and outputs as a set has pixels and classes.
   * @param {Summary} set */
  fit({ id, shape, classes }) {
    const [channels, height, width] = shape;
    const layers = this.layers.map((layer, at) =>
      at === this.layers.length - 1 ? { ...layer, units: classes.length } : layer,
    );
    this.tell("configure", { dataset: id, input: { channels, height, width }, layers });
  }

  /** All sets to choose from, under the names of their groups where there is more than one. */
  options() {
    const all = groups(this.datasets, this.current, this.mine);
    const one = all.map(([, sets]) => sets.map((set) => this.option(set)));
    if (all.length < 2) return one;
    return all.map(([name], at) => html`<optgroup label=${t(name)}>${one[at]}</optgroup>`);
  }

  /** A set that does not fit says so.
   * @param {Summary} one */
  option(one) {
    const words = { name: nameOf(one, this.datasets), count: one.size, size: sizeOf(one.shape) };
    const text = t("shelf.set", words);
    return html`<option value=${one.id} ?selected=${one.id === (this.wanted ?? this.current)}>
      ${this.fits(one) ? text : `${text} — ${t("shelf.unfit", { count: one.classes.length })}`}
    </option>`;
  }

  /** @param {Event} event */
  chosen(event) {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    const set = this.datasets.find(({ id }) => id === value);
    this.wanted = set && !this.fits(set) ? value : null;
    if (set && this.fits(set)) this.tell("configure", { dataset: value });
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

/** @param {readonly number[]} shape channels, rows, columns: one channel is not worth a word */
function sizeOf([channels = 1, rows = 1, columns = 1]) {
  return channels === 1 ? `${rows}×${columns}` : `${channels}×${rows}×${columns}`;
}

customElements.define("dataset-shelf", DatasetShelf);
