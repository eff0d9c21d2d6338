/**
 * How one cell is computed: the law in letters, the law with these numbers, worked out, the value.
 *
 * Every number is tied to its cell on the map: pointing at one says `term-hover`, and the cell that
 * is `hovered` on the map is lit here. A click replaces a number by its own formula (the chain rule,
 * one level; `term-expand`). Formulas that are not there yet are asked for by `need-formulas`.
 */

import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import {
  explainedBy,
  formulaOf,
  givenReason,
  isComputed,
  isParameter,
  isSaturated,
  smallReason,
  tiedCells,
} from "../explanation.js";
import { cells, lookupIn, nameOf, replaceAt } from "../formula.js";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { explainingLines } from "../lines.js";
import { networkOf, symbol } from "../notation.js";
import { caption } from "../sentences.js";
import { texHtml } from "../typeset.js";
import "./formula-lines.js";
import { PageElement, sheet } from "./page-element.js";

/** @typedef {import("../formula.js").Cell} Cell */
/** @typedef {import("../formula.js").Tree} Tree */
/** @typedef {import("../lines.js").Line} Line */

const DIGITS = [2, 4, 17];
/** Formulas with more cells than this are not unfolded further. */
const UNFOLDED = 400;

export class FormulaPanel extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    cell: { attribute: false },
    formulas: { attribute: false },
    hovered: { attribute: false },
    film: { attribute: false },
    activations: { attribute: false },
    curve: { attribute: false },
    outcome: { attribute: false },
    digits: { type: Number },
    pinned: { type: Boolean, reflect: true },
    language: { type: String },
    contributions: { attribute: false },
    check: { attribute: false },
    examples: { attribute: false },
    costs: { attribute: false },
    theme: { type: String },
    trees: { state: true },
    open: { state: true },
    copied: { state: true },
    story: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */ this.run = null;
    /** @type {import("../formula.js").Trace | null} */ this.trace = null;
    /** @type {Cell | null} the cell that is explained */ this.cell = null;
    /** @type {import("../explanation.js").Formulas} */ this.formulas = {};
    /** @type {Cell | null} */ this.hovered = null;
    /** @type {import("../beats.js").Film | null} what “Show how” shows */ this.film = null;
    /** @type {import("./weight-story.js").Contributions | null} */ this.contributions = null;
    /** @type {import("./weight-story.js").Check | null} */ this.check = null;
    /** @type {Readonly<Record<string, any>>} by layer */ this.activations = {};
    /** @type {import("./cost-curve.js").Curve | null} */ this.curve = null;
    /** @type {{iteration: number, C: number} | null} */ this.outcome = null;
    /** @type {import("./image-gallery.js").Dataset | null} */ this.examples = null;
    /** @type {{iterations: readonly number[], C: readonly number[]} | null} */ this.costs = null;
    /** is “Why does this weight change?” open? */ this.story = false;
    this.digits = 2;
    this.pinned = false;
    this.language = "en";
    this.theme = "light";
    /** @type {Tree[]} the formula, and what each unfolding made of it */ this.trees = [];
    /** @type {ReadonlySet<string>} */ this.open = new Set();
    this.copied = "";
    /** @type {number[] | null} what to unfold as soon as its formula is there */
    this.wanted = null;
    /** @type {Line[]} */ this.lines = [];
  }

  /** @override */
  createRenderRoot() {
    this.replaceChildren(); // what the page says until this is here
    return super.createRenderRoot();
  }

  /**
   * The cell whose formula is shown: a parameter is explained by its next value, a gradient of the
   * batch by the share of the image on stage.
   */
  get subject() {
    if (!this.cell) return null;
    const { tensor, index } = this.cell;
    const next = isParameter(tensor) && this.formulas[tensor]?.length;
    return { tensor, index, of: next ? "next" : null };
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  willUpdate(changed) {
    const before = /** @type {Cell | null | undefined} */ (changed.get("cell"));
    const moved =
      changed.has("cell") && (!before || !this.cell || nameOf(before) !== nameOf(this.cell));
    const old = /** @type {any} */ (changed.get("run"));
    const reconfigured = changed.has("run") && old?.config_hash !== this.run?.config_hash;
    if (moved || reconfigured) this.begin();
    if (changed.has("formulas") && this.trees.length === 0) this.begin();
    this.toggleAttribute("unfolded", this.trees.length > 1);
    if (changed.has("formulas") && this.wanted) this.unfold(this.wanted);
  }

  /** Show the subject's own formula, nothing unfolded. */
  begin() {
    const found = this.subject && this.trace && formulaOf(this.formulas, this.trace, this.subject);
    this.trees = found ? [found.tree] : [];
    this.open = new Set();
    this.wanted = null;
    this.copied = "";
    if (!found && this.cell && isComputed(this.cell)) this.want(this.cell);
  }

  /** @param {Cell} cell */
  want({ tensor, index }) {
    const detail = { tensor, index };
    this.tell("need-formulas", detail);
  }

  /**
   * Replace a cell by its own formula.
   * @param {readonly number[]} path
   */
  unfold(path) {
    const tree = this.trees.at(-1);
    if (!tree || !this.trace) return;
    const spot = cellAt(tree, path);
    if (!spot) return;
    const found = formulaOf(this.formulas, this.trace, spot);
    this.wanted = found ? null : [...path];
    if (!found) return this.want(spot);
    this.trees = [...this.trees, replaceAt(tree, path, found.tree)];
    this.tell("term-expand", spot);
  }

  /** Can a click on this cell unfold it?
   * @type {(cell: Cell | undefined) => boolean} */
  canUnfold = (cell) => {
    const tree = this.trees.at(-1);
    return Boolean(cell && tree && explainedBy(cell) && cells(tree).length < UNFOLDED);
  };

  /** @override */
  render() {
    if (this.cell?.tensor.endsWith(".delta")) void this.needs(import("./delta-factors.js"));
    if (!this.run || !this.trace || !this.cell) {
      return html`<p class="formula-hint">${t("formula.empty")}</p>`;
    }
    return html`${this.heading()}
      <div class="formula-body">
        ${this.slope()} ${keyed(nameOf(this.cell), this.body())}
        ${this.film ? this.beat() : this.remarks()}
      </div>
      <delta-factors
        tabindex="0"
        .run=${this.run}
        .trace=${this.trace}
        .formulas=${this.formulas}
        .cell=${this.cell}
        .digits=${this.digits}
        .theme=${this.theme}
        .language=${this.language}
      ></delta-factors>
      ${this.why()}`;
  }

  /** The activation's curve with the slope here, where the cell has to do with it. */
  slope() {
    const [letter = "", name = ""] = this.cell?.tensor.split(".") ?? [];
    const has = ["a", "delta", "slope"].includes(name) && this.trace?.tensors[`${letter}.slope`];
    if (!has) return nothing;
    void this.needs(import("./activation-curve.js"));
    return html`<activation-curve
      .run=${this.run}
      .trace=${this.trace}
      .cell=${this.cell}
      .curves=${this.activations}
      .digits=${this.digits}
      .language=${this.language}
    ></activation-curve>`;
  }

  heading() {
    const place = /** @type {Cell} */ (this.cell);
    const said = caption(this.run, place.tensor);
    const law = this.law() || symbol(networkOf(this.run), place);
    return html`<header class="formula-head">
      <h2 class="unseen">${said}${ofWords(place)}</h2>
      <div class="law" title=${`${said}${ofWords(place)}`}>${unsafeHTML(texHtml(law))}</div>
      <div class="formula-tools">${this.film ? this.filmBar() : this.tools()}</div>
    </header>`;
  }

  filmBar() {
    return html`<motion-bar .film=${this.film} .language=${this.language}></motion-bar>`;
  }

  beat() {
    return html`<beat-line
      .film=${this.film}
      .run=${this.run}
      .trace=${this.trace}
      .digits=${this.digits}
      .language=${this.language}
    ></beat-line>`;
  }

  tools() {
    const place = /** @type {Cell} */ (this.cell);
    return html`${this.trees.length > 1 ? this.foldButtons() : nothing}
    ${
      this.parameter && this.trace?.batch
        ? keyed(
            nameOf(place),
            html`<button type="button" class="why" @click=${this.tellStory}>
              ${t(this.parameter.tensor.endsWith(".b") ? "weight.title_bias" : "weight.title")}
            </button>`,
          )
        : nothing
    }
    ${this.trees.length ? this.showButton() : nothing} ${this.digitButtons()}
    ${this.trees.length ? this.copyButtons() : nothing} ${this.closeButton()}`;
  }

  showButton() {
    const show = () => this.tell("show-how", { cell: this.cell });
    return html`<button type="button" class="show-how" title=${t("film.hint")} @click=${show}>
      ▶ ${t("film.show")}
    </button>`;
  }

  closeButton() {
    return html`<button
      type="button"
      class=${this.pinned ? "plain" : "plain waits"}
      title=${t("formula.close")}
      aria-label=${t("formula.close")}
      @click=${() => this.tell("cell-pin")}
    >
      ✕
    </button>`;
  }

  /** The story of a parameter, in a window of its own. */
  why() {
    const parameter = this.parameter;
    if (!this.story || !parameter) return nothing;
    const bias = parameter.tensor.endsWith(".b");
    const { contributions, check } = this;
    return html`<page-dialog
      .open=${true}
      .heading=${t(bias ? "weight.title_bias" : "weight.title")}
      .language=${this.language}
      @dialog-close=${() => (this.story = false)}
    >
      <weight-story
        .run=${this.run}
        .trace=${this.trace}
        .cell=${parameter}
        .contributions=${contributions}
        .check=${check}
        .curve=${this.curve}
        .outcome=${this.outcome}
        .formulas=${this.formulas}
        .examples=${this.examples}
        .costs=${this.costs}
        .digits=${Math.max(4, this.digits)}
        .language=${this.language}
      ></weight-story>
    </page-dialog>`;
  }

  /** The cells whose terms are lit: the one pointed at on the map, or what the film's beat takes.
   * @returns {readonly Cell[]} */
  get lit() {
    if (this.hovered) return [this.hovered];
    const { film } = this;
    return (film?.kind === "terms" && film.beats[film.at]?.term) || [];
  }

  /** The weight or bias that the cell is, or is the gradient of; null for other cells. */
  get parameter() {
    const [letter, name = ""] = this.cell?.tensor.split(".") ?? [];
    if (!this.cell || !/^d?[wb]$/.test(name)) return null;
    return { tensor: `${letter}.${name.replace("d", "")}`, index: this.cell.index };
  }

  async tellStory() {
    const parts = [
      import("./page-dialog.js"),
      import("./weight-story.js"),
      import("./cost-curve.js"),
    ];
    const came = await this.needs(Promise.all([sheet("story"), sheet("forms"), ...parts]));
    if (came) this.story = true;
  }

  foldButtons() {
    const back = () => (this.trees = this.trees.slice(0, -1));
    const all = () => (this.trees = this.trees.slice(0, 1));
    return html`<button type="button" @click=${back}>${t("formula.fold_back")}</button> ${
        this.trees.length > 2
          ? html`<button type="button" @click=${all}>${t("formula.fold_all")}</button>`
          : nothing
      }`;
  }

  digitButtons() {
    /** @param {number} digits */
    const choose = (digits) => this.tell("prefer", { digits });
    return html`<span class="choice off-wall" role="group" aria-label=${t("ui.digits")}>
      ${DIGITS.map(
        (digits) =>
          html`<button
            type="button"
            aria-pressed=${this.digits === digits}
            @click=${() => choose(digits)}
          >
            ${digits === 17 ? t("ui.digits_all") : digits}
          </button>`,
      )}
    </span>`;
  }

  copyButtons() {
    return html`<button
        type="button"
        class="off-wall"
        title=${t("formula.copy_tex")}
        aria-label=${t("formula.copy_tex")}
        @click=${() => this.copy(this.texText())}
      >
        TeX
      </button>
      <button
        type="button"
        class="off-wall"
        title=${t("formula.copy_numpy")}
        aria-label=${t("formula.copy_numpy")}
        @click=${this.copyNumpy}
      >
        NumPy
      </button>
      <button
        type="button"
        class="off-wall"
        title=${t("formula.copy_picture")}
        aria-label=${t("formula.copy_picture")}
        @click=${this.copyPicture}
      >
        PNG
      </button>
      <span class="formula-copied" role="status">${this.copied ? t(this.copied) : ""}</span>`;
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = "formula.copied";
    } catch {
      this.copied = "formula.copy_failed";
    }
  }

  /** The formula as a program. */
  async copyNumpy() {
    const { cell, trace } = this;
    const tree = this.trees.at(-1);
    if (!cell || !trace || !tree) return;
    try {
      const { numpyProgram } = await import("../numpy.js");
      await this.copy(numpyProgram(cell.tensor.replaceAll(".", "_"), tree, trace));
    } catch {
      this.copied = "formula.copy_failed";
    }
  }

  /** The formula as a picture, in the colours of the page. */
  async copyPicture() {
    const { color: ink } = getComputedStyle(this);
    const paper = getComputedStyle(document.body).backgroundColor;
    const name = `${this.cell?.tensor.replaceAll(".", "-") ?? "formula"}.png`;
    try {
      const { handOut, pictureOf } = await import("../formula-picture.js");
      const done = await handOut(pictureOf(this.texLines(), { ink, paper }), name);
      this.copied = `formula.${done}`;
    } catch {
      this.copied = "formula.copy_failed";
    }
  }

  /** The law and its lines, as TeX that stands alone. */
  texText() {
    return this.texLines().join(" \\\\\n");
  }

  texLines() {
    const lines = this.lines.map((line) => `${line.exact ? "=" : "\\approx"} ${line.tex}`);
    return [this.law(), ...lines].map((tex) => tex.replace(/\\htmlData\{node=\d+\}/g, ""));
  }

  formula() {
    return this.subject && this.trace && formulaOf(this.formulas, this.trace, this.subject);
  }

  law() {
    return this.formula()?.law ?? "";
  }

  body() {
    const place = /** @type {Cell} */ (this.cell);
    const tree = this.trees.at(-1);
    this.lines = tree ? this.written(tree) : [];
    const without = isParameter(place.tensor) && !this.trace?.batch;
    if (without || !isComputed(place))
      return html`<p class="formula-hint">${t(givenReason(place))}</p>`;
    if (!tree) return html`<p class="formula-hint">${t("formula.loading")}</p>`;
    return html`<formula-lines
      .lines=${this.lines}
      .trace=${this.trace}
      .network=${networkOf(this.run)}
      .lit=${this.lit}
      .unfolds=${this.canUnfold}
      .changes=${this.film === null}
      .digits=${this.digits}
      .language=${this.language}
      @spot=${this.opened}
    ></formula-lines>`;
  }

  /** @param {CustomEvent<{spot: import("../typeset.js").Spot}>} event */
  opened({ detail: { spot } }) {
    if (spot.kind === "dots") this.open = new Set([...this.open, spot.path.join(",")]);
    else this.unfold(spot.path);
  }

  /**
   * @param {Tree} tree
   * @returns {Line[]}
   */
  written(tree) {
    const trace = /** @type {import("../formula.js").Trace} */ (this.trace);
    const { digits, open } = this;
    const unfolded = this.trees.length > 1;
    return explainingLines(tree, { trace, network: networkOf(this.run), digits, open, unfolded });
  }

  remarks() {
    if (!this.trace) return nothing;
    const place = /** @type {Cell} */ (this.cell);
    const tied = tiedCells(this.run, this.trace, this.formulas, place);
    const small = smallReason(this.run, this.trace, place);
    const saturated = isSaturated(this.trace, place);
    const equal = saturated ? null : this.formula()?.equal;
    const batch = place.of === "batch" ? this.batchRemark(place) : nothing;
    if (tied && small === "formula.zero.mask")
      return html`<p class="formula-remark">${t("formula.zero.tie")}</p>`;
    return html`${batch}
    ${tied ? html`<p class="formula-remark">${t("formula.tie", { count: tied })}</p>` : nothing}
    ${saturated ? html`<p class="formula-remark">${t("formula.saturated")}</p>` : nothing}
    ${
      equal
        ? html`<p class="formula-remark">${t("formula.equal")} ${unsafeHTML(texHtml(equal))}</p>`
        : nothing
    }
    ${small ? html`<p class="formula-remark">${t(small)}</p>` : nothing}`;
  }

  /**
   * What the whole batch makes of a gradient of which the formula shows one image's share.
   * @param {Cell} place
   */
  batchRemark(place) {
    const batch = /** @type {any} */ (this.trace).batch;
    const total = lookupIn(/** @type {any} */ (this.trace))(place);
    const words = { count: batch?.samples.length ?? 1, value: format(total, this.digits) };
    return html`<p class="formula-remark">${t("formula.batch_share", words)}</p>`;
  }
}

/**
 * The cell at the end of a path, if it is one.
 * @param {Tree} tree
 * @param {readonly number[]} path
 */
function cellAt(tree, path) {
  const node = path.reduce(
    (/** @type {Tree | undefined} */ at, i) => (at && "args" in at ? at.args[i] : undefined),
    tree,
  );
  return node?.op === "cell" ? node : null;
}

/** @param {Cell} cell */
function ofWords({ of }) {
  if (of === "batch") return `, ${t("formula.of_batch")}`;
  return of === "next" ? `, ${t("formula.of_next")}` : "";
}

customElements.define("formula-panel", FormulaPanel);
