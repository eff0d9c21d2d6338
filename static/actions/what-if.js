/**
 * What if this pixel, or this weight, were another? While it is dragged everything follows, as the
 * server says it would be; one question is under way at a time, and the newest value goes next. Let
 * go, it is kept as one deed that can be undone. Where iterations have been learnt beyond this one a
 * weight springs back until the reader has agreed to what it replaces.
 */

import { flatten } from "../moment.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {{tensor: string, index: readonly number[], value: number}} Change */

export class WhatIf {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {import("../moment.js").Trace | null} what there was before the drag */
    this.before = null;
    /** @type {Change | null} */
    this.waiting = null;
    /** @type {Promise<void> | null} */
    this.asking = null;
  }

  get store() {
    return this.actions.store;
  }

  /** @param {Change & {done: boolean}} change */
  async change({ done, ...change }) {
    const { trace } = this.store.state;
    if (!trace) return;
    if (change.tensor === "I.a") {
      this.actions.draw({ pixels: put(trace, change)?.values ?? [], done });
      return;
    }
    this.before ??= trace;
    this.waiting = change;
    this.seen(change);
    this.asking ??= this.ask().finally(() => (this.asking = null));
    if (!done) return;
    await this.asking;
    await this.keep(change);
  }

  /** The number itself follows the hand at once. @param {Change} change */
  seen(change) {
    const { trace } = this.store.state;
    const tensor = trace && put(trace, change);
    if (!trace || !tensor) return;
    const tensors = { ...trace.tensors, [change.tensor]: tensor };
    this.store.set({ trace: { ...trace, tensors } });
  }

  /** Ask what would be, as long as there is something new to ask. */
  async ask() {
    await this.actions.ask(async () => {
      await this.actions.flush();
      while (this.waiting) {
        const change = this.waiting;
        const { tensor, index, value } = change;
        this.waiting = null;
        const { run } = this.store.state;
        const trace = await this.actions.api.preview(run.id, { [tensor]: [{ index, value }] });
        this.store.set({ trace });
        if (this.waiting) this.seen(this.waiting);
      }
    });
  }

  /** @param {Change} change */
  async keep(change) {
    const { before } = this;
    this.before = null;
    if (!before) return;
    const { run, position } = this.store.state;
    const tensor = before.tensors[change.tensor];
    const old = tensor?.values[flatten(tensor.shape, change.index)] ?? 0;
    const replaces = run.iterations > position.iteration;
    if (replaces || old === change.value) this.store.set({ trace: before });
    if (old === change.value) return;
    await this.actions.intend("edit-parameter", { ...change, before: old });
    if (this.store.state.message) this.store.set({ trace: before });
  }
}

/**
 * A tensor with one cell changed.
 * @param {import("../moment.js").Trace} trace
 * @param {Change} change
 */
function put({ tensors }, { tensor, index, value }) {
  const own = tensors[tensor];
  return own && { ...own, values: own.values.with(flatten(own.shape, index), value) };
}
