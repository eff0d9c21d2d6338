/**
 * The cost of all images and the share of right answers over the iterations: linear or logarithmic,
 * drag to zoom, exact values under the pointer, a click travels there (`iteration`). With the keyboard
 * it is a slider. Costs of other futures lie beside it, dashed.
 *
 * uPlot is loaded when the chart is first shown.
 */

import { html } from "lit";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { once, PageElement } from "./page-element.js";

/** @typedef {{iterations: readonly number[], C: readonly number[], accuracy: readonly number[]}} Costs */

/** @typedef {{name: string, colour: string, costs: Costs}} Other */

const HEIGHT = 300;
const DASHES = [8, 5];

/** The library and its styles. */
const loadChart = once(async () => {
  const library = await import("uplot");
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../vendor/uplot.css", import.meta.url).href;
  document.head.append(link);
  return library.default;
});

/** @type {(chart: unknown, splits: readonly number[]) => string[]} */
const percents = (_, splits) => splits.map((value) => `${value} %`);

export class CostChart extends PageElement {
  /** @override */
  static properties = {
    costs: { attribute: false },
    others: { attribute: false },
    iteration: { type: Number },
    theme: { type: String },
    language: { type: String },
    logarithmic: { state: true },
    at: { state: true },
    zoomed: { state: true },
  };

  constructor() {
    super();
    /** @type {Costs} */ this.costs = { iterations: [], C: [], accuracy: [] };
    /** @type {readonly Other[]} */ this.others = [];
    this.iteration = 0;
    this.zoomed = false;
    this.theme = "light";
    this.language = "en";
    this.logarithmic = false;
    /** @type {number | null} the point that is read */ this.at = null;
    /** @type {any} */ this.chart = null;
    /** @type {((tables: unknown[]) => any) | null} */ this.joined = null;
    this.watcher = new ResizeObserver(() => this.resize());
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watcher.disconnect();
    this.chart?.destroy();
    this.chart = null;
  }

  /** The point that is read: under the pointer, else where we are. */
  get point() {
    const last = this.costs.iterations.length - 1;
    if (this.at !== null) return Math.min(this.at, last);
    const here = this.costs.iterations.findIndex((one) => one >= this.iteration);
    return here < 0 ? last : here;
  }

  /** @override */
  render() {
    const { iterations } = this.costs;
    const none = iterations.length < 2;
    const said = none ? t("costs.empty") : this.reading();
    return html`<div class="chart-head">
        <output class="chart-reading">${said}</output>
        <span class="choice" role="group" aria-label=${t("costs.scale")}>
          ${this.choice(false, "costs.linear")}${this.choice(true, "costs.log")}
        </span>
        <button type="button" ?disabled=${!this.zoomed} @click=${this.whole}>
          ${t("costs.whole")}
        </button>
      </div>
      ${none ? html`<div class="chart empty"></div>` : this.line(said)}
      <p class="chart-key">
        <span class="key-cost">${t("costs.key_cost")}</span>
        <span class="key-accuracy">${t("costs.accuracy")}</span>
      </p>
      <p class="chart-hint">${t("costs.hint")}</p>`;
  }

  /** The place of the curve. @param {string} said */
  line(said) {
    const { iterations } = this.costs;
    return html`<div
      class="chart"
      role="slider"
      tabindex="0"
      aria-label=${t("costs.title")}
      aria-valuemin=${iterations[0] ?? 0}
      aria-valuemax=${iterations.at(-1) ?? 0}
      aria-valuenow=${iterations[this.point] ?? 0}
      aria-valuetext=${said}
      @keydown=${this.pressed}
      @click=${this.clicked}
    ></div>`;
  }

  /** @type {(logarithmic: boolean, key: string) => unknown} */
  choice(logarithmic, key) {
    return html`<button
      type="button"
      aria-pressed=${this.logarithmic === logarithmic}
      @click=${() => (this.logarithmic = logarithmic)}
    >
      ${t(key)}
    </button>`;
  }

