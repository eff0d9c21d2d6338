/**
 * All training images as tiny pictures, with the label of each and what the network says of it.
 * A click puts the image on stage (`choose-sample`). An image that is to be seen and has not
 * come yet is asked for (`need-image`). The arrow keys walk through the images.
 */

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { padded } from "../format.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";
import { tinyImage } from "./tiny-image.js";

/** @typedef {{classes: readonly string[], images: readonly any[], labels: readonly number[]}} Dataset */
/** @typedef {{predictions: readonly number[], correct: number}} Predictions */

const BLANK = [[0]];
const PAGE = 240; // images that are drawn at a time

export class ImageGallery extends PageElement {
  /** @override */
  static properties = {
    examples: { attribute: false },
    predictions: { attribute: false },
    sample: { type: Number },
    language: { type: String },
    wrongOnly: { state: true },
    at: { state: true },
    most: { state: true },
  };

  constructor() {
    super();
    /** @type {Dataset | null} */ this.examples = null;
    /** @type {Predictions | null} */ this.predictions = null;
    /** @type {number | null} the image on stage */ this.sample = null;
    this.language = "en";
    this.wrongOnly = false;
    this.at = 0;
    this.most = PAGE;
  }

  /** @param {number} n */
  wrong(n) {
    const said = this.predictions?.predictions[n];
    return said !== undefined && said !== this.examples?.labels[n];
  }

  /** The images that are shown. */
  get shown() {
    const all = Array.from({ length: this.examples?.labels.length ?? 0 }, (_, n) => n);
    return this.wrongOnly ? all.filter((n) => this.wrong(n)) : all;
  }

  /** @override */
  render() {
    const { examples: dataset, predictions } = this;
    if (!dataset) return html`<p>${t("gallery.no_data")}</p>`;
    const count = dataset.labels.length;
    const all = this.shown;
    const shown = all.slice(0, this.most);
    const focused = shown.includes(this.at) ? this.at : (shown[0] ?? -1);
    const right =
      predictions &&
      t("gallery.correct", { correct: padded(predictions.correct, String(count).length), count });
    return html`<div class="gallery-head">
        <p>${right ?? t("gallery.count", { count })} ${t("gallery.choose")}</p>
        ${predictions ? this.filter() : nothing}
      </div>
      <div class="gallery" role="listbox" aria-label=${t("gallery.title")} @keydown=${this.pressed}>
        ${repeat(
          shown,
          (n) => n,
          (n) => this.image(dataset, n, n === focused),
        )}
      </div>
      ${
        all.length > shown.length
          ? html`<button type="button" class="more" @click=${() => (this.most += PAGE)}>
              ${t("gallery.more", { count: all.length - shown.length })}
            </button>`
          : nothing
      }
      ${shown.length === 0 ? html`<p>${t("gallery.none_wrong")}</p>` : nothing}`;
  }

  /** @override */
  updated() {
    for (const sample of this.shown.slice(0, this.most)) {
      if (!this.examples?.images[sample]) this.tell("need-image", { sample });
    }
  }

  filter() {
    /** @type {(only: boolean, key: string) => unknown} */
    const choice = (only, key) =>
      html`<button
        type="button"
        aria-pressed=${this.wrongOnly === only}
        @click=${() => (this.wrongOnly = only)}
      >
        ${t(key)}
      </button>`;
    return html`<span class="choice"
      >${choice(false, "gallery.all")}${choice(true, "gallery.wrong")}</span
    >`;
  }

  /**
   * @param {Dataset} dataset
   * @param {number} n
   * @param {boolean} focused
   */
  image(dataset, n, focused) {
    const said = this.predictions?.predictions[n];
    const words = {
      number: n + 1,
      label: dataset.classes[dataset.labels[n] ?? -1] ?? "?",
      prediction: said === undefined ? "" : (dataset.classes[said] ?? "?"),
    };
    const judged = said === undefined ? "" : this.wrong(n) ? "_wrong" : "_right";
    const name = t(`gallery.image${judged}`, words);
    return html`<div
      class="gallery-image${judged}"
      role="option"
      data-sample=${n}
      tabindex=${focused ? 0 : -1}
      aria-selected=${n === this.sample}
      aria-label=${name}
      title=${name}
      @click=${() => this.choose(n)}
    >
      ${tinyImage(dataset.images[n] ?? BLANK)}
      <span class="gallery-label"
        >${words.label}${judged === "_wrong" ? html`<b> → ${words.prediction}</b>` : nothing}</span
      >
    </div>`;
  }

  /** @param {number} sample */
  choose(sample) {
    this.tell("choose-sample", { sample });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const shown = this.shown.slice(0, this.most);
    const place = Math.max(0, shown.indexOf(this.at));
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      return this.choose(shown[place] ?? 0);
    }
    const to = this.reached(event.key, place, shown.length);
    if (to === null) return undefined;
    event.preventDefault();
    event.stopPropagation();
    this.at = shown[to] ?? 0;
    this.updateComplete.then(() => {
      const next = this.querySelector(`[data-sample="${this.at}"]`);
      if (next instanceof HTMLElement) next.focus();
    });
    return undefined;
  }

  /**
   * Where a key leads from a place in the list; null where it is no key of ours.
   * @param {string} key
   * @param {number} place
   * @param {number} count
   */
  reached(key, place, count) {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns };
    if (key === "Home") return 0;
    if (key === "End") return count - 1;
    const move = moves[/** @type {keyof typeof moves} */ (key)];
    return move === undefined ? null : Math.min(count - 1, Math.max(0, place + move));
  }

  /** How many images stand in a row. */
  get columns() {
    const all = [...this.querySelectorAll("[data-sample]")];
    const top = all[0]?.getBoundingClientRect().top;
    return Math.max(1, all.filter((one) => one.getBoundingClientRect().top === top).length);
  }
}

customElements.define("image-gallery", ImageGallery);
