/**
 * The lesson's way through its chapters: which text is read, what the stage does at a key, and what
 * is made of an answer. Where one is, is remembered by the browser.
 */

import { judge } from "../answers.js";
import { chapterOf, CHAPTERS, isHidden, lacking, misfit } from "../chapters.js";
import { nameOf } from "../formula.js";
import { isCovered, stageOf } from "../moment.js";
import { costOf } from "../update-chapters.js";
import { FRESH, learnerOf, remember, remembered } from "./progress.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../chapters.js").Chapter} Chapter */
/** @typedef {import("../moment.js").Cell} Cell */
/** @typedef {import("../scene.js").Stop} Stop */
/** @typedef {import("./progress.js").Progress} Progress */

const IMAGES_TRIED = 12;

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
    this.isOpen = false;
    /** the formulas that were asked for last, so that none is asked for without end */
    this.wanted = "";
    this.store.subscribe(({ panel }) => {
      this.isOpen &&= panel === "lesson";
    });
  }

  get state() {
    return this.store.state;
  }

  /** @returns {Progress} */
  get progress() {
    return this.state.lesson ?? FRESH;
  }

  /** @returns {import("../scene.js").Moment | null} */
  get moment() {
    const { run, trace, formulas, hide } = this.state;
    const { from } = this.progress;
    const own = from?.learner === learnerOf(run) ? from : null;
    return trace && { run, trace, formulas, hide, from: own };
  }

  /** The chapter as far as its formulas are there; null where it is hidden or cannot be told. */
  get sketch() {
    const { moment } = this;
    const { chapter, hide, run } = this.state;
    if (!moment || !chapter || misfit(run) || isHidden(chapter, hide)) return null;
    return lacking(chapter, moment) ? null : chapterOf(chapter, moment);
  }

  /** @returns {Chapter | null} the chapter as it is told now */
  get chapter() {
    const { sketch } = this;
    return sketch?.missing.length === 0 ? sketch : null;
  }

  /** The stop whose text is read. */
  get stop() {
    return this.chapter?.stops[Math.floor(this.progress.at / 2)] ?? null;
  }

  /** Does a text wait for the class to have guessed what the stage covers? */
  get isGuessed() {
    return this.progress.at % 2 === 1 && Boolean(this.stop) && isCovered(this.state);
  }

  /** What the panel shows. */
  get view() {
    const { run, chapter, dataset, hide } = this.state;
    const { moment, stop } = this;
    return {
      chapter,
      progress: this.progress,
      told: this.chapter,
      chapters: CHAPTERS.filter((id) => !isHidden(id, hide)),
      misfit: misfit(run),
      lacks: moment && lacking(chapter ?? "", moment),
      guesses: this.isGuessed,
      covers: Boolean(stop?.tells && hide.includes(stop.tells)),
      hide,
      hasImages: Boolean(dataset?.labels.length) && !hide.includes("images"),
      kind: run.config.layers[1]?.kind ?? "",
    };
  }

  /** Begin where a link leads, or where the reader was; the stage is set again. */
  async open() {
    if (this.isOpen) return;
    this.isOpen = true;
    this.wanted = "";
    if (!this.state.lesson) this.begin();
    await this.load();
    await this.stand();
    this.count();
  }

  begin() {
    const kept = remembered();
    const asked = this.state.chapter;
    const known = (/** @type {string | null | undefined} */ id) => CHAPTERS.includes(id ?? "");
    if (asked && !known(asked)) {
      const text = this.actions.t("lesson.unknown", { chapter: asked });
      this.store.set({ message: { where: "page", text } });
    }
    const open = CHAPTERS.find((id) => !isHidden(id, this.state.hide)) ?? CHAPTERS[0];
    const chapter = (known(asked) ? asked : known(kept.chapter) ? kept.chapter : open) ?? null;
    const { from, done } = kept;
    const ours = !from || from.learner === learnerOf(this.state.run);
    const at = chapter === kept.chapter && ours ? kept.at : 0;
    this.store.set({ chapter, lesson: { ...FRESH, done, at, from: ours ? from : null } });
  }

  /** The formulas that the chapter reads, and those that it names with them. */
  async load() {
    for (let missing = this.sketch?.missing; missing?.length; missing = this.sketch?.missing) {
      const names = `${this.state.run.config_hash} ${missing.map(nameOf).join(" ")}`;
      if (names === this.wanted) return;
      this.wanted = names;
      await Promise.all(
        missing.map(({ tensor, index }) => this.actions.loadFormulas(tensor, index)),
      );
    }
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
    const { chapter, stop } = this;
    const { at } = this.progress;
    if (!chapter || !stop) return this.next();
    if (this.isGuessed) {
      this.reveal();
      return this.play(stop);
    }
    if (at % 2 === 0 && stop.learn && !(await this.learn(stop.learn))) return;
    this.put({ at: at + 1 });
    await this.stand(true);
    this.count();
  }

  /** The text before this one. */
  async back() {
    const { at } = this.progress;
    if (at > 0) this.put({ at: at - 1 });
    await this.stand();
    this.count();
  }

  /** The next chapter that the class may see. */
  async next() {
    const { chapter, hide } = this.state;
    const after = CHAPTERS.slice(CHAPTERS.indexOf(chapter ?? "") + 1);
    const open = after.find((id) => !isHidden(id, hide));
    if (open) await this.choose({ chapter: open });
    this.count();
  }

  /** @param {{chapter: string}} wanted */
  async choose({ chapter }) {
    await this.film.end();
    this.store.set({ chapter, pinned: null, term: null });
    this.put({ at: 0, from: null });
    await this.load();
  }

  /**
   * Set the stage for the text that is read.
   * @param {boolean} [fresh] is it new? Only then a film plays.
   */
  async stand(fresh = false) {
    const { chapter } = this;
    const { at, reply } = this.progress;
    if (!chapter || at === 0) return;
    if (at >= 2 * chapter.stops.length) {
      return reply === "right" || reply === "worked" ? this.work() : this.ask(chapter.question);
    }
    const stop = chapter.stops[(at - 1) / 2];
    if (!stop || stop.learn || (stop.tells && this.state.hide.includes(stop.tells))) return;
    await this.show(stop.step, stop.cell);
    if (fresh && !this.isGuessed) await this.play(stop);
  }

  /** @param {import("../scene.js").Question} question */
  async ask({ before, kind, lacks, pixel, cell }) {
    await this.show(before, null);
    this.reveal();
    this.store.set({ term: pixel ?? null, focus: { ...this.state.focus, ...this.mapOf(cell) } });
    const answers = /** @type {readonly Cell[]} */ (this.chapter?.question.answer);
    this.put({ asks: kind === "cell" && !lacks ? (answers[0]?.tensor ?? null) : null });
  }

  /**
   * Bring the stage to a step, a cell lit.
   * @param {number} step
   * @param {Cell | null} cell
   */
  async show(step, cell) {
    await this.film.end();
    await this.actions.step({ to: step });
    this.store.set({
      pinned: cell,
      hovered: null,
      term: null,
      zoomed: null,
      playing: false,
      focus: { ...this.state.focus, ...this.mapOf(cell) },
    });
  }

  /** What is on the stage is no longer to be guessed. */
  reveal() {
    if (isCovered(this.state)) this.actions.reveal();
    this.count();
  }

  /** Play the formula of a stop, where it may be seen whole.
   * @param {Stop} stop */
  async play({ film, cell }) {
    const { hide } = this.state;
    const seen = !hide.includes("formulas") && !hide.includes("numbers");
    if (film && cell && seen && !isCalm()) await this.film.play(cell);
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

  /**
   * Make updates; those that were made before are travelled.
   * @param {number} count
   * @returns {Promise<boolean>} are they all made?
   */
  async learn(count) {
    await this.film.end();
    const { position, run, trace } = this.state;
    if (this.progress.at === 0 && trace) {
      const C = costOf(trace, run.config.training.learn_from === "stage");
      this.put({ from: { learner: learnerOf(run), iteration: position.iteration, C } });
    }
    const goal = position.iteration + count;
    const there = Math.min(goal, run.iterations);
    if (there > position.iteration) await this.actions.goTo(there, 0);
    if (goal > there) await this.actions.descend({ iterations: goal - there });
    return this.state.position.iteration === goal;
  }

  /**
   * Check an answer: what was typed, the choice, or the cell.
   * @param {string | Cell} given
   */
  async answer(given) {
    const { chapter } = this;
    if (!chapter || chapter.question.lacks) return;
    const reply = judge(chapter.question, given, this.state.digits);
    const { hint, asks, done } = this.progress;
    this.put({
      reply,
      hint: hint || reply === "wrong",
      asks: reply === "right" ? null : asks,
      done: reply === "right" ? [...new Set([...done, chapter.id])] : done,
    });
    if (reply === "right") await this.work();
  }

  hint() {
    this.put({ hint: true });
    this.count();
  }

  /** Show the answer, worked out on the stage. */
  async solve() {
    this.put({ reply: "worked", asks: null });
    await this.work();
  }

  async work() {
    const { question } = this.chapter ?? {};
    if (question?.cell) await this.show(question.step, question.cell);
    this.reveal();
  }

  /** Another training image, where this drawing has no answer: the next that has one. */
  async image() {
    const { trace, dataset } = this.state;
    const count = dataset?.labels.length ?? 0;
    if (!trace || !count) return;
    const before = stageOf(trace);
    const tried = Math.min(IMAGES_TRIED, count);
    for (let n = 1; n <= tried; n += 1) {
      const sample = ((trace.stage.sample ?? -1) + n) % count;
      await this.actions.stage({ sample });
      await this.load();
      if (this.chapter?.question.lacks) continue;
      const redo = () => this.actions.stage({ sample });
      this.actions.remember({ redo, undo: () => this.actions.stage(before) });
      await this.stand();
      return this.count();
    }
    await this.actions.stage(before);
    this.put({ reply: "none" });
    this.count();
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
    const grid = document.querySelector(`svg.large[data-tensor="${this.progress.asks}"]`);
    /** @type {SVGElement | null} */ (grid?.querySelector("[role=gridcell]"))?.focus();
  }

  /** One of the lesson's keys has done its work: the focus goes with the text. */
  count() {
    this.put({ turn: this.progress.turn + 1 });
  }

  /** @param {Partial<Progress>} change */
  put(change) {
    const moved = change.at !== undefined ? { reply: null, hint: false, asks: null } : {};
    const lesson = { ...this.progress, ...moved, ...change };
    this.store.set({ lesson });
    remember(this.state.chapter, lesson);
  }
}

/** Does the system ask for reduced motion? Then the formula stands there whole. */
function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
