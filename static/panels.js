/**
 * What each panel shows: images, training, settings, what is for teachers, the lesson. A panel's parts are
 * fetched when it is first opened, and show how things stand when they have come.
 */

import { Newest } from "./actions/newest.js";
import { differ } from "./differ.js";
import { networkOf } from "./notation.js";
import { preferencesOf } from "./store.js";

/** @typedef {import("./store.js").State} State */

/**
 * @typedef {object} House what the page joined before
 * @property {import("./store.js").Store} store
 * @property {import("./parts.js").Parts} parts
 * @property {() => Promise<import("./actions/lesson.js").Lesson>} lesson
 * @property {() => Promise<void>} allWords
 * @property {(begun: Promise<unknown>) => Promise<void>} told says what does not come
 */

const JUDGE_AFTER = 300;
/** Milliseconds between two judgements of a training that runs. */
const PULSE = 1000;
const MARGIN = 12;
const CURVES = ["#0b6fb8", "#8a6d00", "#4f7f2a", "#7b4fa3"];
const CURVES_DARK = ["#7cc0f5", "#e3c04a", "#9fd07a", "#c8a4ee"];

export class Panels {
  /** @param {House} house */
  constructor({ store, parts, lesson, allWords, told }) {
    this.store = store;
    this.parts = parts;
    this.lesson = lesson;
    this.allWords = allWords;
    this.told = told;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.judging = undefined;
    this.pulse = new Newest();
    /** @type {unknown} the moment whose results are shown, or on their way */
    this.judged = null;
    /** @type {import("./moment.js").Cell | null} the cell that was last brought above the lesson */
    this.uncovered = null;
    /** @type {unknown} the moment that the open panel has asked the server about */
    this.asked = null;
  }

  /** @type {Record<string, () => Promise<void>>} */
  shows = {
    images: () => this.images(),
    train: () => this.train(),
    settings: () => this.settings(),
    teach: () => this.teach(),
    lesson: () => this.teachChapter(),
  };

  /**
   * Show the open panel. What was refused is asked for again when it is opened, or the moment is
   * another, and not before.
   * @param {boolean} opened is it new?
   */
  async show(opened) {
    if (opened) this.asked = this.judged = null;
    await this.shows[this.store.state.panel ?? ""]?.();
  }

  /**
   * Ask the server once for what the open panel shows of this moment.
   * @param {() => unknown} ask
   */
  askOnce(ask) {
    const { trace } = this.store.state;
    if (trace === this.asked) return;
    this.asked = trace;
    ask();
  }

  /** What every part is told: with the words, it says all anew in another language. */
  get common() {
    const { language, words } = this.store.state;
    return { language: `${language}${words}` };
  }

  async images() {
    const asking = Promise.all([this.parts.datasets(), this.parts.looking()]);
    const [[sets, looking]] = await Promise.all([asking, this.parts.images()]);
    this.askOnce(() => [sets.loadDatasets(), looking.loadPredictions()]);
    const { run, trace, dataset, datasets, brought, mine, shelfNotes, message, busy, predictions } =
      this.store.state;
    const label = trace?.stage.label ?? 0;
    const { channels, height, width } = run.config.input;
    assign("dataset-shelf", {
      ...this.common,
      datasets,
      current: run.config.dataset,
      arrived: brought,
      mine,
      layers: run.config.layers,
      shape: [channels, height, width],
      outputs: trace?.tensors.t?.values.length ?? 0,
      label: dataset?.classes[label] ?? String(label),
      notes: shelfNotes,
      busy,
      message: message?.where === "shelf" || message?.where === "settings" ? message.text : "",
    });
    assign("image-gallery", {
      ...this.common,
      examples: dataset,
      predictions,
      sample: trace?.stage.sample ?? null,
    });
  }

