/**
 * What the reader wants → the server → the state. Stepping within an iteration needs no server; the
 * position is sent when it has rested for a moment.
 */

import { Refused } from "./api.js";
import { differ } from "./differ.js";
import { isGiven } from "./explanation.js";
import {
  answeredAt,
  flatten,
  isCovered,
  lastShown,
  nested,
  phaseStep,
  pixelsOf,
  stageOf,
} from "./moment.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./moment.js").Trace} Trace */
/** @typedef {NonNullable<State["message"]>["where"]} Place where something is said */
/** @typedef {{undo: () => Promise<void>, redo: () => Promise<void>, at?: number}} Deed `at` is the iteration of an edit */

const REST = 400;
const HEARD_EVERY = 50;
const HEARD_TRIES = 20;
const TRACES_KEPT = 64;
const DEEDS_KEPT = 100;

export class Actions {
  /**
   * @param {Store} store
   * @param {Api} api
   * @param {(key: string, values?: Record<string, string | number>) => string} t
   * @param {(name: string, detail: any) => Promise<unknown>} intend follow an intent, which may ask first
   */
  constructor(store, api, t, intend) {
    this.store = store;
    this.api = api;
    this.t = t;
    this.intend = intend;
    /** traces of iterations that were shown, as long as nothing else changes
     * @type {Map<number, Trace>} */
    this.traces = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** does the server know where we are? */
    this.told = true;
    /** everything that changes the run goes one after the other
     * @type {Promise<unknown>} */
    this.queue = Promise.resolve();
    /** requests for formulas of the configuration that is in force: a change of it waits for them
     * @type {Set<Promise<any>>} */
    this.reading = new Set();
    /** @type {{pixels: number[][][] | number[][], label: number} | null} */
    this.drawing = null;
    this.drawingUnderWay = false;
    /** @type {any} */
    this.strokeFrom = null;
    /** @type {Deed[]} */
    this.done = [];
    /** @type {Deed[]} */
    this.undone = [];
    /** @type {Map<string, Promise<void>>} */
    this.asked = new Map();
    /** how many formulas of a tensor come with one answer
     * @type {Map<string, number>} */
    this.runs = new Map();
  }

  get state() {
    return this.store.state;
  }

  /**
   * Begin with what came with the page.
   * @param {any} run
   * @param {Trace} trace
   * @param {any} dataset null where it is large, or where there is none
   * @param {any} costs
   */
  open(run, trace, dataset, costs) {
    this.store.set({ run, dataset, costs });
    this.show(trace, run.position.step);
  }

  /** What the first picture can do without. */
  async loadRest() {
    if (!this.state.dataset) await this.ask(() => this.loadDataset());
  }

  async loadDataset() {
    const id = this.state.run.config.dataset;
    this.store.set({ dataset: id ? await this.api.dataset(id, 0, 0) : null });
  }

  async loadCosts() {
    this.store.set({ costs: await this.api.costs(this.state.run.id, 300), stretch: null });
  }

  /**
   * Show a trace that came.
   * @param {Trace} trace
   * @param {number} step
   */
  show(trace, step) {
    this.keep(trace);
    const { run } = this.state;
    const iterations = Math.max(run.iterations, trace.iteration);
    this.store.set({
      trace,
      run: { ...run, iterations, version: newer(run, trace), stage: trace.stage },
      position: { iteration: trace.iteration, step },
      message: null,
    });
  }

  /** @param {Trace} trace */
  keep(trace) {
    this.traces.set(trace.iteration, trace);
    const oldest = this.traces.keys().next().value;
    if (this.traces.size > TRACES_KEPT && oldest !== undefined) this.traces.delete(oldest);
  }

  /* ---- moving ---- */

  /** @param {{to?: number, by?: number}} where */
  async step({ to, by = 0 }) {
    const { trace, position } = this.state;
    if (!trace) return;
    if (by === 1 && isCovered(this.state)) return this.reveal();
    const wanted = to ?? position.step + by;
    const last = lastShown(trace, this.state.hide);
    if (wanted > last && last < trace.steps.length) return;
    if (wanted > trace.steps.length) return this.onward();
    if (wanted < 0) {
      return position.iteration > 0 ? this.goTo(position.iteration - 1, Infinity) : undefined;
    }
    if (wanted === position.step) return;
    this.store.set({ position: { ...position, step: wanted }, pinned: null, hovered: null });
    this.sendPosition();
  }

