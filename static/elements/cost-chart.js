/**
 * The cost of all images and the share of right answers over the iterations: linear or logarithmic,
 * drag to zoom, exact values under the pointer, a click travels there (`iteration`). With the keyboard
 * it is a slider; + and − zoom. Costs of other futures lie beside it, dashed.
 *
 * The whole is thinned: what is seen closer is asked for (`costs-wanted`, {from, to}) and comes as `stretch`.
 *
 * uPlot is loaded when the chart is first shown.
 */

import { html } from "lit";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { once, PageElement, styled } from "./page-element.js";

/** @typedef {{iterations: readonly number[], C: readonly number[], accuracy: readonly number[]}} Costs */

/** @typedef {{name: string, colour: string, costs: Costs}} Other */

const HEIGHT = 300;
const DASHES = [8, 5];
/** Milliseconds between two pictures of a curve that grows. */
const EVERY = 250;

/** The library, when its styles are there. */
const loadChart = once(async () => {
  const [library] = await Promise.all([
    import("uplot"),
    styled(new URL("../vendor/uplot.css", import.meta.url).href),
  ]);
  return library.default;
});

/** @type {(chart: unknown, splits: readonly number[]) => string[]} */
const percents = (_, splits) => splits.map((value) => `${value} %`);

export class CostChart extends PageElement {
  /** @override */
  static properties = {
    costs: { attribute: false },
    stretch: { attribute: false },
    others: { attribute: false },
    iteration: { type: Number },
    running: { type: Boolean },
    theme: { type: String },
    language: { type: String },
    logarithmic: { state: true },
    at: { state: true },
    zoomed: { state: true },
  };

  constructor() {
    super();
    /** @type {Costs} */ this.costs = { iterations: [], C: [], accuracy: [] };
    /** @type {{from: number, to: number, costs: Costs} | null} */ this.stretch = null;
    /** @type {Costs} */ this.shown = this.costs;
    /** @type {readonly Other[]} */ this.others = [];
    this.iteration = 0;
    /** does the curve grow? */ this.running = false;
    this.zoomed = false;
    this.theme = "light";
    this.language = "en";
    this.logarithmic = false;
    /** @type {number | null} the iteration that is read */ this.at = null;
    /** @type {any} */ this.chart = null;
    /** have points come that are not drawn yet? */ this.stale = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.renewing = undefined;
    /** @type {((tables: unknown[]) => any) | null} */ this.joined = null;
    this.watcher = new ResizeObserver(() => this.resize());
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watcher.disconnect();
    clearTimeout(this.renewing);
    this.chart?.destroy();
    this.chart = null;
  }

  /**
   * The whole, and in it the stretch that is seen closer.
   * @param {Map<string, unknown>} changed
   * @override
   */
  willUpdate(changed) {
    if (!changed.has("costs") && !changed.has("stretch")) return;
    this.shown = closer(this.costs, this.stretch);
  }

  /** The point that is read: under the pointer, else where we are. */
  get point() {
    const last = this.shown.iterations.length - 1;
    const wanted = this.at ?? this.iteration;
    const here = this.shown.iterations.findIndex((one) => one >= wanted);
    return here < 0 ? last : here;
  }

