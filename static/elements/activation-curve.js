/**
 * The activation's curve with the slope at one neuron's z drawn as its tangent; the other neurons of
 * its map as dots. A saturated one, where the curve is almost flat, is hollow.
 *
 * Asks by `activation-wanted` ({layer, reach}) for a curve as wide as the z of the map.
 */

import { html, nothing, svg } from "lit";

import { isFlat } from "../explanation.js";
import { mapOf } from "../factors.js";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { flatten } from "../moment.js";
import { at, axes, curvePath, tangent } from "../plot.js";
import { PageElement } from "./page-element.js";

/** @typedef {{layer: string, function: string, flat: number | null, hash: string, z: readonly number[], a: readonly number[], slope: readonly number[]}} Curve */

const PAPER = { width: 150, height: 92, inset: 7 };
const LONG = 56;

export class ActivationCurve extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    cell: { attribute: false },
    curves: { attribute: false },
    digits: { type: Number },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {any} */ this.run = null;
    /** @type {import("../formula.js").Trace | null} */ this.trace = null;
    /** @type {import("../formula.js").Cell | null} a δ, an output or a slope */ this.cell = null;
    /** @type {Readonly<Record<string, Curve | null>>} by layer */ this.curves = {};
    this.digits = 2;
    this.language = "en";
  }

  get layer() {
    return this.cell?.tensor.split(".")[0] ?? "";
  }

  /** The neurons of the cell's map: the cell's own first.
   * @returns {{z: number, a: number, slope: number}[]} */
  neurons() {
    const { trace, cell: place, layer } = this;
    const [z, a, slope] = ["z", "a", "slope"].map((name) => trace?.tensors[`${layer}.${name}`]);
    if (!place || !z || !a || !slope) return [];
    const own = place.index.join();
    const others = mapOf(z.shape, place.index).filter((index) => index.join() !== own);
    return [place.index, ...others].map((index) => {
      const n = flatten(z.shape, index);
      return { z: z.values[n] ?? 0, a: a.values[n] ?? 0, slope: slope.values[n] ?? 0 };
    });
  }

  /** @override */
  updated() {
    const all = this.neurons();
    if (all.length === 0) return;
    const reach = Math.max(...all.map(({ z }) => Math.abs(z)));
    const curve = this.curves[this.layer];
    const fits = curve?.hash === this.run?.config_hash && reach <= (curve?.z.at(-1) ?? 0);
    if (curve !== null && !fits) this.tell("activation-wanted", { layer: this.layer, reach });
  }

  /** @override */
  render() {
    const curve = this.curves[this.layer];
    const [own, ...others] = this.neurons();
    if (!curve || !own || curve.hash !== this.run?.config_hash) return nothing;
    const on = axes(curve.z, curve.a, PAPER);
    const line = tangent(on, { x: own.z, y: own.a, slope: own.slope }, LONG);
    const words = { z: format(own.z, this.digits), slope: format(own.slope, this.digits) };
    const flat = isFlat(own.slope, curve.flat);
    return html`<figure class=${flat ? "slope-curve flat" : "slope-curve"}>
      <svg
        viewBox="0 0 ${PAPER.width} ${PAPER.height}"
        role="img"
        aria-label=${t(flat ? "curve.flat" : "curve.slope", words)}
      >
        <path
          class="axis"
          d=${`M0 ${at(on.y(0))}H${PAPER.width}M${at(on.x(0))} 0V${PAPER.height}`}
        ></path>
        <path class="line" d=${curvePath(on, curve.z, curve.a)}></path>
        ${others.map((one) => this.dot(on, one, curve.flat))}
        <line class="tangent" x1=${line.x1} y1=${line.y1} x2=${line.x2} y2=${line.y2}></line>
        <circle class="own" cx=${at(on.x(own.z))} cy=${at(on.y(own.a))} r="4"></circle>
      </svg>
      <figcaption aria-hidden="true"><i>a</i>′ = ${words.slope}</figcaption>
    </figure>`;
  }

  /**
   * @param {import("../plot.js").Axes} on
   * @param {{z: number, a: number, slope: number}} neuron
   * @param {number | null} flat
   */
  dot(on, { z, a, slope }, flat) {
    const kind = isFlat(slope, flat) ? "dot saturated" : "dot";
    return svg`<circle class=${kind} cx=${at(on.x(z))} cy=${at(on.y(a))} r="2.4"></circle>`;
  }
}

customElements.define("activation-curve", ActivationCurve);
