/**
 * The whole network on one page: both lanes, every tensor in its column, the way between what a step
 * reads and what it writes. It places; the heatmaps draw.
 *
 * Passes on what heatmaps and the drawing pad tell.
 */

import { html, nothing, svg } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { differ } from "../differ.js";
import { marksOf, saturated } from "../explanation.js";
import { short } from "../format.js";
import { picture, wayBetween } from "../geometry.js";
import { t } from "../i18n.js";
import { currentStep, flatten, reading } from "../moment.js";
import { networkOf, pieces, plainSymbol } from "../notation.js";
import { isBeyond, keptAs, scaleOf } from "../scale.js";
import { caption as captionOf } from "../sentences.js";
import { ownerOf, seenAs } from "../sheets.js";
import { wordsBeside } from "../words-beside.js";
import "./drawing-pad.js";
import "./learning-corner.js";
import { PageElement } from "./page-element.js";
import "./tensor-heatmap.js";

/** @typedef {import("../moment.js").Trace} Trace */
/** @typedef {import("../moment.js").Cell} Cell */
/** @typedef {import("../geometry.js").Picture} Picture */
/** @typedef {import("../sheets.js").Sheet} Sheet */
/** @typedef {{value: Cell | null, reads: readonly Cell[], terms: readonly Cell[]}} Lights */

/** On the wall the words are larger and the small maps smaller. */
const PROJECTED = { thumb: 0.3, heading: 50 };

/** What a tensor looks like depends on these alone, but for its lights. */
const SEEN = ["run", "trace", "step", "covered", "limits", "language"];

const PARTIAL = /^d(a|w|b)$/;

