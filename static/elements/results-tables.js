/**
 * How well the network does: accuracy and cost, and a table of what it takes each class for, on the
 * images that it learns from and on those kept for testing. The darker a cell, the more images.
 */

import { html, nothing } from "lit";

import { format } from "../format.js";
import { t } from "../i18n.js";
import { colour } from "../scale.js";
import { PageElement } from "./page-element.js";

/** @typedef {{count: number, C: number, accuracy: number, confusion: readonly (readonly number[])[]}} Result */

export class ResultsTables extends PageElement {
  /** @override */
  static properties = {
    results: { attribute: false },
    theme: {},
    language: {},
  };

  constructor() {
    super();
    /** @type {{iteration: number, classes: readonly string[], training: Result, test: Result | null} | null} */
    this.results = null;
    /** @type {import("../scale.js").Theme} */ this.theme = "light";
    this.language = "en";
  }

  /** @override */
  render() {
    if (!this.results) return nothing;
    const { training, test } = this.results;
    return html`<h3>${t("results.title")}</h3>
      ${this.table("training", training)} ${test ? this.table("test", test) : nothing}`;
  }

  /**
   * @param {"training" | "test"} which
   * @param {Result} result
   */
  table(which, { count, C, accuracy, confusion }) {
    const classes = this.results?.classes ?? [];
    const words = {
      count,
      accuracy: (accuracy * 100).toFixed(1).replace(/\.0$/, ""),
      cost: format(C, 4),
    };
    return html`<p id=${`results-${which}`} class="about">${t(`results.${which}`, words)}</p>
      <table class="confusion" aria-labelledby=${`results-${which}`}>
        <thead>
          <tr>
            <th scope="col">${t("results.corner")}</th>
            ${classes.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${confusion.map((row, at) => this.row(row, at, classes[at] ?? ""))}
        </tbody>
      </table>`;
  }

  /**
   * @param {readonly number[]} row
   * @param {number} at
   * @param {string} name
   */
  row(row, at, name) {
    const most = Math.max(1, ...row);
    const scale = /** @type {const} */ ({ kind: "positive", limit: most });
    return html`<tr>
      <th scope="row">${name}</th>
      ${row.map(
        (count, said) =>
          html`<td
            class=${said === at ? "right" : ""}
            style=${`background:${colour(count, scale, this.theme)}`}
          >
            <span>${count}</span>
          </td>`,
      )}
    </tr>`;
  }
}

customElements.define("results-tables", ResultsTables);