  /**
   * What this window said last, as it was left, may come to the server after that has answered with this
   * page: wait for it before anything else is said, and be at the step that it was.
   * @param {{run: string, iteration: number, step: number}} left
   * @param {boolean} stays be there? else a link leads elsewhere
   */
  resume({ run: id, iteration, step }, stays) {
    const { run, position, trace } = this.state;
    const last = trace?.steps.length ?? 0;
    if (id !== run.id || iteration !== position.iteration || step > last) return;
    if (step === position.step) return;
    if (stays) this.store.set({ position: { iteration, step } });
    void this.change("page", async () => {
      const isTold = await this.heard(id, step);
      if (stays && !isTold) this.sendPosition();
    });
  }

  /**
   * Take over the run's version once the server has heard of a step, or it has been waited long enough.
   * @param {string} id
   * @param {number} step
   */
  async heard(id, step) {
    for (let tries = 0; tries < HEARD_TRIES; tries += 1) {
      const { version, position } = await this.api.run(id);
      this.store.set({ run: { ...this.state.run, version } });
      if (position.step === step) return true;
      await new Promise((over) => setTimeout(over, HEARD_EVERY));
    }
    return false;
  }

  /** Show what was to be guessed. */
  reveal() {
    this.store.set({ revealed: this.state.position });
  }

  /** @param {{by: 1 | -1}} where */
  async phase({ by }) {
    const { trace, position } = this.state;
    if (!trace) return;
    if (by > 0 && position.step === trace.steps.length) return this.onward();
    if (by < 0 && position.step === 0) return this.step({ by: -1 });
    return this.step({ to: phaseStep(trace, position.step, by) });
  }

  /** @param {{to?: number, by?: number}} where */
  async iteration({ to, by = 0 }) {
    const { position, run } = this.state;
    const wanted = to ?? position.iteration + by;
    if (wanted < 0) return;
    if (by === 1) return this.onward();
    return this.goTo(Math.min(wanted, run.iterations + 1), to === undefined ? 0 : position.step);
  }

  /** Over the update that is shown: where another one was made from here, it takes that one's place. */
  async onward() {
    const { trace, position, run } = this.state;
    const isAnother = trace?.batch?.branches && position.iteration < run.iterations;
    if (isAnother) await this.intend("descend", { iterations: 1 });
    else await this.goTo(position.iteration + 1, 0);
  }

