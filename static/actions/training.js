/**
 * Training in the server, and what it tells on the way; looking at any iteration as at a film.
 */

import { Refused } from "../api.js";
import { lastShown, shownWhole } from "../moment.js";
import { Newest } from "./newest.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../moment.js").Trace} Trace */

/** More points of the curve than this are thinned by the server. */
const POINTS = 1200;
/** A stretch of the curve with no more iterations than this comes whole. */
const CLOSE = 4000;
const SEEDS_EVERY = 300;

export class TrainingActions {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.store = actions.store;
    this.api = actions.api;
    /** @type {EventSource | null} */
    this.stream = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.watch = undefined;
    /** @type {number | null} the iteration that is asked for next */
    this.wanted = null;
    this.replaying = false;
    this.closer = new Newest();
    /** did this window begin the training that is under way? */
    this.begun = false;
    /** how often the stream has told of the training */
    this.told = 0;
    /** @type {Trace | null} the moment that the panel was filled for */
    this.looked = null;
  }

  get state() {
    return this.store.state;
  }

  /** Hear what happens to the run, here or in another window, while this window is seen. */
  follow() {
    document.addEventListener("visibilitychange", () => this.listen());
    globalThis.addEventListener("pagehide", () => this.stream?.close());
    this.listen();
  }

  listen() {
    this.stream?.close();
    this.stream = null;
    if (document.visibilityState === "hidden") return;
    const stream = this.api.events(this.state.run.id);
    /** @type {Record<string, (content: any) => unknown>} */
    const heard = {
      trace: (trace) => this.frame(trace),
      position: (place) => this.moved(place),
      training: (training) => {
        this.told += 1;
        return this.progress(training);
      },
      cost: (costs) => this.costs(costs),
      error: (problem) => this.failed(problem),
    };
    for (const [name, act] of Object.entries(heard)) {
      stream.addEventListener(name, ({ data }) => {
        if (data !== undefined) void act(JSON.parse(data)); // a broken connection is an error too
      });
    }
    this.stream = stream;
  }

  /**
   * The run was deleted, in another window perhaps, or its training cannot be stored just now.
   * @param {{status: number, detail: string}} problem
   */
  failed({ status, detail }) {
    if (status === 404) this.stream?.close();
    this.actions.fail("page", new Refused(status, detail));
  }

  /**
   * A picture of a training that runs: at the step that is looked at, or whole.
   * @param {Trace} trace
   */
  frame(trace) {
    if (this.isRunning) this.display(trace);
  }

  /** @param {Trace} trace */
  display(trace) {
    this.actions.traces.clear();
    this.actions.show(trace, this.stepOf(trace));
  }

  /**
   * A picture on the way is shown at the step that is looked at, or whole.
   * @param {Trace} trace
   */
  stepOf(trace) {
    const { position, hide } = this.state;
    return position.step || Math.min(shownWhole(trace), lastShown(trace, hide));
  }

  /**
   * The run is another one now: by ourselves, or in another window, which is then followed.
   * @param {{version: number, iteration: number, iterations: number}} place
   */
  async moved({ version, iterations }) {
    if (!this.isRunning) await this.actions.queue; // in which a training may begin
    const { run } = this.state;
    if (version < run.version) return; // it waited, and is old news
    if (this.isRunning) this.store.set({ run: { ...run, version, iterations } });
    else if (version > run.version) await this.actions.refresh();
  }

  get isRunning() {
    return this.state.training?.state === "running";
  }

  /** @param {import("../state.js").Training} training */
  async progress(training) {
    const before = this.state.training;
    this.store.set({ training });
    if (before?.state === "running" && training.state !== "running") await this.settle();
  }

  /**
   * What the server has where a training halted, at the step that is looked at. All windows that
   * follow the training settle at once, and only the one that began it tells the server where it is.
   */
  async settle() {
    const { step } = this.state.position;
    await this.actions.refresh();
    const { trace } = this.state;
    if (!step || !trace) return;
    this.actions.show(trace, Math.min(step, trace.steps.length));
    if (this.begun) this.actions.sendPosition();
    this.begun = false;
  }

  /** @param {{from: number, iterations: number[], C: number[], accuracy: number[]}} more */
  costs({ from, ...more }) {
    const { costs, stretch } = this.state;
    const kept = costs.iterations.findIndex((iteration) => iteration >= from);
    const end = kept < 0 ? costs.iterations.length : kept;
    const joined = {
      iterations: [...costs.iterations.slice(0, end), ...more.iterations],
      C: [...costs.C.slice(0, end), ...more.C],
      accuracy: [...costs.accuracy.slice(0, end), ...more.accuracy],
    };
    this.store.set({ costs: joined, stretch: stretch && stretch.to >= from ? null : stretch });
    if (joined.iterations.length > POINTS) void this.actions.ask(() => this.actions.loadCosts());
  }

  /**
   * The costs of a stretch of iterations that the chart shows, every one where they are not too many.
   * @param {{from: number, to: number}} stretch
   */
  seeCloser({ from, to }) {
    return this.closer.ask(() =>
      this.actions.ask(async () => {
        const { run, costs: whole } = this.state;
        const costs = await this.api.costsOf(run.id, CLOSE, { from, to });
        if (whole === this.state.costs) this.store.set({ stretch: { from, to, costs } });
        else this.store.set({ stretch: null });
      }),
    );
  }

  /* ---- the training itself ---- */

  /** @param {Record<string, number | null>} wanted */
  async train(wanted) {
    await this.actions.change("training", async () => {
      await this.actions.tellPosition();
      const given = Object.entries(wanted).filter(([, value]) => value !== null);
      this.begun = true;
      const train = this.api.train(this.state.run, Object.fromEntries(given));
      await this.answered(() => train).catch((error) => {
        this.begun = false;
        throw error;
      });
      this.store.set({ pinned: null, hovered: null, playing: false, message: null });
    });
  }

  /** @param {{paused?: boolean, speed?: number | null}} other */
  async alter(other) {
    await this.actions.change("training", async () => {
      await this.answered(() => this.api.alterTraining(this.state.run.id, other));
    });
  }

  /**
   * What an answer says of the training, unless the event stream has said something newer meanwhile.
   * @param {() => Promise<import("../state.js").Training>} ask
   */
  async answered(ask) {
    const { told } = this;
    const training = await ask();
    if (told === this.told) await this.progress(training);
  }

  async stop() {
    await this.actions.change("training", async () => {
      await this.answered(async () => {
        await this.api.stopTraining(this.state.run.id);
        return this.api.training(this.state.run.id);
      });
    });
  }

  /* ---- any iteration again ---- */

  /**
   * Show an iteration that was reached; of several that are asked for in haste the newest.
   * @param {{to: number}} where
   */
  async replay({ to }) {
    this.wanted = Math.min(Math.max(0, to), this.state.run.iterations);
    if (this.replaying || this.isRunning) return;
    this.replaying = true;
    try {
      while (this.wanted !== null) {
        const iteration = this.wanted;
        this.wanted = null;
        await this.actions.queue;
        const known = this.actions.traces.get(iteration);
        const trace = known ?? (await this.api.traceAt(this.state.run.id, iteration));
        this.actions.show(trace, this.stepOf(trace));
        this.actions.sendPosition();
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.actions.fail("page", error);
    } finally {
      this.replaying = false;
    }
  }

  /* ---- errors and gradients, kept futures, several seeds ---- */

  /** What the panel shows besides, once for each moment; of one that passes only what it changes. */
  async look() {
    const { trace, run, training } = this.state;
    if (!trace || trace === this.looked) return;
    this.looked = trace;
    const told = await this.actions.ask(async () => {
      await this.actions.flush();
      const histograms = trace.batch ? await this.api.histograms(run.id) : null;
      this.store.set({ histograms });
      if (training?.state === "running") return;
      const [{ branches }, seeds] = await Promise.all([
        this.api.branches(run.id),
        this.api.seeds(run.id),
      ]);
      this.store.set({ branches, seeds });
    });
    if (!told && this.looked === trace) this.looked = null;
    this.watchSeeds();
  }

  async loadBranches() {
    const { branches } = await this.api.branches(this.state.run.id);
    this.store.set({ branches });
  }

  /**
   * Keep the present future; without a name under the next number. False where it cannot be kept.
   * @param {{name?: string}} given
   */
  async keep({ name }) {
    let kept = false;
    await this.actions.change("training", async () => {
      await this.actions.tellPosition();
      await this.loadBranches();
      const numbered = this.actions.t("branches.numbered", {
        number: this.state.branches.length + 1,
      });
      await this.api.keepBranch(this.state.run, name ?? numbered);
      this.store.set({ run: await this.api.run(this.state.run.id), message: null });
      await this.loadBranches();
      kept = true;
    });
    return kept;
  }

  /** @param {{id: string, on: boolean}} given */
  async compare({ id, on }) {
    const others = without(this.state.compared, id);
    if (!on) return this.store.set({ compared: others });
    await this.actions.ask(async () => {
      const costs = await this.api.branchCosts(this.state.run.id, id, 300);
      this.store.set({ compared: { ...others, [id]: costs } });
    });
  }

  /** @param {{id: string}} given */
  async take({ id }) {
    await this.actions.change("training", async () => {
      await this.actions.tellPosition();
      await this.api.takeBranch(this.state.run, id);
      this.actions.forgetEdits(-1);
      this.store.set({ compared: {}, message: null });
      await this.actions.refresh();
      await this.loadBranches();
    });
  }

  /** @param {{id: string}} given */
  async drop({ id }) {
    await this.actions.change("training", async () => {
      await this.api.dropBranch(this.state.run.id, id);
      this.store.set({ compared: without(this.state.compared, id) });
      await this.loadBranches();
    });
  }

  /** @param {{count: number, iterations: number}} wanted */
  async trySeeds({ count, iterations }) {
    const seeds = Array.from({ length: count }, (_, seed) => seed);
    await this.actions.change("training", async () => {
      this.store.set({ seeds: await this.api.trySeeds(this.state.run.id, { seeds, iterations }) });
    });
    this.watchSeeds();
  }

  /** Look again and again how far the seeds have come, as long as they learn. */
  watchSeeds() {
    clearTimeout(this.watch);
    if (this.state.seeds?.state !== "running") return;
    this.watch = setTimeout(async () => {
      await this.actions.ask(async () => {
        this.store.set({ seeds: await this.api.seeds(this.state.run.id) });
      });
      this.watchSeeds();
    }, SEEDS_EVERY);
  }

  async dropSeeds() {
    await this.actions.change("training", async () => {
      await this.api.dropSeeds(this.state.run.id);
      this.store.set({ seeds: null });
    });
  }
}

/**
 * @param {Readonly<Record<string, any>>} all
 * @param {string} key
 */
function without(all, key) {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== key));
}
