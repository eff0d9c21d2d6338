/**
 * The cost as a function of one weight, and its tangent: the slope is the gradient. The dashed line is
 * where the coming update puts the weight.
 */

import { html, nothing, svg } from "lit";

import { format, short } from "../format.js";
import { t } from "../i18n.js";
import { at, axes, curvePath, tangent } from "../plot.js";
import { PageElement } from "./page-element.js";

/** @typedef {{tensor: string, index: readonly number[], of: string, value: number, C: number, slope: number, values: readonly number[], costs: readonly number[]}} Curve */

const PAPER = { width: 640, height: 200, inset: 22 };
const LONG = 190;

export class CostCurve extends PageElement {
  /** @override */
  static properties = {
    curve: { attribute: false },
    next: { type: Number },
    digits: { type: Number },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {Curve | null} */ this.curve = null;
    /** the weight after the update @type {number | null} */ this.next = null;
    this.digits = 4;
    this.language = "en";
  }

  /** @override */
  render() {
    const { curve, next } = this;
    if (!curve) return nothing;
    const { value, C, slope, values, costs } = curve;
    const on = axes(values, costs, PAPER);
    const line = tangent(on, { x: value, y: C, slope }, LONG);
    const words = { value: format(value, this.digits), slope: format(slope, this.digits) };
    const { width, height, inset } = PAPER;
    return html`<figure class="cost-along">
      <svg
        viewBox="0 0 ${width} ${height}"
        role="img"
        aria-label=${t("curve.cost", words)}
        data-slope=${slope}
      >
        <path
          class="axis"
          d=${`M${inset} ${height - inset}H${width - inset}M${inset} ${inset}V${height - inset}`}
        ></path>
        <path class="line" d=${curvePath(on, values, costs)}></path>
        ${next === null ? nothing : this.mark(on, next)}
        <line class="tangent" x1=${line.x1} y1=${line.y1} x2=${line.x2} y2=${line.y2}></line>
        <circle class="own" cx=${at(on.x(value))} cy=${at(on.y(C))} r="5"></circle>
        <text x=${inset} y=${height - 5}>${short(on.left)}</text>
        <text x=${at(on.x(value))} y=${height - 5} text-anchor="middle">${short(value)}</text>
        <text x=${width - inset} y=${height - 5} text-anchor="end">${short(on.right)}</text>
        <text x=${inset + 5} y=${inset - 5}>${short(Math.max(...costs))}</text>
      </svg>
      <figcaption>
        ${t(curve.of === "batch" ? "curve.tangent" : "curve.tangent_image", words)}
      </figcaption>
    </figure>`;
  }

  /**
   * @param {import("../plot.js").Axes} on
   * @param {number} next
   */
  mark(on, next) {
    const x = at(on.x(Math.max(on.left, Math.min(on.right, next))));
    const { height, inset } = PAPER;
    return svg`<line class="next" x1=${x} y1=${inset} x2=${x} y2=${height - inset}></line>`;
  }
}

customElements.define("cost-curve", CostCurve);