  /**
   * Go to an iteration; one beyond the newest is an update.
   * @param {number} iteration
   * @param {number} step `Infinity` is the last
   */
  async goTo(iteration, step) {
    const { run } = this.state;
    if (iteration > run.iterations) return this.descend({ iterations: 1 });
    const last = this.state.trace?.steps.length ?? 0;
    const known = this.traces.get(iteration);
    this.store.set({ pinned: null, hovered: null });
    if (known) {
      this.show(known, Math.min(step, last));
      this.sendPosition();
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.change("page", async () => {
      const at = Math.min(step, last);
      this.show(await this.api.position(this.state.run, { iteration, step: at }), at);
      this.told = true;
    });
  }

  sendPosition() {
    clearTimeout(this.timer);
    if (this.state.training?.state === "running") return;
    this.told = false;
    this.timer = setTimeout(() => void this.flush(), REST);
  }

  /** Tell the server where we are, after all that was asked before. */
  flush() {
    const turn = this.queue.then(() => this.tellPosition());
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Tell the server where we are, before anything that depends on it. */
  async tellPosition() {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    const { run, position, training } = this.state;
    if (training?.state === "running") return;
    try {
      const { version } = await this.api.position(run, position);
      this.told = this.timer === undefined;
      this.store.set({ run: { ...this.state.run, version } });
    } catch (error) {
      this.fail("page", error);
    }
  }

  /* ---- learning ---- */

  /** @param {{iterations: number}} wanted */
  async descend({ iterations }) {
    await this.change("corner", async () => {
      await this.tellPosition();
      if (this.state.trace?.batch?.branches) this.traces.clear();
      const trace = await this.api.descent(this.state.run, iterations);
      this.store.set({ pinned: null, hovered: null });
      this.show(trace, 0);
      await this.loadCosts();
    });
    if (this.state.message?.where === "corner") await this.refresh();
  }

  /** After a refusal: what the server has. */
  async refresh() {
    const { message, run } = this.state;
    try {
      const [now, trace] = await Promise.all([this.api.run(run.id), this.api.trace(run.id)]);
      this.traces.clear();
      const same = now.config_hash === run.config_hash;
      if (!same) this.forgetFormulas();
      const formulas = same ? this.state.formulas : {};
      this.store.set({ run: now, formulas, pinned: null, hovered: null });
      this.show(trace, now.position.step);
      await this.loadCosts();
    } catch (error) {
      this.fail("page", error);
    }
    this.store.set({ message });
  }

  async reset() {
    await this.goTo(0, 0);
  }

  /** Begin again: what was learnt belongs to the weights that it began with. */
  async newWeights() {
    const { seed } = this.state.run.config.training;
    await this.goTo(0, 0);
    await this.configure({ training: { seed: seed + 1 } });
  }

  /**
   * Other settings. Where they need new weights, undoing them brings back those that were learnt.
   * @param {any} config a part of the configuration
   */
  async configure(config) {
    /** @type {any} */
    let before = null;
    let lost = parametersOf(null);
    /** @type {Deed} */
    const deed = {
      redo: () =>
        this.change("settings", async () => {
          await this.tellPosition();
          const { run, trace, position } = this.state;
          const learnt = parametersOf(trace);
          before = partOf(run.config, config);
          deed.at = position.iteration;
          await this.putInForce(config);
          lost = differ(parametersOf(this.state.trace), learnt) ? learnt : {};
        }),
      undo: () =>
        this.change("settings", async () => {
          await this.tellPosition();
          await this.putInForce(before, lost);
        }),
    };
    await this.act(deed);
  }

  /**
   * @param {any} config a part of the configuration
   * @param {Record<string, import("./moment.js").Tensor>} weights that are put back
   */
  async putInForce(config, weights = {}) {
    await Promise.allSettled(this.reading);
    const run = await this.api.config(this.state.run, config);
    const { trace, refused } = await this.withWeights(run, weights);
    this.traces.clear();
    const same = run.config_hash === this.state.run.config_hash;
    if (!same) this.forgetFormulas();
    const formulas = same ? this.state.formulas : {};
    this.store.set({ run, formulas, pinned: null, hovered: null });
    this.show(trace, trace.step);
    const other = run.config.dataset !== this.state.dataset?.id;
    await Promise.all([this.loadCosts(), other ? this.loadDataset() : null]);
    if (refused) this.say("page", this.t("undo.weights", { detail: refused.message }));
  }

  /**
   * The trace of a run with these weights put back, or without them where they are refused.
   * @param {any} run
   * @param {Record<string, import("./moment.js").Tensor>} weights
   * @returns {Promise<{trace: Trace, refused?: Refused}>}
   */
  async withWeights(run, weights) {
    const all = Object.entries(weights);
    if (all.length === 0) return { trace: await this.api.trace(run.id) };
    const values = all.map(([tensor, one]) => [tensor, nested(one.shape, one.values)]);
    try {
      return { trace: await this.api.parameters(run, Object.fromEntries(values)) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { trace: await this.api.trace(run.id), refused: error };
    }
  }

  /**
   * Another value for one cell; one stays at the step where one is.
   * @param {{tensor: string, index: readonly number[], value: number, before?: number}} edit `before`
   * where what is shown is not what there was
   */
  async editParameter({ tensor, index, value, before: old }) {
    const own = this.state.trace?.tensors[tensor];
    if (!own) return;
    const place = index.reduce((at, n, axis) => at * (own.shape[axis] ?? 1) + n, 0);
    const before = old ?? own.values[place] ?? 0;
    const put = (/** @type {number} */ to) => async () => {
      await this.change("page", async () => {
        await this.tellPosition();
        const { run, position } = this.state;
        const trace = await this.api.parameters(run, { [tensor]: [{ index, value: to }] });
        this.traces.clear();
        this.store.set({ run: { ...run, iterations: trace.iteration } });
        this.show(trace, position.step);
        this.sendPosition();
        await this.loadCosts();
      });
    };
    const at = this.state.position.iteration;
    await this.act({ at, redo: put(value), undo: put(before) });
  }

  /* ---- the image on stage ---- */

  /** @param {{pixels: readonly number[], done: boolean}} drawn */
  draw({ pixels, done }) {
    const { trace } = this.state;
    const image = trace?.tensors["I.a"];
    if (!trace || !image) return;
    this.strokeFrom ??= stageOf(trace);
    const tensors = { ...trace.tensors, "I.a": { ...image, values: [...pixels] } };
    this.store.set({ trace: { ...trace, tensors, stage: { ...trace.stage, sample: null } } });
    const after = { pixels: pixelsOf(image.shape, pixels), label: trace.stage.label };
    this.drawing = after;
    if (!this.drawingUnderWay) void this.sendDrawing();
    if (!done) return;
    const before = this.strokeFrom;
    this.strokeFrom = null;
    this.remember({ undo: () => this.stage(before), redo: () => this.stage(after) });
  }

  /** The newest drawing goes out as soon as the one before it is answered. */
  async sendDrawing() {
    this.drawingUnderWay = true;
    while (this.drawing) {
      const drawing = this.drawing;
      this.drawing = null;
      await this.putStage(drawing, "pad");
    }
    this.drawingUnderWay = false;
  }

  /** @param {{label: number}} given */
  async label({ label }) {
    const { trace } = this.state;
    if (!trace || label === trace.stage.label) return;
    const before = stageOf(trace);
    const after = { pixels: before.pixels, label };
    await this.act({ redo: () => this.stage(after), undo: () => this.stage(before) });
  }

  /** @param {{sample: number}} given */
  async chooseSample({ sample }) {
    const { trace } = this.state;
    if (!trace) return;
    const before = stageOf(trace);
    await this.act({ redo: () => this.stage({ sample }), undo: () => this.stage(before) });
  }

  /** @param {any} stage a sample, or pixels and a label */
  async stage(stage) {
    await this.putStage(
      stage.sample === undefined || stage.sample === null ? stage : { sample: stage.sample },
      "pad",
    );
  }

  /**
   * @param {any} stage
   * @param {"pad"} where
   */
  async putStage(stage, where) {
    await this.change(where, async () => {
      await this.tellPosition();
      const { run } = this.state;
      const { sample, ...drawing } = stage;
      const body = sample === undefined || sample === null ? drawing : { sample };
      const trace = await this.api.stage(run, body);
      this.traces.clear();
      this.answer(trace);
    });
  }

  /**
   * Show what the network says of what was put on stage, whatever was seen of it before: the forward
   * pass counts as done. Where the pen has moved on meanwhile, the pad keeps what it has drawn.
   * @param {Trace} trace
   */
  answer(trace) {
    const { trace: shown, position } = this.state;
    const ahead = this.drawing && shown?.tensors["I.a"];
    const seen = ahead ? { ...trace, tensors: { ...trace.tensors, "I.a": ahead } } : trace;
    const step = Math.max(position.step, answeredAt(trace));
    this.show(seen, step);
    if (ahead) this.traces.clear();
    if (step > position.step) this.sendPosition();
  }

  /* ---- explanations ---- */

  /**
   * The formulas of a tensor's cells, asked for once for each configuration: all together, or where
   * they are too many for one answer, those of a cell and its neighbours.
   * @param {string} tensor
   * @param {readonly number[]} [index] the first cell without it
   * @returns {Promise<void>}
   */
  loadFormulas(tensor, index) {
    const shape = this.state.trace?.tensors[tensor]?.shape ?? [];
    const cell = index ?? shape.map(() => 0);
    const place = flatten(shape, cell);
    if (this.state.formulas[tensor]?.[place]) return Promise.resolve();
    // The first answer for a tensor says how many formulas come at once.
    const run = this.runs.get(tensor);
    const key = run ? `${tensor} ${Math.floor(place / run)}` : tensor;
    const known = this.asked.get(key);
    if (known) return run ? known : known.then(() => this.loadFormulas(tensor, index));
    const asking = this.fetchFormulas(tensor, cell).catch((error) => {
      this.asked.delete(key);
      this.fail("page", error);
    });
    this.asked.set(key, asking);
    return asking;
  }

  /**
   * @param {string} tensor
   * @param {readonly number[]} index
   */
  async fetchFormulas(tensor, index) {
    await this.queue;
    const { id, config_hash: hash } = this.state.run;
    const asking = this.api.formulas(id, tensor, index, hash);
    this.reading.add(asking);
    const { formulas, from = 0 } = await asking.finally(() => this.reading.delete(asking));
    if (hash !== this.state.run.config_hash) return;
    const known = [...(this.state.formulas[tensor] ?? [])];
    formulas.forEach((/** @type {any} */ formula, /** @type {number} */ n) => {
      known[from + n] = formula;
    });
    this.runs.set(tensor, Math.max(formulas.length, this.runs.get(tensor) ?? 0));
    this.store.set({ formulas: { ...this.state.formulas, [tensor]: known } });
  }

  /**
   * Ask what changes nothing; say it where it fails.
   * @param {() => Promise<void>} question
   * @param {Place} [where]
   * @returns {Promise<boolean>} was it answered?
   */
  async ask(question, where = "page") {
    await this.queue;
    try {
      await question();
      return true;
    } catch (error) {
      this.fail(where, error);
      return false;
    }
  }

  forgetFormulas() {
    this.asked.clear();
    this.runs.clear();
  }

  /* ---- undo, redo ---- */

  /** @param {Deed} deed */
  async act(deed) {
    await deed.redo();
    if (!this.state.message) this.remember(deed);
  }

  /** @param {Deed} deed */
  remember(deed) {
    this.done = [...this.done, deed].slice(-DEEDS_KEPT);
    this.undone = [];
  }

  async undo() {
    const deed = this.done.at(-1);
    if (!deed || !(await this.goWhere(deed))) return;
    this.done.pop();
    this.undone.push(deed);
    await deed.undo();
  }

  async redo() {
    const deed = this.undone.at(-1);
    if (!deed || !(await this.goWhere(deed))) return;
    this.undone.pop();
    this.done.push(deed);
    await deed.redo();
  }

  /**
   * Be where an edit was made; false where that cannot be reached.
   * @param {Deed} deed
   */
  async goWhere({ at }) {
    const { position, run } = this.state;
    if (at === undefined || at === position.iteration) return true;
    if (at <= run.iterations) await this.goTo(at, position.step);
    return this.state.position.iteration === at;
  }

  /**
   * An edit at an iteration replaces what came after: what was edited there can be undone no more.
   * @param {number} iteration
   */
  forgetEdits(iteration) {
    const stands = (/** @type {Deed} */ { at }) => at === undefined || at <= iteration;
    this.done = this.done.filter(stands);
    this.undone = this.undone.filter(stands);
  }

  /* ---- order and errors ---- */

  /**
   * Do something that changes the run, after all that was asked before; say it where it fails.
   * @param {Place} where
   * @param {() => Promise<void>} work
   */
  change(where, work) {
    const turn = this.queue.then(async () => {
      this.store.set({ busy: true });
      try {
        await work();
      } catch (error) {
        this.fail(where, error);
      } finally {
        this.store.set({ busy: false });
      }
    });
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /**
   * @param {Place} where
   * @param {unknown} error
   */
  fail(where, error) {
    if (!(error instanceof Refused)) throw error;
    const words = { detail: error.message, iteration: Number(error.problem.iteration ?? 0) };
    const text = this.t(errorKey(error), words);
    const stale = error.status === 412;
    this.say(stale ? "page" : where, text);
    if (stale) void this.refresh();
  }

  /**
   * Say what went wrong, once: who asks again whenever something changes must not be told for ever.
   * @param {Place} where
   * @param {string} text
   */
  say(where, text) {
    const { message, playing } = this.state;
    const known = message?.where === where && message.text === text;
    if (!known || playing) this.store.set({ message: { where, text }, playing: false });
  }
}

/**
 * A trace that was kept from before carries the version that the run had then.
 * @param {{version: number}} run
 * @param {{version: number}} trace
 */
function newer(run, trace) {
  return Math.max(run.version, trace.version);
}

/** @param {Refused} error */
function errorKey({ status, problem }) {
  if (status === 0) return "error.offline";
  if (status === 409 && problem.iteration !== undefined) return "error.diverged";
  const known = /** @type {Record<number, string>} */ ({
    404: "error.not_found",
    409: "error.conflict",
    412: "error.stale",
    413: "error.too_large",
    422: "error.invalid",
  });
  return known[status] ?? (status >= 500 ? "error.server" : "error.unexpected");
}

/**
 * The weights and biases of a trace.
 * @param {Trace | null} trace
 */
function parametersOf(trace) {
  const all = Object.entries(trace?.tensors ?? {});
  return Object.fromEntries(all.filter(([tensor]) => isGiven({ tensor }) && tensor !== "I.a"));
}

/**
 * The values that a configuration has where a patch has others.
 * @param {any} config
 * @param {any} patch
 * @returns {any}
 */
function partOf(config, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return config;
  return Object.fromEntries(
    Object.keys(patch).map((key) => [key, partOf(config?.[key], patch[key])]),
  );
}
