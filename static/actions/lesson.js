/**
 * The lesson's way through its chapters: which text is read, what the stage does at a key, and what
 * is made of an answer. Where one is, is remembered by the browser.
 */

import { judge } from "../answers.js";
import { chapterOf, CHAPTERS, fits, formulasNeeded } from "../chapters.js";
import { lastShown } from "../moment.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../moment.js").Cell} Cell */
/** @typedef {import("../scene.js").Stop} Stop */
/**
 * Where the reader is: `at` counts keys, two for each stop (before and after its action), then the
 * question.
 * @typedef {object} Progress
 * @property {number} at
 * @property {import("../scene.js").Cost | null} from where many updates began
 * @property {boolean} hint
 * @property {boolean} asks is a cell of the stage the answer that is waited for?
 * @property {"right" | "wrong" | "unread" | "worked" | null} reply
 * @property {readonly string[]} done chapters whose question was answered
 * @property {boolean} covered is what the stop would show hidden from the class?
 */

const KEPT = "backlit.lesson";

/** @type {Progress} */
const FRESH = {
  at: 0,
  from: null,
  hint: false,
  asks: false,
  reply: null,
  done: [],
  covered: false,
};

export class Lesson {
  /**
   * @param {Actions} actions
   * @param {{play: (cell: Cell) => unknown, end: () => unknown}} film
   */
  constructor(actions, film) {
    this.actions = actions;
    this.store = actions.store;
    this.film = film;
    /** @type {Promise<unknown>} one key after the other */
    this.turn = Promise.resolve();
  }

  get state() {
    return this.store.state;
  }

  /** @returns {Progress} */
  get progress() {
    return this.state.lesson ?? FRESH;
  }

  /** The chapter as it is told now; null where the moment or the network does not have it. */
  get chapter() {
    const { run, trace, formulas, chapter } = this.state;
    if (!trace || !chapter || !fits(run) || !this.hasFormulas) return null;
    return chapterOf(chapter, { run, trace, formulas, from: this.progress.from });
  }

  get hasFormulas() {
    const { run, formulas } = this.state;
    return formulasNeeded(run).every((tensor) => formulas[tensor]?.length || needsBatch(tensor));
  }

  /** What the panel shows. */
  get view() {
    const { run, trace, chapter, dataset } = this.state;
    return {
      chapter,
      progress: this.progress,
      told: this.chapter,
      fits: fits(run),
      hasBatch: Boolean(trace?.batch),
      hasImages: Boolean(dataset?.labels.length),
      kind: run.config.layers[1]?.kind ?? "",
    };
  }

  /** Begin where a link leads, or where the reader was; what is shown already goes on. */
  async open() {
    if (this.state.lesson) return;
    const kept = remembered();
    const asked = this.state.chapter;
    const known = (/** @type {string | null | undefined} */ id) => CHAPTERS.includes(id ?? "");
    if (asked && !known(asked)) {
      const text = this.actions.t("lesson.unknown", { chapter: asked });
      this.store.set({ message: { where: "page", text } });
    }
    const chapter =
      (known(asked) ? asked : known(kept.chapter) ? kept.chapter : CHAPTERS[0]) ?? null;
    const same = chapter === kept.chapter;
    const { at, from, done } = kept;
    this.store.set({ chapter, lesson: { ...FRESH, done, ...(same && { at, from }) } });
    await this.load();
    await this.stand();
  }

  /** The formulas that the chapters read. */
  async load() {
    const { run } = this.state;
    if (!fits(run)) return;
    await Promise.all(formulasNeeded(run).map((tensor) => this.actions.loadFormulas(tensor)));
  }

