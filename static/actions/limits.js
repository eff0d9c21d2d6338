/**
 * "Same scale over time": the scale of each tensor for the whole history, from a few of its iterations,
 * the first and the last among them. It stays as it is until the history, the network or the image on
 * stage is another; a training that runs changes it at its end.
 */

import { together } from "../scale.js";
import { Newest } from "./newest.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../scale.js").Limits} Limits */

const PARTS = 8;
const REST = 300;

export class Scales {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.newest = new Newest();
    /** what the scales are of, or will be */
    this.key = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get state() {
    return this.actions.state;
  }

  /** Have the scales of what there is now. */
  keep() {
    const { run, trace, training, limits } = this.state;
    if (!trace || (limits && training?.state === "running")) return;
    const { sample, label } = trace.stage;
    const image = sample ?? trace.tensors["I.a"]?.values;
    const key = [run.id, run.config_hash, run.iterations, label, image].join(" ");
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.newest.ask(() => this.measure(key)), REST);
  }

  /** @param {string} key */
  async measure(key) {
    const answered = await this.actions.ask(async () => {
      const { id, iterations } = this.state.run;
      const places = Array.from({ length: PARTS + 1 }, (_, n) =>
        Math.round((iterations * n) / PARTS),
      );
      /** @type {Limits} */
      let limits = {};
      for (const iteration of new Set(places)) {
        const { tensors, batch } = await this.actions.api.traceAt(id, iteration);
        limits = together(limits, tensors, null);
        limits = together(limits, batch?.gradients ?? {}, "batch");
      }
      if (key === this.key) this.actions.store.set({ limits });
    });
    if (!answered && key === this.key) this.key = "";
  }
}