  /** @override */
  render() {
    const none = this.costs.iterations.length < 2;
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
    const { iterations } = this.shown;
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

  /** The exact values of the point that is read, and the cost one update before it. */
  reading() {
    const { iterations, C, accuracy } = this.shown;
    const { point } = this;
    const [right, iteration = 0] = [accuracy[point], iterations[point]];
    const words = { iteration, cost: format(C[point] ?? 0, 17) };
    const known = iterations[point - 1] === iteration - 1;
    const before = known ? ` ${t("costs.before", { cost: format(C[point - 1] ?? 0, 4) })}` : "";
    if (right === undefined) return t("costs.read_cost", words) + before;
    const accurate = `${Math.round(right * 1000) / 10} %`;
    return t("costs.read", { ...words, accuracy: accurate }) + before;
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  async updated(changed) {
    if (!(await this.needs(loadChart()))) return;
    const place = this.querySelector(".chart:not(.empty)");
    if (!(place instanceof HTMLElement)) return;
    const Chart = await loadChart();
    const anew = ["theme", "logarithmic", "language", "others"].some((name) => changed.has(name));
    if (!this.chart || anew || !place.contains(this.chart.root)) return this.draw(Chart, place);
    this.stale ||= changed.has("costs") || changed.has("stretch");
    if (!this.stale && !changed.has("iteration")) return;
    if (!this.running) this.renew();
    else this.renewing ??= setTimeout(() => this.renew(), EVERY);
  }

  /** Draw the chart again: with new points, or only the line where we are. */
  renew() {
    clearTimeout(this.renewing);
    this.renewing = undefined;
    if (!this.chart) return;
    if (this.stale) this.refill();
    else this.chart.redraw();
    this.stale = false;
  }

  /** Columns of equal length: iterations, cost, right answers in per cent, costs of the others. */
  get data() {
    const { iterations, C, accuracy } = this.shown;
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
    this.rescaled(this.chart, "x");
  }

  whole() {
    this.chart?.setData(this.data);
  }

  /**
   * What is seen of the iterations has changed: a part of them is asked for, unless it is there.
   * @param {any} chart
   * @param {string} key
   */
  rescaled(chart, key) {
    if (key !== "x" || chart !== this.chart) return;
    const { min, max } = chart.scales.x;
    const { iterations } = this.costs;
    this.zoomed = min > (iterations[0] ?? 0) || max < (iterations.at(-1) ?? 0);
    const range = { from: Math.max(0, Math.floor(min)), to: Math.ceil(max) };
    if (this.zoomed && !shows(this.stretch, range)) this.tell("costs-wanted", range);
  }

  /**
   * See so many times as much, around the point that is read.
   * @param {number} times
   */
  zoom(times) {
    const { iterations } = this.shown;
    const [first = 0, last = 0] = [iterations[0], iterations.at(-1)];
    const { min, max } = this.chart.scales.x;
    const middle = iterations[this.point] ?? 0;
    const width = Math.max(2, (max - min) * times);
    if (width >= last - first) return this.whole();
    const from = Math.min(Math.max(first, middle - width / 2), last - width);
    this.chart.setScale("x", { min: from, max: from + width });
  }

  /**
   * @param {any} Chart
   * @param {HTMLElement} place
   */
  draw(Chart, place) {
    const seen = this.zoomed && this.chart ? { ...this.chart.scales.x } : null;
    this.chart?.destroy();
    this.joined = Chart.join;
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
        setScale: [
          (/** @type {any} */ chart, /** @type {string} */ key) => this.rescaled(chart, key),
        ],
        draw: [(/** @type {any} */ chart) => this.mark(chart, token("--ink", "#1f1b16"))],
      },
    };
    this.chart = new Chart(options, this.data, place);
    if (seen) this.chart.setScale("x", { min: seen.min, max: seen.max });
    this.watcher.observe(place);
  }

  /** @param {number | null | undefined} iteration under the pointer */
  read(iteration) {
    this.at = iteration ?? null;
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
    this.tell("iteration", { to: this.shown.iterations[this.point] ?? 0 });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const last = this.shown.iterations.length - 1;
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
    const times = { "+": 0.25, "=": 0.25, "-": 4 }[event.key];
    const to = ways[event.key];
    if (times && this.chart) {
      event.preventDefault();
      event.stopPropagation();
      return this.zoom(times);
    }
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (to === undefined) return this.travel();
    this.at = this.shown.iterations[Math.min(last, Math.max(0, to))] ?? null;
  }
}

/**
 * Is all of a range there, each of its iterations or as many as came of this very range?
 * @param {{from: number, to: number, costs: Costs} | null} stretch
 * @param {{from: number, to: number}} range
 */
function shows(stretch, { from, to }) {
  if (!stretch || stretch.from > from || stretch.to < to) return false;
  const { iterations } = stretch.costs;
  const every = iterations.length > (iterations.at(-1) ?? 0) - (iterations[0] ?? 0);
  return every || (stretch.from === from && stretch.to === to);
}

/**
 * Costs with those of a stretch in their place.
 * @param {Costs} costs
 * @param {{costs: Costs} | null} stretch
 * @returns {Costs}
 */
function closer(costs, stretch) {
  const inner = stretch?.costs.iterations ?? [];
  const [first, last] = [inner[0], inner.at(-1)];
  if (!stretch || first === undefined || last === undefined) return costs;
  const { iterations } = costs;
  const before = iterations.filter((one) => one < first).length;
  const after = iterations.filter((one) => one <= last).length;
  const put = (/** @type {"iterations" | "C" | "accuracy"} */ name) => [
    ...costs[name].slice(0, before),
    ...stretch.costs[name],
    ...costs[name].slice(after),
  ];
  return { iterations: put("iterations"), C: put("C"), accuracy: put("accuracy") };
}

customElements.define("cost-chart", CostChart);
