/**
 * How large the neuron errors and the gradients are, layer by layer, over the images of the update:
 * bars left of the middle are negative. Saturated and vanishing layers are marked in words.
 */

import { html, nothing, svg } from "lit";

import { short } from "../format.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

/** @typedef {{edges: readonly number[], counts: readonly number[]}} Histogram */
/** @typedef {{layer: string, delta: Histogram | null, gradient: Histogram | null, saturated: number | null, vanishing: boolean}} Layer */

export class LayerHistograms extends PageElement {
  /** @override */
  static properties = { histograms: { attribute: false }, language: {} };

  constructor() {
    super();
    /** @type {{iteration: number, layers: readonly Layer[]} | null} */
    this.histograms = null;
    this.language = "en";
  }

  /** @override */
  render() {
    if (!this.histograms) return nothing;
    return html`<h3>${t("histograms.title")}</h3>
      <div class="histograms">${this.histograms.layers.map((layer) => this.layer(layer))}</div>`;
  }

  /** @param {Layer} layer */
  layer({ layer, delta, gradient, saturated, vanishing }) {
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
    </section>`;
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