export class NetworkMap extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    step: { type: Number },
    covered: { type: Boolean },
    chosen: { attribute: false },
    lights: { attribute: false },
    film: { attribute: false },
    limits: { attribute: false },
    classes: { attribute: false },
    costs: { attribute: false },
    busy: { type: Boolean },
    message: { attribute: false },
    theme: {},
    digits: { type: Number },
    language: {},
    size: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.run = null;
    /** @type {Trace | null} */
    this.trace = null;
    this.step = 0;
    /** is what the step writes still to be guessed? */
    this.covered = false;
    /** which map of each convolution is large
     * @type {Record<string, number>} */
    this.chosen = {};
    /** @type {Lights} */
    this.lights = { value: null, reads: [], terms: [] };
    /** @type {import("../beats.js").Film | null} what “Show how” shows */
    this.film = null;
    /** limits that the colours keep to ("same scale over time"), or null
     * @type {import("../scale.js").Limits | null} */
    this.limits = null;
    /** @type {readonly string[]} */
    this.classes = [];
    /** @type {{iterations: readonly number[], C: readonly number[], accuracy: readonly number[]}} */
    this.costs = { iterations: [], C: [], accuracy: [] };
    this.busy = false;
    /** what went wrong, and where
     * @type {{where: string, text: string} | null} */
    this.message = null;
    /** @type {import("../scale.js").Theme} */
    this.theme = "light";
    this.digits = 2;
    this.language = "en";
    this.size = { width: 0, height: 0 };
    /** @type {Map<string, ReturnType<NetworkMap["view"]>>} of the tensors that were met */
    this.views = new Map();
    /** @type {Picture | null} */
    this.drawn = null;
    /** @type {Parameters<typeof picture>[0] | null} what it was drawn from */
    this.given = null;
    this.observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      if (width !== this.size.width || height !== this.size.height) this.size = { width, height };
    });
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
  }

  /** @override */
  disconnectedCallback() {
    this.observer.disconnect();
    super.disconnectedCallback();
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  willUpdate(changed) {
    if (SEEN.some((one) => changed.has(one))) this.views = new Map();
  }

  /** @override */
  render() {
    const { run, trace } = this;
    if (!run || !trace || this.size.width === 0) return nothing;
    const shapes = Object.fromEntries(
      Object.entries(trace.tensors).map(([id, tensor]) => [id, tensor.shape]),
    );
    const now = currentStep(trace, this.step);
    const drawn = this.placed({
      layers: run.layers,
      shapes,
      focus: this.chosen,
      layer: now?.layer ?? run.layers[0].letter,
      ...this.size,
      ...(this.theme === "projector" ? PROJECTED : {}),
    });
    const lit = this.litPlaces(trace);
    return html`<div
      class="picture"
      style=${`width:${drawn.width}px;height:${drawn.height}px;--unit:${drawn.unit}px`}
    >
      ${drawn.lanes.map(laneOf)} ${this.ways(drawn, trace)}
      ${drawn.headings.map((heading) => this.heading(heading, trace))}
      ${repeat(
        drawn.sheets,
        (sheet) => sheet.key,
        (sheet) => this.sheet(sheet, drawn, trace, lit),
      )}
      ${this.overlay(drawn, trace)} ${this.words(drawn, trace)} ${this.verdict(drawn, trace)}
      ${this.legend(drawn)} ${this.corner(drawn, trace)}
    </div>`;
  }

  /**
   * Where everything stands: as before, as long as what it depends on is.
   * @param {Parameters<typeof picture>[0]} given
   */
  placed(given) {
    if (!this.drawn || differ(given, this.given)) this.drawn = picture(given);
    this.given = given;
    return this.drawn;
  }

  /**
   * What “Show how” shows, over the sheets.
   * @param {Picture} drawn
   * @param {Trace} trace
   */
  overlay(drawn, trace) {
    if (!this.film) return nothing;
    return html`<beat-overlay
      .film=${this.film}
      .drawn=${drawn}
      .trace=${trace}
      .theme=${this.theme}
    ></beat-overlay>`;
  }

  /**
   * What the network says of the image, once it has said it.
   * @param {Picture} drawn
   * @param {Trace} trace
   */
  verdict({ verdict }, trace) {
    const output = `${this.run.layers.at(-1).letter}.a`;
    const known = reading(trace, this.seen, output)?.written;
    const { label } = trace.stage;
    const name = (/** @type {number} */ at) => this.classes[at] ?? String(at);
    const right = trace.prediction === label;
    const words = t(right ? "ui.prediction_right" : "ui.prediction_wrong", {
      label: name(trace.prediction),
      truth: name(label),
    });
    return html`<p
      id="verdict"
      class=${known ? (right ? "right" : "wrong") : "open"}
      style=${boxStyle(verdict)}
    >
      <b aria-hidden="true">${known ? name(trace.prediction) : "?"}</b>
      <span class="words">${known ? words : t("ui.not_yet")}</span>
    </p>`;
  }

  /** @param {Picture} drawn */
  legend({ legend }) {
    return html`<div
      class="legend"
      style=${boxStyle(legend)}
      aria-label=${t("ui.legend")}
      role="group"
    >
      <span>−</span><span class="bar signed" title=${t("ui.legend_signed")}></span><span>+</span>
      <span>0</span><span class="bar positive" title=${t("ui.legend_output")}></span><span>1</span>
      <p class="ring">${t("ui.ring")}</p>
      <p class="tied">${t("ui.tie_hint")}</p>
      <p class="flat">${t("ui.flat_hint")}</p>
    </div>`;
  }

  /**
   * @param {Picture} drawn
   * @param {Trace} trace
   */
  corner({ corner }, trace) {
    return html`<learning-corner
      style=${boxStyle(corner)}
      .costs=${this.costs}
      .batch=${trace.batch}
      .iteration=${trace.iteration}
      .busy=${this.busy}
      .alone=${this.run.config.training.learn_from === "stage"}
      .message=${this.message?.where === "corner" ? this.message.text : ""}
      .language=${this.language}
    ></learning-corner>`;
  }

  /** @override */
  updated(/** @type {Map<string, unknown>} */ changed) {
    if (changed.has("step") && this.drawn && this.drawn.width > this.size.width + 1) this.follow();
  }

  /** On a narrow screen: bring what the step wrote into view. */
  follow() {
    const now = this.trace && currentStep(this.trace, this.step);
    const box = now ? this.drawn?.boxes[now.writes] : this.drawn?.boxes["I.a"];
    if (!box) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const left = box.x + box.width / 2 - this.size.width / 2;
    this.scrollTo({ left, behavior: calm ? "instant" : "smooth" });
  }

  /**
   * Which places of which tensors are lit, and how.
   * @param {Trace} trace
   */
  litPlaces(trace) {
    /** @type {Map<string, Map<number, import("./tensor-heatmap.js").Light>>} */
    const lit = new Map();
    const light = (
      /** @type {Cell} */ { tensor, index },
      /** @type {import("./tensor-heatmap.js").Light} */ kind,
    ) => {
      const shape = trace.tensors[tensor]?.shape;
      if (!shape) return;
      const places = lit.get(tensor) ?? new Map();
      places.set(flatten(shape, index), kind);
      lit.set(tensor, places);
    };
    this.lights.reads.forEach((cell) => light(cell, "read"));
    if (this.lights.value) light(this.lights.value, "value");
    this.lights.terms.forEach((cell) => light(cell, "term"));
    return lit;
  }

  /**
   * @param {Sheet} sheet
   * @param {Picture} drawn
   * @param {Trace} trace
   * @param {Map<string, Map<number, import("./tensor-heatmap.js").Light>>} lit
   */
  sheet(sheet, drawn, trace, lit) {
    const { tensor } = sheet;
    const { read, scale, name, marks } = this.viewOf(tensor, trace);
    if (!read) return nothing;
    const lights = lit.get(tensor) ?? NONE;
    if (tensor === "I.a" && read.tensor.shape[0] === 1) {
      return html`<drawing-pad
        .sheet=${sheet}
        .reading=${read}
        .scale=${scale}
        .theme=${this.theme}
        .lights=${lights}
        .name=${`${name}, ${t("caption.input.a")}`}
        .classes=${this.classes}
        .label=${trace.stage.label}
        .tools=${drawn.tools}
        .language=${this.language}
      ></drawing-pad>`;
    }
    return html`<tensor-heatmap
      style=${`left:${sheet.x}px;top:${sheet.y}px`}
      .sheet=${sheet}
      .reading=${read}
      .scale=${scale}
      .theme=${this.theme}
      .digits=${this.digits}
      .lights=${lights}
      .rings=${marks.rings}
      .ties=${marks.ties}
      .flats=${marks.flats}
      .name=${name}
      .owner=${ownerOf(this.run.layers, tensor)}
      ?reachable=${sheet.small && tensor.endsWith(".w")}
      .language=${this.language}
    ></tensor-heatmap>`;
  }

  /**
   * What all sheets of a tensor have in common, as long as it is what it is.
   * @param {string} tensor
   * @param {Trace} trace
   */
  viewOf(tensor, trace) {
    const view = this.views.get(tensor) ?? this.view(tensor, trace);
    this.views.set(tensor, view);
    return view;
  }

  /**
   * @param {string} tensor
   * @param {Trace} trace
   */
  view(tensor, trace) {
    const read = reading(trace, this.seen, tensor);
    const values = read?.tensor.values ?? [];
    const of = read?.of === "batch" ? "batch" : null;
    const scale = scaleOf(tensor, values, keptAs(this.limits, tensor, of));
    return {
      read,
      scale,
      range: read?.written ? rangeOf(values, scale) : "",
      name: plainSymbol(this.network, { tensor, of }),
      marks: {
        ...marksOf(this.run, trace, this.seen, tensor),
        flats: saturated(trace, this.step, tensor),
      },
    };
  }

  /** How many steps are seen to be done. */
  get seen() {
    return this.covered ? this.step - 1 : this.step;
  }

  get network() {
    return networkOf(this.run);
  }

  /**
   * What a tensor is; of the filters, which of them is in focus.
   * @param {string} tensor
   */
  captionOf(tensor) {
    const [letter = "", name] = tensor.split(".");
    const [count = 1] = this.trace?.tensors[tensor]?.shape ?? [];
    const number = (this.chosen[letter] ?? 0) + 1;
    const one = name === "w" && ownerOf(this.run.layers, tensor) === letter && count > 1;
    return one ? t("caption.filter_of", { number, count }) : captionOf(this.run, tensor);
  }

  /**
   * The symbol of a tensor, what it is, and its range.
   * @param {import("../geometry.js").Heading} heading
   * @param {Trace} trace
   */
  heading({ tensor, lane, x, y, width, room }, trace) {
    const { read, range } = this.viewOf(tensor, trace);
    if (!read) return nothing;
    const now = currentStep(trace, this.step);
    const caption = this.captionOf(tensor);
    const state = [
      now?.writes === tensor ? "writes" : "",
      now?.reads.includes(tensor) ? "reads" : "",
      read.written ? "" : "unwritten",
    ].join(" ");
    return html`<div
      class=${`heading ${state}`}
      data-lane=${lane}
      style=${`left:${x}px;top:${y}px;--room:${room}px`}
      title=${caption}
    >
      <span
        class="symbol"
        lang="en"
        title=${`${t("large.open")} (Z)`}
        @click=${() => this.tell("zoom", { tensor })}
        >${this.symbol(tensor, read.of)}</span
      >
      ${
        width < 60
          ? nothing
          : html`<span class="about"
              ><span class="caption">${caption}</span><span class="range">${range}</span></span
            >`
      }
    </div>`;
  }

  /**
   * @param {string} tensor
   * @param {string | null} of
   */
  symbol(tensor, of) {
    const [letter = "", name = ""] = tensor.split(".");
    const parts = (/** @type {string} */ id) =>
      pieces(this.network, { tensor: id }).map(({ text, at }) =>
        at === "sup" ? html`<sup>${text}</sup>` : at === "sub" ? html`<sub>${text}</sub>` : text,
      );
    const below = PARTIAL.exec(name);
    if (!below) return html`<i>${parts(tensor)}</i>`;
    const cost = of === "batch" ? html`∂<i>C<sub>T</sub></i>` : html`∂<i>C</i>`;
    return html`<span class="fraction" lang="en"
      ><span>${cost}</span><span>∂<i>${parts(`${letter}.${below[1]}`)}</i></span></span
    >`;
  }

  /**
   * Class names beside the outputs, below their weights, and the symbol of each bias.
   * @param {Picture} drawn
   * @param {Trace} trace
   */
  words({ sheets }, trace) {
    const last = this.run.layers.at(-1).letter;
    const symbol = (/** @type {string} */ tensor) =>
      this.symbol(tensor, this.viewOf(tensor, trace).read?.of ?? null);
    return wordsBeside(sheets, { last, classes: this.classes, symbol });
  }

  /**
   * The frames around what the step reads and writes, and the way between them.
   * @param {Picture} drawn
   * @param {Trace} trace
   */
  ways({ boxes, width, height }, trace) {
    const now = currentStep(trace, this.step);
    const to = now && boxes[now.writes];
    if (!now || !to) return nothing;
    const from = [...new Set(now.reads.map((id) => seenAs(this.run.layers, id)))].filter(
      (id) => id !== now.writes && boxes[id],
    );
    const frame = (/** @type {import("../geometry.js").Box} */ box, /** @type {string} */ kind) =>
      svg`<rect class=${kind} x=${box.x - 3} y=${box.y - 3} width=${box.width + 6} height=${box.height + 6} rx="4"></rect>`;
    return html`<svg class="ways" width=${width} height=${height} aria-hidden="true">
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="6"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 0.5L8 4L0 7.5z"></path>
        </marker>
      </defs>
      ${from.map((id) => frame(/** @type {any} */ (boxes[id]), "reads"))} ${frame(to, "writes")}
      ${repeat(
        from,
        (id) => `${now.number} ${id}`,
        (id) =>
          svg`<path class="way" pathLength="1" marker-end="url(#tip)" d=${wayBetween(/** @type {any} */ (boxes[id]), to)}></path>`,
      )}
    </svg>`;
  }
}

/**
 * @param {import("../geometry.js").Box} box
 * @param {number} lane
 */
function laneOf({ y, width, height }, lane) {
  return html`<div class="lane" style=${`top:${y}px;width:${width}px;height:${height}px`}>
    <span class="lane-name">${t(lane ? "lane.backward" : "lane.forward")}</span>
  </div>`;
}

/** @param {import("../geometry.js").Box} box */
function boxStyle({ x, y, width, height }) {
  return `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
}

/** @type {ReadonlyMap<number, import("./tensor-heatmap.js").Light>} */
const NONE = new Map();

/**
 * What a scale reaches to; an arrow where values lie beyond it.
 * @param {readonly number[]} values
 * @param {import("../scale.js").Scale} scale
 */
function rangeOf(values, scale) {
  const said = scale.kind === "signed" ? `±${short(scale.limit)}` : `0…${short(scale.limit)}`;
  if (!isBeyond(values, scale)) return said;
  return html`<span class="beyond" title=${t("ui.beyond", { range: said })}
    >${said}<span aria-hidden="true">↑</span
    ><span class="unseen">${t("ui.beyond", { range: said })}</span></span
  >`;
}

customElements.define("network-map", NetworkMap);
