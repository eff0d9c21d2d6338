/**
 * How large the neuron errors and the gradients are, layer by layer, over the images of the update:
 * bars left of the middle are negative. Saturated and vanishing layers are marked in words, and their
 * neurons where they stand in their maps.
 */

import { html, nothing, svg } from "lit";

import { short } from "../format.js";
import { t } from "../i18n.js";
import { plainSymbol } from "../notation.js";
import { PageElement } from "./page-element.js";
import { raised } from "./raised.js";

/** @typedef {{edges: readonly number[], counts: readonly number[]}} Histogram */
/** @typedef {{layer: string, delta: Histogram | null, gradient: Histogram | null, saturated: number | null, vanishing: boolean, units: Units}} Layer */
/** @typedef {{shape: readonly number[], saturated: readonly number[][], vanishing: readonly number[][]}} Units */

const NAMED = 6; // neurons that are named in words; all are marked
const MARKED = 4096; // neurons of the largest layer whose maps are drawn

export class LayerHistograms extends PageElement {
  /** @override */
  static properties = {
    histograms: { attribute: false },
    network: { attribute: false },
    language: {},
  };

  constructor() {
    super();
    /** @type {{iteration: number, layers: readonly Layer[]} | null} */
    this.histograms = null;
    /** @type {import("../notation.js").Network | null} */
    this.network = null;
    this.language = "en";
  }

  /** @override */
  render() {
    if (!this.histograms) return nothing;
    return html`<h3>${t("histograms.title")}</h3>
      <div class="histograms">${this.histograms.layers.map((layer) => this.layer(layer))}</div>`;
  }

  /** @param {Layer} layer */
  layer({ layer, delta, gradient, saturated, vanishing, units }) {
    const part = saturated ?? 0;
    return html`<section class="layer">
      <h4>${t("histograms.layer", { layer })}</h4>
      ${delta ? this.bars(delta, t("histograms.delta")) : nothing}
      ${gradient ? this.bars(gradient, t("histograms.gradient")) : nothing}
      ${
        part > 0
          ? html`<p class="flagged">
              ${t("histograms.saturated", { percent: Math.round(part * 1000) / 10 })}
            </p>`
          : nothing
      }
      ${vanishing ? html`<p class="flagged">${t("histograms.vanishing")}</p>` : nothing}
      ${this.units(layer, units)}
    </section>`;
  }

  /**
   * The layer's maps side by side, the marked neurons in them, and the first of these by name.
   * @param {string} layer
   * @param {Units} units
   */
  units(layer, { shape, saturated, vanishing }) {
    const marked = [
      { kind: "saturated", cells: saturated },
      { kind: "vanishing", cells: vanishing },
    ].filter(({ cells }) => cells.length);
    if (!marked.length) return nothing;
    const [maps = 1, rows = 1, cols = 1] = shape.length === 1 ? [1, 1, shape[0]] : shape;
    const words = marked.map(({ kind, cells }) => this.named(layer, kind, cells));
    const place = (/** @type {readonly number[]} */ at) =>
      at.length === 1 ? [at[0] ?? 0, 0] : [(at[0] ?? 0) * (cols + 1) + (at[2] ?? 0), at[1] ?? 0];
    const mark = (/** @type {string} */ kind, /** @type {readonly number[]} */ at) => {
      const [x, y] = place(at);
      return svg`<rect class=${kind} x=${x} y=${y} width="1" height="1"></rect>`;
    };
    return html`${words.map((text) => html`<p class="flagged">${raised(text)}</p>`)}
    ${
      maps * rows * cols > MARKED
        ? nothing
        : html`<svg
            class="units"
            viewBox=${`0 0 ${maps * (cols + 1) - 1} ${rows}`}
            role="img"
            aria-label=${words.join(" ")}
          >
            ${Array.from(
              { length: maps },
              (_, map) =>
                svg`<rect class="map" x=${map * (cols + 1)} y="0" width=${cols} height=${rows}></rect>`,
            )}
            ${marked.map(({ kind, cells }) => cells.map((at) => mark(kind, at)))}
          </svg>`
    }`;
  }

  /**
   * @param {string} layer
   * @param {string} kind
   * @param {readonly number[][]} cells
   */
  named(layer, kind, cells) {
    const { network } = this;
    const names = cells
      .slice(0, NAMED)
      .map((index) => (network ? plainSymbol(network, { tensor: `${layer}.a`, index }) : ""));
    const rest = cells.length > NAMED ? " …" : "";
    return t(`histograms.units.${kind}`, { count: cells.length, names: names.join(", ") + rest });
  }

  /**
   * @param {Histogram} histogram
   * @param {string} title
   */
  bars({ edges, counts }, title) {
    const most = Math.max(...counts, 1);
    const width = 100 / Math.max(counts.length, 1);
    const [low = 0, high = 0] = [edges[0], edges.at(-1)];
    const words = { title, low: short(low), high: short(high) };
    return html`<figure>
      <figcaption>${title}</figcaption>
      <svg
        viewBox="0 0 100 40"
        preserveAspectRatio="none"
        role="img"
        aria-label=${t("histograms.said", words)}
      >
        ${counts.map((count, at) => {
          const height = count === 0 ? 0 : Math.max(1, (count / most) * 40);
          return svg`<rect x=${at * width} y=${40 - height} width=${width * 0.9} height=${height}></rect>`;
        })}
      </svg>
      <div class="range"><span>${short(low)}</span><span>${short(high)}</span></div>
    </figure>`;
  }
}

customElements.define("layer-histograms", LayerHistograms);
