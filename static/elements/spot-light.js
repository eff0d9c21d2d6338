/**
 * One tensor in the light: over everything else on the stage lies a veil. Set `tensor`, or null.
 */

import { html, nothing } from "lit";

import { PageElement } from "./page-element.js";

const AROUND = 8;
/** A heading ends at most so far above its tensor. */
const ABOVE = 14;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Bounds */

export class SpotLight extends PageElement {
  /** @override */
  static properties = { tensor: {}, bounds: { state: true } };

  constructor() {
    super();
    /** @type {string | null} */
    this.tensor = null;
    /** @type {Bounds | null} */
    this.bounds = null;
    this.follow = () => {
      const seen = this.tensor ? boundsOf(this.tensor, this) : null;
      if (JSON.stringify(seen) !== JSON.stringify(this.bounds)) this.bounds = seen;
      if (this.tensor) requestAnimationFrame(this.follow);
      else this.isFollowing = false;
    };
    this.isFollowing = false;
  }

  /** @override */
  updated() {
    if (!this.tensor || this.isFollowing) return;
    this.isFollowing = true;
    this.follow();
  }

  /** @override */
  render() {
    if (!this.tensor || !this.bounds) return nothing;
    const { left, top, right, bottom } = this.bounds;
    const box = `left:${left}px;top:${top}px;width:${right - left}px;height:${bottom - top}px`;
    return html`<div class="veil" style=${box}></div>`;
  }
}

/**
 * Where a tensor and its heading are, measured from an element's corner.
 * @param {string} tensor
 * @param {Element} element
 * @returns {Bounds | null}
 */
function boundsOf(tensor, element) {
  const sheets = [...document.querySelectorAll(`svg.sheet[data-tensor="${tensor}"]`)];
  if (sheets.length === 0) return null;
  const seen = around(sheets.map((one) => one.getBoundingClientRect()));
  const heading = [...document.querySelectorAll("network-map .heading")]
    .map((one) => one.getBoundingClientRect())
    .find((box) => Math.abs(box.left - seen.left) < ABOVE && isAbove(box, seen));
  const { left, top } = element.getBoundingClientRect();
  const whole = around(heading ? [seen, heading] : [seen]);
  return {
    left: Math.round(whole.left - left) - AROUND,
    top: Math.round(whole.top - top) - AROUND,
    right: Math.round(whole.right - left) + AROUND,
    bottom: Math.round(whole.bottom - top) + AROUND,
  };
}

/**
 * @param {Bounds} heading
 * @param {Bounds} seen
 */
function isAbove(heading, seen) {
  return heading.bottom <= seen.top + ABOVE && heading.bottom > seen.top - ABOVE;
}

/** @param {readonly Bounds[]} boxes */
function around(boxes) {
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

customElements.define("spot-light", SpotLight);
