/**
 * Why does this weight change? Old value, gradient, learning rate, new value; each image's share of
 * the gradient; the cost before and after; and the check by finite differences.
 *
 * Asks by `contributions-wanted` and `check-wanted` ({tensor, index}); `choose-sample` shows an image.
 */

import { html, nothing } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { formulaOf } from "../explanation.js";
import { lookupIn, terms } from "../formula.js";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { numberText } from "../lines.js";
import { networkOf, symbol } from "../notation.js";
import { updateSentence } from "../sentences.js";
import { texHtml, texNumber } from "../typeset.js";
import { PageElement } from "./page-element.js";
import { tinyImage } from "./tiny-image.js";

/** @typedef {import("../formula.js").Cell} Cell */
/** @typedef {{tensor: string, index: readonly number[], samples: readonly number[], shares: readonly number[], total: number}} Contributions */
/** @typedef {{tensor: string, index: readonly number[], analytic: number, numeric: number, difference: number, step: number, kink: {reason: string} | null}} Check */

/** How many images are shown on each side. */
const SHOWN = 5;

export class WeightStory extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    cell: { attribute: false },
    contributions: { attribute: false },
    check: { attribute: false },
    curve: { attribute: false },
    outcome: { attribute: false },
    formulas: { attribute: false },
    examples: { attribute: false },
    costs: { attribute: false },
    digits: { type: Number },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {any} */ this.run = null;
    /** @type {any} */ this.trace = null;
    /** @type {Cell | null} a weight or bias */ this.cell = null;
    /** @type {Contributions | null} */ this.contributions = null;
    /** @type {Check | null} */ this.check = null;
    /** @type {import("./cost-curve.js").Curve | null} */ this.curve = null;
    /** @type {{iteration: number, C: number} | null} */ this.outcome = null;
    /** @type {import("../explanation.js").Formulas} */ this.formulas = {};
    /** @type {import("./image-gallery.js").Dataset | null} */ this.examples = null;
    /** @type {{iterations: readonly number[], C: readonly number[]} | null} */ this.costs = null;
    this.digits = 4;
    this.language = "en";
  }

  /** The tensor of the gradient: F.w → F.dw. */
  get gradient() {
    return this.cell?.tensor.replace(".", ".d") ?? "";
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  updated(changed) {
    if (this.cell && (changed.has("cell") || changed.has("trace"))) {
      this.ask("contributions-wanted", this.gradient);
      this.ask("need-formulas", this.gradient);
      this.tell("after-wanted");
    }
  }

  /**
   * @param {string} name
   * @param {string} tensor
   */
  ask(name, tensor) {
    if (this.cell) this.tell(name, { tensor, index: this.cell.index });
  }

  /** @override */
  render() {
    const { run, trace, cell: place } = this;
    if (!run || !trace?.batch || !place) return html`<p>${t("update.no_data")}</p>`;
    const look = lookupIn(trace);
    const { tensor, index } = place;
    const old = look({ tensor, index });
    const gradient = look({ tensor: this.gradient, index, of: "batch" });
    const next = look({ tensor, index, of: "next" });
    return html`<div class="weight-story">
      ${this.calculation(old, gradient, next)}
      <p>${this.reason(gradient)} ${updateSentence(run, trace.batch)}</p>
      ${this.pushes()} ${this.shares()} ${this.cost()} ${this.checking()}
    </div>`;
  }

  /**
   * Old − η · gradient = new, in symbols and numbers; with other optimizers the change alone.
   * @param {number} old
   * @param {number} gradient
   * @param {number} next
   */
  calculation(old, gradient, next) {
    const network = networkOf(this.run);
    const place = /** @type {Cell} */ (this.cell);
    const eta = this.run.config.training.learning_rate;
    const plain = this.run.config.training.optimizer === "gradient_descent";
    const derivative = symbol(network, { tensor: this.gradient, index: place.index, of: "batch" });
    const own = symbol(network, place);
    const law = `\\displaystyle ${own} \\leftarrow ${own} - \\eta \\cdot ${derivative}`;
    /** @param {number} value */
    const n = (value) => texNumber(format(value, this.digits));
    const inside = gradient < 0 ? `(${n(gradient)})` : n(gradient);
    /** @type {(key: string, value: number) => unknown} */
    const row = (key, value) =>
      html`<div>
        <dt>${t(key)}</dt>
        <dd>${format(value, this.digits)}</dd>
      </div>`;
    return html`${
        plain
          ? html`<div class="formula-line law">${unsafeHTML(texHtml(law))}</div>
              <div class="formula-line">
                ${unsafeHTML(texHtml(`${n(old)} - ${n(eta)} \\cdot ${inside} \\approx ${n(next)}`))}
              </div>`
          : html`<p>${t("weight.optimizer")}</p>`
      }
      <dl class="weight-facts">
        ${row("weight.old", old)} ${row("weight.gradient", gradient)} ${row("weight.eta", eta)}
        ${row("weight.change", next - old)} ${row("weight.new", next)}
      </dl>`;
  }

  /** @param {number} gradient */
  reason(gradient) {
    if (gradient === 0) return t("weight.still");
    return t(gradient < 0 ? "weight.up" : "weight.down");
  }

  /**
   * Is an answer about our weight, and not about one that was looked at before?
   * @param {{tensor: string, index: readonly number[]}} answer
   * @param {string} tensor
   */
  concerns(answer, tensor) {
    return answer.tensor === tensor && String(answer.index) === String(this.cell?.index);
  }

  /** The terms of this image's share: each δ with what it met, those that push up and down. */
  pushes() {
    const { trace, cell: place } = this;
    const own = place && formulaOf(this.formulas, trace, { ...place, tensor: this.gradient });
    if (!own) return nothing;
    const all = terms(own.tree, lookupIn(trace)).toSorted((a, b) => a.value - b.value);
    const up = all.filter(({ value }) => value < 0);
    const down = all.filter(({ value }) => value > 0).reverse();
    const still = all.length - up.length - down.length;
    const words = { count: all.length, up: up.length, down: down.length, still };
    return html`<h3>${t("weight.pushes")}</h3>
      <p>${t("weight.pushes_text", words)}</p>
      <div class="weight-pushes">
        ${this.column("↑", up.slice(0, SHOWN))} ${this.column("↓", down.slice(0, SHOWN))}
      </div>`;
  }

  /**
   * @param {string} arrow
   * @param {ReturnType<typeof terms>} found
   */
  column(arrow, found) {
    if (found.length === 0) return nothing;
    const network = networkOf(this.run);
    const look = lookupIn(this.trace);
    const n = (/** @type {number} */ one) => texNumber(numberText(one, this.digits));
    return html`<ul aria-label=${arrow}>
      ${found.map(({ cells, value }) => {
        const letters = cells.map((cell) => symbol(network, cell)).join(" \\cdot ");
        const numbers = cells.map((cell) => inBrackets(n(look(cell)))).join(" \\cdot ");
        const written = cells.length > 1 ? `${letters} = ${numbers}` : letters;
        return html`<li>
          <span class="arrow" aria-hidden="true">${arrow}</span>
          ${unsafeHTML(texHtml(`${written} \\approx ${n(value)}`))}
        </li>`;
      })}
    </ul>`;
  }

  shares() {
    const { contributions } = this;
    if (!contributions || !this.concerns(contributions, this.gradient))
      return html`<p role="status">${t("page.loading")}</p>`;
    const pairs = contributions.shares.map((share, i) => ({
      share,
      sample: contributions.samples[i] ?? i,
    }));
    const sorted = [...pairs].sort((a, b) => a.share - b.share);
    const up = sorted.filter(({ share }) => share < 0);
    const down = sorted.filter(({ share }) => share > 0).reverse();
    const still = pairs.length - up.length - down.length;
    return html`<h3>${t("weight.shares")}</h3>
      <p>${t("weight.shares_text", { up: up.length, down: down.length, still })}</p>
      ${this.strip(sorted.map(({ share }) => share))}
      <div class="weight-sides">
        ${this.side("↑", up.slice(0, SHOWN))} ${this.side("↓", down.slice(0, SHOWN))}
      </div>`;
  }

  /**
   * All shares, sorted, as thin bars around 0.
   * @param {readonly number[]} shares
   */
  strip(shares) {
    const most = Math.max(...shares.map(Math.abs), 1e-300);
    return html`<div class="weight-strip" aria-hidden="true">
      ${shares.map((share) => {
        const size = (Math.abs(share) / most) * 50;
        const at = share > 0 ? `bottom:50%` : `top:50%`;
        return html`<i
          ><b class=${share > 0 ? "down" : "up"} style="height:${size}%;${at}"></b
        ></i>`;
      })}
    </div>`;
  }

  /**
   * @param {string} arrow
   * @param {readonly {share: number, sample: number}[]} pairs
   */
  side(arrow, pairs) {
    if (pairs.length === 0) return nothing;
    return html`<div class="weight-side">
      <span class="arrow" aria-hidden="true">${arrow}</span>
      ${pairs.map(({ share, sample }) => this.share(share, sample))}
    </div>`;
  }

  /**
   * @param {number} share
   * @param {number} sample
   */
  share(share, sample) {
    const { examples: dataset } = this;
    const label = dataset?.classes[dataset.labels[sample] ?? -1] ?? "?";
    const words = { number: sample + 1, label, value: format(share, this.digits) };
    const image = dataset?.images[sample];
    return html`<button
      type="button"
      class="weight-share"
      title=${t("weight.share", words)}
      aria-label=${t("weight.share", words)}
      @click=${() => this.tell("choose-sample", { sample })}
    >
      ${tinyImage(image ?? [[0]])}<span>${format(share, 2)}</span>
    </button>`;
  }

  cost() {
    const { iteration, batch } = this.trace;
    const { outcome } = this;
    const after = outcome && outcome.iteration === iteration ? outcome.C : undefined;
    return html`<dl class="weight-facts">
        <div>
          <dt>${t("weight.cost_before")}</dt>
          <dd>${format(batch.C, this.digits)}</dd>
        </div>
        <div>
          <dt>${t("weight.cost_after")}</dt>
          <dd>${after === undefined ? t("page.loading") : format(after, this.digits)}</dd>
        </div>
      </dl>
      <p class="weight-note">${t("weight.cost_all", { count: this.run.parameters })}</p>`;
  }

  /** Ask for finite differences, and for the curve that the gradient is the slope of. */
  compare() {
    const { cell: place, trace } = this;
    if (!place) return;
    const look = lookupIn(trace);
    const moved = Math.abs(look({ ...place, of: "next" }) - look(place));
    this.ask("check-wanted", place.tensor);
    this.tell("curve-wanted", { ...place, span: Math.min(1000, Math.max(1, 3 * moved)) });
  }

  checking() {
    const { check } = this;
    const ask = () => this.compare();
    return html`<div class="weight-check">
      <button type="button" title=${t("weight.check_hint")} @click=${ask}>
        ${t("weight.check")}
      </button>
      <div role="status">
        ${check && this.concerns(check, this.cell?.tensor ?? "") ? this.checked(check) : nothing}
      </div>
      ${this.along()}
    </div>`;
  }

  /** The cost along this weight, with its tangent. */
  along() {
    const { curve, cell: place } = this;
    if (!curve || !place || !this.concerns(curve, place.tensor)) return nothing;
    return html`<cost-curve
      .curve=${curve}
      .next=${lookupIn(this.trace)({ ...place, of: "next" })}
      .digits=${this.digits}
      .language=${this.language}
    ></cost-curve>`;
  }

  /** @param {Check} check */
  checked(check) {
    const agree = Math.abs(check.difference) <= 1e-6 * Math.max(1, Math.abs(check.analytic));
    const verdict = t(agree ? "weight.agree" : "weight.disagree");
    /** @type {(key: string, text: string) => unknown} */
    const row = (key, text) =>
      html`<div>
        <dt>${t(key)}</dt>
        <dd>${text}</dd>
      </div>`;
    return html`<dl class="weight-facts">
        ${row("weight.analytic", format(check.analytic, 10))}
        ${row("weight.numeric", format(check.numeric, 10))}
        ${row("weight.difference", check.difference.toExponential(1).replace("-", "−"))}
      </dl>
      <p>
        ${check.kink ? t("weight.kink", { reason: t(`weight.kink.${check.kink.reason}`) }) : verdict}
        ${t("weight.step", { step: check.step })}
      </p>`;
  }
}

/** @param {string} tex of a number */
function inBrackets(tex) {
  return tex.startsWith("-") ? `(${tex})` : tex;
}

customElements.define("weight-story", WeightStory);