  /** The exact values of the point that is read. */
  reading() {
    const { iterations, C, accuracy } = this.costs;
    const right = accuracy[this.point];
    const words = { iteration: iterations[this.point] ?? 0, cost: format(C[this.point] ?? 0, 17) };
    if (right === undefined) return t("costs.read_cost", words);
    return t("costs.read", { ...words, accuracy: `${Math.round(right * 1000) / 10} %` });
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  async updated(changed) {
    const place = this.querySelector(".chart:not(.empty)");
    if (!(place instanceof HTMLElement)) return;
    if (!(await this.needs(loadChart()))) return;
    const Chart = await loadChart();
    const anew = ["theme", "logarithmic", "language", "others"].some((name) => changed.has(name));
    if (!this.chart || anew || !place.contains(this.chart.root)) this.draw(Chart, place);
    else if (changed.has("costs")) this.refill();
    else if (changed.has("iteration")) this.chart.redraw();
  }

  /** Columns of equal length: iterations, cost, right answers in per cent, costs of the others. */
  get data() {
    const { iterations, C, accuracy } = this.costs;
    const own = [[...iterations], [...C], accuracy.map((share) => share * 100)];
    const tables = this.others.map(({ costs }) => [[...costs.iterations], [...costs.C]]);
    return this.joined ? this.joined([own, ...tables]) : own;
  }

  /** New points keep the part of the curve that is looked at. */
  refill() {
    if (!this.zoomed) return this.chart.setData(this.data);
    const { min, max } = this.chart.scales.x;
    this.chart.setData(this.data, false);
    this.chart.setScale("x", { min, max });
  }

  whole() {
    this.zoomed = false;
    this.chart?.setData(this.data);
  }

  /**
   * @param {any} Chart
   * @param {HTMLElement} place
   */
  draw(Chart, place) {
    this.chart?.destroy();
    this.joined = Chart.join;
    this.zoomed = false;
    const style = getComputedStyle(this);
    /** @type {(name: string, otherwise: string) => string} */
    const token = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const axis = {
      stroke: token("--faint", "#635b4e"),
      grid: { stroke: token("--rule", "#ddd3c0"), width: 1 },
      ticks: { stroke: token("--rule", "#ddd3c0"), width: 1 },
      font: '13px "Source Sans 3", sans-serif',
      labelFont: '13px "Source Sans 3", sans-serif',
    };
    const series = {
      label: "C_T",
      spanGaps: true,
      stroke: token("--rubric", "#a8123e"),
      width: 2,
      points: { show: false },
    };
    const right = {
      label: t("costs.accuracy"),
      scale: "%",
      stroke: token("--faint", "#635b4e"),
      width: 1.5,
      spanGaps: true,
      points: { show: false },
    };
    const others = this.others.map(({ name, colour }) => ({
      ...series,
      label: name,
      stroke: colour,
      dash: DASHES,
    }));
    const options = {
      width: Math.max(260, place.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: {
        x: { time: false },
        y: { distr: this.logarithmic ? 3 : 1 },
        "%": { range: [0, 100] },
      },
      axes: [
        { ...axis, label: t("costs.iteration"), labelSize: 20 },
        { ...axis, size: 64 },
        { ...axis, scale: "%", side: 1, size: 56, grid: { show: false }, values: percents },
      ],
      series: [{ label: t("costs.iteration") }, series, right, ...others],
      hooks: {
        setCursor: [(/** @type {any} */ chart) => this.read(chart.data[0][chart.cursor.idx])],
        setSelect: [(/** @type {any} */ chart) => (this.zoomed ||= chart.select.width > 0)],
        draw: [(/** @type {any} */ chart) => this.mark(chart, token("--ink", "#1f1b16"))],
      },
    };
    this.chart = new Chart(options, this.data, place);
    this.watcher.observe(place);
  }

  /** @param {number | null | undefined} iteration */
  read(iteration) {
    const at = this.costs.iterations.findIndex((one) => one >= (iteration ?? Infinity));
    this.at = at < 0 ? null : at;
  }

  /**
   * A line where we are.
   * @param {any} chart
   * @param {string} ink
   */
  mark(chart, ink) {
    const x = Math.round(chart.valToPos(this.iteration, "x", true));
    const { ctx, bbox } = chart;
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = ink;
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  resize() {
    const place = this.querySelector(".chart");
    if (place && this.chart)
      this.chart.setSize({ width: Math.max(260, place.clientWidth), height: HEIGHT });
  }

  clicked() {
    if (this.at !== null) this.travel();
  }

  travel() {
    this.tell("iteration", { to: this.costs.iterations[this.point] ?? 0 });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const last = this.costs.iterations.length - 1;
    const { point } = this;
    /** @type {Record<string, number>} */
    const ways = {
      ArrowLeft: point - 1,
      ArrowDown: point - 1,
      ArrowRight: point + 1,
      ArrowUp: point + 1,
      PageUp: point + 10,
      PageDown: point - 10,
      Home: 0,
      End: last,
    };
    const to = ways[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (to === undefined) return this.travel();
    this.at = Math.min(last, Math.max(0, to));
  }
}

customElements.define("cost-chart", CostChart);
