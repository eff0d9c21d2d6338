/**
 * The neuron error of a whole map as a product, cell by cell: what arrives × the mask × the slope.
 * Shown for a cell of a δ; the cell itself is outlined in every grid.
 */

import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { deltaFactors, mapOf } from "../factors.js";
import { nameOf } from "../formula.js";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { colour, inkOn, scaleOf } from "../scale.js";
import { PageElement } from "./page-element.js";

const SIGNS = ["", "×", "×", "="];

export class DeltaFactors extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    formulas: { attribute: false },
    cell: { attribute: false },
    digits: { type: Number },
    theme: { type: String },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {any} */ this.run = null;
    /** @type {import("../formula.js").Trace | null} */ this.trace = null;
    /** @type {import("../explanation.js").Formulas} */ this.formulas = {};
    /** @type {import("../formula.js").Cell | null} */ this.cell = null;
    this.digits = 2;
    /** @type {import("../scale.js").Theme} */ this.theme = "light";
    this.language = "en";
  }

  /** @override */
  updated() {
    const [letter, name] = this.cell?.tensor.split(".") ?? [];
    if (name !== "delta" || this.formulas[`${letter}.da`]) return;
    const detail = { tensor: `${letter}.da` };
    this.tell("need-formulas", detail);
  }

  /** @override */
  render() {
    const { run, trace, formulas, cell: place } = this;
    const shape = place && trace?.tensors[place.tensor]?.shape;
    const grids = run && trace && place ? deltaFactors(run, trace, formulas, place) : null;
    if (!grids || !shape || !place) return nothing;
    const places = mapOf(shape, place.index);
    const here = places.findIndex((index) => nameOf({ ...place, index }) === nameOf(place));
    const columns = shape[2] ?? 1;
    const title = grids.length > 3 ? "formula.factors" : "formula.factors_two";
    const signs = grids.map((_, i) => (i === grids.length - 1 ? "=" : SIGNS[i]));
    return html`<figure class="factors" aria-label=${t(title)}>
      ${grids.map(
        (grid, i) =>
          html`${signs[i] ? html`<span class="factor-sign" aria-hidden="true">${signs[i]}</span>` : nothing}
            <div class="factor">
              ${this.grid(grid, columns, here)}
              <span class="factor-name">${t(`formula.factor.${grid.name}`)}</span>
            </div>`,
      )}
    </figure>`;
  }

  /**
   * @param {{name: string, values: number[]}} grid
   * @param {number} columns
   * @param {number} here
   */
  grid(grid, columns, here) {
    const scale = scaleOf(
      grid.name === "mask" || grid.name === "slope" ? ".a" : grid.name,
      grid.values,
    );
    const shown = {
      ...scale,
      limit: grid.name === "slope" ? Math.max(...grid.values) : scale.limit,
    };
    return html`<div
      class="factor-grid"
      style="--columns:${columns}"
      role="img"
      aria-label="${t(`formula.factor.${grid.name}`)}: ${format(grid.values[here] ?? 0, this.digits)}"
    >
      ${grid.values.map((value, i) => {
        const background = colour(value, shown, this.theme);
        return html`<span
          class=${i === here ? "here" : ""}
          style="background:${background};color:${inkOn(background)}"
          >${keyed(value, format(value, 2))}</span
        >`;
      })}
    </div>`;
  }
}

customElements.define("delta-factors", DeltaFactors);
