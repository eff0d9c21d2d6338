/** What the server is asked about the network as it is: how well it does, and what its gradients are made of. */

import { Newest } from "./newest.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../moment.js").Trace} Trace */

/** Milliseconds between two looks at all images while a training runs. */
const REST = 200;

export class Looking {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.store = actions.store;
    this.api = actions.api;
    /** @type {Trace | null} */
    this.judgedFor = null;
    /** @type {Trace | null} */
    this.predictedFor = null;
    this.predicting = new Newest();
  }

  get state() {
    return this.store.state;
  }

  /** How well the network does, once for each iteration that is looked at. */
  async loadResults() {
    const { trace, run } = this.state;
    if (!trace || trace === this.judgedFor || !run.config.dataset) return;
    this.judgedFor = trace;
    const answered = await this.ask(async () => ({ results: await this.api.results(run.id) }));
    if (!answered && this.judgedFor === trace) this.judgedFor = null;
  }

  /** What the network says of all images, for the newest iteration that is looked at. */
  async loadPredictions() {
    const { trace, run } = this.state;
    if (!trace || trace === this.predictedFor || !run.config.dataset) return;
    this.predictedFor = trace;
    const running = this.state.training?.state === "running";
    await this.predicting.ask(
      async () => {
        const answered = await this.ask(async () => ({
          predictions: await this.api.predictions(run.id),
        }));
        if (!answered && this.predictedFor === trace) this.predictedFor = null;
      },
      running ? REST : 0,
    );
  }

  /** @param {{tensor: string, index: readonly number[]}} gradient */
  async loadContributions({ tensor, index }) {
    await this.ask(async () => {
      const answer = await this.api.contributions(this.state.run.id, tensor, index);
      return { contributions: { ...answer, tensor, index } };
    });
  }

  /** @param {{tensor: string, index: readonly number[]}} varied */
  async loadCheck({ tensor, index }) {
    await this.ask(async () => {
      const of = this.state.trace?.batch ? "batch" : "image";
      const answer = await this.api.check(this.state.run.id, tensor, index, of);
      return { check: { ...answer, tensor, index } };
    });
  }

  /**
   * Ask about the run where the page is, and keep what the answer says.
   * @param {() => Promise<Partial<import("../store.js").State>>} question
   */
  ask(question) {
    return this.actions.ask(async () => {
      await this.actions.flush();
      this.store.set(await question());
    });
  }
}