  /**
   * What a key does: the action of the stop, the next text, or the next chapter.
   * @returns {Promise<void>}
   */
  go() {
    const turn = this.turn.then(() => this.forward());
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  async forward() {
    const { chapter } = this;
    if (!chapter) return;
    const { at } = this.progress;
    if (at >= 2 * chapter.stops.length) return this.next();
    this.put({ at: at + 1 });
    await this.stand(true);
  }

  /** The text before this one. */
  async back() {
    const { at } = this.progress;
    if (at > 0) this.put({ at: at - (at % 2 === 0 ? 2 : 1) });
    await this.stand();
  }

  async next() {
    const { chapter } = this.state;
    const after = CHAPTERS[CHAPTERS.indexOf(chapter ?? "") + 1];
    if (after) await this.choose({ chapter: after });
  }

  /** @param {{chapter: string}} wanted */
  async choose({ chapter }) {
    await this.film.end();
    this.store.set({ chapter, pinned: null, term: null });
    this.put({ at: 0, from: null });
  }

  /**
   * Set the stage for the text that is read.
   * @param {boolean} [fresh] is it new? Only then a film plays, or the network learns.
   */
  async stand(fresh = false) {
    const { chapter } = this;
    const { at } = this.progress;
    if (!chapter || at === 0) return;
    const stop = chapter.stops[(at - 1) / 2];
    if (stop?.learn) return fresh ? this.learn(stop.learn) : undefined;
    if (stop) {
      await this.show(stop.step, stop.cell);
      const plays = fresh && stop.film && !this.progress.covered && !isCalm();
      if (plays && stop.cell) await this.film.play(stop.cell);
    }
    if (at < 2 * chapter.stops.length) return;
    const { before, kind, ready, pixel, cell } = chapter.question;
    await this.show(before, null);
    this.store.set({ term: pixel ?? null, focus: { ...this.state.focus, ...this.mapOf(cell) } });
    this.put({ asks: kind === "cell" && ready && !this.progress.covered });
  }

  /**
   * Bring the stage to a step, a cell lit. What a teacher hides stays hidden.
   * @param {number} step
   * @param {Cell | null} cell
   */
  async show(step, cell) {
    await this.film.end();
    const { trace, hide } = this.state;
    const last = trace ? lastShown(trace, hide) : 0;
    const covered = trace !== null && last < trace.steps.length && step > last;
    if (covered !== this.progress.covered) this.put({ covered });
    if (covered) return;
    await this.actions.step({ to: step });
    this.store.set({
      pinned: cell,
      hovered: null,
      term: null,
      zoomed: null,
      playing: false,
      revealed: this.state.position,
      focus: { ...this.state.focus, ...this.mapOf(cell) },
    });
  }

  /**
   * The filter that a cell belongs to, so that it is seen large.
   * @param {Cell | null} cell
   * @returns {Record<string, number>}
   */
  mapOf(cell) {
    const [F, P, O] = this.state.run.layers.map((/** @type {any} */ layer) => layer.letter);
    const [letter] = cell?.tensor.split(".") ?? [];
    const map =
      letter === O ? cell?.index[1] : letter === F || letter === P ? cell?.index[0] : undefined;
    return map === undefined ? {} : { [F]: map };
  }

  /** @param {number} count updates; those that were made before are travelled */
  async learn(count) {
    await this.film.end();
    const { position, run, trace } = this.state;
    if (this.progress.at === 1 && trace?.batch) {
      this.put({ from: { iteration: position.iteration, C: trace.batch.C } });
    }
    const there = Math.min(position.iteration + count, run.iterations);
    if (there > position.iteration) await this.actions.goTo(there, 0);
    const rest = position.iteration + count - there;
    if (rest > 0) await this.actions.descend({ iterations: rest });
  }

  /**
   * Check an answer: what was typed, the choice, or the cell.
   * @param {string | Cell} given
   */
  async answer(given) {
    const { chapter } = this;
    if (!chapter?.question.ready) return;
    const reply = judge(chapter.question, given);
    this.put({
      reply,
      hint: this.progress.hint || reply === "wrong",
      asks: reply !== "right" && this.progress.asks,
    });
    if (reply === "right") await this.work();
  }

  hint() {
    this.put({ hint: true });
  }

  /** Show the answer, worked out on the stage. */
  async solve() {
    this.put({ reply: "worked", asks: false });
    await this.work();
  }

  async work() {
    const { chapter } = this;
    if (!chapter) return;
    const { id, question } = chapter;
    this.put({ done: [...new Set([...this.progress.done, id])] });
    if (question.cell) await this.show(question.step, question.cell);
  }

  /** Another training image, where this drawing has no answer. */
  async image() {
    const { trace, dataset } = this.state;
    const sample = trace?.stage.sample ?? null;
    const count = dataset?.labels.length ?? 0;
    if (count)
      await this.actions.chooseSample({ sample: sample === null ? 0 : (sample + 1) % count });
    await this.stand();
  }

  /** @param {{kind: string}} pooling */
  async pool({ kind }) {
    const layers = this.state.run.config.layers.map((/** @type {any} */ layer) =>
      layer.type === "pool" ? { ...layer, kind } : layer,
    );
    await this.actions.configure({ layers });
    await this.load();
    await this.stand();
  }

  /** Put the keyboard's focus where the answer can be chosen. */
  cells() {
    const [cell] = /** @type {readonly Cell[]} */ (this.chapter?.question.answer ?? []);
    const grid = document.querySelector(`svg.large[data-tensor="${cell?.tensor}"]`);
    /** @type {SVGElement | null} */ (grid?.querySelector("[role=gridcell]"))?.focus();
  }

  /** @param {Partial<Progress>} change */
  put(change) {
    const moved = change.at !== undefined ? { reply: null, hint: false, asks: false } : {};
    const lesson = { ...this.progress, ...moved, ...change };
    this.store.set({ lesson });
    const { at, from, done } = lesson;
    try {
      localStorage.setItem(KEPT, JSON.stringify({ chapter: this.state.chapter, at, from, done }));
    } catch {
      // A browser that keeps nothing still teaches.
    }
  }
}

/** Does the system ask for reduced motion? Then the formula stands there whole. */
function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * A parameter's formula is that of its next value, which is there only where the network learns.
 * @param {string} tensor
 */
function needsBatch(tensor) {
  return /\.[wb]$/.test(tensor);
}

/** @returns {{chapter: string | null, at: number, from: any, done: string[]}} */
function remembered() {
  const none = { chapter: null, at: 0, from: null, done: [] };
  try {
    return { ...none, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return none;
  }
}
