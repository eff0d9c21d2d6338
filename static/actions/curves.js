/** What explains beside a formula, asked of the server: curves, and the cost after an update. */

import { Refused } from "../api.js";
import { nested } from "../moment.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../moment.js").Cell} Cell */

const POINTS = 81;
/** With more images than this the curve is that of the image on stage. */
const MANY = 700;

export class Curves {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {Set<string>} */
    this.asked = new Set();
  }

  get store() {
    return this.actions.store;
  }

  /**
   * The curve of a layer's activation, wide enough for `reach` and some more; null where it has none.
   * @param {{layer: string, reach: number}} wanted
   */
  async activation({ layer, reach }) {
    const { id, config_hash: hash } = this.store.state.run;
    const wide = 2 ** Math.ceil(Math.log2(Math.max(6, reach) * 1.3));
    const key = `${hash} ${layer} ${wide}`;
    if (this.asked.has(key)) return;
    this.asked.add(key);
    await this.actions.ask(async () => {
      const found = await this.actions.api.activation(id, layer, wide).catch((error) => {
        if (error instanceof Refused && error.status === 404) return null;
        this.asked.delete(key);
        throw error;
      });
      const { activations } = this.store.state;
      this.store.set({ activations: { ...activations, [layer]: found && { ...found, hash } } });
    });
  }

  /** The curves of all layers that have one, before they are wanted. */
  async ahead() {
    const { run, trace } = this.store.state;
    for (const { letter } of run.layers) {
      const z = trace?.tensors[`${letter}.z`]?.values ?? [];
      const reach = z.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      if (trace?.tensors[`${letter}.slope`]) await this.activation({ layer: letter, reach });
    }
  }

  /**
   * The cost along a parameter, `span` to both sides.
   * @param {{tensor: string, index: readonly number[], span: number}} wanted
   */
  async cost({ tensor, index, span }) {
    await this.actions.ask(async () => {
      await this.actions.flush();
      const { run, trace } = this.store.state;
      const images = trace?.batch?.samples.length ?? 0;
      const of = images > 0 && images <= MANY ? "batch" : "image";
      const asked = { index, of, points: POINTS, span };
      this.store.set({ curve: await this.actions.api.curve(run.id, tensor, asked) });
    });
  }

  /** C_T after the coming update. */
  async after() {
    const { trace, run } = this.store.state;
    const updated = trace?.batch?.updated;
    if (!updated) return;
    await this.actions.ask(async () => {
      await this.actions.flush();
      const parameters = Object.fromEntries(
        Object.entries(updated)
          .filter(([tensor]) => /\.(w|b)$/.test(tensor))
          .map(([tensor, { shape, values }]) => [tensor, nested(shape, values)]),
      );
      const { batch } = await this.actions.api.preview(run.id, parameters);
      this.store.set({ outcome: { iteration: trace.iteration, C: batch.C } });
    });
  }
}