  async train() {
    await Promise.all([this.allWords(), this.parts.train()]);
    const { run, position, theme, message, training, branches, compared, ...state } =
      this.store.state;
    const running = training?.state === "running";
    const common = { ...this.common, theme, disabled: running };
    this.judgeSoon(running);
    const learns = run.config.dataset || run.config.training.learn_from === "stage";
    assign("training-controls", {
      ...common,
      training,
      ready: !state.busy && Boolean(learns),
      message: message?.where === "training" ? message.text : "",
    });
    const colours = curveColours(Object.keys(compared), theme);
    const others = branches.filter(({ id }) => compared[id]);
    const { costs, stretch } = state;
    assign("cost-chart", { ...common, running, costs, stretch, iteration: position.iteration });
    assignOnce("cost-chart", {
      others: others.map(({ id, name }) => ({ name, colour: colours[id], costs: compared[id] })),
    });
    assign("replay-bar", {
      ...common,
      iteration: position.iteration,
      iterations: run.iterations,
      sameScale: state.sameScale,
      running,
    });
    assign("branch-list", { ...common, branches, compared, colours });
    assign("results-tables", { ...common, results: run.config.dataset ? state.results : null });
    assign("layer-histograms", {
      ...common,
      histograms: state.histograms,
      network: networkOf(run),
    });
    assign("seeds-wall", { ...common, seeds: state.seeds });
  }

  async settings() {
    const [sets] = await Promise.all([this.parts.datasets(), this.parts.settings()]);
    this.askOnce(() => sets.loadKinds());
    const { run, kinds, presets, message, busy } = this.store.state;
    const common = {
      ...this.common,
      config: run.config,
      message: message?.where === "settings" ? message.text : "",
    };
    assign("settings-panel", { ...common, kinds, preferences: preferencesOf(this.store.state) });
    assign("network-form", { ...common, kinds, presets, busy });
  }

  async teach() {
    await Promise.all([this.parts.teach(), this.allWords()]);
    const { run, trace, hide, predict, spotlight, theme, moment } = this.store.state;
    const tensors = trace?.steps.map(({ writes }) => writes) ?? [];
    const lit = ["I.a", ...new Set(tensors)];
    assign("teach-panel", { ...this.common, run, lit, hide, predict, spotlight, theme, moment });
  }

  async teachChapter() {
    const coming = [this.allWords(), this.parts.chapter()];
    const [lesson] = await Promise.all([this.lesson(), ...coming]);
    await lesson.open();
    await lesson.load();
    if (this.store.state.panel !== "lesson") return;
    const { busy, message } = this.store.state;
    const said = message?.text ?? "";
    assign("lesson-panel", { ...this.common, ...lesson.view, busy, message: said });
    await the("lesson-panel").updateComplete;
    const { pinned, term } = this.store.state;
    const lit = pinned ?? term;
    if (lit && lit !== this.uncovered) uncover(lit);
    this.uncovered = lit;
  }

  /**
   * What takes the server some time waits until the film rests, and comes once a second while it learns.
   * @param {boolean} running
   */
  judgeSoon(running) {
    const { trace } = this.store.state;
    if (trace === this.judged) return;
    this.judged = trace;
    clearTimeout(this.judging);
    const judge = () => this.pulse.ask(() => this.told(this.judge()), running ? PULSE : 0);
    if (running) void judge();
    else this.judging = setTimeout(judge, JUDGE_AFTER);
  }

  async judge() {
    const [looking, learning] = await Promise.all([this.parts.looking(), this.parts.learning()]);
    await Promise.all([looking.loadResults(), learning.look()]);
  }
}

/**
 * @param {string} name of an element that the page has once
 * @returns {any}
 */
function the(name) {
  return document.querySelector(name);
}

/**
 * Where the page scrolls, bring a cell into sight above the panel that lies over its foot.
 * @param {import("./moment.js").Cell} cell
 */
function uncover({ tensor, index }) {
  /** @type {any[]} */
  const maps = [...document.querySelectorAll("network-map tensor-heatmap")];
  const box = maps.map((map) => map.boxOf({ tensor, index })).find(Boolean);
  if (!box) return;
  const edge = the("#panel").getBoundingClientRect().top - MARGIN;
  const { top, bottom } = box;
  if (bottom > edge || top < 0) scrollBy({ top: bottom > edge ? bottom - edge : top - MARGIN });
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} properties
 */
function assign(name, properties) {
  Object.assign(the(name), properties);
}

/**
 * Give an element what is new to it by value, so that it draws itself anew for nothing else.
 * @param {string} name
 * @param {Record<string, unknown>} properties
 */
function assignOnce(name, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (differ(the(name)[key], value)) assign(name, { [key]: value });
  }
}

/**
 * A colour for each curve that is compared.
 * @param {readonly string[]} ids
 * @param {import("./scale.js").Theme} theme
 */
function curveColours(ids, theme) {
  const all = theme === "dark" ? CURVES_DARK : CURVES;
  return Object.fromEntries(ids.map((id, at) => [id, all[at % all.length]]));
}
